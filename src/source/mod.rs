//! The outside world becomes text: `discover` reads files and manifests, `from_memory` takes them from a test or page.
//!
//! With `cli` the only room that touches the file system. It never runs cargo, git or anything else, follows no link
//! out of the analysis root, opens nothing but regular files, and looks at no syntax: which file a `mod` names is for
//! the linker, who asks back with `load_mounted`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::base::SourceMap;
use crate::base::{FileId, IndexVec, Name};

mod assemble;
mod dependencies;
mod discover;
mod finder;
mod given;
mod ignores;
mod manifest;
mod memory;
mod model;
mod mount;
mod package;
mod problem;
mod read;
mod select;
mod skip;
mod surroundings;
mod targets;
mod walk;
mod workspace;

#[cfg(test)]
mod tests;

pub use crate::base::ProblemKind;
pub use discover::{discover, discover_all, shown};
pub use memory::from_memory;
pub use package::{Dependency, DependencyKind, Edition, Package, PackageId, Target, TargetKind};
pub use problem::{Origin, Place, Problem};
pub use skip::{Skip, Skipped};
pub use surroundings::{Surrounding, Surroundings, package_name, read_text, surroundings};

/// The size limit of a source file unless the user sets one.
pub const MAX_FILE_SIZE: u64 = 4 << 20;

/// What to read and what to report.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files and folders whose findings are reported; empty for the current directory. They choose what is reported:
    /// the workspaces around them are read in full.
    pub paths: Vec<PathBuf>,
    /// A `Cargo.toml` whose workspace is read; without `paths` its folder is what is reported.
    pub manifest_path: Option<PathBuf>,
    /// Names of packages to report, `*` allowed; empty for all.
    pub packages: Vec<String>,
    /// Files whose findings are not reported, in the syntax of `.gitignore`, relative to the analysis root.
    pub exclude: Vec<String>,
    /// Where not empty, only these files are reported; same syntax.
    pub include: Vec<String>,
    /// Report in files that say `@generated`, too.
    pub generated: bool,
    /// In bytes; a larger file is a problem.
    pub max_file_size: u64,
    /// What relative paths are relative to.
    pub cwd: PathBuf,
    /// A text that stands for a file, which need not exist: what an editor holds. Without `paths` it is what is reported.
    pub unsaved: Option<Unsaved>,
}

/// A text that is not, or not so, on disk.
#[derive(Clone, Debug)]
pub struct Unsaved {
    /// The file that it is the text of.
    pub path: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

impl Request {
    /// Everything below `cwd`, with the usual limits.
    pub fn new(cwd: impl Into<PathBuf>) -> Self {
        Self {
            paths: Vec::new(),
            manifest_path: None,
            packages: Vec::new(),
            exclude: Vec::new(),
            include: Vec::new(),
            generated: false,
            max_file_size: MAX_FILE_SIZE,
            cwd: cwd.into(),
            unsaved: None,
        }
    }
}

/// All input of a run.
#[derive(Debug)]
pub struct Sources {
    /// The analysis root: the nearest folder upwards with `.git`, else the workspace root, else the current directory.
    pub root: PathBuf,
    /// Sorted by the bytes of their path; files that a `mod` added later come after, in the order they were asked for.
    pub files: IndexVec<FileId, SourceFile>,
    /// Packages by folder, then the lone packages by edition.
    pub packages: IndexVec<PackageId, Package>,
    /// What could not be read or used.
    pub problems: Vec<Problem>,
    /// Members whose manifests have a table `[package.metadata.asynclint]`, by folder.
    pub speaking: Vec<Speaking>,
    /// Rust files and folders that were passed over, sorted; for `--list-files`.
    pub skipped: Vec<Skipped>,
    /// Time by stage of discovery; for `--timings`, never for a machine format.
    pub timings: Vec<(&'static str, Duration)>,
    by_path: FxHashMap<String, FileId>,
    selection: select::Selection,
    /// Folders of which everything below was listed.
    tops: Vec<PathBuf>,
    disk: Option<mount::Disk>,
}

/// A member of a workspace that says something about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Speaking {
    /// The name of its package.
    pub package: String,
    /// Where its manifest lies.
    pub manifest: PathBuf,
}

/// One file of Rust.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the analysis root, with `/`; lossy where a name is not UTF-8.
    pub path: String,
    /// Where it lies; links resolved.
    pub abs: PathBuf,
    /// The text, from the first byte on.
    pub text: Arc<str>,
    /// The package whose folder it lies in, else the lone package of its edition. A file that a `mod` brings in from
    /// outside any package has that of its parent.
    pub package: PackageId,
    /// Git ignores it, or a folder above it: facts are used, findings are not reported.
    pub ignored_by_git: bool,
    /// One of the first ten lines says `@generated`.
    pub generated: bool,
}

impl SourceMap for Sources {
    fn path(&self, file: FileId) -> &str {
        &self.files[file].path
    }

    #[cfg(unix)]
    fn path_bytes(&self, file: FileId) -> std::borrow::Cow<'_, [u8]> {
        use std::os::unix::ffi::OsStrExt;
        let shown = &self.files[file].path;
        // Only a name that is not UTF-8 was changed to be shown.
        if !shown.contains(char::REPLACEMENT_CHARACTER) {
            return std::borrow::Cow::Borrowed(shown.as_bytes());
        }
        let abs = &self.files[file].abs;
        std::borrow::Cow::Borrowed(abs.strip_prefix(&self.root).unwrap_or(abs).as_os_str().as_bytes())
    }

    fn text(&self, file: FileId) -> &str {
        &self.files[file].text
    }
}

impl Sources {
    /// Puts another text in the place of a file's, in memory alone.
    pub fn set_text(&mut self, file: FileId, text: Arc<str>) {
        self.files[file].text = text;
    }

    /// Makes a package depend on another crate, in memory alone.
    pub fn add_dependency(&mut self, package: PackageId, kind: DependencyKind, name: &str) {
        let dependencies = &mut self.packages[package].dependencies;
        dependencies.push(Dependency {
            extern_name: package::crate_name(name),
            package: Name::new(name),
            kind,
            optional: false,
            features: Arc::default(),
            test_features: Arc::default(),
            version: None,
            path: None,
            platform: None,
        });
        dependencies.sort_by_key(|d| (d.extern_name, d.kind));
    }

    /// The package of a file.
    pub fn package_of(&self, file: FileId) -> &Package {
        &self.packages[self.files[file].package]
    }

    /// True when everything below a folder was looked at, whatever is reported.
    pub fn covers(&self, folder: &Path) -> bool {
        self.tops.iter().any(|top| folder.starts_with(top))
    }

    /// The file with this path relative to the analysis root.
    pub fn by_path(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }
}
