//! What git would ignore: `.gitignore` of every folder from the analysis root down, and `.git/info/exclude`.
//!
//! The rules of the user's own git configuration are not read: the same tree gives the same files on every machine.
//! Git itself is never run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustc_hash::FxHashMap;

use super::read;

const LIMIT: u64 = 1 << 20;

/// The ignore rules of one tree, read folder by folder as they are asked for.
#[derive(Debug, Default)]
pub(super) struct Ignores {
    root: PathBuf,
    by_folder: FxHashMap<PathBuf, Option<Arc<Gitignore>>>,
}

impl Ignores {
    /// The rules below `root`, where no file has been looked at yet.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), by_folder: FxHashMap::default() }
    }

    /// The rules written in `folder`.
    pub(super) fn of_folder(&mut self, folder: &Path) -> Option<Arc<Gitignore>> {
        if let Some(known) = self.by_folder.get(folder) {
            return known.clone();
        }
        let rules = load(folder, folder == self.root);
        self.by_folder.insert(folder.to_owned(), rules.clone());
        rules
    }

    /// True for the root and what lies below.
    pub(super) fn covers(&self, path: &Path) -> bool {
        path.starts_with(&self.root)
    }

    /// The rules that hold in `folder`: its own last.
    pub(super) fn chain(&mut self, folder: &Path) -> Vec<Arc<Gitignore>> {
        let mut folders: Vec<&Path> = folder.ancestors().take_while(|a| a.starts_with(&self.root)).collect();
        folders.reverse();
        let folders: Vec<PathBuf> = folders.into_iter().map(Path::to_owned).collect();
        folders.iter().filter_map(|f| self.of_folder(f)).collect()
    }

    /// True when git ignores the file, or a folder above it.
    pub(super) fn ignores_file(&mut self, path: &Path) -> bool {
        let inside: Vec<PathBuf> =
            path.ancestors().take_while(|a| *a != self.root && a.starts_with(&self.root)).map(Path::to_owned).collect();
        inside.iter().rev().any(|step| {
            let Some(parent) = step.parent() else { return false };
            let chain = self.chain(parent);
            matches_chain(chain.iter().map(|rules| &**rules), step, step != path)
        })
    }
}

/// The verdict of the deepest rule that says anything about `path`.
pub(super) fn matches_chain<'a>(
    chain: impl DoubleEndedIterator<Item = &'a Gitignore>,
    path: &Path,
    is_folder: bool,
) -> bool {
    for rules in chain.rev() {
        let verdict = rules.matched(path, is_folder);
        if !verdict.is_none() {
            return verdict.is_ignore();
        }
    }
    false
}

fn load(folder: &Path, is_root: bool) -> Option<Arc<Gitignore>> {
    let mut builder = GitignoreBuilder::new(folder);
    let mut texts = Vec::new();
    if is_root {
        texts.extend(read::read_unknown(&folder.join(".git/info/exclude"), LIMIT));
    }
    texts.extend(read::read_unknown(&folder.join(".gitignore"), LIMIT));
    for line in texts.iter().flat_map(|t| t.lines()) {
        // A line that git would not understand either is passed over, as git does.
        let _unreadable = builder.add_line(None, line);
    }
    let rules = builder.build().ok()?;
    (!rules.is_empty()).then(|| Arc::new(rules))
}
