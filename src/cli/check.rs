//! `check`: arguments become a request, the report becomes outputs and an exit code.

use std::time::{Duration, Instant};

use clap::ArgMatches;

use crate::diagnostic::{Confidence, Severity};
use crate::fix::Options;
use crate::levels::{Change, Levels, TestMode};
use crate::rules::page;

use super::args::{CheckArgs, ConfidenceArg, SeverityArg, Tests};
use super::engine::{Engine, Error, Outcome, Request};
use super::output::{self, Written};
use super::progress::Progress;
use super::report::{self, FileOutput};
use super::then::Then;
use super::verdict::Verdict;
use super::{baseline, exit, fix, input, list, rules, statistics};

pub(super) fn run(args: &CheckArgs, matches: &ArgMatches, engine: &dyn Engine) -> u8 {
    match prepare(args, matches).and_then(|(request, outputs)| execute(args, &request, &outputs, engine)) {
        Ok(code) => code,
        Err(error) => output::failed(&error),
    }
}

fn prepare(args: &CheckArgs, matches: &ArgMatches) -> Result<(Request, Vec<FileOutput>), Error> {
    statistics::allowed(args)?;
    let outputs = args.outputs.iter().map(|text| report::file_output(text)).collect::<Result<_, _>>()?;
    Ok((request(args, matches)?, outputs))
}

/// What the flags ask of the engine.
pub(super) fn request(args: &CheckArgs, matches: &ArgMatches) -> Result<Request, Error> {
    let tests = match args.tests {
        Tests::Relaxed => TestMode::Relaxed,
        Tests::Strict => TestMode::Strict,
        Tests::Off => TestMode::Off,
    };
    let mut levels = Levels::new(page::all(), tests);
    for (change, name) in changes(args, matches) {
        levels.change(change, name).map_err(|unknown| rules::unknown_text(&unknown.name, &unknown.nearest))?;
    }
    let input = input::read(&args.input, &args.paths, args.max_file_size)?;
    Ok(Request {
        paths: input.paths,
        stdin: input.stdin,
        fixes: Options::default(),
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

fn execute(args: &CheckArgs, request: &Request, outputs: &[FileOutput], engine: &dyn Engine) -> Result<u8, Error> {
    if args.input.list_files {
        return list::run(args, request, engine);
    }
    let progress = Progress::start(args.quiet == 0);
    let outcome = if args.fixes.is_wanted() {
        drop(progress);
        match fix::run(args, request, engine)? {
            fix::Ended::Here(code) => return Ok(code),
            fix::Ended::Fixed(outcome) => outcome,
        }
    } else {
        let outcome = engine.check(request);
        drop(progress);
        outcome?
    };
    let start = Instant::now();
    let printed = report::write(args, severity(args.min_severity), outputs, &outcome)?;
    remarks(args, &outcome, start.elapsed());
    match printed {
        Written::Fine => {}
        Written::Failed => return Ok(exit::USAGE),
    }
    let verdict = Verdict {
        fail_on: severity(args.fail_on),
        warnings: args.warnings,
        strict: args.strict,
        exit_zero: args.exit_zero,
    };
    if let Some(number) = verdict.excess(&outcome.report, &request.levels).filter(|_| args.quiet == 0) {
        let limit = args.warnings.max_warnings.unwrap_or_default();
        output::error_line(&format!("asynclint: {number} warnings, and `--max-warnings` allows {limit}"));
    }
    let code = verdict.code(&outcome.report, &request.levels);
    match args.report.then.as_ref().map(Then::run).transpose()? {
        Some(other) if code == exit::CLEAN => Ok(other),
        Some(_) | None => Ok(code),
    }
}

pub(super) const fn severity(arg: SeverityArg) -> Severity {
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
        let files = if outcome.report.files == 1 { "file" } else { "files" };
        output::error_line(&format!("asynclint: no async code found in {} {files}", outcome.report.files));
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
