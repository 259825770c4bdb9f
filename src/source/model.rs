//! From manifests and a list of paths to packages.
//!
//! The same for files on disk and files in memory: opens nothing itself. First drafts with paths, then, when the files
//! have ids, the packages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::dependencies::{self, DependencyDraft, Features, Lock, Member};
use super::manifest::{Manifest, Switch};
use super::package::{Dependency, DependencyKind, Edition, Package, PackageId, Target, crate_name};
use super::problem::Problem;
use super::targets::{self, TargetDraft};
use super::workspace::Manifests;
use crate::base::ProblemKind;
use crate::base::{FileId, IndexVec, Name};

/// A package whose files have no ids yet.
#[derive(Debug)]
pub(super) struct PackageDraft {
    pub(super) folder: PathBuf,
    root: PathBuf,
    name: String,
    version: Option<String>,
    pub(super) edition: Edition,
    publish: bool,
    features: BTreeMap<String, Vec<String>>,
    pub(super) targets: Vec<TargetDraft>,
    dependencies: Vec<DependencyDraft>,
}

/// What the drafts are made from.
pub(super) struct Input<'a> {
    pub(super) manifests: &'a Manifests,
    /// Package folder to workspace folder, for the packages to make.
    pub(super) grouped: &'a BTreeMap<PathBuf, PathBuf>,
    pub(super) files: &'a BTreeSet<PathBuf>,
    /// A folder as outputs show it.
    pub(super) show: &'a dyn Fn(&Path) -> String,
}

/// One draft for each package, sorted by folder as it is shown.
pub(super) fn draft(input: &Input<'_>, problems: &mut Vec<Problem>) -> Vec<PackageDraft> {
    let roots: BTreeSet<&PathBuf> = input.grouped.values().collect();
    let patches: BTreeMap<&PathBuf, _> = roots.into_iter().map(|r| (r, input.manifests.patches(r))).collect();
    let mut out: Vec<PackageDraft> = input
        .grouped
        .iter()
        .filter_map(|(folder, root)| {
            let manifest = input.manifests.package(folder)?;
            let dependencies = dependencies::draft(folder, root, input.manifests, patches.get(root)?);
            draft_one(input, (folder, root), manifest, dependencies, problems)
        })
        .collect();
    out.sort_by_cached_key(|draft| (input.show)(&draft.folder));
    out
}

fn draft_one(
    input: &Input<'_>,
    (folder, root): (&Path, &Path),
    manifest: &Manifest,
    dependencies: Vec<DependencyDraft>,
    problems: &mut Vec<Problem>,
) -> Option<PackageDraft> {
    let package = manifest.package.as_ref()?;
    let shared = input.manifests.shared(root).map(|(_, table)| &table.package);
    let mut edition = Edition::E2015;
    if let Some(written) = &package.edition {
        let text = written.or(shared.and_then(|s| s.edition.as_ref()));
        edition = text.and_then(|t| Edition::parse(t)).unwrap_or_else(|| {
            let message = match text {
                Some(text) => format!("edition `{text}` is not known, taken as 2024"),
                None => "the edition is inherited from a workspace that was not found, taken as 2024".to_owned(),
            };
            let path = (input.show)(&folder.join("Cargo.toml"));
            problems.push(Problem::at_path(ProblemKind::BadManifest, path, message));
            Edition::E2024
        });
    }
    let version = package.version.as_ref().and_then(|v| v.or(shared.and_then(|s| s.version.as_ref())));
    let publish = package.publish.as_ref().and_then(|p| p.or(shared.and_then(|s| s.publish.as_ref())));
    Some(PackageDraft {
        folder: folder.to_owned(),
        root: root.to_owned(),
        name: package.name.clone(),
        version: version.cloned(),
        edition,
        publish: !matches!(publish, Some(Switch::Flag(false)))
            && !matches!(publish, Some(Switch::List(l)) if l.is_empty()),
        features: dependencies::declared(manifest, &dependencies),
        targets: targets::draft(folder, manifest, package, edition, input.files),
        dependencies,
    })
}

/// What the packages are made from once the files have ids.
pub(super) struct Settled<'a> {
    pub(super) manifests: &'a Manifests,
    /// The lock of a workspace folder.
    pub(super) lock: &'a dyn Fn(&Path) -> Lock,
    pub(super) file: &'a dyn Fn(&Path) -> Option<FileId>,
    pub(super) show: &'a dyn Fn(&Path) -> String,
}

/// The packages, in the order of their drafts.
pub(super) fn packages(drafts: &[PackageDraft], settled: &Settled<'_>) -> IndexVec<PackageId, Package> {
    let roots: BTreeSet<&Path> = drafts.iter().map(|d| d.root.as_path()).collect();
    let workspaces: BTreeMap<&Path, Workspace> = roots
        .into_iter()
        .enumerate()
        .map(|(number, root)| {
            let members: Vec<Member<'_>> = drafts
                .iter()
                .filter(|d| d.root == root)
                .filter_map(|d| {
                    let manifest = settled.manifests.package(&d.folder)?;
                    Some(Member { folder: &d.folder, manifest, dependencies: &d.dependencies })
                })
                .collect();
            let aborts_on_panic = settled.manifests.good.get(root).is_some_and(Manifest::aborts_on_panic);
            (
                root,
                Workspace {
                    number,
                    aborts_on_panic,
                    lock: (settled.lock)(root),
                    features: dependencies::unify(&members),
                },
            )
        })
        .collect();
    let made: FxHashMap<&Path, (u32, &PackageDraft)> =
        drafts.iter().enumerate().map(|(i, d)| (d.folder.as_path(), (i as u32, d))).collect();
    let packages = drafts.iter().enumerate().map(|(i, draft)| {
        let workspace = &workspaces[draft.root.as_path()];
        let targets = draft.targets.iter().filter_map(|t| target(t, settled)).collect::<Vec<_>>();
        Package {
            id: PackageId(i as u32),
            name: Name::new(&draft.name),
            dir: (settled.show)(&draft.folder),
            edition: draft.edition,
            proc_macro: targets.iter().any(|t| t.proc_macro),
            targets,
            dependencies: draft.dependencies.iter().map(|d| dependency(d, workspace, &made)).collect(),
            workspace: workspace.number,
            publish: draft.publish,
            aborts_on_panic: workspace.aborts_on_panic,
            is_for_tests: lies_among_tests(draft),
            version: draft.version.clone(),
            features: draft.features.clone(),
            lone: false,
            assume_all_dependencies: false,
        }
    });
    packages.collect()
}

/// Only folders between the workspace and its member count: where the workspace itself lies says nothing.
fn lies_among_tests(draft: &PackageDraft) -> bool {
    let below = draft.folder.strip_prefix(&draft.root).unwrap_or(Path::new(""));
    below.iter().filter_map(|folder| folder.to_str()).any(is_for_tests_by_name)
}

/// `tests`, and a member that says that it helps tests: `test-utils`, `tests-integration`, `store-testing`, `e2e`, `fuzz`.
fn is_for_tests_by_name(folder: &str) -> bool {
    let word = |word: &str| matches!(word, "test" | "tests" | "testing" | "testutil" | "testutils" | "e2e" | "fuzz");
    matches!(folder, "benches" | "examples") || folder.split(['-', '_']).any(word)
}

struct Workspace {
    number: usize,
    aborts_on_panic: bool,
    lock: Lock,
    features: Features,
}

fn target(draft: &TargetDraft, settled: &Settled<'_>) -> Option<Target> {
    let root = draft.candidates.iter().find_map(|c| (settled.file)(c))?;
    Some(Target {
        kind: draft.kind,
        name: draft.name.clone(),
        crate_name: crate_name(&draft.name),
        root,
        proc_macro: draft.proc_macro,
    })
}

fn dependency(
    draft: &DependencyDraft,
    workspace: &Workspace,
    made: &FxHashMap<&Path, (u32, &PackageDraft)>,
) -> Dependency {
    let inside = draft.folder.as_deref().and_then(|f| made.get(f));
    let library = inside.and_then(|(_, d)| d.targets.first()).filter(|t| t.kind == super::TargetKind::Lib);
    let extern_name = match library {
        Some(library) if !draft.renamed => crate_name(&library.name),
        Some(_) | None => crate_name(&draft.key),
    };
    let (everywhere, test_features) = workspace.features.get(&draft.package).cloned().unwrap_or_default();
    // Only tests see a dev-dependency.
    let features = if draft.kind == DependencyKind::Dev { Arc::clone(&test_features) } else { everywhere };
    let version = match inside {
        Some((_, inside)) => inside.version.clone(),
        None => workspace.lock.version(&draft.package, draft.requirement.as_deref()),
    };
    Dependency {
        extern_name,
        package: Name::new(&draft.package),
        kind: draft.kind,
        optional: draft.optional,
        features,
        test_features,
        version,
        path: inside.map(|(i, _)| PackageId(*i)),
        platform: draft.platform.clone(),
    }
}

/// The edition that a manifest-less file names in its first line: `//@ edition: 2021`.
pub(super) fn lone_edition(text: &str) -> Edition {
    let first = text.lines().next().unwrap_or_default();
    let named = first.trim_start_matches('\u{feff}').strip_prefix("//@").map(str::trim);
    named.and_then(|n| Edition::parse(n.strip_prefix("edition:")?)).unwrap_or(Edition::E2024)
}
