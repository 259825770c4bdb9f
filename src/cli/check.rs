//! `check`: arguments become a request, the report becomes outputs and an exit code.

use std::time::{Duration, Instant};

use clap::ArgMatches;

use crate::diagnostic::{Confidence, ProblemKind, Report, Severity};
use crate::levels::{Change, Levels, TestMode};
use crate::rules::page;

use super::args::{CheckArgs, ConfidenceArg, SeverityArg, Tests};
use super::engine::{Engine, Outcome, Request};
use super::output::{self, Written};
use super::progress::Progress;
use super::report::{self, FileOutput};
use super::then::Then;
use super::{baseline, exit, rules};

pub(super) fn run(args: &CheckArgs, matches: &ArgMatches, engine: &dyn Engine) -> u8 {
    match prepare(args, matches).and_then(|(request, outputs)| execute(args, &request, &outputs, engine)) {
        Ok(code) => code,
        Err(text) => {
            output::error_line(&format!("error: {text}"));
            exit::USAGE
        }
    }
}

fn prepare(args: &CheckArgs, matches: &ArgMatches) -> Result<(Request, Vec<FileOutput>), String> {
    let outputs = report::file_outputs(&args.outputs)?;
    Ok((request(args, matches)?, outputs))
}

/// What the flags ask of the engine.
pub(super) fn request(args: &CheckArgs, matches: &ArgMatches) -> Result<Request, String> {
    let tests = match args.tests {
        Tests::Relaxed => TestMode::Relaxed,
        Tests::Strict => TestMode::Strict,
        Tests::Off => TestMode::Off,
    };
    let mut levels = Levels::new(page::all(), tests);
    for (change, name) in changes(args, matches) {
        levels.change(change, name).map_err(|unknown| rules::unknown_text(&unknown.name, &unknown.nearest))?;
    }
    Ok(Request {
        paths: args.paths.clone(),
        manifest_path: args.manifest_path.clone(),
        packages: args.packages.clone(),
        exclude: args.exclude.clone(),
        max_file_size: args.max_file_size,
        threads: args.threads.map(usize::from),
        levels,
        min_confidence: match args.min_confidence {
            ConfidenceArg::Likely => Confidence::Likely,
            ConfidenceArg::Certain => Confidence::Certain,
        },
        before: args.before.read()?,
    })
}

/// `-A`, `-W` and `-D` in the order in which they were typed.
fn changes<'a>(args: &'a CheckArgs, matches: &ArgMatches) -> Vec<(Change, &'a str)> {
    let mut all: Vec<(usize, Change, &str)> = Vec::new();
    let flags =
        [("allow", Change::Allow, &args.allow), ("warn", Change::Warn, &args.warn), ("deny", Change::Deny, &args.deny)];
    for (id, change, names) in flags {
        let places = matches.indices_of(id).into_iter().flatten();
        all.extend(places.zip(names).map(|(place, name)| (place, change, name.as_str())));
    }
    all.sort_by_key(|(place, ..)| *place);
    all.into_iter().map(|(_, change, name)| (change, name)).collect()
}

fn execute(args: &CheckArgs, request: &Request, outputs: &[FileOutput], engine: &dyn Engine) -> Result<u8, String> {
    let progress = Progress::start(args.quiet == 0);
    let outcome = engine.check(request);
    drop(progress);
    let outcome = outcome.map_err(|error| error.to_string())?;
    let start = Instant::now();
    let printed = report::write(args, severity(args.min_severity), outputs, &outcome)?;
    remarks(args, &outcome, start.elapsed());
    match printed {
        Written::Fine => {}
        Written::Failed => return Ok(exit::USAGE),
    }
    let code = exit_code(args, request, &outcome.report);
    match args.report.then.as_ref().map(Then::run).transpose()? {
        Some(other) if code == exit::CLEAN => Ok(other),
        Some(_) | None => Ok(code),
    }
}

const fn severity(arg: SeverityArg) -> Severity {
    match arg {
        SeverityArg::Note => Severity::Note,
        SeverityArg::Warning => Severity::Warning,
        SeverityArg::Error => Severity::Error,
    }
}

/// What is said on standard error beside the report.
fn remarks(args: &CheckArgs, outcome: &Outcome, rendering: Duration) {
    if outcome.report.files == 0 {
        output::error_line("asynclint: no Rust file to check under the given paths");
    } else if outcome.no_async_code && args.quiet == 0 {
        output::error_line(&format!("asynclint: no async code found in {} files", outcome.report.files));
    }
    if let Some(gone) = baseline::stale_line(&outcome.unmatched).filter(|_| args.quiet == 0) {
        output::error_line(&format!("asynclint: {gone}"));
    }
    if args.timings || args.verbose > 0 {
        let steps = outcome.timings.iter().copied().chain([("render", rendering)]);
        for (step, time) in steps {
            output::error_line(&format!("{:>9.1} ms  {step}", time.as_secs_f64() * 1e3));
        }
    }
    if args.verbose > 0 {
        let report = &outcome.report;
        output::error_line(&format!(
            "asynclint: {} files, {} lines, root {}",
            report.files,
            report.lines,
            outcome.root.display()
        ));
    }
}

/// 1 wins over 4; notes and suppressed findings never fail a run by themselves.
fn exit_code(args: &CheckArgs, request: &Request, report: &Report) -> u8 {
    let threshold = severity(args.fail_on);
    let fails = |f: &crate::diagnostic::Diagnostic| f.severity >= threshold && request.levels.can_fail(f.rule, f.kind);
    if !args.exit_zero && report.findings.iter().any(fails) {
        return exit::FINDINGS;
    }
    let internal = report.problems.iter().any(|problem| problem.kind == ProblemKind::InternalError);
    if internal || (args.strict && !report.problems.is_empty()) {
        return exit::PROBLEM;
    }
    if report.files == 0 { exit::NOTHING } else { exit::CLEAN }
}
