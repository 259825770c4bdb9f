//! The names that need no import: primitive types and the prelude of the standard library.
//!
//! The catalogue needs them to read type expressions, the linker to resolve paths.
//! Names that a later edition adds are listed too; a local definition of the same name wins, in the linker.

use crate::base::Name;

/// Primitive types; `slice`, `array`, `pointer` and `fn` stand for `[T]`, `[T; N]`, `*const T` and function types.
pub const PRIMITIVES: &[&str] = &[
    "array", "bool", "char", "f32", "f64", "fn", "i128", "i16", "i32", "i64", "i8", "isize", "pointer", "slice", "str",
    "u128", "u16", "u32", "u64", "u8", "usize",
];

/// Prelude names and what they stand for, sorted by name.
const PRELUDE: &[(&str, &str)] = &[
    ("AsMut", "std::convert::AsMut"),
    ("AsRef", "std::convert::AsRef"),
    ("Box", "std::boxed::Box"),
    ("Clone", "std::clone::Clone"),
    ("Copy", "std::marker::Copy"),
    ("Default", "std::default::Default"),
    ("DoubleEndedIterator", "std::iter::DoubleEndedIterator"),
    ("Drop", "std::ops::Drop"),
    ("Eq", "std::cmp::Eq"),
    ("Err", "std::result::Result::Err"),
    ("ExactSizeIterator", "std::iter::ExactSizeIterator"),
    ("Extend", "std::iter::Extend"),
    ("Fn", "std::ops::Fn"),
    ("FnMut", "std::ops::FnMut"),
    ("FnOnce", "std::ops::FnOnce"),
    ("From", "std::convert::From"),
    ("FromIterator", "std::iter::FromIterator"),
    ("Future", "std::future::Future"),
    ("Into", "std::convert::Into"),
    ("IntoFuture", "std::future::IntoFuture"),
    ("IntoIterator", "std::iter::IntoIterator"),
    ("Iterator", "std::iter::Iterator"),
    ("None", "std::option::Option::None"),
    ("Ok", "std::result::Result::Ok"),
    ("Option", "std::option::Option"),
    ("Ord", "std::cmp::Ord"),
    ("PartialEq", "std::cmp::PartialEq"),
    ("PartialOrd", "std::cmp::PartialOrd"),
    ("Result", "std::result::Result"),
    ("Send", "std::marker::Send"),
    ("Sized", "std::marker::Sized"),
    ("Some", "std::option::Option::Some"),
    ("String", "std::string::String"),
    ("Sync", "std::marker::Sync"),
    ("ToOwned", "std::borrow::ToOwned"),
    ("ToString", "std::string::ToString"),
    ("TryFrom", "std::convert::TryFrom"),
    ("TryInto", "std::convert::TryInto"),
    ("Unpin", "std::marker::Unpin"),
    ("Vec", "std::vec::Vec"),
    ("drop", "std::mem::drop"),
];

/// Macros of the prelude, sorted; `name` is `std::name`.
const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// What a prelude name of the type or value namespace stands for.
pub fn path(name: &str) -> Option<Name> {
    let found = PRELUDE.binary_search_by(|(short, _)| (*short).cmp(name)).ok()?;
    Some(Name::new(PRELUDE[found].1))
}

/// What a prelude macro stands for; `name` without `!`.
pub fn macro_path(name: &str) -> Option<Name> {
    MACROS.binary_search(&name).ok().map(|_| Name::new(&format!("std::{name}")))
}

/// True for a primitive type.
pub fn is_primitive(name: &str) -> bool {
    PRIMITIVES.binary_search(&name).is_ok()
}

/// What a single word stands for in a type expression.
pub(super) fn type_path(word: &str) -> Option<Name> {
    if is_primitive(word) { Some(Name::new(word)) } else { path(word) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(PRIMITIVES.is_sorted());
        assert!(PRELUDE.is_sorted());
        assert!(MACROS.is_sorted());
        assert_eq!(macro_path("println"), Some(Name::new("std::println")));
        assert_eq!(path("Some"), Some(Name::new("std::option::Option::Some")));
        assert_eq!(path("Vex"), None);
    }
}
