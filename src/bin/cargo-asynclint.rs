//! `cargo asynclint`: the `asynclint` command as cargo starts it. Without a subcommand it checks.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(asynclint::cli::run(std::env::args_os(), asynclint::cli::Invocation::Cargo, &asynclint::Native))
}
