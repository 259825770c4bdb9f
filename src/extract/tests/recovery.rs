//! Broken files lose only what is broken.

use super::{body, clean, facts, item, problem_kinds};
use crate::base::ProblemKind;
use crate::facts::ItemKind;

#[test]
fn one_bad_item() {
    let text = "#![allow(x)]\nuse a::{b};\nstatic X: S = S { a: 1 };\nfn good() { a() }\nfn bad() { let = ; }\nstruct T { 1 }\n\
        mod m { fn in_m() {} fn bad_m() { @ } }\nimpl T { fn i(&self) {} const C: u8 = ; fn j() { } }\n";
    let facts = facts(text);
    let places: Vec<&str> = facts.problems.iter().map(|p| &text[p.span.0 as usize..p.span.1 as usize]).collect();
    assert_eq!(places, ["=", "1", "@", ";"]);
    assert!(facts.problems.iter().all(|p| p.kind == ProblemKind::ParseError));
    assert_eq!(facts.attrs.len(), 1);
    body(&facts, "good");
    body(&facts, "in_m");
    body(&facts, "i");
    body(&facts, "j");
    for lost in ["bad", "bad_m"] {
        assert!(matches!(&item(&facts, lost).kind, ItemKind::Fn(f) if f.body.is_none()), "{lost}");
    }
}

#[test]
fn brackets_that_do_not_match() {
    let text = "fn a() {\n    x(\n}\nfn b() {\n    y()\n}\nfn c() {";
    let facts = facts(text);
    assert_eq!(facts.problems.len(), 2);
    let b = body(&facts, "b");
    assert_eq!(&text[b.exprs[b.root].span.0 as usize..b.exprs[b.root].span.1 as usize], "{\n    y()\n}");
}

#[test]
fn end_of_input_has_a_place() {
    let text = "fn a() {}\nstruct A\n";
    let facts = facts(text);
    assert_eq!(facts.problems.len(), 1);
    assert_eq!(facts.problems[0].span, (17, 18));
    body(&facts, "a");
}

#[test]
fn syntax_that_syn_does_not_know() {
    assert_eq!(problem_kinds("fn a() {} fn b() { super let x = 1; }"), [ProblemKind::ParseError]);
    let facts = clean("#[ext(E)] pub impl<T> T { fn m(self) {} }");
    body(&facts, "m");
}

#[test]
fn truncated_anywhere() {
    let texts = [super::SAMPLE, include_str!("bodies.rs"), include_str!("../mod.rs")];
    for text in texts {
        let mut state = 12345_u64;
        for _ in 0..50 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut at = (state >> 33) as usize % text.len();
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let found = facts(&text[..at]);
            assert!(found.problems.iter().all(|p| p.kind == ProblemKind::ParseError));
            let _ = facts(&text[at..]);
        }
    }
}
