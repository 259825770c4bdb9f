//! Futures that constant arguments let be done at the first poll: no await that can be reached then waits for anything.
//!
//! Whatever is not seen through waits: an API, a foreign future, a parameter. A future that never waits, whatever it is given, is no
//! matter of its arguments; it may wait tomorrow.

use crate::facts::expr::{LoopKind, MacroShape};
use crate::facts::{ExprKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::effect::Chain;
use crate::hir::names::{BodyId, DefId, Place, RegionRef};

use super::Program;
use super::constants::Known;

/// Futures in futures that are looked into.
const MAX_DEPTH: u32 = 6;

impl Program {
    /// The future that is driven at the end of the chain (at once, when there is none) has something to wait for, but not with the
    /// arguments that it gets on this way.
    pub fn is_ready_by_data(&self, chain: Option<&Chain>, future: Place) -> bool {
        let mut known = Known::default();
        for hop in chain.map(|chain| &chain.hops[..]).unwrap_or_default() {
            known = self.known_in_callee(*hop, &known);
        }
        !self.waits(future, Some(&known), 0) && self.waits(future, None, 0)
    }

    fn waits(&self, future: Place, known: Option<&Known>, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        let future = self.inner_future(future);
        match &self.expr(future).kind {
            ExprKind::Async(region) => {
                self.region_waits(RegionRef { body: future.body, region: *region }, known, depth)
            }
            ExprKind::Local(local) => match self.initialiser(future.body, *local) {
                Some(init) => self.waits(init, known, depth + 1),
                None => true,
            },
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } => match self.target(future) {
                Target::Fn(def) => self.fn_waits(future, def, known, depth),
                Target::Api(entry) => !matches!(entry.path.as_str(), "std::future::ready" | "futures::future::ready"),
                Target::TraitFn(_)
                | Target::Foreign(_)
                | Target::Ctor(_)
                | Target::Closure(_)
                | Target::Local(_)
                | Target::Unknown => true,
            },
            _ => true,
        }
    }

    fn fn_waits(&self, call: Place, def: DefId, known: Option<&Known>, depth: u32) -> bool {
        let is_async = |body: &BodyId| self.body(*body).regions[RegionId(0)].kind == RegionKind::AsyncFn;
        match self.body_of(def).filter(|body| is_async(body) && *body != call.body) {
            Some(body) => {
                let told = known.map(|known| self.told_by(call, body, known, 0));
                self.region_waits(RegionRef { body, region: RegionId(0) }, told.as_ref(), depth + 1)
            }
            None => true,
        }
    }

    fn region_waits(&self, region: RegionRef, known: Option<&Known>, depth: u32) -> bool {
        let reached = |at: Place| known.is_none_or(|known| !self.is_cut_off(at, known));
        self.exprs_of(region).any(|(at, expr)| match &expr.kind {
            ExprKind::Await(inner) => reached(at) && self.waits(Place { expr: *inner, ..at }, known, depth),
            ExprKind::Select(_)
            | ExprKind::Yield(_)
            | ExprKind::Loop { kind: LoopKind::For { is_await: true, .. }, .. } => reached(at),
            ExprKind::Macro(call) => {
                matches!(call.shape, MacroShape::Join | MacroShape::TryJoin | MacroShape::Unknown) && reached(at)
            }
            _ => false,
        })
    }
}
