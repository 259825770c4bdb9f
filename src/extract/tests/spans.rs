//! Bytes are exact whatever stands before, between and inside.

use super::{body, clean, facts, item};
use crate::facts::{ExprKind, FileFacts};

const SOURCE: &str = "/// Docs é.\n#[a]\npub async fn näme(x: u8) {\n    let ä = foo(\"é\").bar(x).await?; // 𝒳\n    é𝒳!(ä); s.0.1 as Vec<u8>\n}\n";

/// The text of every expression, and of the item and its name.
fn texts(facts: &FileFacts, text: &str) -> Vec<String> {
    let found = item(facts, "näme");
    let cut = |(a, b): (u32, u32)| text[a as usize..b as usize].replace('\r', "");
    let mut out = vec![cut(found.span), cut(found.name_span)];
    let body = body(facts, "näme");
    out.extend(body.exprs.iter().map(|e| cut(e.span)));
    out.extend(body.locals.iter().map(|l| cut(l.span)));
    out
}

#[test]
fn spans_are_exact() {
    let plain = texts(&clean(SOURCE), SOURCE);
    let inner = [
        "foo",
        "\"é\"",
        "foo(\"é\")",
        "x",
        "foo(\"é\").bar(x)",
        "foo(\"é\").bar(x).await",
        "foo(\"é\").bar(x).await?",
        "ä",
        "é𝒳!(ä)",
        "s",
        "s.0",
        "s.0.1",
        "s.0.1 as Vec<u8>",
    ];
    assert_eq!(plain[2..2 + inner.len()], inner);
    assert_eq!(plain[0], SOURCE.trim_end());
    let crlf = SOURCE.replace('\n', "\r\n");
    for text in [
        crlf.clone(),
        format!("\u{feff}{SOURCE}"),
        format!("\u{feff}{crlf}"),
        format!("#!/usr/bin/env é\n{SOURCE}"),
        format!("\u{feff}#!/bin/é\r\n{crlf}"),
        format!("#!/x\n---\n[dependencies]\né = 1\n---\n{SOURCE}"),
        format!("/* é */ fn z() {{}}\n{SOURCE}"),
    ] {
        assert_eq!(texts(&clean(&text), &text), plain, "{text:?}");
    }
}

#[test]
fn parentheses_count_for_what_is_around() {
    let text = "fn f(a: A) { (a + 1).b() }";
    let facts = clean(text);
    let body = body(&facts, "f");
    let cut = |(a, b): (u32, u32)| &text[a as usize..b as usize];
    let shown: Vec<&str> = body.exprs.iter().map(|e| cut(e.span)).collect();
    assert_eq!(shown, ["a", "1", "a + 1", "(a + 1).b()", "{ (a + 1).b() }"]);
}

#[test]
fn method_names_and_macro_paths_have_places() {
    let text = "async fn f(a: A) {\n a\n  .output()\n  .await; tokio::join!(a); }";
    let facts = clean(text);
    let mut places = Vec::new();
    for e in body(&facts, "f").exprs.iter() {
        if let ExprKind::MethodCall { name_span, .. } = &e.kind {
            places.push(*name_span);
        }
        if let ExprKind::Macro(call) = &e.kind {
            places.push(call.path_span);
        }
    }
    let shown: Vec<&str> = places.iter().map(|(a, b)| &text[*a as usize..*b as usize]).collect();
    assert_eq!(shown, ["output", "tokio::join"]);
}

#[test]
fn odd_texts_do_not_panic() {
    for text in [
        "",
        "\u{feff}",
        "\u{feff}\u{feff}fn a() {}",
        "#!",
        "#!/x",
        "\r",
        "\u{2028}",
        "---\n",
        "'",
        "\"",
        "/*",
        "r#\"",
        "fn a() {}\r",
    ] {
        let _ = facts(text);
    }
}
