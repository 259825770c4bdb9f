//! What the user may type.
//!
//! Definitions only: nothing here is interpreted, and no default depends on the environment.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::baseline::BaselineArgs;
use super::before::BeforeArgs;
use super::completions::CompletionsArgs;
use super::format::Format;
use super::input::InputArgs;
use super::man::ManArgs;
use super::report::ReportArgs;
use super::verdict::WarningArgs;
use super::version::{self, VersionArgs};

/// Finds async-lifecycle bugs in Rust source: lost tasks, blocked executors, guards held across await.
#[derive(Parser, Debug)]
#[command(name = "asynclint", version = version::LINE, propagate_version = true, max_term_width = 100)]
#[command(after_help = EXIT_CODES, override_usage = USAGE)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Subcommands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check the workspace around the given paths; what is done without a command
    Check(Box<CheckArgs>),
    /// Make the fixes that compile and mean the same: `check --fix`
    Fix(Box<CheckArgs>),
    /// Explain a rule
    Explain(ExplainArgs),
    /// List rules, kinds and levels
    Rules(RulesArgs),
    /// Write, bring up to date or show the file with findings that are not reported again
    Baseline(BaselineArgs),
    /// Print what asynclint believes about a place, and why
    #[command(visible_alias = "index")]
    Dump(DumpArgs),
    /// Print a script that completes commands, flags and rules in a shell
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
    /// Print version and commit
    Version(VersionArgs),
    /// Show, validate, describe or begin a configuration
    Config(super::config::ConfigArgs),
    /// List the directives of the workspace, or write them above findings
    Suppressions(super::suppressions::SuppressionsArgs),
}

const USAGE: &str = "\
asynclint <COMMAND>
       asynclint [OPTIONS OF check] [PATHS]...";

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing at or above --fail-on
  1  something at or above --fail-on, or more warnings than --max-warnings
  2  wrong usage or configuration, or the output could not be written
  3  nothing to check: no Rust file under the paths, or none that can be read
  4  a part of asynclint failed, or with --strict some input could not be read";

/// Arguments of `check`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct CheckArgs {
    /// Report only what lies under these paths, with the workspaces around them read in full; `-` reads a file from standard
    /// input [default: .]
    pub paths: Vec<PathBuf>,

    /// Switch off a RULE, RULE.KIND, GROUP or `all`; -A, -W and -D are read from left to right
    #[arg(short = 'A', long, value_name = "NAME", help_heading = "Levels")]
    pub allow: Vec<String>,
    /// Report as warning; for a GROUP or `all`: switch on, raise notes, keep errors
    #[arg(short = 'W', long, value_name = "NAME", help_heading = "Levels")]
    pub warn: Vec<String>,
    /// Report as error
    #[arg(short = 'D', long, value_name = "NAME", help_heading = "Levels")]
    pub deny: Vec<String>,
    /// Only these, whatever the configuration switches on: rules, kinds or groups, several with commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Levels")]
    pub select: Vec<String>,
    /// Without these: as -A, several with commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Levels")]
    pub ignore: Vec<String>,
    /// How test code is treated: as the rules say, as any other code, or not at all
    #[arg(long, value_enum, default_value_t = Tests::Relaxed, value_name = "MODE", help_heading = "Levels")]
    pub tests: Tests,
    /// Exit with 1 when something at or above this severity is found
    #[arg(long, value_enum, default_value_t = SeverityArg::Warning, value_name = "SEVERITY", help_heading = "Levels")]
    pub fail_on: SeverityArg,
    /// Exit with 4 when some input could not be read
    #[arg(long, help_heading = "Levels")]
    pub strict: bool,
    /// Report what directives and attributes answer, too
    #[arg(long, help_heading = "Levels")]
    pub no_ignores: bool,
    /// Exit with 0 whatever is found
    #[arg(long, help_heading = "Levels")]
    pub exit_zero: bool,
    /// Limits of warnings.
    #[command(flatten)]
    pub warnings: WarningArgs,

    /// Format of the standard output
    #[arg(long, value_enum, default_value_t = Format::Terminal, value_name = "FORMAT", help_heading = "Output")]
    pub format: Format,
    /// Write a file as well; may be repeated
    #[arg(short = 'o', long = "output", value_name = "FORMAT:PATH", help_heading = "Output")]
    pub outputs: Vec<String>,
    /// What was there before
    #[command(flatten)]
    pub before: BeforeArgs,
    /// What else is written, and how
    #[command(flatten)]
    pub report: ReportArgs,
    /// Show findings at or above this severity in the terminal
    #[arg(long, value_enum, default_value_t = SeverityArg::Warning, value_name = "SEVERITY", help_heading = "Output")]
    pub min_severity: SeverityArg,
    /// Report only findings of at least this confidence
    #[arg(long, value_enum, default_value_t = ConfidenceArg::Likely, value_name = "CONFIDENCE", help_heading = "Output")]
    pub min_confidence: ConfidenceArg,
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Color,
    /// Print counts by rule, file and crate, and what to mend first, instead of the findings (formats terminal and json)
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,
    /// Show errors only; -qq shows nothing
    #[arg(short = 'q', long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub quiet: u8,
    /// Say on standard error what is done
    #[arg(short = 'v', long, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = "Output")]
    pub verbose: u8,
    /// Say on standard error how long each step took
    #[arg(long, help_heading = "Output")]
    pub timings: bool,

    /// Report only findings of this package; may be repeated
    #[arg(short = 'p', long = "package", value_name = "NAME", help_heading = "Selection")]
    pub packages: Vec<String>,
    /// Report nothing in files that match; may be repeated
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub exclude: Vec<String>,
    /// Lists and standard input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Check the workspace of this Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Selection")]
    pub manifest_path: Option<PathBuf>,
    /// Skip files larger than this
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20, help_heading = "Selection")]
    pub max_file_size: u64,
    /// Number of threads [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Selection")]
    pub threads: Option<u16>,

    /// Configuration.
    #[command(flatten)]
    pub config: super::config::ConfigFlags,

    /// Fixes.
    #[command(flatten)]
    pub fixes: super::fix::FixArgs,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The rule, also RULE.KIND
    pub rule: String,
    /// Format
    #[arg(long, value_enum, default_value_t = TextFormat::Text, value_name = "FORMAT")]
    pub format: TextFormat,
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// Arguments of `rules`.
#[derive(Args, Debug)]
pub struct RulesArgs {
    /// Format
    #[arg(long, value_enum, default_value_t = ListFormat::Table, value_name = "FORMAT")]
    pub format: ListFormat,
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// Arguments of `dump`.
#[derive(Args, Debug)]
pub struct DumpArgs {
    /// A file, or a line of it
    #[arg(value_name = "FILE[:LINE]", required_unless_present = "stats")]
    pub place: Option<String>,
    /// Print how much of the workspace is understood, and the most frequent reasons for what is not
    #[arg(long)]
    pub stats: bool,
    /// Number of threads
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Configuration.
    #[command(flatten)]
    pub config: super::config::ConfigFlags,
}

/// `--tests`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tests {
    /// As the rules say.
    Relaxed,
    /// As any other code.
    Strict,
    /// Report nothing.
    Off,
}

/// A severity.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SeverityArg {
    /// Notes too.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
}

/// A confidence.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfidenceArg {
    /// A step may rest on a name.
    Likely,
    /// Paths resolved, receivers typed.
    Certain,
}

/// `--format` of `explain`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextFormat {
    /// For people.
    Text,
    /// The page as it is.
    Markdown,
    /// Front matter and page.
    Json,
}

/// `--format` of `rules`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// `--color`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    /// When a terminal reads the output, and no variable speaks against it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
