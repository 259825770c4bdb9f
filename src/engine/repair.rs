//! The program under repair, for `fix`: texts are replaced in memory, and everything is linted again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::base::FileId;
use crate::baseline::{Known, Unmatched};
use crate::cli::{Error, Outcome, Repaired, Request};
use crate::diagnostic::{Diagnostic, Report};
use crate::fix::{self, Answer, Done, Question, Wish, Workspace, manifest, write};
use crate::program::Program;
use crate::source::{self, DependencyKind, PackageId, Sources};

use super::{Analysed, Clock, Judge, Timings, analyse, before, configured, discovered, members, pool};

/// A program whose texts change.
struct Bench<'a> {
    sources: Sources,
    report: Report,
    about_config: Vec<Diagnostic>,
    no_async_code: bool,
    /// What was there before: nobody asked to have that mended.
    before: Option<(&'a Request, Known)>,
    unmatched: Vec<Unmatched>,
    judge: Judge<'a>,
    threads: Option<usize>,
    /// The texts lie on a disk.
    on_disk: bool,
}

impl<'a> Bench<'a> {
    fn new(sources: Sources, judge: Judge<'a>, before: Option<(&'a Request, Known)>) -> Self {
        let mut bench = Self {
            sources,
            report: Report::default(),
            about_config: Vec::new(),
            no_async_code: false,
            unmatched: Vec::new(),
            judge,
            threads: before.as_ref().and_then(|(request, _)| request.threads),
            // A text on standard input is not what lies under its name.
            on_disk: before.as_ref().is_some_and(|(request, _)| request.stdin.is_none()),
            before,
        };
        bench.lint();
        bench
    }

    fn lint(&mut self) {
        // Nobody reads the texts while they are away.
        let sources = std::mem::replace(&mut self.sources, source::from_memory(Vec::new()));
        let judge = self.judge;
        let Analysed { program, mut report, mut about_config } =
            pool::install(self.threads, || analyse(sources, judge, &mut Clock::new(&mut Timings::new())));
        self.no_async_code = !program.has_async_code();
        if let Some((request, known)) = &self.before {
            self.unmatched = before::apply(known, request, &program, &mut report, &mut about_config);
        }
        self.report = report;
        self.about_config = about_config;
        let Program { sources, .. } = program;
        self.sources = sources;
    }

    fn manifests(&self, needs: &[(PackageId, DependencyKind)]) -> Result<Vec<fix::Change>, String> {
        let folder =
            |(package, kind): &(PackageId, DependencyKind)| (self.sources.packages[*package].dir.clone(), *kind);
        let needs: Vec<_> = needs.iter().map(folder).collect();
        manifest::changes(&self.sources.root, &needs, &self.judge.options.dependency, &read_manifest)
    }
}

fn read_manifest(path: &std::path::Path) -> Result<Arc<str>, String> {
    std::fs::read_to_string(path).map(Arc::from).map_err(|error| format!("{}: {}", path.display(), error.kind()))
}

impl Workspace for Bench<'_> {
    fn sources(&self) -> &Sources {
        &self.sources
    }

    fn report(&self) -> &Report {
        &self.report
    }

    fn replace(&mut self, texts: Vec<(FileId, Arc<str>)>, dependencies: &[(PackageId, DependencyKind)]) {
        for (file, text) in texts {
            self.sources.set_text(file, text);
        }
        for (package, kind) in dependencies {
            let known = |d: &source::Dependency| d.package == manifest::PACKAGE && d.kind == *kind;
            if !self.sources.packages[*package].dependencies.iter().any(known) {
                self.sources.add_dependency(*package, *kind, manifest::PACKAGE);
            }
        }
        self.lint();
    }

    fn parses(&self, text: &str) -> bool {
        pool::install(self.threads, || crate::extract::parses(text))
    }

    fn is_locked(&self, file: FileId) -> bool {
        self.on_disk && write::is_read_only(&self.sources.files[file].abs)
    }

    fn can_depend(&self, package: PackageId) -> bool {
        let planned = if self.on_disk { self.manifests(&[(package, DependencyKind::Normal)]) } else { Ok(Vec::new()) };
        planned.is_ok_and(|changes| !changes.iter().any(|change| write::is_read_only(&change.abs)))
    }
}

/// Discovers, lints and makes the wanted fixes in memory.
pub(super) fn run(
    request: &Request,
    wish: &Wish,
    decide: &mut dyn FnMut(&Question<'_>) -> Answer,
) -> Result<Repaired, Error> {
    let start = Instant::now();
    let threads = request.threads;
    let mut sources = pool::install(threads, || discovered(request))?;
    let request = &*members::joined(request, &mut sources)?;
    let judge = Judge { options: &wish.options, ..Judge::of(request) };
    let known = pool::install(threads, || before::load(request, &sources))?;
    let mut bench = Bench::new(sources, judge, Some((request, known)));
    let done = fix::run(&mut bench, wish, decide);
    let manifests = bench.manifests(&done.dependencies).map_err(Error::Usage)?;
    let Bench { sources, mut report, about_config, no_async_code, unmatched, .. } = bench;
    report.problems.extend(done.problems.iter().cloned());
    report.fixed.clone_from(&done.fixed);
    let root: PathBuf = sources.root.clone();
    let (report, sources) = configured::join(report, about_config, sources, &request.config);
    let timings = vec![("fix", start.elapsed())];
    let outcome = Outcome { report, sources: Box::new(sources), root, no_async_code, unmatched, timings };
    Ok(Repaired { outcome, done, manifests })
}

/// Makes every wanted fix of files in memory: the texts after, what is still found, and what was done.
pub(super) fn in_memory(
    files: Vec<(String, String)>,
    levels: &crate::levels::Levels,
    wish: &Wish,
) -> (Vec<(String, String)>, Report, Done) {
    let config = configured::in_memory(&files).unwrap_or_default();
    let mut all = config.levels();
    all.extend(levels);
    let judge = Judge { options: &wish.options, ..Judge::by(&all, &config) };
    let mut bench = Bench::new(source::from_memory(files.clone()), judge, None);
    let done = fix::run(&mut bench, wish, &mut |_| Answer::Yes);
    let new = |(path, text): (String, String)| {
        let changed = done.changes.iter().find(|change| change.path == path);
        let text = changed.map_or(text, |change| change.new.to_string());
        (path, text)
    };
    let files = files.into_iter().map(new).collect();
    (files, bench.report, done)
}
