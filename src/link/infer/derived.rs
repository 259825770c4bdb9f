//! Associated functions that nobody wrote: made by a derive, provided by a trait of the standard library, or conventional.
//!
//! `T::default()` and `T::from(..)` give a `T` by the definition of their traits. Whatever rests on a name alone is likely.

use crate::base::Name;
use crate::hir::known::known;
use crate::hir::ty::{Ty, TyKind};

use super::super::derived;
use super::super::types::World;
use super::Infer;

/// The type that a derived builder makes stands as its argument.
const BUILDERS: [&str; 2] = ["derive_builder::Builder", "bon::Builder"];

/// What a conventional function of `ty` gives, and whether that is a guess; `None` when nothing is known.
pub(super) fn made(world: World<'_>, ty: Ty, name: Name) -> Option<(Ty, bool)> {
    let text = name.as_str();
    if let TyKind::Adt(def, _) = ty.kind() {
        let (file, item) = world.item(*def);
        let derives = |wanted: &[&str]| derived::derives(&world.facts[file], item).any(|one| wanted.contains(&one));
        let found = match text {
            "default" => (ty, !derives(&["Default", "Message"])),
            "parse" | "parse_from" if derives(&["Parser", "StructOpt"]) => (ty, false),
            "try_parse" | "try_parse_from" if derives(&["Parser"]) => (fallible(ty), false),
            "decode" | "decode_length_delimited" if derives(&["Message"]) => (fallible(ty), false),
            "builder" if derives(&["Builder", "TypedBuilder"]) => {
                (Ty::foreign(Name::new("bon::Builder"), vec![ty]), true)
            }
            "clone" => (ty, false),
            _ => return by_name(ty, text).map(|found| (found, true)),
        };
        return Some(found);
    }
    match ty.kind() {
        TyKind::Prim(_) if is_constant(text) => Some((ty, false)),
        TyKind::Prim(_) | TyKind::Slice(_) | TyKind::Tuple(_) => by_name(ty, text).map(|found| (found, false)),
        TyKind::Param(..) | TyKind::TraitSelf(_) if matches!(text, "default" | "from" | "try_from" | "from_str") => {
            by_name(ty, text).map(|found| (found, false))
        }
        _ => None,
    }
}

/// `new`, `default`, `with_*`, `from_*` of a type give that type (decision M22); `try_from` and `from_str` may fail.
pub(super) fn by_name(owner: Ty, name: &str) -> Option<Ty> {
    match name {
        "new" | "default" | "from" => Some(owner),
        "try_from" | "from_str" | "from_str_radix" | "from_utf8" | "try_new" => Some(fallible(owner)),
        _ if name.starts_with("with_") || name.starts_with("from_") => Some(owner),
        _ => None,
    }
}

fn fallible(ty: Ty) -> Ty {
    Ty::foreign(known().result, vec![ty, Ty::unknown()])
}

/// `u64::MAX`, `f64::NAN`.
fn is_constant(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.bytes().all(|b| !b.is_ascii_lowercase())
}

/// The value of an outside path that is not called: `StatusCode::OK` is a `StatusCode` and `Ordering::Less` an `Ordering`,
/// `Utc` a unit struct, `STANDARD` of a module anything. `None` for what can only be a function.
pub(super) fn foreign_constant(path: Name) -> Option<Ty> {
    let (owner, last) = path.as_str().rsplit_once("::")?;
    let is_upper = |text: &str| text.starts_with(char::is_uppercase);
    let of_type = owner.rsplit("::").next().is_some_and(is_upper);
    match (is_upper(last), of_type) {
        (false, _) => None,
        (true, true) => Some(Ty::foreign(Name::new(owner), Vec::new())),
        (true, false) if is_constant(last) && last.len() > 1 => Some(Ty::unknown()),
        (true, false) => Some(Ty::foreign(path, Vec::new())),
    }
}

impl Infer<'_> {
    /// A step of a chain of a derived builder: `build` ends it.
    pub(super) fn builder_step(&self, receiver: Ty, name: Name) -> Option<Ty> {
        let builder = receiver.peel_refs();
        let path = builder.path()?;
        let at = BUILDERS.iter().position(|known| path == *known)?;
        let made = builder.args().first().copied().unwrap_or_else(Ty::unknown);
        Some(match (name.as_str(), at) {
            ("build", 0) => fallible(made),
            ("build", _) => made,
            _ => builder,
        })
    }
}
