//! Recall by planting: clean async functions of a copy of real projects get bugs from `bugs.toml`, and what is found is counted
//! by rule and by depth of the chain (decision T6).
//!
//! Bugs are ours, places are chosen by a seed, projects are only read. Resolution here is by names that exist once in the
//! whole project, so that it owes nothing to the tool under test.

mod bugs;
mod chains;
mod copy;
mod plan;
mod plant;
mod source;
mod survey;
mod tally;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use sha2::{Digest, Sha256};

use crate::report::Finding;
use crate::run::{self, Project};

/// Arguments of `seed`.
#[derive(Args)]
pub(crate) struct SeedArgs {
    /// The asynclint to run
    #[arg(long, value_name = "PATH")]
    bin: PathBuf,
    /// Folder for the copies; what is planted stays there for a look
    #[arg(long, value_name = "FOLDER")]
    scratch: PathBuf,
    /// Another seed, other places
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Bugs to plant, in all projects together
    #[arg(long, default_value_t = 200)]
    count: usize,
    /// Plant for this rule only; may be repeated
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// Plant only in existing chains and statements, or only bugs of this carrier (see the table)
    #[arg(long, value_name = "CARRIER")]
    carrier: Option<String>,
    /// Projects to copy
    #[arg(value_name = "[NAME=]FOLDER", required = true, value_parser = Project::parse)]
    projects: Vec<Project>,
}

/// Copies, surveys, plants, runs, prints.
pub(crate) fn run(args: &SeedArgs, out: &mut impl Write) -> Result<(), String> {
    let bugs = bugs::read()?;
    let mut plots = Vec::new();
    for project in &args.projects {
        let copy = Project { name: project.name.clone(), folder: args.scratch.join(&project.name) };
        copy::copy(&project.folder, &copy.folder)?;
        let before = run::check(&args.bin, &copy.folder, &[])?.report.findings;
        plots.push(plan::Plot::new(copy, &before)?);
    }
    let wanted =
        plan::Wanted { seed: args.seed, count: args.count, rules: &args.rules, carrier: args.carrier.as_deref() };
    let refused = plan::fill(&mut plots, &bugs, &wanted);
    let mut outcomes = Vec::new();
    for plot in &plots {
        let places = plant::write(plot)?;
        let report = run::check(&args.bin, &plot.project.folder, &[])?.report;
        let broken: Vec<String> = report.problems.iter().filter_map(|p| plant::breaks(p, &places)).collect();
        if !broken.is_empty() {
            return Err(format!("planted code must be read without problems:\n{}", broken.join("\n")));
        }
        let by_place = |place: &plant::Place| -> Vec<Finding> {
            report.findings.iter().filter(|f| place.holds(&f.location)).cloned().collect()
        };
        outcomes.extend(places.iter().map(|place| tally::Outcome::new(&plot.project.name, place, &by_place(place))));
    }
    let text = tally::print(&outcomes, refused, args.seed);
    out.write_all(text.as_bytes()).map_err(|e| e.to_string())
}

/// A number that depends on the seed and a name, and on nothing else.
fn rank(seed: u64, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{seed} {name}")).into()
}
