//! Settings as the rest of the program reads them: checked, typed, each with where it was said.
//!
//! Values only: how they are written in TOML is in `text`, how they are checked in `settle`.

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Confidence, Severity};
use crate::levels::TestMode;

/// Where a value was said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Origin {
    /// Nowhere: it is what holds when nobody says anything.
    #[default]
    Default,
    /// `asynclint.toml:7`, `--config`, `-D all`.
    Said(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Said(place) => f.write_str(place),
        }
    }
}

/// A value and where it was said; reads like the value itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Value<T> {
    /// The value.
    pub value: T,
    /// Where it was said.
    pub origin: Origin,
}

impl<T> Value<T> {
    /// What holds when nobody says anything.
    pub const fn default_of(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }

    /// What somebody said.
    pub const fn said(value: T, place: Arc<str>) -> Self {
        Self { value, origin: Origin::Said(place) }
    }
}

impl<T> Deref for Value<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// All settings but those of rules and of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// How test code is treated.
    pub tests: Value<TestMode>,
    /// The severity at which a run fails.
    pub fail_on: Value<Severity>,
    /// A run fails when some input could not be read.
    pub strict: Value<bool>,
    /// The terminal shows findings at or above it.
    pub min_severity: Value<Severity>,
    /// Findings below it are not reported.
    pub min_confidence: Value<Confidence>,
    /// Where not empty, only these files are reported; relative to the analysis root.
    pub include: Value<Vec<String>>,
    /// Nothing is reported in these files; relative to the analysis root.
    pub exclude: Value<Vec<String>>,
    /// Report in generated files, too.
    pub generated: Value<bool>,
    /// Larger files are not read.
    pub max_file_size: Value<u64>,
    /// Conditions of `cfg` that hold: `tokio_unstable`, `feature = "x"`.
    pub cfg: Value<Vec<String>>,
    /// The table `fix`.
    pub fix: FixSettings,
    /// The table `baseline`.
    pub baseline: BaselineSettings,
}

/// `[fix]`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FixSettings {
    /// Where not empty, only findings of these rules, kinds and groups are fixed.
    pub fixable: Value<Vec<String>>,
    /// Findings of these rules, kinds and groups are never fixed.
    pub unfixable: Value<Vec<String>>,
    /// What an untracked spawn becomes.
    pub style: Value<FixStyle>,
    /// Path of the project's own re-export of the companion crate, `crate::rt`.
    pub supervisor_path: Value<Option<String>>,
    /// The companion crate may be added to manifests.
    pub add_dependency: Value<bool>,
    /// Where the companion crate comes from.
    pub dependency: Value<Option<Dependency>>,
}

/// `fix.style`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FixStyle {
    /// `asynclint_supervisor::spawn!`.
    #[default]
    Supervisor,
    /// `tracker.spawn(..)` where one is visible.
    TaskTracker,
    /// Spawns are not rewritten.
    Off,
}

/// `fix.dependency`: exactly one of the three.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dependency {
    /// From the registry.
    Version(String),
    /// From a folder of the repository, relative to the folder of the configuration.
    Path(PathBuf),
    /// From a repository.
    Git(String),
}

/// `[baseline]`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BaselineSettings {
    /// The file, relative to the folder of the configuration; inside the analysis root.
    pub file: Value<Option<PathBuf>>,
}
