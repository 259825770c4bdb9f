//! What flow has to be told, answered from names, types and the catalogue: one [`Oracle`] and one [`Class`] for all rules.
//!
//! A class is a predicate on catalogued types; a value is of the class when its type is such a type, or wraps one by value
//! (`Result<Guard, _>`, `Option<Ref>`, a tuple, a struct with such a field). Nothing here knows what a rule wants with it.

use rustc_hash::FxHashMap;
use std::cell::RefCell;

use crate::catalog::{FnEntry, MacroShape, Role};
use crate::facts::{Body, ExprId, ExprKind, LocalId};
use crate::hir::body::{BodyTypes, Target};
use crate::hir::flow::{Class, Oracle, Passing, Presence};
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, Place, Res, Truth};
use crate::hir::ty::{Ty, TyKind};

use super::Program;
use super::carried::{Carried, Wanted};

/// What names and types know about one body.
#[derive(Clone, Copy)]
pub struct FlowOracle<'a> {
    program: &'a Program,
    id: BodyId,
}

impl<'a> FlowOracle<'a> {
    pub(super) const fn new(program: &'a Program, id: BodyId) -> Self {
        Self { program, id }
    }

    fn body(&self) -> &'a Body {
        self.program.body(self.id)
    }

    fn target(&self, e: ExprId) -> Target {
        self.program.target(Place { body: self.id, expr: e })
    }
}

impl Oracle for FlowOracle<'_> {
    fn diverges(&self, e: ExprId) -> bool {
        let never = |ty: Ty| matches!(ty.kind(), TyKind::Never);
        match self.target(e) {
            Target::Api(entry) => entry.role == Some(Role::Exit) || never(self.program.types[self.id].exprs[e]),
            Target::Fn(def) | Target::TraitFn(def) => {
                self.program.sigs.func(self.program.names.item_ref(def)).is_some_and(|sig| never(sig.value))
            }
            Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => false,
        }
    }

    fn is_drop_call(&self, e: ExprId) -> bool {
        matches!(self.target(e), Target::Api(entry) if entry.role == Some(Role::Drop))
    }

    fn is_copy_local(&self, l: LocalId) -> bool {
        is_copy(self.program.local_ty(self.id, l))
    }

    fn suspends(&self, e: ExprId) -> bool {
        let path = match &self.body().exprs[e].kind {
            ExprKind::Macro(call) => call.path,
            ExprKind::Select(select) => select.path,
            _ => return false,
        };
        let Res::Foreign(path) = self.program.types[self.id].values[path].res else { return false };
        self.program.catalog.macro_(path).is_some_and(|entry| {
            matches!(
                entry.shape,
                MacroShape::Select | MacroShape::FuturesSelect | MacroShape::Join | MacroShape::TryJoin
            )
        })
    }

    fn presence(&self, e: ExprId) -> Presence {
        let conditions = self.body().cfgs.iter().filter(|(at, _)| *at == e);
        let worst = conditions.map(|(_, cfg)| self.program.names.cfg(cfg)).map(|state| match state.truth {
            Truth::False => Presence::Never,
            Truth::Unknown => Presence::Maybe,
            Truth::True if state.test && !self.program.in_test(self.id) => Presence::Maybe,
            Truth::True => Presence::Always,
        });
        worst
            .max_by_key(|presence| match presence {
                Presence::Always => 0,
                Presence::Maybe => 1,
                Presence::Never => 2,
            })
            .unwrap_or(Presence::Always)
    }
}

/// Naming a value of this type moves nothing.
fn is_copy(ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Prim(name) => *name != known().str,
        TyKind::Ref(mutable, _) => !mutable,
        TyKind::Ptr(_) | TyKind::FnPtr(..) | TyKind::FnDef(_) | TyKind::Never => true,
        TyKind::Tuple(parts) => parts.iter().all(|part| is_copy(*part)),
        TyKind::Array(inner, _) => is_copy(*inner),
        TyKind::Unknown
        | TyKind::Adt(..)
        | TyKind::Foreign(..)
        | TyKind::Slice(_)
        | TyKind::Closure(_)
        | TyKind::Future(..)
        | TyKind::Opaque(_)
        | TyKind::Dyn(_)
        | TyKind::Param(..)
        | TyKind::TraitSelf(_)
        | TyKind::Projection(..) => false,
    }
}

/// The values of one class in one body.
pub struct TypeClass<'a> {
    program: &'a Program,
    id: BodyId,
    wanted: Wanted,
    memo: RefCell<FxHashMap<usize, Option<Carried>>>,
}

impl<'a> TypeClass<'a> {
    pub(super) fn new(program: &'a Program, id: BodyId, wanted: Wanted) -> Self {
        Self { program, id, wanted, memo: RefCell::default() }
    }

    fn types(&self) -> &'a BodyTypes {
        &self.program.types[self.id]
    }

    fn kind(&self, e: ExprId) -> &'a ExprKind {
        &self.program.body(self.id).exprs[e].kind
    }

    fn target(&self, e: ExprId) -> Target {
        self.program.target(Place { body: self.id, expr: e })
    }

    /// What a value of this type carries.
    pub fn carried(&self, ty: Ty) -> Option<Carried> {
        if !may_carry(ty) {
            return None;
        }
        let key = std::ptr::from_ref(ty.kind()) as usize;
        if let Some(found) = self.memo.borrow().get(&key) {
            return *found;
        }
        let found = self.program.carried(ty, self.wanted);
        self.memo.borrow_mut().insert(key, found);
        found
    }

    fn carries(&self, e: ExprId) -> bool {
        self.carried(self.types().exprs[e]).is_some()
    }

    /// True when some expression or local of the body is of the class.
    pub fn occurs(&self) -> bool {
        let types = self.types();
        types.exprs.iter().chain(types.locals.iter()).any(|ty| self.carried(*ty).is_some())
    }

    fn forwards(&self, parent: ExprId, child: ExprId) -> bool {
        self.carries(child) && self.passing(parent, child) == Passing::Forwards
    }

    fn of_receiver(&self, parent: ExprId, name: &str, child: ExprId) -> Passing {
        let ty = self.types().exprs[child];
        if matches!(ty.kind(), TyKind::Ref(..)) {
            return Passing::Borrows;
        }
        match self.target(parent) {
            Target::Fn(def) | Target::TraitFn(def) => self.of_workspace_receiver(parent, def),
            Target::Api(entry) => self.of_api_receiver(parent, entry, ty),
            Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => {
                self.by_name(parent, name, ty)
            }
        }
    }

    fn of_workspace_receiver(&self, parent: ExprId, def: DefId) -> Passing {
        let sig = self.program.sigs.func(self.program.names.item_ref(def));
        match sig.and_then(|sig| sig.receiver) {
            Some(own) if !matches!(own.kind(), TyKind::Ref(..)) && self.carried(own).is_some() => self.taken(parent),
            Some(_) | None => Passing::Borrows,
        }
    }

    fn of_api_receiver(&self, parent: ExprId, entry: &FnEntry, ty: Ty) -> Passing {
        let name = entry.name.as_str();
        let own = ty.path();
        if is_wrapper(ty) || self.is_iterator(ty) {
            return self.by_name(parent, name, ty);
        }
        let of_guard = own.is_some() && entry.owner == own;
        if of_guard && (self.carries(parent) || TAKES_GUARD.contains(&name)) {
            return self.taken(parent);
        }
        Passing::Borrows
    }

    fn by_name(&self, parent: ExprId, name: &str, ty: Ty) -> Passing {
        if is_wrapper(ty) {
            return if LOOKS_INTO_WRAPPER.contains(&name) {
                Passing::Borrows
            } else if UNWRAPS.contains(&name) && self.types().exprs[parent].is_unknown() {
                Passing::Forwards
            } else {
                self.taken(parent)
            };
        }
        if self.is_iterator(ty) {
            return if TURNS_ITERATOR.contains(&name) {
                Passing::Borrows
            } else if self.is_iterator(self.types().exprs[parent]) {
                Passing::Forwards
            } else {
                Passing::Consumes
            };
        }
        Passing::Borrows
    }

    /// Taken by value: it goes on in the result, if the result can hold one.
    fn taken(&self, parent: ExprId) -> Passing {
        if self.carries(parent) { Passing::Forwards } else { Passing::Consumes }
    }

    /// A struct or collection that holds a value of the class exactly if one was put into its literal.
    fn may_store(&self, ty: Ty) -> bool {
        match ty.kind() {
            TyKind::Adt(..) => true,
            TyKind::Foreign(_, _, args) => args.iter().any(|arg| self.carried(*arg).is_some()),
            _ => false,
        }
    }

    fn is_iterator(&self, ty: Ty) -> bool {
        ty.path().is_some_and(|path| path == known().iterator)
            || (!matches!(ty.kind(), TyKind::Ref(..)) && self.program.type_entry(ty).is_some_and(|e| e.is_iterator))
    }
}

impl Class for TypeClass<'_> {
    fn creates(&self, e: ExprId) -> bool {
        if !self.carries(e) {
            return false;
        }
        match self.kind(e) {
            ExprKind::Call { args, .. } => {
                let wraps = matches!(self.target(e), Target::Ctor(Res::Foreign(_)));
                !wraps && !args.iter().any(|arg| self.forwards(e, *arg))
            }
            ExprKind::MethodCall { recv, args, .. } => {
                !self.forwards(e, *recv) && !args.iter().any(|arg| self.forwards(e, *arg))
            }
            ExprKind::Struct { fields, .. } => !fields.iter().any(|(_, value)| self.carries(*value)),
            ExprKind::Await(inner) => !self.carries(*inner),
            _ => false,
        }
    }

    fn holds(&self, l: LocalId) -> Option<bool> {
        let ty = self.types().locals[l];
        if self.carried(ty).is_some() {
            return Some(true);
        }
        // An adaptor chain may hold the guard that it started from.
        let open = ty.is_unknown() || is_open(ty) || self.is_iterator(ty) || self.may_store(ty);
        if open { None } else { Some(false) }
    }

    fn passing(&self, parent: ExprId, child: ExprId) -> Passing {
        if let ExprKind::MethodCall { recv, name, .. } = self.kind(parent)
            && *recv == child
        {
            return self.of_receiver(parent, name.as_str(), child);
        }
        if matches!(self.types().exprs[child].kind(), TyKind::Ref(..)) { Passing::Borrows } else { self.taken(parent) }
    }
}

/// Most values are of types that hold nothing by value that a class could want: `Program::carried` needs not be asked.
const fn may_carry(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Foreign(..) | TyKind::Tuple(_) | TyKind::Array(..) | TyKind::Adt(..))
}

/// A type of which too little is known to say that it holds nothing.
fn is_open(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Projection(..) | TyKind::Param(..))
}

/// `Option`, `Result` and `Poll`.
fn is_wrapper(ty: Ty) -> bool {
    let known = known();
    ty.path().is_some_and(|path| [known.option, known.result, known.poll].contains(&path))
}

/// Methods of `Option` and `Result` that only look.
const LOOKS_INTO_WRAPPER: [&str; 13] = [
    "as_ref",
    "as_mut",
    "as_deref",
    "as_deref_mut",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "iter",
    "iter_mut",
    "eq",
    "ne",
    "fmt",
];

/// Methods that give what is inside, also where inference does not follow.
const UNWRAPS: [&str; 11] = [
    "unwrap",
    "expect",
    "unwrap_or_else",
    "ok",
    "map_err",
    "context",
    "with_context",
    "ok_or",
    "ok_or_else",
    "or_else",
    "unwrap_unchecked",
];

/// Methods of guards that take the guard and give back none.
const TAKES_GUARD: [&str; 10] = [
    "exit",
    "forget",
    "remove",
    "remove_entry",
    "into_key",
    "into_inner",
    "send",
    "leak",
    "shutdown_background",
    "shutdown_timeout",
];

/// Methods of iterators that leave the iterator where it is.
const TURNS_ITERATOR: [&str; 13] = [
    "next",
    "nth",
    "by_ref",
    "any",
    "all",
    "find",
    "find_map",
    "position",
    "size_hint",
    "try_for_each",
    "try_fold",
    "peek",
    "next_back",
];
