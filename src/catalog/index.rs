//! From loaded entries to a catalogue that answers in constant time.
//!
//! Entries are sorted by path here, so that nothing downstream depends on the order of files or of hash tables.
//! Nothing is checked here; a later entry of the same path replaces an earlier one.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;

use super::Catalog;
use super::alias::Aliases;
use super::entry::{Blocks, FnEntry, FnForm, On, TypeEntry};
use super::kinds::{Category, Group};
use super::load::{Loaded, category_of};
use super::prelude::is_primitive;
use super::type_kinds::Io;

/// Builds all indices.
pub(super) fn build(loaded: Loaded) -> Catalog {
    let mut aliases = Aliases::default();
    for (other, canonical) in loaded.module_aliases.iter().chain(&loaded.aliases) {
        aliases.insert(*other, *canonical);
    }
    let types = sorted(loaded.types, |t| t.path);
    let macros = sorted(loaded.macros, |m| m.path);
    let attributes = sorted(loaded.attributes, |a| a.path);
    let mut catalog = Catalog {
        type_at: positions(&types, |t| t.path),
        macro_at: positions(&macros, |m| m.path),
        attribute_at: positions(&attributes, |a| a.path),
        types,
        macros,
        attributes,
        aliases,
        funcs: Vec::new(),
        func_at: FxHashMap::default(),
        method_at: FxHashMap::default(),
        group_at: FxHashMap::default(),
        distinctive: FxHashMap::default(),
        by_argument: FxHashMap::default(),
        star_at: FxHashMap::default(),
        modules: FxHashSet::default(),
        items: FxHashSet::default(),
        crates: BTreeSet::new(),
        declared: Vec::new(),
    };
    index_calls(&mut catalog, loaded.calls);
    index_modules(&mut catalog, &loaded.module_aliases, &loaded.aliases);
    catalog
}

/// Sorts by path; of several with one path the last loaded stays.
fn sorted<T>(mut entries: Vec<T>, path: impl Fn(&T) -> Name) -> Vec<T> {
    entries.reverse();
    entries.sort_by_key(&path);
    entries.dedup_by_key(|e| path(e));
    entries
}

fn positions<T>(entries: &[T], path: impl Fn(&T) -> Name) -> FxHashMap<Name, u32> {
    entries.iter().enumerate().map(|(i, e)| (path(e), i as u32)).collect()
}

fn index_calls(catalog: &mut Catalog, calls: Vec<(FnEntry, Option<On>)>) {
    let calls = per_receiver(&catalog.types, calls);
    let mut order: Vec<(Name, usize)> = calls.iter().enumerate().map(|(i, (entry, _))| (entry.path, i)).collect();
    order.sort_unstable();
    let mut calls: Vec<_> = calls.into_iter().map(Some).collect();
    catalog.funcs.reserve(order.len());
    for (at, (path, i)) in order.iter().enumerate() {
        let Some((mut entry, on)) = calls.get_mut(*i).and_then(Option::take) else { continue };
        // Methods of one trait have one path and differ in their types; else the last one loaded wins.
        let replaced = on.is_none() && order.get(at + 1).is_some_and(|(next, _)| next == path);
        if replaced {
            continue;
        }
        let at = catalog.funcs.len() as u32;
        entry.doc = entry.doc.or_else(|| catalog.ty(entry.owner?)?.doc);
        match (&on, entry.owner) {
            (None, Some(owner)) if entry.form == FnForm::Method => {
                catalog.method_at.insert((owner, entry.name), at);
            }
            (None, _) => {}
            (Some(On::Group(group)), owner) => {
                catalog.group_at.insert((*group, entry.name), at);
                // A value of type `impl Trait` or `dyn Trait` has the trait's methods too.
                catalog.method_at.extend(owner.map(|owner| ((owner, entry.name), at)));
            }
            (Some(On::Types(types)), owner) => {
                for ty in types {
                    catalog.method_at.insert((*ty, entry.name), at);
                }
                if let Some(owner) = owner {
                    catalog.method_at.entry((owner, entry.name)).or_insert(at);
                }
            }
        }
        if entry.form != FnForm::TraitMethod || !catalog.func_at.contains_key(&entry.path) {
            catalog.func_at.insert(entry.path, at);
        }
        if entry.name == "*"
            && let Some((owner, _)) = path.as_str().rsplit_once("::")
        {
            catalog.star_at.insert(Name::new(owner), at);
        }
        if !entry.given.is_empty() {
            catalog.by_argument.entry(entry.name).or_default().push(at);
        }
        if entry.distinctive {
            catalog.distinctive.entry(entry.name).or_default().push(at);
        }
        catalog.funcs.push(entry);
    }
}

/// A method that blocks according to its receiver becomes one entry per category.
fn per_receiver(types: &[TypeEntry], calls: Vec<(FnEntry, Option<On>)>) -> Vec<(FnEntry, Option<On>)> {
    let mut all = Vec::with_capacity(calls.len());
    for (mut entry, on) in calls {
        let of_group = entry.form == FnForm::TraitMethod;
        let by_receiver = |b: &Blocks| of_group && b.category == Category::Receiver && b.io_args.is_empty();
        let Some(blocks) = entry.blocks.take_if(|b| by_receiver(b)) else {
            all.push((entry, on));
            continue;
        };
        // The entry of the group comes first: it stands for the trait itself, whose receiver is not known.
        all.push((entry.clone(), on));
        // A wrapper is asked at the call what it wraps.
        let wrappers = types.iter().filter(|t| t.io.is_none() && t.io_through.is_some()).map(|t| t.path).collect();
        all.push((FnEntry { blocks: Some(blocks.clone()), ..entry.clone() }, Some(On::Types(wrappers))));
        for io in Io::ALL {
            let Some(category) = category_of(*io) else { continue };
            let having: Vec<Name> = types.iter().filter(|t| t.io == Some(*io)).map(|t| t.path).collect();
            let blocks = Some(Blocks { category, ..blocks.clone() });
            all.push((FnEntry { blocks, ..entry.clone() }, Some(On::Types(having))));
        }
    }
    all
}

/// What each module holds, and which crates are known.
fn index_modules(catalog: &mut Catalog, modules: &[(Name, Name)], aliases: &[(Name, Name)]) {
    let types: FxHashSet<&str> = catalog.types.iter().map(|t| t.path.as_str()).collect();
    let mut paths: Vec<&'static str> = Vec::with_capacity(catalog.funcs.len());
    paths.extend(catalog.funcs.iter().filter(|f| f.form == FnForm::Free).map(|f| f.path.as_str()));
    paths.extend(catalog.types.iter().map(|t| t.path.as_str()));
    paths.extend(catalog.macros.iter().map(|m| m.path.as_str()));
    paths.extend(catalog.attributes.iter().map(|a| a.path.as_str()));
    paths.extend(aliases.iter().map(|(other, _)| other.as_str()));
    paths.extend(modules.iter().map(|(other, _)| other.as_str()));
    catalog.modules.extend(modules.iter().map(|(other, _)| other.as_str()));
    let mut crates: BTreeSet<&str> =
        modules.iter().filter_map(|(other, _)| other.as_str().split("::").next()).collect();
    let methods = catalog.funcs.iter().map(|f| f.path.as_str());
    crates
        .extend(paths.iter().copied().chain(methods).filter_map(|path| path.split_once("::")).map(|(krate, _)| krate));
    catalog.crates = crates.into_iter().filter(|krate| !is_primitive(krate)).map(Name::new).collect();
    for path in paths {
        let mut path = path;
        while let Some((module, last)) = path.rsplit_once("::") {
            if types.contains(module) || !catalog.items.insert((module, last)) {
                break;
            }
            catalog.modules.insert(module);
            path = module;
        }
    }
}

impl TypeEntry {
    /// The groups it belongs to, the most telling first.
    pub fn groups(&self) -> impl Iterator<Item = Group> {
        // A wrapper of sync readers and writers has their methods; what they wait for is asked of what is inside.
        let io = self.io.or_else(|| self.io_through.is_some().then_some(Io::Memory)).map(|io| match io {
            Io::Tokio => Group::TokioIo,
            Io::Futures => Group::FuturesIo,
            Io::Fs | Io::Net | Io::Process | Io::Stdio | Io::Sync | Io::Memory => Group::SyncIo,
        });
        let has = |is: bool, group: Group| is.then_some(group);
        let groups = [
            has(self.is_iterator, Group::Iterator),
            has(self.output.is_some(), Group::Future),
            has(self.stream.is_some(), Group::Stream),
            has(self.sink.is_some(), Group::Sink),
            io,
            // A guard is looked through: `guard.clone()` clones what it guards.
            has(self.guard.is_none(), Group::Any),
        ];
        groups.into_iter().flatten()
    }
}
