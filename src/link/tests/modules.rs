//! Crates and the module tree.

use super::{check, link};
use crate::hir::names::{Namespace, Res, Truth, UnknownReason};

const CARGO: &str = "//- Cargo.toml
[package]
name = \"my-app\"
edition = \"2021\"
[dependencies]
tokio = \"1\"
tokio1 = { package = \"tokio\", version = \"1\" }
serde_json = \"1\"
made_up = \"1\"
other_proto = \"1\"
other_prelude = \"1\"
snafu = \"0.8\"
[dev-dependencies]
test_log = \"1\"
";

fn app(files: &str) -> String {
    format!("{CARGO}{files}")
}

#[test]
fn dependencies_by_their_names_in_code() {
    check(&app("//- src/lib.rs
use tokio1 as rt;
extern crate serde_json as json;
pub fn go() {
    rt::spawn(async {});
//  ^^^^^^^^^ is: tokio::task::spawn
    json::to_string(&1);
//  ^^^^^^^^^^^^^^^ is: serde_json::to_string
    serde_json::to_string(&1);
//  ^^^^^^^^^^^^^^^^^^^^^ is: serde_json::to_string
    anyhow::anyhow();
//  ^^^^^^^^^^^^^^ is: ?
}
//- src/main.rs
fn main() {
    my_app::go();
//  ^^^^^^^^^^ is: my_app::go
}
//- tests/it.rs
use my_app::go;
fn f() {
    go();
//  ^^ is: my_app::go
}
"));
}

#[test]
fn files_are_found_as_rustc_does() {
    check(&app("//- src/lib.rs
mod a;
mod inline { pub mod deep; #[path = \"other.rs\"] pub mod odd; }
#[path = \"far/away.rs\"]
mod far;
fn f() {
    a::b::x();
//  ^^^^^^^ is: my_app::a::b::x
    inline::deep::x();
//  ^^^^^^^^^^^^^^^ is: my_app::inline::deep::x
    inline::odd::x();
//  ^^^^^^^^^^^^^^ is: my_app::inline::odd::x
    far::near::x();
//  ^^^^^^^^^^^^ is: my_app::far::near::x
    a::m::n::x();
//  ^^^^^^^^^^ is: my_app::a::m::n::x
}
//- src/a.rs
pub mod b;
pub mod m;
//- src/a/b.rs
pub fn x() {
    super::super::f();
//  ^^^^^^^^^^^^^^^ is: my_app::f
    crate::a::b::x();
//  ^^^^^^^^^^^^^^ is: my_app::a::b::x
}
//- src/a/m/mod.rs
pub mod n;
//- src/a/m/n.rs
pub fn x() {}
//- src/inline/deep.rs
pub fn x() {}
//- src/inline/other.rs
pub fn x() {}
//- src/far/away.rs
pub mod near;
//- src/far/near.rs
pub fn x() {}
"));
}

#[test]
fn a_file_mounted_twice_is_one_module() {
    let linked = check(&app("//- src/lib.rs
pub mod util;
//- src/main.rs
mod util;
fn main() {
    util::help();
//  ^^^^^^^^^^ is: my_app::util::help
    crate::util::help();
//  ^^^^^^^^^^^^^^^^^ is: my_app::util::help
}
//- src/util.rs
pub fn help() { crate::util::other() }
//              ^^^^^^^^^^^^^^^^^^ is: my_app::util::other
pub fn other() {}
//- tests/one.rs
mod common;
fn f() { common::c(); }
//       ^^^^^^^^^ is: one::common::c
//- tests/two.rs
mod common;
fn f() { common::c(); }
//       ^^^^^^^^^ is: one::common::c
//- tests/common/mod.rs
pub fn c() {}
"));
    assert!(!linked.names.is_test(linked.def("my_app::util::help")));
    assert!(linked.names.is_test(linked.def("one::common::c")));
}

#[test]
fn an_orphan_stands_where_its_path_says() {
    check(&app("//- src/lib.rs
pub mod a;
//- src/a.rs
pub fn near() {}
//- src/a/lost.rs
mod kid;
fn f() {
    super::near();
//  ^^^^^^^^^^^ is: my_app::a::near
    crate::a::near();
//  ^^^^^^^^^^^^^^ is: my_app::a::near
    kid::x();
//  ^^^^^^ is: my_app::a::lost::kid::x
    tokio::spawn(async {});
//  ^^^^^^^^^^^^ is: tokio::task::spawn
}
//- src/a/lost/kid.rs
pub fn x() {}
"));
}

#[test]
fn crates_of_one_workspace() {
    check(
        "//- Cargo.toml
[workspace]
members = [\"a\", \"b\"]
//- a/Cargo.toml
[package]
name = \"crate-a\"
edition = \"2021\"
[dependencies]
bee = { path = \"../b\", package = \"crate-b\" }
//- a/src/lib.rs
use bee::prelude::*;
use bee::again;
fn f() {
    again();
//  ^^^^^ is: crate_b::inner::work
    shared_work();
//  ^^^^^^^^^^^ is: crate_b::inner::work
    bee::loud!();
//  ^^^^^^^^^ is: crate_b::loud
    bee::spawn(async {});
//  ^^^^^^^^^^ is: tokio::task::spawn
    bee::Client::connect();
//  ^^^^^^^^^^^^^^^^^^^^ is: crate_b::Client::connect
}
//- b/Cargo.toml
[package]
name = \"crate-b\"
edition = \"2021\"
[dependencies]
tokio = \"1\"
//- b/src/lib.rs
mod inner { pub fn work() {} }
pub use inner::work as again;
pub use tokio::spawn;
pub mod prelude { pub use crate::inner::work as shared_work; }
pub struct Client;
impl Client { pub fn connect() {} }
#[macro_export]
macro_rules! loud { () => {} }
",
    );
}

#[test]
fn names_that_nobody_reads_are_likely_at_most() {
    check(&app("//- src/lib.rs
#[macro_use]
extern crate made_up;
pub mod api { pub use other_proto::v1::*; pub fn own() {} }
use api::Rows;
use other_prelude::*;
mod error {
    #[derive(Debug, snafu::Snafu)]
    pub enum Error { NotFound { path: String }, ReadError }
}
use error::*;
fn f() {
    Rows::new();
//  ^^^^^^^^^ is: other_proto::v1::Rows::new~
    api::own();
//  ^^^^^^^^ is: my_app::api::own
    shout!();
//  ^^^^^ is: made_up::shout~
    let x: Strange;
//         ^^^^^^^ is: other_prelude::Strange~
    NotFoundSnafu { path };
//  ^^^^^^^^^^^^^ is: snafu::ContextSelector
    error::ReadSnafu;
//  ^^^^^^^^^^^^^^^^ is: snafu::ContextSelector
    drop(x);
//  ^^^^ is: std::mem::drop
}
"));
}

#[test]
fn extern_crate_at_the_root_names_a_crate_everywhere() {
    check(&app("//- src/lib.rs
extern crate tokio1 as other;
extern crate self as me;
mod a {
    fn f() {
        other::spawn(async {});
//      ^^^^^^^^^^^^ is: tokio::task::spawn
        me::g();
//      ^^^^^ is: my_app::g
    }
}
pub fn g() {}
"));
}

#[test]
fn paths_of_imports_start_at_the_root_in_edition_2015() {
    check(
        "//- Cargo.toml
[package]
name = \"old\"
[dependencies]
tokio = \"1\"
//- src/lib.rs
extern crate tokio;
mod a { pub fn x() {} }
mod b {
    use a::x;
    use tokio::spawn;
    fn f() {
        x();
//      ^ is: old::a::x
        spawn(async {});
//      ^^^^^ is: tokio::task::spawn
        ::a::x();
//      ^^^^^^ is: old::a::x
    }
}
",
    );
}

#[test]
fn missing_files_are_listed() {
    let linked = link(
        "//- lib.rs
mod gone;
mod inline { mod also_gone; }
//- m/mod.rs
#[path = \"../up.rs\"]
mod up;
",
    );
    let layout = crate::link::crates::Layout::from(&linked.sources);
    let missing = crate::link::names::missing_modules(&layout, linked.names.facts());
    let candidates: Vec<Vec<String>> = missing.into_iter().map(|m| m.candidates).collect();
    let expected =
        [vec!["gone.rs", "gone/mod.rs"], vec!["inline/also_gone.rs", "inline/also_gone/mod.rs"], vec!["up.rs"]];
    assert_eq!(candidates, expected);
}

#[test]
fn conditions_reach_everything_inside() {
    let linked = link(
        "//- lib.rs
#[cfg(test)]
mod tests { pub fn t() {} }
#[cfg(windows)]
mod win { pub fn w() {} }
#[cfg(feature = \"x\")]
impl S { fn u() {} }
struct S;
mod m;
#[test]
fn check() { fn inside() {} }
//- m.rs
#![cfg(any(test, feature = \"testing\"))]
fn helper() {}
",
    );
    let state = |path: &str| {
        let state = linked.names.state(linked.def(path));
        (state.truth, state.test)
    };
    assert_eq!(state("lib::tests::t"), (Truth::True, true));
    assert_eq!(state("lib::win::w"), (Truth::False, false));
    assert_eq!(state("lib::S::u"), (Truth::Unknown, false));
    assert_eq!(state("lib::m::helper"), (Truth::True, true));
    assert_eq!(state("lib::check"), (Truth::True, true));
    assert_eq!(state("lib::check::inside"), (Truth::True, true));
}

#[test]
fn unknown_paths_have_reasons() {
    let linked = link(&app("//- src/lib.rs
mod gone;
mod made { some_macro! { struct Thing; } }
mod open { use other_prelude::*; use other_proto::*; fn f() { unseen(); } }
mod closed { pub fn x() {} }
use made::Thing as T;
fn f() { gone::x(); made::Thing::new(); closed::y(); T::new(); }
"));
    let mut reasons = Vec::new();
    for (id, facts) in linked.names.facts().iter_ids() {
        for body in facts.bodies.iter() {
            for path in body.paths.paths.iter() {
                assert_eq!(linked.names.resolve(id, path, Namespace::Value).res, Res::Unknown, "{}", path.text());
                reasons.push((path.text(), linked.names.why_unknown(id, path)));
            }
        }
    }
    let expected = [
        ("unseen", UnknownReason::UnseenGlob),
        ("gone::x", UnknownReason::MissingFile),
        ("made::Thing::new", UnknownReason::Generated),
        ("closed::y", UnknownReason::NoSuchName),
        ("T::new", UnknownReason::Generated),
    ];
    assert_eq!(reasons, expected.map(|(path, reason)| (path.to_owned(), reason)));
}

#[test]
fn code_of_one_build_sees_the_names_of_that_build() {
    check(&app("//- src/lib.rs
#[cfg(not(feature = \"local\"))]
pub mod threaded { pub struct Channel; pub fn open() {} pub struct Timer; }
#[cfg(not(feature = \"local\"))]
pub use threaded::{Channel, open};
#[cfg(not(feature = \"local\"))]
pub use threaded::*;
#[cfg(not(feature = \"local\"))]
pub fn twin() {}

#[cfg(feature = \"local\")]
pub mod local {
    pub struct Channel;
    pub fn open() {}
    pub struct Timer;
    pub mod user {
        use crate::{Channel, Timer, open};
        fn go(_: Channel, _: Timer) {
            //   ^^^^^^^ is: my_app::local::Channel
            //               ^^^^^ is: my_app::local::Timer
            open();
//          ^^^^ is: my_app::local::open
            crate::twin();
//          ^^^^^^^^^^^ is: my_app::twin
            crate::Channel;
//          ^^^^^^^^^^^^^^ is: my_app::local::Channel
        }
    }
}
#[cfg(feature = \"local\")]
pub use local::{Channel, open};
#[cfg(feature = \"local\")]
pub use local::*;
#[cfg(feature = \"local\")]
pub fn twin() {}
"));
}
