//! `macro_rules` by name: those of a crate, those it exports, those that `#[macro_use] extern crate` brings.
//!
//! The textual order of macros is not followed: inside a crate a macro is known by its name alone.

use rustc_hash::FxHashMap;

use crate::base::{FileId, IndexVec, Name};
use crate::facts::{FileFacts, ItemKind, ScopeId};
use crate::hir::names::{CrateId, DefId, ItemRef, Namespace, Res};

use super::crates::Extern;
use super::defs::{FileNames, Numbers};
use super::modules::Tree;
use super::names::Names;
use super::tables::{Found, Pass};

/// The macros of all crates.
#[derive(Debug, Default)]
pub(super) struct Macros {
    local: FxHashMap<(CrateId, Name), DefId>,
    exported: FxHashMap<(CrateId, Name), DefId>,
    /// Crates whose macros are in scope everywhere, in source order.
    used: FxHashMap<CrateId, Vec<Extern>>,
}

impl Macros {
    pub(super) fn collect(
        facts: &IndexVec<FileId, FileFacts>,
        files: &IndexVec<FileId, FileNames>,
        tree: &Tree,
        numbers: &Numbers,
    ) -> Self {
        let mut macros = Self::default();
        for (file, names) in files.iter_ids() {
            let Some(root) = tree.of_scope[file].first() else { continue };
            let krate = tree.modules[*root].krate;
            for id in &names.macros {
                let item = &facts[file].items[*id];
                let key = (krate, item.name);
                let def = numbers.def(ItemRef { file, item: *id });
                macros.local.entry(key).or_insert(def);
                if matches!(&item.kind, ItemKind::MacroRules(m) if m.exported) {
                    macros.exported.entry(key).or_insert(def);
                }
            }
            for id in &facts[file].scopes[ScopeId(0)].items {
                let item = &facts[file].items[*id];
                let ItemKind::ExternCrate(used) = &item.kind else { continue };
                let paths = &facts[file].paths.paths;
                if item.attrs.iter().any(|a| paths[a.path].last() == "macro_use") {
                    let found = tree.crates[krate].externs.get(&used.krate);
                    macros.used.entry(krate).or_default().extend(found.copied());
                }
            }
        }
        macros
    }

    /// A macro that the root of a crate has because it is exported.
    pub(super) fn exported(&self, krate: CrateId, name: Name) -> Option<DefId> {
        self.exported.get(&(krate, name)).copied()
    }

    /// A macro that is in scope in a whole crate.
    pub(super) fn visible(&self, names: &Names, krate: CrateId, name: Name, pass: Pass) -> Option<Res> {
        if let Some(def) = self.local.get(&(krate, name)) {
            return Some(Res::Def(*def));
        }
        self.used.get(&krate)?.iter().find_map(|used| match used {
            Extern::Crate(other) => match names.in_module(names.tree.roots[*other], name, Namespace::Macro, pass) {
                Found::Yes(res) | Found::Likely(res) => Some(res),
                Found::No | Found::Wait | Found::WaitForGlob => None,
            },
            Extern::Foreign(path) => {
                names.foreign.module_has(*path, name).then(|| Res::Foreign(names.foreign.canonical(path.join(name))))
            }
        })
    }

    /// A macro that nothing else defines can only come from the one crate whose macros are in scope unseen.
    pub(super) fn only_source(&self, krate: CrateId, name: Name) -> Option<Res> {
        let mut foreign = self.used.get(&krate)?.iter().filter_map(|used| match used {
            Extern::Foreign(path) => Some(*path),
            Extern::Crate(_) => None,
        });
        match (foreign.next(), foreign.next()) {
            (Some(path), None) => Some(Res::Foreign(path.join(name))),
            _ => None,
        }
    }
}
