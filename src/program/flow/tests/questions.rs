//! Questions about ways, on small bodies.

use crate::facts::{ExprId, ExprKind};
use crate::hir::flow::DeathKind;
use crate::link::flow::{UseKind, Uses};
use crate::program::flow::{Follows, LoopExit, Tracking, Until};

use super::{Case, with_case};

/// A call of the method `name`.
fn calls<'a>(case: &'a Case<'_>, name: &'a str) -> impl Fn(ExprId) -> bool + 'a {
    move |e| matches!(&case.order.body.expr(e).kind, ExprKind::MethodCall { name: n, .. } if *n == name)
}

#[test]
fn used_after_sees_branches_loops_captures_and_macros() {
    let used = |text: &str, local: &str, at: &str| {
        let mut answer = false;
        with_case(text, |case| answer = case.order.used_after(case.local(local), case.at(at)));
        answer
    };
    assert!(!used("fn f() { let h = spawn(1); other(); }", "h", "spawn(1)"));
    assert!(used("fn f() { let h = spawn(1); if c() { h.abort(); } }", "h", "spawn(1)"));
    assert!(used("fn f() { let h = spawn(1); run(move || keep(h)); }", "h", "spawn(1)"));
    assert!(used("fn f() { let h = spawn(1); println!(\"{h:?}\"); }", "h", "spawn(1)"));
    assert!(used("fn f() { let h = spawn(1); my_macro!(h); }", "h", "spawn(1)"));
    assert!(used("fn f() { let h = spawn(1); my_macro!(=> h <=); }", "h", "spawn(1)"));
    // Assigned anew, or another binding of the same name: the old value is not used.
    assert!(!used("fn f() { let mut h = spawn(1); h = spawn(2); go(h); }", "h", "spawn(1)"));
    assert!(used("fn f() { let mut h = spawn(1); if c() { h = spawn(2); } go(h); }", "h", "spawn(1)"));
    assert!(!used("fn f() { loop { let h = spawn(1); tick(); } }", "h", "spawn(1)"));
    assert!(used("fn f() { let mut h = None; loop { see(&h); h = spawn(1); } }", "h", "spawn(1)"));
    assert!(!used("fn f() { let h = spawn(1); return; go(h); }", "h", "spawn(1)"));
    assert!(used("fn f() { let h = 0; run(|| { h.a(); h.b(); }); }", "h", "h.b()"));
}

#[test]
fn uses_are_classified() {
    let kinds = |text: &str| {
        let mut names = Vec::new();
        with_case(text, |case| {
            let uses = Uses::new(case.order.body, case.toy);
            names = uses.of(case.local("x")).iter().map(|u| format!("{:?}", u.kind)).collect();
        });
        let names: Vec<String> = names.iter().map(|n| n.split([' ', '(']).next().unwrap().to_owned()).collect();
        names.join(" ")
    };
    assert_eq!(
        kinds("fn f() { let x = m(); g(x); g(&x); x.y(); x.z = 1; drop(x); }"),
        "Argument Ref Receiver Part Dropped"
    );
    assert_eq!(
        kinds("async fn f() { let x = m(); x = n(); x += 1; x.await; x? }"),
        "Overwritten Updated Awaited Tried"
    );
    assert_eq!(
        kinds("fn f() { let x = m(); let y = x; let _ = x; S { a: x }; [x]; (x, 1) }"),
        "Bound Read Stored Stored Stored"
    );
    assert_eq!(kinds("fn f() { let x = m(); if c { x } else { m() } }"), "Returned");
    assert_eq!(
        kinds("fn f() { let x = m(); for y in x {} match x { Some(z) => z, None => 1 }; x() }"),
        "Iterated Bound Called"
    );
    assert_eq!(
        kinds("fn f() { let x = m(); tokio::pin!(x); tokio::join!(x, &mut x); foo!(x) }"),
        "Pinned Polled Ref Unknown"
    );
    assert_eq!(
        kinds("fn f() { let x = m(); while x > 1 {} *x = 1; x[0]; x; _ = x; }"),
        "Read Part Part Discarded Discarded"
    );
    assert_eq!(kinds("fn f() { let x = m(); loop { break x; } }"), "Stored");
}

#[test]
fn captured_uses_keep_their_region() {
    with_case("fn f() { let x = m(); run(async move { x.a().await }); }", |case| {
        let uses = Uses::new(case.order.body, case.toy);
        let used = uses.of(case.local("x"))[0];
        assert!(matches!(used.kind, UseKind::Receiver { name, .. } if name == "a"));
        assert_ne!(used.region, case.order.region_of(case.at("m()")));
    });
}

#[test]
fn dominance_and_what_follows() {
    with_case("async fn f(c: bool) { if c { h.abort(); } h.await; }", |case| {
        assert!(!case.order.dominated_by(case.at("h.await"), calls(case, "abort")));
    });
    with_case("async fn f(c: bool) { h.abort(); loop { if c { break; } } h.await; }", |case| {
        assert!(case.order.dominated_by(case.at("h.await"), calls(case, "abort")));
        assert!(!case.order.dominated_by(case.at("h.abort()"), calls(case, "abort")));
    });
    with_case("async fn f(c: bool) { if c { h.abort(); } else { return; } h.await; }", |case| {
        assert!(case.order.dominated_by(case.at("h.await"), calls(case, "abort")));
    });
    let flush = |text: &str, scope: bool| {
        let mut answer = Follows::Always;
        with_case(text, |case| {
            let until = if scope { Until::ScopeEnd(case.local("w")) } else { Until::RegionEnd };
            answer = case.order.followed_by(case.at("w.write()"), until, calls(case, "flush"));
        });
        answer
    };
    assert_eq!(flush("fn f() { let w = m(); w.write(); w.flush(); }", false), Follows::Always);
    assert_eq!(flush("fn f() { let w = m(); w.flush(); w.write(); }", false), Follows::Never);
    assert_eq!(flush("fn f() { let w = m(); w.write(); if c { w.flush(); } }", false), Follows::Sometimes);
    // Ways that end in an error do not count.
    assert_eq!(flush("fn f() -> R { let w = m(); w.write(); go()?; w.flush(); Ok(()) }", false), Follows::Always);
    assert_eq!(
        flush("fn f() -> R { let w = m(); w.write(); if c { return Err(1); } w.flush() }", false),
        Follows::Always
    );
    assert_eq!(
        flush("fn f() -> R { let w = m(); w.write(); if c { Err(1) } else { w.flush() } }", false),
        Follows::Always
    );
    assert_eq!(
        flush("fn f() -> R { let w = m(); w.write(); if c { return Ok(()); } w.flush() }", false),
        Follows::Sometimes
    );
    assert_eq!(flush("fn f() { let w = m(); while c() { w.write(); } w.flush(); }", false), Follows::Always);
    // The local dies before the region ends.
    assert_eq!(flush("fn f() { loop { let w = m(); w.write(); } }", true), Follows::Never);
    assert_eq!(
        flush("fn f() { loop { let w = m(); w.write(); if c { break; } w.flush(); } }", true),
        Follows::Sometimes
    );
}

#[test]
fn statements_after() {
    with_case("async fn f() { if c { let _ = s.acquire().await; } work(); }", |case| {
        assert!(case.order.something_follows(case.at("s.acquire()")));
        assert!(case.order.is_last_statement(case.at("s.acquire()")));
        assert!(!case.order.is_last_statement(case.at("c")));
    });
    with_case("async fn f() -> R { let _ = s.acquire().await?; Ok(()) }", |case| {
        assert!(!case.order.something_follows(case.at("s.acquire()")));
        assert_eq!(case.order.stmt_of(case.at("s")).map(|at| at.index), Some(0));
        assert_eq!(case.order.stmt_of(case.at("Ok(())")).map(|at| at.index), Some(1));
    });
    with_case("async fn f() { s.acquire().await; return; work(); }", |case| {
        assert!(
            !case
                .order
                .statements_after(case.at("s"))
                .iter()
                .any(|at| { case.order.statement_exprs(*at).iter().any(|e| case.text_of(*e) == "work()") })
        );
    });
    with_case("async fn f() { run(async { s.acquire().await; }); work(); }", |case| {
        assert!(!case.order.something_follows(case.at("s.acquire()")));
    });
}

#[test]
fn loops_and_their_exits() {
    with_case("fn f() { loop { if c { break; } inner(); } }", |case| {
        let around = case.order.enclosing_loop(case.at("inner()")).expect("a loop");
        assert!(matches!(case.order.loop_exits(around)[..], [LoopExit::Break(_)]));
        assert!(!case.order.never_ends(around));
    });
    with_case("fn f() { while true { inner(); } }", |case| {
        let around = case.order.enclosing_loop(case.at("inner()")).expect("a loop");
        assert!(case.order.never_ends(around));
        assert!(case.order.diverges(around));
    });
    with_case("fn f() { loop { loop { inner(); break; } } }", |case| {
        let loops: Vec<_> = case.order.enclosing_loops(case.at("inner()")).collect();
        assert_eq!(loops.len(), 2);
        assert!(!case.order.never_ends(loops[0]));
        assert!(case.order.never_ends(loops[1]));
    });
    with_case("fn f() { 'a: loop { for x in items() { go()?; continue 'a; } } }", |case| {
        let around = case.order.enclosing_loop(case.at("go()")).expect("a loop");
        assert!(matches!(
            case.order.loop_exits(around)[..],
            [LoopExit::Done(_), LoopExit::Error(_), LoopExit::Outer(_)]
        ));
        assert!(case.order.enclosing_loop(case.at("items()")) != Some(around));
    });
    with_case("fn f() { loop { run(|| { return inner(); }); } }", |case| {
        assert!(case.order.enclosing_loop(case.at("inner()")).is_none());
        assert!(case.order.never_ends(case.order.enclosing_loop(case.at("run")).expect("a loop")));
    });
}

#[test]
fn handlers_that_leave_the_loop() {
    let text = "async fn f() { loop { tokio::select! {
        _ = a() => break,
        _ = b() => { log(); return; }
        _ = c() => { if x { break; } }
        _ = d() => { if x { break } else { panic!() } }
        _ = e() => go(),
        _ = g() => continue,
    } } }";
    with_case(text, |case| {
        let exits = |code: &str| case.order.exits_loop(case.at(code));
        assert!(exits("break"));
        assert!(exits("{ log(); return; }"));
        assert!(!exits("{ if x { break; } }"));
        assert!(exits("{ if x { break } else { panic!() } }"));
        assert!(!exits("go()"));
        assert!(!exits("continue"));
    });
    with_case("fn f() { for x in y { match x { 1 => break, _ => {} } } }", |case| {
        assert!(case.order.exits_loop(case.at("break")));
    });
}

#[test]
fn falling_through() {
    with_case("fn f() { if c { return; } else { panic!() } work(); }", |case| {
        assert!(case.order.diverges(case.at("{ return; }")));
        assert!(case.order.diverges(case.at("panic!()")));
        assert!(!case.order.runs(case.at("work()")));
    });
    with_case("fn f() { std::process::exit(1); }", |case| {
        assert!(case.order.diverges(case.at("{ std::process::exit(1); }")));
    });
    with_case("fn f() { go()?; work(); }", |case| assert!(case.order.completes(case.at("go()?"))));
}

#[test]
fn awaits_and_last_use() {
    with_case("async fn f() { a().await; h.x(); loop { b().await; } c().await; }", |case| {
        let awaits = case.order.awaits_after(case.at("h.x()"));
        assert_eq!(awaits.iter().map(|e| case.text_of(*e)).collect::<Vec<_>>(), ["b().await"]);
        assert_eq!(case.order.awaits_in(case.order.body.root).len(), 2);
    });
    with_case("async fn f() { let x = m(); x.a(); x.b(); other(); }", |case| {
        let last = case.order.last_use(case.local("x")).expect("a use");
        assert_eq!(case.order.body.expr(last).parent, Some(case.at("x.b()")));
    });
}

#[test]
fn lives_have_ends_names_and_places() {
    with_case("async fn f() { let g = m.lock().unwrap(); a().await; eat(g); }", |case| {
        let tracking = Tracking::new(case.order, case.toy);
        let value = tracking.created_by(case.at("m.lock()")).expect("tracked");
        assert_eq!(value.holders, [case.local("g")]);
        assert_eq!(value.suspensions, [case.at("a().await")]);
        assert!(value.unnamed_at.is_empty());
        assert_eq!(value.deaths.iter().map(|d| d.kind).collect::<Vec<_>>(), [DeathKind::Moved(case.at("eat(g)"))]);
        assert!(tracking.live_at(case.at("eat(g)")).is_empty());
        assert_eq!(tracking.live_at(case.at("a()")).len(), 1);
    });
    with_case(
        "async fn f(c: bool) { let g = m.lock().unwrap(); if c { drop(g); return; } a(g.len()).await; }",
        |case| {
            let tracking = Tracking::new(case.order, case.toy);
            let kinds: Vec<_> = tracking.values()[0].deaths.iter().map(|d| d.kind).collect();
            assert_eq!(kinds, [DeathKind::Dropped(case.at("drop(g)")), DeathKind::ScopeEnd]);
        },
    );
    with_case("fn f() { m.lock().unwrap().push(m.lock().unwrap().len()); }", |case| {
        let tracking = Tracking::new(case.order, case.toy);
        // The second lock is taken while the first one's temporary lives.
        let inner = case.order.body.exprs.ids().filter(|e| case.text_of(*e) == "m.lock()").max().expect("two");
        assert_eq!(tracking.live_at(inner).len(), 1);
        assert!(tracking.live_at(case.at("m.lock()")).is_empty());
    });
    with_case("fn f() { let mut g = m.lock().unwrap(); g = m.lock().unwrap(); }", |case| {
        let tracking = Tracking::new(case.order, case.toy);
        let second = case.order.body.exprs.ids().filter(|e| case.text_of(*e) == "m.lock()").max().expect("two");
        assert_eq!(tracking.live_at(second).len(), 1);
        let kinds: Vec<_> = tracking.values()[0].deaths.iter().map(|d| d.kind).collect();
        assert!(matches!(kinds[..], [DeathKind::Overwritten(_)]));
    });
    with_case("fn f() { let r = move || { m.lock().unwrap() }; }", |case| {
        let tracking = Tracking::new(case.order, case.toy);
        assert!(matches!(tracking.values()[0].deaths[..], [d] if matches!(d.kind, DeathKind::Returned(_))));
    });
}

#[test]
fn long_chains_need_no_stack() {
    let run = |text: String| {
        std::thread::Builder::new()
            .stack_size(64 << 20)
            .spawn(move || with_case(&text, |_| {}))
            .unwrap()
            .join()
            .unwrap();
    };
    run(format!("fn f() {{ x{}; }}", ".a()".repeat(2_000)));
    run(format!("fn f() {{ x{}; }}", "?".repeat(9_000)));
    run(format!("fn f() -> bool {{ x{} }}", " && x".repeat(3_000)));
    run(format!("fn f() {{ if x {}{{}} }}", "{} else if x ".repeat(400)));
}
