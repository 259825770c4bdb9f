//! `use` trees, cut into leaves: `use a::{b, c as d, e::*};` gives three imports.
//!
//! Each leaf carries the whole path from the root of the tree. Nothing is looked up.

use crate::base::Name;
use crate::facts::ItemId;
use crate::facts::attr::Attr;
use crate::facts::attr::Cfg;
use crate::facts::item::{Item, ItemKind, UseBinding, UseItem, Visibility};

use super::attr;
use super::builder::{Builder, Place};
use super::items::visibility;
use super::position::Bytes;

/// What all leaves of one `use` share.
struct Tree {
    global: bool,
    visibility: Visibility,
    span: Bytes,
    attrs: Vec<Attr>,
    cfg: Option<Cfg>,
    last: Option<ItemId>,
}

impl Builder<'_> {
    /// One `use`; answers the id of its last leaf.
    pub(super) fn use_item(&mut self, u: &syn::ItemUse, place: Place<'_>) -> Option<ItemId> {
        let mut read = attr::read(&mut self.types(place.scope), &u.attrs);
        if let Some(branch) = place.branch {
            attr::and(&mut read.cfg, branch.clone());
        }
        let (visibility, start) = visibility(self.pos, &u.vis);
        let start = start.unwrap_or_else(|| self.pos.start(u.use_token.span));
        let start = u.attrs.first().map_or(start, |a| self.pos.start(a.pound_token.spans[0]));
        let mut tree = Tree {
            global: u.leading_colon.is_some(),
            visibility,
            span: (self.pos.with_docs(start), self.pos.end(u.semi_token.spans[0])),
            attrs: read.attrs,
            cfg: read.cfg,
            last: None,
        };
        self.use_tree(&u.tree, &mut Vec::new(), &mut tree, place);
        tree.last
    }

    /// Macros are understood by name, so that another name of one has to be known when its calls are read.
    fn note_renamed(&mut self, old: Name, new: Name) {
        if matches!(old.as_str(), "select" | "select_biased" | "join" | "try_join" | "pin" | "pin_mut") {
            self.renamed.push((new, old));
        }
    }

    fn use_tree(&mut self, node: &syn::UseTree, path: &mut Vec<Name>, tree: &mut Tree, place: Place<'_>) {
        match node {
            syn::UseTree::Path(p) => {
                path.push(self.pos.name(&p.ident));
                self.use_tree(&p.tree, path, tree, place);
                path.pop();
            }
            syn::UseTree::Name(n) => {
                let (name, span) = self.pos.ident(&n.ident);
                self.use_leaf(name, None, span, path, tree, place);
            }
            syn::UseTree::Rename(r) => {
                let (alias, span) = self.pos.ident(&r.rename);
                self.note_renamed(self.pos.name(&r.ident), alias);
                let binding = if alias == "_" { UseBinding::Anonymous } else { UseBinding::Name(alias) };
                self.use_leaf(self.pos.name(&r.ident), Some(binding), span, path, tree, place);
            }
            syn::UseTree::Glob(g) => {
                let span = self.pos.bytes(g.star_token.spans[0]);
                self.import(UseBinding::Glob, span, path, tree, place);
            }
            syn::UseTree::Group(g) => {
                for one in &g.items {
                    self.use_tree(one, path, tree, place);
                }
            }
        }
    }

    fn use_leaf(
        &mut self,
        name: Name,
        binding: Option<UseBinding>,
        span: Bytes,
        path: &mut Vec<Name>,
        tree: &mut Tree,
        place: Place<'_>,
    ) {
        // `use a::b::{self, c}` imports `a::b`.
        let is_module = name == "self" && !path.is_empty();
        if !is_module {
            path.push(name);
        }
        let own = path.last().copied().unwrap_or(name);
        self.import(binding.unwrap_or(UseBinding::Name(own)), span, path, tree, place);
        if !is_module {
            path.pop();
        }
    }

    /// A public module that a macro of another crate makes: a name for `path`, of which nothing more is known here.
    pub(super) fn made_module(&mut self, name: &proc_macro2::Ident, path: &[&str], span: Bytes, place: Place<'_>) {
        let (name, name_span) = self.pos.ident(name);
        let path: Vec<Name> = path.iter().map(|segment| Name::new(segment)).collect();
        let path = self.paths.intern(place.scope, false, &path);
        let id = self.items.push(Item {
            name: Name::new(""),
            name_span,
            span,
            scope: place.scope,
            parent: None,
            visibility: Visibility::Public,
            attrs: Vec::new(),
            cfg: place.branch.cloned(),
            kind: ItemKind::Use(UseItem { path, binding: UseBinding::Name(name) }),
        });
        self.scopes[place.scope].items.push(id);
    }

    fn import(&mut self, binding: UseBinding, span: Bytes, path: &[Name], tree: &mut Tree, place: Place<'_>) {
        if path.is_empty() {
            return;
        }
        let path = self.paths.intern(place.scope, tree.global, path);
        let id = self.items.push(Item {
            name: Name::new(""),
            name_span: span,
            span: tree.span,
            scope: place.scope,
            parent: None,
            visibility: tree.visibility,
            attrs: tree.attrs.clone(),
            cfg: tree.cfg.clone(),
            kind: ItemKind::Use(UseItem { path, binding }),
        });
        self.scopes[place.scope].items.push(id);
        tree.last = Some(id);
    }
}
