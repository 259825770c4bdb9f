//! The analysis as the command line sees it.
//!
//! A trait, so that exit codes and formats can be tested with findings made by hand.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::SourceMap;
use crate::baseline::Unmatched;
use crate::config::Config;
use crate::diagnostic::{Confidence, Report, Severity};
use crate::fix::{self, Answer, Question, Wish};
use crate::levels::Levels;

use super::before::Before;

/// What `check` asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Findings are reported when they lie under one of these; empty for the current directory, or the manifest's folder.
    pub paths: Vec<PathBuf>,
    /// The manifest whose workspace is read.
    pub manifest_path: Option<PathBuf>,
    /// Packages to report; all when empty.
    pub packages: Vec<String>,
    /// Globs of files in which nothing is reported.
    pub exclude: Vec<String>,
    /// Larger files are skipped.
    pub max_file_size: u64,
    /// Number of threads; one for each processor when `None`.
    pub threads: Option<usize>,
    /// What is reported, and how loudly.
    pub levels: Levels,
    /// Findings below it are left out.
    pub min_confidence: Confidence,
    /// Directives and attributes answer nothing.
    pub no_ignores: bool,
    /// A text that is checked as a file.
    pub stdin: Option<Stdin>,
    /// What the project says about itself.
    pub config: Config,
    /// What the project says about fixes.
    pub fixes: fix::Options,
    /// What was there before and is not reported.
    pub before: Before,
}

/// The text on standard input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stdin {
    /// The file that it stands for, with the workspace around that; a file by itself when `None`.
    pub path: Option<PathBuf>,
    /// The text.
    pub text: String,
}

/// What `check --list-files` answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// The analysis root, absolute.
    pub root: PathBuf,
    /// Files and folders, sorted by path.
    pub files: Vec<Listed>,
}

/// A file that is checked, or a file or folder that is not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Listed {
    /// Relative to the analysis root, `/` as separator.
    pub path: String,
    /// Where it lies; the bytes of a name that is not UTF-8 are kept.
    pub raw: PathBuf,
    /// Why it is not checked.
    pub skipped: Option<String>,
}

/// What `dump` asks for.
#[derive(Clone, Debug)]
pub struct DumpRequest {
    /// The file; the current directory for figures of the whole workspace.
    pub path: PathBuf,
    /// 1-based line; the whole file when `None`.
    pub line: Option<u32>,
    /// Figures instead of facts.
    pub stats: bool,
    /// Number of threads; one for each processor when `None`.
    pub threads: Option<usize>,
    /// What the project says about itself.
    pub config: Config,
}

/// What a run answers.
pub struct Outcome {
    /// Findings and problems, levels applied and suppressions done.
    pub report: Report,
    /// The files that the report mentions.
    pub sources: Box<dyn SourceMap + Send>,
    /// The analysis root, absolute.
    pub root: PathBuf,
    /// True when files were read and none of them holds async code.
    pub no_async_code: bool,
    /// Entries of the baseline that match less than they stand for.
    pub unmatched: Vec<Unmatched>,
    /// Steps and the time they took, in order.
    pub timings: Vec<(&'static str, Duration)>,
}

/// What a run with fixes answers; nothing is written yet.
pub struct Repaired {
    /// The state after the fixes.
    pub outcome: Outcome,
    /// The fixes.
    pub done: fix::Done,
    /// Manifests that get a dependency.
    pub manifests: Vec<fix::Change>,
}

/// Which findings get a directive, and why.
#[derive(Clone, Debug)]
pub struct Silence {
    /// Rules, `rule.kind` or groups; every rule when empty.
    pub names: Vec<String>,
    /// Findings below are left alone.
    pub min_severity: Severity,
    /// The reason to write.
    pub reason: String,
}

/// Directives for findings; nothing is written yet.
#[derive(Clone, Debug, Default)]
pub struct Silenced {
    /// New texts.
    pub changes: Vec<fix::Change>,
    /// Findings that are answered by them.
    pub answered: usize,
    /// Findings for which there is no place, as `path:line: rule`.
    pub left: Vec<String>,
}

/// Why a run could not start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// A path that does not exist, a package that is not there, a glob that does not parse.
    Usage(String),
    /// No Rust file under the paths, or none that could be read.
    Nothing(String),
}

impl Error {
    /// The exit code of a run that ends with this error.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => super::exit::USAGE,
            Self::Nothing(_) => super::exit::NOTHING,
        }
    }
}

impl From<String> for Error {
    fn from(text: String) -> Self {
        Self::Usage(text)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(text) | Self::Nothing(text) => f.write_str(text),
        }
    }
}

/// The analysis.
pub trait Engine {
    /// Reads, links and judges.
    fn check(&self, request: &Request) -> Result<Outcome, Error>;

    /// Says which files would be checked, and why others would not.
    fn list(&self, request: &Request) -> Result<Listing, Error>;

    /// Reads, links, judges and makes the wanted fixes in memory; asks `decide` where the wish says so.
    fn fix(
        &self,
        request: &Request,
        wish: &Wish,
        decide: &mut dyn FnMut(&Question<'_>) -> Answer,
    ) -> Result<Repaired, Error>;

    /// Reads, links, judges and makes directives that answer findings.
    fn silence(&self, request: &Request, wish: &Silence) -> Result<Silenced, Error>;

    /// Prints what is believed about a place.
    fn dump(&self, request: &DumpRequest, out: &mut dyn Write) -> Result<(), Error>;
}
