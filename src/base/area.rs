//! Which code a setting is about: path patterns, packages, test code.
//!
//! Patterns have the syntax of `.gitignore` and are compiled once. Nothing here opens a file.

use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A pattern that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadPattern {
    /// As written.
    pub pattern: String,
    /// What is wrong with it.
    pub message: String,
}

/// Patterns of files and folders.
#[derive(Clone, Debug)]
pub struct Patterns(Gitignore);

impl Patterns {
    /// Compiles `patterns`, which are relative to the analysis root.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, BadPattern> {
        let bad = |pattern: &str, error: &ignore::Error| BadPattern {
            pattern: pattern.to_owned(),
            message: error.to_string(),
        };
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            let plain = pattern.strip_prefix("./").map_or_else(|| pattern.to_owned(), |rest| format!("/{rest}"));
            builder.add_line(None, &plain).map_err(|e| bad(pattern, &e))?;
        }
        builder.build().map(Self).map_err(|e| bad("", &e))
    }

    /// True when a pattern names the file or a folder above it.
    pub fn matches(&self, path: &str) -> bool {
        let steps = Path::new(path).ancestors().filter(|step| !step.as_os_str().is_empty());
        let verdict = steps.enumerate().map(|(i, step)| self.0.matched(step, i > 0)).find(|m| !m.is_none());
        verdict.is_some_and(|m| m.is_ignore())
    }
}

/// Patterns of package names.
#[derive(Clone, Debug)]
pub struct Names(GlobSet);

impl Names {
    /// Compiles `patterns`, in which `*` stands for any text.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, BadPattern> {
        let bad = |pattern: &str, error: &globset::Error| BadPattern {
            pattern: pattern.to_owned(),
            message: error.kind().to_string(),
        };
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(Glob::new(pattern).map_err(|e| bad(pattern, &e))?);
        }
        set.build().map(Self).map_err(|e| bad("", &e))
    }

    /// True when a pattern fits the name.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// A part of the code; what is `None` does not restrict it.
#[derive(Clone, Debug, Default)]
pub struct Area {
    /// Files.
    pub paths: Option<Patterns>,
    /// Packages.
    pub crates: Option<Names>,
    /// Only test code, or only the rest.
    pub tests: Option<bool>,
}

/// A place that may lie in an area.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spot<'a> {
    /// Path relative to the analysis root.
    pub path: &'a str,
    /// Name of the package; empty for a lone file.
    pub package: &'a str,
    /// Stands in test code.
    pub in_test: bool,
}

impl Area {
    /// True when the place lies in it.
    pub fn holds(&self, spot: Spot<'_>) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.matches(spot.path))
            && self.crates.as_ref().is_none_or(|crates| crates.matches(spot.package))
            && self.tests.is_none_or(|tests| tests == spot.in_test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_all_of_its_parts() {
        let area = Area {
            paths: Some(Patterns::new(["crates/*/src/", "!crates/b/src/keep.rs"]).unwrap()),
            crates: Some(Names::new(["app-*"]).unwrap()),
            tests: Some(false),
        };
        let spot = Spot { path: "crates/a/src/x.rs", package: "app-a", in_test: false };
        assert!(area.holds(spot));
        assert!(!area.holds(Spot { in_test: true, ..spot }));
        assert!(!area.holds(Spot { package: "lib", ..spot }));
        assert!(!area.holds(Spot { path: "src/x.rs", ..spot }));
        assert!(!area.holds(Spot { path: "crates/b/src/keep.rs", ..spot }));
        assert!(Area::default().holds(Spot::default()));
        assert!(Patterns::new(["a[z-a]"]).is_err());
    }
}
