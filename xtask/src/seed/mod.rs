//! seed
use std::io::Write;
use clap::Args;
#[derive(Args)]
pub(crate) struct SeedArgs {}
pub(crate) fn run(_: &SeedArgs, _: &mut impl Write) -> Result<(), String> { Ok(()) }
