//! Which outer locals a closure or async block takes along.

use super::role::flow_region;
use super::uses::moves_local;
use crate::base::IndexVec;
use crate::facts::{Body, ExprKind, LocalId, RegionId, RegionKind};
use crate::hir::flow::{Capture, Oracle};

/// Captures of each region, in order of their first mention.
pub(super) fn captures(body: &Body, oracle: &dyn Oracle) -> IndexVec<RegionId, Vec<Capture>> {
    let mut captures: IndexVec<RegionId, Vec<Capture>> = IndexVec::filled(Vec::new(), body.regions.len());
    if body.regions.len() == 1 {
        return captures;
    }
    for (id, expr) in body.exprs.iter_ids() {
        if let ExprKind::Local(local) = &expr.kind {
            let own = flow_region(body, body.locals[*local].region);
            if own != flow_region(body, expr.region) {
                add(body, oracle, &mut captures, expr.region, *local, moves_local(body, oracle, id));
            }
        } else if let ExprKind::Macro(call) = &expr.kind {
            for local in &call.uses {
                add(body, oracle, &mut captures, expr.region, *local, false);
            }
        }
    }
    captures
}

/// Adds `local` to all regions from `from` outwards to its own.
fn add(
    body: &Body,
    oracle: &dyn Oracle,
    captures: &mut IndexVec<RegionId, Vec<Capture>>,
    from: RegionId,
    local: LocalId,
    by_value: bool,
) {
    let own = flow_region(body, body.locals[local].region);
    let mut moved = by_value;
    for r in body.region_chain(from).filter(|r| body.regions[*r].kind != RegionKind::Opaque) {
        if r == own {
            return;
        }
        moved |= body.regions[r].is_move && !oracle.is_copy_local(local);
        match captures[r].iter_mut().find(|c| c.local == local) {
            Some(capture) => capture.moved |= moved,
            None => captures[r].push(Capture { local, moved }),
        }
    }
}
