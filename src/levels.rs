//! Levels: what of all that was found is reported, and how loudly.
//!
//! One table of rule and kind, filled from the pages and changed by `-A/-W/-D` from left to right.
//! It never looks at code; a context that lowers a finding arrives as a cap.

use crate::diagnostic::Severity;
use crate::rules::page::{Family, Group, KindInfo, Level, RuleInfo, TestPolicy};

/// A change of levels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// `-A`.
    Allow,
    /// `-W`.
    Warn,
    /// `-D`.
    Deny,
}

/// How test code is treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TestMode {
    /// As the pages say.
    #[default]
    Relaxed,
    /// As any other code.
    Strict,
    /// Nothing is reported in it.
    Off,
}

/// A name that is no rule, kind or group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownName {
    /// The name as given.
    pub name: String,
    /// Names that look like it, nearest first.
    pub nearest: Vec<String>,
}

/// The level of every kind of every rule.
#[derive(Clone, Debug)]
pub struct Levels {
    rules: &'static [RuleInfo],
    settings: Vec<Vec<Setting>>,
    tests: TestMode,
}

#[derive(Clone, Copy, Debug)]
struct Setting {
    level: Level,
    /// Switched on by name, family, `pedantic` or `all`: kinds that are silent in test code until asked for, speak.
    asked: bool,
}

/// What a name on the command line stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Set<'a> {
    All,
    Group(Group),
    Family(Family),
    Rule(&'a str),
    Kind(&'a str, &'a str),
}

const GROUPS: [(&str, Set<'static>); 11] = [
    ("all", Set::All),
    ("default", Set::Group(Group::Default)),
    ("pedantic", Set::Group(Group::Pedantic)),
    ("preview", Set::Group(Group::Preview)),
    ("meta", Set::Group(Group::Meta)),
    ("tasks", Set::Family(Family::Tasks)),
    ("blocking", Set::Family(Family::Blocking)),
    ("locks", Set::Family(Family::Locks)),
    ("runtime", Set::Family(Family::Runtime)),
    ("cancellation", Set::Family(Family::Cancellation)),
    ("io", Set::Family(Family::Io)),
];

impl Levels {
    /// The levels of the pages.
    pub fn new(rules: &'static [RuleInfo], tests: TestMode) -> Self {
        let settings = rules.iter().map(|rule| rule.kinds.iter().map(Setting::of_page).collect()).collect();
        Self { rules, settings, tests }
    }

    /// The rules the table is about.
    pub const fn rules(&self) -> &'static [RuleInfo] {
        self.rules
    }

    /// Applies one `-A/-W/-D`.
    pub fn change(&mut self, change: Change, name: &str) -> Result<(), UnknownName> {
        let set = self.parse(name)?;
        for (rule, settings) in self.rules.iter().zip(&mut self.settings) {
            for (kind, setting) in rule.kinds.iter().zip(settings) {
                if set.holds(rule, kind) {
                    setting.change(change, set, kind);
                }
            }
        }
        Ok(())
    }

    /// Switches a rule, kind or group on at the severity of its page.
    pub fn switch_on(&mut self, name: &str) -> Result<(), UnknownName> {
        let set = self.parse(name)?;
        for (rule, settings) in self.rules.iter().zip(&mut self.settings) {
            for (kind, setting) in rule.kinds.iter().zip(settings) {
                if set.holds(rule, kind) {
                    *setting = Setting { level: kind.level, asked: true };
                }
            }
        }
        Ok(())
    }

    fn parse<'a>(&self, name: &'a str) -> Result<Set<'a>, UnknownName> {
        if let Some((_, set)) = GROUPS.iter().find(|(group, _)| *group == name) {
            return Ok(*set);
        }
        let (rule, kind) = name.split_once('.').map_or((name, None), |(r, k)| (r, Some(k)));
        let known = self.rules.iter().find(|r| r.id == rule);
        match (known, kind) {
            (Some(_), None) => Ok(Set::Rule(rule)),
            (Some(info), Some(kind)) if info.kind(kind).is_some() => Ok(Set::Kind(rule, kind)),
            (Some(_) | None, _) => Err(UnknownName { name: name.to_owned(), nearest: nearest(self.rules, name) }),
        }
    }

    fn setting(&self, rule: &str, kind: &str) -> Option<(&KindInfo, Setting)> {
        let at = self.rules.iter().position(|r| r.id == rule)?;
        let kind_at = self.rules[at].kinds.iter().position(|k| k.id == kind)?;
        Some((&self.rules[at].kinds[kind_at], self.settings[at][kind_at]))
    }

    /// The severity of a finding, or `None` when it is not reported. `cap` is the highest severity its context admits.
    pub fn severity(&self, rule: &str, kind: &str, in_test: bool, cap: Severity) -> Option<Severity> {
        let (info, setting) = self.setting(rule, kind)?;
        if in_test && !self.speaks_in_tests(info, setting) {
            return None;
        }
        let level = match setting.level {
            Level::Allow => return None,
            Level::Note => Severity::Note,
            Level::Warn => Severity::Warning,
            Level::Deny => Severity::Error,
        };
        let level = if info.group == Group::Preview { Severity::Note } else { level };
        Some(level.min(cap))
    }

    fn speaks_in_tests(&self, info: &KindInfo, setting: Setting) -> bool {
        match (self.tests, info.tests) {
            (TestMode::Strict, _) | (TestMode::Relaxed, TestPolicy::On) => true,
            (TestMode::Off, _) | (TestMode::Relaxed, TestPolicy::Off) => false,
            (TestMode::Relaxed, TestPolicy::Pedantic) => setting.asked,
        }
    }

    /// True when some kind (or the given one) of the rule can be reported there.
    pub fn is_active(&self, rule: &str, kind: Option<&str>, in_test: bool) -> bool {
        let Some(info) = self.rules.iter().find(|r| r.id == rule) else { return false };
        let mut kinds = info.kinds.iter().filter(|k| kind.is_none_or(|id| id == k.id));
        kinds.any(|k| self.severity(rule, k.id, in_test, Severity::Error).is_some())
    }

    /// False for kinds that are in preview: they never fail a run.
    pub fn can_fail(&self, rule: &str, kind: &str) -> bool {
        self.setting(rule, kind).is_none_or(|(info, _)| info.group != Group::Preview)
    }

    /// The level a kind has now; for the table of `rules`.
    pub fn level(&self, rule: &str, kind: &str) -> Level {
        self.setting(rule, kind).map_or(Level::Allow, |(_, setting)| setting.level)
    }
}

impl Setting {
    fn of_page(kind: &KindInfo) -> Self {
        let level = match kind.group {
            Group::Default | Group::Preview | Group::Meta => kind.level,
            Group::Pedantic => Level::Allow,
        };
        Self { level, asked: false }
    }

    fn change(&mut self, change: Change, set: Set<'_>, kind: &KindInfo) {
        *self = match (change, set) {
            (Change::Allow, _) => Self { level: Level::Allow, asked: false },
            (Change::Deny, _) => Self { level: Level::Deny, asked: self.asked || set.asks() },
            (Change::Warn, Set::Rule(_) | Set::Kind(..)) => Self { level: Level::Warn, asked: true },
            // Switches on, raises notes, and never lowers an error.
            (Change::Warn, Set::All | Set::Group(_) | Set::Family(_)) => {
                Self { level: self.level.max(kind.level).max(Level::Warn), asked: self.asked || set.asks() }
            }
        };
    }
}

impl Set<'_> {
    fn holds(self, rule: &RuleInfo, kind: &KindInfo) -> bool {
        match self {
            Set::All => true,
            Set::Group(group) => kind.group == group,
            Set::Family(family) => rule.family == family,
            Set::Rule(id) => rule.id == id,
            Set::Kind(id, kind_id) => rule.id == id && kind.id == kind_id,
        }
    }

    fn asks(self) -> bool {
        self != Set::Group(Group::Default)
    }
}

/// The names of all groups.
pub fn group_names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(name, _)| *name)
}

/// The rules of a group; none for a name that is no group.
pub fn members(group: &str) -> Vec<&'static str> {
    let Some((_, set)) = GROUPS.iter().find(|(name, _)| *name == group) else { return Vec::new() };
    let all = crate::rules::page::all().iter();
    all.filter(|rule| rule.kinds.iter().any(|kind| set.holds(rule, kind))).map(|rule| rule.id).collect()
}

/// Names of rules, kinds and groups that look like `name`, nearest first, at most three.
pub fn nearest(rules: &[RuleInfo], name: &str) -> Vec<String> {
    let groups = GROUPS.iter().map(|(group, _)| (*group).to_owned());
    let ids = rules.iter().map(|rule| rule.id.to_owned());
    let kinds = rules.iter().flat_map(|r| r.kinds.iter().map(move |k| format!("{}.{}", r.id, k.id)));
    let mut all: Vec<(f64, String)> = groups
        .chain(ids)
        .chain(kinds.filter(|_| name.contains('.')))
        .map(|known| (strsim::jaro_winkler(name, &known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    all.into_iter().take(3).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests;
