//! asynclint finds async-lifecycle bugs in Rust source.

use std::io::Write;

pub mod base;
pub mod catalog;
pub mod cli;
pub mod diagnostic;
pub mod error;
pub mod extract;
pub mod facts;
pub mod hir;
pub mod levels;
pub mod link;
pub mod program;
pub mod render;
pub mod rules;
pub mod source;

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
