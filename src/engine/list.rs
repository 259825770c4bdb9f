//! `check --list-files`: every file under the given paths, with the reason for each one that is not checked.
//!
//! Asks the same questions as a check: the same discovery, the same linked program, the same selection.

use std::path::Path;

use crate::base::FileId;
use crate::base::ProblemKind;
use crate::cli::{Error, Listed, Listing, Request};
use crate::program::Program;
use crate::source::{self, Skip, Sources};

use super::{discovery, locate, problems};

/// As for a check, but files that are all left out are no error: the list says why.
pub(super) fn discover(request: &Request) -> Result<Sources, Error> {
    source::discover_all(&discovery(request)?).map_err(problems::edge)
}

/// The list.
pub(super) fn files(program: &Program) -> Listing {
    let sources = &program.sources;
    let read = sources.files.ids().filter(|file| sources.is_given(&sources.files[*file].abs)).map(|file| Listed {
        path: sources.files[file].path.clone(),
        raw: sources.files[file].abs.clone(),
        skipped: why(program, file),
    });
    let passed = sources.skipped.iter().filter(|skipped| sources.is_given(&skipped.path)).map(|skipped| Listed {
        path: source::shown(&sources.root, &skipped.path),
        raw: skipped.path.clone(),
        skipped: Some(skipped.why.as_str().to_owned()),
    });
    let unread = sources.problems.iter().filter_map(|problem| {
        let path = problems::path(problem)?;
        let raw = sources.root.join(path);
        let is_source = Path::new(path).file_name().is_none_or(|name| name != "Cargo.toml");
        (is_source && sources.is_given(&raw)).then(|| Listed {
            path: path.to_owned(),
            raw,
            skipped: Some(format!("{}: {}", problem.kind.as_str(), problem.message)),
        })
    });
    let mut files: Vec<Listed> = read.chain(passed).chain(unread).collect();
    files.sort();
    // A file that git ignores is read all the same when a `mod` names it.
    files.dedup_by(|a, b| a.path == b.path);
    Listing { root: sources.root.clone(), files }
}

fn why(program: &Program, file: FileId) -> Option<String> {
    if let Some(skip) = program.sources.skipped(file) {
        return Some(skip.as_str().to_owned());
    }
    if !locate::is_reported(program, file) {
        return Some(Skip::TestData.as_str().to_owned());
    }
    let problems = &program.facts[file].problems;
    let deep = problems.iter().find(|problem| problem.kind == ProblemKind::TooDeep);
    deep.map(|problem| format!("too-deep: {}", problem.message))
}
