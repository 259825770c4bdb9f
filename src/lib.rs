//! asynclint finds async-lifecycle bugs in Rust source.

use std::io::Write;

pub mod base;
pub mod cli;
pub mod diagnostic;
pub mod extent;
pub mod facts;
pub mod fingerprint;
pub mod finish;
pub mod levels;
pub mod render;
pub mod rules;
pub mod suppress;
pub mod tokens;

/// The analysis behind the commands.
pub struct Native;

impl cli::Engine for Native {
    fn check(&self, _request: &cli::Request) -> Result<cli::Outcome, cli::Error> {
        Err(cli::Error::Usage("the analysis is not linked into this build".to_owned()))
    }

    fn dump(&self, _request: &cli::DumpRequest, _out: &mut dyn Write) -> Result<(), cli::Error> {
        Err(cli::Error::Usage("the analysis is not linked into this build".to_owned()))
    }
}
