//! The TOML form of a configuration, as serde reads it: names and shapes of keys, with their places.
//!
//! A key that is not here is an error. What the words mean is checked in `settle`, which can name a remedy.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::catalog::ApiTable;

pub(super) type Text = Spanned<String>;
pub(super) type List = Spanned<Vec<Text>>;

/// A whole configuration.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct ConfigText {
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    pub(super) tests: Option<Text>,
    pub(super) fail_on: Option<Text>,
    pub(super) strict: Option<Spanned<bool>>,
    pub(super) min_severity: Option<Text>,
    pub(super) min_confidence: Option<Text>,
    pub(super) include: Option<List>,
    pub(super) exclude: Option<List>,
    pub(super) generated: Option<Spanned<bool>>,
    pub(super) max_file_size: Option<Spanned<u64>>,
    pub(super) cfg: Option<List>,
    pub(super) rules: BTreeMap<Text, Spanned<RuleText>>,
    pub(super) overrides: Vec<Spanned<OverrideText>>,
    pub(super) api: Option<ApiTable>,
    pub(super) fix: FixText,
    pub(super) baseline: BaselineText,
}

/// `[[overrides]]`.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct OverrideText {
    pub(super) paths: Option<List>,
    pub(super) crates: Option<List>,
    pub(super) tests: Option<Spanned<bool>>,
    pub(super) rules: BTreeMap<Text, Spanned<RuleText>>,
}

/// `[fix]`.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct FixText {
    pub(super) fixable: Option<List>,
    pub(super) unfixable: Option<List>,
    pub(super) style: Option<Text>,
    pub(super) supervisor_path: Option<Text>,
    pub(super) add_dependency: Option<Spanned<bool>>,
    pub(super) dependency: Option<Spanned<DependencyText>>,
}

/// `fix.dependency`.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct DependencyText {
    pub(super) version: Option<Text>,
    pub(super) path: Option<Text>,
    pub(super) git: Option<Text>,
}

/// `[baseline]`.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct BaselineText {
    pub(super) file: Option<Text>,
}

/// The part of a `Cargo.toml` that is read here.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ManifestText {
    pub(super) workspace: Metadata,
    pub(super) package: Metadata,
}

/// `[workspace]` or `[package]`, of which only the metadata matter.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) metadata: Tools,
}

/// `[workspace.metadata]` or `[package.metadata]`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Tools {
    pub(super) asynclint: Option<Spanned<ConfigText>>,
}

/// What stands behind the name of a rule, kind or group.
#[derive(Debug)]
pub(super) enum RuleText {
    /// `"deny"`.
    Level(String),
    /// `{ level = "deny", kinds = { .. }, options .. }`.
    Table(RuleTable),
}

/// The long form.
#[derive(Debug, Default)]
pub(super) struct RuleTable {
    pub(super) level: Option<Text>,
    pub(super) kinds: Vec<(Text, Text)>,
    /// Every other key: an option, or a mistake.
    pub(super) options: Vec<(Text, Spanned<toml::Value>)>,
}

impl<'de> Deserialize<'de> for RuleText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = RuleText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a level (`\"allow\"`, `\"note\"`, `\"warn\"`, `\"deny\"`) or a table")
    }

    fn visit_str<E>(self, level: &str) -> Result<RuleText, E> {
        Ok(RuleText::Level(level.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RuleText, A::Error> {
        let mut table = RuleTable::default();
        while let Some(key) = map.next_key::<Text>()? {
            match key.get_ref().as_str() {
                "level" => table.level = Some(map.next_value()?),
                "kinds" => table.kinds = map.next_value::<BTreeMap<Text, Text>>()?.into_iter().collect(),
                _ => table.options.push((key, map.next_value()?)),
            }
        }
        Ok(RuleText::Table(table))
    }
}
