//! The facts of one file under construction: tables that items and bodies fill together.
//!
//! Items of a body land in the same tables as those of the file, which is why bodies borrow this value.

use crate::base::{IndexVec, Name};
use crate::facts::attr::{Attr, Cfg};
use crate::facts::item::{Item, ItemKind, Scope, ScopeKind, Visibility};
use crate::facts::{Body, BodyIx, ExtractProblem, ItemId, ScopeId};

use super::attr;
use super::body::Spare;
use super::path::{Paths, TypeCx};
use super::position::{Bytes, Positions};

/// Tables of one file.
pub(super) struct Builder<'t> {
    pub(super) pos: &'t Positions<'t>,
    pub(super) paths: Paths,
    pub(super) scopes: IndexVec<ScopeId, Scope>,
    pub(super) items: IndexVec<ItemId, Item>,
    pub(super) bodies: IndexVec<BodyIx, Body>,
    pub(super) problems: Vec<ExtractProblem>,
    pub(super) attrs: Vec<Attr>,
    /// Opening braces of bodies that did not parse and stand as empty blocks.
    pub(super) lost_bodies: Vec<u32>,
    /// Memory for the next body.
    pub(super) spare: Spare,
    /// Macros that an import above gives another name: the new one, the old one.
    pub(super) renamed: Vec<(Name, Name)>,
}

/// Where an item stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The scope it is declared in.
    pub(super) scope: ScopeId,
    /// The impl or trait around it.
    pub(super) parent: Option<ItemId>,
    /// The condition of the `cfg_if!` branch around it.
    pub(super) branch: Option<&'a Cfg>,
}

impl Place<'_> {
    /// A place without impl and condition.
    pub(super) fn of(scope: ScopeId) -> Self {
        Self { scope, parent: None, branch: None }
    }
}

/// What is known of an item when its first token is met.
pub(super) struct Head<'a> {
    pub(super) name: Name,
    pub(super) name_span: Bytes,
    /// First byte of the item without its attributes.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) visibility: Visibility,
    pub(super) attrs: &'a [syn::Attribute],
}

impl<'t> Builder<'t> {
    /// Empty tables with the file's own scope.
    pub(super) fn new(pos: &'t Positions<'t>) -> Self {
        let mut scopes = IndexVec::new();
        scopes.push(Scope { kind: ScopeKind::File, parent: None, items: Vec::new() });
        Self {
            pos,
            paths: Paths::default(),
            scopes,
            items: IndexVec::new(),
            bodies: IndexVec::new(),
            problems: Vec::new(),
            attrs: Vec::new(),
            lost_bodies: Vec::new(),
            spare: Spare::default(),
            renamed: Vec::new(),
        }
    }

    /// The name of a macro before an import gave it this one.
    pub(super) fn macro_name(&self, name: Name) -> Name {
        self.renamed.iter().rev().find(|(new, _)| *new == name).map_or(name, |(_, old)| *old)
    }

    /// The types and paths of item headers in `scope`.
    pub(super) fn types(&mut self, scope: ScopeId) -> TypeCx<'_, 't> {
        TypeCx { pos: self.pos, paths: &mut self.paths, scope }
    }

    /// A new scope.
    pub(super) fn scope(&mut self, kind: ScopeKind, parent: ScopeId) -> ScopeId {
        self.scopes.push(Scope { kind, parent: Some(parent), items: Vec::new() })
    }

    /// Takes the next id for an item; `kind` is filled in when its inside is done.
    ///
    /// Members of impls and traits are found through their parent, so they are in no scope's list.
    pub(super) fn open(&mut self, head: &Head<'_>, place: Place<'_>) -> ItemId {
        let mut read = attr::read(&mut self.types(place.scope), head.attrs);
        if let Some(branch) = place.branch {
            attr::and(&mut read.cfg, branch.clone());
        }
        let first = head.attrs.first().filter(|a| matches!(a.style, syn::AttrStyle::Outer));
        let start = first.map_or(head.start, |a| self.pos.start(a.pound_token.spans[0]).min(head.start));
        let start = self.pos.with_docs(start);
        let id = self.items.push(Item {
            name: head.name,
            name_span: head.name_span,
            span: (start, head.end),
            scope: place.scope,
            parent: place.parent,
            visibility: head.visibility,
            attrs: read.attrs,
            cfg: read.cfg,
            kind: ItemKind::Other,
        });
        if place.parent.is_none() {
            self.scopes[place.scope].items.push(id);
        }
        id
    }

    /// Says what an opened item is.
    pub(super) fn close(&mut self, id: ItemId, kind: ItemKind) {
        self.items[id].kind = kind;
    }
}
