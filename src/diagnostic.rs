//! What a rule says: a finding with its place, its chain and its fixes.
//!
//! This is the one value from which every output is made. It knows nothing of terminals, JSON or files on disk.

use crate::base::{Name, Span};

pub use crate::base::ProblemKind;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing; never fails a run by default.
    Note,
    /// Loses something under conditions.
    Warning,
    /// Panics, deadlocks or loses work whenever it runs.
    Error,
}

/// How sure the tool is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// One inference step rests on a name from a closed list.
    Likely,
    /// Paths resolved, receivers typed.
    Certain,
}

/// How far a fix can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Applicability {
    /// Compiles and means the same.
    Safe,
    /// Has edits, but changes behaviour or may not compile.
    Unsafe,
    /// Text only.
    Advice,
}

/// A replacement of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The bytes to replace; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Whose names a fix writes into the code.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Writes {
    /// Names of the language, of std, or of crates that the package has.
    #[default]
    Known,
    /// Paths that begin with `COMPANION`: the package must have the companion crate.
    Companion,
    /// A `TaskTracker` that the code can name.
    Tracker,
}

/// How the companion crate is called in the edits of a rule; the project's own path takes its place when a fix is settled.
pub const COMPANION: &str = "asynclint_supervisor";

/// A set of edits of one file that is applied whole or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// An imperative line: "await the handle".
    pub title: String,
    /// How far it can be trusted; `Advice` has no edits.
    pub applicability: Applicability,
    /// The edits, not overlapping, in source order.
    pub edits: Vec<Edit>,
    /// Whose names they write.
    pub writes: Writes,
}

/// A fix that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fixed {
    /// Rule id.
    pub rule: &'static str,
    /// Kind id.
    pub kind: &'static str,
    /// Title of the fix.
    pub title: String,
    /// Its class.
    pub applicability: Applicability,
    /// Path relative to the analysis root.
    pub path: String,
    /// 1-based line of the finding, in the text that was fixed.
    pub line: usize,
}

/// What a secondary label is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// A step of the chain.
    Hop,
    /// The reason of the finding or of its kind.
    Why,
    /// Another place of the same finding.
    Also,
    /// Where this stands: the async fn, the loop.
    Context,
}

/// A secondary label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Its place, in any file.
    pub span: Span,
    /// A few words, lower case.
    pub message: String,
    /// What it is for.
    pub role: Role,
}

/// A step from the async code to the catalogue call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// What is called: the path of a workspace fn, or the catalogue's canonical path.
    pub function: String,
    /// Where it is called.
    pub span: Span,
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Rule id.
    pub rule: &'static str,
    /// Kind id within the rule; `default` for rules without sub-cases.
    pub kind: &'static str,
    /// As a rule writes it: the highest severity its context admits, `Error` when nothing caps it.
    /// In a `Report`: the severity after levels and that cap.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is lost, lower case, no final dot.
    pub message: String,
    /// Facts, one sentence each.
    pub notes: Vec<String>,
    /// What to do; the first is the main one.
    pub helps: Vec<String>,
    /// The one line to change.
    pub primary: Span,
    /// Short text under the primary span; may be empty.
    pub primary_label: String,
    /// Secondary labels. Hops of the chain are added by `Findings`, not by rules.
    pub related: Vec<Label>,
    /// Empty for a direct finding; else from the call in the async code to the catalogue call.
    pub chain: Vec<Hop>,
    /// Fixes, best first.
    pub fixes: Vec<Fix>,
    /// The overlapping clippy lint, if any.
    pub clippy: Option<&'static str>,
    /// Path of the enclosing function, crate name first.
    pub function: String,
    /// Name of the package; empty for a lone file.
    pub package: String,
    /// Stands in test code.
    pub in_test: bool,
    /// `v1:` and 16 hex digits; see decision M3 for what it covers.
    pub fingerprint: String,
    /// `s1:` and 16 hex digits of the rule and the statement alone: the same wherever the function stands.
    pub statement: String,
    /// Canonical path of the API at the end of the chain, for grouping; empty when there is none.
    pub subject: Option<Name>,
    /// Stands in test code while its cause stands in other code: reported only where test code is treated as any other.
    pub needs_strict_tests: bool,
}

impl Diagnostic {
    /// Labels of the steps of the chain after the first one, which stands at the primary place.
    pub fn hops(&self) -> impl Iterator<Item = Label> + '_ {
        self.chain.iter().skip(1).map(|hop| Label {
            span: hop.span,
            message: format!("calls `{}`", hop.function),
            role: Role::Hop,
        })
    }

    /// The rule and, when the rule has sub-cases, the kind: `untracked-spawn.service`.
    pub fn code(&self) -> String {
        if self.kind == "default" { self.rule.to_owned() } else { format!("{}.{}", self.rule, self.kind) }
    }

    /// The best class of fix that has edits.
    pub fn fixable(&self) -> Option<Applicability> {
        let classes = self.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(|fix| fix.applicability);
        classes.filter(|class| *class != Applicability::Advice).min()
    }
}

impl Severity {
    /// `note`, `warning`, `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// `likely`, `certain`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

impl Applicability {
    /// `safe`, `unsafe`, `advice`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Advice => "advice",
        }
    }
}

impl Role {
    /// `hop`, `why`, `also`, `context`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hop => "hop",
            Self::Why => "why",
            Self::Also => "also",
            Self::Context => "context",
        }
    }
}

/// A problem with its place, when there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Which kind.
    pub kind: ProblemKind,
    /// One sentence.
    pub message: String,
    /// Path relative to the analysis root, `/` as separator.
    pub path: Option<String>,
    /// Bytes in a file that was read.
    pub span: Option<Span>,
}

/// A finding that is not reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Silenced {
    /// The finding.
    pub finding: Diagnostic,
    /// Who answers it.
    pub by: Answer,
}

/// Who answers a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// A comment or an attribute, and the reason it gives.
    Directive(Option<String>),
    /// The baseline.
    Baseline,
}

/// A comment or attribute that answers findings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppression {
    /// The name in it.
    pub span: Span,
    /// `allow`, `expect`, `allow-file`, `attribute`, `clippy`.
    pub form: &'static str,
    /// A rule, `rule.kind`, or the lint of another tool.
    pub name: String,
    /// Why, in the words of its author.
    pub reason: Option<String>,
    /// What it did in this run.
    pub state: SuppressionState,
}

/// What a suppression did.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SuppressionState {
    /// It answered a finding.
    Used,
    /// Its rule ran and found nothing there.
    Unused,
    /// Its rule is off there, or does not exist.
    NotRun,
}

impl SuppressionState {
    /// `used`, `unused`, `not-run`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Unused => "unused",
            Self::NotRun => "not-run",
        }
    }
}

/// All that a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Findings, sorted by path, place, rule, kind, message.
    pub findings: Vec<Diagnostic>,
    /// Problems, sorted by path and place.
    pub problems: Vec<Problem>,
    /// Findings removed by a directive.
    pub suppressed: usize,
    /// Directives and attributes of the files that were asked for, by path and place.
    pub suppressions: Vec<Suppression>,
    /// Findings removed by a baseline.
    pub baselined: usize,
    /// Findings that are not new, when only new ones are asked for; `None` when all are.
    pub old: Option<usize>,
    /// Findings of a baseline that are no longer there.
    pub stale: usize,
    /// What was removed, and by whom; for the formats that show it.
    pub silenced: Vec<Silenced>,
    /// Files whose facts were used.
    pub files: usize,
    /// Lines of those files.
    pub lines: usize,
    /// Fixes that were made, in the order in which they were made.
    pub fixed: Vec<Fixed>,
}
