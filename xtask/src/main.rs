//! Chores of the repository that are not part of the tool: proofs of its data and measurements of what it finds.
//!
//! `cargo run -p xtask -- help` lists them; CONTRIBUTING.md says when each is used.
//! Nothing here is shipped, and nothing of the tool depends on it. Programs that are measured run as children.

mod book;
mod catalog;
mod corpus;
mod ecosystem;
mod fix_check;
mod given;
mod precision;
mod report;
mod run;
mod sample;
mod seed;
mod table;
mod verdicts;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the repository.
#[derive(Parser)]
#[command(name = "xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the sources of the user guide
    Book,
    /// Prove that the paths of the catalogue exist
    Catalog,
    /// Draw findings for judging, by the hash of their fingerprints
    Sample(sample::SampleArgs),
    /// Check the verdicts, print precision by rule, compare it with the rule pages
    Precision(precision::PrecisionArgs),
    /// What a change finds more, less or differently in published packages and given folders
    Ecosystem(ecosystem::EcosystemArgs),
    /// Make fixes on copies of published packages and ask the compiler before and after
    FixCheck(fix_check::FixCheckArgs),
    /// Plant bugs into clean async functions of a copy and count what is found
    Seed(seed::SeedArgs),
    /// Size, time, memory and findings of projects, as Markdown
    Table(table::TableArgs),
}

fn main() -> ExitCode {
    let out = &mut std::io::stdout().lock();
    let done = match Cli::parse().chore {
        Chore::Book => book::run(out),
        Chore::Catalog => catalog::run(out),
        Chore::Sample(args) => sample::run(&args, out),
        Chore::Precision(args) => precision::run(&args, out),
        Chore::Ecosystem(args) => ecosystem::run(&args, out),
        Chore::FixCheck(args) => fix_check::run(&args, out),
        Chore::Seed(args) => seed::run(&args, out),
        Chore::Table(args) => table::run(&args, out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {message}");
            ExitCode::FAILURE
        }
    }
}
