//! Copies of packages in one workspace, and cargo run on them. Writes in the work folder alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::FixCheckArgs;

/// A place where the compiler reports an error.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct ErrorAt {
    /// Path relative to the work folder.
    pub(super) path: String,
    /// 1-based.
    pub(super) line: usize,
}

/// Which packages do not compile, and where.
#[derive(Default)]
pub(super) struct Broken {
    pub(super) packages: Vec<String>,
    pub(super) errors: Vec<ErrorAt>,
}

/// Fresh copies of all packages in one workspace, so that what they depend on is built once.
pub(super) fn workspace(plan: &FixCheckArgs, packages: &[String], lock: Option<&[u8]>) -> Result<(), String> {
    let text = |error: std::io::Error| format!("{}: {error}", plan.work.display());
    fs::create_dir_all(&plan.work).map_err(text)?;
    let members = packages.iter().map(|name| format!("    \"{name}\",\n")).collect::<String>();
    for name in packages {
        fresh(&plan.sources.join(name), &plan.work.join(name))?;
    }
    let manifest = format!("[workspace]\nresolver = \"2\"\nmembers = [\n{members}]\n");
    fs::write(plan.work.join("Cargo.toml"), manifest).map_err(text)?;
    lock.map_or(Ok(()), |lock| fs::write(plan.work.join("Cargo.lock"), lock).map_err(text))
}

/// `tokio-util-0.7.1` is version 0.7.1 of `tokio-util`.
pub(super) fn split(name: &str) -> (&str, &str) {
    let is_version = |at: &usize| name[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    match name.match_indices('-').map(|(at, _)| at).find(is_version) {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (name, ""),
    }
}

/// What the compiler refuses; all packages when cargo itself fails.
pub(super) fn check(plan: &FixCheckArgs, packages: &[String], log: &str) -> Broken {
    let arguments = ["check", "--workspace", "--all-targets", "--keep-going", "--message-format", "short"];
    if cargo(&plan.work, &arguments, log) {
        return Broken::default();
    }
    let said = fs::read_to_string(plan.work.join(format!("{log}.log"))).unwrap_or_default();
    let named = |name: &&String| said.contains(&format!("could not compile `{}` (", split(name).0));
    let mut broken: Vec<String> = packages.iter().filter(named).cloned().collect();
    if broken.is_empty() {
        broken = packages.to_vec();
    }
    let mut errors: Vec<ErrorAt> = said.lines().filter_map(error_at).collect();
    errors.sort();
    errors.dedup();
    Broken { packages: broken, errors }
}

/// `name-1.0.0/src/lib.rs:10:5: error[E0308]: mismatched types`
fn error_at(line: &str) -> Option<ErrorAt> {
    let (place, _) = line.split_once(": error")?;
    let mut parts = place.rsplitn(3, ':');
    let (_, line, path) = (parts.next()?, parts.next()?, parts.next()?);
    Some(ErrorAt { path: path.to_owned(), line: line.parse().ok()? })
}

/// A copy that is not published and belongs to the workspace. What is there as it should be is not written again, so that cargo
/// checks again only what the fixes change.
fn fresh(from: &Path, to: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| format!("{}: {error}", to.display());
    copy(from, to).map_err(text)?;
    let old = fs::read_to_string(from.join("Cargo.toml")).map_err(text)?;
    let own = |line: &&str| !line.starts_with("publish =") && *line != "[workspace]";
    let kept: String = old.lines().filter(own).flat_map(|line| [line, "\n"]).collect();
    let new = kept.replacen("[package]\n", "[package]\npublish = false\n", 1);
    put(&to.join("Cargo.toml"), new.as_bytes()).map_err(text)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !matches!(name.to_str(), Some("Cargo.toml" | "Cargo.toml.orig" | "Cargo.lock")) {
            // Not `fs::copy`: the sources may be read-only, the copies must not be.
            put(&target, &fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) { Ok(()) } else { fs::write(path, bytes) }
}

/// Runs cargo; what it says lies in the workspace as `<log>.log`.
pub(super) fn cargo(folder: &Path, arguments: &[&str], log: &str) -> bool {
    let Ok(log) = fs::File::create(folder.join(format!("{log}.log"))) else { return false };
    let Ok(errors) = log.try_clone() else { return false };
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(log).stderr(errors);
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_before_its_version() {
        assert_eq!(split("tokio-util-0.7.1"), ("tokio-util", "0.7.1"));
        assert_eq!(split("websocat-4.0.0-alpha3"), ("websocat", "4.0.0-alpha3"));
        assert_eq!(split("h2-0.4.0"), ("h2", "0.4.0"));
    }

    #[test]
    fn places_of_errors_are_read() {
        let at = error_at("a-1.0.0/src/lib.rs:10:5: error[E0308]: mismatched types: expected `u8`");
        assert_eq!(at, Some(ErrorAt { path: "a-1.0.0/src/lib.rs".to_owned(), line: 10 }));
        assert_eq!(error_at("warning: unused"), None);
        assert_eq!(error_at("error: could not compile `a` (lib) due to 1 previous error"), None);
    }
}
