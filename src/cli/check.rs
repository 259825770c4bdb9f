//! `check`: arguments become a request, the report becomes outputs and an exit code.

use std::time::{Duration, Instant};

use clap::ArgMatches;

use crate::config::Config;
use crate::diagnostic::{Confidence, Severity};
use crate::levels::{Change, TestMode, UnknownName};
use crate::render::sanitize;

use super::args::{CheckArgs, ConfidenceArg, SeverityArg, Tests};
use super::config::Loaded;
use super::engine::{Engine, Error, Outcome, Request};
use super::input::{self, Named};
use super::output::{self, Written};
use super::progress::Progress;
use super::report::{self, FileOutput};
use super::then::Then;
use super::verdict::Verdict;
use super::{baseline, config, exit, fix, list, rules, statistics};

pub(super) fn run(args: &CheckArgs, matches: &ArgMatches, engine: &dyn Engine) -> u8 {
    let run = || {
        statistics::allowed(args)?;
        let outputs = report::file_outputs(&args.outputs)?;
        let (args, request) = prepare(args, matches)?;
        execute(&args, &request, &outputs, engine)
    };
    run().unwrap_or_else(|error: Error| output::failed(&error))
}

/// The arguments with what the configuration says where nothing was typed, and what they ask of the engine.
pub(super) fn prepare(args: &CheckArgs, matches: &ArgMatches) -> Result<(CheckArgs, Request), Error> {
    let named = input::named(&args.input, &args.paths)?;
    let Loaded { config, .. } = config::load(&args.config, &named.places(), args.manifest_path.as_deref())?;
    let args = config::applied(args, matches, &config);
    if args.verbose > 0 {
        let file = config.file.as_ref().map_or("none", |file| file.path.as_str());
        output::error_line(&format!("asynclint: configuration: {}", sanitize::text(file)));
    }
    let request = request(&args, matches, config, named)?;
    Ok((args, request))
}

fn request(args: &CheckArgs, matches: &ArgMatches, config: Config, named: Named) -> Result<Request, Error> {
    let mut levels = config.levels();
    levels.set_tests(match args.tests {
        Tests::Relaxed => TestMode::Relaxed,
        Tests::Strict => TestMode::Strict,
        Tests::Off => TestMode::Off,
    });
    let unknown = |unknown: UnknownName| rules::unknown_text(&unknown.name, &unknown.nearest);
    levels.select(&args.select).map_err(unknown)?;
    for name in &args.ignore {
        levels.change(Change::Allow, name).map_err(unknown)?;
    }
    for (change, name) in changes(args, matches) {
        levels.change(change, name).map_err(unknown)?;
    }
    let (paths, stdin) = named.read(args.max_file_size)?;
    Ok(Request {
        paths,
        stdin,
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
        no_ignores: args.no_ignores,
        before: args.before.read(config.baseline_file())?,
        fixes: config::fixes(&config),
        config,
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
    fix::idle(args);
    let progress = Progress::start(args.quiet == 0);
    let outcome = if args.fixes.is_wanted() {
        drop(progress);
        match fix::run(args, request, engine)? {
            fix::Ended::Here(code) => return Ok(code),
            fix::Ended::Fixed(outcome) => *outcome,
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
    if args.before.prune_baseline {
        baseline::prune(&request.before, &outcome)?;
    }
    let verdict = Verdict {
        fail_on: severity(args.fail_on),
        warnings: args.warnings,
        strict: args.strict,
        exit_zero: args.exit_zero,
    };
    if let Some(number) = verdict.excess(&outcome.report, &request.levels).filter(|_| args.quiet == 0) {
        let limit = args.warnings.max_warnings.unwrap_or_default();
        let number = output::counted(number, "warning", "warnings");
        output::error_line(&format!("asynclint: {number}, and `--max-warnings` allows {limit}"));
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
        let files = output::counted(outcome.report.files, "file", "files");
        output::error_line(&format!("asynclint: no async code found in {files}"));
    }
    let tells_of_gone = args.quiet == 0 && !args.before.prune_baseline;
    if let Some(gone) = baseline::stale_line(&outcome.unmatched).filter(|_| tells_of_gone) {
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
            "asynclint: {}, {}, root {}",
            output::counted(report.files, "file", "files"),
            output::counted(report.lines, "line", "lines"),
            outcome.root.display()
        ));
    }
}
