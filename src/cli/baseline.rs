//! `baseline create`, `update`, `prune`, `show`: the file with findings that are not reported again.
//!
//! Each but `show` runs a check first; the file is written whole or not at all.

use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Subcommand};

use crate::baseline::{Baseline, Entry, FILE_NAME, Unmatched};
use crate::diagnostic::{Answer, Diagnostic};

use super::args::{CheckArgs, ListFormat};
use super::before::{BaselineFile, Before};
use super::engine::{Engine, Error, Outcome, Request};
use super::output::{self, counted as counted_as};
use super::{check, exit};

/// Arguments of `baseline`.
#[derive(Args, Debug)]
pub struct BaselineArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// Subcommands of `baseline`.
#[derive(Subcommand, Debug)]
pub enum BaselineCommand {
    /// Write everything that is found now
    Create(CreateArgs),
    /// Add what is found now and remove what is gone
    Update(RunArgs),
    /// Remove what is gone, add nothing
    Prune(RunArgs),
    /// List what the file holds
    Show(ShowArgs),
}

/// Arguments of `baseline create`.
#[derive(Args, Debug)]
pub struct CreateArgs {
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
    /// The flags of `check`.
    #[command(flatten)]
    pub check: Box<CheckArgs>,
}

/// Arguments of `baseline update` and `baseline prune`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// The flags of `check`.
    #[command(flatten)]
    pub check: Box<CheckArgs>,
}

/// Arguments of `baseline show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The file [default: asynclint-baseline.json here or in a folder above]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Format
    #[arg(long, value_enum, default_value_t = ListFormat::Table, value_name = "FORMAT")]
    pub format: ListFormat,
}

pub(super) fn run(args: &BaselineArgs, matches: &ArgMatches, engine: &dyn Engine) -> u8 {
    let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
    let done = match &args.command {
        BaselineCommand::Create(args) => create(args, matches, engine),
        BaselineCommand::Update(args) => rewrite(&args.check, matches, engine, Rewrite::Update),
        BaselineCommand::Prune(args) => rewrite(&args.check, matches, engine, Rewrite::Prune),
        BaselineCommand::Show(args) => show(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => output::failed(&error),
    }
}

fn create(args: &CreateArgs, matches: &ArgMatches, engine: &dyn Engine) -> Result<u8, Error> {
    let mut request = quiet_request(&args.check, matches)?;
    let before = std::mem::take(&mut request.before);
    request.before.baseline = BaselineFile::None;
    let outcome = engine.check(&request)?;
    let path = path_of(&before, &outcome);
    if path.symlink_metadata().is_ok() && !args.force {
        return Err(Error::Usage(format!(
            "{} is there already; `asynclint baseline update` brings it up to date, `--force` makes it anew",
            path.display()
        )));
    }
    let baseline = Baseline::of(&outcome.report.findings, &*outcome.sources);
    write(&path, &baseline)?;
    say(&format!("{} holds {}", path.display(), counted(&baseline)));
    Ok(remarks(&outcome))
}

/// The request of a check that writes no report.
fn quiet_request(args: &CheckArgs, matches: &ArgMatches) -> Result<Request, Error> {
    let report = [
        "format",
        "outputs",
        "sarif_category",
        "sarif_suppressed",
        "message_format",
        "then",
        "statistics",
        "list_files",
    ];
    let given = |id: &&&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    if let Some(id) = report.iter().find(given) {
        let flag = if *id == "outputs" { "-o".to_owned() } else { format!("--{}", id.replace('_', "-")) };
        return Err(Error::Usage(format!(
            "{flag} belongs to `asynclint check`: the commands of `baseline` write no report"
        )));
    }
    Ok(check::prepare(args, matches)?.1)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rewrite {
    Update,
    Prune,
}

fn rewrite(args: &CheckArgs, matches: &ArgMatches, engine: &dyn Engine, how: Rewrite) -> Result<u8, Error> {
    let mut request = quiet_request(args, matches)?;
    let before = std::mem::take(&mut request.before);
    request.before.baseline = before.baseline.clone();
    let outcome = engine.check(&request)?;
    let path = path_of(&before, &outcome);
    if path.symlink_metadata().is_err() {
        return Err(Error::Usage(format!("{} is not there; `asynclint baseline create` makes it", path.display())));
    }
    let added: &[Diagnostic] = match how {
        Rewrite::Update => &outcome.report.findings,
        Rewrite::Prune => &[],
    };
    let baseline = now(&outcome, added);
    write(&path, &baseline)?;
    let changes = format!("{} added, {} removed", added.len(), outcome.report.stale);
    say(&format!("{} holds {}; {changes}", path.display(), counted(&baseline)));
    Ok(remarks(&outcome))
}

/// What is known and still there, what nobody looked for, and what is added.
fn now(outcome: &Outcome, added: &[Diagnostic]) -> Baseline {
    let known = outcome.report.silenced.iter().filter(|silenced| silenced.by == Answer::Baseline);
    let known: Vec<&Diagnostic> = known.map(|silenced| &silenced.finding).collect();
    let mut entries = Baseline::of(known.into_iter().chain(added), &*outcome.sources).entries;
    entries.extend(outcome.unmatched.iter().filter(|left| !left.stale).map(|left| left.entry.clone()));
    Baseline::from_entries(entries)
}

/// `check --prune-baseline`: removes what is gone, and says so.
pub(super) fn prune(before: &Before, outcome: &Outcome) -> Result<(), Error> {
    let path = path_of(before, outcome);
    if outcome.report.stale == 0 || path.symlink_metadata().is_err() {
        return Ok(());
    }
    let baseline = now(outcome, &[]);
    write(&path, &baseline)?;
    say(&format!("{} holds {}; {} removed", path.display(), counted(&baseline), outcome.report.stale));
    Ok(())
}

/// The file that was named, else the usual one.
fn path_of(before: &Before, outcome: &Outcome) -> PathBuf {
    match &before.baseline {
        BaselineFile::At(path) => path.clone(),
        BaselineFile::IfThere(name) => outcome.root.join(name),
        BaselineFile::None => outcome.root.join(FILE_NAME),
    }
}

fn write(path: &Path, baseline: &Baseline) -> Result<(), String> {
    output::file(path, baseline.to_text().as_bytes()).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

fn say(text: &str) {
    output::error_line(&format!("asynclint: {text}"));
}

/// A file that could not be read has no findings, which the user must know.
fn remarks(outcome: &Outcome) -> u8 {
    let problems = outcome.report.problems.len();
    if problems > 0 {
        let problems = counted_as(problems, "problem", "problems");
        say(&format!(
            "{problems}: findings of what could not be read are not known; `asynclint check` lists them"
        ));
    }
    exit::CLEAN
}

fn counted(baseline: &Baseline) -> String {
    let mut files: Vec<&str> = baseline.entries.iter().map(|entry| entry.path.as_str()).collect();
    files.dedup();
    let findings = counted_as(baseline.count(), "finding", "findings");
    format!("{findings} in {}", counted_as(files.len(), "file", "files"))
}

fn show(args: &ShowArgs) -> Result<u8, Error> {
    let path = match &args.baseline {
        Some(path) => path.clone(),
        None => find()?,
    };
    let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let baseline = Baseline::parse(&text).map_err(|e| format!("{}:{}: {}", path.display(), e.line, e.message))?;
    let out = match args.format {
        ListFormat::Json => baseline.to_text(),
        ListFormat::Table => table(&baseline),
    };
    Ok(match output::standard(out.as_bytes(), super::args::Color::Never) {
        output::Written::Fine => exit::CLEAN,
        output::Written::Failed => exit::USAGE,
    })
}

fn find() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| format!("the current directory: {error}"))?;
    let mut candidates = here.ancestors().map(|folder| folder.join(FILE_NAME));
    candidates.find(|path| path.is_file()).ok_or_else(|| {
        format!("there is no {FILE_NAME} here or in a folder above; `asynclint baseline create` makes it")
    })
}

/// One line for each entry, then what rules there are.
fn table(baseline: &Baseline) -> String {
    use crate::render::sanitize::text;
    let line = |entry: &Entry| {
        let times = if entry.count > 1 { format!(" ({} times)", entry.count) } else { String::new() };
        format!("{}: {} in `{}`{times}\n", text(&entry.path), text(&entry.rule), text(&entry.function))
    };
    let mut out: String = baseline.entries.iter().map(line).collect();
    let mut rules: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for entry in &baseline.entries {
        let count = rules.entry(&entry.rule).or_default();
        *count = count.saturating_add(entry.count);
    }
    for (rule, count) in rules {
        out.push_str(&format!("{count:>7}  {}\n", text(rule)));
    }
    out.push_str(&format!("{:>7}  in all\n", baseline.count()));
    out
}

/// What is said after a check whose baseline holds findings that are gone.
pub(super) fn stale_line(unmatched: &[Unmatched]) -> Option<String> {
    let gone: Vec<&Unmatched> = unmatched.iter().filter(|left| left.stale).collect();
    let first = gone.first()?;
    let count = gone.iter().fold(0, |count: usize, left| count.saturating_add(left.entry.count));
    let more = if gone.len() > 1 { " and others" } else { "" };
    let what = if count == 1 { "finding of the baseline is" } else { "findings of the baseline are" };
    Some(format!(
        "{count} {what} gone ({} in {}{more}); `asynclint baseline prune` removes them",
        first.entry.rule, first.entry.path
    ))
}
