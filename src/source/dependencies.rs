//! Dependencies with what the workspace adds to them: inherited fields, unified features, locked versions.
//!
//! Knows nothing of what lies in a registry: the features of an outside package are those that somebody asks for by
//! name, never those that other features of it imply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::manifest::{DependencyTable, Listed, Manifest};
use super::package::DependencyKind;
use super::workspace::{self, Manifests};

/// One dependency whose package has no id yet.
#[derive(Debug)]
pub(super) struct DependencyDraft {
    pub(super) key: String,
    pub(super) renamed: bool,
    pub(super) package: String,
    pub(super) kind: DependencyKind,
    pub(super) optional: bool,
    pub(super) requirement: Option<String>,
    pub(super) folder: Option<PathBuf>,
    pub(super) platform: Option<String>,
    features: Vec<String>,
    default_features: bool,
}

/// All dependencies of the package in `folder`, sorted by key, then kind.
pub(super) fn draft(
    folder: &Path,
    root: &Path,
    manifests: &Manifests,
    patches: &BTreeMap<String, PathBuf>,
) -> Vec<DependencyDraft> {
    let Some(manifest) = manifests.package(folder) else { return Vec::new() };
    let mut out: Vec<DependencyDraft> =
        manifest.listed().map(|listed| one(folder, root, manifests, patches, listed)).collect();
    out.sort_by(|a, b| (&a.key, a.kind, &a.platform).cmp(&(&b.key, b.kind, &b.platform)));
    out
}

fn one(
    folder: &Path,
    root: &Path,
    manifests: &Manifests,
    patches: &BTreeMap<String, PathBuf>,
    listed: Listed<'_>,
) -> DependencyDraft {
    let own = listed.entry.table();
    let shared = manifests.shared(root);
    let inherited = match shared {
        Some((_, table)) if own.workspace == Some(true) => table.dependencies.get(listed.key).map(|e| e.table()),
        _ => None,
    };
    let inherited = inherited.unwrap_or_default();
    let given = own.package.clone().or_else(|| inherited.package.clone());
    let package = given.clone().unwrap_or_else(|| listed.key.to_owned());
    let folder = workspace::dependency_folder(folder, listed, shared).or_else(|| patches.get(&package).cloned());
    DependencyDraft {
        key: listed.key.to_owned(),
        renamed: given.is_some(),
        package,
        kind: listed.kind,
        optional: own.optional == Some(true),
        folder: folder.filter(|f| manifests.package(f).is_some()),
        platform: listed.platform.map(str::to_owned),
        default_features: default_features(&own, &inherited),
        requirement: own.version.or(inherited.version),
        features: own.features.into_iter().chain(inherited.features).collect(),
    }
}

fn default_features(own: &DependencyTable, inherited: &DependencyTable) -> bool {
    // A member may turn the defaults on again, but not off: `workspace = true, default-features = false` is ignored.
    match (own.workspace, own.default_features) {
        (Some(true), Some(true)) => true,
        (Some(true), Some(false) | None) => inherited.default_features != Some(false),
        (Some(false) | None, own) => own != Some(false),
    }
}

/// The features that hold for the packages of one workspace, by the name of the package: in all code, and in tests.
pub(super) type Features = BTreeMap<String, (Arc<[String]>, Arc<[String]>)>;

/// The same while they are collected.
#[derive(Default)]
struct Unified {
    everywhere: BTreeMap<String, BTreeSet<String>>,
    in_tests: BTreeMap<String, BTreeSet<String>>,
}

impl Unified {
    fn finish(self) -> Features {
        let names: BTreeSet<&String> = self.everywhere.keys().chain(self.in_tests.keys()).collect();
        let of = |name: &String| {
            let everywhere = self.everywhere.get(name).into_iter().flatten();
            let tests: BTreeSet<&String> =
                everywhere.clone().chain(self.in_tests.get(name).into_iter().flatten()).collect();
            (everywhere.cloned().collect(), tests.into_iter().cloned().collect())
        };
        names.into_iter().map(|name| (name.clone(), of(name))).collect()
    }
}

/// A package as unification sees it.
pub(super) struct Member<'a> {
    pub(super) folder: &'a Path,
    pub(super) manifest: &'a Manifest,
    pub(super) dependencies: &'a [DependencyDraft],
}

/// Collects what the members of one workspace ask for: in their tables, and through the features that are on in a
/// plain build (`default`, and what other members ask of them).
pub(super) fn unify(members: &[Member<'_>]) -> Features {
    let mut out = Unified::default();
    let mut open: Vec<(usize, String)> = (0..members.len()).map(|i| (i, "default".to_owned())).collect();
    let index: BTreeMap<&Path, usize> = members.iter().enumerate().map(|(i, m)| (m.folder, i)).collect();
    for dependency in members.iter().flat_map(|m| m.dependencies) {
        let dev = dependency.kind == DependencyKind::Dev;
        let table = if dev { &mut out.in_tests } else { &mut out.everywhere };
        let features = table.entry(dependency.package.clone()).or_default();
        features.extend(dependency.features.iter().cloned());
        if dependency.default_features {
            features.insert("default".to_owned());
        }
        let inside = dependency.folder.as_deref().and_then(|f| index.get(f));
        if let (Some(inside), false) = (inside, dev) {
            open.extend(dependency.features.iter().map(|f| (*inside, f.clone())));
        }
    }
    let mut done = BTreeSet::new();
    while let Some((at, feature)) = open.pop() {
        let member = &members[at];
        let enabled = member.manifest.features.get(&feature).cloned().unwrap_or_default();
        if !done.insert((at, feature)) {
            continue;
        }
        for entry in enabled {
            let Some((key, of_dependency)) = entry.split_once('/') else {
                open.push((at, entry));
                continue;
            };
            let key = key.trim_end_matches('?');
            for dependency in member.dependencies.iter().filter(|d| d.key == key) {
                let dev = dependency.kind == DependencyKind::Dev;
                let table = if dev { &mut out.in_tests } else { &mut out.everywhere };
                table.entry(dependency.package.clone()).or_default().insert(of_dependency.to_owned());
                let inside = dependency.folder.as_deref().and_then(|f| index.get(f));
                open.extend(inside.filter(|_| !dev).map(|inside| (*inside, of_dependency.to_owned())));
            }
        }
    }
    out.finish()
}

/// Declared features, with the silent one of each optional dependency that no `dep:` names.
pub(super) fn declared(manifest: &Manifest, dependencies: &[DependencyDraft]) -> BTreeMap<String, Vec<String>> {
    let mut out = manifest.features.clone();
    let named: BTreeSet<&str> =
        manifest.features.values().flatten().filter_map(|entry| entry.strip_prefix("dep:")).collect();
    for dependency in dependencies.iter().filter(|d| d.optional && !named.contains(d.key.as_str())) {
        out.entry(dependency.key.clone()).or_insert_with(|| vec![format!("dep:{}", dependency.key)]);
    }
    out
}

/// The versions of one `Cargo.lock`, by package.
#[derive(Default, Debug)]
pub(super) struct Lock {
    versions: BTreeMap<String, Vec<String>>,
}

impl Lock {
    /// Reads the two keys that matter, line by line: the file is long, and written by a program.
    pub(super) fn parse(text: &str) -> Self {
        let mut lock = Self::default();
        let mut name = None;
        for line in text.lines() {
            let quoted = |prefix: &str| line.strip_prefix(prefix)?.strip_suffix('"');
            if line == "[[package]]" {
                name = None;
            } else if let Some(text) = quoted("name = \"") {
                name = Some(text);
            } else if let (Some(version), Some(name)) = (quoted("version = \""), name) {
                lock.versions.entry(name.to_owned()).or_default().push(version.to_owned());
            }
        }
        lock
    }

    /// The locked version that fits `requirement`, else the highest, else the lower bound of the requirement.
    pub(super) fn version(&self, package: &str, requirement: Option<&str>) -> Option<String> {
        let bound = requirement.and_then(lower_bound);
        let locked = self.versions.get(package).map_or(&[][..], Vec::as_slice);
        let fits = |v: &&String| bound.as_deref().is_none_or(|bound| compatible(&numbers(v), &numbers(bound)));
        let highest = locked.iter().filter(fits).max_by_key(|v| numbers(v));
        let highest = highest.or_else(|| locked.iter().max_by_key(|v| numbers(v)));
        highest.cloned().or(bound)
    }
}

/// `^1.2` is `1.2.0`; nothing for `*` and `<2`.
pub(super) fn lower_bound(requirement: &str) -> Option<String> {
    let first = requirement.split(',').map(str::trim).find(|part| !part.starts_with('<'))?;
    let plain = first.trim_start_matches(['^', '~', '=', '>', ' ']).trim();
    let stem = plain.split(['-', '+']).next()?;
    let mut parts: Vec<&str> = stem.split('.').take_while(|p| p.parse::<u64>().is_ok()).collect();
    if parts.is_empty() {
        return None;
    }
    parts.resize(3, "0");
    let suffix = plain.get(stem.len()..).unwrap_or_default();
    Some(parts.join(".") + suffix)
}

fn numbers(version: &str) -> [u64; 3] {
    let mut out = [0; 3];
    let stem = version.split(['-', '+']).next().unwrap_or_default();
    for (slot, part) in out.iter_mut().zip(stem.split('.')) {
        *slot = part.parse().unwrap_or(0);
    }
    out
}

/// Cargo's caret: equal up to the first number that is not zero, and not lower.
fn compatible(version: &[u64; 3], bound: &[u64; 3]) -> bool {
    let first = bound.iter().position(|n| *n != 0).unwrap_or(2);
    version[..=first] == bound[..=first] && version >= bound
}
