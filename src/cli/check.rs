//! `check`: arguments become a request, the report becomes outputs and an exit code.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ArgMatches;

use crate::diagnostic::{Confidence, Severity};
use crate::fix::Options;
use crate::levels::{Change, Levels, TestMode};
use crate::render::terminal::{self, Detail};
use crate::render::{Places, json, sanitize, sarif};
use crate::rules::page;

use super::args::{CheckArgs, ConfidenceArg, Format, SeverityArg, Tests};
use super::engine::{Engine, Error, Outcome, Request};
use super::output::{self, Written};
use super::progress::Progress;
use super::verdict::Verdict;
use super::{exit, fix, input, list, paths, rules, statistics};

pub(super) fn run(args: &CheckArgs, matches: &ArgMatches, engine: &dyn Engine) -> u8 {
    match prepare(args, matches).and_then(|(request, outputs)| execute(args, &request, &outputs, engine)) {
        Ok(code) => code,
        Err(error) => {
            for (number, line) in error.to_string().lines().enumerate() {
                let start = if number == 0 { "error: " } else { "" };
                output::error_line(&format!("{start}{}", sanitize::text(line)));
            }
            error.exit_code()
        }
    }
}

/// A file that is written besides standard output.
struct FileOutput {
    format: Format,
    path: PathBuf,
}

fn prepare(args: &CheckArgs, matches: &ArgMatches) -> Result<(Request, Vec<FileOutput>), Error> {
    let tests = match args.tests {
        Tests::Relaxed => TestMode::Relaxed,
        Tests::Strict => TestMode::Strict,
        Tests::Off => TestMode::Off,
    };
    let mut levels = Levels::new(page::all(), tests);
    for (change, name) in changes(args, matches) {
        levels.change(change, name).map_err(|u| Error::Usage(rules::unknown_text(&u.name, &u.nearest)))?;
    }
    let outputs = args.outputs.iter().map(|text| file_output(text)).collect::<Result<_, _>>()?;
    statistics::allowed(args)?;
    let input = input::read(&args.input, &args.paths, args.max_file_size)?;
    let request = Request {
        paths: input.paths,
        stdin: input.stdin,
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
        fixes: Options::default(),
    };
    Ok((request, outputs))
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

/// Splits at the first colon: `sarif:C:\out.sarif`.
fn file_output(text: &str) -> Result<FileOutput, Error> {
    let wrong =
        || Error::Usage(format!("`-o {text}`: write FORMAT:PATH, with FORMAT one of terminal, short, json, sarif"));
    let (format, path) = text.split_once(':').ok_or_else(wrong)?;
    let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| wrong())?;
    if path.is_empty() {
        return Err(wrong());
    }
    Ok(FileOutput { format, path: path.into() })
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
    let places = Places::new(&*outcome.sources, &outcome.report);
    let printed = print(args, &outcome, &places)?;
    for file in outputs {
        let bytes = render(file.format, &outcome, &places, args, Quiet::No, Links::No)?;
        let plain = anstream::adapter::strip_bytes(&bytes).into_vec();
        let bytes = if is_machine(file.format) { bytes } else { plain };
        output::file(&file.path, &bytes)
            .map_err(|e| Error::Usage(format!("cannot write {}: {}", file.path.display(), e.kind())))?;
    }
    remarks(args, &outcome, start.elapsed());
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
    match printed {
        Written::Fine => Ok(verdict.code(&outcome.report, &request.levels)),
        Written::Failed => Ok(exit::USAGE),
    }
}

const fn is_machine(format: Format) -> bool {
    match format {
        Format::Json | Format::Sarif => true,
        Format::Terminal | Format::Short => false,
    }
}

fn print(args: &CheckArgs, outcome: &Outcome, places: &Places<'_>) -> Result<Written, Error> {
    if args.statistics {
        return Ok(statistics::print(args, outcome, places));
    }
    if is_machine(args.format) {
        return Ok(output::raw(&render(args.format, outcome, places, args, Quiet::No, Links::No)?));
    }
    let quiet = match args.quiet {
        0 => Quiet::No,
        1 => Quiet::ErrorsOnly,
        2.. => return Ok(Written::Fine),
    };
    let links = if output::shows_links(args.color) { Links::Yes } else { Links::No };
    Ok(output::standard(&render(args.format, outcome, places, args, quiet, links)?, args.color))
}

/// How much of the terminal output is wanted; files are never quiet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quiet {
    No,
    ErrorsOnly,
}

/// Whether names of rules lead to their pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Links {
    Yes,
    No,
}

fn render(
    format: Format,
    outcome: &Outcome,
    places: &Places<'_>,
    args: &CheckArgs,
    quiet: Quiet,
    links: Links,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let here = std::env::current_dir().unwrap_or_default();
    let path = |path: &str| paths::relative(&outcome.root, &here, path);
    let min_severity = match quiet {
        Quiet::No => severity(args.min_severity),
        Quiet::ErrorsOnly => Severity::Error,
    };
    let options = |detail| terminal::Options { detail, min_severity, path: &path, links: links == Links::Yes };
    let written = match format {
        Format::Terminal => terminal(&mut bytes, outcome, places, &options(Detail::Rich), quiet),
        Format::Short => terminal(&mut bytes, outcome, places, &options(Detail::Short), quiet),
        Format::Json => json::write(&mut bytes, &outcome.report, places),
        Format::Sarif => sarif::write(&mut bytes, &outcome.report, places, &sarif::Options::default()),
    };
    written.map_err(|error| Error::Usage(format!("cannot make the output: {error}")))?;
    Ok(bytes)
}

fn terminal(
    out: &mut Vec<u8>,
    outcome: &Outcome,
    places: &Places<'_>,
    options: &terminal::Options<'_>,
    quiet: Quiet,
) -> std::io::Result<()> {
    match quiet {
        Quiet::No => terminal::write(out, &outcome.report, places, options),
        Quiet::ErrorsOnly => terminal::findings(out, &outcome.report, places, options),
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
