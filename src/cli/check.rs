//! `check`: arguments become a request, the report becomes outputs and an exit code.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::ArgMatches;

use crate::config::Config;
use crate::diagnostic::{Confidence, ProblemKind, Report, Severity};
use crate::levels::{Change, TestMode};
use crate::render::terminal::{self, Detail};
use crate::render::{Places, json, sarif};

use super::args::{CheckArgs, ConfidenceArg, Format, SeverityArg, Tests};
use super::config::Loaded;
use super::engine::{Engine, Outcome, Request};
use super::output::{self, Written};
use super::progress::Progress;
use super::{config, exit, fix, rules};

pub(super) fn run(args: &CheckArgs, matches: &ArgMatches, engine: &dyn Engine) -> u8 {
    let run = || {
        let Loaded { config, .. } = config::load(&args.config, &args.paths, args.manifest_path.as_deref())?;
        let args = &config::applied(args, matches, &config);
        let (request, outputs) = prepare(args, matches, config)?;
        execute(args, &request, &outputs, engine)
    };
    match run() {
        Ok(code) => code,
        Err(text) => {
            output::error_line(&format!("error: {text}"));
            exit::USAGE
        }
    }
}

/// A file that is written besides standard output.
struct FileOutput {
    format: Format,
    path: PathBuf,
}

fn prepare(args: &CheckArgs, matches: &ArgMatches, config: Config) -> Result<(Request, Vec<FileOutput>), String> {
    let mut levels = config.levels();
    levels.set_tests(match args.tests {
        Tests::Relaxed => TestMode::Relaxed,
        Tests::Strict => TestMode::Strict,
        Tests::Off => TestMode::Off,
    });
    for (change, name) in changes(args, matches) {
        levels.change(change, name).map_err(|unknown| rules::unknown_text(&unknown.name, &unknown.nearest))?;
    }
    let outputs = args.outputs.iter().map(|text| file_output(text)).collect::<Result<_, _>>()?;
    let request = Request {
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
        fixes: config::fixes(&config),
        config,
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
fn file_output(text: &str) -> Result<FileOutput, String> {
    let wrong = || format!("`-o {text}`: write FORMAT:PATH, with FORMAT one of terminal, short, json, sarif");
    let (format, path) = text.split_once(':').ok_or_else(wrong)?;
    let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| wrong())?;
    if path.is_empty() {
        return Err(wrong());
    }
    Ok(FileOutput { format, path: path.into() })
}

fn execute(args: &CheckArgs, request: &Request, outputs: &[FileOutput], engine: &dyn Engine) -> Result<u8, String> {
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
        outcome.map_err(|error| error.to_string())?
    };
    let start = Instant::now();
    let places = Places::new(&*outcome.sources, &outcome.report);
    let printed = print(args, &outcome, &places)?;
    for file in outputs {
        let bytes = render(file.format, &outcome, &places, args, Quiet::No)?;
        let plain = anstream::adapter::strip_bytes(&bytes).into_vec();
        let bytes = if is_machine(file.format) { bytes } else { plain };
        output::file(&file.path, &bytes).map_err(|e| format!("cannot write {}: {}", file.path.display(), e.kind()))?;
    }
    remarks(args, &outcome, start.elapsed());
    match printed {
        Written::Fine => Ok(exit_code(args, request, &outcome.report)),
        Written::Failed => Ok(exit::USAGE),
    }
}

const fn is_machine(format: Format) -> bool {
    match format {
        Format::Json | Format::Sarif => true,
        Format::Terminal | Format::Short => false,
    }
}

fn print(args: &CheckArgs, outcome: &Outcome, places: &Places<'_>) -> Result<Written, String> {
    if is_machine(args.format) {
        return Ok(output::raw(&render(args.format, outcome, places, args, Quiet::No)?));
    }
    let quiet = match args.quiet {
        0 => Quiet::No,
        1 => Quiet::ErrorsOnly,
        2.. => return Ok(Written::Fine),
    };
    Ok(output::standard(&render(args.format, outcome, places, args, quiet)?, args.color))
}

/// How much of the terminal output is wanted; files are never quiet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quiet {
    No,
    ErrorsOnly,
}

fn render(
    format: Format,
    outcome: &Outcome,
    places: &Places<'_>,
    args: &CheckArgs,
    quiet: Quiet,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let here = std::env::current_dir().unwrap_or_default();
    let path = |path: &str| relative(&outcome.root, &here, path);
    let min_severity = match quiet {
        Quiet::No => severity(args.min_severity),
        Quiet::ErrorsOnly => Severity::Error,
    };
    let options = |detail| terminal::Options { detail, min_severity, path: &path };
    let written = match format {
        Format::Terminal => terminal(&mut bytes, outcome, places, &options(Detail::Rich), quiet),
        Format::Short => terminal(&mut bytes, outcome, places, &options(Detail::Short), quiet),
        Format::Json => json::write(&mut bytes, &outcome.report, places),
        Format::Sarif => sarif::write(&mut bytes, &outcome.report, places, &sarif::Options::default()),
    };
    written.map_err(|error| format!("cannot make the output: {error}"))?;
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
        output::error_line(&format!("asynclint: no async code found in {} files", outcome.report.files));
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

/// `path`, which is relative to `root`, as seen from `here`.
fn relative(root: &Path, here: &Path, path: &str) -> String {
    let target = root.join(path);
    let mut target = target.components().peekable();
    let mut here = here.components().peekable();
    if target.peek() != here.peek() {
        return path.to_owned();
    }
    while target.peek().is_some() && target.peek() == here.peek() {
        target.next();
        here.next();
    }
    let up = here.map(|_| "..".to_owned());
    let down = target.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_here() {
        let seen = |root: &str, here: &str, path: &str| relative(Path::new(root), Path::new(here), path);
        assert_eq!(seen("/w", "/w", "src/a.rs"), "src/a.rs");
        assert_eq!(seen("/w", "/w/src", "src/a.rs"), "a.rs");
        assert_eq!(seen("/w", "/w/tests", "src/a.rs"), "../src/a.rs");
        assert_eq!(seen("/w/x", "/w", "src/a.rs"), "x/src/a.rs");
    }
}
