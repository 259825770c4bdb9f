//! `fix-check`: fixes made on published packages, and the compiler's word before and after.
//!
//! Works on copies in one workspace. Each package is treated as a program (`publish = false`), so that the supervised rewrite is
//! tried everywhere; the companion crate is the one of this repository. What does not compile here is named and left out. Unsafe
//! fixes where the compiler complains are left out one after the other, until the rest compiles.

mod copies;
mod record;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use asynclint::Native;
use asynclint::base::{LineIndex, SourceMap};
use asynclint::cli::{Engine, Request};
use asynclint::config::Config;
use asynclint::diagnostic::{Applicability, Confidence, Severity};
use asynclint::fix::write::{self, Written};
use asynclint::fix::{Answer, Change, Dependency, Options, Question, Wish};
use asynclint::levels::{Levels, TestMode};
use asynclint::rules::page;

use copies::{Broken, cargo, check, split, workspace};
use record::{Record, Tried};

/// Times that unsafe fixes are left out and the rest is tried again.
const MAX_TRIES: usize = 8;

/// Arguments of `fix-check`.
#[derive(Args, Clone)]
pub(crate) struct FixCheckArgs {
    /// Folder with the sources of the packages, one folder `NAME-VERSION` for each
    #[arg(long, value_name = "DIR")]
    sources: PathBuf,
    /// Folder for the copies; emptied of copies, its `target` is kept
    #[arg(long, value_name = "DIR")]
    work: PathBuf,
    /// Run the tests of these packages after the safe fixes
    #[arg(long, value_name = "NAME-VERSION", value_delimiter = ',')]
    tests: Vec<String>,
    /// Fix what any rule finds, not only those that are on by default
    #[arg(long)]
    all_rules: bool,
    /// Keep the result in this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// The packages
    #[arg(value_name = "NAME-VERSION", required = true)]
    packages: Vec<String>,
}

/// Runs over all packages; an error when safe fixes broke one.
pub(crate) fn run(args: &FixCheckArgs, out: &mut dyn Write) -> Result<(), String> {
    let mut record = Record::default();
    let lock = before(args, &mut record)?;
    let packages = record.packages.clone();

    workspace(args, &packages, Some(&lock))?;
    record.safe = fix(args, Applicability::Safe, &BTreeSet::new())?;
    record.broken_by_safe = check(args, &packages, "safe").packages;
    for name in &args.tests {
        let passed = cargo(&args.work, &["test", "-p", split(name).0], &format!("test-{name}"));
        record.tests.push((name.clone(), passed));
    }
    bold(args, &packages, &lock, &mut record)?;

    let text = record.text();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    if let Some(file) = &args.write {
        fs::write(file, record.toml()).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    match record.broken_by_safe.as_slice() {
        [] => Ok(()),
        broken => Err(format!("safe fixes broke {}", broken.join(", "))),
    }
}

/// Finds out what compiles here at all; the lock file that this was found out with.
fn before(args: &FixCheckArgs, record: &mut Record) -> Result<Vec<u8>, String> {
    workspace(args, &args.packages, None)?;
    record.left_out = check(args, &args.packages, "before").packages;
    let stays = |name: &&String| !record.left_out.contains(name);
    record.packages = args.packages.iter().filter(stays).cloned().collect();
    for name in &record.left_out {
        fs::remove_dir_all(args.work.join(name)).map_err(|error| error.to_string())?;
    }
    if record.packages.is_empty() {
        return Err(format!("nothing compiles; see {}", args.work.join("before.log").display()));
    }
    fs::read(args.work.join("Cargo.lock")).map_err(|error| error.to_string())
}

/// Makes the unsafe fixes too, and leaves out what the compiler complains about until nothing is left of that.
fn bold(args: &FixCheckArgs, packages: &[String], lock: &[u8], record: &mut Record) -> Result<(), String> {
    let mut refused = BTreeSet::new();
    for attempt in 0..MAX_TRIES {
        workspace(args, packages, Some(lock))?;
        let made = fix(args, Applicability::Unsafe, &refused)?;
        let broken = check(args, packages, &format!("unsafe-{attempt}"));
        if attempt == 0 {
            record.all.clone_from(&made);
            record.broken_by_all.clone_from(&broken.packages);
        }
        let culprits = culprits(&made, &broken);
        if culprits.is_empty() {
            break;
        }
        refused.extend(culprits);
    }
    record.refused = refused.into_iter().collect();
    Ok(())
}

/// The unsafe fix next to each error, else all of a package.
fn culprits(made: &[Tried], broken: &Broken) -> Vec<Tried> {
    let bold = || made.iter().filter(|tried| !tried.safe);
    let mut culprits: Vec<Tried> = Vec::new();
    for error in &broken.errors {
        let here = bold().filter(|tried| tried.path == error.path);
        culprits.extend(here.min_by_key(|tried| tried.line.abs_diff(error.line)).cloned());
    }
    for name in &broken.packages {
        let prefix = format!("{name}/");
        if !culprits.iter().any(|tried| tried.path.starts_with(&prefix)) {
            culprits.extend(bold().filter(|tried| tried.path.starts_with(&prefix)).cloned());
        }
    }
    culprits
}

/// Makes fixes as `check --fix` would, with the companion crate of this repository.
fn fix(args: &FixCheckArgs, up_to: Applicability, refused: &BTreeSet<Tried>) -> Result<Vec<Tried>, String> {
    let companion = Path::new(env!("CARGO_MANIFEST_DIR")).join("../supervisor");
    let companion = companion.canonicalize().map_err(|error| error.to_string())?;
    let options = Options {
        add_dependency: true,
        dependency: Dependency::Path(companion.display().to_string()),
        ..Options::default()
    };
    let mut levels = Levels::new(page::all(), TestMode::Relaxed);
    if args.all_rules {
        levels.switch_on("all").map_err(|error| format!("no group {}", error.name))?;
    }
    let request = Request {
        paths: vec![args.work.clone()],
        manifest_path: None,
        packages: Vec::new(),
        exclude: Vec::new(),
        max_file_size: 4 << 20,
        threads: None,
        levels,
        min_confidence: Confidence::Likely,
        config: Config::default(),
        fixes: options.clone(),
        before: asynclint::cli::Before { baseline: asynclint::cli::BaselineFile::None, ..Default::default() },
        stdin: None,
        no_ignores: false,
    };
    let wish = Wish { up_to, min_severity: Severity::Note, asks: !refused.is_empty(), options };
    let mut decide = |question: &Question<'_>| match refused.contains(&asked(question)) {
        true => Answer::No,
        false => Answer::Yes,
    };
    let repaired = Native.fix(&request, &wish, &mut decide).map_err(|error| error.to_string())?;
    if !repaired.done.problems.is_empty() || !repaired.done.converged {
        return Err(format!("problems: {:?}, converged: {}", repaired.done.problems, repaired.done.converged));
    }
    let changes: Vec<Change> = repaired.manifests.into_iter().chain(repaired.done.changes).collect();
    let written = write::all(&changes, false);
    match written.iter().all(|what| matches!(what, Written::Done)) {
        true => Ok(repaired.done.fixed.iter().map(Tried::new).collect()),
        false => Err(format!("not written: {written:?}")),
    }
}

/// A question as what is tried when it is answered with yes.
fn asked(question: &Question<'_>) -> Tried {
    let Question { finding, fix, sources, .. } = question;
    let primary = finding.primary;
    let file = fix.edits.first().map_or(primary.file, |edit| edit.span.file);
    Tried {
        path: sources.path(file).to_owned(),
        line: LineIndex::new(sources.text(primary.file)).line_of(primary.start) + 1,
        rule: finding.rule.to_owned(),
        title: fix.title.clone(),
        safe: fix.applicability == Applicability::Safe,
    }
}
