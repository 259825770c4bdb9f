//! The catalogue: what functions, types, macros and attributes of other crates do.
//!
//! It exists so that facts about crates are data (`rules/apis/*.toml`) that anyone can check, extend and override.
//! It never looks at a program, a file system or a dependency; it answers by canonical path only.

mod alias;
mod entry;
mod error;
mod expand;
mod files;
mod index;
mod kinds;
mod load;
pub mod prelude;
mod raw;
#[cfg(test)]
mod tests;
mod type_kinds;
mod typexpr;
mod words;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;

pub use entry::{AttributeEntry, Blocks, FnEntry, FnForm, Instead, MacroEntry, On, Runs, TypeEntry, When};
pub use error::CatalogError;
pub use kinds::{Cancel, Category, Group, Needs, OnDrop, Place, Role, Tier};
pub use raw::RawFile as ApiTable;
pub use type_kinds::{Entry, Flavor, GuardKind, Io, MacroShape, RuntimeName, TypeRole};
pub use typexpr::{Projection, TypeExpr, TypeExprError};

use alias::Aliases;
use error::Source;

/// All entries, with their indices.
#[derive(Debug)]
pub struct Catalog {
    // Sorted by path; the tables below hold positions in them.
    funcs: Vec<FnEntry>,
    types: Vec<TypeEntry>,
    macros: Vec<MacroEntry>,
    attributes: Vec<AttributeEntry>,
    aliases: Aliases,
    func_at: FxHashMap<Name, u32>,
    method_at: FxHashMap<(Name, Name), u32>,
    group_at: FxHashMap<(Group, Name), u32>,
    distinctive: FxHashMap<Name, Vec<u32>>,
    by_argument: FxHashMap<Name, Vec<u32>>,
    type_at: FxHashMap<Name, u32>,
    macro_at: FxHashMap<Name, u32>,
    attribute_at: FxHashMap<Name, u32>,
    // Entries that stand for every function of a module or type, by its path.
    star_at: FxHashMap<Name, u32>,
    modules: FxHashSet<&'static str>,
    items: FxHashSet<(&'static str, &'static str)>,
    crates: BTreeSet<Name>,
    // Functions and types of user entries, sorted.
    declared: Vec<Name>,
}

/// Entries of a user, read from the table `api` of a configuration.
#[derive(Debug)]
pub struct UserEntries<'a> {
    /// The file's name, for errors.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The table.
    pub api: ApiTable,
}

static BUILTIN: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::load().expect("the built-in catalogue loads, as a test of this module shows"));

impl Catalog {
    /// The catalogue without user entries, parsed at the first call.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The catalogue without user entries, read anew.
    pub fn load() -> Result<Self, CatalogError> {
        Self::with_user_entries(Vec::new())
    }

    /// The catalogue with the entries of several configurations; later ones win, all win over built-in entries.
    pub fn with_user_entries(users: Vec<UserEntries<'_>>) -> Result<Self, CatalogError> {
        let mut loaded = load::builtin(files::BUILTIN)?;
        let (calls, types) = (loaded.calls.len(), loaded.types.len());
        for user in users {
            loaded.add(Source { file: user.file, text: user.text }, user.api)?;
        }
        let calls = loaded.calls[calls..].iter().map(|(entry, _)| entry.path);
        let mut declared: Vec<Name> = calls.chain(loaded.types[types..].iter().map(|entry| entry.path)).collect();
        declared.sort_unstable();
        declared.dedup();
        Ok(Self { declared, ..index::build(loaded) })
    }

    /// The canonical path of a full path text: `tokio::spawn` is `tokio::task::spawn`, `fs_err::read` is
    /// `std::fs::read`, and `core::time::Duration::from_secs` is `std::time::Duration::from_secs`. A path that has no
    /// other name comes back as it is.
    pub fn canonical(&self, path: Name) -> Name {
        self.aliases.canonical(path)
    }

    /// A free function, an associated function, or a method written as a path (`Path::exists(p)`).
    pub fn func(&self, canonical: Name) -> Option<&FnEntry> {
        if let Some(at) = self.func_at.get(&canonical) {
            return self.funcs.get(*at as usize);
        }
        let (owner, last) = canonical.as_str().rsplit_once("::")?;
        let owner = Name::new(owner);
        let at = self.method_at.get(&(owner, Name::new(last))).or_else(|| self.star_at.get(&owner))?;
        self.funcs.get(*at as usize)
    }

    /// A method of a type, inherent or of a trait: `ty` is the canonical path of the receiver's own type, references and
    /// `Deref` not looked through.
    pub fn method(&self, ty: Name, method: Name) -> Option<&FnEntry> {
        if let Some(at) = self.method_at.get(&(ty, method)) {
            return self.funcs.get(*at as usize);
        }
        let of_group = self.ty(ty).and_then(|t| t.groups().find_map(|group| self.method_of_group(group, method)));
        of_group.or_else(|| self.star_at.get(&ty).and_then(|at| self.funcs.get(*at as usize)))
    }

    /// A method that every type of a group has.
    pub fn method_of_group(&self, group: Group, method: Name) -> Option<&FnEntry> {
        self.group_at.get(&(group, method)).and_then(|at| self.funcs.get(*at as usize))
    }

    /// Methods whose name alone is evidence (decision X11), in the order of their paths.
    pub fn distinctive_method(&self, method: Name) -> impl Iterator<Item = &FnEntry> {
        let found = self.distinctive.get(&method).map_or(&[][..], Vec::as_slice);
        found.iter().filter_map(|at| self.funcs.get(*at as usize))
    }

    /// The method of this name whose first argument can only be one of this type.
    pub fn method_given(&self, method: Name, argument: Name) -> Option<&FnEntry> {
        let found = self.by_argument.get(&method).map_or(&[][..], Vec::as_slice);
        let mut found = found.iter().filter_map(|at| self.funcs.get(*at as usize));
        found.find(|entry| entry.given.contains(&argument))
    }

    /// A type, or a trait that stands for the types that implement it.
    pub fn ty(&self, canonical: Name) -> Option<&TypeEntry> {
        self.type_at.get(&canonical).and_then(|at| self.types.get(*at as usize))
    }

    /// The enum that a variant's path belongs to, and the types of the variant's fields.
    pub fn variant(&self, canonical: Name) -> Option<(&TypeEntry, &[TypeExpr])> {
        let (owner, last) = canonical.as_str().rsplit_once("::")?;
        let mut entry = self.ty(Name::new(owner))?;
        // `io::Result::Ok`: a variant by way of another name of its enum.
        while let Some(TypeExpr::Path { name, .. }) = &entry.is {
            entry = self.ty(*name)?;
        }
        let fields = entry.variants.get(&Name::new(last))?;
        Some((entry, fields))
    }

    /// A function-like macro, by its path without `!`.
    pub fn macro_(&self, canonical: Name) -> Option<&MacroEntry> {
        self.macro_at.get(&canonical).and_then(|at| self.macros.get(*at as usize))
    }

    /// An attribute.
    pub fn attribute(&self, canonical: Name) -> Option<&AttributeEntry> {
        self.attribute_at.get(&canonical).and_then(|at| self.attributes.get(*at as usize))
    }

    /// The canonical paths of a crate: its free functions, its types, its macros.
    pub fn items_of(&self, krate: Name) -> (Vec<Name>, Vec<Name>, Vec<Name>) {
        let own = |path: &Name| path.as_str().split("::").next() == Some(krate.as_str());
        let free = self.funcs.iter().filter(|f| f.form == FnForm::Free && f.name != "*");
        (
            free.map(|f| f.path).filter(own).collect(),
            self.types.iter().map(|t| t.path).filter(own).collect(),
            self.macros.iter().map(|m| m.path).filter(own).collect(),
        )
    }

    /// True when `module` is known to hold something called `item`: what a glob import of it may bring in.
    pub fn module_has(&self, module: Name, item: Name) -> bool {
        let has = |module: Name| self.items.contains(&(module.as_str(), item.as_str()));
        has(module) || has(self.canonical(module))
    }

    /// True for a crate or module that holds a known item.
    pub fn is_module(&self, path: Name) -> bool {
        self.modules.contains(path.as_str()) || self.modules.contains(self.canonical(path).as_str())
    }

    /// The crates that have entries or aliases, sorted.
    pub fn crates(&self) -> impl Iterator<Item = Name> {
        self.crates.iter().copied()
    }

    /// The paths of the functions and types that a user speaks about, sorted.
    pub fn declared(&self) -> &[Name] {
        &self.declared
    }

    /// Every function and method, sorted by path.
    pub fn functions(&self) -> &[FnEntry] {
        &self.funcs
    }

    /// Every type, sorted by path.
    pub fn types(&self) -> &[TypeEntry] {
        &self.types
    }

    /// Every macro, sorted by path.
    pub fn macros(&self) -> &[MacroEntry] {
        &self.macros
    }

    /// Every attribute, sorted by path.
    pub fn attributes(&self) -> &[AttributeEntry] {
        &self.attributes
    }

    /// Every other name and what it stands for, sorted by the other name.
    pub fn alias_pairs(&self) -> Vec<(Name, Name)> {
        self.aliases.pairs()
    }
}
