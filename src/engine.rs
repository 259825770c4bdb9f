//! The stages of a run, in order: discover, extract, link, judge.
//!
//! The only place that knows all stages. It decides nothing about code; it hands one stage's value to the next.

mod before;
mod configured;
mod cuts;
mod list;
mod locate;
mod members;
mod pool;
mod problems;
mod repair;
mod silence;

use std::io::Write;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::base::{FileId, IndexVec, SourceMap};
use crate::catalog::Catalog;
use crate::cli::{DumpRequest, Engine, Error, Listing, Outcome, Repaired, Request, Silence, Silenced};
use crate::config::Config;
use crate::diagnostic::{Confidence, Diagnostic, Report};
use crate::facts::FileFacts;
use crate::finish;
use crate::fix::{self, Answer, Question, Wish};
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

    fn list(&self, request: &Request) -> Result<Listing, Error> {
        pool::install(request.threads, || {
            let sources = if is_lone(request) { discovered(request)? } else { list::discover(request)? };
            Ok(list::files(&link(sources, &request.config)))
        })
    }

    fn fix(
        &self,
        request: &Request,
        wish: &Wish,
        decide: &mut dyn FnMut(&Question<'_>) -> Answer,
    ) -> Result<Repaired, Error> {
        repair::run(request, wish, decide)
    }

    fn silence(&self, request: &Request, wish: &Silence) -> Result<Silenced, Error> {
        pool::install(request.threads, || silence::run(request, wish))
    }

    fn dump(&self, request: &DumpRequest, out: &mut dyn Write) -> Result<(), Error> {
        let text = pool::install(request.threads, || dump(request))?;
        out.write_all(text.as_bytes()).map_err(|error| Error::Usage(format!("writing the dump: {error}")))
    }
}

fn check(request: &Request) -> Result<Outcome, Error> {
    let mut timings = Timings::new();
    let mut clock = Clock::new(&mut timings);
    let mut sources = discovered_beside_catalog(request)?;
    let request = &*members::joined(request, &mut sources)?;
    clock.lap("discover");
    let known = before::load(request, &sources)?;
    clock.lap("what was there before");
    let Analysed { program, mut report, mut about_config } = analyse(sources, Judge::of(request), &mut clock);
    let unmatched = before::apply(&known, request, &program, &mut report, &mut about_config);
    let no_async_code = !program.has_async_code();
    let root = program.sources.root.clone();
    let (report, sources) = configured::join(report, about_config, program.end(), &request.config);
    Ok(Outcome { report, sources: Box::new(sources), root, no_async_code, unmatched, timings })
}

/// True for a text on standard input that stands for no file.
fn is_lone(request: &Request) -> bool {
    request.stdin.as_ref().is_some_and(|stdin| stdin.path.is_none())
}

/// The tree is read on one thread, mostly waiting for the disk: the catalogue is parsed meanwhile on another (decision H21).
fn discovered_beside_catalog(request: &Request) -> Result<Sources, Error> {
    let (sources, ()) = rayon::join(
        || discovered(request),
        || {
            if request.config.catalog.is_none() {
                Catalog::builtin();
            }
        },
    );
    sources
}

fn discovered(request: &Request) -> Result<Sources, Error> {
    match &request.stdin {
        Some(stdin) if stdin.path.is_none() => {
            Ok(source::from_memory(vec![("stdin.rs".to_owned(), stdin.text.clone())]))
        }
        Some(_) | None => source::discover(&discovery(request)?).map_err(problems::edge),
    }
}

fn discovery(request: &Request) -> Result<source::Request, Error> {
    let cwd = std::env::current_dir().map_err(|error| Error::Usage(format!("the current directory: {error}")))?;
    let unsaved = request.stdin.as_ref().and_then(|stdin| {
        let (path, text) = (stdin.path.clone()?, stdin.text.as_str().into());
        Some(source::Unsaved { path, text })
    });
    Ok(source::Request {
        unsaved,
        paths: request.paths.clone(),
        manifest_path: request.manifest_path.clone(),
        packages: request.packages.clone(),
        exclude: request.exclude.clone(),
        include: request.config.settings.include.value.clone(),
        generated: *request.config.settings.generated,
        max_file_size: request.max_file_size,
        cwd,
    })
}

/// What decides how findings are reported.
#[derive(Clone, Copy)]
struct Judge<'a> {
    levels: &'a Levels,
    min_confidence: Confidence,
    options: &'a fix::Options,
    config: &'a Config,
    /// Directives and attributes answer nothing.
    no_ignores: bool,
}

impl<'a> Judge<'a> {
    /// As the request says.
    fn of(request: &'a Request) -> Self {
        Self {
            levels: &request.levels,
            min_confidence: request.min_confidence,
            options: &request.fixes,
            config: &request.config,
            no_ignores: request.no_ignores,
        }
    }

    /// Everything that the levels let through.
    fn by(levels: &'a Levels, config: &'a Config) -> Self {
        static PLAIN: LazyLock<fix::Options> = LazyLock::new(fix::Options::default);
        Self { levels, min_confidence: Confidence::Likely, options: &PLAIN, config, no_ignores: false }
    }
}

/// A program, what the rules found in it, and what is wrong with its configuration.
struct Analysed {
    program: Program,
    report: Report,
    about_config: Vec<Diagnostic>,
}

/// Extracts, links, runs the rules and makes the report.
fn analyse(mut sources: Sources, judge: Judge<'_>, clock: &mut Clock<'_>) -> Analysed {
    let facts = Arc::new(extract_all(&mut sources));
    clock.lap("extract");
    let mut suppressions = Suppressions::collect(facts.iter(), &sources);
    if judge.no_ignores {
        suppressions.forget();
    }
    let cuts = cuts::Directives::new(&facts, &sources, &suppressions);
    let program = Program::build(sources, Arc::clone(&facts), configured::outside(judge.config), &cuts);
    suppressions.spread(locate::modules_around(&program, &suppressions));
    clock.lap("link");
    let mut raw = crate::rules::run(&program, &judge.config.options, |rule| judge.levels.may_speak(rule));
    let mut problems = problems::all(&program);
    problems.append(&mut raw.problems);
    let context = finish::Context {
        sources: &program.sources,
        suppressions: &suppressions,
        levels: judge.levels,
        min_confidence: judge.min_confidence,
        locate: &|span| locate::at(&program, span),
        is_asked: &|span| program.sources.selected(span.file) && locate::is_reported(&program, span.file),
    };
    let mut report = finish::report(raw.findings, problems, &context);
    fix::settle(&mut report, &program.sources, judge.options);
    clock.lap("rules");
    let files = program.sources.files.len();
    let lines = program.facts.iter().map(|f| f.lines.line_count()).sum();
    let about_config = configured::findings(&program, judge);
    Analysed { report: Report { files, lines, ..report }, about_config, program }
}

/// Extracts and links, without rules.
fn link(mut sources: Sources, config: &Config) -> Program {
    let facts = Arc::new(extract_all(&mut sources));
    let suppressions = Suppressions::collect(facts.iter(), &sources);
    let cuts = cuts::Directives::new(&facts, &sources, &suppressions);
    Program::build(sources, Arc::clone(&facts), configured::outside(config), &cuts)
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

/// Analyses files in memory: what tests and the examples of rule pages use. Paths are relative; a `Cargo.toml` and a configuration among
/// them are understood, `levels` come on top.
pub fn check_in_memory(files: Vec<(String, String)>, levels: &Levels) -> (Report, impl SourceMap + use<>) {
    pool::install(None, || {
        let (config, mistakes) = match configured::in_memory(&files) {
            Ok(config) => (config, Vec::new()),
            Err(mistakes) => (Config::default(), mistakes),
        };
        let mut all = config.levels();
        all.extend(levels);
        let judge = Judge::by(&all, &config);
        let mut analysed = analyse(source::from_memory(files), judge, &mut Clock::new(&mut Timings::new()));
        analysed.report.problems.extend(mistakes);
        let Program { sources, .. } = analysed.program;
        configured::join(analysed.report, analysed.about_config, sources, &config)
    })
}

/// Makes every wanted fix of files in memory: the texts after, what is still found, and what was done.
pub fn fix_in_memory(
    files: Vec<(String, String)>,
    levels: &Levels,
    wish: &Wish,
) -> (Vec<(String, String)>, Report, fix::Done) {
    repair::in_memory(files, levels, wish)
}

/// Analyses sources that were read before, on a pool of `threads` workers: what the benchmark measures. The second value is the
/// linked program, which the command leaves to the end of the process.
pub fn check_sources(sources: Sources, levels: &Levels, threads: Option<usize>) -> (Report, impl Sized + use<>) {
    let config = Config::default();
    let run = || analyse(sources, Judge::by(levels, &config), &mut Clock::new(&mut Timings::new()));
    let analysed = pool::install(threads, run);
    (analysed.report, analysed.program)
}

/// Parses these files and drops each tree, on the same pool: the reference of the benchmark. Answers how many parsed.
pub fn parse_only(sources: &Sources, files: &[FileId], threads: Option<usize>) -> usize {
    let parses = |file: &&FileId| crate::extract::parses_bare(&sources.files[**file].text);
    pool::install(threads, || files.par_iter().filter(parses).count())
}

/// The files that syn survives: all but those that the check before parsing refuses.
pub fn parsable(sources: &Sources) -> Vec<FileId> {
    sources.files.ids().filter(|file| !crate::extract::is_too_deep(&sources.files[*file].text)).collect()
}

/// Links files in memory.
pub fn program_in_memory(files: Vec<(String, String)>) -> Program {
    pool::install(None, || link(source::from_memory(files), &Config::default()))
}

fn dump(request: &DumpRequest) -> Result<String, Error> {
    let cwd = std::env::current_dir().map_err(|error| Error::Usage(format!("the current directory: {error}")))?;
    let find = source::Request { paths: vec![request.path.clone()], ..source::Request::new(cwd) };
    let sources = source::discover(&find).map_err(problems::edge)?;
    let program = link(sources, &request.config);
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
