//! The paths of a request: made real, checked, and the analysis root they share.
//!
//! Looks at names only; reads no source and no manifest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Problem, ProblemKind, Request, Unsaved, discover, read};
use crate::error::Error;

/// A path the user named, links resolved.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) real: PathBuf,
    pub(super) is_file: bool,
    /// The nearest folder upwards that holds `.git`.
    pub(super) repository: Option<PathBuf>,
}

impl Given {
    /// The folder itself, or the one of the file.
    pub(super) fn folder(&self) -> &Path {
        if self.is_file { self.real.parent().unwrap_or(&self.real) } else { &self.real }
    }
}

/// What a request names.
pub(super) struct Named {
    /// What is reported.
    pub(super) given: Vec<Given>,
    /// What is read besides: the folder of `--manifest-path`.
    pub(super) also: Option<Given>,
    /// The text that stands for a file, with the real path of that file.
    pub(super) unsaved: Option<(PathBuf, Arc<str>)>,
    /// Paths that exist and cannot be used, and why.
    pub(super) refused: Vec<Refused>,
}

/// A path that exists and cannot be used.
pub(super) struct Refused {
    kind: ProblemKind,
    path: PathBuf,
    message: String,
}

impl Refused {
    /// As a problem, with the path relative to the analysis root.
    pub(super) fn problem(&self, root: &Path) -> Problem {
        Problem::at_path(self.kind, discover::shown(root, &self.path), self.message.clone())
    }
}

/// Resolves the paths of `request`.
pub(super) fn resolve(request: &Request) -> Result<Named, Error> {
    let mut named = Named { given: Vec::new(), also: None, unsaved: None, refused: Vec::new() };
    if let Some(manifest) = &request.manifest_path {
        let real = real(request, manifest)?;
        let folder = if real.is_dir() { real } else { real.parent().map(Path::to_owned).unwrap_or(real) };
        named.also = Some(Given { repository: repository(&folder), real: folder, is_file: false });
    }
    if let Some(unsaved) = &request.unsaved {
        let given = stands_for(request, unsaved)?;
        named.unsaved = Some((given.real.clone(), Arc::clone(&unsaved.text)));
        named.given.push(given);
    }
    let here = [PathBuf::from(".")];
    let is_bare = request.paths.is_empty() && named.also.is_none() && named.unsaved.is_none();
    let paths = if is_bare { &here[..] } else { &request.paths };
    for path in paths {
        let real = real(request, path)?;
        match check(request, path, real) {
            Ok(given) => named.given.push(given),
            Err(refused) => named.refused.push(refused),
        }
    }
    if request.paths.is_empty() && named.unsaved.is_none() {
        named.given.extend(named.also.clone());
    }
    named.given.sort_by(|a, b| a.real.cmp(&b.real));
    named.given.dedup_by(|a, b| a.real == b.real);
    Ok(named)
}

fn real(request: &Request, path: &Path) -> Result<PathBuf, Error> {
    request.cwd.join(path).canonicalize().map_err(|cause| Error::MissingPath { path: path.to_owned(), cause })
}

/// The file of an unsaved text. Only its folder has to exist.
fn stands_for(request: &Request, unsaved: &Unsaved) -> Result<Given, Error> {
    let typed = request.cwd.join(&unsaved.path);
    let missing = |cause| Error::MissingPath { path: unsaved.path.clone(), cause };
    let real = match (typed.canonicalize(), typed.parent(), typed.file_name()) {
        (Ok(real), ..) => real,
        (Err(_), Some(folder), Some(name)) => folder.canonicalize().map_err(missing)?.join(name),
        (Err(cause), ..) => return Err(missing(cause)),
    };
    if real.is_dir() {
        return Err(Error::Usage(format!("`{}` is a folder and cannot be the name of a text", unsaved.path.display())));
    }
    let repository = real.parent().and_then(repository);
    Ok(Given { real, is_file: true, repository })
}

fn check(request: &Request, typed: &Path, real: PathBuf) -> Result<Given, Refused> {
    let typed = request.cwd.join(typed);
    let parent = typed.parent().and_then(|p| p.canonicalize().ok());
    let named = parent.as_deref().zip(typed.file_name()).map_or_else(|| real.clone(), |(p, name)| p.join(name));
    let refused = |kind, message: &str| Err(Refused { kind, path: named, message: message.to_owned() });
    let kind = match std::fs::metadata(&real) {
        Ok(meta) => meta.file_type(),
        Err(cause) => {
            let message = format!("cannot be read: {}", read::cause_text(&cause));
            return refused(ProblemKind::Unreadable, &message);
        }
    };
    // A link in a repository that leads out of it is not followed just because a hook passed its name on.
    let link = typed.symlink_metadata().is_ok_and(|m| m.is_symlink());
    let home = parent.filter(|_| link).and_then(|p| repository(&p));
    if home.is_some_and(|home| !real.starts_with(home)) {
        return refused(ProblemKind::OutsideRoot, "is a link that leads out of the analysis root");
    }
    if kind.is_dir() {
        return Ok(Given { repository: repository(&real), real, is_file: false });
    }
    if !kind.is_file() {
        return refused(ProblemKind::NotAFile, "is not a regular file and was not opened");
    }
    let folder = real.parent().unwrap_or(&real).to_owned();
    let repository = repository(&folder);
    if real.file_name().is_some_and(|name| name == "Cargo.toml") {
        return Ok(Given { real: folder, is_file: false, repository });
    }
    Ok(Given { real, is_file: true, repository })
}

fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|a| a.join(".git").symlink_metadata().is_ok()).map(Path::to_owned)
}

/// The analysis root of each path: `bounds`. `workspace` answers where there is no repository.
pub(super) fn bounds(named: &Named, cwd: &Path, workspace: impl Fn(&Given) -> Option<PathBuf>) -> Vec<PathBuf> {
    let one = |given: &Given| {
        let own = || if given.folder().starts_with(cwd) { cwd } else { given.folder() }.to_owned();
        given.repository.clone().or_else(|| workspace(given)).unwrap_or_else(own)
    };
    let mut bounds: Vec<PathBuf> = named.given.iter().chain(&named.also).map(one).collect();
    bounds.sort();
    bounds.dedup();
    bounds
}

/// The one root of several: the folder that holds them all.
pub(super) fn common(bounds: &[PathBuf], cwd: &Path) -> PathBuf {
    let Some((first, rest)) = bounds.split_first() else { return cwd.to_owned() };
    let holds_all = |folder: &&Path| rest.iter().all(|b| b.starts_with(folder));
    first.ancestors().find(holds_all).unwrap_or(first).to_owned()
}
