//! Which package belongs to which workspace.
//!
//! Works on manifests that were read before, so it is the same for files on disk and files in memory. A package that
//! no workspace lists is its own workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::manifest::{self, BadManifest, Listed, Manifest, WorkspaceTable};

/// All manifests seen so far, by their folder.
#[derive(Default, Debug)]
pub(super) struct Manifests {
    pub(super) good: BTreeMap<PathBuf, Manifest>,
    pub(super) bad: BTreeMap<PathBuf, BadManifest>,
}

impl Manifests {
    pub(super) fn knows(&self, folder: &Path) -> bool {
        self.good.contains_key(folder) || self.bad.contains_key(folder)
    }

    pub(super) fn add(&mut self, folder: PathBuf, parsed: Result<Manifest, BadManifest>) {
        match parsed {
            Ok(manifest) => {
                self.good.insert(folder, manifest);
            }
            Err(bad) => {
                self.bad.insert(folder, bad);
            }
        }
    }

    /// The manifest of the package or workspace whose root is `folder`, if it is a package.
    pub(super) fn package(&self, folder: &Path) -> Option<&Manifest> {
        self.good.get(folder).filter(|m| m.package.is_some())
    }

    fn workspace(&self, folder: &Path) -> Option<&WorkspaceTable> {
        self.good.get(folder)?.workspace.as_ref()
    }

    /// The nearest folder from `folder` upwards whose manifest can be used.
    pub(super) fn nearest<'a>(&self, folder: &'a Path) -> Option<&'a Path> {
        folder.ancestors().find(|a| self.good.contains_key(*a))
    }

    /// The package that owns the files of `folder`: its nearest manifest, if that is a package that can be used.
    pub(super) fn owner<'a>(&self, folder: &'a Path) -> Option<&'a Path> {
        let nearest = folder.ancestors().find(|a| self.knows(a))?;
        self.package(nearest).map(|_| nearest)
    }

    /// The folder of the workspace that may list the package of `folder`; to be settled by `group`.
    pub(super) fn likely_root(&self, folder: &Path) -> Option<PathBuf> {
        let own = self.nearest(folder)?;
        if let Some(pointed) = self.pointer(own) {
            return Some(pointed);
        }
        let root = own.ancestors().find(|a| {
            let Some(table) = self.workspace(a) else { return false };
            *a == own || !is_excluded(a, table, own)
        });
        Some(root.unwrap_or(own).to_owned())
    }

    /// True when workspace `root` spells out the package of `folder`, or the package names that workspace.
    pub(super) fn lists(&self, root: &Path, folder: &Path) -> bool {
        let listed = || self.workspace(root).is_some_and(|table| patterns(root, &table.members).is_match(folder));
        root == folder || self.pointer(folder).as_deref() == Some(root) || listed()
    }

    /// `package.workspace`.
    fn pointer(&self, folder: &Path) -> Option<PathBuf> {
        let named = self.good.get(folder)?.package.as_ref()?.workspace.as_deref()?;
        let root = manifest::join(folder, named)?;
        self.workspace(&root).is_some().then_some(root)
    }

    /// The workspace root of every package: its own folder where no workspace has it as a member.
    pub(super) fn group(&self) -> BTreeMap<PathBuf, PathBuf> {
        let roots: Vec<(&Path, BTreeSet<PathBuf>)> = self
            .good
            .iter()
            .filter_map(|(root, m)| Some((root.as_path(), self.members(root, m.workspace.as_ref()?))))
            .collect();
        let packages = self.good.iter().filter(|(_, m)| m.package.is_some());
        let grouped = packages.map(|(folder, m)| {
            let root = if m.workspace.is_some() {
                folder.clone()
            } else if let Some(root) = self.pointer(folder) {
                root
            } else {
                let claims = || roots.iter().filter(|(_, members)| members.contains(folder)).map(|(root, _)| *root);
                let above = claims().filter(|root| folder.starts_with(root)).max_by_key(|r| r.components().count());
                above.or_else(|| claims().next()).unwrap_or(folder).to_owned()
            };
            (folder.clone(), root)
        });
        grouped.collect()
    }

    fn members(&self, root: &Path, table: &WorkspaceTable) -> BTreeSet<PathBuf> {
        let listed = patterns(root, &table.members);
        let may_join = |folder: &Path| {
            let package = self.package(folder).is_some_and(|m| m.workspace.is_none());
            package && !is_excluded(root, table, folder)
        };
        let mut members: BTreeSet<PathBuf> =
            self.good.keys().filter(|f| listed.is_match(f) && may_join(f)).cloned().collect();
        let mut open: Vec<PathBuf> = members.iter().cloned().collect();
        open.push(root.to_owned());
        while let Some(member) = open.pop() {
            let Some(manifest) = self.good.get(&member) else { continue };
            let found = manifest.listed().filter_map(|d| dependency_folder(&member, d, Some((root, table))));
            for found in found.filter(|f| f.starts_with(root) && may_join(f)).collect::<Vec<_>>() {
                if members.insert(found.clone()) {
                    open.push(found);
                }
            }
        }
        members
    }

    /// The `[workspace]` that holds for the packages of workspace `root`.
    pub(super) fn shared(&self, root: &Path) -> Option<(&Path, &WorkspaceTable)> {
        let (root, manifest) = self.good.get_key_value(root)?;
        Some((root, manifest.workspace.as_ref()?))
    }

    /// Folders that the dependencies of one package name.
    pub(super) fn named_by<'a>(&'a self, folder: &'a Path, root: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        let shared = self.shared(root);
        let dependencies = self.good.get(folder).into_iter().flat_map(Manifest::listed);
        dependencies.filter_map(move |d| dependency_folder(folder, d, shared))
    }

    /// Folders that a workspace names itself: members and patches.
    pub(super) fn named_by_root<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        let members = self.workspace(root).into_iter().flat_map(|table| &table.members).filter(|m| !is_glob(m));
        members.filter_map(move |m| manifest::join(root, m)).chain(self.patches(root).into_values())
    }

    /// Folders outside the workspace's own that its member patterns reach into.
    pub(super) fn pattern_bases(&self, root: &Path) -> Vec<PathBuf> {
        let members = self.workspace(root).into_iter().flat_map(|table| &table.members);
        let bases = members.filter(|m| is_glob(m) && m.starts_with("..")).filter_map(|m| {
            let plain: Vec<&str> = m.split('/').take_while(|part| !is_glob(part)).collect();
            manifest::join(root, &plain.join("/"))
        });
        bases.collect()
    }

    /// `[patch]` entries with a path, by the name of the package they replace.
    pub(super) fn patches(&self, root: &Path) -> BTreeMap<String, PathBuf> {
        let tables = self.good.get(root).into_iter().flat_map(|m| m.patch.values()).flatten();
        let local = tables.filter_map(|(key, entry)| {
            let folder = manifest::join(root, entry.path()?)?;
            Some((entry.package().unwrap_or(key).to_owned(), folder))
        });
        local.collect()
    }
}

/// Where a dependency lies, if it names a folder.
pub(super) fn dependency_folder(
    folder: &Path,
    listed: Listed<'_>,
    shared: Option<(&Path, &WorkspaceTable)>,
) -> Option<PathBuf> {
    if let Some(path) = listed.entry.path() {
        return manifest::join(folder, path);
    }
    if !listed.entry.is_shared() {
        return None;
    }
    let (root, table) = shared?;
    manifest::join(root, table.dependencies.get(listed.key)?.path()?)
}

/// Cargo's rule: below an excluded path, unless also below a path that `members` spells out.
fn is_excluded(root: &Path, table: &WorkspaceTable, folder: &Path) -> bool {
    let below = |list: &[String]| list.iter().filter_map(|p| manifest::join(root, p)).any(|p| folder.starts_with(p));
    below(&table.exclude) && !below(&table.members)
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// The patterns of `members` as patterns for whole folder paths.
fn patterns(root: &Path, members: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for member in members {
        let Some(folder) = manifest::join(root, member) else { continue };
        let shared = folder.components().zip(root.components()).take_while(|(a, b)| a == b).count();
        let mut text = String::new();
        for (i, part) in folder.components().enumerate() {
            let part = part.as_os_str().to_string_lossy();
            if !text.is_empty() && !text.ends_with('/') {
                text.push('/');
            }
            // What comes from the place of the checkout is no pattern.
            text.push_str(&if i < shared { globset::escape(&part) } else { part.into_owned() });
        }
        if let Ok(glob) = GlobBuilder::new(&text).literal_separator(true).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}
