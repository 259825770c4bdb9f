//! Who owns what an expression reaches, and how long it lives: the local at its root, where that is declared, what it got its value from.
//!
//! What is not known to live longer is taken to end where it is declared.

use crate::facts::expr::{LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, PatId, PatKind, RegionId, RegionKind};
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};

use super::Program;

/// What is asked about the life of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// One turn of this loop.
    Turn(Place),
    /// One run of this async fn or block.
    Run(RegionRef),
}

/// Where a local gets its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The initialiser of a `let`, the scrutinee of a `match`, `if let` or `while let`, the future of an arm of `select!`.
    Value(ExprId),
    /// The iterator of a `for`.
    Item(ExprId),
}

/// Steps through locals at most.
const DEPTH: u32 = 6;

impl Program {
    /// The receiver of a method call, or the first argument of a call by path; else the expression itself.
    pub fn receiver(&self, call: Place) -> Place {
        let expr = match &self.expr(call).kind {
            ExprKind::MethodCall { recv, .. } => *recv,
            ExprKind::Call { args, .. } => args.first().copied().unwrap_or(call.expr),
            _ => call.expr,
        };
        Place { expr, ..call }
    }

    /// The local that an expression is reached through: `self` of `&mut self.conn.lock().await.reader`.
    pub fn place_root(&self, place: Place) -> Option<LocalId> {
        let mut at = place;
        loop {
            let next = match &self.expr(at).kind {
                ExprKind::Local(local) => return Some(*local),
                ExprKind::Field { base, .. } | ExprKind::Index { base, .. } => *base,
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) | ExprKind::Await(expr) | ExprKind::Try(expr) => {
                    *expr
                }
                ExprKind::MethodCall { recv, args, name, .. }
                    if args.is_empty() || matches!(name.as_str(), "expect" | "get_mut" | "take" | "get") =>
                {
                    *recv
                }
                ExprKind::Call { args, .. } if args.len() == 1 && self.is_view(self.ty(at)) => args[0],
                _ => return None,
            };
            at = Place { expr: next, ..at };
        }
    }

    /// `Pin<&mut T>`, `BufReader<&mut T>`: a value that stands for what it was made of.
    fn is_view(&self, ty: Ty) -> bool {
        matches!(ty.kind(), TyKind::Foreign(_, _, args) if args.first().is_some_and(|arg| matches!(arg.kind(), TyKind::Ref(..))))
    }

    /// The local is declared by the loop at `looped`, in its head or body.
    pub fn is_declared_in(&self, looped: Place, local: LocalId) -> bool {
        let body = self.body(looped.body);
        let (start, end) = body.exprs[looped.expr].span;
        let declared = body.locals[local].span.0;
        start <= declared && declared < end
    }

    /// What an expression reaches goes on living when `scope` is over.
    pub fn outlives(&self, at: Place, scope: Scope) -> bool {
        self.lasting(at, scope).is_some()
    }

    /// The expression through whose root something is reached that lives longer than `scope`: `self.conn.lock().await` of a guard.
    pub fn lasting(&self, at: Place, scope: Scope) -> Option<Place> {
        self.lives_on(at, scope, 0)
    }

    fn lives_on(&self, at: Place, scope: Scope, depth: u32) -> Option<Place> {
        let local = self.place_root(at).filter(|_| depth < DEPTH)?;
        let decl = &self.body(at.body).locals[local];
        let from_outside = match scope {
            Scope::Turn(looped) => !self.is_declared_in(looped, local),
            Scope::Run(region) => self.is_from_outside(region, local),
        };
        if from_outside {
            return Some(at);
        }
        let shared = self.is_shared(self.local_ty(at.body, local));
        match (decl.kind, self.source_of_local(at.body, local)) {
            (LocalKind::Let | LocalKind::Arm | LocalKind::For, Some(Source::Value(from) | Source::Item(from))) => {
                shared.then(|| self.lives_on(Place { expr: from, ..at }, scope, depth + 1)).flatten()
            }
            _ => shared.then_some(at),
        }
    }

    /// The local is declared outside of the region and only lent to it.
    fn is_from_outside(&self, region: RegionRef, local: LocalId) -> bool {
        let body = self.body(region.body);
        let own = body.region_chain(body.locals[local].region).any(|r| r == region.region);
        let decl = &body.regions[region.region];
        if own || decl.kind == RegionKind::AsyncFn {
            return false;
        }
        !decl.is_move || self.is_shared(self.local_ty(region.body, local))
    }

    /// A reference, a guard, or a handle to something that others hold too.
    fn is_shared(&self, ty: Ty) -> bool {
        match ty.kind() {
            TyKind::Ref(..) => true,
            TyKind::Foreign(path, _, args) => {
                matches!(path.as_str(), "std::sync::Arc" | "std::rc::Rc")
                    || self.type_entry(ty).is_some_and(|entry| entry.guard.is_some())
                    || (matches!(path.as_str(), "std::pin::Pin" | "std::option::Option" | "std::result::Result")
                        && args.first().is_some_and(|inner| self.is_shared(*inner)))
                    || self.is_view(ty)
            }
            _ => false,
        }
    }

    /// Where a local gets its value; `None` for parameters and for locals that are declared without one.
    pub fn source_of_local(&self, body: BodyId, local: LocalId) -> Option<Source> {
        let facts = self.body(body);
        let wanted = facts.locals[local].span;
        let binds = |pat: PatId| {
            let span = facts.pats[pat].span;
            span.0 <= wanted.0 && wanted.1 <= span.1
        };
        facts.exprs.iter().find_map(|e| match &e.kind {
            ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
                Stmt::Let { pat, init: Some(init), .. } if binds(*pat) => Some(Source::Value(*init)),
                _ => None,
            }),
            ExprKind::Let { pat, expr } if binds(*pat) => Some(Source::Value(*expr)),
            ExprKind::Match { scrutinee, arms } => {
                arms.iter().any(|arm| binds(arm.pat)).then_some(Source::Value(*scrutinee))
            }
            ExprKind::Loop { kind: LoopKind::For { pat, iter, .. }, .. } if binds(*pat) => Some(Source::Item(*iter)),
            ExprKind::Select(select) => {
                select.arms.iter().find(|arm| binds(arm.pat)).map(|arm| Source::Value(arm.future))
            }
            _ => None,
        })
    }

    /// The locals that a pattern binds.
    pub fn bound_in(&self, body: BodyId, pat: PatId) -> Vec<LocalId> {
        let facts = self.body(body);
        let mut found = Vec::new();
        let mut open = vec![pat];
        while let Some(pat) = open.pop() {
            match &facts.pats[pat].kind {
                PatKind::Bind { local, sub, .. } => {
                    found.push(*local);
                    open.extend(sub);
                }
                PatKind::TupleStruct { elems, .. } | PatKind::Tuple(elems) | PatKind::Slice(elems) => {
                    open.extend(elems.iter());
                }
                PatKind::Or(alternatives) => open.extend(alternatives.iter()),
                PatKind::Struct { fields, .. } => open.extend(fields.iter().map(|(_, pat)| *pat)),
                PatKind::Ref(inner) => open.push(*inner),
                PatKind::Wild | PatKind::Path(_) | PatKind::Literal | PatKind::Rest | PatKind::Opaque => {}
            }
        }
        found
    }

    /// The call or async block that makes a future which is polled at `at`, and that is dropped at the end of the turn of `looped`:
    /// made where it is polled, or kept in a local of the turn that nothing else mentions.
    pub fn made_in_turn(&self, at: Place, looped: Place) -> Option<Place> {
        let mut at = at;
        for _ in 0..8 {
            let next = match &self.expr(at).kind {
                ExprKind::Async(_) => return Some(at),
                ExprKind::Call { args, .. } if self.is_adaptor(at) && args.len() == 1 => args[0],
                ExprKind::MethodCall { recv, .. } if self.is_adaptor(at) || self.is_pin_view(at) => *recv,
                ExprKind::Call { .. } | ExprKind::MethodCall { .. } => return Some(at),
                ExprKind::Macro(call) if call.shape == crate::facts::expr::MacroShape::Pin => *call.args.first()?,
                ExprKind::Ref { expr, .. } => *expr,
                ExprKind::Local(local) => self.only_polled_here(at, *local, looped)?,
                _ => return None,
            };
            at = Place { expr: next, ..at };
        }
        None
    }

    /// `fut.as_mut()` of a pinned future.
    fn is_pin_view(&self, at: Place) -> bool {
        let ExprKind::MethodCall { recv, name, args, .. } = &self.expr(at).kind else { return false };
        name == "as_mut" && args.is_empty() && matches!(self.expr(Place { expr: *recv, ..at }).kind, ExprKind::Local(_))
    }

    /// The initialiser of a future that is declared in the turn, pinned at most, and polled at `at` alone.
    fn only_polled_here(&self, at: Place, local: LocalId, looped: Place) -> Option<ExprId> {
        let is_pin = |parent: Place| matches!(&self.expr(parent).kind, ExprKind::Macro(call) if call.shape == crate::facts::expr::MacroShape::Pin);
        let pinned = |mention: ExprId| self.parent(Place { expr: mention, ..at }).is_some_and(is_pin);
        let alone = self.mentions(at.body, local).into_iter().all(|m| m == at.expr || pinned(m));
        let own = self.is_declared_in(looped, local) && alone && !self.in_unknown_macro(at.body, local);
        own.then(|| self.initialiser(at.body, local).map(|init| init.expr)).flatten()
    }

    /// The region of a body that runs when a future is polled: an async fn's body, an async block.
    pub fn polled_region(&self, future: Place) -> Option<RegionRef> {
        let region = match self.expr(future).kind {
            ExprKind::Async(region) => RegionRef { body: future.body, region },
            _ => self.first_region(future)?,
        };
        let kind = self.body(region.body).regions[region.region].kind;
        matches!(kind, RegionKind::AsyncFn | RegionKind::AsyncBlock).then_some(region)
    }

    /// What runs when the future is polled that a call of a fn of the workspace gives: its body, or the block that it returns.
    pub fn run_by(&self, body: BodyId) -> Option<RegionRef> {
        let own = Self::whole(body);
        let facts = self.body(body);
        if facts.regions[own.region].kind == RegionKind::AsyncFn {
            return Some(own);
        }
        let ExprKind::Block(block) = &facts.exprs[facts.regions[own.region].body].kind else { return None };
        let mut at = Place { body, expr: block.tail? };
        while self.is_adaptor(at) {
            at = self.receiver(at);
        }
        self.polled_region(at).filter(|region| region.body == body)
    }

    /// A parameter of the fn of a body, `self` included.
    pub fn is_parameter(&self, body: BodyId, local: LocalId) -> bool {
        let decl = &self.body(body).locals[local];
        matches!(decl.kind, LocalKind::SelfValue | LocalKind::Param) && decl.region == RegionId(0)
    }
}
