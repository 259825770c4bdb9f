//! The one place where the fixture harness touches the library.
//!
//! To connect it: fill in `run` and `ask`, then remove the two `#[ignore]` lines in `fixtures.rs`. Nothing else changes.

/// The files of one case, in memory: path (`/` as separator, relative to the analysis root) and text. Manifests are among them.
pub(crate) type Files = [(String, String)];

/// What a case switches on besides the default levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Switches {
    /// Rules, `rule.kind` or groups that are on at their page's severity: `["blocking-fs-meta", "untracked-spawn.best-effort"]`.
    pub(crate) on: Vec<String>,
    /// `relaxed` (default), `strict` or `off`.
    pub(crate) tests: Option<String>,
}

/// One finding, as far as an annotation can speak about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Path as given in the files.
    pub(crate) path: String,
    /// Line of the primary span, 1-based.
    pub(crate) line: usize,
    /// Rule id.
    pub(crate) rule: String,
    /// Kind id; `default` for a rule without sub-cases.
    pub(crate) kind: String,
    /// `deny`, `warn` or `note`: the level that the severity prints for.
    pub(crate) severity: String,
    /// `certain` or `likely`.
    pub(crate) confidence: String,
    /// The message; notes and helps are not searched.
    pub(crate) message: String,
    /// The texts of the primary and secondary labels.
    pub(crate) labels: Vec<String>,
    /// What is called at each hop, from the call in the async code to the catalogue call; empty for a direct finding.
    pub(crate) chain: Vec<String>,
}

/// A question to the façade about the expression under some carets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question<'a> {
    /// Path as given in the files.
    pub(crate) path: &'a str,
    /// 1-based.
    pub(crate) line: usize,
    /// First byte column under the carets, 0-based.
    pub(crate) start: usize,
    /// One past the last byte column under the carets.
    pub(crate) end: usize,
    /// `type`, `is`, `runs` or `blocks`.
    pub(crate) key: &'a str,
}

/// Runs the library once over `files` and returns all findings, notes included, suppressed ones left out.
pub(crate) fn run(files: &Files, edition: u16, switches: &Switches) -> Vec<Found> {
    let _ = (files, edition, switches);
    Vec::new()
}

/// Links `files` once and answers each question in order; `None` when there is no such expression.
pub(crate) fn ask(files: &Files, edition: u16, questions: &[Question<'_>]) -> Vec<Option<String>> {
    let _ = (files, edition);
    questions.iter().map(|_| None).collect()
}
