//! One change of levels: for which kinds, where, to what, and who said so.

use std::sync::Arc;

use crate::base::{Area, Spot};
use crate::rules::page::{Family, Group, KindInfo, Level, RuleInfo};
use crate::rules::renamed;

use super::{Change, UnknownName};

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Set {
    All,
    Group(Group),
    Family(Family),
    Rule(&'static str),
    Kind(&'static str, &'static str),
}

const GROUPS: [(&str, Set); 11] = [
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

/// The names of all groups, the widest first.
pub fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(name, _)| *name)
}

impl Set {
    pub(super) fn parse(rules: &'static [RuleInfo], name: &str) -> Result<Self, UnknownName> {
        if let Some((_, set)) = GROUPS.iter().find(|(group, _)| *group == name) {
            return Ok(*set);
        }
        let today = renamed::today(name);
        let (rule, kind) = today.split_once('.').map_or((&*today, None), |(r, k)| (r, Some(k)));
        let known = rules.iter().find(|r| r.id == rule);
        let found = match (known, kind) {
            (Some(info), None) => Some(Self::Rule(info.id)),
            (Some(info), Some(kind)) => info.kind(kind).map(|kind| Self::Kind(info.id, kind.id)),
            (None, _) => None,
        };
        found.ok_or_else(|| UnknownName { name: name.to_owned(), nearest: nearest(rules, name) })
    }

    pub(super) fn holds(self, rule: &RuleInfo, kind: &KindInfo) -> bool {
        match self {
            Self::All => true,
            Self::Group(group) => kind.group == group,
            Self::Family(family) => rule.family == family,
            Self::Rule(id) => rule.id == id,
            Self::Kind(id, kind_id) => rule.id == id && kind.id == kind_id,
        }
    }

    /// How narrow it is: in a table, which has no order, the narrower name wins.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::All => 0,
            Self::Group(_) => 1,
            Self::Family(_) => 2,
            Self::Rule(_) => 3,
            Self::Kind(..) => 4,
        }
    }

    fn asks(self) -> bool {
        self != Self::Group(Group::Default)
    }
}

/// How narrow a name is (`all` is 0), or what looks like it.
pub fn rank(rules: &'static [RuleInfo], name: &str) -> Result<u8, UnknownName> {
    Set::parse(rules, name).map(Set::rank)
}

/// True when the group `name` holds some kind of the rule.
pub fn is_member(rule: &'static RuleInfo, name: &str) -> bool {
    let group = GROUPS.iter().find(|(group, _)| *group == name);
    group.is_some_and(|(_, set)| rule.kinds.iter().any(|kind| set.holds(rule, kind)))
}

/// The kinds that a name stands for, as `rule.kind`; none when nobody knows it.
pub fn members(rules: &'static [RuleInfo], name: &str) -> Vec<String> {
    let Ok(set) = Set::parse(rules, name) else { return Vec::new() };
    let kinds = rules.iter().flat_map(|rule| rule.kinds.iter().map(move |kind| (rule, kind)));
    kinds.filter(|(rule, kind)| set.holds(rule, kind)).map(|(rule, kind)| format!("{}.{}", rule.id, kind.id)).collect()
}

/// What happens to the kinds of a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// `-A`, `-W`, `-D` or a level in the configuration.
    Change(Change),
    /// On, at the severity of its page.
    SwitchOn,
}

/// Where a step holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// `None` for everywhere.
    pub(super) area: Option<Arc<Area>>,
    /// Only findings that reach their cause through other functions.
    pub(super) indirect: bool,
}

impl Scope {
    /// True for a finding there. Without a spot only steps that hold everywhere count.
    pub(super) fn holds(&self, spot: Option<Spot<'_>>, indirect: bool) -> bool {
        let area = self.area.as_deref();
        (indirect || !self.indirect) && area.is_none_or(|area| spot.is_some_and(|spot| area.holds(spot)))
    }
}

/// A change of levels.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) set: Set,
    pub(super) action: Action,
    pub(super) scope: Scope,
    pub(super) origin: Option<Arc<str>>,
}

/// The level of a kind on the way through the steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) level: Level,
    /// Switched on by name, family, `pedantic` or `all`: kinds that are silent in test code until asked for, speak.
    pub(super) asked: bool,
}

impl Setting {
    pub(super) fn of_page(kind: &KindInfo) -> Self {
        let level = match kind.group {
            Group::Default | Group::Preview | Group::Meta => kind.level,
            Group::Pedantic => Level::Allow,
        };
        Self { level, asked: false }
    }

    pub(super) fn after(self, step: &Step, kind: &KindInfo) -> Self {
        let on = |level| Self { level, asked: self.asked || step.set.asks() };
        let change = match step.action {
            Action::SwitchOn => return Self { level: kind.level, asked: true },
            Action::Change(change) => change,
        };
        match (change, step.set) {
            (Change::Allow, _) => Self { level: Level::Allow, asked: false },
            (Change::Note, _) => on(Level::Note),
            (Change::Deny, _) => on(Level::Deny),
            (Change::Warn, Set::Rule(_) | Set::Kind(..)) => Self { level: Level::Warn, asked: true },
            // Switches on, raises notes, and never lowers an error.
            (Change::Warn, Set::All | Set::Group(_) | Set::Family(_)) => {
                on(self.level.max(kind.level).max(Level::Warn))
            }
        }
    }
}

/// Names of rules, kinds and groups that look like `name`, nearest first, at most three.
pub fn nearest(rules: &[RuleInfo], name: &str) -> Vec<String> {
    let ids = rules.iter().map(|rule| rule.id.to_owned());
    let kinds = rules.iter().flat_map(|r| r.kinds.iter().map(move |k| format!("{}.{}", r.id, k.id)));
    let mut all: Vec<(f64, String)> = groups()
        .map(str::to_owned)
        .chain(ids)
        .chain(kinds.filter(|_| name.contains('.')))
        .map(|known| (strsim::jaro_winkler(name, &known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    all.into_iter().take(3).map(|(_, known)| known).collect()
}
