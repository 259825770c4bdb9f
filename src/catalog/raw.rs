//! The TOML form of the catalogue, as serde reads it.
//!
//! One struct per table; a key that is not here is an error. Nothing is checked beyond names and shapes of keys:
//! `load` does that, because it can name the entry and a remedy.

use std::collections::BTreeMap;

use serde::de::{IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::expand::expand_path;
use super::kinds::{Cancel, Category, Group, Needs, OnDrop, Place, Role, Tier};
use super::type_kinds::{Entry, Flavor, GuardKind, Io, MacroShape, RuntimeName, TypeRole};

/// One file of entries; the table `api` of a user's configuration has the same form.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct RawFile {
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

impl RawFile {
    /// True when it says nothing.
    pub fn is_empty(&self) -> bool {
        let calls = [&self.func, &self.method, &self.trait_method];
        calls.iter().all(|calls| calls.is_empty())
            && self.macros.is_empty()
            && self.ty.is_empty()
            && self.attribute.is_empty()
            && self.module_alias.is_empty()
    }

    /// The paths of functions and types that it names, with the bytes of their entry.
    pub fn paths(&self) -> Vec<(String, std::ops::Range<usize>)> {
        let expanded = |path: &str| expand_path(path).unwrap_or_default();
        let of_call = |call: &RawCall| {
            let owner = call.ty.as_ref().or(call.of_trait.as_ref());
            let Some(owner) = owner else { return call.path.as_deref().map(expanded).unwrap_or_default() };
            let names = call.name.as_ref().map_or(&[][..], OneOrMany::as_slice);
            let with_names = |owner: String| names.iter().map(move |name| format!("{owner}::{name}"));
            expanded(owner).into_iter().flat_map(with_names).collect()
        };
        let calls = [&self.func, &self.method, &self.trait_method].into_iter().flatten();
        let calls = calls.map(|entry| (of_call(entry.get_ref()), entry.span()));
        let types = self.ty.iter().map(|entry| (expanded(&entry.get_ref().path), entry.span()));
        let each = |(paths, span): (Vec<String>, std::ops::Range<usize>)| {
            paths.into_iter().map(move |path| (path, span.clone()))
        };
        calls.chain(types).flat_map(each).collect()
    }
}

impl std::fmt::Debug for RawFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawFile").field("paths", &self.paths()).finish_non_exhaustive()
    }
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
    pub(super) given: Vec<String>,
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
    pub(super) index: Option<String>,
    pub(super) iterator: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) sink: Option<String>,
    pub(super) output: Option<String>,
    pub(super) variants: BTreeMap<String, Vec<String>>,
    pub(super) fields: BTreeMap<String, String>,
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

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrList("a text or a list of texts")).map(|either| match either {
            Either::Text(text) => Self::One(text),
            Either::List(texts) => Self::Many(texts),
        })
    }
}

/// `on = "future"` or `on = ["std::fs::File"]`.
pub(super) enum RawOn {
    Group(Group),
    Types(Vec<String>),
}

impl<'de> Deserialize<'de> for RawOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(TextOrList("the name of a group or a list of types"))? {
            Either::Text(text) => Group::deserialize(text.into_deserializer()).map(Self::Group),
            Either::List(types) => Ok(Self::Types(types)),
        }
    }
}

enum Either {
    Text(String),
    List(Vec<String>),
}

/// Reads either form; an untagged enum would hide in its error what was wrong. Holds what was expected.
struct TextOrList(&'static str);

impl<'de> Visitor<'de> for TextOrList {
    type Value = Either;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<Either, E> {
        Ok(Either::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Either, A::Error> {
        let mut list = Vec::new();
        while let Some(text) = seq.next_element()? {
            list.push(text);
        }
        Ok(Either::List(list))
    }
}
