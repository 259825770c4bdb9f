//! Finds manifests and files on disk until nothing new is named.
//!
//! Walks the workspaces of the given paths, then what their members and path dependencies name inside the analysis
//! root. Reads manifests, never source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::given::{Given, Named};
use super::ignores::Ignores;
use super::manifest::{self, BadManifest, Manifest};
use super::read;
use super::walk::{self, Walked};
use super::workspace::Manifests;

/// Larger manifests and locks are not read.
pub(super) const MANIFEST_LIMIT: u64 = 32 << 20;

/// What was found.
pub(super) struct Finder<'a> {
    named: &'a Named,
    /// The folders that nothing may lead out of.
    pub(super) bounds: Vec<PathBuf>,
    pub(super) manifests: Manifests,
    pub(super) ignores: Ignores,
    pub(super) walked: Walked,
    /// Folders that were walked although git ignores them.
    pub(super) ignored_tops: Vec<PathBuf>,
    /// Folders of which everything below was listed.
    pub(super) tops: Vec<PathBuf>,
    tried: BTreeSet<PathBuf>,
}

impl<'a> Finder<'a> {
    /// A finder that has read the manifests above the given paths.
    pub(super) fn new(named: &'a Named) -> Self {
        let mut finder = Self {
            named,
            bounds: Vec::new(),
            manifests: Manifests::default(),
            ignores: Ignores::default(),
            walked: Walked::default(),
            ignored_tops: Vec::new(),
            tops: Vec::new(),
            tried: BTreeSet::new(),
        };
        for given in named.given.iter().chain(&named.also) {
            finder.load_above(given);
        }
        finder
    }

    fn load_above(&mut self, given: &Given) {
        for folder in given.folder().ancestors() {
            self.load(folder);
            let pointed = self.manifests.package(folder).and_then(|m| m.package.as_ref()?.workspace.as_deref());
            if let Some(root) = pointed.and_then(|path| manifest::join(folder, path)) {
                self.load(&root);
            }
            if given.repository.as_deref() == Some(folder) {
                break;
            }
        }
    }

    /// Sets the limits, which depend on the manifests above.
    pub(super) fn bounded(mut self, bounds: Vec<PathBuf>, root: &Path) -> Self {
        self.bounds = bounds;
        self.ignores = Ignores::new(root);
        self
    }

    /// True for what may be read.
    pub(super) fn inside(&self, path: &Path) -> bool {
        self.bounds.iter().any(|b| path.starts_with(b))
    }

    /// Walks everything; answers the packages of the run with their workspaces.
    pub(super) fn search(&mut self) -> BTreeMap<PathBuf, PathBuf> {
        let named = self.named;
        for given in named.given.iter().chain(&named.also) {
            if let Some(top) = self.workspace_of(given).filter(|top| self.inside(top)) {
                self.walk(&top);
            }
            if !given.is_file {
                self.walk(&given.real);
            }
        }
        loop {
            let grouped = self.manifests.group();
            let wanted = self.wanted(&grouped);
            let roots: BTreeSet<&Path> = wanted.values().map(PathBuf::as_path).collect();
            // A workspace without a package of its own names members, too.
            let given = named.given.iter().chain(&named.also);
            let above: Vec<PathBuf> = given.filter_map(|g| self.workspace_of(g)).collect();
            let roots: BTreeSet<&Path> = roots.into_iter().chain(above.iter().map(PathBuf::as_path)).collect();
            let bases = roots.iter().flat_map(|root| self.manifests.pattern_bases(root));
            let bases: BTreeSet<PathBuf> = bases.filter(|b| self.is_open(b)).collect();
            let by_roots = roots.iter().flat_map(|root| self.manifests.named_by_root(root));
            let by_packages = wanted.iter().flat_map(|(folder, root)| self.manifests.named_by(folder, root));
            let folders: BTreeSet<PathBuf> = by_roots.chain(by_packages).filter(|f| self.is_open(f)).collect();
            if bases.is_empty() && folders.is_empty() {
                return wanted;
            }
            for folder in bases.iter().chain(&folders) {
                self.load(folder);
                if bases.contains(folder) || self.manifests.knows(folder) {
                    self.walk(folder);
                }
            }
        }
    }

    /// The folder of the workspace around a path, or of its package. Outside a repository a workspace further up has to
    /// list the package: a stray manifest in a home folder is no reason to walk the home folder.
    pub(super) fn workspace_of(&self, given: &Given) -> Option<PathBuf> {
        let own = self.manifests.nearest(given.folder())?;
        let root = self.manifests.likely_root(own)?;
        let sure = given.repository.is_some() || self.manifests.lists(&root, own);
        Some(if sure { root } else { own.to_owned() })
    }

    /// Not looked at yet, and allowed.
    fn is_open(&self, folder: &Path) -> bool {
        !self.tried.contains(folder) && self.inside(folder)
    }

    /// The packages of the enclosing workspaces and below the given paths, and the path dependencies of all of them.
    fn wanted(&self, grouped: &BTreeMap<PathBuf, PathBuf>) -> BTreeMap<PathBuf, PathBuf> {
        let mut roots: BTreeSet<&Path> = BTreeSet::new();
        for given in self.named.given.iter().chain(&self.named.also) {
            let nearest = self.manifests.nearest(given.folder());
            roots.extend(nearest.map(|n| grouped.get(n).map_or(n, PathBuf::as_path)));
            roots.extend(grouped.iter().filter(|(f, _)| f.starts_with(&given.real)).map(|(_, root)| root.as_path()));
        }
        let inside = grouped.iter().filter(|(f, root)| roots.contains(root.as_path()) && self.inside(f));
        let mut open: Vec<&PathBuf> = inside.map(|(f, _)| f).collect();
        let mut wanted: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        let mut patches: BTreeMap<&Path, BTreeMap<String, PathBuf>> = BTreeMap::new();
        while let Some(folder) = open.pop() {
            let Some(root) = grouped.get(folder) else { continue };
            if wanted.insert(folder.clone(), root.clone()).is_none() {
                let patched = patches.entry(root).or_insert_with(|| self.manifests.patches(root));
                let named = self.manifests.named_by(folder, root).chain(patched.values().cloned());
                let known = named.filter_map(|f| grouped.get_key_value(&f)).map(|(f, _)| f);
                open.extend(known.filter(|f| self.inside(f) && !wanted.contains_key(*f)));
            }
        }
        wanted
    }

    /// Reads the manifest of `folder`, if there is one and nobody has tried before.
    fn load(&mut self, folder: &Path) {
        if self.tried.insert(folder.to_owned())
            && let Some(parsed) = self.parse(folder)
        {
            self.manifests.add(folder.to_owned(), parsed);
        }
    }

    fn parse(&self, folder: &Path) -> Option<Result<Manifest, BadManifest>> {
        let path = folder.join("Cargo.toml");
        let meta = path.symlink_metadata().ok()?;
        // A folder reached through a link keeps the name it has inside the root, or none.
        let real = path.canonicalize().ok()?;
        let plain = if meta.is_symlink() { self.inside(&real) } else { real == path };
        if !plain {
            return None;
        }
        Some(match read::read_unknown(&real, MANIFEST_LIMIT) {
            Ok(text) => manifest::parse(&text),
            Err(failure) => Err(BadManifest { message: failure.message, bytes: None, text: None }),
        })
    }

    /// Lists everything below `top`, unless an earlier walk did.
    fn walk(&mut self, top: &Path) {
        if self.walked.folders.contains(top) {
            return;
        }
        self.tops.push(top.to_owned());
        if self.ignores.covers(top) && self.ignores.ignores_file(top) {
            self.ignored_tops.push(top.to_owned());
        }
        let (manifests, links) = (self.walked.manifests.len(), self.walked.links.len());
        walk::walk(top, &mut self.ignores, &mut self.walked);
        let linked = self.walked.links[links..].iter().filter(|l| l.ends_with("Cargo.toml"));
        let found = self.walked.manifests[manifests..].iter().cloned();
        let found: Vec<PathBuf> = found
            .chain(linked.filter_map(|l| l.parent().map(Path::to_owned)))
            .filter(|f| !self.tried.contains(f))
            .collect();
        let parsed: Vec<_> = found.par_iter().map(|folder| self.parse(folder)).collect();
        for (folder, parsed) in found.into_iter().zip(parsed) {
            self.tried.insert(folder.clone());
            if let Some(parsed) = parsed {
                self.manifests.add(folder, parsed);
            }
        }
    }

    /// Members that a workspace of the run lists and that may not be read.
    pub(super) fn outside_members(&self, wanted: &BTreeMap<PathBuf, PathBuf>) -> Vec<(PathBuf, String)> {
        let roots: BTreeSet<&PathBuf> = wanted.values().collect();
        let listed = roots.into_iter().flat_map(|root| {
            let table = self.manifests.shared(root).map(|(_, table)| table);
            table.into_iter().flat_map(|t| &t.members).map(move |member| (root, member))
        });
        let outside = listed.filter(|(root, member)| manifest::join(root, member).is_none_or(|f| !self.inside(&f)));
        outside.map(|(root, member)| (root.join("Cargo.toml"), member.clone())).collect()
    }
}
