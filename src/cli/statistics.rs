//! `check --statistics`: prints counts in the place of findings.

use serde_json::json;

use crate::render::Places;
use crate::render::statistics::Statistics;
use crate::render::terminal::{self, Detail};

use super::args::CheckArgs;
use super::check::severity;
use super::engine::{Error, Outcome};
use super::format::Format;
use super::output::{self, Written};
use super::paths;

/// An error for a format that has no place for counts.
pub(super) fn allowed(args: &CheckArgs) -> Result<(), Error> {
    match args.format {
        _ if !args.statistics => Ok(()),
        Format::Terminal | Format::Json => Ok(()),
        Format::Short
        | Format::Compact
        | Format::Jsonl
        | Format::Sarif
        | Format::Github
        | Format::Gitlab
        | Format::Junit
        | Format::Checkstyle
        | Format::RustcJson
        | Format::Rdjsonl => Err(Error::Usage(
            "`--statistics` has the formats terminal and json; `-o` writes others beside it".to_owned(),
        )),
    }
}

pub(super) fn print(args: &CheckArgs, outcome: &Outcome, places: &Places<'_>) -> Written {
    let statistics = Statistics::new(&outcome.report, places);
    if args.format == Format::Json {
        let tool = json!({ "name": "asynclint", "version": env!("CARGO_PKG_VERSION") });
        let value = json!({ "schema_version": 1, "tool": tool, "statistics": statistics.json(places) });
        return output::raw(format!("{value:#}\n").as_bytes());
    }
    if args.quiet > 0 {
        return Written::Fine;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let path = |path: &str| paths::relative(&outcome.root, &here, path);
    let options = terminal::Options {
        detail: Detail::Rich,
        min_severity: severity(args.min_severity),
        path: &path,
        links: false,
    };
    let mut bytes = Vec::new();
    let written = statistics
        .write(&mut bytes, places, &path)
        .and_then(|()| terminal::end(&mut bytes, &outcome.report, places, &options));
    match written {
        Ok(()) => output::standard(&bytes, args.color),
        // Writing to memory does not fail.
        Err(_) => Written::Failed,
    }
}
