//! `Names`: what every path of the program names, and where every item stands.
//!
//! Built once from the layout, the facts of all files and what the catalogue says about other crates; then only read,
//! from many threads. It knows nothing of types, calls or rules.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::base::id::Id;
use crate::base::{FileId, IndexVec, Name};
use crate::facts::{Cfg, FileFacts, Item, ItemId, ItemKind, Path, ScopeId, TypeExpr};
use crate::hir::names::{
    BodyId, BodyRef, CfgState, CrateId, CrateKind, DefId, EntryAttr, ImplInfo, ItemRef, ModuleId, Namespace, Res,
    Resolution, Truth, TypeHead,
};

use super::cfg::Profile;
use super::crates::Layout;
use super::defs::{FileNames, Numbers};
use super::foreign::ForeignNames;
use super::impls::Impls;
use super::macros::Macros;
use super::modules::{self, MissingModule, ModuleNode, Tree};
use super::published::Published;
use super::resolve::{Site, Steps, Walk};
use super::tables::Pass;
use super::{imports, published, twins};

/// All names.
pub struct Names {
    pub(super) facts: Arc<IndexVec<FileId, FileFacts>>,
    pub(super) foreign: Arc<dyn ForeignNames>,
    pub(super) profile: Profile,
    pub(super) numbers: Numbers,
    pub(super) tree: Tree,
    pub(super) files: IndexVec<FileId, FileNames>,
    pub(super) macros: Macros,
    pub(super) aliases: FxHashMap<DefId, Res>,
    pub(super) impls: Impls,
    states: Vec<CfgState>,
    pub(super) twins: FxHashMap<DefId, Box<[DefId]>>,
    pub(super) published: Published,
    entries: FxHashMap<DefId, EntryAttr>,
}

/// The `mod` declarations whose files are not in the layout: load them, extract them, then ask again.
pub fn missing_modules(layout: &Layout, facts: &IndexVec<FileId, FileFacts>) -> Vec<MissingModule> {
    modules::build(layout, facts, &Profile::default()).missing
}

impl Names {
    /// Links the names of all files.
    pub fn build(
        layout: &Layout,
        facts: Arc<IndexVec<FileId, FileFacts>>,
        foreign: Arc<dyn ForeignNames>,
        profile: Profile,
    ) -> Self {
        let (numbers, (tree, files)) = rayon::join(
            || Numbers::new(&facts),
            || {
                rayon::join(
                    || modules::build(layout, &facts, &profile),
                    || facts.as_slice().par_iter().map(|f| FileNames::build(f, &profile)).collect::<Vec<_>>(),
                )
            },
        );
        let files = IndexVec::from_vec(files);
        let macros = Macros::collect(&facts, &files, &tree, &numbers);
        let mut names = Self {
            facts,
            foreign,
            profile,
            numbers,
            tree,
            files,
            macros,
            aliases: FxHashMap::default(),
            impls: Impls::default(),
            states: Vec::new(),
            twins: FxHashMap::default(),
            published: Published::default(),
            entries: FxHashMap::default(),
        };
        imports::settle(&mut names);
        names.published = published::collect(&names);
        names.settle_states();
        names.index_items();
        names
    }

    /// Aliases first: impl headers are written with them.
    fn index_items(&mut self) {
        let files: Vec<FileId> = self.facts.ids().collect();
        let this = &*self;
        let aliases: Vec<Vec<(DefId, Res)>> = files.par_iter().map(|file| this.file_aliases(*file)).collect();
        self.aliases = aliases.into_iter().flatten().collect();
        let this = &*self;
        let impls = files.par_iter().map(|file| this.file_impls(*file)).collect();
        self.impls = Impls::collect(impls);
        let this = &*self;
        let entries: Vec<Vec<(DefId, EntryAttr)>> = files.par_iter().map(|file| this.file_entries(*file)).collect();
        self.entries = entries.into_iter().flatten().collect();
        self.spread_tests();
        self.twins = twins::collect(self);
    }

    fn file_aliases(&self, file: FileId) -> Vec<(DefId, Res)> {
        let facts = &self.facts[file];
        let aliases = facts.items.iter_ids().filter_map(|(id, item)| {
            let ItemKind::TypeAlias(data) = &item.kind else { return None };
            let Some(TypeExpr::Path(ty)) = &data.ty else { return None };
            let resolution = self.resolve(file, &facts.paths.paths[ty.path], Namespace::Type);
            let settled = resolution.rest == 0 && resolution.res != Res::Unknown;
            settled.then(|| (self.def(file, id), resolution.res))
        });
        aliases.collect()
    }

    fn file_entries(&self, file: FileId) -> Vec<(DefId, EntryAttr)> {
        let with_attrs = self.facts[file].items.iter_ids().filter(|(_, item)| !item.attrs.is_empty());
        let defs = with_attrs.map(|(id, _)| self.def(file, id));
        defs.filter_map(|def| Some((def, self.read_entry(def)?))).collect()
    }

    /// Conditions of all items, with those of everything around them.
    fn settle_states(&mut self) {
        let files: Vec<FileId> = self.facts.ids().collect();
        let this = &*self;
        let states: Vec<Vec<CfgState>> = files.par_iter().map(|file| this.file_states(*file)).collect();
        self.states = states.into_iter().flatten().collect();
    }

    fn file_states(&self, file: FileId) -> Vec<CfgState> {
        let facts = &self.facts[file];
        let mut states: Vec<CfgState> = Vec::with_capacity(facts.items.len());
        // Items that end after the current one begins are around it.
        let mut around: Vec<(u32, CfgState)> = Vec::new();
        for item in facts.items.iter() {
            around.retain(|(end, _)| *end >= item.span.1 && *end > item.span.0);
            let module = self.tree.modules[self.module_at(file, item.scope)].state;
            let outer = around.last().map_or(module, |(_, state)| *state);
            let state = outer.and(module).and(self.profile.optional(item.cfg.as_ref()));
            states.push(state);
            if matches!(item.kind, ItemKind::Fn(_) | ItemKind::Impl(_) | ItemKind::Trait(_)) {
                around.push((item.span.1, state));
            }
        }
        states
    }

    /// Test functions, and what is written inside them, are test code.
    fn spread_tests(&mut self) {
        for file in self.facts.ids() {
            let mut end = 0;
            for (id, item) in self.facts[file].items.iter_ids() {
                let def = self.def(file, id);
                let is_test = self.entries.get(&def).is_some_and(|e| e.kind == crate::hir::names::EntryKind::Test);
                if is_test {
                    end = end.max(item.span.1);
                }
                if is_test || item.span.1 <= end {
                    self.states[def.index()].test = true;
                }
            }
        }
    }

    /// What a path of this file names.
    pub fn resolve(&self, file: FileId, path: &Path, ns: Namespace) -> Resolution {
        let pass = Pass::last(self.module_at(file, path.scope));
        let site = Site { file, scope: path.scope, pass };
        match self.walk(site, Steps { global: path.global, segments: &path.segments }, ns) {
            Walk::Wait => Resolution::UNKNOWN,
            Walk::Done(resolution) => resolution,
        }
    }

    /// The item behind an alias and its aliases; the alias itself when it leads nowhere.
    pub fn follow_alias(&self, def: DefId) -> Res {
        let mut res = Res::Def(def);
        for _ in 0..8 {
            let Res::Def(at) = res else { break };
            let Some(next) = self.aliases.get(&at) else { break };
            res = *next;
        }
        res
    }

    /// The outermost part of a type written in an item header of `file`, references looked through; true for a reference.
    pub fn head_of(&self, file: FileId, ty: &TypeExpr) -> (TypeHead, bool) {
        self.type_head(file, ty)
    }

    /// The global number of an item.
    pub fn def(&self, file: FileId, item: ItemId) -> DefId {
        self.numbers.def(ItemRef { file, item })
    }

    /// Where an item stands.
    pub fn item_ref(&self, def: DefId) -> ItemRef {
        self.numbers.item(def)
    }

    /// The item.
    pub fn item(&self, def: DefId) -> &Item {
        let at = self.numbers.item(def);
        &self.facts[at.file].items[at.item]
    }

    /// All items.
    pub fn defs(&self) -> impl ExactSizeIterator<Item = DefId> + use<> {
        (0..self.numbers.def_count()).map(DefId::from_index)
    }

    /// The global number of a body.
    pub fn body(&self, at: BodyRef) -> BodyId {
        self.numbers.body(at)
    }

    /// Where a body stands.
    pub fn body_ref(&self, body: BodyId) -> BodyRef {
        self.numbers.body_ref(body)
    }

    /// All bodies.
    pub fn bodies(&self) -> impl ExactSizeIterator<Item = BodyId> + use<> {
        (0..self.numbers.body_count()).map(BodyId::from_index)
    }

    /// The item that a body belongs to.
    pub fn body_owner(&self, body: BodyId) -> DefId {
        let at = self.numbers.body_ref(body);
        self.def(at.file, self.facts[at.file].bodies[at.body].owner)
    }

    /// The facts of all files.
    pub fn facts(&self) -> &IndexVec<FileId, FileFacts> {
        &self.facts
    }

    /// The impl or trait that holds an item.
    pub fn parent(&self, def: DefId) -> Option<DefId> {
        let at = self.numbers.item(def);
        self.facts[at.file].items[at.item].parent.map(|parent| self.def(at.file, parent))
    }

    /// The module in which an item is declared.
    pub fn module_of(&self, def: DefId) -> ModuleId {
        let at = self.numbers.item(def);
        self.module_at(at.file, self.facts[at.file].items[at.item].scope)
    }

    /// The module that a scope belongs to.
    pub fn module_of_scope(&self, file: FileId, scope: ScopeId) -> ModuleId {
        self.module_at(file, scope)
    }

    /// A module.
    pub fn module(&self, module: ModuleId) -> &ModuleNode {
        &self.tree.modules[module]
    }

    /// All crates in the order in which files got their first mount, lone files last.
    pub fn crates(&self) -> impl ExactSizeIterator<Item = CrateId> + use<> {
        (0..self.tree.crates.len()).map(CrateId::from_index)
    }

    /// What a crate is built as, its name, the position of its package, and its root module.
    pub fn krate(&self, krate: CrateId) -> (CrateKind, Name, usize, ModuleId) {
        let node = &self.tree.crates[krate];
        (node.kind, node.name, node.package, self.tree.roots[krate])
    }

    /// The crate in which an item is declared (of its file's first mount).
    pub fn crate_of(&self, def: DefId) -> CrateId {
        self.tree.modules[self.module_of(def)].krate
    }

    /// The conditions of an item and of everything around it.
    pub fn state(&self, def: DefId) -> CfgState {
        self.states.get(def.index()).copied().unwrap_or(CfgState::ALWAYS)
    }

    /// True for test code.
    pub fn is_test(&self, def: DefId) -> bool {
        self.state(def).test
    }

    /// True for a file whose mounts are all test code.
    pub fn is_test_file(&self, file: FileId) -> bool {
        self.tree.of_scope[file].first().is_some_and(|module| self.tree.modules[*module].state.test)
    }

    /// The alternatives of a name: items of the same name and place for other builds, `def` among them, in order.
    /// Empty when there is one only. None of them is never built; test code is among them only when `def` is test code.
    pub fn twins(&self, def: DefId) -> &[DefId] {
        self.twins.get(&def).map_or(&[], |t| &t[..])
    }

    /// What the attributes make of a function.
    pub fn entry_attr(&self, def: DefId) -> Option<&EntryAttr> {
        self.entries.get(&def)
    }

    /// Facts about an impl.
    pub fn impl_info(&self, def: DefId) -> Option<&ImplInfo> {
        self.impls.info(def)
    }

    /// Functions and constants called `name` in the impls of a type: inherent ones first.
    pub fn inherent_or_trait_fns(&self, head: TypeHead, name: Name) -> &[DefId] {
        self.impls.members(head, name)
    }

    /// The default method that a type gets from the one workspace trait it implements that has it.
    pub fn default_method(&self, head: TypeHead, name: Name) -> Option<DefId> {
        self.default_member(head, name)
    }

    /// All impls of a trait, `Def` or `Foreign`.
    pub fn impls_of_trait(&self, trait_: Res) -> &[DefId] {
        self.impls.of_trait(trait_)
    }

    /// All impls for a type.
    pub fn impls_of_head(&self, head: TypeHead) -> &[DefId] {
        self.impls.of_head(head)
    }

    /// The function or constant of a trait, or of its supertraits, by name.
    pub fn trait_method(&self, trait_: DefId, name: Name) -> Option<DefId> {
        match self.trait_item(trait_, name, Namespace::Value) {
            Some(Res::Def(def)) => Some(def),
            _ => None,
        }
    }

    /// The member of an impl by name.
    pub fn impl_member(&self, impl_: DefId, name: Name) -> Option<DefId> {
        let at = self.item_ref(impl_);
        let ItemKind::Impl(data) = &self.item(impl_).kind else { return None };
        let all = &self.facts[at.file].items;
        let found = data.items.iter().find(|id| all[**id].name == name);
        found.map(|id| self.def(at.file, *id))
    }

    /// The value of a condition.
    pub fn cfg(&self, cfg: &Cfg) -> CfgState {
        self.profile.state(cfg)
    }

    /// The value of an item's own condition.
    pub(super) fn own_truth(&self, item: &Item) -> Truth {
        self.profile.optional(item.cfg.as_ref()).truth
    }

    pub(super) fn is_never_built(&self, item: &Item) -> bool {
        item.cfg.is_some() && self.own_truth(item) == Truth::False
    }

    /// Has a condition of its own, or its impl has one.
    pub(super) fn is_conditional(&self, def: DefId) -> bool {
        self.item(def).cfg.is_some() || self.parent(def).is_some_and(|p| self.item(p).cfg.is_some())
    }
}
