//! Names that inference itself must know: the containers and traits of the language.
//!
//! Everything else about outside APIs is in the catalogue.

use std::sync::LazyLock;

use crate::base::Name;

macro_rules! known {
    ($($(#[$meta:meta])* $field:ident = $text:literal;)*) => {
        /// Interned names, made once.
        pub struct Known { $($(#[$meta])* pub $field: Name,)* }

        static KNOWN: LazyLock<Known> = LazyLock::new(|| Known { $($field: Name::new($text),)* });
    };
}

known! {
    /// `Option`.
    option = "std::option::Option";
    /// `Some`.
    some = "std::option::Option::Some";
    /// `None`.
    none = "std::option::Option::None";
    /// `Result`.
    result = "std::result::Result";
    /// `Ok`.
    ok = "std::result::Result::Ok";
    /// `Err`.
    err = "std::result::Result::Err";
    /// `Poll`.
    poll = "std::task::Poll";
    /// `Vec`.
    vec = "std::vec::Vec";
    /// `String`.
    string = "std::string::String";
    /// `Box`.
    boxed = "std::boxed::Box";
    /// `Pin`.
    pin = "std::pin::Pin";
    /// `Arc`.
    arc = "std::sync::Arc";
    /// `Rc`.
    rc = "std::rc::Rc";
    /// The trait `Future`.
    future = "std::future::Future";
    /// The trait `IntoFuture`.
    into_future = "std::future::IntoFuture";
    /// The trait `Iterator`.
    iterator = "std::iter::Iterator";
    /// The trait `IntoIterator`.
    into_iterator = "std::iter::IntoIterator";
    /// The trait `Stream`, as the catalogue names it.
    stream = "futures::stream::Stream";
    /// The trait `Fn`.
    fn_ = "std::ops::Fn";
    /// The trait `FnMut`.
    fn_mut = "std::ops::FnMut";
    /// The trait `FnOnce`.
    fn_once = "std::ops::FnOnce";
    /// The trait `Deref`.
    deref = "std::ops::Deref";
    /// The trait `Drop`.
    drop = "std::ops::Drop";
    /// `Output`.
    output = "Output";
    /// `Item`.
    item = "Item";
    /// `Target`.
    target = "Target";
    /// `bool`.
    bool = "bool";
    /// `str`.
    str = "str";
    /// The type of an integer literal.
    integer = "i32";
    /// `tracing::Span`.
    span = "tracing::Span";
    /// `clone`.
    clone = "clone";
    /// `self`.
    self_ = "self";
    /// `fmt::Arguments`, for `format_args!`.
    arguments = "std::fmt::Arguments";
}

/// The table.
pub fn known() -> &'static Known {
    &KNOWN
}
