//! Crates: one per target, and the names by which a target calls other crates.
//!
//! Link takes what discovery knows as the plain values below, so that a test can write them down.
//! Nothing here reads a manifest, and a dependency outside the run is only a name.

use rustc_hash::FxHashMap;

use crate::base::{FileId, IndexVec, Name};
use crate::facts::{FileFacts, ItemKind};
use crate::hir::names::{CrateId, CrateKind};

use super::modules::Tree;

/// The files of the run and the packages they belong to.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Files in the order of their ids.
    pub files: IndexVec<FileId, LayoutFile>,
    /// Packages in the order of their folders.
    pub packages: Vec<LayoutPackage>,
}

/// A file and where it lies.
#[derive(Clone, Debug)]
pub struct LayoutFile {
    /// Path relative to the analysis root, with `/`.
    pub path: String,
    /// Position of its package.
    pub package: usize,
}

/// A package.
#[derive(Clone, Debug)]
pub struct LayoutPackage {
    /// Its name in code: `-` is `_`.
    pub name: Name,
    /// Folder relative to the analysis root; empty for the root itself.
    pub dir: String,
    /// A member among the tests of its workspace.
    pub is_for_tests: bool,
    /// True for edition 2015, where paths of `use` start at the crate root.
    pub rooted_imports: bool,
    /// Its targets; files that no target reaches become roots of their own.
    pub targets: Vec<LayoutTarget>,
    /// Its dependencies.
    pub dependencies: Vec<LayoutDependency>,
    /// Every crate that the catalogue knows counts as a dependency (files without a manifest).
    pub assume_all_dependencies: bool,
}

/// A target.
#[derive(Clone, Debug)]
pub struct LayoutTarget {
    /// What it is built as. `Lone` targets are only roots when no file mounts them.
    pub kind: CrateKind,
    /// Its name in code.
    pub crate_name: Name,
    /// Its root file.
    pub root: FileId,
}

/// Which targets see a dependency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DependencyScope {
    /// All but the build script.
    Normal,
    /// Tests, examples, benches and test code.
    Dev,
    /// The build script.
    Build,
}

/// A dependency.
#[derive(Clone, Debug)]
pub struct LayoutDependency {
    /// The name in code, renames applied.
    pub extern_name: Name,
    /// The package's own name, `-` as `_`: what the catalogue knows it by.
    pub package: Name,
    /// Which targets see it.
    pub scope: DependencyScope,
    /// The package of this run it leads to.
    pub path: Option<usize>,
}

/// What an extern name of a crate stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extern {
    /// A crate of the run.
    Crate(CrateId),
    /// A crate that only the catalogue may know.
    Foreign(Name),
}

/// A crate while and after linking.
#[derive(Clone, Debug)]
pub(super) struct CrateNode {
    pub(super) kind: CrateKind,
    pub(super) name: Name,
    pub(super) package: usize,
    pub(super) root: FileId,
    pub(super) rooted_imports: bool,
    pub(super) any_extern: bool,
    pub(super) externs: FxHashMap<Name, Extern>,
}

/// The crates of all targets, in the order in which files get their first mount, with their extern names.
pub(super) fn collect(layout: &Layout) -> IndexVec<CrateId, CrateNode> {
    let mut found: Vec<(CrateKind, usize, &LayoutTarget)> = Vec::new();
    for (index, package) in layout.packages.iter().enumerate() {
        let targets = package.targets.iter().filter(|t| t.kind != CrateKind::Lone);
        found.extend(targets.map(|t| (t.kind, index, t)));
    }
    found.sort_by_key(|(kind, package, target)| (*kind, *package, target.crate_name, target.root));
    let mut libs: FxHashMap<usize, CrateId> = FxHashMap::default();
    for (position, (kind, package, _)) in found.iter().enumerate() {
        if *kind == CrateKind::Lib {
            libs.entry(*package).or_insert(CrateId(position as u32));
        }
    }
    found
        .iter()
        .map(|(kind, package, target)| node(layout, &libs, *package, *kind, target.crate_name, target.root))
        .collect()
}

/// The crate of a file that nothing mounts.
pub(super) fn orphan(
    layout: &Layout,
    crates: &IndexVec<CrateId, CrateNode>,
    package: usize,
    name: Name,
    root: FileId,
) -> CrateNode {
    let mut libs = FxHashMap::default();
    for (id, krate) in crates.iter_ids() {
        if krate.kind == CrateKind::Lib {
            libs.entry(krate.package).or_insert(id);
        }
    }
    node(layout, &libs, package, CrateKind::Lone, name, root)
}

fn node(
    layout: &Layout,
    libs: &FxHashMap<usize, CrateId>,
    package: usize,
    kind: CrateKind,
    name: Name,
    root: FileId,
) -> CrateNode {
    let mut externs = FxHashMap::default();
    for sysroot in ["std", "core", "alloc", "proc_macro", "test"] {
        externs.insert(Name::new(sysroot), Extern::Foreign(Name::new(sysroot)));
    }
    let Some(info) = layout.packages.get(package) else {
        return CrateNode { kind, name, package, root, rooted_imports: false, any_extern: true, externs };
    };
    let mut dependencies: Vec<&LayoutDependency> = info.dependencies.iter().filter(|d| sees(kind, d.scope)).collect();
    // Later entries win: a normal dependency over a dev one of the same name.
    dependencies.sort_by_key(|d| std::cmp::Reverse(d.scope));
    for dependency in dependencies {
        let linked = dependency.path.and_then(|p| libs.get(&p));
        let target = linked.map_or(Extern::Foreign(dependency.package), |id| Extern::Crate(*id));
        externs.insert(dependency.extern_name, target);
    }
    if kind != CrateKind::Lib
        && kind != CrateKind::Build
        && let Some(lib) = libs.get(&package)
    {
        let lib_name = info.targets.iter().find(|t| t.kind == CrateKind::Lib).map_or(info.name, |t| t.crate_name);
        externs.insert(lib_name, Extern::Crate(*lib));
    }
    let any_extern = info.assume_all_dependencies;
    CrateNode { kind, name, package, root, rooted_imports: info.rooted_imports, any_extern, externs }
}

/// `extern crate a as b;` in a crate root makes `b` a name of the whole crate.
pub(super) fn add_root_aliases(tree: &mut Tree, facts: &IndexVec<FileId, FileFacts>) {
    for id in tree.crates.ids() {
        let root = tree.modules[tree.roots[id]];
        if root.krate != id {
            continue;
        }
        for item in &facts[root.file].scopes[root.scope].items {
            let ItemKind::ExternCrate(used) = &facts[root.file].items[*item].kind else { continue };
            let externs = &mut tree.crates[id].externs;
            let target = match used.krate.as_str() {
                "self" => Some(Extern::Crate(id)),
                _ => externs.get(&used.krate).copied(),
            };
            if let Some(target) = target {
                externs.insert(used.alias, target);
            }
        }
    }
}

/// Test code of a library sees dev-dependencies, so every target but the build script does.
fn sees(kind: CrateKind, scope: DependencyScope) -> bool {
    match kind {
        CrateKind::Lib | CrateKind::Bin | CrateKind::Example | CrateKind::Test | CrateKind::Bench => {
            scope != DependencyScope::Build
        }
        CrateKind::Build => scope == DependencyScope::Build,
        CrateKind::Lone => true,
    }
}
