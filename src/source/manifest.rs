//! `Cargo.toml` as it is written: the part that discovery needs.
//!
//! One file at a time, nothing inherited, nothing looked up. Keys that do not matter here are not even checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::package::DependencyKind;
use super::problem::Problem;
use crate::base::ProblemKind;

/// A value, or `{ workspace = true }` in its place.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum Inherit<T> {
    Own(T),
    Shared { workspace: bool },
}

impl<T> Inherit<T> {
    /// The value as it holds, where `shared` is what the workspace says.
    pub(super) fn or<'a>(&'a self, shared: Option<&'a T>) -> Option<&'a T> {
        match self {
            Self::Own(value) => Some(value),
            Self::Shared { workspace } => shared.filter(|_| *workspace),
        }
    }
}

/// `false`, `true` or a list; a path in the case of `build`.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum Switch {
    Flag(bool),
    Text(String),
    List(Vec<String>),
}

/// A whole manifest.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Manifest {
    pub(super) package: Option<PackageTable>,
    #[serde(rename = "project")]
    old_package: Option<PackageTable>,
    pub(super) workspace: Option<WorkspaceTable>,
    pub(super) lib: Option<TargetTable>,
    pub(super) bin: Vec<TargetTable>,
    pub(super) example: Vec<TargetTable>,
    pub(super) test: Vec<TargetTable>,
    pub(super) bench: Vec<TargetTable>,
    dependencies: BTreeMap<String, DependencyEntry>,
    #[serde(alias = "dev_dependencies")]
    dev_dependencies: BTreeMap<String, DependencyEntry>,
    #[serde(alias = "build_dependencies")]
    build_dependencies: BTreeMap<String, DependencyEntry>,
    target: BTreeMap<String, PlatformTables>,
    pub(super) features: BTreeMap<String, Vec<String>>,
    profile: BTreeMap<String, ProfileTable>,
    pub(super) patch: BTreeMap<String, BTreeMap<String, DependencyEntry>>,
}

/// `[profile.<name>]`.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(default)]
struct ProfileTable {
    panic: Option<String>,
}

/// The tables of dependencies below `[target.'..']`.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(rename_all = "kebab-case", default)]
struct PlatformTables {
    dependencies: BTreeMap<String, DependencyEntry>,
    #[serde(alias = "dev_dependencies")]
    dev_dependencies: BTreeMap<String, DependencyEntry>,
    #[serde(alias = "build_dependencies")]
    build_dependencies: BTreeMap<String, DependencyEntry>,
}

/// One entry of any table of dependencies.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) key: &'a str,
    pub(super) entry: &'a DependencyEntry,
    pub(super) kind: DependencyKind,
    pub(super) platform: Option<&'a str>,
}

impl Manifest {
    /// The profile `release` of this manifest says `panic = "abort"`. A profile that inherits it builds some of what is shipped, and
    /// whoever installs the program from source gets `release`.
    pub(super) fn aborts_on_panic(&self) -> bool {
        self.profile.get("release").is_some_and(|profile| profile.panic.as_deref() == Some("abort"))
    }

    /// All dependencies, of all tables.
    pub(super) fn listed(&self) -> impl Iterator<Item = Listed<'_>> {
        use DependencyKind::{Build, Dev, Normal};
        let own = [(&self.dependencies, Normal), (&self.dev_dependencies, Dev), (&self.build_dependencies, Build)];
        let own = own.into_iter().map(|(table, kind)| (table, kind, None));
        let platforms = self.target.iter().flat_map(|(platform, tables)| {
            [(&tables.dependencies, Normal), (&tables.dev_dependencies, Dev), (&tables.build_dependencies, Build)]
                .map(|(table, kind)| (table, kind, Some(platform.as_str())))
        });
        own.chain(platforms).flat_map(|(table, kind, platform)| {
            table.iter().map(move |(key, entry)| Listed { key, entry, kind, platform })
        })
    }
}

/// `[package]`.
#[derive(Clone, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub(super) struct PackageTable {
    pub(super) name: String,
    pub(super) version: Option<Inherit<String>>,
    pub(super) edition: Option<Inherit<String>>,
    pub(super) publish: Option<Inherit<Switch>>,
    pub(super) build: Option<Switch>,
    pub(super) workspace: Option<String>,
    pub(super) autolib: Option<bool>,
    pub(super) autobins: Option<bool>,
    pub(super) autoexamples: Option<bool>,
    pub(super) autotests: Option<bool>,
    pub(super) autobenches: Option<bool>,
    #[serde(default)]
    metadata: Tools,
}

/// `[package.metadata]`, of which only one question is asked.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(default)]
struct Tools {
    asynclint: Option<serde::de::IgnoredAny>,
}

impl PackageTable {
    /// There is a table `[package.metadata.asynclint]`.
    pub(super) const fn is_configured(&self) -> bool {
        self.metadata.asynclint.is_some()
    }
}

/// `[workspace]`.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct WorkspaceTable {
    pub(super) members: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) package: SharedPackage,
    pub(super) dependencies: BTreeMap<String, DependencyEntry>,
}

/// `[workspace.package]`.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(default)]
pub(super) struct SharedPackage {
    pub(super) version: Option<String>,
    pub(super) edition: Option<String>,
    pub(super) publish: Option<Switch>,
}

/// `[lib]`, `[[bin]]` and the like.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct TargetTable {
    pub(super) name: Option<String>,
    pub(super) path: Option<String>,
    #[serde(alias = "proc_macro")]
    pub(super) proc_macro: Option<bool>,
    #[serde(alias = "crate_type")]
    pub(super) crate_type: Option<Vec<String>>,
}

/// `dep = "1"` or `dep = { .. }`.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum DependencyEntry {
    Version(String),
    Table(Box<DependencyTable>),
}

/// The long form of a dependency.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct DependencyTable {
    pub(super) version: Option<String>,
    pub(super) package: Option<String>,
    pub(super) path: Option<String>,
    pub(super) optional: Option<bool>,
    pub(super) features: Vec<String>,
    #[serde(alias = "default_features")]
    pub(super) default_features: Option<bool>,
    pub(super) workspace: Option<bool>,
}

impl DependencyEntry {
    /// Both forms as the long one.
    pub(super) fn table(&self) -> DependencyTable {
        match self {
            Self::Version(version) => DependencyTable { version: Some(version.clone()), ..DependencyTable::default() },
            Self::Table(table) => (**table).clone(),
        }
    }

    /// `workspace = true`.
    pub(super) fn is_shared(&self) -> bool {
        match self {
            Self::Version(_) => false,
            Self::Table(table) => table.workspace == Some(true),
        }
    }

    /// The name of its package, where it differs from the key.
    pub(super) fn package(&self) -> Option<&str> {
        match self {
            Self::Version(_) => None,
            Self::Table(table) => table.package.as_deref(),
        }
    }

    /// Where it lies, as written.
    pub(super) fn path(&self) -> Option<&str> {
        match self {
            Self::Version(_) => None,
            Self::Table(table) => table.path.as_deref(),
        }
    }
}

/// What is wrong with a manifest, and where.
#[derive(Debug)]
pub(super) struct BadManifest {
    pub(super) message: String,
    pub(super) bytes: Option<(usize, usize)>,
    pub(super) text: Option<Arc<str>>,
}

/// Reads the text of a manifest.
pub(super) fn parse(text: &Arc<str>) -> Result<Manifest, BadManifest> {
    let mut manifest: Manifest = toml::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(|error| {
        let shift = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let first = error.message().lines().next().unwrap_or("cannot be read").to_owned();
        let bytes = error.span().map(|s| (s.start + shift, s.end + shift));
        BadManifest { message: first, bytes, text: Some(Arc::clone(text)) }
    })?;
    if manifest.package.is_none() {
        manifest.package = manifest.old_package.take();
    }
    if manifest.package.is_none() && manifest.workspace.is_none() {
        let message = "has neither `[package]` nor `[workspace]`".to_owned();
        return Err(BadManifest { message, bytes: None, text: None });
    }
    Ok(manifest)
}

/// `base/path` without `.` and `..`; `None` where it would climb above the start of a relative base.
pub(super) fn join(base: &Path, path: &str) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in base.join(path.replace('\\', "/")).components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            std::path::Component::Prefix(_) | std::path::Component::RootDir | std::path::Component::Normal(_) => {
                out.push(part);
            }
        }
    }
    Some(out)
}

impl BadManifest {
    /// As a problem of the file that is shown as `path`.
    pub(super) fn problem(&self, path: String) -> Problem {
        let mut problem = Problem::at_path(ProblemKind::BadManifest, path, self.message.clone());
        if let Some((start, end)) = self.bytes {
            problem = problem.with_bytes(start, end);
        }
        match &self.text {
            Some(text) => problem.with_text(text),
            None => problem,
        }
    }
}
