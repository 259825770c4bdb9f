//! Each macro that is understood, and those that are not.

use super::{body, clean, shown};
use crate::facts::{RegionKind, body::Region};

#[test]
fn select_of_tokio() {
    assert_eq!(
        shown("tokio::select! { biased; Some(x) = a.recv(), if b => { x } _ = b => return, else => {} }"),
        "{ Tokio-select biased { Some(x#2) = a#0.recv(), if b#1 => { x#2 }, _ = b#1 => return, else => { }, } }"
    );
    // A block ends the handler, as it ends the arm of a match.
    assert_eq!(
        shown("select! { x = a => {} (y, z) = b => y, }"),
        "{ Tokio-select { x#2 = a#0 => { }, (y#3, z#4) = b#1 => y#3, } }"
    );
    assert_eq!(
        shown("select! { r = select! { x = a => x } => select! { y = b => y } }"),
        "{ Tokio-select { r#3 = Tokio-select { x#2 = a#0 => x#2, } => Tokio-select { y#4 = b#1 => y#4, }, } }"
    );
}

#[test]
fn select_of_others() {
    assert_eq!(
        shown("futures::select! { x = a => x, complete => break, default => b, }"),
        "{ Futures-select { x#2 = a#0 => x#2, else => break, default => b#1, } }"
    );
    assert_eq!(shown("select_biased! { x = a => x }"), "{ Futures-select biased { x#2 = a#0 => x#2, } }");
    assert_eq!(
        shown("select! { recv(a) -> m => m, send(b, 1) -> r => r, default(t) => 2 }"),
        "{ Crossbeam-select { m#2 = a#0 => m#2, r#3 = opaque(b#1, 1) => r#3, default => opaque(t, 2), } }"
    );
}

#[test]
fn joins_pins_and_streams() {
    assert_eq!(shown("tokio::join!(biased; a, b.c())"), "{ Join!(a#0, b#1.c()) }");
    assert_eq!(shown("try_join!(a, b,)?"), "{ TryJoin!(a#0, b#1)? }");
    assert_eq!(shown("pin!(a); let p = std::pin::pin!(b); p"), "{ Pin!(a#0); let p#2 = Pin!(b#1); p#2 }");
    assert_eq!(shown("tokio::pin! { let x = a; } x"), "{ let x#2 = a#0; Pin!(x#2); x#2 }");
    assert_eq!(
        shown("stream! { for await x in a { yield x; } for y in b { yield y?; } }"),
        "{ stream { for await x#2 in a#0 { yield x#2; } for y#3 in b#1 { yield y#3?; } } }"
    );
    assert_eq!(shown("async_stream::try_stream!(yield a.await?;)"), "{ stream { yield a#0.await?; } }");
}

#[test]
fn formatting() {
    assert_eq!(shown(r#"println!("{a:?} {} {b:>a$}", b);"#), r#"{ Print!("{a:?} {} {b:>a$}", a#0, b#1, a#0, b#1); }"#);
    assert_eq!(shown(r#"format!("{x}", x = a)"#), r#"{ Format!("{x}", a#0) }"#);
    assert_eq!(shown(r#"write!(a, "{b}")?;"#), r#"{ Format!(a#0, "{b}", b#1)?; }"#);
    assert_eq!(shown("dbg!(a, b)"), "{ Print!(a#0, b#1) }");
    assert_eq!(shown(r#"panic!("{a}")"#), r#"{ Panic!("{a}", a#0) }"#);
    assert_eq!(shown("todo!()"), "{ Panic!() }");
    assert_eq!(shown(r#"assert_eq!(a, b, "{a}");"#), r#"{ Assert!(a#0, b#1, "{a}", a#0); }"#);
    assert_eq!(shown(r#"concat!("{a}", env!("X"))"#), "{ Pure!() }");
}

#[test]
fn logging() {
    assert_eq!(
        shown(r#"tracing::info!(target: "t", parent: &a, ?a, %b, x.y = ?a, "k" = %b, z = a, { n = 1 }, "m {b}");"#),
        r#"{ Log!("t", &a#0, a#0, b#1, a#0, b#1, a#0, 1, "m {b}", b#1); }"#
    );
    assert_eq!(shown(r#"log::warn!(a:? = b, c:err = a, b:%; "m")"#), r#"{ Log!(b#1, a#0, b#1, "m") }"#);
    assert_eq!(
        shown(r#"error!(a.log, "m"; "k" => %b, "e" => a.x())"#),
        r#"{ Log!(a#0.log, "m", "k", b#1, "e", a#0.x()) }"#
    );
    assert_eq!(
        shown(r#"info_span!("s", a, x = b.id(), y = field::Empty)"#),
        r#"{ Span!("s", a#0, b#1.id(), field::Empty) }"#
    );
    assert_eq!(shown(r#"anyhow!("x {a}")"#), r#"{ Log!("x {a}", a#0) }"#);
    assert_eq!(
        shown(r#"ensure!(a > b, "no"); bail!("{a}")"#),
        r#"{ Ensure!(Compare(a#0, b#1), "no"); Bail!("{a}", a#0) }"#
    );
    // An argument list nobody knows still tells what it mentions.
    assert_eq!(shown("info!(a ~ b => 3 { x? });"), "{ Log!( use a#0 use b#1 flow); }");
}

#[test]
fn values() {
    assert_eq!(shown("vec![a, b]; vec![a; 3]; vec![]"), "{ Vec!(a#0, b#1); Repeat!(a#0, 3); Vec!() }");
    assert_eq!(
        shown("matches!(a, Some(x) | Ok(x) if x > 1)"),
        "{ match a#0 { Some(x#2) | Ok(x#2) if Compare(x#2, 1) => true, _ => false, } }"
    );
    assert_eq!(
        shown(r#"assert_matches!(a, Ok(_), "{b}")"#),
        r#"{ Assert!(match a#0 { Ok(_) => true, _ => false, }, "{b}", b#1) }"#
    );
    assert_eq!(shown("r#try!(a)"), "{ a#0? }");
}

#[test]
fn conditional_statements() {
    assert_eq!(shown("cfg_if::cfg_if! { if #[cfg(unix)] { let x = a; x } else { b } }"), "{ let x#2 = a#0; x#2 b#1 }");
    let facts = clean(
        "fn f(a: A) { cfg_if! { if #[cfg(unix)] { a.x(); } else if #[cfg(windows)] { a.y(); } else { a.z(); } } }",
    );
    let cfgs: Vec<String> = body(&facts, "f").cfgs.iter().map(|(_, c)| format!("{c:?}")).collect();
    assert_eq!(
        cfgs,
        [
            "Flag(\"unix\")",
            "All([Not(Flag(\"unix\")), Flag(\"windows\")])",
            "All([Not(Flag(\"unix\")), Not(Flag(\"windows\"))])"
        ]
    );
}

#[test]
fn unknown_macros() {
    assert_eq!(shown("foo!(a, b.await)"), "{ Unknown!(a#0, b#1.await) }");
    assert_eq!(shown("foo! { let x = a; x.await; }"), "{ Unknown!({ let x#2 = a#0; x#2.await; }) }");
    assert_eq!(shown(r#"json!({ "k": a, "n": { "m": b } })"#), "{ Unknown!( use a#0 use b#1) }");
    assert_eq!(shown("foo!(a => b.await)"), "{ Unknown!( use a#0 use b#1 flow) }");
    assert_eq!(shown(r#"foo!("{a}" => 1)"#), "{ Unknown!( use a#0) }");
    assert_eq!(
        shown(r#"foo!("{a}", select! { x = b => x })"#),
        r#"{ Unknown!("{a}", a#0, Tokio-select { x#2 = b#1 => x#2, }) }"#
    );
    let facts = clean("fn f(a: A) { foo!(|| a); bar!(); }");
    let f = body(&facts, "f");
    assert!(f.has_unknown_macro);
    let kinds: Vec<RegionKind> = f.regions.iter().map(|r: &Region| r.kind).collect();
    assert_eq!(kinds, [RegionKind::Fn, RegionKind::Opaque, RegionKind::Closure]);
    assert!(!body(&clean("fn f() { println!(); }"), "f").has_unknown_macro);
}
