//! The place that an expression names: a local or static, and fields of it.
//!
//! Two expressions with the same origin name the same thing, as long as the local is not assigned to anew; such locals have none.
//! References, dereferences and shared pointers are looked through, and so are locals that only give such a thing another name; an
//! index has no origin, and a call only where it gives the same thing each time.

use crate::base::Name;
use crate::catalog::Role;
use crate::facts::{ExprKind, LocalId, LocalKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, DefId, Place, Res};
use crate::hir::ty::{Ty, TyKind};

use super::Program;

/// Where a place starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Root {
    /// A local, `self` included.
    Local(LocalId),
    /// A static or constant of the workspace, or a fn without parameters that gives a reference.
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

/// Names for names for a thing that are followed.
const MAX_ALIASES: u32 = 6;

impl Program {
    /// The place that an expression names.
    pub fn origin(&self, place: Place) -> Option<Origin> {
        self.origin_at(place, 0)
    }

    fn origin_at(&self, place: Place, depth: u32) -> Option<Origin> {
        let mut fields = Vec::new();
        let mut at = place;
        let root = loop {
            let next = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
                ExprKind::Field { base, name } => {
                    fields.push(*name);
                    fields.extend(self.fields_of_deref(Place { expr: *base, ..at }, *name));
                    *base
                }
                ExprKind::Local(local) => {
                    if let Some(named) = self.alias_of(at.body, *local, depth) {
                        fields.reverse();
                        return Some(named.join(&Origin { root: named.root, fields }));
                    }
                    if self.is_reassigned(at.body, *local) {
                        return None;
                    }
                    break Root::Local(*local);
                }
                ExprKind::Path { path, .. } => match self.types_of(at.body).values[*path] {
                    found if found.rest > 0 => return None,
                    found => match found.res {
                        Res::Def(def) if self.is_static(def) => break Root::Static(def),
                        _ => return None,
                    },
                },
                ExprKind::Call { args, .. } if args.is_empty() => break Root::Static(self.getter(at)?),
                ExprKind::Call { .. } | ExprKind::MethodCall { .. } => self.handed_through(at)?.expr,
                _ => return None,
            };
            at = Place { expr: next, ..at };
        };
        fields.reverse();
        Some(Origin { root, fields })
    }

    /// The fields that the `Deref` of a workspace struct goes through, innermost first, where the struct itself has no field of the name:
    /// `self.queue` of a handle that derefs to `self.inner`.
    fn fields_of_deref(&self, base: Place, name: Name) -> Vec<Name> {
        let TyKind::Adt(def, _) = self.ty(base).peel_refs().kind() else { return Vec::new() };
        if self.field_types(*def).iter().any(|(own, _)| *own == name) {
            return Vec::new();
        }
        let head = crate::hir::names::TypeHead::Def(*def);
        let deref = self.names.inherent_or_trait_fns(head, Name::new("deref"));
        let [only] = deref else { return Vec::new() };
        let Some(body) = self.body_of(*only) else { return Vec::new() };
        let facts = self.body(body);
        let ExprKind::Block(block) = &facts.exprs[facts.regions[RegionId(0)].body].kind else { return Vec::new() };
        let given = block.tail.filter(|_| block.stmts.is_empty()).map(|expr| Place { body, expr });
        let mut fields = Vec::new();
        let mut at = given;
        while let Some(place) = at {
            at = match &self.expr(place).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => Some(Place { expr: *expr, ..place }),
                ExprKind::Field { base, name } => {
                    fields.push(*name);
                    Some(Place { expr: *base, ..place })
                }
                ExprKind::Local(local) if self.is_self(body, *local) => None,
                _ => return Vec::new(),
            };
        }
        fields
    }

    /// What a local names that is only another name: `let m = &self.lock;`, `let m = Arc::clone(&lock);`.
    fn alias_of(&self, body: BodyId, local: LocalId, depth: u32) -> Option<Origin> {
        let decl = &self.body(body).locals[local];
        if decl.kind != LocalKind::Let || decl.mutable || depth == MAX_ALIASES {
            return None;
        }
        let init = self.initialiser(body, local)?;
        let shares = is_shared(self.ty(init))
            || matches!(self.ty(init).kind(), TyKind::Ref(..))
            || (self.method_name(init) == Some("clone") && self.clones_share(self.ty(init)));
        shares.then(|| self.origin_at(init, depth + 1))?
    }

    /// A workspace fn without parameters that gives a reference: what it gives is a static.
    fn getter(&self, call: Place) -> Option<DefId> {
        match self.target(call) {
            Target::Fn(def) if matches!(self.ty(call).kind(), TyKind::Ref(..)) => Some(def),
            _ => None,
        }
    }

    /// The operand that a call gives back: a clone of a shared pointer, the value of a cell that is set once.
    fn handed_through(&self, call: Place) -> Option<Place> {
        let cloned = self.receiver(call);
        if self.method_name(call) == Some("clone") && self.clones_share(self.ty(cloned).peel_refs()) {
            return Some(cloned);
        }
        let entry = self.api(call)?;
        let (recv, args) = self.operands(call, entry);
        let from = recv.or_else(|| args.first().copied())?;
        let owner = self.ty(from).peel_refs();
        let same = match entry.name.as_str() {
            "clone" => entry.role == Some(Role::Clone) && is_shared(owner),
            "as_ref" | "deref" => is_shared(owner),
            "get_or_init" | "get" | "force" => is_set_once(owner),
            "unwrap" | "expect" => return self.handed_through(from),
            _ => false,
        };
        same.then_some(from)
    }

    /// A lock in a clone of such a struct is the lock of the original: a lock has no clone of its own, so it lies behind a pointer.
    fn clones_share(&self, ty: Ty) -> bool {
        let TyKind::Adt(def, _) = ty.kind() else { return false };
        let (file, item) = self.world().item(*def);
        let derived = || crate::link::derived::derives(&self.facts[file], item).any(|one| one == "Clone");
        let fields = self.field_types(*def);
        !fields.is_empty() && (derived() || fields.iter().all(|(_, ty)| is_shared(*ty)))
    }

    pub(super) fn is_static(&self, def: DefId) -> bool {
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

fn is_shared(ty: Ty) -> bool {
    ty.path().is_some_and(|path| matches!(path.as_str(), "std::sync::Arc" | "std::rc::Rc"))
}

/// A cell whose value never changes once it is there.
fn is_set_once(ty: Ty) -> bool {
    ty.path().is_some_and(|path| {
        matches!(path.as_str().rsplit("::").next(), Some("OnceLock" | "OnceCell" | "LazyLock" | "Lazy"))
    })
}
