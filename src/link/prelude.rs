//! Names that need no declaration: the prelude of the standard library, primitive types, built-in attributes.
//!
//! Only what the language itself brings; other crates are the catalogue's. Editions differ too little to tell them apart.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::hir::names::Namespace;

const TYPES: [(&str, &str); 10] = [
    ("std::option", "Option"),
    ("std::result", "Result"),
    ("std::vec", "Vec"),
    ("std::string", "String ToString"),
    ("std::boxed", "Box"),
    ("std::borrow", "ToOwned"),
    ("std::marker", "Send Sync Sized Copy Unpin"),
    ("std::ops", "Drop Fn FnMut FnOnce AsyncFn AsyncFnMut AsyncFnOnce"),
    ("std::future", "Future IntoFuture"),
    ("std::iter", "Iterator IntoIterator Extend FromIterator DoubleEndedIterator ExactSizeIterator"),
];

const TRAITS: [(&str, &str); 4] = [
    ("std::convert", "AsRef AsMut From Into TryFrom TryInto"),
    ("std::clone", "Clone"),
    ("std::default", "Default"),
    ("std::cmp", "PartialEq PartialOrd Eq Ord"),
];

const VALUES: [(&str, &str); 3] = [
    ("std::option::Option", "Some None"),
    ("std::result::Result", "Ok Err"),
    ("std::mem", "drop size_of size_of_val align_of align_of_val"),
];

const MACROS: &str = "assert assert_eq assert_ne cfg column compile_error concat dbg debug_assert debug_assert_eq \
    debug_assert_ne env eprint eprintln file format format_args include include_bytes include_str line matches \
    module_path option_env panic print println stringify thread_local todo unimplemented unreachable vec write \
    writeln";

const DERIVES: [(&str, &str); 7] = [
    ("std::clone", "Clone"),
    ("std::marker", "Copy"),
    ("std::fmt", "Debug"),
    ("std::default", "Default"),
    ("std::cmp", "PartialEq PartialOrd Eq Ord"),
    ("std::hash", "Hash"),
    ("std::prelude::v1", "test bench global_allocator derive"),
];

const PRIMITIVES: &str = "bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f16 f32 f64 f128";

struct Prelude {
    types: FxHashMap<Name, Name>,
    values: FxHashMap<Name, Name>,
    macros: FxHashMap<Name, Name>,
    primitives: FxHashMap<Name, ()>,
}

static PRELUDE: LazyLock<Prelude> = LazyLock::new(|| {
    let groups = |groups: &[&[(&str, &str)]]| {
        let all = groups.iter().flat_map(|g| g.iter());
        let pairs = all.flat_map(|(module, names)| {
            names.split_whitespace().map(move |n| (Name::new(n), Name::new(&format!("{module}::{n}"))))
        });
        pairs.collect::<FxHashMap<_, _>>()
    };
    let mut macros = groups(&[&DERIVES]);
    macros.extend(MACROS.split_whitespace().map(|n| (Name::new(n), Name::new(&format!("std::{n}")))));
    Prelude {
        types: groups(&[&TYPES, &TRAITS]),
        values: groups(&[&VALUES]),
        macros,
        primitives: PRIMITIVES.split_whitespace().map(|n| (Name::new(n), ())).collect(),
    }
});

/// The full path of a prelude name.
pub(super) fn name(name: Name, ns: Namespace) -> Option<Name> {
    let names = match ns {
        Namespace::Type => &PRELUDE.types,
        Namespace::Value => &PRELUDE.values,
        Namespace::Macro => &PRELUDE.macros,
    };
    names.get(&name).copied()
}

/// True for `u8`, `str` and their like.
pub(super) fn is_primitive(name: Name) -> bool {
    PRELUDE.primitives.contains_key(&name)
}
