//! Items, scopes, imports and attributes.

use super::{body, clean, item};
use crate::facts::item::{ConstKind, SelfParam, UseBinding, Visibility};
use crate::facts::{Cfg, FileFacts, ItemKind, ScopeKind, TypeExpr};

fn uses(facts: &FileFacts) -> Vec<String> {
    let mut out = Vec::new();
    for item in facts.items.iter() {
        if let ItemKind::Use(u) = &item.kind {
            let binding = match u.binding {
                UseBinding::Name(name) => name.to_string(),
                UseBinding::Anonymous => "_".to_owned(),
                UseBinding::Glob => "*".to_owned(),
            };
            let path = &facts.paths.paths[u.path];
            out.push(format!("{}{} as {binding}", if path.global { "::" } else { "" }, path.text()));
        }
    }
    out
}

#[test]
fn use_trees() {
    let facts = clean("use ::a::{self, b::{c as d, e::*}, F as _}; use x; pub use y::z; use q::{self as w};");
    assert_eq!(
        uses(&facts),
        ["::a as a", "::a::b::c as d", "::a::b::e as *", "::a::F as _", "x as x", "y::z as z", "q as w"]
    );
}

#[test]
fn functions() {
    let facts = clean(
        "pub(crate) async unsafe extern \"C\" fn f<'a, T: A + ?Sized, const N: usize>(x: &'a mut T, (y, z): (u8, [T; 3])) \
         -> impl Future<Output = T> where T: B, Vec<T>: C { }",
    );
    let found = item(&facts, "f");
    assert_eq!(found.visibility, Visibility::Restricted);
    let ItemKind::Fn(f) = &found.kind else { panic!("a function") };
    assert!(f.is_async && f.is_extern && !f.is_const);
    assert_eq!(f.generics.params.len(), 1);
    assert_eq!(f.generics.params[0].bounds.len(), 2);
    assert_eq!(f.generics.clauses.len(), 1);
    assert_eq!(f.params.len(), 2);
    assert!(matches!(&f.params[1], TypeExpr::Tuple(t) if matches!(t[1], TypeExpr::Array(_, Some(3)))));
    assert!(matches!(&f.ret, TypeExpr::Impl(b) if b[0].bindings.len() == 1));
    assert!(matches!(facts.scopes[f.inner_scope].kind, ScopeKind::Generics(_)));
    let body = body(&facts, "f");
    assert_eq!((body.locals.len(), body.regions[crate::facts::RegionId(0)].params.len()), (3, 2));
}

#[test]
fn impls_and_traits() {
    let facts = clean(
        "impl<T> a::Tr<T> for S<T> { type O = T; const C: u8 = 1; fn m(self: Arc<Self>) {} fn n(&mut self) {} m!{} } \
         trait Q: Send { type P: X; fn r(&self); fn d() { } const K: u8; }",
    );
    let implemented = facts.items.iter().find_map(|i| match &i.kind {
        ItemKind::Impl(found) => Some(found),
        _ => None,
    });
    let implemented = implemented.expect("an impl");
    assert_eq!(implemented.items.len(), 5);
    assert!(implemented.trait_.is_some());
    let ItemKind::Fn(m) = &item(&facts, "m").kind else { panic!("a method") };
    assert!(matches!(m.receiver, Some(SelfParam::Typed(_))));
    let ItemKind::Fn(n) = &item(&facts, "n").kind else { panic!("a method") };
    assert_eq!(n.receiver, Some(SelfParam::RefMut));
    let ItemKind::Trait(q) = &item(&facts, "Q").kind else { panic!("a trait") };
    assert_eq!((q.items.len(), q.supertraits.len()), (4, 1));
    assert!(matches!(&item(&facts, "r").kind, ItemKind::Fn(f) if f.body.is_none()));
    assert_eq!(facts.scopes[crate::facts::ScopeId(0)].items.len(), 2, "members are no names of the module");
}

#[test]
fn types_and_fields() {
    let text = "struct A { #[cfg(x)] a: u8, pub b: Vec<T> } struct B<T>(pub T, #[y] Box<dyn Fn(u8) -> T + Send>); enum E { U, V(u8), W { w: Box<Self> } }";
    let facts = clean(text);
    let ItemKind::Struct(a) = &item(&facts, "A").kind else { panic!("a struct") };
    assert_eq!(a.fields[0].cfg, Some(Cfg::Flag("x".into())));
    let ItemKind::Struct(b) = &item(&facts, "B").kind else { panic!("a struct") };
    let cut = |(s, e): (u32, u32)| &text[s as usize..e as usize];
    assert!(b.tuple);
    assert_eq!(cut(b.fields[0].span), "T");
    assert_eq!(cut(b.fields[1].span), "Box<dyn Fn(u8) -> T + Send>");
    let ItemKind::Enum(e) = &item(&facts, "E").kind else { panic!("an enum") };
    assert_eq!(e.variants.iter().map(|v| v.fields.len()).collect::<Vec<_>>(), [0, 1, 1]);
    assert!(matches!(facts.scopes[e.inner_scope].kind, ScopeKind::Generics(_)), "`Self` is visible");
}

#[test]
fn modules_and_macros() {
    let facts = clean(
        "#[path = \"x.rs\"] #[macro_use] mod a; mod b { mod c; } extern crate d as e; \
         macro_rules! in_place { ($x:expr) => { foo($x || $x) }; } macro_rules! later { ($x:expr) => { spawn(async { $x }) }; } \
         macro_rules! closure { ($x:expr) => { foo(|| $x) } } foo! { x } extern \"C\" { fn g(); }",
    );
    assert!(
        matches!(&item(&facts, "a").kind, ItemKind::Module(m) if m.path_attr.as_deref() == Some("x.rs") && m.macro_use)
    );
    assert!(matches!(&item(&facts, "b").kind, ItemKind::Module(m) if m.inline.is_some()));
    let in_place = |name: &str| matches!(&item(&facts, name).kind, ItemKind::MacroRules(m) if m.runs_in_place);
    assert!(in_place("in_place") && !in_place("later") && !in_place("closure"));
    assert!(matches!(item(&facts, "foo").kind, ItemKind::Other));
    assert!(matches!(&item(&facts, "e").kind, ItemKind::ExternCrate(e) if e.krate == "d"));
    assert!(matches!(&item(&facts, "g").kind, ItemKind::Fn(f) if f.is_extern));
}

#[test]
fn macros_that_hold_items() {
    let facts = clean(
        "cfg_if! { if #[cfg(unix)] { mod u; } else if #[cfg(windows)] { mod w; } else { fn o() {} } } \
         cfg_rt! { #[cfg(x)] fn rt() {} } pin_project! { #[project = P] pub struct Pinned { #[pin] f: T } } \
         lazy_static! { static ref L: Mutex<u8> = Mutex::new(1); } \
         thread_local! { pub static T: Cell<u8> = const { Cell::new(1) }; static U: u8 = 2 } task_local! { static K: String; }",
    );
    let cfg = |name: &str| format!("{:?}", item(&facts, name).cfg);
    assert_eq!(cfg("u"), "Some(Flag(\"unix\"))");
    assert_eq!(cfg("w"), "Some(All([Not(Flag(\"unix\")), Flag(\"windows\")]))");
    assert_eq!(cfg("o"), "Some(All([Not(Flag(\"unix\")), Not(Flag(\"windows\"))]))");
    assert_eq!(cfg("rt"), "Some(All([Flag(\"x\"), Flag(\"cfg_rt\")]))");
    assert!(matches!(item(&facts, "Pinned").kind, ItemKind::Struct(_)));
    let kind = |name: &str| match &item(&facts, name).kind {
        ItemKind::Const(c) => (c.kind, c.body.is_some()),
        other => panic!("{other:?}"),
    };
    assert_eq!(kind("L"), (ConstKind::LazyStatic, true));
    assert_eq!(kind("T"), (ConstKind::ThreadLocal, true));
    assert_eq!(kind("U"), (ConstKind::ThreadLocal, true));
    assert_eq!(kind("K"), (ConstKind::ThreadLocal, false));
    let local = clean("fn f() { thread_local! { static Z: u8 = 1; } Z.with(|z| z) }");
    assert!(matches!(item(&local, "Z").kind, ItemKind::Const(_)));
}

#[test]
fn attributes() {
    let text = "#![cfg(test)] #![cfg_attr(x, allow(y))]\n/// doc\n#[cfg(a)] #[cfg(all(b, not(c = \"d\")))] #[tokio::main(flavor \
         = \"x\")] #[cfg_attr(asynclint, allow(asynclint::r), doc = \"z\")] \
         #[cfg_attr(miri, ignore)] #[cfg_attr(q, cfg(r))] \
         #[path = \"p\"] fn f() {}";
    let facts = clean(text);
    let found = item(&facts, "f");
    let show = |a: &crate::facts::Attr| format!("{}({})", facts.paths.paths[a.path].text(), a.args);
    assert_eq!(facts.attrs.iter().map(show).collect::<Vec<_>>(), ["cfg(test)", "allow(y)"]);
    assert_eq!(
        found.attrs.iter().map(show).collect::<Vec<_>>(),
        ["tokio::main(flavor = \"x\")", "allow(asynclint::r)", "path(\"p\")"]
    );
    assert_eq!(
        format!("{:?}", found.cfg.as_ref().expect("conditions")),
        "All([Flag(\"a\"), All([Flag(\"b\"), Not(Value(\"c\", \"d\"))]), Any([Not(Flag(\"q\")), Flag(\"r\")])])"
    );
    assert_eq!(&text[found.span.0 as usize..found.span.0 as usize + 7], "/// doc");
}
