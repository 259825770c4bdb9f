//! What the configuration says becomes arguments; what was typed wins over it.

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::cli::args::{CheckArgs, ConfidenceArg, SeverityArg, Tests};
use crate::config::{Config, Dependency, FixStyle};
use crate::diagnostic::{Confidence, Severity};
use crate::fix;
use crate::levels::{self, TestMode};
use crate::rules::page;

/// `args` with the settings of `config` where nothing was typed.
pub(in crate::cli) fn applied(args: &CheckArgs, matches: &ArgMatches, config: &Config) -> CheckArgs {
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let mut args = args.clone();
    let settings = &config.settings;
    if !typed("tests") {
        args.tests = match *settings.tests {
            TestMode::Relaxed => Tests::Relaxed,
            TestMode::Strict => Tests::Strict,
            TestMode::Off => Tests::Off,
        };
    }
    if !typed("fail_on") {
        args.fail_on = severity(*settings.fail_on);
    }
    if !typed("min_severity") {
        args.min_severity = severity(*settings.min_severity);
    }
    if !typed("min_confidence") {
        args.min_confidence = match *settings.min_confidence {
            Confidence::Likely => ConfidenceArg::Likely,
            Confidence::Certain => ConfidenceArg::Certain,
        };
    }
    if !typed("max_file_size") {
        args.max_file_size = *settings.max_file_size;
    }
    args.strict |= *settings.strict;
    args.exclude = settings.exclude.iter().chain(&args.exclude).cloned().collect();
    args
}

const fn severity(severity: Severity) -> SeverityArg {
    match severity {
        Severity::Note => SeverityArg::Note,
        Severity::Warning => SeverityArg::Warning,
        Severity::Error => SeverityArg::Error,
    }
}

/// The table `fix` as the fixer reads it: groups become their kinds, paths start at the analysis root.
pub(in crate::cli) fn fixes(config: &Config) -> fix::Options {
    let settings = &config.settings.fix;
    let kinds = |names: &[String]| names.iter().flat_map(|name| levels::members(page::all(), name)).collect::<Vec<_>>();
    let plain = fix::Options::default();
    fix::Options {
        fixable: (!settings.fixable.is_empty()).then(|| kinds(&settings.fixable)),
        unfixable: kinds(&settings.unfixable),
        style: match *settings.style {
            FixStyle::Supervisor => fix::Style::Supervisor,
            FixStyle::TaskTracker => fix::Style::TaskTracker,
            FixStyle::Off => fix::Style::Off,
        },
        supervisor_path: settings.supervisor_path.value.clone(),
        add_dependency: *settings.add_dependency,
        dependency: match &settings.dependency.value {
            Some(Dependency::Version(version)) => fix::Dependency::Version(version.clone()),
            Some(Dependency::Git(url)) => fix::Dependency::Git(url.clone()),
            Some(Dependency::Path(path)) => fix::Dependency::Path(config.in_root(path)),
            None => plain.dependency,
        },
    }
}
