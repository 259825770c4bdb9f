//! Names that a derive makes and that code writes by hand: the context selectors of snafu.
//!
//! `#[derive(Snafu)] enum Error { NotFound { .. } }` makes `NotFoundSnafu` beside the enum. Nothing else that macros
//! make is known.

use std::sync::LazyLock;

use crate::base::Name;
use crate::facts::{FileFacts, Item, ItemKind};

/// What such a name resolves to: it stands for no item that could be shown.
pub(super) static SELECTOR: LazyLock<Name> = LazyLock::new(|| Name::new("snafu::ContextSelector"));

/// The selectors beside an error type.
pub(super) fn selectors(facts: &FileFacts, item: &Item) -> Vec<Name> {
    let variants = match &item.kind {
        ItemKind::Enum(data) => data.variants.iter().map(|v| v.name).collect(),
        ItemKind::Struct(_) => vec![item.name],
        ItemKind::Fn(_)
        | ItemKind::Trait(_)
        | ItemKind::Impl(_)
        | ItemKind::TypeAlias(_)
        | ItemKind::Const(_)
        | ItemKind::Module(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => return Vec::new(),
    };
    let derives = item.attrs.iter().any(|attr| {
        facts.paths.paths[attr.path].last() == "derive"
            && attr.args.split(',').any(|one| one.trim().rsplit("::").next() == Some("Snafu"))
    });
    if !derives {
        return Vec::new();
    }
    let selector = |name: Name| {
        let text = name.as_str();
        Name::new(&format!("{}Snafu", text.strip_suffix("Error").unwrap_or(text)))
    };
    variants.into_iter().map(selector).collect()
}
