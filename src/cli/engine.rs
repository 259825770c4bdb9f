//! The analysis as the command line sees it.
//!
//! A trait, so that exit codes and formats can be tested with findings made by hand.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::SourceMap;
use crate::config::Config;
use crate::diagnostic::{Confidence, Report};
use crate::fix::{self, Answer, Question, Wish};
use crate::levels::Levels;

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
    /// What the project says about itself.
    pub config: Config,
    /// What the project says about fixes.
    pub fixes: fix::Options,
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

/// Why a run could not start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// A path that does not exist, a package that is not there, a glob that does not parse.
    Usage(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text),
        }
    }
}

/// The analysis.
pub trait Engine {
    /// Reads, links and judges.
    fn check(&self, request: &Request) -> Result<Outcome, Error>;

    /// Reads, links, judges and makes the wanted fixes in memory; asks `decide` where the wish says so.
    fn fix(
        &self,
        request: &Request,
        wish: &Wish,
        decide: &mut dyn FnMut(&Question<'_>) -> Answer,
    ) -> Result<Repaired, Error>;

    /// Prints what is believed about a place.
    fn dump(&self, request: &DumpRequest, out: &mut dyn Write) -> Result<(), Error>;
}
