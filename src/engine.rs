//! The stages of a run, in order: discover, extract, link, judge.
//!
//! The only place that knows all stages. It decides nothing about code; it hands one stage's value to the next.

mod before;
mod cuts;
mod locate;
mod pool;
mod problems;

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::base::{FileId, IndexVec};
use crate::catalog::Catalog;
use crate::cli::{DumpRequest, Engine, Error, Outcome, Request};
use crate::diagnostic::{Confidence, Report};
use crate::facts::FileFacts;
use crate::finish;
use crate::levels::Levels;
use crate::link::crates::Layout;
use crate::link::names::missing_modules;
use crate::program::Program;
use crate::source::{self, Sources};
use crate::suppress::Suppressions;

/// The analysis behind the commands.
pub struct Native;

/// Steps and the time they took.
pub type Timings = Vec<(&'static str, Duration)>;

impl Engine for Native {
    fn check(&self, request: &Request) -> Result<Outcome, Error> {
        pool::install(request.threads, || check(request))
    }

    fn dump(&self, request: &DumpRequest, out: &mut dyn Write) -> Result<(), Error> {
        let text = pool::install(request.threads, || dump(request))?;
        out.write_all(text.as_bytes()).map_err(|error| Error::Usage(format!("writing the dump: {error}")))
    }
}

fn check(request: &Request) -> Result<Outcome, Error> {
    let mut timings = Timings::new();
    let mut clock = Clock::new(&mut timings);
    let sources = source::discover(&discovery(request)?).map_err(problems::edge)?;
    clock.lap("discover");
    let known = before::load(request, &sources)?;
    clock.lap("what was there before");
    let (program, mut report) = analyse(sources, &request.levels, request.min_confidence, &mut clock);
    let unmatched = before::apply(&known, request, &program, &mut report);
    let no_async_code = !program.has_async_code();
    let root = program.sources.root.clone();
    let Program { sources, .. } = program;
    Ok(Outcome { report, sources: Box::new(sources), root, no_async_code, unmatched, timings })
}

fn discovery(request: &Request) -> Result<source::Request, Error> {
    let cwd = std::env::current_dir().map_err(|error| Error::Usage(format!("the current directory: {error}")))?;
    Ok(source::Request {
        paths: request.paths.clone(),
        manifest_path: request.manifest_path.clone(),
        packages: request.packages.clone(),
        exclude: request.exclude.clone(),
        max_file_size: request.max_file_size,
        ..source::Request::new(cwd)
    })
}

/// Extracts, links, runs the rules and makes the report.
fn analyse(
    mut sources: Sources,
    levels: &Levels,
    min_confidence: Confidence,
    clock: &mut Clock<'_>,
) -> (Program, Report) {
    let facts = Arc::new(extract_all(&mut sources));
    clock.lap("extract");
    let suppressions = Suppressions::collect(facts.iter(), &sources);
    let cuts = cuts::Directives::new(&facts, &sources, &suppressions);
    let program = Program::build(sources, Arc::clone(&facts), Catalog::builtin(), &cuts);
    clock.lap("link");
    let mut raw = crate::rules::run(&program);
    let mut problems = problems::all(&program);
    problems.append(&mut raw.problems);
    let context = finish::Context {
        sources: &program.sources,
        suppressions: &suppressions,
        levels,
        min_confidence,
        locate: &|span| locate::at(&program, span),
        is_asked: &|span| program.sources.selected(span.file) && locate::is_reported(&program, span.file),
    };
    let report = finish::report(raw.findings, problems, &context);
    clock.lap("rules");
    let files = program.sources.files.len();
    let lines = program.facts.iter().map(|f| f.lines.line_count()).sum();
    (program, Report { files, lines, ..report })
}

/// Extracts and links, without rules.
fn link(mut sources: Sources) -> Program {
    let facts = Arc::new(extract_all(&mut sources));
    let suppressions = Suppressions::collect(facts.iter(), &sources);
    let cuts = cuts::Directives::new(&facts, &sources, &suppressions);
    Program::build(sources, Arc::clone(&facts), Catalog::builtin(), &cuts)
}

/// Extracts every file, then the files that only a `mod` names, until none is missing.
fn extract_all(sources: &mut Sources) -> IndexVec<FileId, FileFacts> {
    let mut facts: IndexVec<FileId, FileFacts> = IndexVec::new();
    loop {
        let todo: Vec<FileId> = (facts.len()..sources.files.len()).map(|at| FileId(at as u32)).collect();
        let fresh: Vec<FileFacts> =
            todo.par_iter().map(|id| crate::extract::file(*id, &sources.files[*id].text)).collect();
        fresh.into_iter().for_each(|f| {
            facts.push(f);
        });
        let before = sources.files.len();
        for missing in missing_modules(&Layout::from(&*sources), &facts) {
            sources.load_mounted(missing.parent, &missing.candidates);
        }
        if sources.files.len() == before {
            return facts;
        }
    }
}

/// Analyses files in memory: what tests and the examples of rule pages use. Paths are relative, a `Cargo.toml` among them is understood.
pub fn check_in_memory(files: Vec<(String, String)>, levels: &Levels) -> (Report, Sources) {
    pool::install(None, || {
        let sources = source::from_memory(files);
        let (program, report) = analyse(sources, levels, Confidence::Likely, &mut Clock::new(&mut Timings::new()));
        let Program { sources, .. } = program;
        (report, sources)
    })
}

/// Analyses sources that were read before, on a pool of `threads` workers: what the benchmark measures.
pub fn check_sources(sources: Sources, levels: &Levels, threads: Option<usize>) -> Report {
    let run = || analyse(sources, levels, Confidence::Likely, &mut Clock::new(&mut Timings::new())).1;
    pool::install(threads, run)
}

/// Parses every file and drops the tree, on the same pool: the reference of the benchmark. Answers how many parsed.
pub fn parse_only(sources: &Sources, threads: Option<usize>) -> usize {
    pool::install(threads, || {
        sources.files.as_slice().par_iter().filter(|file| crate::extract::parses(&file.text)).count()
    })
}

/// Links files in memory.
pub fn program_in_memory(files: Vec<(String, String)>) -> Program {
    pool::install(None, || link(source::from_memory(files)))
}

fn dump(request: &DumpRequest) -> Result<String, Error> {
    let cwd = std::env::current_dir().map_err(|error| Error::Usage(format!("the current directory: {error}")))?;
    let find = source::Request { paths: vec![request.path.clone()], ..source::Request::new(cwd) };
    let sources = source::discover(&find).map_err(problems::edge)?;
    let program = link(sources);
    if request.stats {
        return Ok(crate::program::stats::text(&program));
    }
    let wanted: Vec<FileId> = program.sources.files.ids().filter(|f| program.sources.selected(*f)).collect();
    Ok(wanted.iter().map(|file| crate::program::dump::text(&program, *file, request.line)).collect())
}

struct Clock<'a> {
    last: Instant,
    laps: &'a mut Timings,
}

impl<'a> Clock<'a> {
    fn new(laps: &'a mut Timings) -> Self {
        Self { last: Instant::now(), laps }
    }

    fn lap(&mut self, name: &'static str) {
        self.laps.push((name, self.last.elapsed()));
        self.last = Instant::now();
    }
}
