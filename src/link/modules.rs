//! The module tree: crate roots, `mod` declarations, files mounted more than once, files that nothing mounts.
//!
//! A file has one module, made at its first mount; a later mount is another name for that module. A file that nothing
//! mounts is the root of itself and looks names up as if it stood where its path says.
//! Nothing here opens a file: what is missing is listed for the driver to load.

mod files;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::id::Id;
use crate::base::{FileId, IndexVec, Name};
use crate::facts::item::ModItem;
use crate::facts::{FileFacts, ItemId, ItemKind, ScopeId, ScopeKind};
use crate::hir::names::{CfgState, CrateId, ItemRef, ModuleId, Truth};

use super::cfg::{self, Profile};
use super::crates::{self, CrateNode, Layout};
use files::{folder, normal, plain, push, stem};

/// A `mod name;` whose file is not in the layout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingModule {
    /// The file that declares it.
    pub parent: FileId,
    /// Paths relative to the analysis root, best first; `..` at the start is possible.
    pub candidates: Vec<String>,
}

/// A module.
#[derive(Clone, Copy, Debug)]
pub struct ModuleNode {
    /// The crate it belongs to.
    pub krate: CrateId,
    /// The module around it; `None` for a crate root.
    pub parent: Option<ModuleId>,
    /// Its name; the crate's name for a root.
    pub name: Name,
    /// The file of its items.
    pub file: FileId,
    /// The scope of its items.
    pub scope: ScopeId,
    /// The `mod` item that names it, the first of several; `None` for a crate root.
    pub item: Option<ItemRef>,
    /// Its conditions and those of all modules around it.
    pub state: CfgState,
}

/// The module tree.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) crates: IndexVec<CrateId, CrateNode>,
    /// The module at each crate's root file; that of another crate when the file was mounted before.
    pub(super) roots: IndexVec<CrateId, ModuleId>,
    pub(super) modules: IndexVec<ModuleId, ModuleNode>,
    /// The module that each scope of each file belongs to.
    pub(super) of_scope: IndexVec<FileId, Vec<ModuleId>>,
    /// The module that a `mod` item names.
    pub(super) of_item: FxHashMap<ItemRef, ModuleId>,
    pub(super) missing: Vec<MissingModule>,
    /// The files whose items stand in a module by `include!`.
    pub(super) included: FxHashMap<ModuleId, Vec<FileId>>,
}

/// Builds the tree.
pub(super) fn build(layout: &Layout, facts: &IndexVec<FileId, FileFacts>, profile: &Profile) -> Tree {
    let paths = layout.files.iter_ids().map(|(id, file)| (file.path.as_str(), id));
    let mut builder = Builder {
        layout,
        facts,
        profile,
        by_path: paths.collect(),
        mounted: IndexVec::filled(None, facts.len()),
        edges: Vec::new(),
        tree: Tree {
            crates: crates::collect(layout),
            roots: IndexVec::new(),
            modules: IndexVec::new(),
            of_scope: IndexVec::filled(Vec::new(), facts.len()),
            of_item: FxHashMap::default(),
            missing: Vec::new(),
            included: FxHashMap::default(),
        },
    };
    for id in builder.tree.crates.ids() {
        builder.root(id);
    }
    builder.orphans();
    builder.settle_states();
    let mut tree = builder.tree;
    crates::add_root_aliases(&mut tree, facts);
    tree
}

/// How files below a file are found.
#[derive(Clone, Copy)]
enum Style<'a> {
    /// Beside it: roots, `mod.rs`, files named by `#[path]`.
    Beside,
    /// In the folder of this name beside it.
    Folder(&'a str),
}

struct Builder<'a> {
    layout: &'a Layout,
    facts: &'a IndexVec<FileId, FileFacts>,
    profile: &'a Profile,
    by_path: FxHashMap<&'a str, FileId>,
    mounted: IndexVec<FileId, Option<ModuleId>>,
    /// (parent, child, condition), one per mount.
    edges: Vec<(ModuleId, ModuleId, CfgState)>,
    tree: Tree,
}

impl<'a> Builder<'a> {
    fn root(&mut self, id: CrateId) {
        let (file, name) = (self.tree.crates[id].root, self.tree.crates[id].name);
        let module = match self.mounted.get(file) {
            Some(Some(module)) => *module,
            Some(None) | None => self.mount(file, id, None, name, Style::Beside),
        };
        self.tree.roots.push(module);
    }

    /// Makes the module of a file and everything below it.
    fn mount(
        &mut self,
        file: FileId,
        krate: CrateId,
        parent: Option<ModuleId>,
        name: Name,
        style: Style<'a>,
    ) -> ModuleId {
        let node = ModuleNode { krate, parent, name, file, scope: ScopeId(0), item: None, state: CfgState::ALWAYS };
        let module = self.tree.modules.push(node);
        self.fill(file, krate, module, style);
        module
    }

    /// Makes the modules inside a file whose own items stand in `module`.
    fn fill(&mut self, file: FileId, krate: CrateId, module: ModuleId, style: Style<'a>) {
        self.mounted[file] = Some(module);
        let Some(facts) = self.facts.get(file) else { return };
        let node =
            |parent, name, scope| ModuleNode { krate, parent, name, file, scope, item: None, state: CfgState::ALWAYS };
        let mut of_scope: Vec<ModuleId> = Vec::with_capacity(facts.scopes.len());
        for (id, scope) in facts.scopes.iter_ids() {
            let around = scope.parent.and_then(|p| of_scope.get(p.index())).copied().unwrap_or(module);
            of_scope.push(match scope.kind {
                ScopeKind::Module(item) => {
                    let inner = self.tree.modules.push(node(Some(around), facts.items[item].name, id));
                    self.declare(ItemRef { file, item }, around, inner);
                    inner
                }
                ScopeKind::File | ScopeKind::Block | ScopeKind::Generics(_) => around,
            });
        }
        let declared = files_declared(facts);
        for (item, module_item) in declared {
            let around = of_scope[facts.items[item].scope.index()];
            self.mount_declared(ItemRef { file, item }, module_item, krate, around, style);
        }
        self.tree.of_scope[file] = of_scope;
    }

    /// `include!`: the file is another part of the module around, unless it is the root of a target.
    fn include(&mut self, file: FileId, krate: CrateId, around: ModuleId) {
        self.tree.included.entry(around).or_default().push(file);
        let is_root = self.tree.crates.iter().any(|c| c.root == file);
        if self.mounted[file].is_none() && !is_root {
            self.fill(file, krate, around, Style::Beside);
        }
    }

    fn mount_declared(&mut self, at: ItemRef, item: &'a ModItem, krate: CrateId, around: ModuleId, style: Style<'a>) {
        let candidates = self.candidates(at, item, style);
        let Some(child) = self.find(&candidates) else {
            self.tree.missing.push(MissingModule { parent: at.file, candidates });
            return;
        };
        if item.included {
            self.include(child, krate, around);
            return;
        }
        let name = self.facts[at.file].items[at.item].name;
        let module = match self.mounted[child] {
            Some(module) => module,
            None => {
                let style = if item.path_attr.is_some() { Style::Beside } else { self.style_of(child) };
                self.mount(child, krate, Some(around), name, style)
            }
        };
        self.declare(at, around, module);
    }

    fn declare(&mut self, at: ItemRef, around: ModuleId, module: ModuleId) {
        let mut own = self.profile.optional(self.facts[at.file].items[at.item].cfg.as_ref());
        own.test |= helps_tests(self.tree.modules[module].name.as_str());
        self.tree.of_item.insert(at, module);
        self.tree.modules[module].item.get_or_insert(at);
        self.edges.push((around, module, own));
    }

    /// `mod.rs` has its children beside it, `name.rs` in the folder `name`.
    fn style_of(&self, file: FileId) -> Style<'a> {
        match stem(&self.layout.files[file].path) {
            "mod" => Style::Beside,
            stem => Style::Folder(stem),
        }
    }

    fn find(&self, candidates: &[String]) -> Option<FileId> {
        candidates.iter().find_map(|c| self.by_path.get(c.as_str())).copied()
    }

    /// Where the file of a `mod name;` may lie, as rustc's `mod_dir_path` has it.
    fn candidates(&self, at: ItemRef, item: &ModItem, style: Style<'_>) -> Vec<String> {
        let facts = &self.facts[at.file];
        let mut dir = folder(&self.layout.files[at.file].path).to_owned();
        if let Some(path) = item.path_attr.as_ref().filter(|_| item.included) {
            return vec![normal(&format!("{dir}/{path}"))];
        }
        let mut own_folder = match style {
            Style::Beside => None,
            Style::Folder(name) => Some(name),
        };
        for inline in inline_modules(facts, facts.items[at.item].scope) {
            let path = match &facts.items[inline].kind {
                ItemKind::Module(item) => item.path_attr.as_deref(),
                _ => None,
            };
            match path {
                // The attribute of an inline module names a folder.
                Some(path) => {
                    own_folder = None;
                    push(&mut dir, path);
                }
                None => {
                    own_folder.take().into_iter().for_each(|name| push(&mut dir, name));
                    push(&mut dir, plain(facts.items[inline].name));
                }
            }
        }
        if let Some(path) = &item.path_attr {
            return vec![normal(&format!("{dir}/{path}"))];
        }
        own_folder.into_iter().for_each(|name| push(&mut dir, name));
        let name = plain(facts.items[at.item].name);
        vec![normal(&format!("{dir}/{name}.rs")), normal(&format!("{dir}/{name}/mod.rs"))]
    }

    /// Files that no target reaches: first those that no other of them names, in the order of their paths.
    fn orphans(&mut self) {
        let mut named: FxHashSet<FileId> = FxHashSet::default();
        for file in self.facts.ids().filter(|f| self.mounted[*f].is_none()) {
            let style = self.lone_style(file);
            for (item, module) in files_declared(&self.facts[file]) {
                let candidates = self.candidates(ItemRef { file, item }, module, style);
                named.extend(self.find(&candidates).filter(|child| *child != file));
            }
        }
        let (second, first): (Vec<FileId>, Vec<FileId>) = self.facts.ids().partition(|f| named.contains(f));
        for file in first.into_iter().chain(second) {
            if self.mounted[file].is_none() {
                self.orphan(file);
            }
        }
    }

    fn orphan(&mut self, file: FileId) {
        let style = self.lone_style(file);
        let path = &self.layout.files[file].path;
        let name = match stem(path) {
            "mod" | "lib" | "main" if path.contains('/') => stem(folder(path)),
            stem => stem,
        };
        let name = Name::new(&name.replace('-', "_"));
        if let Some(parent) = self.parent_by_path(file) {
            let krate = self.tree.modules[parent].krate;
            let module = self.mount(file, krate, Some(parent), name, style);
            self.edges.push((parent, module, CfgState::ALWAYS));
            return;
        }
        let package = self.layout.files[file].package;
        let node = crates::orphan(self.layout, &self.tree.crates, package, name, file);
        let krate = self.tree.crates.push(node);
        let module = self.mount(file, krate, None, name, style);
        self.tree.roots.push(module);
    }

    fn lone_style(&self, file: FileId) -> Style<'a> {
        match stem(&self.layout.files[file].path) {
            "mod" | "lib" | "main" => Style::Beside,
            stem => Style::Folder(stem),
        }
    }

    /// The module below which a file would stand if something declared it.
    fn parent_by_path(&self, file: FileId) -> Option<ModuleId> {
        let path = &self.layout.files[file].path;
        let mut dir = folder(path);
        let mut candidates = Vec::new();
        if stem(path) == "mod" {
            dir = dir.rsplit_once('/')?.0;
        } else {
            candidates.push(format!("{dir}/mod.rs"));
        }
        candidates.extend([format!("{dir}.rs"), format!("{dir}/lib.rs"), format!("{dir}/main.rs")]);
        let package = self.layout.files[file].package;
        let found = candidates.iter().filter_map(|c| self.by_path.get(normal(c).as_str()));
        let mut found = found.filter(|f| **f != file && self.layout.files[**f].package == package);
        found.find_map(|f| self.mounted[*f])
    }

    /// A module is test code, or never built, when each of its mounts is.
    fn settle_states(&mut self) {
        let count = self.tree.modules.len();
        let mut states: IndexVec<ModuleId, CfgState> =
            IndexVec::filled(CfgState { truth: Truth::False, test: true }, count);
        let mut below: IndexVec<ModuleId, Vec<(ModuleId, CfgState)>> = IndexVec::filled(Vec::new(), count);
        for (parent, child, state) in &self.edges {
            below[*parent].push((*child, *state));
        }
        let mut open: Vec<(ModuleId, CfgState)> = Vec::new();
        for (id, root) in self.tree.roots.iter_ids() {
            let krate = &self.tree.crates[id];
            let test = krate.kind.is_test() || lies_in_tests(self.layout, krate.package, krate.root);
            open.push((*root, CfgState { truth: Truth::True, test }));
        }
        while let Some((module, around)) = open.pop() {
            let node = self.tree.modules[module];
            let inner = if node.scope == ScopeId(0) { self.inner_state(node.file) } else { CfgState::ALWAYS };
            let new = around.and(inner);
            let old = states[module];
            let merged = CfgState { truth: old.truth.max(new.truth), test: old.test && new.test };
            if merged != old {
                states[module] = merged;
                open.extend(below[module].iter().map(|(child, edge)| (*child, merged.and(*edge))));
            }
        }
        for id in self.tree.modules.ids() {
            self.tree.modules[id].state = states[id];
        }
    }

    /// `#![cfg(..)]` of a file.
    fn inner_state(&self, file: FileId) -> CfgState {
        let Some(facts) = self.facts.get(file) else { return CfgState::ALWAYS };
        let cfgs = facts.attrs.iter().filter(|a| facts.paths.paths[a.path].last() == "cfg");
        let states = cfgs.filter_map(|a| cfg::parse(&a.args)).map(|cfg| self.profile.state(&cfg));
        states.fold(CfgState::ALWAYS, CfgState::and)
    }
}

/// A lone root in `tests/`, `benches/` or `examples/` of its package, or a package that lies there.
fn lies_in_tests(layout: &Layout, package: usize, file: FileId) -> bool {
    if layout.packages.get(package).is_some_and(|p| p.is_for_tests) {
        return true;
    }
    let dir = layout.packages.get(package).map_or("", |p| p.dir.as_str());
    let path = layout.files.get(file).map_or("", |f| f.path.as_str());
    let inside = path.strip_prefix(dir).unwrap_or(path).trim_start_matches('/');
    ["tests/", "benches/", "examples/"].iter().any(|folder| inside.starts_with(folder))
}

/// `mod name;` items, in source order.
fn files_declared(facts: &FileFacts) -> impl Iterator<Item = (ItemId, &ModItem)> {
    facts.items.iter_ids().filter_map(|(id, item)| match &item.kind {
        ItemKind::Module(module) if module.inline.is_none() => Some((id, module)),
        _ => None,
    })
}

/// The inline modules around a scope, outermost first.
fn inline_modules(facts: &FileFacts, scope: ScopeId) -> Vec<ItemId> {
    let chain = std::iter::successors(Some(scope), |s| facts.scopes[*s].parent);
    let mut items: Vec<ItemId> = chain
        .filter_map(|s| match facts.scopes[s].kind {
            ScopeKind::Module(item) => Some(item),
            ScopeKind::File | ScopeKind::Block | ScopeKind::Generics(_) => None,
        })
        .collect();
    items.reverse();
    items
}

/// A module that says that it helps tests, whether a build without tests has it or not: other crates' tests may want it too.
fn helps_tests(name: &str) -> bool {
    matches!(
        name,
        "test_util" | "test_utils" | "testutil" | "testutils" | "test_helper" | "test_helpers" | "test_support"
    )
}
