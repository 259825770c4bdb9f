//! Functions and types of the workspace of which the configuration says what they are.
//!
//! What a user declares wins over what the code shows: a declared function counts as an outside API, a declared type as an outside
//! type that still has its own methods and fields. Without declarations nothing is looked up.

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::catalog::{Catalog, FnEntry};
use crate::facts::{ItemKind, Path, ScopeId};
use crate::hir::names::{DefId, Namespace, Res, TypeHead};

use super::names::Names;

/// What the configuration declares, by definition.
#[derive(Debug, Default)]
pub struct Declared {
    fns: FxHashMap<DefId, &'static FnEntry>,
    types: FxHashMap<DefId, Name>,
    defs: FxHashMap<Name, DefId>,
}

impl Declared {
    /// Finds the definitions of all declared paths that begin with a crate of the workspace.
    pub fn build(catalog: &'static Catalog, names: &Names) -> Self {
        let mut out = Self::default();
        for path in catalog.declared() {
            if let Some(entry) = catalog.ty(*path) {
                for def in names.types_at(path.as_str()) {
                    out.types.insert(def, entry.path);
                    out.defs.insert(entry.path, def);
                }
            }
            if let Some(entry) = catalog.functions().iter().find(|entry| entry.path == *path) {
                out.fns.extend(names.functions_at(path.as_str()).into_iter().map(|def| (def, entry)));
            }
        }
        out
    }

    /// What is declared of a function.
    pub fn function(&self, def: DefId) -> Option<&'static FnEntry> {
        self.fns.get(&def).copied()
    }

    /// The path under which a type is declared.
    pub fn type_path(&self, def: DefId) -> Option<Name> {
        self.types.get(&def).copied()
    }

    /// The definition of a declared type.
    pub fn definition(&self, path: Name) -> Option<DefId> {
        self.defs.get(&path).copied()
    }
}

impl Names {
    /// True when some crate of the workspace has this name.
    pub fn is_own_crate(&self, name: &str) -> bool {
        self.crates().any(|krate| self.krate(krate).1 == name)
    }

    /// Structs, enums and traits with this path from the crate on, re-exports included.
    pub fn types_at(&self, path: &str) -> Vec<DefId> {
        let is_type =
            |def: &DefId| matches!(self.item(*def).kind, ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Trait(_));
        let found = self.at_path(path, Namespace::Type).into_iter().filter_map(|res| match res {
            Res::Def(def) => Some(def),
            _ => None,
        });
        found.filter(is_type).collect()
    }

    /// Functions with this path from the crate on: free ones, `Type::name`, and all of a module or type for `*`.
    pub fn functions_at(&self, path: &str) -> Vec<DefId> {
        let Some((owner, name)) = path.rsplit_once("::") else { return Vec::new() };
        let mut found: Vec<DefId> = Vec::new();
        if name != "*" {
            found.extend(self.at_path(path, Namespace::Value).into_iter().filter_map(|res| match res {
                Res::Def(def) => Some(def),
                _ => None,
            }));
        }
        for res in self.at_path(owner, Namespace::Type) {
            match (res, name) {
                (Res::Module(module), "*") => {
                    let inside = |def: &DefId| self.module_of(*def) == module && self.parent(*def).is_none();
                    found.extend(self.defs().filter(inside));
                }
                (Res::Def(owner), "*") => found.extend(self.defs().filter(|def| self.owner_of(*def) == Some(owner))),
                (Res::Def(owner), _) => {
                    let own = self.inherent_or_trait_fns(TypeHead::Def(owner), Name::new(name)).iter().copied();
                    found.extend(own.chain(self.trait_method(owner, Name::new(name))));
                }
                _ => {}
            }
        }
        found.retain(|def| matches!(self.item(*def).kind, ItemKind::Fn(_)));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The type or trait whose impl or definition holds an item.
    fn owner_of(&self, def: DefId) -> Option<DefId> {
        let holder = self.parent(def)?;
        match self.impl_info(holder) {
            Some(info) => match info.head {
                TypeHead::Def(head) => Some(head),
                _ => None,
            },
            None => Some(holder),
        }
    }

    /// What a path from the crate on stands for, in every crate of that name.
    fn at_path(&self, path: &str, namespace: Namespace) -> Vec<Res> {
        let mut segments = path.split("::");
        let Some(first) = segments.next() else { return Vec::new() };
        let segments: Box<[Name]> = std::iter::once("crate").chain(segments).map(Name::new).collect();
        let roots = self.crates().map(|krate| self.krate(krate)).filter(|(_, name, ..)| *name == first);
        let found = roots.filter_map(|(.., root)| {
            let file = self.module(root).file;
            let written = Path { scope: ScopeId(0), global: false, segments: segments.clone() };
            let resolution = self.resolve(file, &written, namespace);
            (resolution.rest == 0 && !resolution.likely).then_some(resolution.res)
        });
        found.collect()
    }
}
