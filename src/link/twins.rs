//! Twins: items of the same name and place, of which each build has one.
//!
//! `#[cfg(feature = "a")] fn f` beside `#[cfg(not(feature = "a"))] fn f`; modules and impls of that kind give their
//! members as twins. Items that are never built are no alternatives.

use rustc_hash::FxHashMap;

use crate::facts::ItemKind;
use crate::hir::names::{DefId, ItemRef, Namespace, Res, Truth};

use super::defs::slot;
use super::names::Names;

/// The twins of every item that has some.
pub(super) fn collect(names: &Names) -> FxHashMap<DefId, Box<[DefId]>> {
    let mut groups: Vec<Vec<DefId>> = Vec::new();
    for (file, file_names) in names.files.iter_ids() {
        for twins in &file_names.twins {
            groups.push(twins.iter().map(|item| names.def(file, *item)).collect());
        }
    }
    let modules: Vec<Vec<DefId>> = groups.iter().flat_map(|group| module_members(names, group)).collect();
    groups.extend(modules);
    groups.extend(impl_members(names));
    let mut all = FxHashMap::default();
    for group in groups {
        let mut group: Vec<DefId> = group.into_iter().filter(|d| names.state(*d).truth != Truth::False).collect();
        group.sort_unstable();
        group.dedup();
        for def in &group {
            let fits = |other: &&DefId| names.is_test(*def) || !names.is_test(**other);
            let own: Box<[DefId]> = group.iter().filter(fits).copied().collect();
            if own.len() > 1 {
                all.entry(*def).or_insert(own);
            }
        }
    }
    all
}

/// Members of the same name in modules that are twins.
fn module_members(names: &Names, group: &[DefId]) -> Vec<Vec<DefId>> {
    let modules: Vec<_> =
        group.iter().filter_map(|def| names.tree.of_item.get(&names.item_ref(*def))).copied().collect();
    let Some((first, others)) = modules.split_first() else { return Vec::new() };
    let mut groups = Vec::new();
    let node = names.module(*first);
    let facts = &names.facts[node.file];
    for item in &facts.scopes[node.scope].items {
        let ns = match &facts.items[*item].kind {
            ItemKind::Fn(_) | ItemKind::Const(_) => Namespace::Value,
            ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Trait(_) | ItemKind::TypeAlias(_) => Namespace::Type,
            ItemKind::Impl(_)
            | ItemKind::Module(_)
            | ItemKind::Use(_)
            | ItemKind::ExternCrate(_)
            | ItemKind::MacroRules(_)
            | ItemKind::Other => continue,
        };
        let mut same = vec![names.def(node.file, *item)];
        for other in others {
            let there = names.module(*other);
            let table = names.files[there.file].table(there.scope);
            let slots = table.and_then(|t| t.names.get(&facts.items[*item].name));
            let found = slots.map(|s| s.items[slot(ns)]).filter(|id| *id != super::defs::NONE);
            same.extend(found.map(|id| names.def(there.file, crate::facts::ItemId(id))));
        }
        if same.len() > 1 {
            groups.push(same);
        }
    }
    groups
}

/// Members of the same name of one type, each under a condition.
fn impl_members(names: &Names) -> Vec<Vec<DefId>> {
    let mut groups = Vec::new();
    for def in names.defs() {
        let Some(parent) = names.parent(def) else { continue };
        if !names.is_conditional(def) {
            continue;
        }
        let Some(info) = names.impl_info(parent) else { continue };
        let trait_: Option<Res> = info.trait_;
        let same = names.inherent_or_trait_fns(info.head, names.item(def).name).iter().copied();
        let same: Vec<DefId> =
            same.filter(|other| names.impl_trait(*other) == trait_ && names.is_conditional(*other)).collect();
        if same.len() > 1 && same.first() == Some(&def) {
            groups.push(same);
        }
    }
    groups
}

impl Names {
    /// The number of an item by its place.
    pub fn def_at(&self, at: ItemRef) -> DefId {
        self.def(at.file, at.item)
    }
}
