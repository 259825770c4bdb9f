//! `[package.metadata.asynclint]` of a member: levels and options of its own package, behind everything that the workspace says.
//!
//! Only the table `rules` is read there: what is about a whole run is said once, at the root.

use std::sync::Arc;

use toml::Spanned;

use crate::base::Area;
use crate::base::area::Names;
use crate::levels::Assignment;
use crate::rules::options::OptionSetting;

use super::error::{ConfigError, Source};
use super::settle::{Layer, settle_member};
use super::text::ManifestText;
use super::{Config, UnknownRule};

/// What a member says about itself.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Levels, in the order in which they are applied.
    pub levels: Vec<Assignment>,
    /// Options of rules.
    pub options: Vec<OptionSetting>,
    /// Keys that mean nothing there.
    pub ignored: Vec<String>,
    /// Names of rules that do not exist.
    pub unknown: Vec<UnknownRule>,
}

/// Reads the manifest of a member; `path` is how outputs show it.
pub fn read(package: &str, path: &str, text: &str) -> Result<Member, Vec<ConfigError>> {
    let source = Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(text).into());
    let manifest: ManifestText = toml::from_str(&source.text).map_err(|error| vec![source.toml_error(&error)])?;
    let Some(said) = manifest.package.metadata.asynclint.map(Spanned::into_inner) else { return Ok(Member::default()) };
    let names = Names::new([package]).ok();
    let area = Arc::new(Area { paths: None, crates: names, tests: None });
    let settled = settle_member(&Layer { source: &source, is_file: true }, said.rules, &area)?;
    let Config { levels, options, unknown, .. } = settled;
    Ok(Member { levels, options, unknown, ignored: other_keys(&source.text) })
}

/// The keys of the table besides `rules`.
fn other_keys(manifest: &str) -> Vec<String> {
    let table = toml::from_str::<toml::Table>(manifest).ok();
    let path = ["package", "metadata", "asynclint"];
    let table = path.iter().try_fold(table.as_ref(), |table, key| Some(table?.get(*key)?.as_table())).flatten();
    table.into_iter().flat_map(toml::Table::keys).filter(|key| *key != "rules").cloned().collect()
}

impl Config {
    /// Puts what a member says behind all else.
    pub fn join(&mut self, member: &Member) {
        self.levels.extend(member.levels.iter().cloned());
        self.options.extend(member.options.iter().cloned());
    }
}
