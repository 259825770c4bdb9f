//! What naming asks about crates outside the run.
//!
//! The catalogue answers; a test may answer in its place. Nothing here says what such an item does.

use crate::base::Name;
use crate::catalog::{Catalog, TypeExpr};
use crate::hir::names::Namespace;

/// Names outside the run.
pub trait ForeignNames: Send + Sync {
    /// The name that the catalogue uses for a full path: `tokio::spawn` is `tokio::task::spawn`.
    fn canonical(&self, path: Name) -> Name;
    /// The type that a type alias stands for: `std::io::Result` is `std::result::Result`; any other path is itself.
    fn aliased(&self, path: Name) -> Name;
    /// True when a module, or enum, is known to hold that name.
    fn module_has(&self, module: Name, item: Name) -> bool;
    /// True for a crate or module that holds a known item.
    fn is_module(&self, path: Name) -> bool;
    /// True for a crate of which something is known.
    fn has_crate(&self, name: Name) -> bool;
    /// True for a function, associated function or method that is known, by its canonical path.
    fn has_fn(&self, path: Name) -> bool;
    /// Canonical paths of the free functions, types and macros of a crate.
    fn paths_of(&self, krate: Name) -> Vec<(Name, Namespace)>;
}

impl ForeignNames for Catalog {
    fn canonical(&self, path: Name) -> Name {
        Self::canonical(self, path)
    }

    fn aliased(&self, path: Name) -> Name {
        match self.ty(path).and_then(|entry| entry.is.as_ref()) {
            Some(TypeExpr::Path { name, .. }) => *name,
            _ => path,
        }
    }

    fn module_has(&self, module: Name, item: Name) -> bool {
        Self::module_has(self, module, item)
    }

    fn is_module(&self, path: Name) -> bool {
        Self::is_module(self, path)
    }

    fn has_crate(&self, name: Name) -> bool {
        Self::is_module(self, name)
    }

    fn has_fn(&self, path: Name) -> bool {
        Self::func(self, path).is_some()
    }

    fn paths_of(&self, krate: Name) -> Vec<(Name, Namespace)> {
        let (fns, types, macros) = Self::items_of(self, krate);
        let of = |paths: Vec<Name>, ns: Namespace| paths.into_iter().map(move |path| (path, ns));
        let named = of(fns, Namespace::Value).chain(of(types, Namespace::Type)).chain(of(macros, Namespace::Macro));
        named.collect()
    }
}

impl<T: ForeignNames> ForeignNames for &'static T {
    fn canonical(&self, path: Name) -> Name {
        (*self).canonical(path)
    }

    fn aliased(&self, path: Name) -> Name {
        (*self).aliased(path)
    }

    fn module_has(&self, module: Name, item: Name) -> bool {
        (*self).module_has(module, item)
    }

    fn is_module(&self, path: Name) -> bool {
        (*self).is_module(path)
    }

    fn has_crate(&self, name: Name) -> bool {
        (*self).has_crate(name)
    }

    fn has_fn(&self, path: Name) -> bool {
        (*self).has_fn(path)
    }

    fn paths_of(&self, krate: Name) -> Vec<(Name, Namespace)> {
        (*self).paths_of(krate)
    }
}
