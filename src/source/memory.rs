//! `from_memory`: sources that a test or a documentation page holds.
//!
//! Touches no disk. A `Cargo.toml` among the files is understood as on disk; a file that belongs to none is lone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assemble::{self, Entry, Parts};
use super::dependencies::Lock;
use super::manifest;
use super::model::{self, Input};
use super::select::Selection;
use super::workspace::Manifests;
use super::{Problem, ProblemKind, Sources};

/// Sources from paths (relative, with `/`) and texts. Everything is selected.
pub fn from_memory(files: Vec<(String, String)>) -> Sources {
    let mut problems = Vec::new();
    let texts: BTreeMap<PathBuf, Arc<str>> = files
        .into_iter()
        .filter_map(|(path, text)| {
            let joined = manifest::join(Path::new(""), path.trim_start_matches('/'));
            if joined.is_none() {
                problems.push(Problem::at_path(ProblemKind::OutsideRoot, path, "lies outside the analysis root"));
            }
            Some((joined?, Arc::from(text)))
        })
        .collect();
    let mut manifests = Manifests::default();
    for (path, text) in texts.iter().filter(|(path, _)| path.ends_with("Cargo.toml")) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        manifests.add(folder, manifest::parse(text));
    }
    problems.extend(manifests.bad.iter().map(|(folder, bad)| bad.problem(show(&folder.join("Cargo.toml")))));
    let paths: BTreeSet<PathBuf> =
        texts.keys().filter(|path| path.extension().is_some_and(|e| e == "rs")).cloned().collect();
    let input = Input { manifests: &manifests, grouped: &manifests.group(), files: &paths, show: &show };
    let drafts = model::draft(&input, &mut problems);
    let entries = paths.iter().map(|path| Entry {
        path: show(path),
        abs: path.clone(),
        text: Arc::clone(&texts[path]),
        owner: path.parent().and_then(|folder| manifests.owner(folder)).map(Path::to_owned),
        ignored_by_git: false,
    });
    let lock = |root: &Path| texts.get(&root.join("Cargo.lock")).map(|text| Lock::parse(text)).unwrap_or_default();
    let parts = Parts { drafts: &drafts, manifests: &manifests, aliases: &BTreeMap::new(), lock: &lock, show: &show };
    let assembled = assemble::assemble(entries.collect(), &parts);
    Sources {
        root: PathBuf::new(),
        files: assembled.files,
        packages: assembled.packages,
        problems,
        speaking: Vec::new(),
        skipped: Vec::new(),
        timings: Vec::new(),
        by_path: assembled.by_path,
        selection: Selection::everything(),
        tops: vec![PathBuf::new()],
        disk: None,
    }
}

/// A path as outputs show it.
pub(super) fn show(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}
