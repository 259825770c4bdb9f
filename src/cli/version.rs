//! `version`: what a report of a bug has to name, for people and for programs.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::exit;
use super::output::{self, Written};

/// Version and, where it is known, the commit: what `--version` prints.
pub(super) const LINE: &str = env!("ASYNCLINT_VERSION");
/// The commit, unless this is a development build.
const COMMIT: Option<&str> = option_env!("ASYNCLINT_COMMIT");

/// Arguments of `version`.
#[derive(Args, Debug)]
pub struct VersionArgs {
    /// Format
    #[arg(long, value_enum, default_value_t = VersionFormat::Text, value_name = "FORMAT")]
    pub format: VersionFormat,
}

/// `--format` of `version`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum VersionFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

pub(super) fn run(args: &VersionArgs) -> u8 {
    let text = match args.format {
        VersionFormat::Text => format!("asynclint {LINE}\n"),
        VersionFormat::Json => {
            let value = json!({
                "schema_version": 1,
                "name": "asynclint",
                "version": env!("CARGO_PKG_VERSION"),
                "commit": COMMIT,
                "rules": crate::rules::page::all().len(),
            });
            format!("{value:#}\n")
        }
    };
    match output::raw(text.as_bytes()) {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}
