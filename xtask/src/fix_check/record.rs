//! What `fix-check` found out, as text to keep: names, versions and counts. Holds no source.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asynclint::diagnostic::{Applicability, Fixed};

use super::copies::split;

/// A fix that was tried.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Tried {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) rule: String,
    pub(super) title: String,
    pub(super) safe: bool,
}

impl Tried {
    pub(super) fn new(fixed: &Fixed) -> Self {
        let (rule, title) = (fixed.rule.to_owned(), fixed.title.clone());
        let safe = fixed.applicability == Applicability::Safe;
        Self { path: fixed.path.clone(), line: fixed.line, rule, title, safe }
    }

    fn is_of(&self, name: &str) -> bool {
        self.path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// One run.
#[derive(Default)]
pub(super) struct Record {
    /// Packages that do not compile here as they are.
    pub(super) left_out: Vec<String>,
    /// Those that do.
    pub(super) packages: Vec<String>,
    /// Made by `--fix`.
    pub(super) safe: Vec<Tried>,
    pub(super) broken_by_safe: Vec<String>,
    /// Made by `--fix --unsafe-fixes`.
    pub(super) all: Vec<Tried>,
    pub(super) broken_by_all: Vec<String>,
    /// Of these the ones without which everything compiles.
    pub(super) refused: Vec<Tried>,
    /// Package, and whether its tests pass after the safe fixes.
    pub(super) tests: Vec<(String, bool)>,
}

impl Record {
    /// One line for each package, by rule what does not compile, and a sum.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for name in &self.left_out {
            let _ = writeln!(out, "{name}: left out: does not compile here");
        }
        for name in &self.packages {
            let word = |broken: &[String]| if broken.contains(name) { "BROKEN" } else { "compiles" };
            let of = |list: &[Tried]| list.iter().filter(|tried| tried.is_of(name)).count();
            let (safe, all, refused) = (of(&self.safe), of(&self.all), of(&self.refused));
            let (by_safe, by_all) = (word(&self.broken_by_safe), word(&self.broken_by_all));
            let tests = match self.tests.iter().find(|(tested, _)| tested == name) {
                Some((_, true)) => "; tests pass",
                Some((_, false)) => "; tests FAIL",
                None => "",
            };
            let _ = write!(out, "{name}: {safe} safe fixes, {by_safe}; {all} with the unsafe ones, {by_all}");
            let _ = writeln!(out, ", {refused} refused{tests}");
        }
        for (rule, (tried, refused)) in self.by_rule() {
            let _ = writeln!(out, "{rule}: {} of {tried} unsafe fixes compile", tried - refused);
        }
        for tried in &self.refused {
            let _ = writeln!(out, "refused: {}:{}: {}: {}", tried.path, tried.line, tried.rule, tried.title);
        }
        let whole = self.packages.len() - self.broken_by_all.len();
        let bold = self.all.iter().filter(|tried| !tried.safe).count();
        let good = bold - self.refused.len();
        let _ = write!(out, "{} packages: {} safe fixes; ", self.packages.len(), self.safe.len());
        let _ = writeln!(out, "{good} of {bold} unsafe ones compile; {whole} packages compile with all of them");
        out
    }

    fn by_rule(&self) -> BTreeMap<&str, (usize, usize)> {
        let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for tried in self.all.iter().filter(|tried| !tried.safe) {
            rules.entry(&tried.rule).or_default().0 += 1;
        }
        for tried in &self.refused {
            rules.entry(&tried.rule).or_default().1 += 1;
        }
        rules
    }

    /// The same as TOML.
    pub(super) fn toml(&self) -> String {
        let mut out = String::from(
            "# Fixes made on published packages, and what the compiler says (`cargo check --all-targets`) before and after.\n\
             # Made by `cargo run -p xtask -- fix-check .. --write FILE`; each package compiles as it was published.\n",
        );
        for name in &self.packages {
            let of = |list: &[Tried], safe: bool| list.iter().filter(|t| t.safe == safe && t.is_of(name)).count();
            let (package, version) = split(name);
            let _ = write!(out, "\n[[package]]\nname = \"{package}\"\nversion = \"{version}\"\n");
            let _ = writeln!(out, "safe = {}", of(&self.safe, true));
            let _ = writeln!(out, "safe-compiles = {}", !self.broken_by_safe.contains(name));
            let _ = writeln!(out, "unsafe = {}", of(&self.all, false));
            let _ = writeln!(out, "unsafe-compiles = {}", of(&self.all, false) - of(&self.refused, false));
            if let Some((_, passed)) = self.tests.iter().find(|(tested, _)| tested == name) {
                let _ = writeln!(out, "tests-pass = {passed}");
            }
        }
        out
    }
}
