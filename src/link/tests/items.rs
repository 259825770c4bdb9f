//! Impls, twins, entries.

use super::{Linked, check, link};
use crate::base::Name;
use crate::hir::names::{DefId, EntryKind, Res, TypeHead};

fn entry(linked: &Linked, path: &str) -> Option<(EntryKind, String, String)> {
    let entry = linked.names.entry_attr(linked.def(path))?;
    Some((entry.kind, entry.path.to_string(), entry.args.to_string()))
}

#[test]
fn attributes_that_make_an_entry() {
    let linked = link(
        "
use tokio::test as check;
use tokio::main;
mod mine { pub use serde::test; }
#[main(flavor = \"current_thread\")]
async fn main() {}
#[check]
async fn renamed() {}
#[test]
fn plain() {}
#[mine::test]
async fn own() {}
#[tokio::test(start_paused = true)]
async fn paused() {}
#[inline]
fn none() {}
",
    );
    let args = "flavor = \"current_thread\"".to_owned();
    assert_eq!(entry(&linked, "lib::main"), Some((EntryKind::Main, "tokio::main".to_owned(), args)));
    assert_eq!(entry(&linked, "lib::renamed"), Some((EntryKind::Test, "tokio::test".to_owned(), String::new())));
    assert_eq!(entry(&linked, "lib::plain"), Some((EntryKind::Test, "test".to_owned(), String::new())));
    assert_eq!(entry(&linked, "lib::own").map(|e| e.0), Some(EntryKind::Test));
    let args = "start_paused = true".to_owned();
    assert_eq!(entry(&linked, "lib::paused"), Some((EntryKind::Test, "tokio::test".to_owned(), args)));
    assert_eq!(entry(&linked, "lib::none"), None);
    assert!(linked.names.is_test(linked.def("lib::own")));
}

#[test]
fn twins_are_what_other_builds_have() {
    let linked = check(
        "
#[cfg(feature = \"a\")]
fn work() {}
#[cfg(not(feature = \"a\"))]
fn work() {}
#[cfg(windows)]
fn work() {}
#[cfg(test)]
fn work() {}
#[cfg(windows)]
fn never() {}
#[cfg(feature = \"a\")]
mod imp { pub fn run() {} }
#[cfg(not(feature = \"a\"))]
mod imp { pub fn run() {} }
struct S;
impl S {
    #[cfg(unix)]
    fn m() {}
    #[cfg(not(unix))]
    fn m() {}
    #[cfg(feature = \"a\")]
    fn n() {}
    #[cfg(not(feature = \"a\"))]
    fn n() {}
}
fn f() {
    never();
//  ^^^^^ is: lib::never
    S::m();
//  ^^^^ is: lib::S::m
    S::n();
//  ^^^^ is: lib::S::n
    imp::run();
//  ^^^^^^^^ is: lib::imp::run
}
",
    );
    let names = &linked.names;
    let work = linked.defs("lib::work");
    assert_eq!(names.twins(work[0]), &work[..2]);
    assert_eq!(names.twins(work[3]), [work[0], work[1], work[3]]);
    assert_eq!(names.twins(linked.def("lib::imp::run")).len(), 2);
    assert_eq!(names.twins(linked.def("lib::S::m")), []);
    assert_eq!(names.twins(linked.def("lib::S::n")).len(), 2);
    assert_eq!(names.twins(linked.def("lib::never")), []);
}

#[test]
fn impls_by_type_and_by_trait() {
    let linked = link(
        "
use std::sync::Arc;
trait Store { fn get(&self); fn both(&self) {} }
struct Disk;
struct MockStore;
impl Store for Disk { fn get(&self) {} }
impl Store for MockStore { fn get(&self) {} }
impl<T: Store> Store for Arc<T> { fn get(&self) {} }
impl<'a, T: Store> Store for &'a T { fn get(&self) {} }
impl Store for Box<dyn Store> { fn get(&self) {} }
#[cfg(test)]
mod tests { struct InTest; impl super::Store for InTest { fn get(&self) {} } }
impl Disk { fn get(&self) {} }
impl Drop for Disk { fn drop(&mut self) {} }
",
    );
    let names = &linked.names;
    let store = linked.def("lib::Store");
    let real: Vec<DefId> = names
        .impls_of_trait(Res::Def(store))
        .iter()
        .copied()
        .filter(|i| names.impl_info(*i).expect("a value").is_real())
        .collect();
    assert_eq!(real.len(), 1);
    assert_eq!(names.impl_info(real[0]).expect("a value").head, TypeHead::Def(linked.def("lib::Disk")));
    assert_eq!(names.impls_of_trait(Res::Def(store)).len(), 6);
    let disk = TypeHead::Def(linked.def("lib::Disk"));
    let fns = names.inherent_or_trait_fns(disk, Name::new("get"));
    assert_eq!(fns.len(), 2);
    assert!(names.impl_info(names.parent(fns[0]).expect("a value")).expect("a value").trait_.is_none());
    assert_eq!(names.default_method(disk, Name::new("both")), names.trait_method(store, Name::new("both")));
    assert_eq!(names.impls_of_trait(Res::Foreign(Name::new("std::ops::Drop"))).len(), 1);
}
