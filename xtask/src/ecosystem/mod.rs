//! What a change does to findings in real code: two binaries over the pinned packages and given folders, or one binary
//! against the counts in `ecosystem/counts.toml`.
//!
//! Packages are fetched by cargo and never built.

mod counts;
mod diff;
mod fetch;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::run::{self, Project};

/// Arguments of `ecosystem`.
#[derive(Args)]
pub(crate) struct EcosystemArgs {
    /// The asynclint of the change
    #[arg(long, value_name = "PATH", required_unless_present = "fetch_only")]
    head: Option<PathBuf>,
    /// The asynclint without the change; without it the counts of ecosystem/counts.toml are compared
    #[arg(long, value_name = "PATH", conflicts_with = "write")]
    base: Option<PathBuf>,
    /// Write ecosystem/counts.toml
    #[arg(long, conflicts_with = "folders")]
    write: bool,
    /// Only bring the packages here
    #[arg(long)]
    fetch_only: bool,
    /// Leave the published packages out
    #[arg(long, requires = "folders")]
    no_packages: bool,
    /// Switch rules or groups on, as `check -W` does
    #[arg(short = 'W', long, value_name = "NAME", requires = "base")]
    warn: Vec<String>,
    /// More code to compare on
    #[arg(value_name = "[NAME=]FOLDER", requires = "base", value_parser = Project::parse)]
    folders: Vec<Project>,
}

/// Fetches what is missing, runs and prints.
pub(crate) fn run(args: &EcosystemArgs, out: &mut impl Write) -> Result<(), String> {
    let mut projects = if args.no_packages { Vec::new() } else { fetch::packages()? };
    if args.fetch_only {
        return writeln!(out, "{} packages are here", projects.len()).map_err(|e| e.to_string());
    }
    // clap asks for it.
    let head = args.head.as_deref().ok_or("--head is missing")?;
    let Some(base) = &args.base else { return counts::run(head, &projects, args.write, out) };
    projects.extend(args.folders.iter().cloned());
    let flags: Vec<String> = args.warn.iter().flat_map(|name| ["-W".to_owned(), name.clone()]).collect();
    let mut pairs = Vec::new();
    for project in projects {
        let before = run::check(base, &project.folder, &flags)?;
        let after = run::check(head, &project.folder, &flags)?;
        pairs.push(diff::Pair { project: project.name, before, after });
    }
    out.write_all(diff::print(&pairs).as_bytes()).map_err(|e| e.to_string())
}
