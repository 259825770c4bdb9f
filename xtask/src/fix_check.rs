//! `fix-check`: fixes made on published packages, and the compiler's word before and after.
//!
//! Works on copies. Each package is treated as a program (`publish = false`), so that the supervised rewrite is tried everywhere;
//! the companion crate is the one of this repository. Packages that do not compile here are named and left out.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use asynclint::Native;
use asynclint::cli::{Engine, Request};
use asynclint::diagnostic::{Applicability, Confidence, Fixed, Severity};
use asynclint::fix::write::{self, Written};
use asynclint::fix::{Answer, Change, Dependency, Options, Wish};
use asynclint::levels::{Levels, TestMode};
use asynclint::rules::page;

/// Usage, for `main`.
pub(crate) const USAGE: &str = "fix-check --sources DIR --work DIR [--tests NAME,..] NAME-VERSION..";

struct Plan {
    sources: PathBuf,
    work: PathBuf,
    tests: Vec<String>,
    packages: Vec<String>,
}

/// What happened to one package.
#[derive(Default)]
struct Outcome {
    safe: Vec<Fixed>,
    bold: Vec<Fixed>,
    safe_compiles: bool,
    bold_compiles: bool,
    tests: Option<bool>,
}

/// Runs over all packages; an error when safe fixes broke one.
pub(crate) fn run(args: impl Iterator<Item = String>, out: &mut dyn Write) -> Result<(), String> {
    let plan = plan(args)?;
    let mut done: Vec<(String, Outcome)> = Vec::new();
    for name in &plan.packages {
        match package(&plan, name) {
            Ok(outcome) => {
                say(out, &line(name, &outcome))?;
                done.push((name.clone(), outcome));
            }
            Err(why) => say(out, &format!("{name}: left out: {why}"))?,
        }
    }
    let sum = |of: fn(&Outcome) -> usize| done.iter().map(|(_, o)| of(o)).sum::<usize>();
    let whole = done.iter().filter(|(_, o)| o.bold_compiles).count();
    let mut text = format!("{} packages\n", done.len());
    let _ = writeln!(text, "safe fixes: {}", sum(|o| o.safe.len()));
    let _ = write!(text, "all fixes: {}; {whole} of {} packages compile with them", sum(|o| o.bold.len()), done.len());
    say(out, &text)?;
    let broken: Vec<&str> = done.iter().filter(|(_, o)| !o.safe_compiles).map(|(name, _)| name.as_str()).collect();
    if broken.is_empty() { Ok(()) } else { Err(format!("safe fixes broke {}", broken.join(", "))) }
}

fn say(out: &mut dyn Write, text: &str) -> Result<(), String> {
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| error.to_string())
}

fn plan(mut args: impl Iterator<Item = String>) -> Result<Plan, String> {
    let mut plan = Plan { sources: PathBuf::new(), work: PathBuf::new(), tests: Vec::new(), packages: Vec::new() };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("`{arg}` needs a value"));
        match arg.as_str() {
            "--sources" => plan.sources = value()?.into(),
            "--work" => plan.work = value()?.into(),
            "--tests" => plan.tests = value()?.split(',').map(str::to_owned).collect(),
            _ => plan.packages.push(arg),
        }
    }
    let complete = plan.sources.is_dir() && !plan.work.as_os_str().is_empty() && !plan.packages.is_empty();
    if complete { Ok(plan) } else { Err(format!("usage: cargo run -p xtask -- {USAGE}")) }
}

fn line(name: &str, outcome: &Outcome) -> String {
    let word = |compiles| if compiles { "compiles" } else { "BROKEN" };
    let mut text = format!(
        "{name}: safe {} {}; all {} {}",
        outcome.safe.len(),
        word(outcome.safe_compiles),
        outcome.bold.len(),
        word(outcome.bold_compiles)
    );
    if let Some(passed) = outcome.tests {
        text.push_str(if passed { "; tests pass" } else { "; TESTS FAIL" });
    }
    text
}

fn package(plan: &Plan, name: &str) -> Result<Outcome, String> {
    let folder = plan.work.join(name);
    fresh(&plan.sources.join(name), &folder)?;
    if !cargo(&folder, &["check", "--all-targets"], "before") {
        return Err("does not compile here".to_owned());
    }
    let lock = fs::read(folder.join("Cargo.lock")).ok();
    let mut outcome = Outcome { safe: fix(&folder, Applicability::Safe)?, ..Outcome::default() };
    outcome.safe_compiles = outcome.safe.is_empty() || cargo(&folder, &["check", "--all-targets"], "safe");
    if plan.tests.iter().any(|wanted| name.starts_with(wanted.as_str())) {
        outcome.tests = Some(cargo(&folder, &["test"], "tests"));
    }
    fresh(&plan.sources.join(name), &folder)?;
    if let Some(lock) = lock {
        fs::write(folder.join("Cargo.lock"), lock).map_err(|error| error.to_string())?;
    }
    outcome.bold = fix(&folder, Applicability::Unsafe)?;
    outcome.bold_compiles = outcome.bold.is_empty() || cargo(&folder, &["check", "--all-targets"], "unsafe");
    Ok(outcome)
}

/// A copy that is a workspace of its own, is not published, and takes the newest dependencies.
fn fresh(from: &Path, to: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| format!("{}: {error}", to.display());
    if to.exists() {
        fs::remove_dir_all(to).map_err(text)?;
    }
    copy(from, to).map_err(text)?;
    let _ = fs::remove_file(to.join("Cargo.lock"));
    let _ = fs::remove_file(to.join("Cargo.toml.orig"));
    let manifest = to.join("Cargo.toml");
    let old = fs::read_to_string(&manifest).map_err(text)?;
    let mut new = old.replacen("[package]\n", "[package]\npublish = false\n", 1);
    if !old.contains("\n[workspace]") {
        new.push_str("\n[workspace]\n");
    }
    fs::write(&manifest, new).map_err(text)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            // Not `fs::copy`: the sources may be read-only, the copies must not be.
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Makes fixes as `check --fix` would, with the companion crate of this repository.
fn fix(folder: &Path, up_to: Applicability) -> Result<Vec<Fixed>, String> {
    let companion = Path::new(env!("CARGO_MANIFEST_DIR")).join("../supervisor");
    let companion = companion.canonicalize().map_err(|error| error.to_string())?;
    let options = Options {
        add_dependency: true,
        dependency: Dependency::Path(companion.display().to_string()),
        ..Options::default()
    };
    let request = Request {
        paths: vec![folder.to_owned()],
        manifest_path: None,
        packages: Vec::new(),
        exclude: Vec::new(),
        max_file_size: 4 << 20,
        threads: None,
        levels: Levels::new(page::all(), TestMode::Relaxed),
        min_confidence: Confidence::Likely,
        fixes: options.clone(),
        before: asynclint::cli::Before { baseline: asynclint::cli::BaselineFile::None, ..Default::default() },
        config: asynclint::config::Config::default(),
        stdin: None,
        no_ignores: false,
    };
    let wish = Wish { up_to, min_severity: Severity::Note, asks: false, options };
    let repaired = Native.fix(&request, &wish, &mut |_| Answer::Yes).map_err(|error| error.to_string())?;
    if !repaired.done.problems.is_empty() || !repaired.done.converged {
        return Err(format!("problems: {:?}, converged: {}", repaired.done.problems, repaired.done.converged));
    }
    let changes: Vec<Change> = repaired.manifests.into_iter().chain(repaired.done.changes).collect();
    let written = write::all(&changes, false);
    match written.iter().all(|what| matches!(what, Written::Done)) {
        true => Ok(repaired.done.fixed),
        false => Err(format!("not written: {written:?}")),
    }
}

/// Runs cargo; what it says lies beside the copy.
fn cargo(folder: &Path, arguments: &[&str], log: &str) -> bool {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{log}.log"));
    let Ok(log) = fs::File::create(folder.with_file_name(name)) else { return false };
    let Ok(errors) = log.try_clone() else { return false };
    let status = Command::new("cargo")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .status();
    status.is_ok_and(|status| status.success())
}
