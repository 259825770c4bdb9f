//! The TOML form of the catalogue, as serde reads it.
//!
//! One struct per table; a key that is not here is an error. Nothing is checked beyond names and shapes of keys:
//! `load` does that, because it can name the entry and a remedy.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::kinds::{Cancel, Category, Needs, OnDrop, Place, Role, Tier};
use super::type_kinds::{Entry, Flavor, GuardKind, Io, MacroShape, RuntimeName, TypeRole};

/// One file of entries.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFile {
    #[serde(rename = "fn")]
    pub(super) func: Vec<Spanned<RawCall>>,
    pub(super) method: Vec<Spanned<RawCall>>,
    #[serde(rename = "trait-method")]
    pub(super) trait_method: Vec<Spanned<RawCall>>,
    #[serde(rename = "macro")]
    pub(super) macros: Vec<Spanned<RawMacro>>,
    #[serde(rename = "type")]
    pub(super) ty: Vec<Spanned<RawType>>,
    pub(super) attribute: Vec<Spanned<RawAttribute>>,
    #[serde(rename = "module-alias")]
    pub(super) module_alias: BTreeMap<String, String>,
}

/// A user's configuration, of which only the table `api` is read here.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawConfig {
    pub(super) api: RawFile,
}

/// `[[fn]]`, `[[method]]` and `[[trait-method]]`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawCall {
    pub(super) path: Option<String>,
    #[serde(rename = "type")]
    pub(super) ty: Option<String>,
    #[serde(rename = "trait")]
    pub(super) of_trait: Option<String>,
    pub(super) on: Option<RawOn>,
    pub(super) name: Option<OneOrMany>,
    pub(super) aliases: Vec<String>,
    pub(super) blocks: Option<Category>,
    pub(super) kind: Option<String>,
    pub(super) tier: Option<Tier>,
    pub(super) tag: Option<String>,
    pub(super) io_args: Vec<usize>,
    pub(super) role: Option<Role>,
    #[serde(rename = "async")]
    pub(super) is_async: bool,
    pub(super) builder: bool,
    pub(super) returns: Option<String>,
    pub(super) runs: Vec<RawRuns>,
    pub(super) on_drop: Option<OnDrop>,
    pub(super) must_use: bool,
    pub(super) cancel: Option<Cancel>,
    pub(super) needs: Option<Needs>,
    pub(super) instead: Option<RawInstead>,
    pub(super) twin: Option<String>,
    pub(super) when: Option<RawWhen>,
    pub(super) distinctive: bool,
    pub(super) doc: Option<String>,
    pub(super) proof: Option<String>,
    pub(super) unverified: bool,
}

/// `[[type]]`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawType {
    pub(super) path: String,
    pub(super) aliases: Vec<String>,
    pub(super) params: Vec<String>,
    pub(super) is: Option<String>,
    pub(super) deref: Option<String>,
    pub(super) item: Option<String>,
    pub(super) iterator: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) sink: Option<String>,
    pub(super) output: Option<String>,
    pub(super) variants: BTreeMap<String, Vec<String>>,
    pub(super) role: Option<TypeRole>,
    pub(super) io: Option<Io>,
    pub(super) io_through: Option<String>,
    pub(super) guard: Option<GuardKind>,
    pub(super) send: Option<bool>,
    pub(super) send_feature: Option<String>,
    pub(super) on_drop: Option<OnDrop>,
    pub(super) must_use: bool,
    pub(super) runtime_bound: bool,
    pub(super) clones: bool,
    pub(super) when: Option<RawWhen>,
    pub(super) doc: Option<String>,
    pub(super) proof: Option<String>,
    pub(super) unverified: bool,
}

/// `[[macro]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMacro {
    pub(super) path: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) shape: MacroShape,
    pub(super) blocks: Option<Category>,
    pub(super) kind: Option<String>,
    pub(super) tier: Option<Tier>,
    pub(super) returns: Option<String>,
    pub(super) instead: Option<RawInstead>,
    pub(super) when: Option<RawWhen>,
    pub(super) doc: Option<String>,
    pub(super) proof: Option<String>,
    #[serde(default)]
    pub(super) unverified: bool,
}

/// `[[attribute]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAttribute {
    pub(super) path: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) entry: Entry,
    pub(super) runtime: Option<RuntimeName>,
    pub(super) flavor: Option<Flavor>,
    pub(super) when: Option<RawWhen>,
    pub(super) doc: Option<String>,
    pub(super) proof: Option<String>,
    #[serde(default)]
    pub(super) unverified: bool,
}

/// `runs = [{ arg = 0, where = "inline" }]`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRuns {
    pub(super) arg: usize,
    #[serde(rename = "where")]
    pub(super) place: Place,
    #[serde(default)]
    pub(super) params: Vec<String>,
}

/// `instead = { tokio = "..", text = ".." }`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawInstead {
    pub(super) tokio: Option<String>,
    #[serde(rename = "async-std")]
    pub(super) async_std: Option<String>,
    pub(super) smol: Option<String>,
    pub(super) text: Option<String>,
}

/// `when = { feature = "..", since = "..", until = ".." }`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWhen {
    pub(super) feature: Option<String>,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
}

/// One text or a list of texts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// `on = "future"` or `on = ["std::fs::File"]`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawOn {
    Group(super::kinds::Group),
    Types(Vec<String>),
}
