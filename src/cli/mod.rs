//! The command line: arguments become a request, the answer becomes text and an exit code.
//!
//! The only place that writes to standard output and error. It knows the analysis as an `Engine` and nothing of its inside.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

pub mod args;
pub mod baseline;
pub mod before;
mod check;
pub mod color;
pub mod completions;
pub mod config;
mod dump;
pub mod engine;
mod explain;
pub mod fix;
pub mod format;
pub mod input;
mod list;
pub mod man;
mod output;
mod paths;
mod progress;
pub mod report;
mod rules;
mod statistics;
pub mod then;
pub mod verdict;
pub mod version;

pub use before::{BaselineFile, Before};
pub use engine::{DumpRequest, Engine, Error, Listed, Listing, Outcome, Repaired, Request, Silence, Silenced, Stdin};
pub mod suppressions;

/// How the program was started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invocation {
    /// `asynclint ..`
    Plain,
    /// `cargo asynclint ..`
    Cargo,
}

/// Exit codes, the same for every format.
pub mod exit {
    /// Nothing at or above `--fail-on`.
    pub const CLEAN: u8 = 0;
    /// Something at or above `--fail-on`.
    pub const FINDINGS: u8 = 1;
    /// Wrong usage, wrong configuration, or the output could not be written.
    pub const USAGE: u8 = 2;
    /// No Rust file, or none that could be read.
    pub const NOTHING: u8 = 3;
    /// The tool failed, or with `--strict` some input did.
    pub const PROBLEM: u8 = 4;
}

/// Runs one command and answers the exit code.
pub fn run(arguments: impl Iterator<Item = OsString>, invocation: Invocation, engine: &dyn Engine) -> u8 {
    let arguments = prepare(arguments.collect(), invocation);
    if invocation == Invocation::Plain && arguments.len() <= 1 {
        output::error_text(&args::Cli::command().render_help().to_string());
        return exit::USAGE;
    }
    let matches = match args::Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    let cli = match args::Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match catch_unwind(AssertUnwindSafe(|| dispatch(&cli, &matches, engine))) {
        Ok(code) => code,
        Err(panic) => {
            output::error_line(&format!("asynclint itself failed: {}", panic_text(panic.as_ref())));
            output::error_line(concat!("this is a bug; please report it: ", env!("CARGO_PKG_REPOSITORY"), "/issues"));
            exit::PROBLEM
        }
    }
}

fn dispatch(cli: &args::Cli, matches: &clap::ArgMatches, engine: &dyn Engine) -> u8 {
    match &cli.command {
        args::Command::Check(check) => {
            let matches = matches.subcommand_matches("check").unwrap_or(matches);
            check::run(check, matches, engine)
        }
        args::Command::Fix(fix) => {
            let matches = matches.subcommand_matches("fix").unwrap_or(matches);
            check::run(&fix::as_command(fix), matches, engine)
        }
        args::Command::Baseline(baseline) => {
            let matches = matches.subcommand_matches("baseline").unwrap_or(matches);
            baseline::run(baseline, matches, engine)
        }
        args::Command::Explain(explain) => explain::run(explain),
        args::Command::Rules(rules) => rules::run(rules),
        args::Command::Dump(dump) => dump::run(dump, engine),
        args::Command::Completions(completions) => completions::run(completions),
        args::Command::Man(man) => man::run(man),
        args::Command::Version(version) => version::run(version),
        args::Command::Config(config) => config::run(config, engine),
        args::Command::Suppressions(suppressions) => suppressions::run(suppressions, engine),
    }
}

fn usage(error: &clap::Error) -> u8 {
    // clap prints help and version to stdout and everything else to stderr; a closed pipe is not worth a word.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => exit::CLEAN,
        _ => exit::USAGE,
    }
}

/// Arguments without a command are those of `check`. `cargo asynclint [flags]` arrives as `cargo-asynclint asynclint [flags]`.
fn prepare(mut arguments: Vec<OsString>, invocation: Invocation) -> Vec<OsString> {
    let is_cargo = invocation == Invocation::Cargo;
    if is_cargo && arguments.get(1).is_some_and(|first| first == "asynclint") {
        arguments.remove(1);
    }
    if !arguments.get(1).is_some_and(is_command) {
        arguments.insert(1.min(arguments.len()), OsString::from("check"));
    }
    arguments
}

/// A command, or a word that can only be meant as one: its mistake is told better there than by a path that does not exist.
fn is_command(word: &OsString) -> bool {
    let text = word.to_string_lossy();
    if matches!(&*text, "help" | "-h" | "--help" | "-V" | "--version") {
        return true;
    }
    let is_known = |command: &clap::Command| command.get_name_and_visible_aliases().contains(&&*text);
    if args::Cli::command().get_subcommands().any(is_known) {
        return true;
    }
    let is_word = text.chars().all(|c| c.is_ascii_alphabetic());
    is_word && !text.is_empty() && std::path::Path::new(word).symlink_metadata().is_err()
}

/// The words of a panic.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests;
