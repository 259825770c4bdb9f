//! `fix-check`: fixes made on published packages, and the compiler's word before and after.
//!
//! Works on copies in one workspace. Each package is treated as a program (`publish = false`), so that the supervised rewrite is
//! tried everywhere; the companion crate is the one of this repository. What does not compile here is named and left out.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use asynclint::Native;
use asynclint::cli::{Engine, Request};
use asynclint::config::Config;
use asynclint::diagnostic::{Applicability, Confidence, Fixed, Severity};
use asynclint::fix::write::{self, Written};
use asynclint::fix::{Answer, Change, Dependency, Options, Wish};
use asynclint::levels::{Levels, TestMode};
use asynclint::rules::page;

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
    /// The packages
    #[arg(value_name = "NAME-VERSION", required = true)]
    packages: Vec<String>,
}

/// Runs over all packages; an error when safe fixes broke one.
pub(crate) fn run(args: &FixCheckArgs, out: &mut dyn Write) -> Result<(), String> {
    let mut plan = args.clone();
    workspace(&plan)?;
    let bad = broken(&plan, "before");
    plan.packages.retain(|name| !bad.contains(name));
    for name in &bad {
        say(out, &format!("{name}: left out: does not compile here"))?;
        fs::remove_dir_all(plan.work.join(name)).map_err(|error| error.to_string())?;
    }
    if plan.packages.is_empty() {
        return Err(format!("nothing compiles; see {}", plan.work.join("before.log").display()));
    }
    let lock = fs::read(plan.work.join("Cargo.lock")).map_err(|error| error.to_string())?;
    workspace(&plan)?;
    fs::write(plan.work.join("Cargo.lock"), &lock).map_err(|error| error.to_string())?;
    let safe = fix(&plan, Applicability::Safe)?;
    let broken_by_safe = broken(&plan, "safe");
    for name in &plan.tests {
        let package = name.rsplit_once('-').map_or(name.as_str(), |(package, _)| package);
        let passed = cargo(&plan.work, &["test", "-p", package], &format!("test-{name}"));
        say(out, &format!("{name}: tests {} after safe fixes", if passed { "pass" } else { "FAIL" }))?;
    }
    workspace(&plan)?;
    fs::write(plan.work.join("Cargo.lock"), &lock).map_err(|error| error.to_string())?;
    let all = fix(&plan, Applicability::Unsafe)?;
    let broken_by_all = broken(&plan, "unsafe");
    let word = |list: &[String], name: &String| if list.contains(name) { "BROKEN" } else { "compiles" };
    for name in &plan.packages {
        let of = |fixes: &[Fixed]| fixes.iter().filter(|fixed| fixed.path.starts_with(&format!("{name}/"))).count();
        let (safe, all) = (of(&safe), of(&all));
        let (by_safe, by_all) = (word(&broken_by_safe, name), word(&broken_by_all, name));
        say(out, &format!("{name}: {safe} safe fixes, {by_safe}; {all} with the unsafe ones, {by_all}"))?;
    }
    let whole = plan.packages.len() - broken_by_all.len();
    let mut text = format!("{} packages: {} safe fixes", plan.packages.len(), safe.len());
    let _ = write!(text, "; {} with the unsafe ones, with which {whole} packages compile", all.len());
    say(out, &text)?;
    if broken_by_safe.is_empty() { Ok(()) } else { Err(format!("safe fixes broke {}", broken_by_safe.join(", "))) }
}

fn say(out: &mut dyn Write, text: &str) -> Result<(), String> {
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| error.to_string())
}

/// Fresh copies of all packages in one workspace, so that what they depend on is built once.
fn workspace(plan: &FixCheckArgs) -> Result<(), String> {
    fs::create_dir_all(&plan.work).map_err(|error| error.to_string())?;
    let members = plan.packages.iter().map(|name| format!("    \"{name}\",\n")).collect::<String>();
    for name in &plan.packages {
        fresh(&plan.sources.join(name), &plan.work.join(name))?;
    }
    let text = format!("[workspace]\nresolver = \"2\"\nmembers = [\n{members}]\n");
    fs::write(plan.work.join("Cargo.toml"), text).map_err(|error| format!("{}: {error}", plan.work.display()))
}

/// The packages that the compiler refuses; the whole list when cargo itself fails.
fn broken(plan: &FixCheckArgs, log: &str) -> Vec<String> {
    if cargo(&plan.work, &["check", "--workspace", "--all-targets", "--keep-going"], log) {
        return Vec::new();
    }
    let said = fs::read_to_string(plan.work.join(format!("{log}.log"))).unwrap_or_default();
    let named = |name: &&String| {
        let package = name.rsplit_once('-').map_or(name.as_str(), |(package, _)| package);
        said.contains(&format!("could not compile `{package}` ("))
    };
    let broken: Vec<String> = plan.packages.iter().filter(named).cloned().collect();
    if broken.is_empty() { plan.packages.clone() } else { broken }
}

/// A copy that is not published and belongs to the workspace.
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
    let own = |line: &&str| !line.starts_with("publish =") && *line != "[workspace]";
    let kept: String = old.lines().filter(own).flat_map(|line| [line, "\n"]).collect();
    let new = kept.replacen("[package]\n", "[package]\npublish = false\n", 1);
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
fn fix(plan: &FixCheckArgs, up_to: Applicability) -> Result<Vec<Fixed>, String> {
    let companion = Path::new(env!("CARGO_MANIFEST_DIR")).join("../supervisor");
    let companion = companion.canonicalize().map_err(|error| error.to_string())?;
    let options = Options {
        add_dependency: true,
        dependency: Dependency::Path(companion.display().to_string()),
        ..Options::default()
    };
    let request = Request {
        paths: vec![plan.work.clone()],
        manifest_path: None,
        packages: Vec::new(),
        exclude: Vec::new(),
        max_file_size: 4 << 20,
        threads: None,
        levels: Levels::new(page::all(), TestMode::Relaxed),
        min_confidence: Confidence::Likely,
        config: Config::default(),
        fixes: options.clone(),
        before: asynclint::cli::Before { baseline: asynclint::cli::BaselineFile::None, ..Default::default() },
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

/// Runs cargo; what it says lies in the workspace as `<log>.log`.
fn cargo(folder: &Path, arguments: &[&str], log: &str) -> bool {
    let Ok(log) = fs::File::create(folder.join(format!("{log}.log"))) else { return false };
    let Ok(errors) = log.try_clone() else { return false };
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(log).stderr(errors);
    command.status().is_ok_and(|status| status.success())
}
