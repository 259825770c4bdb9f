//! What Cargo would know about the code: packages, targets, dependencies.
//!
//! Plain values made once by discovery and then only read. Nothing here touches the disk, and nothing is guessed from
//! what a registry might hold: a dependency outside the workspaces is a name, a version and features.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{FileId, Name};
use crate::ids;

ids! {
    /// A package of the run, in the order of its folder's path.
    pub struct PackageId;
}

/// The language edition; ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Edition {
    /// What a manifest without `edition` means.
    E2015,
    /// `dyn`, `async`, paths that start with a crate name.
    E2018,
    /// Disjoint captures, `IntoIterator` for arrays.
    E2021,
    /// Shorter temporaries in tails and `if let`, capture of all lifetimes.
    E2024,
}

impl Edition {
    /// Reads `"2021"`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "2015" => Some(Self::E2015),
            "2018" => Some(Self::E2018),
            "2021" => Some(Self::E2021),
            "2024" => Some(Self::E2024),
            _ => None,
        }
    }
}

/// One `Cargo.toml` with `[package]`, or the stand-in for files that belong to none.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its own id.
    pub id: PackageId,
    /// As in the manifest; empty for a lone package.
    pub name: Name,
    /// Folder relative to the analysis root; empty for the root itself.
    pub dir: String,
    /// Edition of all its targets.
    pub edition: Edition,
    /// Sorted by kind (the order of `TargetKind`), then by name.
    pub targets: Vec<Target>,
    /// Sorted by name in code, then by kind.
    pub dependencies: Vec<Dependency>,
    /// The workspace it belongs to: equal numbers share one. A package that is no member has its own.
    pub workspace: usize,
    /// False with `publish = false` or `publish = []`.
    pub publish: bool,
    /// The root manifest of its workspace says `panic = "abort"` for what is released.
    pub aborts_on_panic: bool,
    /// A member that its workspace keeps among its tests, benches or examples: `tests/harness`.
    pub is_for_tests: bool,
    /// True when its library is a procedural macro.
    pub proc_macro: bool,
    /// The `version` of the manifest.
    pub version: Option<String>,
    /// Declared features and what each enables; an optional dependency without `dep:` is a feature too.
    pub features: BTreeMap<String, Vec<String>>,
    /// True for the stand-in package of files without a manifest. Its targets have the kind `Lone`.
    pub lone: bool,
    /// Every crate of the catalogue counts as a dependency (lone packages).
    pub assume_all_dependencies: bool,
}

/// What a crate root is built as. The order is the order in which files get their first mount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TargetKind {
    /// The library.
    Lib,
    /// A program.
    Bin,
    /// An example.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// The build script.
    Build,
    /// A file without a manifest: a root only when no other file mounts it.
    Lone,
}

/// One crate of a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// How it is built.
    pub kind: TargetKind,
    /// As in Cargo.
    pub name: String,
    /// The name in code: `-` is `_`.
    pub crate_name: Name,
    /// Its root file.
    pub root: FileId,
    /// True for a procedural macro library.
    pub proc_macro: bool,
}

/// Which targets see a dependency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DependencyKind {
    /// All but the build script.
    Normal,
    /// Tests, examples, benches and `cfg(test)` code.
    Dev,
    /// The build script.
    Build,
}

/// One entry of a dependency table.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The name in code: renames applied, `-` is `_`; the `[lib] name` where the package is one of the run.
    pub extern_name: Name,
    /// The package's name in its registry.
    pub package: Name,
    /// Which table.
    pub kind: DependencyKind,
    /// True when a feature must turn it on.
    pub optional: bool,
    /// Features that hold in all code: what any member of the workspace asks for outside dev-dependencies, sorted.
    /// `default` is among them unless all entries say `default-features = false`. For a dev-dependency, which only test
    /// code sees, the same as `test_features`.
    pub features: Arc<[String]>,
    /// Features that hold in test code: the above and what dev-dependencies ask for, sorted.
    pub test_features: Arc<[String]>,
    /// From `Cargo.lock`, else the lower bound of the requirement.
    pub version: Option<String>,
    /// The package of this run it leads to.
    pub path: Option<PackageId>,
    /// The text between the quotes of `[target.'..'.dependencies]`.
    pub platform: Option<String>,
}

/// `-` to `_`.
pub(super) fn crate_name(name: &str) -> Name {
    if name.contains('-') { Name::new(&name.replace('-', "_")) } else { Name::new(name) }
}
