//! `config` and the flags about configuration that other commands share.
//!
//! Finds the configuration of a run and says what is wrong with it; what a configuration means is decided in `config`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::engine::Engine;
use super::exit;

mod apply;
mod commands;
mod load;
mod migrate;

pub(super) use apply::{applied, fixes};
pub(super) use load::{Loaded, load};

/// Flags about configuration.
#[derive(Args, Clone, Debug, Default)]
pub struct ConfigFlags {
    /// Read this configuration instead of the project's, or change one setting of it; may be repeated
    #[arg(long = "config", value_name = "FILE|KEY=VALUE", help_heading = "Configuration")]
    pub config: Vec<String>,
    /// Read no configuration
    #[arg(long, help_heading = "Configuration")]
    pub no_config: bool,
}

/// Arguments of `config`.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// Subcommands of `config`.
#[derive(Subcommand, Debug)]
pub enum ConfigCommand {
    /// Print every setting and where it comes from
    Show(ShowArgs),
    /// Say whether the configuration can be used
    Validate(ValidateArgs),
    /// Print the JSON schema of asynclint.toml
    Schema,
    /// Write an asynclint.toml with comments
    Init(InitArgs),
    /// Write today's names in the place of old ones, in the configuration and in comments
    Migrate(MigrateArgs),
}

/// Arguments of `config show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Print what holds for this file, overrides applied
    #[arg(long = "for", value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// With --for: print what holds in its test code
    #[arg(long, requires = "path")]
    pub test_code: bool,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigFlags,
}

/// Arguments of `config validate`.
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// A file to validate instead of the project's configuration
    pub file: Option<PathBuf>,
}

/// Arguments of `config init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Write to standard output
    #[arg(long)]
    pub print: bool,
}

/// Arguments of `config migrate`.
#[derive(Args, Debug)]
pub struct MigrateArgs {
    /// Write nothing: print a patch for `git apply`, and exit with 1 when there is something to write
    #[arg(long)]
    pub diff: bool,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigFlags,
}

pub(super) fn run(args: &ConfigArgs, engine: &dyn Engine) -> u8 {
    let done = match &args.command {
        ConfigCommand::Show(args) => commands::show(args),
        ConfigCommand::Validate(args) => commands::validate(args),
        ConfigCommand::Schema => Ok(commands::schema()),
        ConfigCommand::Init(args) => commands::init(args),
        ConfigCommand::Migrate(args) => migrate::run(args, engine),
    };
    done.unwrap_or_else(|text| {
        super::output::error_line(&format!("error: {text}"));
        exit::USAGE
    })
}

/// The folder that a run starts from.
fn here() -> Result<PathBuf, String> {
    std::env::current_dir().map_err(|error| format!("the current directory: {}", error.kind()))
}

/// A path as typed, for messages.
fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
