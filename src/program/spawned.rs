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
        let known = self.output(ty);
        // Of `fut.map(..)` it is the output of the whole that counts, and the code of `fut`.
        let region =
            self.first_region(place).filter(|_| known.is_none_or(|o| !o.is_unknown()) || !self.is_transform(place));
        let output = known.or_else(|| self.output(inner)).or_else(|| self.closure_output(inner));
        let last = region.and_then(|r| self.delegates(r).last().copied());
        Spawned { region: last, output: output.unwrap_or_else(Ty::unknown) }
    }

    /// What a closure gives.
    fn closure_output(&self, ty: Ty) -> Option<Ty> {
        match ty.kind() {
            TyKind::Closure(region) => self.types_of(region.body).returns.get(region.region).copied(),
            _ => None,
        }
    }

    /// The region that runs first.
    pub fn first_region(&self, place: Place) -> Option<RegionRef> {
        let inner = self.ty(self.unwrap_adaptors(place));
        self.region_of_type(inner).or_else(|| self.region_of_type(self.ty(place)))
    }

    /// The future inside of `.instrument(..)`, `.boxed()`, `Box::pin(..)`.
    pub fn inner_future(&self, place: Place) -> Place {
        self.unwrap_adaptors(place)
    }

    /// A call whose future runs code of the workspace.
    pub fn is_async_workspace_call(&self, call: Place) -> bool {
        matches!(self.target(call), Target::Fn(_) | Target::TraitFn(_)) && self.output(self.ty(call)).is_some()
    }

    fn unwrap_adaptors(&self, place: Place) -> Place {
        let mut at = place;
        for _ in 0..16 {
            let next = match &self.expr(at).kind {
                ExprKind::MethodCall { recv, .. } if self.is_adaptor(at) || self.is_transform(at) => *recv,
                ExprKind::Call { args, .. } if self.is_adaptor(at) && args.len() == 1 => args[0],
                _ => return at,
            };
            at = Place { expr: next, ..at };
        }
        at
    }

    /// `fut.map(..)`, `fut.then(..)`: runs the future and does something with what it gives.
    fn is_transform(&self, at: Place) -> bool {
        const OWNERS: [&str; 2] = ["futures::future::FutureExt", "futures::future::TryFutureExt"];
        const LENDS: [&str; 4] = ["remote_handle", "now_or_never", "shared", "poll_unpin"];
        let ExprKind::MethodCall { recv, name, .. } = &self.expr(at).kind else { return false };
        let own = matches!(self.target(at), Target::Api(e) if e.owner.is_some_and(|o| OWNERS.contains(&o.as_str())));
        own && !LENDS.contains(&name.as_str()) && self.output(self.ty(Place { expr: *recv, ..at })).is_some()
    }

    pub(super) fn is_adaptor(&self, at: Place) -> bool {
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
                let own = RegionRef { body, region: RegionId(0) };
                // `fn f() -> impl Future { async move { .. } }` runs the block; what stands before it ran at the call.
                let made = self.types_of(body).returns.get(RegionId(0)).copied();
                let is_async = self.body(body).regions[RegionId(0)].kind == crate::facts::RegionKind::AsyncFn;
                let block = made.filter(|_| !is_async).and_then(block_of);
                Some(block.unwrap_or(own))
            }
            _ => ty.args().iter().find_map(|inner| self.region_of_type(*inner)),
        }
    }

    /// `async move { self.run().await }` is as `self.run()`: a block that only awaits one workspace fn stands for that fn.
    /// All regions on the way, the one that does the work last.
    pub fn delegates(&self, region: RegionRef) -> Vec<RegionRef> {
        let mut way = vec![region];
        while way.len() < 5
            && let Some(next) = self.only_awaits(way[way.len() - 1])
        {
            way.push(next);
        }
        way
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

/// The async block that a type stands for.
fn block_of(ty: Ty) -> Option<RegionRef> {
    match ty.kind() {
        TyKind::Future(_, FutureOrigin::Region(region)) => Some(*region),
        _ => ty.args().iter().find_map(|inner| block_of(*inner)),
    }
}
