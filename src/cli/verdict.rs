//! From a report to an exit code. Prints one line when a limit of warnings is passed, and nothing else.

use clap::Args;

use crate::diagnostic::{Diagnostic, ProblemKind, Report, Severity};
use crate::levels::Levels;

use super::exit;

/// Arguments of `check` about warnings.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct WarningArgs {
    /// Exit with 1 when there are more warnings than N; up to N they do not fail the run
    #[arg(long, value_name = "N", help_heading = "Levels", conflicts_with = "deny_warnings")]
    pub max_warnings: Option<usize>,
    /// Exit with 1 on any warning, whatever --fail-on and the configuration say
    #[arg(long, help_heading = "Levels")]
    pub deny_warnings: bool,
}

/// What decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) fail_on: Severity,
    pub(super) warnings: WarningArgs,
    pub(super) strict: bool,
    pub(super) exit_zero: bool,
}

impl Verdict {
    /// 1 wins over 4; notes and suppressed findings never fail a run by themselves.
    pub(super) fn code(&self, report: &Report, levels: &Levels) -> u8 {
        let counted = |f: &&Diagnostic| levels.can_fail(f.rule, f.kind);
        let fails = report.findings.iter().filter(counted).any(|finding| self.fails(finding.severity));
        if !self.exit_zero && (fails || self.excess(report, levels).is_some()) {
            return exit::FINDINGS;
        }
        let internal = report.problems.iter().any(|problem| problem.kind == ProblemKind::InternalError);
        if internal || (self.strict && !report.problems.is_empty()) {
            return exit::PROBLEM;
        }
        if report.files == 0 { exit::NOTHING } else { exit::CLEAN }
    }

    fn fails(&self, severity: Severity) -> bool {
        match severity {
            Severity::Warning if self.warnings.max_warnings.is_some() => false,
            Severity::Warning if self.warnings.deny_warnings => true,
            Severity::Error if self.warnings.deny_warnings => true,
            Severity::Note | Severity::Warning | Severity::Error => severity >= self.fail_on,
        }
    }

    /// The number of warnings, when it is above `--max-warnings`.
    pub(super) fn excess(&self, report: &Report, levels: &Levels) -> Option<usize> {
        let limit = self.warnings.max_warnings?;
        let is_warning = |f: &&Diagnostic| f.severity == Severity::Warning && levels.can_fail(f.rule, f.kind);
        let number = report.findings.iter().filter(is_warning).count();
        (number > limit).then_some(number)
    }
}
