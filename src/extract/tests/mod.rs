//! Tests of extraction as a whole: text in, facts out.

mod bodies;
mod deep;
mod directives;
mod items;
mod macros;
mod recovery;
mod show;
mod spans;
mod verify;

use crate::base::FileId;
use crate::base::ProblemKind;
use crate::facts::{Body, FileFacts, Item, ItemKind};

/// Facts of a text, with the arena of every body checked.
fn facts(text: &str) -> FileFacts {
    let facts = super::file(FileId(0), text);
    verify::verify_file(&facts, text);
    facts
}

/// As `facts`, for a text that must have no problems.
fn clean(text: &str) -> FileFacts {
    let facts = facts(text);
    assert_eq!(facts.problems, [], "{}", &text[..text.len().min(80)]);
    facts
}

/// The item with a name.
fn item<'f>(facts: &'f FileFacts, name: &str) -> &'f Item {
    facts.items.iter().find(|i| i.name == name).unwrap_or_else(|| panic!("no item {name}"))
}

/// The body of the function with a name.
fn body<'f>(facts: &'f FileFacts, name: &str) -> &'f Body {
    match &item(facts, name).kind {
        ItemKind::Fn(f) => &facts.bodies[f.body.expect("a body")],
        ItemKind::Const(c) => &facts.bodies[c.body.expect("a body")],
        other => panic!("{name} is {other:?}"),
    }
}

/// The inside of `async fn f(a: A, b: B) { .. }`, shown.
fn shown(inside: &str) -> String {
    let facts = clean(&format!("async fn f(a: A, b: B) {{ {inside} }}"));
    show::show(body(&facts, "f"))
}

/// Kinds of the problems of a text.
fn problem_kinds(text: &str) -> Vec<ProblemKind> {
    facts(text).problems.iter().map(|p| p.kind).collect()
}

/// A little of everything.
const SAMPLE: &str = r##"#![allow(x)]
//! Module.
use std::{collections::HashMap as Map, io::{self, Write}};
/* block /* nested */ */
#[derive(Debug)]
pub struct S<'a, T: Send = u8> where T: Clone { a: &'a T, b: [u8; 4] }
enum E { A, B(u8), C { d: i32 } = 3 }
impl<'a, T> S<'a, T> where T: Send + Clone {
    const K: u8 = b'\'';
    pub async fn run(&mut self, (x, y): (u8, String)) -> Result<(), Box<dyn Error + 'static>> {
        let h = tokio::spawn(async move { println!("{x} {:?}", r#"a"b"#); Ok::<_, E>(()) });
        tokio::select! { biased; Some(m) = self.rx.recv(), if x > 1 => { drop(m) } _ = h => break 'a, else => {} }
        let z = match x { 0..=9 | 11 => |q: u8| q + 1, _ if y.is_empty() => return Err("é")?, n @ 12 => { loop { n } } };
        for (i, c) in y.chars().enumerate() { if let Some(v) = z && v < 3 { continue; } else if c == '\u{e9}' { yield_now().await; } }
        json!({ "k": [x, y] }); vec![0; 4]; assert!(matches!(z, Some(1)), "{y}"); x as u64 >> 3 << 2;
        Ok(())
    }
}
trait Tr: Sized { type O: Iterator<Item = u8>; fn r#type(self) -> Self::O; }
macro_rules! m { ($($x:expr),*) => { $( async { $x } )* }; }
mod inner { pub(super) static A: &str = "//"; extern "C" { fn c(); } }
// asynclint: allow(x): y
"##;

#[test]
fn the_sample_is_clean() {
    let facts = clean(SAMPLE);
    assert_eq!(facts.directives.len(), 1);
    fn is_send<T: Send>(_: &T) {}
    is_send(&facts);
}

#[test]
fn a_panic_becomes_a_problem() {
    let panic: Box<dyn std::any::Any + Send> = Box::new("why");
    let problem = super::internal("text", panic.as_ref());
    assert_eq!((problem.kind, problem.span), (ProblemKind::InternalError, (0, 4)));
    assert!(problem.message.ends_with("why"));
}
