//! Puts files and package drafts together: gives the ids.
//!
//! Ids follow the bytes of the paths, whatever the order in which anything was found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::dependencies::Lock;
use super::model::{self, PackageDraft, Settled};
use super::workspace::Manifests;
use super::{Edition, Package, PackageId, SourceFile, Target, TargetKind, read};
use crate::base::{FileId, IndexVec, Name};

/// A file with its text.
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) abs: PathBuf,
    pub(super) text: Arc<str>,
    /// Folder of the package it lies in.
    pub(super) owner: Option<PathBuf>,
    pub(super) ignored_by_git: bool,
}

/// The rest of what assembling needs.
pub(super) struct Parts<'a> {
    pub(super) drafts: &'a [PackageDraft],
    pub(super) manifests: &'a Manifests,
    /// Other names of files, by links.
    pub(super) aliases: &'a BTreeMap<PathBuf, PathBuf>,
    pub(super) lock: &'a dyn Fn(&Path) -> Lock,
    pub(super) show: &'a dyn Fn(&Path) -> String,
}

/// What a run is about.
pub(super) struct Assembled {
    pub(super) files: IndexVec<FileId, SourceFile>,
    pub(super) packages: IndexVec<PackageId, Package>,
    pub(super) by_path: FxHashMap<String, FileId>,
}

/// Gives ids to files and packages.
pub(super) fn assemble(mut entries: Vec<Entry>, parts: &Parts<'_>) -> Assembled {
    entries.sort_by(|a, b| (&a.path, &a.abs).cmp(&(&b.path, &b.abs)));
    let ids: FxHashMap<&Path, FileId> =
        entries.iter().enumerate().map(|(i, e)| (e.abs.as_path(), FileId(i as u32))).collect();
    let file = |path: &Path| ids.get(parts.aliases.get(path).map_or(path, PathBuf::as_path)).copied();
    let settled = Settled { manifests: parts.manifests, lock: parts.lock, file: &file, show: parts.show };
    let mut packages = model::packages(parts.drafts, &settled);
    let owners: FxHashMap<&Path, PackageId> =
        parts.drafts.iter().zip(packages.ids()).map(|(d, id)| (d.folder.as_path(), id)).collect();
    let owned: Vec<Option<PackageId>> = entries.iter().map(|e| owners.get(e.owner.as_deref()?).copied()).collect();
    drop(owners);
    let lone = add_lone(&entries, &owned, &mut packages);
    let mut by_path: FxHashMap<String, FileId> = FxHashMap::default();
    let mut files = IndexVec::new();
    for (entry, owner) in entries.into_iter().zip(owned) {
        // Every edition with a lone file got a package.
        let package = owner.or_else(|| lone.get(&model::lone_edition(&entry.text)).copied()).unwrap_or(PackageId(0));
        let (path, id) = (entry.path.clone(), files.next_id());
        by_path.entry(path).or_insert(id);
        files.push(SourceFile {
            generated: read::is_generated(&entry.text),
            path: entry.path,
            abs: entry.abs,
            text: entry.text,
            package,
            ignored_by_git: entry.ignored_by_git,
        });
    }
    Assembled { files, packages, by_path }
}

/// One package for the manifest-less files of each edition.
fn add_lone(
    entries: &[Entry],
    owned: &[Option<PackageId>],
    packages: &mut IndexVec<PackageId, Package>,
) -> BTreeMap<Edition, PackageId> {
    let mut targets: BTreeMap<Edition, Vec<Target>> = BTreeMap::new();
    for (i, entry) in entries.iter().enumerate().filter(|(i, _)| owned[*i].is_none()) {
        let stem = Path::new(&entry.path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        targets.entry(model::lone_edition(&entry.text)).or_default().push(Target {
            kind: TargetKind::Lone,
            crate_name: super::package::crate_name(&stem),
            name: stem,
            root: FileId(i as u32),
            proc_macro: false,
        });
    }
    let first = packages.iter().map(|p| p.workspace + 1).max().unwrap_or(0);
    let mut out = BTreeMap::new();
    for (number, (edition, targets)) in targets.into_iter().enumerate() {
        let id = packages.push(lone_package(packages.next_id(), edition, targets, first + number));
        out.insert(edition, id);
    }
    out
}

fn lone_package(id: PackageId, edition: Edition, targets: Vec<Target>, workspace: usize) -> Package {
    Package {
        id,
        name: Name::new(""),
        dir: String::new(),
        edition,
        targets,
        dependencies: Vec::new(),
        workspace,
        publish: false,
        aborts_on_panic: false,
        is_for_tests: false,
        proc_macro: false,
        version: None,
        features: BTreeMap::new(),
        lone: true,
        assume_all_dependencies: true,
    }
}
