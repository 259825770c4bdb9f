//! What a spawn call runs: the region of its future, and the output.

use crate::facts::{ExprKind, RegionId};
use crate::hir::body::Target;
use crate::hir::names::{Place, RegionRef};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::Program;

/// The work behind a future.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spawned {
    /// The async block, the async fn's body, or (for blocking pools) the closure; `None` when it cannot be seen.
    pub region: Option<RegionRef>,
    /// What it gives when it ends; may be Unknown.
    pub output: Ty,
}

impl Program {
    /// What the future (or closure) at `place` runs; a local is followed to its type.
    pub fn work_of(&self, place: Place) -> Spawned {
        let ty = self.ty(place);
        let place_of_inner = self.unwrap_adaptors(place);
        let inner = self.ty(place_of_inner);
        let region = self.region_of_type(inner).or_else(|| self.region_of_type(ty));
        let output = self.output(ty).or_else(|| self.output(inner)).unwrap_or_else(Ty::unknown);
        Spawned { region: region.map(|r| self.delegate(r)), output }
    }

    /// Looks through `.instrument(..)`, `.boxed()`, `Box::pin(..)` to the future inside.
    fn unwrap_adaptors(&self, place: Place) -> Place {
        let mut at = place;
        for _ in 0..16 {
            let next = match &self.expr(at).kind {
                ExprKind::MethodCall { recv, .. } if self.is_adaptor(at) => *recv,
                ExprKind::Call { args, .. } if self.is_adaptor(at) && args.len() == 1 => args[0],
                _ => return at,
            };
            at = Place { expr: next, ..at };
        }
        at
    }

    fn is_adaptor(&self, at: Place) -> bool {
        use crate::catalog::Role;
        match self.target(at) {
            Target::Api(entry) => {
                matches!(entry.role, Some(Role::Identity | Role::CatchUnwind))
                    || matches!(entry.path.as_str(), "std::boxed::Box::pin" | "std::boxed::Box::new")
            }
            _ => false,
        }
    }

    fn region_of_type(&self, ty: Ty) -> Option<RegionRef> {
        match ty.peel_refs().kind() {
            TyKind::Future(_, FutureOrigin::Region(region)) | TyKind::Closure(region) => Some(*region),
            TyKind::Future(_, FutureOrigin::Fn(def)) => {
                let body = self.world().body_of(*def)?;
                Some(RegionRef { body, region: RegionId(0) })
            }
            _ => ty.args().iter().find_map(|inner| self.region_of_type(*inner)),
        }
    }

    /// `async move { self.run().await }` is as `self.run()`: a block that only awaits one workspace fn stands for that fn.
    fn delegate(&self, region: RegionRef) -> RegionRef {
        let mut at = region;
        for _ in 0..4 {
            match self.only_awaits(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    fn only_awaits(&self, region: RegionRef) -> Option<RegionRef> {
        let body = self.body(region.body);
        let ExprKind::Block(block) = &body.exprs[body.regions[region.region].body].kind else { return None };
        let only = match (&*block.stmts, block.tail) {
            ([], Some(tail)) => tail,
            ([crate::facts::expr::Stmt::Expr { expr, .. }], None) => *expr,
            _ => return None,
        };
        let ExprKind::Await(inner) = body.exprs[only].kind else { return None };
        let ty = self.ty(Place { body: region.body, expr: inner });
        let next = self.region_of_type(ty)?;
        (next != region).then_some(next)
    }
}
