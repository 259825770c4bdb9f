//! Types of everything that has a written one: signatures, fields, constants, impl headers.
//!
//! They are lowered once, in parallel by file, and then frozen. Types of expressions are the business of `infer`.

pub mod lower;
pub mod project;
pub mod signatures;
pub mod subst;

use crate::base::{FileId, IndexVec};
use crate::catalog::Catalog;
use crate::facts::{FileFacts, Item};
use crate::link::names::Names;
use crate::program::names::DefId;

/// What every pass over types reads: facts, names and the catalogue.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Facts of all files.
    pub facts: &'a IndexVec<FileId, FileFacts>,
    /// Resolved names.
    pub names: &'a Names,
    /// The catalogue.
    pub catalog: &'static Catalog,
}

impl<'a> World<'a> {
    /// The item behind a global id, and its file.
    pub fn item(&self, def: DefId) -> (FileId, &'a Item) {
        let at = self.names.item_ref(def);
        (at.file, &self.facts[at.file].items[at.item])
    }
}
