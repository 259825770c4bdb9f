//! Rule pages: the front matter of `rules/*.md` becomes `RuleInfo`.
//!
//! A page is the single place for a rule's words and levels; `explain`, SARIF help and the level table read it.
//! Pages are embedded; this module never reads a file and never decides whether a rule fires.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::base::Name;
use crate::diagnostic::Confidence;

/// How loud a kind is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Off.
    Allow,
    /// Counted, hidden in the terminal, never fails a run.
    Note,
    /// Reported as a warning.
    Warn,
    /// Reported as an error.
    Deny,
}

/// When a kind is on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// On.
    Default,
    /// Off until asked for.
    Pedantic,
    /// New: a note whatever the level, never fails a run.
    Preview,
    /// About directives and configuration, not about code.
    Meta,
}

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Spawned work and futures.
    Tasks,
    /// Blocking calls in async code.
    Blocking,
    /// Guards.
    Locks,
    /// Runtimes.
    Runtime,
    /// Dropped futures.
    Cancellation,
    /// Readers, writers, children.
    Io,
    /// Directives and configuration.
    Meta,
}

impl Family {
    /// Its name, which is also the name of its group.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Blocking => "blocking",
            Self::Locks => "locks",
            Self::Runtime => "runtime",
            Self::Cancellation => "cancellation",
            Self::Io => "io",
            Self::Meta => "meta",
        }
    }
}

/// What a kind does in test code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestPolicy {
    /// As elsewhere.
    On,
    /// Silent.
    Off,
    /// Silent until asked for.
    Pedantic,
}

/// The best fix a rule offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixClass {
    /// Compiles and means the same.
    Safe,
    /// Changes behaviour or may not compile.
    Unsafe,
    /// Words only.
    Advice,
    /// Nothing.
    None,
}

/// A sub-case of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindInfo {
    /// Its id; `default` when the rule has no sub-cases.
    pub id: &'static str,
    /// Its level when it is on.
    pub level: Level,
    /// When it is on.
    pub group: Group,
    /// What it does in test code.
    pub tests: TestPolicy,
    /// The confidence it has at best.
    pub confidence: Confidence,
    /// Its message; `{..}` stands for what the code says.
    pub message: &'static str,
}

/// An option of a rule.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleOption {
    /// Its name.
    pub name: String,
    /// Its value when nothing is said.
    pub default: String,
    /// The words it takes.
    pub values: Vec<String>,
    /// What it changes.
    pub summary: String,
}

/// Verdicts on findings in real code that nobody tuned the rule to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    /// Judged true.
    #[serde(rename = "true")]
    pub yes: u32,
    /// Judged false.
    #[serde(rename = "false")]
    pub no: u32,
    /// Not decided.
    pub unsure: u32,
}

/// A rule as its page describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleInfo {
    /// Its id, for ever.
    pub id: &'static str,
    /// What it is about.
    pub family: Family,
    /// One line.
    pub summary: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// The best fix it offers.
    pub fix: FixClass,
    /// Rules that own a call when both find it.
    pub yields_to: Vec<&'static str>,
    /// Its options.
    pub options: Vec<RuleOption>,
    /// Its kinds, in the order of the page.
    pub kinds: Vec<KindInfo>,
    /// Measured precision.
    pub precision: Option<Precision>,
    /// The page without its front matter, Markdown.
    pub text: &'static str,
}

impl RuleInfo {
    /// The kind, when the rule has it.
    pub fn kind(&self, id: &str) -> Option<&KindInfo> {
        self.kinds.iter().find(|k| k.id == id)
    }

    /// The text below `## heading`, up to the next heading of that depth.
    pub fn section(&self, heading: &str) -> Option<&'static str> {
        let mark = format!("## {heading}\n");
        let start = self.text.find(&mark)? + mark.len();
        let rest = &self.text[start..];
        Some(rest.find("\n## ").map_or(rest, |end| &rest[..end]).trim())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FrontMatter {
    id: String,
    family: Family,
    summary: String,
    since: String,
    fix: FixClass,
    #[serde(default)]
    yields_to: Vec<String>,
    #[serde(default)]
    options: Vec<RuleOption>,
    kind: Vec<KindMatter>,
    precision: Option<Precision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindMatter {
    id: String,
    level: Level,
    group: Group,
    tests: TestPolicy,
    confidence: ConfidenceMatter,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ConfidenceMatter {
    Certain,
    Likely,
}

/// Reads one page; the error says what is wrong in words.
pub fn parse(page: &'static str) -> Result<RuleInfo, String> {
    let rest = page.strip_prefix("+++\n").ok_or("a page starts with a line `+++`")?;
    let (matter, text) = rest.split_once("\n+++\n").ok_or("the front matter ends with a line `+++`")?;
    let matter: FrontMatter = toml::from_str(matter).map_err(|e| e.to_string())?;
    if matter.kind.is_empty() {
        return Err("a rule has at least one kind".to_owned());
    }
    Ok(RuleInfo {
        id: keep(&matter.id),
        family: matter.family,
        summary: keep(&matter.summary),
        since: keep(&matter.since),
        fix: matter.fix,
        yields_to: matter.yields_to.iter().map(|id| keep(id)).collect(),
        options: matter.options,
        kinds: matter.kind.iter().map(kind).collect(),
        precision: matter.precision,
        text: text.trim_start(),
    })
}

fn kind(matter: &KindMatter) -> KindInfo {
    KindInfo {
        id: keep(&matter.id),
        level: matter.level,
        group: matter.group,
        tests: matter.tests,
        confidence: match matter.confidence {
            ConfidenceMatter::Certain => Confidence::Certain,
            ConfidenceMatter::Likely => Confidence::Likely,
        },
        message: keep(&matter.message),
    }
}

/// Pages live as long as the process, so what they say may too.
fn keep(text: &str) -> &'static str {
    Name::new(text).as_str()
}

macro_rules! pages {
    ($($id:literal,)*) => {
        /// Id and text of every page, in the order of ids.
        pub const PAGES: &[(&str, &str)] = &[$(($id, include_str!(concat!("../../rules/", $id, ".md"))),)*];
    };
}

pages! {
    "accept-error-exit",
    "block-in-place-current-thread",
    "blocking-compute",
    "blocking-custom",
    "blocking-db",
    "blocking-fs",
    "blocking-fs-meta",
    "blocking-http",
    "blocking-net",
    "blocking-process",
    "blocking-sleep",
    "blocking-stdio",
    "blocking-sync",
    "broadcast-lag-exit",
    "busy-wait",
    "cancel-unsafe-select",
    "cancelled-on-drop",
    "cross-runtime-client",
    "detach-on-timeout",
    "double-lock",
    "future-in-sync-spawn",
    "futurelock",
    "guard-dropped-at-once",
    "ineffective-permit",
    "ineffective-timeout",
    "lock-across-await",
    "lost-task-error",
    "malformed-directive",
    "missing-reason",
    "mixed-runtimes",
    "multiple-runtimes",
    "nested-runtime",
    "never-yields",
    "orphan-child",
    "runtime-driver-missing",
    "select-eager-precondition",
    "select-no-else",
    "select-timer-reset",
    "span-across-await",
    "spawn-in-drop",
    "spawn-outside-runtime",
    "stdin-shutdown-hang",
    "test-task-leak",
    "tracker-never-closed",
    "unawaited-future",
    "unbounded-spawn",
    "undrained-join-set",
    "unflushed-writer",
    "unknown-rule",
    "unmatched-config",
    "unstoppable-task",
    "untracked-spawn",
    "unused-suppression",
}

/// Every rule, in the order of ids.
pub fn all() -> &'static [RuleInfo] {
    static ALL: LazyLock<Vec<RuleInfo>> = LazyLock::new(|| {
        // A page that cannot be read is left out here; a test reads each of them and fails.
        PAGES.iter().filter_map(|(_, page)| parse(page).ok()).collect()
    });
    &ALL
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static RuleInfo> {
    all().iter().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_parses_and_is_named_like_its_rule() {
        for (id, page) in PAGES {
            let rule = parse(page).unwrap_or_else(|e| panic!("rules/{id}.md: {e}"));
            assert_eq!(rule.id, *id);
            for heading in ["What it finds", "Why it matters", "Example", "Instead", "Not flagged"] {
                assert!(rule.section(heading).is_some_and(|s| !s.is_empty()), "rules/{id}.md lacks `## {heading}`");
            }
        }
        assert!(PAGES.is_sorted());
        assert_eq!(all().len(), PAGES.len());
    }

    #[test]
    fn names_of_other_rules_exist() {
        for rule in all() {
            assert!(rule.summary.len() <= 160 && !rule.summary.ends_with('.'), "{}", rule.id);
            let mut ids: Vec<_> = rule.kinds.iter().map(|k| k.id).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), rule.kinds.len(), "{}: a kind stands twice", rule.id);
        }
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(parse("+++\nid = \"x\"\nlevle = 1\n+++\n").is_err());
        assert!(parse("no front matter").is_err());
    }
}
