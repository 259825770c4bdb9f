//! `cfg` conditions in three values, against one fixed profile.
//!
//! The profile is a release build for a Linux machine; features and everything else that a build may choose are unknown.
//! Test code is a second axis: a condition that only holds in tests makes its item test code, not a false item.
//! Nothing here reads the machine it runs on.

use crate::base::Name;
use crate::facts::Cfg;
use crate::hir::names::{CfgState, Truth};

/// Values for which a fixed answer exists, beside `test`.
const FALSE_FLAGS: [&str; 12] = [
    "windows",
    "macos",
    "wasm",
    "miri",
    "loom",
    "shuttle",
    "madsim",
    "kani",
    "doc",
    "doctest",
    "never",
    "debug_assertions",
];
const TRUE_FLAGS: [&str; 3] = ["unix", "linux", "true"];

/// The fixed profile and the truths that the user added.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    truths: Vec<(Name, Option<Name>)>,
}

impl Profile {
    /// A profile in which `tokio_unstable` or `feature = "x"` holds.
    pub fn new<'a>(truths: impl IntoIterator<Item = &'a str>) -> Self {
        let truths = truths.into_iter().filter_map(|text| match text.split_once('=') {
            Some((key, value)) => Some((Name::new(key.trim()), Some(Name::new(value.trim().trim_matches('"'))))),
            None if text.trim().is_empty() => None,
            None => Some((Name::new(text.trim()), None)),
        });
        Self { truths: truths.collect() }
    }

    /// The value of a condition and whether it marks test code.
    pub fn state(&self, cfg: &Cfg) -> CfgState {
        let outside = self.value(cfg, Truth::False);
        let inside = self.value(cfg, Truth::True);
        if outside != Truth::True && inside != Truth::False && asks_for_test(cfg) {
            CfgState { truth: inside, test: true }
        } else {
            CfgState { truth: outside, test: false }
        }
    }

    /// As `state`, where there may be no condition.
    pub fn optional(&self, cfg: Option<&Cfg>) -> CfgState {
        cfg.map_or(CfgState::ALWAYS, |cfg| self.state(cfg))
    }

    fn value(&self, cfg: &Cfg, test: Truth) -> Truth {
        match cfg {
            Cfg::All(parts) => parts.iter().map(|p| self.value(p, test)).min().unwrap_or(Truth::True),
            Cfg::Any(parts) => parts.iter().map(|p| self.value(p, test)).max().unwrap_or(Truth::False),
            Cfg::Not(part) => match self.value(part, test) {
                Truth::False => Truth::True,
                Truth::Unknown => Truth::Unknown,
                Truth::True => Truth::False,
            },
            Cfg::Flag(flag) => self.flag(*flag, test),
            Cfg::Value(key, value) => self.pair(*key, *value),
        }
    }

    fn flag(&self, flag: Name, test: Truth) -> Truth {
        let text = flag.as_str();
        if text == "test" {
            test
        } else if TRUE_FLAGS.contains(&text) || self.truths.contains(&(flag, None)) {
            Truth::True
        } else if FALSE_FLAGS.contains(&text) {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    fn pair(&self, key: Name, value: Name) -> Truth {
        if self.truths.contains(&(key, Some(value))) {
            return Truth::True;
        }
        let known = |is: bool| if is { Truth::True } else { Truth::False };
        match (key.as_str(), value.as_str()) {
            ("target_os", os) => known(os == "linux"),
            ("target_family", family) => known(family == "unix"),
            ("target_vendor", "apple") | ("target_arch", "wasm32" | "wasm64") => Truth::False,
            _ => Truth::Unknown,
        }
    }
}

/// A condition, and whether it must hold.
pub type Literal<'a> = (&'a Cfg, bool);

/// `all(a, not(any(b, c)))` is `a`, not `b`, not `c`.
pub fn flatten<'a>(cfg: &'a Cfg, holds: bool, out: &mut Vec<Literal<'a>>) {
    match (cfg, holds) {
        (Cfg::All(parts), true) | (Cfg::Any(parts), false) => parts.iter().for_each(|part| flatten(part, holds, out)),
        (Cfg::Not(part), _) => flatten(part, !holds, out),
        (Cfg::All(_), false) | (Cfg::Any(_), true) | (Cfg::Flag(_) | Cfg::Value(..), _) => out.push((cfg, holds)),
    }
}

/// The rest leaves no way to satisfy a condition.
pub fn contradicts((cfg, holds): Literal<'_>, all: &[Literal<'_>]) -> bool {
    if all.iter().any(|(other, value)| *other == cfg && *value != holds) {
        return true;
    }
    match (cfg, holds) {
        // One of the parts must be as wanted.
        (Cfg::Any(parts), true) | (Cfg::All(parts), false) => parts.iter().all(|part| {
            let mut needed = Vec::new();
            flatten(part, holds, &mut needed);
            needed.iter().any(|(cfg, holds)| all.iter().any(|(other, value)| other == cfg && value != holds))
        }),
        (Cfg::All(_), true) | (Cfg::Any(_), false) | (Cfg::Not(_) | Cfg::Flag(_) | Cfg::Value(..), _) => false,
    }
}

/// No build fulfils both: what one asks for, the other forbids.
pub fn contradict(one: &Cfg, other: &Cfg) -> bool {
    let mut literals = Vec::new();
    flatten(one, true, &mut literals);
    flatten(other, true, &mut literals);
    literals.iter().any(|literal| contradicts(*literal, &literals))
}

/// `test`, `all(test, ..)`, `any(test, ..)`.
fn asks_for_test(cfg: &Cfg) -> bool {
    match cfg {
        Cfg::All(parts) | Cfg::Any(parts) => parts.iter().any(asks_for_test),
        Cfg::Flag(flag) => *flag == "test",
        Cfg::Not(_) | Cfg::Value(..) => false,
    }
}

/// Reads the text between the parentheses of an inner `#![cfg(..)]`; `None` for text that is no condition.
pub fn parse(text: &str) -> Option<Cfg> {
    let mut rest = text.trim();
    let cfg = predicate(&mut rest)?;
    rest.trim_matches([',', ' ', '\n', '\t', '\r']).is_empty().then_some(cfg)
}

fn predicate(rest: &mut &str) -> Option<Cfg> {
    let text = rest.trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    if word.is_empty() {
        return None;
    }
    let after = after.trim_start();
    if let Some(inner) = after.strip_prefix('(') {
        *rest = inner;
        let mut parts = arguments(rest)?;
        return match word {
            "all" => Some(Cfg::All(parts)),
            "any" => Some(Cfg::Any(parts)),
            "not" if parts.len() == 1 => parts.pop().map(|part| Cfg::Not(Box::new(part))),
            _ => None,
        };
    }
    let Some(value) = after.strip_prefix('=') else {
        *rest = after;
        return Some(Cfg::Flag(Name::new(word)));
    };
    let value = value.trim_start().strip_prefix('"')?;
    let close = value.find('"')?;
    *rest = &value[close + 1..];
    Some(Cfg::Value(Name::new(word), Name::new(&value[..close])))
}

fn arguments(rest: &mut &str) -> Option<Vec<Cfg>> {
    let mut parts = Vec::new();
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            *rest = after;
            return Some(parts);
        }
        if let Some(after) = rest.strip_prefix(',') {
            *rest = after;
            continue;
        }
        parts.push(predicate(rest)?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> (Truth, bool) {
        let state = Profile::new(["tokio_unstable"]).state(&parse(text).expect("a condition"));
        (state.truth, state.test)
    }

    #[test]
    fn what_one_place_asks_for_and_another_forbids() {
        let apart = |a: &str, b: &str| contradict(&parse(a).expect("a condition"), &parse(b).expect("a condition"));
        assert!(apart("feature = \"a\"", "not(feature = \"a\")"));
        assert!(apart("all(unix, feature = \"a\")", "not(any(feature = \"a\", feature = \"b\"))"));
        assert!(apart("any(feature = \"a\", feature = \"b\")", "not(any(feature = \"b\", feature = \"a\"))"));
        assert!(apart("not(all(feature = \"a\", unix))", "all(feature = \"a\", unix)"));
        assert!(!apart("feature = \"a\"", "feature = \"b\""));
        assert!(!apart("any(feature = \"a\", feature = \"b\")", "not(feature = \"a\")"));
        assert!(!apart("not(feature = \"a\")", "not(feature = \"b\")"));
    }

    #[test]
    fn conditions_have_three_values_and_a_test_axis() {
        assert_eq!(state("unix"), (Truth::True, false));
        assert_eq!(state("all(not(windows), target_os = \"linux\")"), (Truth::True, false));
        assert_eq!(state("any(windows, target_arch = \"wasm32\")"), (Truth::False, false));
        assert_eq!(state("feature = \"x\""), (Truth::Unknown, false));
        assert_eq!(state("tokio_unstable"), (Truth::True, false));
        assert_eq!(state("test"), (Truth::True, true));
        assert_eq!(state("any(test, feature = \"testing\",)"), (Truth::True, true));
        assert_eq!(state("all(test, windows)"), (Truth::False, false));
        assert_eq!(state("not(test)"), (Truth::True, false));
        assert_eq!(state("any(unix, test)"), (Truth::True, false));
    }
}
