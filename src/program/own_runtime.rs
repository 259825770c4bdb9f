//! Types that say on which runtime they run: a method gives the handle of one that is named for blocking work.
//!
//! Goes by names, and so only ever makes a finding a note.

use rustc_hash::FxHashSet;

use crate::hir::names::{BodyId, Place, TypeHead};
use crate::hir::ty::TyKind;

use super::Program;

impl Program {
    /// A method of a type, or of one of its traits, whose own handle is that of a blocking runtime: `RuntimeKind::Blocking.handle()`.
    pub fn is_on_named_blocking_runtime(&self, place: Place) -> bool {
        let heads = self.on_blocking_runtimes.get_or_init(|| self.named_for_blocking());
        self.owner_of(place.body).is_some_and(|head| heads.contains(&head))
    }

    fn named_for_blocking(&self) -> FxHashSet<TypeHead> {
        let gives_handle = |body: &BodyId| {
            let def = self.fn_of(*body)?;
            let sig = self.sigs.func(self.names.item_ref(def))?;
            let TyKind::Foreign(path, ..) = sig.value.kind() else { return None };
            let is_handle = path.as_str() == "tokio::runtime::Handle";
            let root = Place { body: *body, expr: self.body(*body).root };
            (is_handle && self.source(root).contains("Blocking")).then_some(())
        };
        self.bodies().filter(|body| gives_handle(body).is_some()).filter_map(|body| self.owner_of(body)).collect()
    }

    /// The type whose impl holds the fn of a body.
    fn owner_of(&self, body: BodyId) -> Option<TypeHead> {
        let imp = self.world().parent(self.fn_of(body)?)?;
        self.names.impl_info(imp).map(|info| info.head)
    }
}
