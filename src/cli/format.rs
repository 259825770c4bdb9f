//! The formats of a report, by name, and which renderer writes which.
//!
//! It opens nothing: bytes go back to whoever asked.

use std::io;

use clap::ValueEnum;

use crate::diagnostic::Severity;
use crate::render::terminal::{self, Detail};
use crate::render::{Places, checkstyle, compact, github, gitlab, json, jsonl, junit, rdjsonl, rustc_json, sarif};

use super::engine::Outcome;
use super::paths;

/// `--format` of `check`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Code, chain and suggested fix.
    #[value(alias = "rich")]
    Terminal,
    /// One line for each finding.
    Short,
    /// One line for each finding, with its help and its fix.
    Compact,
    /// All that is known, schema version 1.
    Json,
    /// The same, one value on each line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations and a step summary, for GitHub Actions.
    Github,
    /// Code quality report of GitLab.
    Gitlab,
    /// JUnit XML: findings as failed tests.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// Diagnostics of rustc, for editors.
    RustcJson,
    /// Diagnostics of reviewdog, one on each line.
    Rdjsonl,
}

/// How the bytes of a format may be treated on their way out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Nature {
    /// For people: colours are stripped where nobody sees them, `-q` counts.
    Text,
    /// For programs: every byte stays.
    Machine,
}

impl Format {
    /// For people or for programs.
    pub(super) const fn nature(self) -> Nature {
        match self {
            Self::Terminal | Self::Short | Self::Compact => Nature::Text,
            Self::Json
            | Self::Jsonl
            | Self::Sarif
            | Self::Github
            | Self::Gitlab
            | Self::Junit
            | Self::Checkstyle
            | Self::RustcJson
            | Self::Rdjsonl => Nature::Machine,
        }
    }

    /// Every name, for messages.
    pub(super) fn names() -> String {
        let names = Self::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        names.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ")
    }
}

/// What is asked of a format besides the report.
pub(super) struct Wanted<'a> {
    /// For the formats that people read.
    pub(super) min_severity: Severity,
    /// Findings only, no problems and no last line.
    pub(super) findings_only: bool,
    /// Names of rules lead to their pages.
    pub(super) links: bool,
    /// For SARIF.
    pub(super) sarif: &'a sarif::Options,
}

/// The report as bytes.
pub(super) fn render(
    format: Format,
    outcome: &Outcome,
    places: &Places<'_>,
    wanted: &Wanted<'_>,
) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let here = std::env::current_dir().unwrap_or_default();
    let path = |path: &str| paths::relative(&outcome.root, &here, path);
    let min_severity = wanted.min_severity;
    let report = &outcome.report;
    let terminal = |out: &mut Vec<u8>, detail| -> io::Result<()> {
        let options = terminal::Options { detail, min_severity, path: &path, links: wanted.links };
        if wanted.findings_only {
            return terminal::findings(out, report, places, &options);
        }
        terminal::write(out, report, places, &options)
    };
    let written = match format {
        Format::Terminal => terminal(&mut out, Detail::Rich),
        Format::Short => terminal(&mut out, Detail::Short),
        Format::Compact => compact::write(&mut out, report, places, &compact::Options { min_severity, path: &path }),
        Format::Json => json::write(&mut out, report, places),
        Format::Jsonl => jsonl::write(&mut out, report, places),
        Format::Sarif => sarif::write(&mut out, report, places, wanted.sarif),
        Format::Github => github::write(&mut out, report, places, min_severity),
        Format::Gitlab => gitlab::write(&mut out, report, places),
        Format::Junit => junit::write(&mut out, report, places, min_severity),
        Format::Checkstyle => checkstyle::write(&mut out, report, places),
        Format::Rdjsonl => rdjsonl::write(&mut out, report, places, min_severity),
        Format::RustcJson => {
            rustc_json::write(&mut out, report, places, &rustc_json::Options { min_severity, path: &path })
        }
    };
    written.map_err(|error| format!("cannot make the output: {error}"))?;
    Ok(out)
}
