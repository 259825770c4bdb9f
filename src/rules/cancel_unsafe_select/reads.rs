//! Bytes that were read into a buffer of the fn or block itself, which waits for more of them: dropped there, they are gone from the reader.
//!
//! Each `read` is safe to drop; a row of them that fills one buffer is not. A buffer that each turn begins anew is not looked at.

use crate::catalog::Role;
use crate::facts::{ExprId, ExprKind, LocalId};
use crate::hir::names::{Place, RegionRef};
use crate::program::Program;
use crate::program::owner::Scope;

use super::held;
use super::inferred::Reason;

/// Methods that begin the buffer anew, or give what is in it to somebody.
const EMPTIES: [&str; 9] =
    ["clear", "split", "split_to", "advance", "drain", "truncate", "consume", "freeze", "split_off"];

/// The first read of a region into a buffer of its own that is only a part of what it waits for.
pub(super) fn of_region(program: &Program, region: RegionRef) -> Option<Reason> {
    program.exprs_of(region).find_map(|(at, _)| {
        let entry = program.api(at).filter(|entry| {
            entry.is_async && entry.role == Some(Role::Read) && matches!(entry.name.as_str(), "read" | "read_buf")
        })?;
        let (recv, args) = program.operands(at, entry);
        let (reader, buffer) = (recv?, *args.first()?);
        let owner = program.lasting(reader, Scope::Run(region))?;
        let local = program.place_root(buffer).filter(|local| held::is_own(program, region, *local))?;
        let later = waits_for_more(program, at, local, appends(program, buffer, entry.name == "read_buf"))?;
        let why = "read here, in parts";
        Some(Reason { place: at, why, later: Some(Place { expr: later, ..at }), owner })
    })
}

/// `&mut buffer[filled..]`, or a buffer that grows: what was read before stays in front of it.
fn appends(program: &Program, buffer: Place, grows: bool) -> bool {
    let mut at = buffer;
    while let ExprKind::Ref { expr, .. } = program.expr(at).kind {
        at = Place { expr, ..at };
    }
    match program.expr(at).kind {
        ExprKind::Index { index, .. } => {
            let text = program.source(Place { expr: index, ..at });
            !text.starts_with("..") && !text.starts_with("0..")
        }
        _ => grows,
    }
}

/// The same read in the next turn.
fn waits_for_more(program: &Program, read: Place, buffer: LocalId, appends: bool) -> Option<ExprId> {
    let looped = program.nearest_loop(read)?;
    let emptied = program.mentions(read.body, buffer).into_iter().any(|mention| {
        let method = program.parent(Place { expr: mention, ..read }).and_then(|call| program.method_name(call));
        method.is_some_and(|name| EMPTIES.contains(&name))
    });
    let waits = program.parent(read).filter(|parent| matches!(program.expr(*parent).kind, ExprKind::Await(_)))?;
    let again = program.with_order(read.body, |order| order.awaits_after(waits.expr).contains(&waits.expr));
    (appends && again && !emptied && !program.is_declared_in(looped, buffer)).then_some(waits.expr)
}
