//! Types of the workspace that end a task when they are dropped.
//!
//! Read from `Drop` implementations and from the fields of small types; a type that does more than to hold a task is none.

use crate::base::Name;
use crate::catalog::{OnDrop, Role, TypeRole};
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, Res, TypeHead};
use crate::hir::ty::{Ty, TyKind};

use super::Program;

/// A type with more fields is a service that owns a task among other things.
const FIELDS: usize = 2;

impl Program {
    /// A small type of the workspace whose drop aborts the task that it holds.
    pub fn aborts_on_drop(&self, ty: Ty) -> bool {
        let TyKind::Adt(def, _) = ty.kind() else { return false };
        let fields = self.field_types(*def);
        let role = |ty: Ty| self.type_entry(ty).filter(|_| ty.path().is_some());
        let held = fields.iter().filter_map(|(_, ty)| role(inner(*ty)?));
        let mut tasks = held.filter(|e| matches!(e.role, Some(TypeRole::TaskHandle | TypeRole::AbortHandle)));
        let Some(task) = tasks.next().filter(|_| fields.len() <= FIELDS) else { return false };
        task.on_drop == Some(OnDrop::Cancel) || self.drop_aborts(*def)
    }

    fn drop_aborts(&self, def: DefId) -> bool {
        self.drop_of(def).is_some_and(|body| self.calls_with_role(body, Role::Abort).next().is_some())
    }

    /// The body with which a type of the workspace answers when it is polled: `poll` of a future, `poll_next` of a stream.
    pub(super) fn poll_of(&self, ty: Ty, name: &str) -> Option<BodyId> {
        let TyKind::Adt(def, _) = ty.peel_refs().kind() else { return None };
        let named = self.names.inherent_or_trait_fns(TypeHead::Def(*def), Name::new(name)).iter();
        let mut bodies = named.filter_map(|poll| self.body_of(*poll));
        bodies.find(|body| self.impl_trait_of(*body).is_some())
    }

    /// The body of `Drop::drop` of a type of the workspace.
    pub(super) fn drop_of(&self, def: DefId) -> Option<BodyId> {
        let named = self.names.inherent_or_trait_fns(TypeHead::Def(def), Name::new("drop")).iter();
        let mut bodies = named.filter_map(|drop| self.body_of(*drop));
        bodies.find(|body| self.impl_trait_of(*body) == Some(Res::Foreign(known().drop)))
    }
}

/// The type itself or what an `Option` holds.
fn inner(ty: Ty) -> Option<Ty> {
    match ty.path() {
        Some(path) if path == known().option => ty.args().first().copied(),
        _ => Some(ty),
    }
}
