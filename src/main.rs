//! The `asynclint` command. Parses nothing itself: it calls the library's command line and turns the answer into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(asynclint::cli::run(std::env::args_os(), asynclint::cli::Invocation::Plain, &asynclint::Native))
}
