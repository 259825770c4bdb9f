//! Levels: what of all that was found is reported, and how loudly.
//!
//! The pages say what holds at first; then come steps, of which the last one that fits wins: the configuration, its overrides, the
//! command line. It never looks at code; a context that lowers a finding arrives as a cap.

use std::sync::Arc;

use crate::base::{Area, Spot};
use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::page::{Group, KindInfo, Level, RuleInfo, TestPolicy};

mod step;

pub use step::{groups, is_member, members, nearest, rank};

use step::{Action, Scope, Set, Setting, Step};

/// A change of levels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// `-A`, `"allow"`.
    Allow,
    /// `"note"`.
    Note,
    /// `-W`, `"warn"`.
    Warn,
    /// `-D`, `"deny"`.
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

/// A change that a configuration asks for.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// A rule, `rule.kind` or group.
    pub name: String,
    /// The new level.
    pub change: Change,
    /// Only for findings that reach their cause through other functions (the rule option `indirect`).
    pub indirect: bool,
    /// Where it holds; everywhere when `None`.
    pub area: Option<Arc<Area>>,
    /// Who said so: `asynclint.toml:7`.
    pub origin: Arc<str>,
}

/// The level of every kind of every rule.
#[derive(Clone, Debug)]
pub struct Levels {
    rules: &'static [RuleInfo],
    steps: Vec<Step>,
    /// How many of the steps, the first ones, are those of a configuration.
    configured: usize,
    tests: TestMode,
}

impl Levels {
    /// The levels of the pages.
    pub const fn new(rules: &'static [RuleInfo], tests: TestMode) -> Self {
        Self { rules, steps: Vec::new(), configured: 0, tests }
    }

    /// Says how test code is treated.
    pub const fn set_tests(&mut self, tests: TestMode) {
        self.tests = tests;
    }

    /// The rules the table is about.
    pub const fn rules(&self) -> &'static [RuleInfo] {
        self.rules
    }

    /// Applies one `-A/-W/-D`.
    pub fn change(&mut self, change: Change, name: &str) -> Result<(), UnknownName> {
        let flag = match change {
            Change::Allow => "-A",
            Change::Note => "note",
            Change::Warn => "-W",
            Change::Deny => "-D",
        };
        self.push(name, Action::Change(change), Scope::default(), Some(format!("{flag} {name}").into()))
    }

    /// Leaves only these on: what is on of them keeps its level, what is off gets the one of its page. No names: nothing changes.
    pub fn select(&mut self, names: &[String]) -> Result<(), UnknownName> {
        let sets = names.iter().map(|name| Set::parse(self.rules, name)).collect::<Result<Vec<_>, _>>()?;
        if sets.is_empty() {
            return Ok(());
        }
        let mut steps = Vec::new();
        for (rule, kind) in self.rules.iter().flat_map(|rule| rule.kinds.iter().map(move |kind| (rule, kind))) {
            let is_chosen = sets.iter().any(|set| set.holds(rule, kind));
            let action = match (is_chosen, self.level(rule.id, kind.id)) {
                (false, _) => Action::Change(Change::Allow),
                (true, Level::Allow) => Action::SwitchOn,
                (true, Level::Note | Level::Warn | Level::Deny) => continue,
            };
            let (set, origin) = (Set::Kind(rule.id, kind.id), Some("--select".into()));
            steps.push(Step { set, action, scope: Scope::default(), origin });
        }
        self.steps.extend(steps);
        Ok(())
    }

    /// Applies one line of a configuration: after the others, before what was typed.
    pub fn assign(&mut self, assignment: &Assignment) -> Result<(), UnknownName> {
        let set = Set::parse(self.rules, &assignment.name)?;
        let scope = Scope { area: assignment.area.clone(), indirect: assignment.indirect };
        let (action, origin) = (Action::Change(assignment.change), Some(Arc::clone(&assignment.origin)));
        self.steps.insert(self.configured, Step { set, action, scope, origin });
        self.configured += 1;
        Ok(())
    }

    /// Switches a rule, kind or group on at the severity of its page.
    pub fn switch_on(&mut self, name: &str) -> Result<(), UnknownName> {
        self.push(name, Action::SwitchOn, Scope::default(), None)
    }

    /// Puts the steps of `other` behind its own; the last word about test code is that of `other`, unless it has none.
    pub fn extend(&mut self, other: &Self) {
        self.steps.extend(other.steps.iter().cloned());
        if other.tests != TestMode::default() {
            self.tests = other.tests;
        }
    }

    fn push(&mut self, name: &str, action: Action, scope: Scope, origin: Option<Arc<str>>) -> Result<(), UnknownName> {
        let set = Set::parse(self.rules, name)?;
        self.steps.push(Step { set, action, scope, origin });
        Ok(())
    }

    fn find(&self, rule: &str, kind: &str) -> Option<(&'static RuleInfo, &'static KindInfo)> {
        let rule = self.rules.iter().find(|r| r.id == rule)?;
        Some((rule, rule.kind(kind)?))
    }

    fn steps_for<'a>(
        &'a self,
        rule: &'static RuleInfo,
        kind: &'static KindInfo,
        spot: Option<Spot<'a>>,
        indirect: bool,
    ) -> impl DoubleEndedIterator<Item = &'a Step> {
        self.steps.iter().filter(move |step| step.set.holds(rule, kind) && step.scope.holds(spot, indirect))
    }

    fn setting(&self, rule: &str, kind: &str, spot: Option<Spot<'_>>, indirect: bool) -> Option<(&KindInfo, Setting)> {
        let (rule, kind) = self.find(rule, kind)?;
        let steps = self.steps_for(rule, kind, spot, indirect);
        Some((kind, steps.fold(Setting::of_page(kind), |setting, step| setting.after(step, kind))))
    }

    /// The severity of a finding somewhere, or `None` when it is not reported. `cap` is the highest severity its context admits.
    pub fn severity(&self, rule: &str, kind: &str, in_test: bool, cap: Severity) -> Option<Severity> {
        let (info, setting) = self.setting(rule, kind, None, false)?;
        self.judge(info, setting, in_test, cap)
    }

    /// The severity of a finding in the file with this path; its own severity is the highest one its context admits.
    pub fn of(&self, finding: &Diagnostic, path: &str) -> Option<Severity> {
        let spot = Spot { path, package: &finding.package, in_test: finding.in_test };
        let indirect = !finding.chain.is_empty();
        if finding.in_test && finding.needs_strict_tests && self.tests != TestMode::Strict {
            return None;
        }
        let (info, setting) = self.setting(finding.rule, finding.kind, Some(spot), indirect)?;
        self.judge(info, setting, finding.in_test, finding.severity)
    }

    fn judge(&self, info: &KindInfo, setting: Setting, in_test: bool, cap: Severity) -> Option<Severity> {
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
    pub fn is_active(&self, rule: &str, kind: Option<&str>, spot: Spot<'_>) -> bool {
        let Some(info) = self.rules.iter().find(|r| r.id == rule) else { return false };
        let speaks = |kind: &KindInfo, indirect| {
            let setting = self.setting(rule, kind.id, Some(spot), indirect);
            setting.is_some_and(|(info, setting)| self.judge(info, setting, spot.in_test, Severity::Error).is_some())
        };
        let mut kinds = info.kinds.iter().filter(|k| kind.is_none_or(|id| id == k.id));
        kinds.any(|kind| speaks(kind, false) || speaks(kind, true))
    }

    /// False for a rule that nothing switches on anywhere: it need not run.
    pub fn may_speak(&self, rule: &str) -> bool {
        let Some(info) = self.rules.iter().find(|r| r.id == rule) else { return false };
        let wakes = |step: &Step| step.action != Action::Change(Change::Allow);
        info.kinds.iter().any(|kind| {
            let woken = || self.steps.iter().any(|step| step.set.holds(info, kind) && wakes(step));
            Setting::of_page(kind).level != Level::Allow || woken()
        })
    }

    /// False for kinds that are in preview: they never fail a run.
    pub fn can_fail(&self, rule: &str, kind: &str) -> bool {
        self.find(rule, kind).is_none_or(|(_, info)| info.group != Group::Preview)
    }

    /// The level a kind has everywhere; for the table of `rules`.
    pub fn level(&self, rule: &str, kind: &str) -> Level {
        self.setting(rule, kind, None, false).map_or(Level::Allow, |(_, setting)| setting.level)
    }

    /// The level a kind has at a place (everywhere without one), and who said so last; `None` when it is the page.
    pub fn explained<'a>(
        &'a self,
        rule: &str,
        kind: &str,
        spot: Option<Spot<'a>>,
        indirect: bool,
    ) -> (Level, Option<&'a str>) {
        let level = self.setting(rule, kind, spot, indirect).map_or(Level::Allow, |(_, setting)| setting.level);
        let Some((rule, kind)) = self.find(rule, kind) else { return (level, None) };
        let last = self.steps_for(rule, kind, spot, indirect).next_back();
        (level, last.and_then(|step| step.origin.as_deref()))
    }
}

#[cfg(test)]
mod tests;
