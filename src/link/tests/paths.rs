//! Single paths: scopes, imports, preludes, members.

use super::check;

#[test]
fn a_foreign_path_has_the_catalogues_name() {
    check(
        "
use std::fs;
use std::thread as th;
use tokio::{self, task::{self, JoinHandle as Handle}, spawn};
fn f() {
    spawn(async {});
//  ^^^^^ is: tokio::task::spawn
    tokio::spawn(async {});
//  ^^^^^^^^^^^^ is: tokio::task::spawn
    task::spawn_blocking(|| {});
//  ^^^^^^^^^^^^^^^^^^^^ is: tokio::task::spawn_blocking
    fs::read(\"x\");
//  ^^^^^^^^ is: std::fs::read
    th::sleep(d);
//  ^^^^^^^^^ is: std::thread::sleep
    core::mem::drop(1);
//  ^^^^^^^^^^^^^^^ is: std::mem::drop
    ::tokio::spawn(async {});
//  ^^^^^^^^^^^^^^ is: tokio::task::spawn
    let h: Handle<()> = x;
//         ^^^^^^ is: tokio::task::JoinHandle
    made_up::to_string(&1);
//  ^^^^^^^^^^^^^^^^^^ is: ?
}
",
    );
}

#[test]
fn items_of_the_workspace_shadow_foreign_ones() {
    check(
        "
use std::process::Command as Other;
mod fs { pub fn read() {} }
fn spawn() {}
struct Command;
impl Command { fn new() -> Self { Command } }
mod tokio { pub fn spawn() {} }
fn f() {
    fs::read();
//  ^^^^^^^^ is: lib::fs::read
    spawn();
//  ^^^^^ is: lib::spawn
    Command::new();
//  ^^^^^^^^^^^^ is: lib::Command::new
    Other::new(\"x\");
//  ^^^^^^^^^^ is: std::process::Command::new
    tokio::spawn();
//  ^^^^^^^^^^^^ is: lib::tokio::spawn
    ::tokio::spawn();
//  ^^^^^^^^^^^^^^ is: tokio::task::spawn
}
",
    );
}

#[test]
fn blocks_have_names_of_their_own() {
    check(
        "
use std::thread::sleep;
fn helper() {}
fn f<T>() {
    {
        use tokio::time::sleep;
        fn helper() {}
        sleep(d);
//      ^^^^^ is: tokio::time::sleep
        helper();
//      ^^^^^^ is: lib::f::helper
    }
    sleep(d);
//  ^^^^^ is: std::thread::sleep
    helper();
//  ^^^^^^ is: lib::helper
    T::default();
//  ^^^^^^^^^^ is: param 0 of lib::f+1
    fn inner<U>() {
        U::default();
//      ^^^^^^^^^^ is: param 0 of lib::f::inner+1
        T::default();
//      ^^^^^^^^^^ is: ?
    }
}
",
    );
}

#[test]
fn preludes_and_primitives() {
    check(
        "
fn f() -> Result<(), Error> {
    drop(Some(1));
//  ^^^^ is: std::mem::drop
    let v = Vec::with_capacity(1);
//          ^^^^^^^^^^^^^^^^^^ is: std::vec::Vec::with_capacity
    let s: String = String::new();
//         ^^^^^^ is: std::string::String
    let n = u64::MAX;
//          ^^^^^^^^ is: prim u64+1
    println!(\"x\");
//  ^^^^^^^ is: std::println
    Ok(())
//  ^^ is: std::result::Result::Ok
}
",
    );
}

#[test]
fn a_local_result_alias_wins_over_the_prelude() {
    check(
        "
type Result<T> = std::result::Result<T, ()>;
fn f() -> Result<()> {
//        ^^^^^^ is: lib::Result
    Result::Ok(())
//  ^^^^^^^^^^ is: std::result::Result::Ok
}
",
    );
}

#[test]
fn members_of_types_and_traits() {
    check(
        "
pub enum Mode { Fast, Slow(u8) }
impl Mode { const MAX: u8 = 1; fn pick() -> Self { Self::Fast } }
//                                                 ^^^^^^^^^^ is: lib::Mode::Fast
trait Run { fn run(); fn twice() { Self::run() } }
//                                 ^^^^^^^^^ is: lib::Run::run
struct A;
impl A { fn make() -> Self { Self::other(); Self }  fn other() {} }
//                           ^^^^^^^^^^^ is: lib::A::other
impl Run for A { fn run() { Self::make(); Self::twice(); } }
//                          ^^^^^^^^^^ is: lib::A::make
struct B;
impl Run for B { fn run() {} }
#[derive(Default)]
struct C;
impl From<u8> for C { fn from(x: u8) -> Self { C } }
impl From<u16> for C { fn from(x: u16) -> Self { C } }
type D = A;
type E = std::process::Command;
fn f() {
    Mode::Slow(1);
//  ^^^^^^^^^^ is: lib::Mode::Slow
    Mode::pick();
//  ^^^^^^^^^^ is: lib::Mode::pick
    Mode::MAX;
//  ^^^^^^^^^ is: lib::Mode::MAX
    A::run();
//  ^^^^^^ is: lib::A::run
    Run::run();
//  ^^^^^^^^ is: lib::Run::run
    C::default();
//  ^^^^^^^^^^ is: lib::C+1
    C::from(1u8);
//  ^^^^^^^ is: lib::C+1
    D::make();
//  ^^^^^^^ is: lib::A::make
    E::new(\"x\");
//  ^^^^^^ is: std::process::Command::new
    Default::default();
//  ^^^^^^^^^^^^^^^^ is: std::default::Default::default
}
",
    );
}

#[test]
fn self_in_impls_for_foreign_types() {
    check(
        "
trait Ext { fn make() -> Self; type Item; }
impl Ext for Vec<u8> {
    type Item = u8;
    fn make() -> Self {
        let x: Self::Item = 0;
//             ^^^^^^^^^^ is: lib::Vec::Item
        Self::new()
//      ^^^^^^^^^ is: std::vec::Vec::new
    }
}
",
    );
}

#[test]
fn globs_of_modules_enums_and_foreign_modules() {
    check(
        "
mod inner {
    use std::fs::read;
    pub use std::thread::sleep;
    pub fn here() {}
    fn hidden() {}
    pub mod child {
        use super::*;
        fn f() {
            hidden();
//          ^^^^^^ is: lib::inner::hidden
            read(p);
//          ^^^^ is: std::fs::read
        }
    }
}
enum Kind { One, Two }
use inner::*;
use Kind::*;
use tokio::time::*;
fn f() {
    here();
//  ^^^^ is: lib::inner::here
    sleep(d);
//  ^^^^^ is: std::thread::sleep
    One;
//  ^^^ is: lib::Kind::One
    hidden();
//  ^^^^^^ is: ?
    read(p);
//  ^^^^ is: ?
    timeout(d, f);
//  ^^^^^^^ is: tokio::time::timeout
    no_such_thing(d);
//  ^^^^^^^^^^^^^ is: ?
}
",
    );
}

#[test]
fn explicit_names_win_over_globs() {
    check(
        "
mod a { pub fn sleep() {} pub fn other() {} }
use a::*;
use std::thread::sleep;
fn f() {
    sleep(d);
//  ^^^^^ is: std::thread::sleep
    other();
//  ^^^^^ is: lib::a::other
}
",
    );
}

#[test]
fn imports_that_need_each_other() {
    check(
        "
mod a { pub use super::b::*; pub fn x() {} }
mod b { pub use super::a::*; pub use super::c::deep as y; }
mod c { pub use self::d::deep; pub mod d { pub use crate::e::deep; } }
mod e { pub fn deep() {} }
use a::y;
use b::x;
use log::log;
use y as z;
mod macro_only;
use macro_only::Made;
fn f() {
    y();
//  ^ is: lib::e::deep
    x();
//  ^ is: lib::a::x
    z();
//  ^ is: lib::e::deep
    a::x();
//  ^^^^ is: lib::a::x
    Made::new();
//  ^^^^^^^^^ is: ?
}
",
    );
}

#[test]
fn conditions_choose_between_imports() {
    check(
        "
#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use std::sync::Mutex;
#[cfg(feature = \"a\")]
use std::sync::RwLock;
#[cfg(not(feature = \"a\"))]
use parking_lot::RwLock;
fn f() {
    Mutex::new(1);
//  ^^^^^^^^^^ is: std::sync::Mutex::new
    RwLock::new(1);
//  ^^^^^^^^^^^ is: std::sync::RwLock::new~
}
",
    );
}

#[test]
fn macros_by_name() {
    check(
        "
mod macros {
    macro_rules! local { () => {} }
    #[macro_export]
    macro_rules! shared { () => {} }
}
use tokio::select;
fn f() {
    local!();
//  ^^^^^ is: lib::macros::local
    crate::shared!();
//  ^^^^^^^^^^^^^ is: lib::macros::shared
    select! { _ = a => {} }
//  ^^^^^^ is: tokio::select
    vec![1];
//  ^^^ is: std::vec
    unheard_of!();
//  ^^^^^^^^^^ is: ?
}
",
    );
}
