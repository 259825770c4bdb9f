//! Chores of the repository that are not part of the tool: catalogue proof, fixes on real packages, ecosystem run, precision samples.
//!
//! `cargo run -p xtask -- book` writes the sources of the user guide.
//! `cargo run -p xtask -- catalog` proves the catalogue against the crates it speaks of.
//! `cargo run -p xtask -- fix-check ..` makes fixes on copies of published packages and asks the compiler.
//! Nothing here is shipped, and nothing of the tool depends on it.

mod book;
mod catalog;
mod fix_check;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let done = match args.next().as_deref() {
        Some("book") => book::run(&mut std::io::stdout().lock()),
        Some("catalog") => catalog::run(&mut std::io::stdout().lock()),
        Some("fix-check") => fix_check::run(args, &mut std::io::stdout().lock()),
        _ => Err(format!("usage: cargo run -p xtask -- book | catalog | {}", fix_check::USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr().lock(), "{message}");
            ExitCode::FAILURE
        }
    }
}
