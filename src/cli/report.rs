//! The report of `check` goes where it was asked for: standard output, files, the summary of a build step.
//!
//! It judges nothing; the exit code is made elsewhere.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::diagnostic::Severity;
use crate::render::{Places, github, sanitize, sarif};

use super::args::CheckArgs;
use super::engine::Outcome;
use super::format::{self, Format, Nature, Wanted};
use super::output::{self, Written};
use super::statistics;
use super::then::Then;

/// Flags of `check` about what is written where.
#[derive(Args, Clone, Debug, Default)]
pub struct ReportArgs {
    /// Name of this analysis among others of the same commit, for SARIF
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub sarif_category: Option<String>,
    /// Write suppressed and baselined findings to SARIF too, marked as such; code scanning opens them as alerts
    #[arg(long, help_heading = "Output")]
    pub sarif_suppressed: bool,
    /// As cargo calls it: `json` stands for `--format rustc-json`
    #[arg(long, hide = true, value_enum, value_name = "FORMAT", conflicts_with = "format")]
    pub message_format: Option<MessageFormat>,
    /// Run this command afterwards and pass its output on: editors allow for one check command only
    #[arg(long, value_name = "COMMAND", help_heading = "Output")]
    pub then: Option<Then>,
}

/// `--message-format`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageFormat {
    /// Diagnostics of rustc.
    Json,
}

/// A file that is written besides standard output.
pub(super) struct FileOutput {
    format: Format,
    path: PathBuf,
}

/// Splits at the first colon: `sarif:C:\out.sarif`.
fn file_output(text: &str) -> Result<FileOutput, String> {
    let wrong = || format!("`-o {text}`: write FORMAT:PATH, with FORMAT one of {}", Format::names());
    let (format, path) = text.split_once(':').ok_or_else(wrong)?;
    let format = <Format as ValueEnum>::from_str(format, false).map_err(|_| wrong())?;
    if path.is_empty() {
        return Err(wrong());
    }
    Ok(FileOutput { format, path: path.into() })
}

/// The files of `-o`; one path cannot hold two reports.
pub(super) fn file_outputs(texts: &[String]) -> Result<Vec<FileOutput>, String> {
    let files: Vec<FileOutput> = texts.iter().map(|text| file_output(text)).collect::<Result<_, _>>()?;
    for (at, file) in files.iter().enumerate() {
        if files[..at].iter().any(|other| other.path == file.path) {
            return Err(format!("two outputs are to be written to {}: name another file", file.path.display()));
        }
    }
    Ok(files)
}

/// Writes everything that was asked for; files even when standard output is gone.
pub(super) fn write(
    args: &CheckArgs,
    min_severity: Severity,
    files: &[FileOutput],
    outcome: &Outcome,
) -> Result<Written, String> {
    let places = Places::new(&*outcome.sources, &outcome.report);
    let sarif = sarif_options(&args.report);
    let wanted = Wanted { min_severity, findings_only: false, links: false, width: None, sarif: &sarif };
    let aside = args.fixes.prints_text(&args.paths);
    let printed = match args.statistics {
        _ if aside => print_aside(args, outcome, &places, &wanted)?,
        true => statistics::print(args, outcome, &places),
        false => print(args, outcome, &places, &wanted)?,
    };
    for file in files {
        let bytes = format::render(file.format, outcome, &places, &wanted)?;
        let bytes = match file.format.nature() {
            Nature::Machine => bytes,
            Nature::Text => anstream::adapter::strip_bytes(&bytes).into_vec(),
        };
        output::file(&file.path, &bytes).map_err(|e| format!("cannot write {}: {e}", file.path.display()))?;
    }
    if stdout_format(args) == Format::Github {
        step_summary(outcome, &places, min_severity);
    }
    Ok(printed)
}

fn sarif_options(args: &ReportArgs) -> sarif::Options {
    sarif::Options {
        category: args.sarif_category.clone(),
        suppressed: args.sarif_suppressed,
        ..sarif::Options::default()
    }
}

fn stdout_format(args: &CheckArgs) -> Format {
    match args.report.message_format {
        Some(MessageFormat::Json) => Format::RustcJson,
        None => args.format,
    }
}

fn print(args: &CheckArgs, outcome: &Outcome, places: &Places<'_>, wanted: &Wanted<'_>) -> Result<Written, String> {
    let format = stdout_format(args);
    let is_text = format.nature() == Nature::Text;
    let (links, width) = (is_text && output::shows_links(args.color), output::width());
    let wanted = Wanted { links, width, ..*wanted };
    match (format.nature(), args.quiet) {
        (Nature::Machine, _) => Ok(output::raw(&format::render(format, outcome, places, &wanted)?)),
        (Nature::Text, 0) => Ok(output::standard(&format::render(format, outcome, places, &wanted)?, args.color)),
        (Nature::Text, 1) => {
            let errors = Wanted { min_severity: Severity::Error, findings_only: true, ..wanted };
            Ok(output::standard(&format::render(format, outcome, places, &errors)?, args.color))
        }
        (Nature::Text, 2..) => Ok(Written::Fine),
    }
}

/// On standard error: standard output is taken by a fixed text.
fn print_aside(
    args: &CheckArgs,
    outcome: &Outcome,
    places: &Places<'_>,
    wanted: &Wanted<'_>,
) -> Result<Written, String> {
    if args.quiet == 0 {
        let bytes = format::render(stdout_format(args), outcome, places, wanted)?;
        let plain = anstream::adapter::strip_bytes(&bytes).into_vec();
        output::error_text(&sanitize::without_commands(&String::from_utf8_lossy(&plain)));
    }
    Ok(Written::Fine)
}

/// GitHub Actions names a file for the summary of the step; other steps may have written to it before.
fn step_summary(outcome: &Outcome, places: &Places<'_>, min_severity: Severity) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    let text = github::summary(&outcome.report, places, min_severity);
    if let Err(error) = output::append(&PathBuf::from(&path), text.as_bytes()) {
        output::error_line(&format!("warning: cannot write the step summary: {error}"));
    }
}
