//! Lowering of expressions, patterns and names.

use super::{body, clean, shown};
use crate::facts::{Cfg, LocalKind};

#[test]
fn chains_and_operators() {
    assert_eq!(shown("a.b::<u8>(1).await?.c.0[2](b)"), "{ a#0.b(1).await?.c.0[2](b#1) }");
    assert_eq!(shown("a + b * 2 == 3 && !a"), "{ And(Equal(Arithmetic(a#0, Arithmetic(b#1, 2)), 3), Not(a#0)) }");
    assert_eq!(shown("1 + 2 * -3; -(4)"), "{ lit; lit }");
    assert_eq!(shown("a = b; a.x += b; _ = a;"), "{ a#0 = b#1; a#0.x op= b#1; _ = a#0; }");
    assert_eq!(shown("&mut *a as usize; 0..b; ..=a; &raw const a"), "{ &mut *a#0 as; (0..b#1); (..a#0); &a#0 }");
    assert_eq!(
        shown("[a, b]; [a; 3]; (a, b); S { a, b: 1, ..b }"),
        "{ [a#0, b#1]; [a#0; 3]; (a#0, b#1); S { a: a#0, b: 1, } b#1 }"
    );
    assert_eq!(shown("<a::T as b::U<V>>::new(A::<X, Y>::z())"), "{ <_ as b::U>::new(A::z<2>()) }");
}

#[test]
fn control_flow() {
    assert_eq!(
        shown("if let Some(x) = a && x > 1 { x } else if b { 1 } else { x }"),
        "{ if And(let Some(x#2) = a#0, Compare(x#2, 1)) { x#2 } else if b#1 { 1 } else { x } }"
    );
    assert_eq!(
        shown("'l: while let Some(mut x) = a.next().await { continue 'l; } loop { break 'l 5 }"),
        "{ 'l: while let Some(mut x#2) = a#0.next().await { continue 'l; } loop { break 'l 5 } }"
    );
    assert_eq!(shown("for (i, _) in a { b(i); } i"), "{ for (i#2, _) in a#0 { b#1(i#2); } i }");
    assert_eq!(
        shown("match a { A::B(x) | A::C { x, .. } if x > 0 => return x, MAX => {} n @ 1..=9 => yield_(n), _ => b?, }"),
        "{ match a#0 { A::B(x#2) | A::C { x: x#2, } if Compare(x#2, 0) => return x#2, MAX => { }, n#3 @ lit => yield_(n#3), _ => b#1?, } }"
    );
    assert_eq!(shown("let Ok(x) = a else { return }; x"), "{ let Ok(x#2) = a#0 else { return }; x#2 }");
    assert_eq!(shown("unsafe { a }; const { 1 }; 'x: { break 'x }"), "{ { a#0 }; { 1 }; 'x: { break 'x } }");
}

#[test]
fn names_are_lexical() {
    assert_eq!(shown("let a = a; { let a = a; a } a"), "{ let a#2 = a#0; { let a#3 = a#2; a#3 } a#2 }");
    assert_eq!(
        shown("let x: T = |a, &y| a + y + b; x(a)"),
        "{ let x#4: _ = closure |a#2, &y#3| Arithmetic(Arithmetic(a#2, y#3), b#1); x#4(a#0) }"
    );
    assert_eq!(shown("spawn(async move { a.await; })"), "{ spawn(async move { a#0.await; }) }");
    assert_eq!(shown("async |x: u8| -> T { x }"), "{ async-closure |x#2| { x#2 } }");
    assert_eq!(
        shown("let ref r = a; let [x, .., y] = b; let r#type = 1; r#type"),
        "{ let ref r#2 = a#0; let [x#3, .., y#4] = b#1; let type#5 = 1; type#5 }"
    );
    // The last condition sees what the first binds; the other branch does not.
    assert_eq!(
        shown("if let x = a && let y = x { y } else { y }"),
        "{ if And(let x#2 = a#0, let y#3 = x#2) { y#3 } else { y } }"
    );
}

#[test]
fn locals_know_their_region_and_kind() {
    let facts = clean("impl T { fn f(&self, p: u8) { let c = |q| { let l = self.x + q; for i in l {} }; } }");
    let body = body(&facts, "f");
    let of = |name: &str| body.locals.iter().find(|l| l.name == name).expect("a local");
    assert_eq!((of("self").kind, of("self").region.0), (LocalKind::SelfValue, 0));
    assert_eq!((of("p").kind, of("p").region.0), (LocalKind::Param, 0));
    assert_eq!((of("q").kind, of("q").region.0), (LocalKind::Param, 1));
    assert_eq!((of("l").kind, of("l").region.0), (LocalKind::Let, 1));
    assert_eq!((of("i").kind, of("i").region.0), (LocalKind::For, 1));
    assert_eq!((of("c").kind, of("c").region.0), (LocalKind::Let, 0));
}

#[test]
fn conditions_stay_data() {
    let facts = clean(
        "fn f(a: A) { #[cfg(unix)] a.x(); #[cfg(not(unix))] let b = a; match a { #[cfg(test)] X => 1, _ => 2 }; S { #[cfg(feature = \"x\")] y: a }; }",
    );
    let body = body(&facts, "f");
    let shown: Vec<String> = body.cfgs.iter().map(|(_, c)| format!("{c:?}")).collect();
    assert_eq!(shown, ["Flag(\"unix\")", "Not(Flag(\"unix\"))", "Flag(\"test\")", "Value(\"feature\", \"x\")"]);
    assert!(matches!(body.cfgs[0].1, Cfg::Flag(_)));
}

#[test]
fn items_of_a_block_open_a_scope() {
    let facts = clean("fn f() { a(); { use x::a; fn g() { h() } a(); } a() }");
    let f = body(&facts, "f");
    let scopes: Vec<u32> = f.paths.paths.iter().map(|p| p.scope.0).collect();
    assert_eq!(scopes, [0, 1], "`a` outside and `a` inside are two paths");
    assert_eq!(facts.scopes[crate::facts::ScopeId(1)].items.len(), 2);
    assert_eq!(body(&facts, "g").scope.0, 1);
}
