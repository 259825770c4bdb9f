//! Names that a derive or an attribute makes and that code writes by hand: the context selectors of snafu, the builders
//! of derive_builder, the mocks of mockall, the entities of sea_orm, the errors of thiserror_ext.
//!
//! `#[derive(Snafu)] enum Error { NotFound { .. } }` makes `NotFoundSnafu` beside the enum, `#[automock] trait Store` makes
//! `MockStore`. Nothing else that macros make is known.

use std::sync::LazyLock;

use crate::base::Name;
use crate::facts::{FileFacts, Item, ItemKind};

/// What such a name resolves to: it stands for no item that could be shown.
pub(super) fn made_name(item: &ItemKind, name: Name) -> Name {
    static SELECTOR: LazyLock<Name> = LazyLock::new(|| Name::new("snafu::ContextSelector"));
    match item {
        ItemKind::Trait(_) => Name::new(&format!("mockall::{name}")),
        _ if MODEL.contains(&name.as_str()) => Name::new(&format!("sea_orm::{name}Trait")),
        _ if name.as_str().ends_with("Builder") => *BUILDER,
        _ if name.as_str().ends_with("Snafu") => *SELECTOR,
        _ => Name::new(&format!("thiserror_ext::{name}")),
    }
}

/// What `DeriveEntityModel` makes beside `Model`; each stands for the trait that gives it its methods.
const MODEL: [&str; 4] = ["Entity", "Column", "PrimaryKey", "ActiveModel"];

/// The builder that `derive_builder` makes.
pub(super) static BUILDER: LazyLock<Name> = LazyLock::new(|| Name::new("derive_builder::Builder"));

/// The last segments of what an item derives.
pub fn derives<'a>(facts: &'a FileFacts, item: &'a Item) -> impl Iterator<Item = &'a str> {
    let lists = item.attrs.iter().filter(|attr| facts.paths.paths[attr.path].last() == "derive");
    lists.flat_map(|attr| attr.args.split(',')).filter_map(|one| one.trim().rsplit("::").next()).map(str::trim)
}

/// The names made beside an item.
pub(super) fn beside(facts: &FileFacts, item: &Item) -> Vec<Name> {
    if item.attrs.is_empty() {
        return Vec::new();
    }
    match &item.kind {
        ItemKind::Enum(data) if derives(facts, item).any(|one| one == "Snafu") => {
            data.variants.iter().map(|v| selector(v.name)).collect()
        }
        ItemKind::Enum(_) => newtype(facts, item).into_iter().collect(),
        ItemKind::Struct(_) => {
            let mut names = Vec::new();
            for derive in derives(facts, item) {
                match derive {
                    "Snafu" => names.push(selector(item.name)),
                    "Builder" => names.push(Name::new(&format!("{}Builder", item.name))),
                    "DeriveEntityModel" => names.extend(MODEL.map(Name::new)),
                    _ => {}
                }
            }
            names.extend(newtype(facts, item));
            names
        }
        ItemKind::Trait(_) if item.attrs.iter().any(|attr| facts.paths.paths[attr.path].last() == "automock") => {
            vec![Name::new(&format!("Mock{}", item.name))]
        }
        ItemKind::Fn(_)
        | ItemKind::Trait(_)
        | ItemKind::Impl(_)
        | ItemKind::TypeAlias(_)
        | ItemKind::Const(_)
        | ItemKind::Module(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => Vec::new(),
    }
}

/// `#[thiserror_ext(newtype(name = Error))] enum ErrorKind`: the error that wraps the kind.
fn newtype(facts: &FileFacts, item: &Item) -> Option<Name> {
    let attr = item.attrs.iter().find(|attr| facts.paths.paths[attr.path].last() == "thiserror_ext")?;
    let (_, after) = attr.args.split_once("newtype(")?;
    let (_, value) = after.split_once("name")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(value.len());
    (end > 0).then(|| Name::new(&value[..end]))
}

fn selector(name: Name) -> Name {
    let text = name.as_str();
    Name::new(&format!("{}Snafu", text.strip_suffix("Error").unwrap_or(text)))
}
