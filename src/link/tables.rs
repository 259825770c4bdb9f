//! One name in one module or block: its items, its imports, then what its globs bring in.
//!
//! Explicit names win over globs, globs of the workspace over globs of foreign modules, of which only the catalogue's
//! names are known. Lookups read; imports are settled elsewhere.

use crate::base::{FileId, Name};
use crate::facts::item::Visibility;
use crate::facts::{Item, ItemId, ItemKind, ScopeId, ScopeKind};
use crate::hir::names::{CfgState, ItemRef, ModuleId, Namespace, Res};

use super::cfg::contradict;
use super::defs::{GlobState, ImportState, NONE, Slots, Table, rank, slot};
use super::derived;
use super::names::Names;
use super::resolve::Site;

/// What a lookup may read.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    /// Imports that are not settled make the answer wait; otherwise they do not exist.
    pub(super) waits: bool,
    /// The import or glob that asks: it cannot be its own answer.
    pub(super) asker: Asker,
    /// The module whose code asks: of alternatives, those of builds without it do not count.
    pub(super) from: ModuleId,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// Anyone after the imports.
    Anyone,
    /// An import of a file.
    Import(FileId, u32),
    /// A glob of a file.
    Glob(FileId, u32),
}

impl Pass {
    /// After the imports.
    pub(super) const fn last(from: ModuleId) -> Self {
        Self { waits: false, asker: Asker::Anyone, from }
    }
}

/// The answer of one scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// Certain.
    Yes(Res),
    /// One of several builds.
    Likely(Res),
    /// The scope has no such name.
    No,
    /// An import of that name is not settled.
    Wait,
    /// A glob that may bring the name is not settled.
    WaitForGlob,
}

impl Found {
    fn res(self) -> Option<Res> {
        match self {
            Self::Yes(res) | Self::Likely(res) => Some(res),
            Self::No | Self::Wait | Self::WaitForGlob => None,
        }
    }
}

/// What is looked up.
#[derive(Clone, Copy)]
struct Query {
    name: Name,
    ns: Namespace,
    pass: Pass,
}

/// Who looks through which modules.
struct View<'v> {
    /// The module whose code wrote the glob; `None` where everything is visible.
    from: Option<ModuleId>,
    seen: &'v mut Vec<ModuleId>,
}

impl Names {
    /// A name in a module, visible or not.
    pub(super) fn in_module(&self, module: ModuleId, name: Name, ns: Namespace, pass: Pass) -> Found {
        let mut seen = Vec::new();
        self.module_lookup(module, Query { name, ns, pass }, &mut View { from: None, seen: &mut seen })
    }

    /// A name in a block or module of a file.
    pub(super) fn in_table(&self, file: FileId, scope: ScopeId, name: Name, ns: Namespace, pass: Pass) -> Found {
        let mut seen = Vec::new();
        self.table_lookup(file, scope, Query { name, ns, pass }, &mut View { from: None, seen: &mut seen })
    }

    /// `pub use other::*` of a crate that is not read: a name that is asked for by its path, and that nothing else of
    /// the module can be, comes from there.
    pub(super) fn re_exported_unseen(&self, module: ModuleId, name: Name, pass: Pass) -> Found {
        let node = &self.tree.modules[module];
        let names = &self.files[node.file];
        let Some(table) = names.table(node.scope) else { return Found::No };
        if table.opaque || table.globs.is_empty() {
            return Found::No;
        }
        let mut source = None;
        for at in &table.globs {
            match names.globs[*at as usize].state {
                GlobState::Done(Some(Res::Foreign(path))) if source.is_none() => source = Some(path),
                GlobState::Done(Some(Res::Foreign(_)) | None) => return Found::No,
                GlobState::Pending if pass.waits => return Found::WaitForGlob,
                GlobState::Pending | GlobState::Done(Some(_)) => {}
            }
        }
        let Some(path) = source else { return Found::No };
        for ns in [Namespace::Type, Namespace::Value, Namespace::Macro] {
            match self.in_module(module, name, ns, pass) {
                Found::No => {}
                Found::Wait | Found::WaitForGlob => return Found::Wait,
                Found::Yes(_) | Found::Likely(_) => return Found::No,
            }
        }
        Found::Likely(Res::Foreign(self.foreign.canonical(path.join(name))))
    }

    /// True when something in the scope may define names that nobody sees.
    pub(super) fn is_opaque(&self, file: FileId, scope: ScopeId) -> bool {
        let names = &self.files[file];
        let Some(table) = names.table(scope) else { return false };
        table.opaque
            || table.globs.iter().any(|at| match names.globs[*at as usize].state {
                GlobState::Pending | GlobState::Done(None | Some(Res::Foreign(_) | Res::Unknown)) => true,
                GlobState::Done(Some(_)) => false,
            })
    }

    /// A name that nothing else can bring comes from the one glob of a crate that is not read. Where a derive may have
    /// made the name, or several such globs stand, nothing is said.
    pub(super) fn only_glob(&self, site: Site, name: Name, ns: Namespace) -> Found {
        let upper = name.as_str().starts_with(char::is_uppercase);
        if ns == Namespace::Value && !upper || site.pass.asker != Asker::Anyone {
            return Found::No;
        }
        let mut sources = Vec::new();
        let mut open = vec![(site.file, site.scope)];
        let mut next = 0;
        while let Some((file, scope)) = open.get(next).copied() {
            next += 1;
            if !self.unseen_globs(file, scope, name, &mut sources, &mut open) || sources.len() > 1 {
                return Found::No;
            }
            let node = &self.facts[file].scopes[scope];
            if let (ScopeKind::Block | ScopeKind::Generics(_), Some(parent)) = (node.kind, node.parent)
                && !open.contains(&(file, parent))
            {
                open.push((file, parent));
            }
        }
        sources.first().map_or(Found::No, |path| Found::Likely(Res::Foreign(self.foreign.canonical(path.join(name)))))
    }

    /// Adds the foreign modules that a scope takes everything from, and the workspace modules to look at next; false when
    /// something else invisible may define `name` there.
    fn unseen_globs(
        &self,
        file: FileId,
        scope: ScopeId,
        name: Name,
        sources: &mut Vec<Name>,
        open: &mut Vec<(FileId, ScopeId)>,
    ) -> bool {
        let names = &self.files[file];
        let Some(table) = names.table(scope) else { return true };
        if table.opaque || self.facts[file].scopes[scope].items.iter().any(|id| self.may_derive(file, *id, name)) {
            return false;
        }
        for at in &table.globs {
            match names.globs[*at as usize].state {
                GlobState::Done(Some(Res::Foreign(path))) if !sources.contains(&path) => sources.push(path),
                GlobState::Done(Some(Res::Module(module))) => {
                    let node = &self.tree.modules[module];
                    if self.tree.included.contains_key(&module) {
                        return false;
                    }
                    if !open.contains(&(node.file, node.scope)) {
                        open.push((node.file, node.scope));
                    }
                }
                GlobState::Done(Some(_)) => {}
                GlobState::Pending | GlobState::Done(None) => return false,
            }
        }
        true
    }

    /// `Foo` with attributes may have made `FooBuilder`.
    fn may_derive(&self, file: FileId, id: ItemId, name: Name) -> bool {
        let item = &self.facts[file].items[id];
        !item.attrs.is_empty() && item.name.as_str().len() > 1 && name.as_str().contains(item.name.as_str())
    }

    fn module_lookup(&self, module: ModuleId, query: Query, view: &mut View<'_>) -> Found {
        let node = &self.tree.modules[module];
        let found = self.table_lookup(node.file, node.scope, query, view);
        if query.ns == Namespace::Macro && found == Found::No && node.parent.is_none() {
            return self.macros.exported(node.krate, query.name).map_or(Found::No, |def| Found::Yes(Res::Def(def)));
        }
        found
    }

    fn table_lookup(&self, file: FileId, scope: ScopeId, query: Query, view: &mut View<'_>) -> Found {
        let found = self.part_lookup(file, scope, query, view);
        let here = self.module_at(file, scope);
        let Some(included) = self.tree.included.get(&here).filter(|_| found == Found::No) else { return found };
        // `include!`: the module's items stand in several files.
        let node = &self.tree.modules[here];
        let parts: Vec<(FileId, ScopeId)> =
            std::iter::once((node.file, node.scope)).chain(included.iter().map(|file| (*file, ScopeId(0)))).collect();
        if !parts.contains(&(file, scope)) {
            return found;
        }
        let others = parts.into_iter().filter(|part| *part != (file, scope));
        let mut found = others.map(|(file, scope)| self.part_lookup(file, scope, query, view));
        found.find(|found| *found != Found::No).unwrap_or(Found::No)
    }

    fn part_lookup(&self, file: FileId, scope: ScopeId, query: Query, view: &mut View<'_>) -> Found {
        let Some(table) = self.files[file].table(scope) else { return Found::No };
        let here = self.module_at(file, scope);
        let mut never_built = None;
        if let Some(slots) = table.names.get(&query.name) {
            match self.explicit(file, slots, query, (here, view.from)) {
                (found @ (Found::Yes(_) | Found::Likely(_) | Found::Wait | Found::WaitForGlob), _) => return found,
                (Found::No, other) => never_built = other,
            }
        }
        match self.through_globs(file, table, here, query, view) {
            Found::No => never_built.map_or(Found::No, Found::Yes),
            found => found,
        }
    }

    /// The item or import of that name; beside it the item that is never built.
    fn explicit(
        &self,
        file: FileId,
        slots: &Slots,
        query: Query,
        (here, viewer): (ModuleId, Option<ModuleId>),
    ) -> (Found, Option<Res>) {
        let items = &self.facts[file].items;
        let mut never_built = None;
        let id = self.built_with(file, slots.items[slot(query.ns)], query.pass.from);
        if id != NONE && self.is_visible(items[ItemId(id)].visibility, here, viewer) {
            let item = ItemId(id);
            let res = self.item_res(ItemRef { file, item }, query.name);
            if !self.is_never_built(&items[item]) {
                return (Found::Yes(res), None);
            }
            never_built = Some(res);
        }
        let (mut best, mut waits, mut lost) = (Found::No, false, false);
        let (mut best_rank, mut at) = (0, slots.import);
        while at != NONE {
            let import = &self.files[file].imports[at as usize];
            let before = at;
            let asks = query.pass.asker == Asker::Import(file, at);
            at = import.next;
            let several = at != NONE || slots.import != before;
            if asks || !self.is_visible(import.visibility, here, viewer) {
                continue;
            }
            if several && self.is_never_with(&items[import.item], query.pass.from) {
                continue;
            }
            match import.state {
                ImportState::Pending => waits |= query.pass.waits,
                ImportState::Done(found, likely) => {
                    let Some(res) = found[slot(query.ns)] else {
                        // Builds choose, and what the other one has is not known.
                        lost |= found == [None; 3] && import.rank != rank(CfgState::ALWAYS) && import.rank > 2;
                        continue;
                    };
                    let this = if likely { Found::Likely(res) } else { Found::Yes(res) };
                    if best == Found::No || import.rank > best_rank {
                        (best, best_rank) = (this, import.rank);
                    } else if import.rank == best_rank && best.res() != Some(res) {
                        // The chain runs backwards: the first one in the source is met last.
                        best = Found::Likely(res);
                    }
                }
            }
        }
        let found = match best {
            Found::No if waits => Found::Wait,
            Found::Yes(res) if lost => Found::Likely(res),
            found => found,
        };
        (found, never_built)
    }

    /// The item, or another one of its name when no build has this one together with the code of `from`.
    fn built_with(&self, file: FileId, id: u32, from: ModuleId) -> u32 {
        let items = &self.facts[file].items;
        if id == NONE || items[ItemId(id)].cfg.is_none() || !self.is_never_with(&items[ItemId(id)], from) {
            return id;
        }
        let twins = self.files[file].twins.iter().find(|twins| twins.contains(&ItemId(id)));
        let other = twins.into_iter().flatten().find(|twin| !self.is_never_with(&items[**twin], from));
        other.map_or(id, |twin| twin.0)
    }

    /// No build has both the item and the code of a module.
    fn is_never_with(&self, item: &Item, from: ModuleId) -> bool {
        let Some(cfg) = &item.cfg else { return false };
        let modules = std::iter::successors(Some(from), |m| self.tree.modules[*m].parent);
        modules.filter_map(|module| self.tree.modules[module].item).any(|at| {
            let around = &self.facts[at.file].items[at.item].cfg;
            around.as_ref().is_some_and(|around| contradict(cfg, around))
        })
    }

    fn through_globs(&self, file: FileId, table: &Table, here: ModuleId, query: Query, view: &mut View<'_>) -> Found {
        let Query { name, ns, pass } = query;
        let (mut waits, mut foreign) = (false, None);
        for at in &table.globs {
            let glob = &self.files[file].globs[*at as usize];
            if self.is_never_with(&self.facts[file].items[glob.item], pass.from) {
                continue;
            }
            if pass.asker == Asker::Glob(file, *at) || !self.is_visible(glob.visibility, here, view.from) {
                continue;
            }
            let GlobState::Done(target) = glob.state else {
                waits |= pass.waits;
                continue;
            };
            match target {
                Some(Res::Module(module)) if !view.seen.contains(&module) => {
                    view.seen.push(module);
                    let mut inner = View { from: Some(view.from.unwrap_or(here)), seen: view.seen };
                    match self.module_lookup(module, query, &mut inner) {
                        Found::No => {}
                        Found::Wait | Found::WaitForGlob => waits = true,
                        found => return found,
                    }
                }
                Some(Res::Def(def)) if ns != Namespace::Macro => {
                    if let Some(variant) = self.variant(def, name) {
                        return Found::Yes(variant);
                    }
                }
                Some(Res::Foreign(path)) if foreign.is_none() && self.foreign.module_has(path, name) => {
                    foreign = Some(self.foreign.canonical(path.join(name)));
                }
                Some(_) | None => {}
            }
        }
        match foreign {
            _ if waits => Found::WaitForGlob,
            Some(path) => Found::Yes(Res::Foreign(path)),
            None => Found::No,
        }
    }

    /// What an item is under the name by which it was found.
    fn item_res(&self, at: ItemRef, name: Name) -> Res {
        let item = &self.facts[at.file].items[at.item];
        match &item.kind {
            ItemKind::Module(_) => self.tree.of_item.get(&at).map_or(Res::Unknown, |module| Res::Module(*module)),
            ItemKind::Enum(_) | ItemKind::Struct(_) | ItemKind::Trait(_) if item.name != name => {
                Res::Foreign(derived::made_name(&item.kind, name))
            }
            _ => Res::Def(self.def(at.file, at.item)),
        }
    }

    /// What a glob of `viewer` may take from `owner`.
    fn is_visible(&self, visibility: Visibility, owner: ModuleId, viewer: Option<ModuleId>) -> bool {
        let Some(viewer) = viewer else { return true };
        match visibility {
            Visibility::Public => true,
            Visibility::Restricted => self.tree.modules[owner].krate == self.tree.modules[viewer].krate,
            Visibility::Private => {
                std::iter::successors(Some(viewer), |m| self.tree.modules[*m].parent).any(|m| m == owner)
            }
        }
    }
}
