//! What a project says about fixes: the table `[fix]` of its configuration.
//!
//! Plain values; nothing here reads a file.

/// Settings for fixes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Rules, or `rule.kind`, whose fixes are made; all when `None`.
    pub fixable: Option<Vec<String>>,
    /// Rules, or `rule.kind`, whose fixes are never made.
    pub unfixable: Vec<String>,
    /// How lost tasks are repaired.
    pub style: Style,
    /// The path under which the project re-exports the companion crate: `crate::rt`.
    pub supervisor_path: Option<String>,
    /// The companion crate may be added to manifests.
    pub add_dependency: bool,
    /// Where the companion crate comes from when it is added.
    pub dependency: Dependency,
}

/// How lost tasks are repaired.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Style {
    /// With the macros of the companion crate.
    #[default]
    Supervisor,
    /// Through a `TaskTracker` where one can be named.
    TaskTracker,
    /// Not at all.
    Off,
}

/// Source of a dependency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dependency {
    /// From the registry.
    Version(String),
    /// A folder; relative to the analysis root.
    Path(String),
    /// A repository.
    Git(String),
}

impl Default for Dependency {
    fn default() -> Self {
        Self::Version("0.1".to_owned())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fixable: None,
            unfixable: Vec::new(),
            style: Style::default(),
            supervisor_path: None,
            add_dependency: false,
            dependency: Dependency::default(),
        }
    }
}

impl Options {
    /// Fixes of this rule and kind may be made.
    pub(super) fn allows(&self, rule: &str, kind: &str) -> bool {
        let names = |name: &String| {
            name == "all" || name == rule || name.split_once('.').is_some_and(|(r, k)| r == rule && k == kind)
        };
        self.fixable.as_ref().is_none_or(|list| list.iter().any(names)) && !self.unfixable.iter().any(names)
    }
}
