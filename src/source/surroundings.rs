//! What lies around the paths of a request: repositories, workspaces, and texts that are no source.
//!
//! For those who need to know where a run takes place before it begins. Reads manifests and the file it is asked for, nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::finder::{Finder, MANIFEST_LIMIT};
use super::{Request, given, read};
use crate::error::Error;

/// Where a run takes place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Surroundings {
    /// The analysis root: what paths in outputs are relative to.
    pub root: PathBuf,
    /// One for each path of the request.
    pub places: Vec<Surrounding>,
}

/// What lies around one path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Surrounding {
    /// The path, links resolved.
    pub path: PathBuf,
    /// The folder of its workspace or package; the folder of the path where there is none.
    pub workspace: PathBuf,
    /// The folder of its repository; the same as `workspace` where there is none.
    pub repository: PathBuf,
}

/// Looks around the paths of `request`.
pub fn surroundings(request: &Request) -> Result<Surroundings, Error> {
    let cwd = request.cwd.canonicalize();
    let cwd = cwd.map_err(|cause| Error::MissingPath { path: request.cwd.clone(), cause })?;
    let named = given::resolve(request)?;
    let finder = Finder::new(&named);
    let root = given::common(&given::bounds(&named, &cwd, |given| finder.workspace_of(given)), &cwd);
    let place = |given: &given::Given| {
        let workspace = finder.workspace_of(given).filter(|folder| folder.starts_with(&root));
        let workspace = workspace.unwrap_or_else(|| given.folder().to_owned());
        let repository = given.repository.clone().unwrap_or_else(|| workspace.clone());
        Surrounding { path: given.real.clone(), workspace, repository }
    };
    let all = named.also.iter().chain(&named.given);
    Ok(Surroundings { places: all.map(place).collect(), root })
}

/// The name of the package of a manifest inside `root`.
pub fn package_name(manifest: &Path, root: &Path) -> Option<String> {
    let text = read_text(manifest, root, MANIFEST_LIMIT)?.ok()?;
    super::manifest::parse(&text).ok()?.package.map(|package| package.name)
}

/// The text of a small regular file inside `root`: `None` where there is none, `Err` with the reason where it is not read.
/// A link is followed as long as it leads to a file inside.
pub fn read_text(path: &Path, root: &Path, limit: u64) -> Option<Result<Arc<str>, String>> {
    path.symlink_metadata().ok()?;
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(cause) => return Some(Err(format!("cannot be read: {}", read::cause_text(&cause)))),
    };
    if !real.starts_with(root) {
        return Some(Err("is a link that leads out of the analysis root".to_owned()));
    }
    Some(read::read_unknown(&real, limit).map_err(|failure| failure.message))
}
