//! The test helper fails on what it should and passes what is clean.

use crate::support::ms;
use asynclint_supervisor::testing::{self, Setup, TestCx};
use asynclint_supervisor::{bridge, every, spawn, spawn_daemon};
use std::future::{pending, Future};
use std::sync::{Arc, Mutex};

/// The text with which a test of this body fails; empty if it passes.
fn verdict<F, Fut>(setup: Setup, body: F) -> String
where
    F: FnOnce(TestCx) -> Fut,
    Fut: Future<Output = ()>,
{
    let setup = setup.leak_grace(ms(20));
    let run = std::panic::AssertUnwindSafe(|| testing::run(setup, body));
    match std::panic::catch_unwind(run) {
        Ok(()) => String::new(),
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
        },
    }
}

fn both() -> [Setup; 2] {
    [Setup::new(), Setup::new().workers(2)]
}

#[test]
fn clean_tests_pass() {
    for setup in both() {
        let text = verdict(setup, |_| async {
            spawn!("a", async { Ok::<_, String>(1) }).await.unwrap().unwrap();
            spawn!("b", async {});
            spawn_daemon!("daemon", pending::<()>());
            let _tick = every("tick", ms(1), || async {});
            let _bridge = bridge("bridge", 1, |()| async {});
            tokio::spawn(async {});
        });
        assert_eq!(text, "");
    }
}

#[test]
fn faults_of_tasks_fail_the_test() {
    for setup in both() {
        let text = verdict(setup, |_| async {
            spawn!("panics", async { panic!("supervised") });
            spawn!("fails", async { Err::<(), _>("nobody reads this") });
            tokio::spawn(async { panic!("bare") });
        });
        assert!(text.contains("task panicked: panics"), "{text}");
        assert!(text.contains("error nobody read: fails") && text.contains("nobody reads this"));
        assert!(text.contains("unsupervised panic in task") && text.contains("bare (at "), "{text}");
    }
}

#[test]
fn leaks_fail_the_test_by_name_or_number() {
    for setup in both() {
        let text = verdict(setup, |_| async {
            spawn!("forgotten", pending::<()>());
            tokio::spawn(pending::<()>());
        });
        assert!(text.contains("task leaked: forgotten ("), "{text}");
        assert!(text.contains("1 unsupervised tasks leaked"), "{text}");
    }
}

#[test]
fn a_test_may_say_what_it_expects() {
    for setup in both() {
        let text = verdict(setup, |cx| async move {
            cx.expect_panics(2);
            cx.allow_leaks();
            cx.allow_errors();
            spawn!("p", async { panic!("1") });
            tokio::spawn(async { panic!("2") });
            spawn!("f", async { Err::<(), _>("x") });
            spawn!("l", pending::<()>());
        });
        assert_eq!(text, "");
    }
    let text = verdict(Setup::new(), |cx| async move { cx.expect_panics(1) });
    assert!(text.contains("1 panics expected, 0 seen"), "{text}");
}

#[test]
fn cleanups_run_last_first_also_after_a_panic_and_a_bad_one_stops_no_other() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&order);
    let text = verdict(Setup::new().cleanup_timeout(ms(20)), |cx| async move {
        let shared = Arc::clone(&log);
        let tracked = cx.track(5, move |v| async move { shared.lock().unwrap().push(*v) });
        let shared = Arc::clone(&log);
        cx.defer(async move { shared.lock().unwrap().push(2) });
        cx.defer(async { panic!("bad cleanup") });
        cx.defer(pending::<()>());
        let shared = Arc::clone(&log);
        cx.defer(async move { shared.lock().unwrap().push(1) });
        assert_eq!(*tracked, 4, "the body");
    });
    assert!(text.contains("the body"), "{text}");
    assert_eq!(*order.lock().unwrap(), [1, 2, 5]);
    let text = verdict(Setup::new(), |cx| async move { cx.defer(async { Err::<(), _>("late") }) });
    assert!(text.contains("cleanup failed") && text.contains("late"), "{text}");
}

#[test]
fn with_a_paused_clock_waiting_costs_nothing() {
    let begun = std::time::Instant::now();
    let setup = Setup::new().configure(|builder| {
        builder.start_paused(true);
    });
    let text = verdict(setup.leak_grace(ms(1_000)), |_| async {
        tokio::spawn(tokio::time::sleep(ms(5)));
        tokio::time::sleep(ms(60_000)).await;
    });
    assert_eq!(text, "");
    assert!(begun.elapsed() < ms(5_000), "{:?}", begun.elapsed());
}

#[test]
fn a_hundred_runs_side_by_side_agree() {
    let runs = |bad: bool| {
        move || {
            for _ in 0..25 {
                let text = verdict(Setup::new(), |_| async move {
                    let end = tokio::spawn(async move { assert!(!bad, "bare") }).await;
                    assert_eq!(end.is_err(), bad);
                });
                assert_eq!(text.is_empty(), !bad, "{text}");
            }
        }
    };
    let threads: Vec<_> = [true, false, true, false].map(runs).map(std::thread::spawn).into();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[asynclint_supervisor::test]
async fn the_attribute_runs_a_plain_test() {
    assert_eq!(spawn!("a", async { 1 }).await, Ok(1));
}

#[asynclint_supervisor::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_attribute_takes_a_flavor_and_gives_a_context(cx: TestCx) -> Result<(), String> {
    cx.defer(async {});
    let threads = tokio::runtime::Handle::current().metrics().num_workers();
    if threads == 2 {
        Ok(())
    } else {
        Err(format!("{threads} workers"))
    }
}

#[asynclint_supervisor::test(start_paused = true, crate = crate::test_helper::rt)]
async fn the_attribute_takes_a_paused_clock_and_a_path() {
    let begun = tokio::time::Instant::now();
    tokio::time::sleep(ms(3_600_000)).await;
    assert_eq!(begun.elapsed(), ms(3_600_000));
}

#[asynclint_supervisor::test]
#[should_panic(expected = "task panicked: oops")]
async fn the_attribute_fails_on_a_panic() {
    spawn!("oops", async { panic!("x") });
}

/// A project's own re-export.
mod rt {
    pub(crate) use asynclint_supervisor::*;
}
