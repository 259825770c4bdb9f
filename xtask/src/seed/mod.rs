//! seed
use clap::Args;
use std::io::Write;
#[derive(Args)]
pub(crate) struct SeedArgs {}
pub(crate) fn run(_: &SeedArgs, _: &mut impl Write) -> Result<(), String> {
    Ok(())
}
