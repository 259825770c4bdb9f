//! Configuration: `asynclint.toml` and its other places become checked, typed settings that know where they were said.
//!
//! In the order of work: `find` and `text` read, `settle` checks, `show` and `schema` describe. A configuration is data: it names no
//! command, no plugin and nothing outside the analysis root, and nothing is executed because of it.

mod claims;
mod error;
mod find;
mod flags;
pub mod init;
pub mod member;
mod paths;
mod rules;
pub mod schema;
pub mod settings;
mod settle;
pub mod show;
mod text;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::Area;
use crate::catalog::Catalog;
use crate::levels::{Assignment, Levels};
use crate::rules::options::OptionSetting;
use crate::rules::page;

pub use claims::{Claim, Subject};
pub use error::{ConfigError, Source};
pub use find::{Home, Reader, Wanted, find};
pub use flags::is_setting;
pub use settings::{BaselineSettings, Dependency, FixSettings, FixStyle, Origin, Settings, Value};

/// A configuration that was read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it stands in; `None` when there is none.
    pub file: Option<ConfigFile>,
    /// Folder that relative paths start from, relative to the analysis root; empty for the root itself.
    pub base: String,
    /// Everything but rules.
    pub settings: Settings,
    /// Levels, in the order in which they are applied.
    pub levels: Vec<Assignment>,
    /// Options of rules; the last one that fits wins.
    pub options: Vec<OptionSetting>,
    /// Parts of the code with levels and options of their own.
    pub overrides: Vec<Override>,
    /// Built-in entries and those of the table `api`; `None` when there is no such table: the built-in ones are not read for this.
    pub catalog: Option<&'static Catalog>,
    /// What should be somewhere in the workspace.
    pub claims: Vec<Claim>,
    /// Names of rules that do not exist: warnings, so that one file serves two versions.
    pub unknown: Vec<UnknownRule>,
    /// Names that are not those of today; their settings hold.
    pub renamed: Vec<Renamed>,
    /// The tables of members are read, too: nobody asked for another configuration or for none.
    pub reads_members: bool,
}

/// The file of a configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigFile {
    /// As outputs show it: relative to the analysis root.
    pub path: String,
    /// Where it lies.
    pub abs: PathBuf,
    /// What it says.
    pub text: Arc<str>,
    /// The folder it speaks about.
    pub folder: PathBuf,
}

/// One of `[[overrides]]`.
#[derive(Clone, Debug)]
pub struct Override {
    /// Patterns as written.
    pub paths: Vec<String>,
    /// Packages as written.
    pub crates: Vec<String>,
    /// Only test code, or only the rest.
    pub tests: Option<bool>,
    /// The same, compiled; its levels and options share it.
    pub area: Arc<Area>,
    /// Who said so.
    pub origin: Arc<str>,
}

/// A rule, kind or group that a configuration names and that does not exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownRule {
    /// As written.
    pub name: String,
    /// Its bytes in the file.
    pub span: (u32, u32),
    /// Names that look like it, nearest first.
    pub nearest: Vec<String>,
}

/// A name that a rule or kind had before, or has elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renamed {
    /// As written.
    pub old: String,
    /// What to write.
    pub new: String,
    /// Its bytes in the file.
    pub span: (u32, u32),
}

impl Config {
    /// A path of this configuration as one relative to the analysis root, with `/`.
    pub fn in_root(&self, path: &Path) -> String {
        paths::in_root(&self.base, path)
    }

    /// The file of the baseline, relative to the analysis root, where the configuration names one.
    pub fn baseline_file(&self) -> Option<String> {
        self.settings.baseline.file.as_deref().map(|file| self.in_root(file))
    }

    /// Levels as the pages and this configuration say; flags come on top.
    pub fn levels(&self) -> Levels {
        let mut levels = Levels::new(page::all(), *self.settings.tests);
        for assignment in &self.levels {
            // Names were looked up when the configuration was read.
            let _known = levels.assign(assignment);
        }
        levels
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            file: None,
            base: String::new(),
            settings: Settings::default(),
            levels: Vec::new(),
            options: Vec::new(),
            overrides: Vec::new(),
            catalog: None,
            claims: Vec::new(),
            unknown: Vec::new(),
            renamed: Vec::new(),
            reads_members: true,
        }
    }
}

#[cfg(test)]
mod tests;
