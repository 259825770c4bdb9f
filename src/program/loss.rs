//! Is a value lost for good? Its fate, followed through locals, wrappers, closures, containers and fields.
//!
//! A value that leaves the body in any way (returned, passed on, stored in something that is read, named in a macro) is not lost.

use crate::catalog::{Role, TypeRole};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, RegionId, RegionKind};
use crate::hir::body::{Callable, Target};
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, Place, Res};
use crate::hir::ty::TyKind;

use super::{Discard, Fate, Program};
use crate::base::Name;

/// How a value is lost for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// As a statement.
    Statement,
    /// `let _ = ..`; `typed` when the author wrote a type.
    Let {
        /// `let _: T = ..`.
        typed: bool,
    },
    /// `_ = ..`.
    Assign,
    /// `drop(..)`, at this call.
    Drop(ExprId),
    /// `mem::forget(..)`, at this call.
    Forget(ExprId),
    /// The value of a closure whose caller throws it away, at this call.
    Closure(ExprId),
    /// Bound to a local that nothing reads.
    Unused(LocalId),
    /// Put into a local container that nothing reads.
    Container(LocalId),
    /// A handle that is only asked to abort, at this call.
    AbortOnly(ExprId),
    /// Put into a field that nothing reads.
    Field(DefId, Name),
}

/// Methods that put something into a container and read nothing.
const FILLS: [&str; 8] = ["push", "push_back", "push_front", "insert", "extend", "reserve", "clear", "truncate"];
/// Adaptors between `map` and `collect` that keep the items.
const KEEPS: [&str; 8] = ["rev", "take", "skip", "filter", "step_by", "inspect", "fuse", "flatten"];
/// Steps of locals followed at most.
const DEPTH: u32 = 8;

impl Program {
    /// How the value made at `place` is lost; `None` when it is used or when that is not known.
    pub fn loss(&self, place: Place) -> Option<Loss> {
        self.lost(place, 0)
    }

    fn lost(&self, place: Place, depth: u32) -> Option<Loss> {
        if depth > DEPTH {
            return None;
        }
        match self.fate(place) {
            Fate::Discarded(how) => Some(discarded(how)),
            Fate::Unused(local) => Some(Loss::Unused(local)),
            Fate::Bound(local) => self.lost_local(place.body, local, depth),
            Fate::Tried(outer) if self.is_wrapped(place) => self.lost(Place { expr: outer, ..place }, depth + 1),
            Fate::Receiver(call) => self.lost_receiver(place, Place { expr: call, ..place }, depth),
            Fate::Argument(call, _) => self.lost_argument(Place { expr: call, ..place }, depth),
            Fate::Returned(region) => self.lost_from_closure(place, region, depth),
            Fate::Stored(at) => {
                let holder = Place { expr: at, ..place };
                match self.position_in_tuple(place, holder) {
                    Some(at) => self.lost_part(holder, at, depth),
                    None => self.lost_in_field(place, holder),
                }
            }
            Fate::Tried(_) | Fate::Awaited(_) | Fate::Matched(_) | Fate::Macro(_) => None,
            Fate::Selected(_) | Fate::Used(_) => None,
        }
    }

    /// `Result<T, _>` and `Option<T>`.
    fn is_wrapped(&self, place: Place) -> bool {
        self.ty(place).path().is_some_and(|path| path == known().result || path == known().option)
    }

    /// Every mention of the local loses it.
    pub(super) fn lost_local(&self, body: BodyId, local: LocalId, depth: u32) -> Option<Loss> {
        if self.in_unknown_macro(body, local) {
            return None;
        }
        let mut found = Loss::Unused(local);
        for expr in self.reads(body, local) {
            if self.is_only_tested(Place { body, expr }) {
                continue;
            }
            let lost = self.lost(Place { body, expr }, depth + 1)?;
            found = match (found, lost) {
                (Loss::AbortOnly(_), _) => found,
                (_, Loss::AbortOnly(_) | Loss::Drop(_) | Loss::Forget(_)) | (Loss::Unused(_), _) => lost,
                _ => found,
            };
        }
        Some(found)
    }

    /// Mentions of a local that are no targets of assignments.
    pub fn reads(&self, body: BodyId, local: LocalId) -> Vec<ExprId> {
        let exprs = &self.body(body).exprs;
        let assigned = |e: &ExprId| {
            let parent = exprs[*e].parent.map(|p| &exprs[p].kind);
            matches!(parent, Some(ExprKind::Assign { target: Some(t), .. }) if t == e)
        };
        self.mentions(body, local).into_iter().filter(|e| !assigned(e)).collect()
    }

    fn lost_receiver(&self, place: Place, call: Place, depth: u32) -> Option<Loss> {
        let ExprKind::MethodCall { name, .. } = &self.expr(call).kind else { return None };
        if self.is_wrapped(place) {
            let opens = matches!(name.as_str(), "unwrap" | "expect" | "ok" | "map_err" | "context" | "with_context");
            return if opens { self.lost(call, depth + 1) } else { None };
        }
        let role = self.api(call).and_then(|entry| entry.role);
        if self.type_role(self.ty(place)) == Some(TypeRole::TaskHandle) {
            return match role {
                Some(Role::Abort | Role::AbortHandle | Role::IsFinished) => Some(Loss::AbortOnly(call.expr)),
                _ if name.as_str() == "id" => Some(Loss::AbortOnly(call.expr)),
                _ => None,
            };
        }
        match role {
            Some(Role::Identity) => self.lost(call, depth + 1),
            _ => None,
        }
    }

    fn lost_argument(&self, call: Place, depth: u32) -> Option<Loss> {
        if self.is_wrapper(call) {
            return self.lost(call, depth + 1);
        }
        let ExprKind::MethodCall { recv, name, .. } = &self.expr(call).kind else { return None };
        let ExprKind::Local(local) = self.expr(Place { expr: *recv, ..call }).kind else { return None };
        (FILLS.contains(&name.as_str()) && self.is_dead_container(call.body, local)).then_some(Loss::Container(local))
    }

    /// `Some(..)`, `Ok(..)`, `Box::pin(..)`, `Box::new(..)`.
    fn is_wrapper(&self, call: Place) -> bool {
        match self.target(call) {
            Target::Ctor(Res::Foreign(path)) => path == known().some || path == known().ok,
            Target::Api(entry) => {
                entry.role == Some(Role::Identity)
                    || matches!(entry.path.as_str(), "std::boxed::Box::pin" | "std::boxed::Box::new")
            }
            _ => false,
        }
    }

    /// A container made in this body that is filled and never read.
    fn is_dead_container(&self, body: BodyId, local: LocalId) -> bool {
        let is_own = self.body(body).locals[local].kind == LocalKind::Let && self.is_container(body, local);
        is_own
            && !self.in_unknown_macro(body, local)
            && self.reads(body, local).into_iter().all(|e| self.only_fills(Place { body, expr: e }))
    }

    fn is_container(&self, body: BodyId, local: LocalId) -> bool {
        let path = self.local_ty(body, local).path();
        path.is_some_and(|p| p.as_str().starts_with("std::collections::") || p == known().vec)
    }

    fn only_fills(&self, mention: Place) -> bool {
        match self.fate(mention) {
            Fate::Receiver(call) => match &self.expr(Place { expr: call, ..mention }).kind {
                ExprKind::MethodCall { name, .. } => FILLS.contains(&name.as_str()) || self.only_counts(call, mention),
                _ => false,
            },
            // Who drops it by name has chosen to.
            Fate::Discarded(how) => !matches!(how, Discard::DropCall(_) | Discard::ForgetCall(_)),
            _ => false,
        }
    }

    /// `task.is_some()`
    fn is_only_tested(&self, mention: Place) -> bool {
        let Fate::Receiver(call) = self.fate(mention) else { return false };
        let name = self.method_name(Place { expr: call, ..mention });
        self.is_wrapped(mention) && matches!(name, Some("is_some" | "is_none" | "is_ok" | "is_err"))
    }

    /// `handles.len()`
    fn only_counts(&self, call: ExprId, mention: Place) -> bool {
        matches!(self.method_name(Place { expr: call, ..mention }), Some("len" | "is_empty" | "capacity"))
    }

    /// `.map(|x| make(x)).collect()` into something that is lost.
    fn lost_from_closure(&self, place: Place, region: RegionId, depth: u32) -> Option<Loss> {
        if self.body(place.body).regions[region].kind != RegionKind::Closure {
            return None;
        }
        let handovers = &self.types_of(place.body).handovers;
        let handover = handovers.iter().find(|h| h.callable == Callable::Closure(region))?;
        let mut at = Place { expr: handover.call, ..place };
        if !matches!(self.method_name(at), Some("map" | "filter_map" | "flat_map")) {
            return None;
        }
        for _ in 0..8 {
            let Fate::Receiver(next) = self.fate(at) else { return None };
            at = Place { expr: next, ..place };
            match self.method_name(at) {
                Some("collect") => return self.lost_collection(at, depth),
                Some(name) if KEEPS.contains(&name) => {}
                _ => return None,
            }
        }
        None
    }

    fn lost_collection(&self, place: Place, depth: u32) -> Option<Loss> {
        match self.fate(place) {
            Fate::Bound(local) if self.is_dead_container(place.body, local) => Some(Loss::Container(local)),
            Fate::Bound(_) => None,
            Fate::Unused(local) => Some(Loss::Container(local)),
            _ => self.lost(place, depth + 1).map(|_| Loss::Closure(place.expr)),
        }
    }

    /// The method's name at a place.
    pub fn method_name(&self, place: Place) -> Option<&'static str> {
        match &self.expr(place).kind {
            ExprKind::MethodCall { name, .. } => Some(name.as_str()),
            _ => None,
        }
    }

    /// `self.task = Some(..)`, `Worker { task: .. }` where nothing reads the field.
    fn lost_in_field(&self, value: Place, at: Place) -> Option<Loss> {
        let (def, name) = match &self.expr(at).kind {
            ExprKind::Assign { target: Some(target), .. } => {
                let target = Place { expr: *target, ..at };
                let ExprKind::Field { base, name } = &self.expr(target).kind else { return None };
                (self.struct_of(Place { expr: *base, ..at })?, *name)
            }
            ExprKind::Struct { fields, .. } => {
                let own = |e: ExprId| e == value.expr || self.body(at.body).is_inside(value.expr, e);
                let (name, _) = fields.iter().find(|(_, e)| own(*e))?;
                (self.struct_of(at)?, *name)
            }
            _ => return None,
        };
        self.is_unread_field(def, name).then_some(Loss::Field(def, name))
    }

    pub(super) fn struct_of(&self, place: Place) -> Option<DefId> {
        match self.ty(place).peel_refs().kind() {
            TyKind::Adt(def, _) => Some(*def),
            _ => None,
        }
    }
}

pub(super) const fn discarded(how: Discard) -> Loss {
    match how {
        Discard::Statement => Loss::Statement,
        Discard::Let { typed } => Loss::Let { typed },
        Discard::Assign => Loss::Assign,
        Discard::DropCall(call) => Loss::Drop(call),
        Discard::ForgetCall(call) => Loss::Forget(call),
        Discard::Closure(call) => Loss::Closure(call),
    }
}
