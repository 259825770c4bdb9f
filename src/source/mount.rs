//! `Sources::load_mounted`: a file that a `mod` names and the walk did not list.
//!
//! Reads it only where it lies inside the analysis root. Never decides which file a `mod` names: the linker does.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::ignores::Ignores;
use super::{Problem, ProblemKind, SourceFile, Sources, discover, manifest, read};
use crate::base::FileId;

/// What is needed to read more files later.
#[derive(Debug)]
pub(super) struct Disk {
    ignores: Ignores,
    bounds: Vec<PathBuf>,
    limit: u64,
    /// Paths that became a problem: said once.
    refused: FxHashSet<PathBuf>,
}

impl Disk {
    /// Keeps what discovery knew.
    pub(super) fn new(ignores: Ignores, bounds: Vec<PathBuf>, limit: u64) -> Self {
        Self { ignores, bounds, limit, refused: FxHashSet::default() }
    }
}

impl Sources {
    /// The first of `candidates` (paths relative to the analysis root, `..` allowed) that exists: known, or read now.
    /// A file outside the root is a problem, as is one that cannot be read.
    pub fn load_mounted(&mut self, parent: FileId, candidates: &[impl AsRef<str>]) -> Option<FileId> {
        for candidate in candidates {
            let candidate = candidate.as_ref();
            let plain = manifest::join(Path::new(""), candidate).map(|path| super::memory::show(&path));
            if let Some(known) = plain.as_deref().and_then(|path| self.by_path(path)) {
                return Some(known);
            }
            let Some(disk) = &self.disk else {
                if plain.is_none() {
                    self.outside(Path::new(candidate), candidate.to_owned());
                }
                continue;
            };
            let wanted = self.on_disk(parent, candidate);
            if wanted.symlink_metadata().is_err() {
                continue;
            }
            let Ok(real) = wanted.canonicalize() else { continue };
            if !disk.bounds.iter().any(|b| real.starts_with(b)) {
                let path = discover::shown(&self.root, &wanted);
                self.outside(&real, path);
                return None;
            }
            if real.is_dir() {
                continue;
            }
            return self.load(parent, &real, plain);
        }
        None
    }

    /// A folder name that is not UTF-8 is only known through the parent's own path.
    fn on_disk(&self, parent: FileId, candidate: &str) -> PathBuf {
        let parent = &self.files[parent];
        let shown = parent.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let below = candidate.strip_prefix(shown).map(|rest| rest.trim_start_matches('/'));
        match (below, parent.abs.parent()) {
            (Some(below), Some(folder)) if shown.contains('\u{fffd}') => folder.join(below),
            _ => self.root.join(candidate),
        }
    }

    fn load(&mut self, parent: FileId, real: &Path, alias: Option<String>) -> Option<FileId> {
        let path = discover::shown(&self.root, real);
        let known = self.by_path(&path).filter(|id| self.files[*id].abs == real);
        let id = match known {
            Some(known) => known,
            None => self.read_more(parent, real, path)?,
        };
        if let Some(alias) = alias {
            self.by_path.entry(alias).or_insert(id);
        }
        Some(id)
    }

    fn read_more(&mut self, parent: FileId, real: &Path, path: String) -> Option<FileId> {
        let disk = self.disk.as_mut()?;
        if disk.refused.contains(real) {
            return None;
        }
        let text = match read::read_unknown(real, disk.limit) {
            Ok(text) => text,
            Err(failure) => {
                disk.refused.insert(real.to_owned());
                self.problems.push(failure.problem(path));
                return None;
            }
        };
        let ignored_by_git = disk.ignores.ignores_file(real);
        let id = self.files.next_id();
        self.by_path.entry(path.clone()).or_insert(id);
        self.files.push(SourceFile {
            generated: read::is_generated(&text),
            path,
            abs: real.to_owned(),
            text,
            package: self.files[parent].package,
            ignored_by_git,
        });
        Some(id)
    }

    fn outside(&mut self, real: &Path, path: String) {
        let new = self.disk.as_mut().is_none_or(|disk| disk.refused.insert(real.to_owned()));
        if new {
            let message = "is named by a `mod` and lies outside the analysis root";
            self.problems.push(Problem::at_path(ProblemKind::OutsideRoot, path, message));
        }
    }
}
