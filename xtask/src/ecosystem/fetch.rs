//! Brings the pinned packages to the registry folder of cargo, one by one and without their dependencies.
//!
//! `cargo info NAME@VERSION` downloads and unpacks exactly one package and needs no manifest; the pins do not resolve together.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::corpus;
use crate::run::Project;

/// Every pinned package with its folder; an error names what could not be fetched.
pub(super) fn packages() -> Result<Vec<Project>, String> {
    let sources = cargo_home()?.join("registry/src");
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for package in corpus::packages()? {
        let name = package.folder_name();
        let folder = unpacked(&sources, &name).or_else(|| {
            fetch(&format!("{}@{}", package.name, package.version));
            unpacked(&sources, &name)
        });
        match folder {
            Some(folder) => found.push(Project { name, folder }),
            None => missing.push(name),
        }
        // Without a network each further try would cost its time-outs again.
        if missing.len() == 3 {
            return Err(format!("cannot fetch {}, ..; is there a network?", missing.join(", ")));
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if missing.is_empty() { Ok(found) } else { Err(format!("cannot fetch {}", missing.join(", "))) }
}

fn cargo_home() -> Result<PathBuf, String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.ok_or_else(|| "where cargo keeps its registry is not known: set CARGO_HOME".to_owned())
}

/// One folder per registry lies in `sources`.
fn unpacked(sources: &Path, name: &str) -> Option<PathBuf> {
    let mut registries: Vec<PathBuf> = std::fs::read_dir(sources).ok()?.flatten().map(|entry| entry.path()).collect();
    registries.sort();
    // Cargo writes this file last.
    registries.into_iter().map(|registry| registry.join(name)).find(|folder| folder.join(".cargo-ok").is_file())
}

/// What it says is left to the look afterwards.
fn fetch(spec: &str) {
    let outside = std::env::temp_dir();
    let mut info = Command::new("cargo");
    info.args(["info", "--quiet", spec])
        .current_dir(outside)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _ = info.status();
}
