//! What every pass over types reads: facts, names, the catalogue and the packages, with the questions they are asked most.

use crate::base::{FileId, IndexVec, Name};
use crate::catalog::Catalog;
use crate::facts::item::{UseBinding, Visibility};
use crate::facts::{FileFacts, Item, ItemId, ItemKind};
use crate::hir::names::{BodyId, BodyRef, CrateKind, DefId, EntryAttr, Namespace, Res, Truth, TypeHead};
use crate::link::declared::Declared;
use crate::link::names::Names;
use crate::source::Sources;

/// Facts, names, catalogue and packages.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Facts of all files.
    pub facts: &'a IndexVec<FileId, FileFacts>,
    /// Resolved names.
    pub names: &'a Names,
    /// The catalogue.
    pub catalog: &'static Catalog,
    /// Files and packages.
    pub sources: &'a Sources,
    /// What the configuration says about items of the workspace.
    pub declared: &'a Declared,
}

impl<'a> World<'a> {
    /// The item behind a global id, and its file.
    pub fn item(&self, def: DefId) -> (FileId, &'a Item) {
        let at = self.names.item_ref(def);
        (at.file, &self.facts[at.file].items[at.item])
    }

    /// The global id of an item.
    pub fn def(&self, file: FileId, item: ItemId) -> DefId {
        self.names.def(file, item)
    }

    /// The body of a fn.
    pub fn body_of(&self, def: DefId) -> Option<BodyId> {
        let (file, item) = self.item(def);
        match &item.kind {
            ItemKind::Fn(f) => f.body.map(|body| self.names.body(BodyRef { file, body })),
            _ => None,
        }
    }

    /// The fn of a body; `None` for constants.
    pub fn fn_of(&self, body: BodyId) -> Option<DefId> {
        let def = self.names.body_owner(body);
        matches!(self.item(def).1.kind, ItemKind::Fn(_)).then_some(def)
    }

    /// Functions called `name` of a workspace type: inherent, then of traits, then defaults.
    pub fn fn_of_type(&self, def: DefId, name: Name) -> Option<DefId> {
        self.fn_of_head(TypeHead::Def(def), name)
    }

    /// As `fn_of_type`, for the traits of this workspace that an outside type implements, and for declared types.
    pub fn fn_of_foreign(&self, path: Name, name: Name) -> Option<DefId> {
        let own = self.declared.definition(path).and_then(|def| self.fn_of_head(TypeHead::Def(def), name));
        own.or_else(|| self.fn_of_head(TypeHead::Foreign(path), name))
    }

    /// As `fn_of_type`, for the traits of this workspace that a primitive type implements.
    pub fn fn_of_primitive(&self, prim: Name, name: Name) -> Option<DefId> {
        self.fn_of_head(TypeHead::Prim(prim), name)
    }

    fn fn_of_head(&self, head: TypeHead, name: Name) -> Option<DefId> {
        let all = self.names.inherent_or_trait_fns(head, name);
        let is_built = |def: &&DefId| self.names.state(**def).truth != Truth::False;
        let own = all.iter().find(is_built).or(all.first()).copied();
        own.or_else(|| self.names.default_method(head, name))
    }

    /// Impls for a workspace type.
    pub fn impls_of_type(&self, def: DefId) -> &'a [DefId] {
        self.names.impls_of_head(TypeHead::Def(def))
    }

    /// The trait of an impl.
    pub fn impl_trait(&self, imp: DefId) -> Option<Res> {
        self.names.impl_info(imp)?.trait_
    }

    /// The impl or trait that holds an item.
    pub fn parent(&self, def: DefId) -> Option<DefId> {
        let (file, item) = self.item(def);
        item.parent.map(|parent| self.def(file, parent))
    }

    /// What the attributes make of a fn.
    pub fn entry_attr(&self, def: DefId) -> Option<&'a EntryAttr> {
        self.names.entry_attr(def)
    }

    /// Test code.
    pub fn is_test_body(&self, body: BodyId) -> bool {
        self.names.is_test(self.names.body_owner(body)) || self.names.is_test_file(self.names.body_ref(body).file)
    }

    /// Public, in a library.
    pub fn is_exported(&self, def: DefId) -> bool {
        let (kind, ..) = self.names.krate(self.names.crate_of(def));
        kind == CrateKind::Lib && self.item(def).1.visibility == Visibility::Public
    }

    /// True when the package of a file depends on `krate`, by its own name or the one it has in code.
    pub fn file_depends_on(&self, file: FileId, krate: Name) -> bool {
        if matches!(krate.as_str(), "std" | "core" | "alloc") {
            return true;
        }
        let package = self.sources.packages.get(self.sources.files[file].package);
        let Some(package) = package else { return true };
        package.assume_all_dependencies
            || package
                .dependencies
                .iter()
                .any(|d| d.extern_name == krate || d.package == krate || same_crate(d.package, krate))
    }

    /// True when a file imports `path`, or everything from a module that the catalogue knows to hold it.
    pub fn file_imports(&self, file: FileId, path: Name) -> bool {
        let facts = &self.facts[file];
        let module = path.as_str().rsplit_once("::").map(|(module, last)| (Name::new(module), Name::new(last)));
        facts.items.iter().any(|item| {
            let ItemKind::Use(leaf) = &item.kind else { return false };
            let written = &facts.paths.paths[leaf.path];
            let Res::Foreign(found) = self.names.resolve(file, written, Namespace::Type).res else { return false };
            match leaf.binding {
                UseBinding::Name(_) | UseBinding::Anonymous => found == path,
                // A module of another crate may hold another trait of that name.
                UseBinding::Glob => module.is_some_and(|(m, last)| {
                    found == m || (first_segment(found) == first_segment(path) && self.catalog.module_has(found, last))
                }),
            }
        })
    }
}

fn first_segment(path: Name) -> &'static str {
    path.as_str().split("::").next().unwrap_or_default()
}

/// Package names are written with `-`, crates with `_`.
fn same_crate(package: Name, krate: Name) -> bool {
    package.as_str().len() == krate.as_str().len() && package.as_str().replace('-', "_") == krate.as_str()
}
