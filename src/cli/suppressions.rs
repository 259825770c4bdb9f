//! `suppressions`: what is silenced in a workspace and why, and directives for what is found now.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::base::LineIndex;
use crate::diagnostic::{Suppression, SuppressionState};
use crate::fix::{patch, write};
use crate::levels;
use crate::render::sanitize;
use crate::rules::page;

use super::args::{ListFormat, SeverityArg};
use super::before::{BaselineFile, Before};
use super::config::{self, ConfigFlags, Loaded};
use super::engine::{Engine, Outcome, Request, Silence, Silenced};
use super::output::{self, Written, counted};
use super::{check, exit, rules};

/// Arguments of `suppressions`.
#[derive(Args, Debug)]
pub struct SuppressionsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SuppressionsCommand,
}

/// Subcommands of `suppressions`.
#[derive(Subcommand, Debug)]
pub enum SuppressionsCommand {
    /// List every directive and attribute that silences findings, with its reason
    List(ListArgs),
    /// Write `// asynclint: allow(rule): reason` above findings
    Add(AddArgs),
}

/// Arguments of `suppressions list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only what lies under these paths [default: .]
    pub paths: Vec<PathBuf>,
    /// Format
    #[arg(long, value_enum, default_value_t = ListFormat::Table, value_name = "FORMAT")]
    pub format: ListFormat,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigFlags,
}

/// Arguments of `suppressions add`.
#[derive(Args, Debug)]
pub struct AddArgs {
    /// Only findings under these paths [default: .]
    pub paths: Vec<PathBuf>,
    /// Why the findings are no bugs here
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Only findings of this RULE, RULE.KIND or GROUP; may be repeated
    #[arg(long = "rule", value_name = "NAME")]
    pub rules: Vec<String>,
    /// Only findings at or above this severity
    #[arg(long, value_enum, default_value_t = SeverityArg::Warning, value_name = "SEVERITY")]
    pub min_severity: SeverityArg,
    /// Write nothing: print a patch for `git apply`, and exit with 1 when there is something to write
    #[arg(long)]
    pub diff: bool,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigFlags,
}

pub(super) fn run(args: &SuppressionsArgs, engine: &dyn Engine) -> u8 {
    let done = match &args.command {
        SuppressionsCommand::List(args) => list(args, engine),
        SuppressionsCommand::Add(args) => add(args, engine),
    };
    done.unwrap_or_else(|text| {
        output::error_line(&format!("error: {text}"));
        exit::USAGE
    })
}

/// A run over `paths` as the configuration wants it.
pub(super) fn request(flags: &ConfigFlags, paths: &[PathBuf]) -> Result<Request, String> {
    let Loaded { config, .. } = config::load(flags, paths, None)?;
    Ok(Request {
        paths: paths.to_vec(),
        manifest_path: None,
        packages: Vec::new(),
        exclude: config.settings.exclude.value.clone(),
        max_file_size: *config.settings.max_file_size,
        threads: None,
        levels: config.levels(),
        min_confidence: *config.settings.min_confidence,
        no_ignores: false,
        // Directives are about all that is found.
        before: Before { baseline: BaselineFile::None, ..Before::default() },
        stdin: None,
        fixes: config::fixes(&config),
        config,
    })
}

fn list(args: &ListArgs, engine: &dyn Engine) -> Result<u8, String> {
    let outcome = engine.check(&request(&args.config, &args.paths)?).map_err(|error| error.to_string())?;
    let bytes = match args.format {
        ListFormat::Table => table(&outcome),
        ListFormat::Json => {
            let all: Vec<_> = outcome.report.suppressions.iter().map(|s| value(&outcome, s)).collect();
            format!("{:#}\n", json!({ "schema_version": 1, "suppressions": all }))
        }
    };
    Ok(match output::raw(bytes.as_bytes()) {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    })
}

fn line(outcome: &Outcome, suppression: &Suppression) -> u32 {
    let text = outcome.sources.text(suppression.span.file);
    LineIndex::new(text).line_column(text, suppression.span.start).line
}

fn table(outcome: &Outcome) -> String {
    let mut out = String::new();
    for suppression in &outcome.report.suppressions {
        let path = sanitize::text(outcome.sources.path(suppression.span.file));
        let reason = suppression.reason.as_deref().map_or_else(|| "no reason given".into(), sanitize::text);
        let state = match suppression.state {
            SuppressionState::Used => "",
            SuppressionState::Unused => " (unused)",
            SuppressionState::NotRun => " (its rule is off here)",
        };
        let (form, name, line) = (suppression.form, sanitize::text(&suppression.name), line(outcome, suppression));
        out.push_str(&format!("{path}:{line}: {form}({name}): {reason}{state}\n"));
    }
    let all = &outcome.report.suppressions;
    let count = |wanted: fn(&Suppression) -> bool| all.iter().filter(|s| wanted(s)).count();
    let (unused, silent) = (count(|s| s.state == SuppressionState::Unused), count(|s| s.reason.is_none()));
    let number = counted(all.len(), "suppression", "suppressions");
    out.push_str(&format!("{number}, {unused} unused, {silent} without a reason\n"));
    out
}

fn value(outcome: &Outcome, suppression: &Suppression) -> serde_json::Value {
    let name = &suppression.name;
    let (rule, kind) = name.split_once('.').map_or((name.as_str(), None), |(rule, kind)| (rule, Some(kind)));
    json!({
        "path": outcome.sources.path(suppression.span.file),
        "line": line(outcome, suppression),
        "form": suppression.form,
        "rule": rule,
        "kind": kind,
        "reason": suppression.reason,
        "state": suppression.state.as_str(),
    })
}

fn add(args: &AddArgs, engine: &dyn Engine) -> Result<u8, String> {
    let reason = args.reason.trim();
    if reason.is_empty() || reason.chars().any(sanitize::is_harmful) {
        return Err("`--reason` is one line of plain text that says why the findings are no bugs here".to_owned());
    }
    for name in &args.rules {
        levels::rank(page::all(), name).map_err(|unknown| rules::unknown_text(&unknown.name, &unknown.nearest))?;
    }
    let wish = Silence {
        names: args.rules.clone(),
        min_severity: check::severity(args.min_severity),
        reason: reason.to_owned(),
    };
    let request = request(&args.config, &args.paths)?;
    let Silenced { changes, answered, left } = engine.silence(&request, &wish).map_err(|error| error.to_string())?;
    for finding in &left {
        output::error_line(&format!("asynclint: no place for a directive: {}", sanitize::text(finding)));
    }
    if args.diff {
        let patch: String = changes.iter().map(patch::of_change).collect();
        return Ok(match output::raw(patch.as_bytes()) {
            Written::Failed => exit::USAGE,
            Written::Fine if changes.is_empty() => exit::CLEAN,
            Written::Fine => exit::FINDINGS,
        });
    }
    let mut failed = false;
    for (change, written) in changes.iter().zip(write::all(&changes, false)) {
        let why = match written {
            write::Written::Done | write::Written::Unlinked => continue,
            write::Written::Skipped(why) => why,
            write::Written::Interrupted => "interrupted".to_owned(),
        };
        failed = true;
        let path = sanitize::text(&change.path);
        output::error_line(&format!("asynclint: {path} was left as it is: {}", sanitize::text(&why)));
    }
    let (findings, files) = (counted(answered, "finding", "findings"), counted(changes.len(), "file", "files"));
    let text = format!("{findings} answered in {files}, {} left\n", left.len());
    Ok(match output::raw(text.as_bytes()) {
        Written::Fine if !failed => exit::CLEAN,
        Written::Fine | Written::Failed => exit::USAGE,
    })
}
