//! Global numbers of items and bodies, and the table of each scope: which name stands for which item or import.
//!
//! Tables are made file by file from that file alone; only the conditions of twins are weighed against each other.
//! Imports stand in the tables unresolved.

use rustc_hash::FxHashMap;

use crate::base::id::Id;
use crate::base::{FileId, IndexVec, Name};
use crate::facts::item::{Item, UseBinding, Visibility};
use crate::facts::{BodyIx, FileFacts, ItemId, ItemKind, PathId, ScopeId, ScopeKind};
use crate::hir::names::{BodyId, BodyRef, CfgState, DefId, ItemRef, Namespace, Res, Truth};

use super::cfg::Profile;
use super::derived;

/// Position of a namespace in an array.
pub(super) fn slot(ns: Namespace) -> usize {
    match ns {
        Namespace::Type => 0,
        Namespace::Value => 1,
        Namespace::Macro => 2,
    }
}

pub(super) const NONE: u32 = u32::MAX;

/// Items and bodies numbered file by file.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    first_def: Vec<u32>,
    first_body: Vec<u32>,
    file_of_def: Vec<FileId>,
    file_of_body: Vec<FileId>,
}

impl Numbers {
    pub(super) fn new(facts: &IndexVec<FileId, FileFacts>) -> Self {
        let mut numbers = Self::default();
        for (id, file) in facts.iter_ids() {
            numbers.first_def.push(numbers.file_of_def.len() as u32);
            numbers.first_body.push(numbers.file_of_body.len() as u32);
            numbers.file_of_def.extend(std::iter::repeat_n(id, file.items.len()));
            numbers.file_of_body.extend(std::iter::repeat_n(id, file.bodies.len()));
        }
        numbers
    }

    pub(super) fn def(&self, at: ItemRef) -> DefId {
        DefId(self.first_def[at.file.index()] + at.item.0)
    }

    pub(super) fn item(&self, def: DefId) -> ItemRef {
        let file = self.file_of_def[def.index()];
        ItemRef { file, item: ItemId(def.0 - self.first_def[file.index()]) }
    }

    pub(super) fn body(&self, at: BodyRef) -> BodyId {
        BodyId(self.first_body[at.file.index()] + at.body.0)
    }

    pub(super) fn body_ref(&self, body: BodyId) -> BodyRef {
        let file = self.file_of_body[body.index()];
        BodyRef { file, body: BodyIx(body.0 - self.first_body[file.index()]) }
    }

    pub(super) fn def_count(&self) -> usize {
        self.file_of_def.len()
    }

    pub(super) fn body_count(&self) -> usize {
        self.file_of_body.len()
    }
}

/// What a name stands for in one scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slots {
    /// The best item per namespace, or `NONE`.
    pub(super) items: [u32; 3],
    /// The first import of that name, or `NONE`; further ones hang on `Import::next`.
    pub(super) import: u32,
}

const EMPTY: Slots = Slots { items: [NONE; 3], import: NONE };

/// The names of one scope.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) names: FxHashMap<Name, Slots>,
    /// Positions in `FileNames::globs`.
    pub(super) globs: Vec<u32>,
    /// Holds an item macro that is not understood, which may define anything.
    pub(super) opaque: bool,
}

/// What an import asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    /// A path of the file's table.
    Path(PathId),
    /// `extern crate name`.
    Crate(Name),
}

/// What an import found, per namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ImportState {
    /// Not looked up yet, or waiting for another import.
    Pending,
    /// Settled; all `None` when it names nothing that is visible. True when builds differ.
    Done([Option<Res>; 3], bool),
}

/// A named import.
#[derive(Clone, Copy, Debug)]
pub(super) struct Import {
    pub(super) item: ItemId,
    pub(super) scope: ScopeId,
    pub(super) wanted: Wanted,
    pub(super) next: u32,
    pub(super) rank: u8,
    pub(super) visibility: Visibility,
    pub(super) state: ImportState,
}

/// What a glob import opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum GlobState {
    /// Not looked up yet, or waiting for another import.
    Pending,
    /// A module, an enum, or something foreign; `None` when it names nothing that is visible.
    Done(Option<Res>),
}

/// A glob import.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glob {
    pub(super) item: ItemId,
    pub(super) path: PathId,
    pub(super) visibility: Visibility,
    pub(super) state: GlobState,
}

/// The names of one file.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    /// Position in `tables` per scope, or `NONE`.
    table_of: Vec<u32>,
    tables: Vec<Table>,
    pub(super) imports: Vec<Import>,
    pub(super) globs: Vec<Glob>,
    /// Items of one scope, namespace and name, when there is more than one; in source order.
    pub(super) twins: Vec<Vec<ItemId>>,
    /// `macro_rules` of the file.
    pub(super) macros: Vec<ItemId>,
}

impl FileNames {
    pub(super) fn table(&self, scope: ScopeId) -> Option<&Table> {
        let at = *self.table_of.get(scope.index())?;
        self.tables.get(at as usize)
    }

    pub(super) fn build(facts: &FileFacts, profile: &Profile) -> Self {
        let mut names = Self { table_of: vec![NONE; facts.scopes.len()], ..Self::default() };
        let mut found: FxHashMap<(ScopeId, Name, usize), usize> = FxHashMap::default();
        for (id, scope) in facts.scopes.iter_ids() {
            match scope.kind {
                ScopeKind::Generics(_) => continue,
                ScopeKind::Block if scope.items.is_empty() => continue,
                ScopeKind::File | ScopeKind::Module(_) | ScopeKind::Block => {}
            }
            names.table_of[id.index()] = names.tables.len() as u32;
            let mut table = Table::default();
            table.names.reserve(scope.items.len());
            for item in &scope.items {
                names.enter(facts, profile, id, *item, &mut table, &mut found);
            }
            names.tables.push(table);
        }
        names
    }

    fn enter(
        &mut self,
        facts: &FileFacts,
        profile: &Profile,
        scope: ScopeId,
        id: ItemId,
        table: &mut Table,
        found: &mut FxHashMap<(ScopeId, Name, usize), usize>,
    ) {
        let item = &facts.items[id];
        let rank = rank(profile.optional(item.cfg.as_ref()));
        let import = |wanted| Import {
            item: id,
            scope,
            wanted,
            next: NONE,
            rank,
            visibility: item.visibility,
            state: ImportState::Pending,
        };
        match &item.kind {
            ItemKind::Use(used) => match used.binding {
                UseBinding::Name(name) => self.import(table, name, import(Wanted::Path(used.path))),
                UseBinding::Anonymous => {}
                UseBinding::Glob => {
                    let (path, visibility) = (used.path, item.visibility);
                    table.globs.push(self.globs.len() as u32);
                    self.globs.push(Glob { item: id, path, visibility, state: GlobState::Pending });
                }
            },
            ItemKind::ExternCrate(used) => self.import(table, used.alias, import(Wanted::Crate(used.krate))),
            ItemKind::Impl(_) => {}
            ItemKind::Other => table.opaque = true,
            ItemKind::Fn(_)
            | ItemKind::Struct(_)
            | ItemKind::Enum(_)
            | ItemKind::Trait(_)
            | ItemKind::TypeAlias(_)
            | ItemKind::Const(_)
            | ItemKind::Module(_)
            | ItemKind::MacroRules(_) => {
                if matches!(item.kind, ItemKind::MacroRules(_)) {
                    self.macros.push(id);
                }
                for (name, ns) in declared(facts, item) {
                    let slots = table.names.entry(name).or_insert(EMPTY);
                    let at = slot(ns);
                    let old = slots.items[at];
                    if old == NONE {
                        slots.items[at] = id.0;
                        continue;
                    }
                    let twins = *found.entry((scope, name, at)).or_insert_with(|| {
                        self.twins.push(vec![ItemId(old)]);
                        self.twins.len() - 1
                    });
                    self.twins[twins].push(id);
                    let old = profile.optional(facts.items[ItemId(old)].cfg.as_ref());
                    if rank > self::rank(old) {
                        slots.items[at] = id.0;
                    }
                }
                derived_names(facts, id, table);
            }
        }
    }

    fn import(&mut self, table: &mut Table, name: Name, mut import: Import) {
        let slots = table.names.entry(name).or_insert(EMPTY);
        import.next = slots.import;
        slots.import = self.imports.len() as u32;
        self.imports.push(import);
    }
}

/// Names that a derive makes stand for the item that has it, until a real item takes them.
fn derived_names(facts: &FileFacts, id: ItemId, table: &mut Table) {
    for name in derived::beside(facts, &facts.items[id]) {
        let slots = table.names.entry(name).or_insert(EMPTY);
        for at in [slot(Namespace::Type), slot(Namespace::Value)] {
            if slots.items[at] == NONE {
                slots.items[at] = id.0;
            }
        }
    }
}

/// Higher is better: built code before unknown, production before tests, never-built last.
pub(super) fn rank(state: CfgState) -> u8 {
    match (state.truth, state.test) {
        (Truth::False, _) => 0,
        (Truth::Unknown, true) => 1,
        (Truth::True, true) => 2,
        (Truth::Unknown, false) => 3,
        (Truth::True, false) => 4,
    }
}

/// The names that an item declares in its scope.
fn declared(facts: &FileFacts, item: &Item) -> impl Iterator<Item = (Name, Namespace)> {
    let mut names = [None; 3];
    match &item.kind {
        ItemKind::Fn(_) => {
            names[0] = Some((item.name, Namespace::Value));
            names[1] = proc_macro_name(facts, item).map(|name| (name, Namespace::Macro));
        }
        ItemKind::Const(_) => names[0] = Some((item.name, Namespace::Value)),
        ItemKind::Struct(data) => {
            names[0] = Some((item.name, Namespace::Type));
            if data.tuple || data.fields.is_empty() {
                names[1] = Some((item.name, Namespace::Value));
            }
        }
        ItemKind::Module(module) if module.included => {}
        ItemKind::Enum(_) | ItemKind::Trait(_) | ItemKind::TypeAlias(_) | ItemKind::Module(_) => {
            names[0] = Some((item.name, Namespace::Type));
        }
        ItemKind::MacroRules(_) => names[0] = Some((item.name, Namespace::Macro)),
        ItemKind::Impl(_) | ItemKind::Use(_) | ItemKind::ExternCrate(_) | ItemKind::Other => {}
    }
    names.into_iter().flatten()
}

/// The macro that a function of a procedural macro crate defines.
fn proc_macro_name(facts: &FileFacts, item: &Item) -> Option<Name> {
    item.attrs.iter().find_map(|attr| match facts.paths.paths[attr.path].last().as_str() {
        "proc_macro" | "proc_macro_attribute" => Some(item.name),
        "proc_macro_derive" => Some(Name::new(attr.args.split(',').next()?.trim())),
        _ => None,
    })
}
