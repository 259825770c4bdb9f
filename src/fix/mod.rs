//! Fixes made: edits become new texts, the new texts are linted again, and what is good is written.
//!
//! A fix is made whole or not at all. Which fixes there are is decided by the rules; nothing here looks at code beyond "does it parse".
//! Only `write` touches the disk.

pub mod apply;
mod guard;
pub mod manifest;
pub mod options;
pub mod patch;
mod pick;
mod rounds;
mod settle;
pub mod write;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::FileId;
use crate::diagnostic::{Applicability, Diagnostic, Fix, Fixed, Problem, Report, Severity};
use crate::source::{DependencyKind, PackageId, Sources};

pub use options::{Dependency, Options, Style};
pub use rounds::run;
pub use settle::settle;

/// Which fixes are wanted.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The boldest class: `Safe`, or `Unsafe` for both.
    pub up_to: Applicability,
    /// Findings below are left alone.
    pub min_severity: Severity,
    /// Each fix is asked for; then also fixes that need the companion crate as a new dependency.
    pub asks: bool,
    /// What the project says about fixes.
    pub options: Options,
}

/// The program under repair: its texts, and what is found in them.
pub trait Workspace {
    /// The texts as they stand now.
    fn sources(&self) -> &Sources;
    /// What is found in them.
    fn report(&self) -> &Report;
    /// Puts new texts and dependencies in place and lints again.
    fn replace(&mut self, texts: Vec<(FileId, Arc<str>)>, dependencies: &[(PackageId, DependencyKind)]);
    /// The text is Rust.
    fn parses(&self, text: &str) -> bool;
    /// The file cannot be written.
    fn is_locked(&self, file: FileId) -> bool;
    /// The manifest of the package can take a dependency.
    fn can_depend(&self, package: PackageId) -> bool;
}

/// A fix that is asked for.
pub struct Question<'a> {
    /// What it repairs.
    pub finding: &'a Diagnostic,
    /// The fix.
    pub fix: &'a Fix,
    /// It adds the companion crate to the manifest of this package.
    pub adds_to: Option<&'a str>,
    /// The texts.
    pub sources: &'a Sources,
}

/// What a person says to a fix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Make it.
    Yes,
    /// Leave it.
    No,
    /// Make it and all that follow.
    All,
    /// Leave it and all that follow.
    Quit,
}

/// A file with its text before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Path relative to the analysis root.
    pub path: String,
    /// Where it lies.
    pub abs: PathBuf,
    /// The text that was analysed.
    pub old: Arc<str>,
    /// The text to write.
    pub new: Arc<str>,
}

/// What was done, in memory.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Changed source files, in the order of their ids.
    pub changes: Vec<Change>,
    /// Packages that now need the companion crate.
    pub dependencies: Vec<(PackageId, DependencyKind)>,
    /// Fixes made, in order.
    pub fixed: Vec<Fixed>,
    /// Files whose fixes were taken back, with the reason.
    pub problems: Vec<Problem>,
    /// Paths of files that were left alone because they cannot be written.
    pub locked: Vec<String>,
    /// Fixes that were left out because their package lacks the companion crate.
    pub lacking: usize,
    /// Findings with a fix that is bolder than what was wished for.
    pub bolder: usize,
    /// Times the program was linted again.
    pub rounds: usize,
    /// False when the last round still made fixes.
    pub converged: bool,
}
