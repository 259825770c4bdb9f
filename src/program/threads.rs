//! Questions about the thread that runs a place: is it the only one of its runtime, does a destructor run there?

use crate::facts::{ExprKind, ItemKind};
use crate::hir::body::Target;
use crate::hir::context::{ContextKind, Entry};
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, EntryKind, Place, Res};
use crate::hir::ty::TyKind;

use super::Program;

impl Program {
    /// The runtime behind a place is seen to have one thread: a test or main with such a runtime, in the same body.
    pub fn is_single_threaded(&self, place: Place) -> bool {
        self.context_at(place).entry == Entry::CurrentThread || self.is_single_threaded_body(place.body)
    }

    /// The body is the main future of a current-thread runtime, as its attribute says.
    pub fn is_single_threaded_body(&self, body: BodyId) -> bool {
        use crate::catalog::Flavor;
        let attr = self.fn_of(body).and_then(|def| self.world().entry_attr(def));
        let Some(attr) = attr.filter(|attr| matches!(attr.kind, EntryKind::Main | EntryKind::Test)) else {
            return false;
        };
        if attr.args.contains("current_thread") || attr.args.contains("\"local\"") {
            return true;
        }
        let multi = attr.args.contains("multi_thread") || attr.args.contains("worker_threads");
        let flavor = self.catalog.attribute(attr.path).and_then(|entry| entry.flavor);
        !multi && matches!(flavor, Some(Flavor::CurrentThread | Flavor::Local))
    }

    /// For the body of `Drop::drop`: the workspace type that is dropped.
    pub fn dropped_type(&self, body: BodyId) -> Option<DefId> {
        let def = self.fn_of(body)?;
        let parent = self.names.parent(def)?;
        let ItemKind::Impl(_) = &self.names.item(parent).kind else { return None };
        let info = self.names.impl_info(parent)?;
        match (info.trait_, info.head) {
            (Some(Res::Foreign(path)), crate::hir::names::TypeHead::Def(owner)) if path == known().drop => Some(owner),
            _ => None,
        }
    }

    /// A place in async code where a value of a workspace type is made.
    pub fn made_in_async_code(&self, owner: DefId) -> Option<Place> {
        self.bodies().find_map(|body| {
            let types = self.types_of(body);
            let made =
                types.exprs.iter_ids().filter(|(_, ty)| matches!(ty.kind(), TyKind::Adt(def, _) if *def == owner));
            let mut places = made.map(|(expr, _)| Place { body, expr });
            places.find(|place| self.makes_value(*place) && self.context_at(*place).kind == ContextKind::Async)
        })
    }

    /// A struct literal or a call of a constructor.
    fn makes_value(&self, place: Place) -> bool {
        match self.expr(place).kind {
            ExprKind::Struct { .. } => true,
            ExprKind::Call { .. } => matches!(self.target(place), Target::Fn(_) | Target::Ctor(_)),
            _ => false,
        }
    }
}
