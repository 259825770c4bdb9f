//! Crates of the run that the catalogue knows: for other crates their items are what the catalogue says of them.
//!
//! The tests and examples of a runtime use it as its users do. Inside of such a crate names stay what they are; only what its own
//! functions do is taken from the catalogue there.

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::hir::names::{CrateKind, DefId, ModuleId, Namespace, Res};

use super::names::Names;
use super::resolve::{Site, Walk};
use super::tables::Pass;

/// Items with a canonical path.
#[derive(Debug, Default)]
pub(super) struct Published {
    paths: FxHashMap<DefId, Name>,
    items: FxHashMap<Name, DefId>,
}

/// Finds the items behind the paths of the catalogue.
pub(super) fn collect(names: &Names) -> Published {
    let mut found = Published::default();
    for krate in names.crates() {
        let (kind, name, _, root) = names.krate(krate);
        if kind != CrateKind::Lib || !names.foreign.has_crate(name) {
            continue;
        }
        for (path, ns) in names.foreign.paths_of(name) {
            let Some(Res::Def(def)) = item_at(names, root, path, ns) else { continue };
            found.paths.entry(def).or_insert(path);
            found.items.entry(path).or_insert(def);
        }
    }
    found
}

fn item_at(names: &Names, root: ModuleId, path: Name, ns: Namespace) -> Option<Res> {
    let segments: Vec<Name> = path.as_str().split("::").skip(1).map(Name::new).collect();
    let node = names.module(root);
    let site = Site { file: node.file, scope: node.scope, pass: Pass::last(root) };
    match names.go_on(site, Res::Module(root), &segments, ns, false) {
        Walk::Done(resolution) if resolution.rest == 0 => Some(resolution.res),
        Walk::Done(_) | Walk::Wait => None,
    }
}

impl Names {
    /// The path by which the catalogue knows an item of the run.
    pub fn published(&self, def: DefId) -> Option<Name> {
        self.published.paths.get(&def).copied()
    }

    /// The item of the run behind a path of the catalogue.
    pub fn behind(&self, path: Name) -> Option<DefId> {
        self.published.items.get(&path).copied()
    }

    /// What code of another crate sees in place of an item.
    pub(super) fn seen_from(&self, site: Site, res: Res) -> Res {
        let Res::Def(def) = res else { return res };
        let Some(path) = self.published(def) else { return res };
        let user = self.module(self.module_of_scope(site.file, site.scope)).krate;
        if user == self.crate_of(def) { res } else { Res::Foreign(path) }
    }

    /// A name that the root of another crate has according to the catalogue, though no item of it is seen: macros that macros make.
    pub(super) fn unseen_in(&self, site: Site, module: ModuleId, segments: &[Name]) -> Option<Res> {
        let node = self.module(module);
        let user = self.module(self.module_of_scope(site.file, site.scope)).krate;
        if node.parent.is_some() || user == node.krate || !self.foreign.has_crate(node.name) {
            return None;
        }
        let [only] = segments else { return None };
        self.foreign.module_has(node.name, *only).then(|| Res::Foreign(self.foreign.canonical(node.name.join(*only))))
    }
}
