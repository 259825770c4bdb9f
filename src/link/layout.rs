//! The layout of real sources.
//!
//! The one place where link sees discovery's values; everything after works on the plain layout.

use crate::base::Name;
use crate::base::id::Id;
use crate::hir::names::CrateKind;
use crate::source::{Dependency, DependencyKind, Edition, Package, Sources, TargetKind};

use super::crates::{DependencyScope, Layout, LayoutDependency, LayoutFile, LayoutPackage, LayoutTarget};

impl From<&Sources> for Layout {
    fn from(sources: &Sources) -> Self {
        let files = sources.files.iter();
        Self {
            files: files.map(|f| LayoutFile { path: f.path.clone(), package: f.package.index() }).collect(),
            packages: sources.packages.iter().map(package).collect(),
        }
    }
}

fn package(package: &Package) -> LayoutPackage {
    LayoutPackage {
        name: in_code(package.name),
        dir: package.dir.clone(),
        is_for_tests: package.is_for_tests,
        rooted_imports: package.edition == Edition::E2015,
        targets: package
            .targets
            .iter()
            .map(|t| LayoutTarget { kind: kind(t.kind), crate_name: t.crate_name, root: t.root })
            .collect(),
        dependencies: package.dependencies.iter().map(dependency).collect(),
        assume_all_dependencies: package.assume_all_dependencies,
    }
}

fn dependency(dependency: &Dependency) -> LayoutDependency {
    LayoutDependency {
        extern_name: dependency.extern_name,
        package: in_code(dependency.package),
        scope: match dependency.kind {
            DependencyKind::Normal => DependencyScope::Normal,
            DependencyKind::Dev => DependencyScope::Dev,
            DependencyKind::Build => DependencyScope::Build,
        },
        path: dependency.path.map(Id::index),
    }
}

fn kind(kind: TargetKind) -> CrateKind {
    match kind {
        TargetKind::Lib => CrateKind::Lib,
        TargetKind::Bin => CrateKind::Bin,
        TargetKind::Example => CrateKind::Example,
        TargetKind::Test => CrateKind::Test,
        TargetKind::Bench => CrateKind::Bench,
        TargetKind::Build => CrateKind::Build,
        TargetKind::Lone => CrateKind::Lone,
    }
}

fn in_code(name: Name) -> Name {
    Name::new(&name.as_str().replace('-', "_"))
}
