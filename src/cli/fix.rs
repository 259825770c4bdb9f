//! `check --fix` and its relatives: asks where asked to, shows a patch or writes files, and says what was done.
//!
//! Which fixes are good is decided in `fix`; this is the conversation about them.

use std::io::{BufRead, Write};

use clap::{Args, ValueEnum};

use crate::diagnostic::{Applicability, ProblemKind};
use crate::fix::write::{self, Written};
use crate::fix::{Answer, Change, Done, Question, Wish, apply, patch};
use crate::render::sanitize;

use super::args::CheckArgs;
use super::engine::{Engine, Error, Outcome, Repaired, Request};
use super::output::counted;
use super::{check, exit, output};

/// Arguments of `check` about fixes.
#[derive(Args, Clone, Debug)]
pub struct FixArgs {
    /// Make the fixes that compile and mean the same; `--fix=all` also those of --unsafe-fixes
    #[arg(long, value_enum, value_name = "CLASS", num_args = 0..=1, require_equals = true,
        default_missing_value = "safe", hide_possible_values = true, help_heading = "Fixes")]
    pub fix: Option<FixClass>,
    /// Also the fixes that change behaviour or may not compile; with --fix, --diff, --fix-only or --interactive
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Write nothing: print the fixes as a patch for `git apply`, and exit with 1 when there are any
    #[arg(long, conflicts_with_all = ["fix_only", "interactive", "fix_backup"], help_heading = "Fixes")]
    pub diff: bool,
    /// Make fixes, and neither report nor fail on what is left
    #[arg(long, help_heading = "Fixes")]
    pub fix_only: bool,
    /// Ask for each fix: yes, no, all that follow, quit
    #[arg(long, help_heading = "Fixes")]
    pub interactive: bool,
    /// Keep the old text of each changed file as FILE.orig
    #[arg(long, help_heading = "Fixes")]
    pub fix_backup: bool,
}

/// `--fix=CLASS`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FixClass {
    /// Fixes that compile and mean the same.
    Safe,
    /// All that are made of edits.
    All,
}

impl FixArgs {
    /// Some fix may be made or shown.
    pub(super) const fn is_wanted(&self) -> bool {
        self.fix.is_some() || self.diff || self.fix_only || self.interactive
    }

    /// Standard output is for the fixed text of standard input.
    pub(super) fn prints_text(&self, paths: &[std::path::PathBuf]) -> bool {
        self.is_wanted() && !self.diff && paths.iter().any(|path| path.as_os_str() == "-")
    }

    const fn up_to(&self) -> Applicability {
        match (self.fix, self.unsafe_fixes) {
            (Some(FixClass::All), _) | (_, true) => Applicability::Unsafe,
            (Some(FixClass::Safe) | None, false) => Applicability::Safe,
        }
    }
}

/// The arguments of `asynclint fix` as those of `check`.
pub(super) fn as_command(args: &CheckArgs) -> CheckArgs {
    let mut args = args.clone();
    if !args.fixes.diff {
        args.fixes.fix = args.fixes.fix.or(Some(FixClass::Safe));
    }
    args
}

/// How a run with fixes goes on.
pub(super) enum Ended {
    /// All was said; this is the exit code.
    Here(u8),
    /// Files are written; this is the state after.
    Fixed(Box<Outcome>),
}

/// Makes fixes; `args` want some.
pub(super) fn run(args: &CheckArgs, request: &Request, engine: &dyn Engine) -> Result<Ended, Error> {
    let text = request.stdin.as_ref().map(|stdin| stdin.text.as_str());
    if text.is_some() && (args.fixes.interactive || args.fixes.fix_backup) {
        let text = "standard input holds a text to fix: nobody can answer there, and no old text is kept";
        return Err(Error::Usage(text.to_owned()));
    }
    let mut options = request.fixes.clone();
    // The manifest around a text is not what was given.
    options.add_dependency &= text.is_none();
    let wish = Wish {
        up_to: args.fixes.up_to(),
        min_severity: check::severity(args.min_severity),
        asks: args.fixes.interactive,
        options,
    };
    let Repaired { mut outcome, done, manifests } = engine.fix(request, &wish, &mut ask)?;
    // A manifest that knows a crate which nobody uses is harmless, the other way round nothing compiles.
    let changes: Vec<Change> = manifests.iter().chain(&done.changes).cloned().collect();
    if args.fixes.diff {
        remarks(args, &done, &changes);
        return Ok(Ended::Here(show(&changes)));
    }
    let written = match text {
        Some(text) => match print(&changes, text) {
            Some(written) => written,
            None => return Ok(Ended::Here(exit::USAGE)),
        },
        None => write::all(&changes, args.fixes.fix_backup),
    };
    let missed = missed(args, &changes, &written);
    if missed {
        // What was analysed is not what lies there now.
        outcome = engine.check(request)?;
    }
    let is_there = |path: &str| {
        let at = changes.iter().position(|change| change.path == path);
        at.is_none_or(|at| matches!(written[at], Written::Done | Written::Unlinked))
    };
    outcome.report.fixed = done.fixed.iter().filter(|fixed| is_there(&fixed.path)).cloned().collect();
    remarks(args, &Done { fixed: outcome.report.fixed.clone(), ..done }, &changes);
    if written.contains(&Written::Interrupted) {
        return Ok(Ended::Here(exit::PROBLEM));
    }
    Ok(if args.fixes.fix_only { Ended::Here(exit::CLEAN) } else { Ended::Fixed(Box::new(outcome)) })
}

/// Says that a flag about fixes does nothing when none are made.
pub(super) fn idle(args: &CheckArgs) {
    if !args.fixes.is_wanted() && (args.fixes.unsafe_fixes || args.fixes.fix_backup) {
        let flag = if args.fixes.unsafe_fixes { "--unsafe-fixes" } else { "--fix-backup" };
        say(args, &format!("`{flag}` makes no fix by itself: add --fix, or --diff to see them"));
    }
}

/// Prints the text of standard input as it is after the fixes; `None` when it cannot be written.
fn print(changes: &[Change], text: &str) -> Option<Vec<Written>> {
    let is_it = |change: &Change| *change.old == *text;
    let new = changes.iter().find(|change| is_it(change)).map_or(text, |change| &change.new);
    let told = |change| match is_it(change) {
        true => Written::Done,
        false => Written::Skipped("only the text on standard input is fixed".to_owned()),
    };
    match output::raw(new.as_bytes()) {
        output::Written::Fine => Some(changes.iter().map(told).collect()),
        output::Written::Failed => None,
    }
}

/// Says which files were left as they are; true when there are any.
fn missed(args: &CheckArgs, changes: &[Change], written: &[Written]) -> bool {
    let mut missed = false;
    for (change, what) in changes.iter().zip(written) {
        let text = match what {
            Written::Done => continue,
            Written::Unlinked => {
                say(args, &format!("{}: its other hard links keep the old text", change.path));
                continue;
            }
            Written::Skipped(why) => format!("{} was left as it is: {why}", change.path),
            Written::Interrupted => format!("{} was left as it is: interrupted", change.path),
        };
        missed = true;
        output::error_line(&format!("asynclint: {}", sanitize::text(&text)));
    }
    missed
}

/// What is said on standard error beside the report.
fn remarks(args: &CheckArgs, done: &Done, changes: &[Change]) {
    for path in &done.locked {
        say(args, &format!("{path} was left as it is: it is read-only"));
    }
    for problem in done.problems.iter().filter(|problem| problem.kind == ProblemKind::BadFix) {
        let path = problem.path.as_deref().unwrap_or_default();
        say(args, &format!("{path}: {}; please report it", problem.message));
    }
    if args.verbose > 0 {
        for fixed in &done.fixed {
            say(args, &format!("{}:{}: {}: {}", fixed.path, fixed.line, fixed.rule, fixed.title));
        }
    }
    let files = changes.iter().filter(|change| done.fixed.iter().any(|fixed| fixed.path == change.path)).count();
    let verb = if args.fixes.diff { "would make" } else { "made" };
    let text = match done.fixed.len() {
        0 => "no fix to make".to_owned(),
        n => format!("{verb} {} in {}", counted(n, "fix", "fixes"), counted(files, "file", "files")),
    };
    say(args, &text);
    if done.bolder > 0 && !args.fixes.interactive {
        let more = counted(done.bolder, "more fix is", "more fixes are");
        say(args, &format!("{more} unsafe: `--diff --unsafe-fixes` shows what they would change"));
    }
    if !done.dependencies.is_empty() {
        say(args, "added asynclint-supervisor to a manifest; the next build without --locked adds it to Cargo.lock");
    }
    if done.lacking > 0 {
        let more = counted(done.lacking, "more fix needs", "more fixes need");
        say(args, &format!("{more} asynclint-supervisor: add it to the package, or set `fix.add-dependency = true`"));
    }
    if !done.converged {
        say(args, &format!("not finished after {} rounds: run it again, and please report it", done.rounds));
    }
}

fn say(args: &CheckArgs, text: &str) {
    if args.quiet == 0 {
        output::error_line(&format!("asynclint: {}", sanitize::text(text)));
    }
}

/// Prints the patch; 1 when there is one.
fn show(changes: &[Change]) -> u8 {
    let text: String = changes.iter().map(patch::of_change).collect();
    match output::patch(&text) {
        output::Written::Failed => exit::USAGE,
        output::Written::Fine if changes.is_empty() => exit::CLEAN,
        output::Written::Fine => exit::FINDINGS,
    }
}

/// Shows one fix and waits for an answer; the end of the input is a `q`.
fn ask(question: &Question<'_>) -> Answer {
    let Question { finding, fix, adds_to, sources } = question;
    let file = finding.primary.file;
    let source = &sources.files[file];
    let edits: Vec<_> = fix.edits.iter().collect();
    let new = apply::apply(&source.text, &edits).unwrap_or_default().into();
    let change = Change { path: source.path.clone(), abs: source.abs.clone(), old: source.text.clone(), new };
    let patch = patch::of_change(&change);
    let mut text = format!("\n{}: {}\n", finding.code(), sanitize::text(&finding.message));
    // The first line is git's own; whoever reads this knows where they are.
    for line in patch.lines().skip(1) {
        text.push_str(&sanitize::source_line(line));
        text.push('\n');
    }
    let class = match fix.applicability {
        Applicability::Safe => "",
        Applicability::Unsafe | Applicability::Advice => " (unsafe)",
    };
    text.push_str(&format!("{}{class}", fix.title));
    if let Some(package) = adds_to {
        text.push_str(&format!("; adds asynclint-supervisor to {}", sanitize::text(package)));
    }
    text.push_str("? [y]es, [n]o, [a]ll, [q]uit: ");
    loop {
        output::error_text(&text);
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        let _ = std::io::stderr().lock().flush();
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Answer::Yes,
            "n" | "no" => return Answer::No,
            "a" | "all" => return Answer::All,
            "q" | "quit" => return Answer::Quit,
            _ if read == 0 => return Answer::Quit,
            _ => "\nanswer with y, n, a or q: ".clone_into(&mut text),
        }
    }
}
