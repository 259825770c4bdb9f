//! The place that an expression names: a local or static, and fields of it.
//!
//! Two expressions with the same origin name the same thing, as long as the local is not assigned to anew; such locals have none.
//! References, dereferences and shared pointers are looked through; an index or a call has no origin.

use crate::base::Name;
use crate::facts::{ExprKind, LocalId, LocalKind, RegionKind};
use crate::hir::names::{BodyId, DefId, Place, Res};

use super::Program;

/// Where a place starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Root {
    /// A local, `self` included.
    Local(LocalId),
    /// A static or constant of the workspace.
    Static(DefId),
}

/// A place: a root and fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The root.
    pub root: Root,
    /// Fields, outermost first.
    pub fields: Vec<Name>,
}

impl Origin {
    /// The place `inner`, whose root is this one.
    pub fn join(&self, inner: &Self) -> Self {
        let fields = self.fields.iter().chain(&inner.fields).copied().collect();
        Self { root: self.root, fields }
    }
}

impl Program {
    /// The place that an expression names.
    pub fn origin(&self, place: Place) -> Option<Origin> {
        let mut fields = Vec::new();
        let mut at = place;
        loop {
            let next = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
                ExprKind::Field { base, name } => {
                    fields.push(*name);
                    *base
                }
                ExprKind::Local(local) => {
                    fields.reverse();
                    return (!self.is_reassigned(at.body, *local))
                        .then_some(Origin { root: Root::Local(*local), fields });
                }
                ExprKind::Path { path, .. } => {
                    let found = self.types_of(at.body).values[*path];
                    fields.reverse();
                    return match found.res {
                        Res::Def(def) if found.rest == 0 && self.is_static(def) => {
                            Some(Origin { root: Root::Static(def), fields })
                        }
                        _ => None,
                    };
                }
                _ => return None,
            };
            at = Place { expr: next, ..at };
        }
    }

    fn is_static(&self, def: DefId) -> bool {
        matches!(self.names.item(def).kind, crate::facts::ItemKind::Const(_))
    }

    /// Some assignment gives the local a new value.
    fn is_reassigned(&self, body: BodyId, local: LocalId) -> bool {
        let exprs = &self.body(body).exprs;
        self.body(body).locals[local].mutable
            && exprs.iter().any(|e| match &e.kind {
                ExprKind::Assign { target: Some(target), .. } => {
                    matches!(exprs[*target].kind, ExprKind::Local(own) if own == local)
                }
                _ => false,
            })
    }

    /// The local is `self`.
    pub fn is_self(&self, body: BodyId, local: LocalId) -> bool {
        self.body(body).locals[local].kind == LocalKind::SelfValue
    }

    /// What a call of the fn with this body gives for one of its parameters; `self` is given by the receiver.
    pub fn given_for(&self, call: Place, callee: BodyId, param: LocalId) -> Option<Place> {
        let given = match &self.expr(call).kind {
            ExprKind::MethodCall { recv, .. } if self.is_self(callee, param) => *recv,
            ExprKind::MethodCall { args, .. } => *args.get(self.param_position(callee, param)?)?,
            ExprKind::Call { args, .. } if self.is_self(callee, param) => *args.first()?,
            ExprKind::Call { args, .. } => {
                let shift = usize::from(self.body(callee).locals.iter().any(|l| l.kind == LocalKind::SelfValue));
                *args.get(self.param_position(callee, param)? + shift)?
            }
            _ => return None,
        };
        Some(Place { expr: given, ..call })
    }

    /// The parameter of a fn for which a call gives `operand`.
    pub fn parameter_for(&self, call: Place, callee: BodyId, operand: Place) -> Option<LocalId> {
        let params = self.body(callee).locals.iter_ids().map(|(local, _)| local);
        params.filter(|l| self.is_parameter(callee, *l)).find(|l| self.given_for(call, callee, *l) == Some(operand))
    }

    /// What a call of a trait's method may run: the methods of its impls that are neither mocks nor wrappers.
    pub fn implementations(&self, method: DefId) -> Vec<DefId> {
        crate::link::graph::edges::implementations(self.linked(), method)
    }

    /// The expression runs whenever its fn does: it stands in no branch, loop, closure or block of its own, and no jump leaves before.
    pub fn always_runs(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let leaves_before = body.exprs.iter_ids().any(|(id, e)| {
            id < place.expr
                && !body.is_inside(id, place.expr)
                && matches!(e.kind, ExprKind::Return(_) | ExprKind::Try(_) | ExprKind::Break { .. })
        });
        !leaves_before && self.is_unconditional(place)
    }

    /// A `return` stands before the expression: some calls of its fn never come to it.
    pub fn returns_before(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let own = body.exprs[place.expr].region;
        let mut before = body.exprs.iter_ids().take_while(|(id, _)| *id < place.expr);
        before.any(|(_, e)| e.region == own && matches!(e.kind, ExprKind::Return(_)))
    }

    /// The expression stands in no branch, loop, closure or block of its own.
    pub fn is_unconditional(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let straight = body.ancestors(place.expr).skip(1).all(|at| match &body.exprs[at].kind {
            ExprKind::If { cond, .. } => body.is_inside(place.expr, *cond),
            ExprKind::Match { scrutinee, .. } => body.is_inside(place.expr, *scrutinee),
            ExprKind::Loop { .. }
            | ExprKind::Closure(_)
            | ExprKind::Async(_)
            | ExprKind::Select(_)
            | ExprKind::Binary { .. } => false,
            _ => true,
        });
        let own = matches!(body.regions[body.exprs[place.expr].region].kind, RegionKind::Fn | RegionKind::AsyncFn);
        straight && own
    }

    /// The call that takes a lock, behind what unwraps its result: `.await`, `?`, `.unwrap()`.
    pub fn lock_call(&self, place: Place) -> Place {
        self.making_call(place)
    }

    /// The call at the start of a chain of methods: `Builder::new_multi_thread()` of `..enable_all().build()`.
    pub fn chain_start(&self, place: Place) -> Place {
        let mut at = place;
        while let ExprKind::MethodCall { recv, .. } = self.expr(at).kind {
            at = Place { expr: recv, ..at };
        }
        if matches!(self.expr(at).kind, ExprKind::Call { .. }) { at } else { place }
    }

    /// The crate of a body.
    pub fn crate_of(&self, body: BodyId) -> crate::hir::names::CrateId {
        self.names.crate_of(self.names.body_owner(body))
    }

    /// A local of generic type that is bound to implement an async writer.
    pub fn is_async_writer(&self, body: BodyId, local: LocalId) -> bool {
        use crate::hir::ty::TyKind;
        let writes = |bound: &crate::hir::ty::Bound| matches!(bound.trait_, Res::Foreign(path) if path.as_str().ends_with("::AsyncWrite"));
        match self.local_ty(body, local).kind() {
            TyKind::Param(owner, at, _) => {
                crate::link::types::bounds::of_param(self.world(), *owner, *at).iter().any(writes)
            }
            TyKind::Opaque(bounds) => bounds.iter().any(writes),
            _ => false,
        }
    }
}
