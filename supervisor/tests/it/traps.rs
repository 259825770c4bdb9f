//! The traps of the design, each one a test. Items 1, 2 and 12 are in `forms` and
//! `compile_matrix`, 6 and 7 in the gates.

use crate::support::{build, ms, supervisor, LONG};
use asynclint_supervisor::{builder, capture_panic_locations, spawn, spawn_on, task, EventKind, Outcome, TaskError};
use std::fmt;
use std::future::pending;

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("destructor");
    }
}

#[tokio::test]
async fn trap_3_a_destructor_that_panics_does_not_lose_the_task() {
    let (sup, seen) = supervisor();
    let bomb = PanicsInDrop;
    let handle = spawn!(in sup, "aborted", async move {
        let _bomb = bomb;
        pending::<()>().await
    });
    tokio::task::yield_now().await;
    handle.abort();
    assert!(matches!(handle.await, Err(TaskError::Panicked(_))));
    let handle = spawn!(in sup, "output", async { Ok::<_, ()>(PanicsInDrop) });
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(sup.stats().active, 0, "the output is not the task");
    let value = handle.await;
    std::mem::forget(value);
    assert_eq!(sup.stats().ended(Outcome::Panicked), 1);
    assert_eq!(seen.errors_of(EventKind::Panicked), ["destructor panicked: destructor"]);
    let report = sup.shutdown().await;
    assert!(report.stuck.is_empty(), "{report}");
}

#[tokio::test]
async fn trap_3_also_when_the_future_is_dropped_after_its_value() {
    struct Future(PanicsInDrop);
    impl std::future::Future for Future {
        type Output = Result<(), &'static str>;
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
            std::task::Poll::Ready(Err("the error"))
        }
    }
    let (sup, seen) = supervisor();
    let end = spawn!(in sup, "both", Future(PanicsInDrop)).await;
    assert!(matches!(end, Err(TaskError::Panicked(_))), "{end:?}");
    let told = seen.errors_of(EventKind::Panicked);
    assert_eq!(told, ["destructor panicked: destructor; the task had failed: the error"]);
    assert_eq!(sup.stats().total_ended(), 1);
}

struct PanicsInDisplay;

impl fmt::Display for PanicsInDisplay {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("display");
    }
}

#[tokio::test]
async fn trap_4_a_display_that_panics_does_not_lose_the_task() {
    let (sup, seen) = supervisor();
    spawn!(in sup, "dropped", async { Err::<(), _>(PanicsInDisplay) });
    sup.wait_all(LONG).await.unwrap();
    let late = spawn!(in sup, "late", async { Err::<(), _>(PanicsInDisplay) });
    sup.wait_all(LONG).await.unwrap();
    while !late.is_finished() {
        tokio::task::yield_now().await;
    }
    drop(late);
    sup.enter(async {
        asynclint_supervisor::observe!("observed", Err::<(), _>(PanicsInDisplay));
    })
    .await;
    let text = "<error formatting panicked>";
    assert_eq!(seen.errors_of(EventKind::Failed), [text, text]);
    assert_eq!(seen.errors_of(EventKind::Observed), [text]);
    assert_eq!(sup.stats().ended(Outcome::Failed), 2);
    assert_eq!(sup.stats().active, 0);
}

#[test]
fn trap_5_outside_of_a_runtime_it_panics_like_tokio_and_leaves_no_entry() {
    let (sup, _) = build(builder());
    let inside = sup.clone();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        spawn!(in inside, "nowhere", async {});
    }));
    let payload = panicked.unwrap_err();
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or(payload.downcast_ref::<&str>().map(|t| (*t).to_owned())).unwrap();
    assert!(text.contains("no reactor running"), "{text}");
    assert_eq!(sup.stats().active, 0);
    assert_eq!(sup.stats().total_ended(), 1);
}

#[test]
fn trap_5_a_supervisor_that_knows_a_runtime_spawns_there() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (sup, _) = runtime.block_on(async { supervisor() });
    let inside = sup.clone();
    let handle = std::thread::spawn(move || spawn!(in inside, "from_a_thread", async { 9 }));
    let handle = handle.join().unwrap();
    assert_eq!(runtime.block_on(handle), Ok(9));
}

#[test]
fn trap_8_large_futures_can_be_spawned() {
    // 256 KiB in a debug build on a 2 MiB stack: every layer that copies the future costs that
    // much again.
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (sup, _) = supervisor();
            let big = [1u8; 256 * 1024];
            let handle = spawn!(in sup, "big", async move {
                tokio::task::yield_now().await;
                big.iter().map(|b| u64::from(*b)).sum::<u64>()
            });
            assert_eq!(handle.await, Ok(256 * 1024));
        });
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap();
    thread.join().unwrap();
}

#[test]
fn trap_9_a_runtime_dropped_with_live_tasks_accounts_for_them() {
    let (sup, _) = build(builder());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for _ in 0..1000 {
        spawn_on!(runtime, task!("parked").in_(&sup), pending::<()>());
    }
    drop(runtime);
    assert_eq!(sup.stats().ended(Outcome::Dropped), 1000);
    assert_eq!(sup.stats().active, 0);
}

#[tokio::test]
async fn trap_10_a_blanket_trait_in_scope_hijacks_nothing() {
    trait Blanket {
        fn reporter(&self) -> u8 {
            0
        }
        fn probe(&self) -> u8 {
            0
        }
        fn report(&self) -> u8 {
            0
        }
    }
    impl<T> Blanket for T {}
    let (sup, seen) = supervisor();
    spawn!(in sup, "x", async { Err::<(), _>("told") });
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.errors_of(EventKind::Failed), ["told"]);
    assert_eq!(5u8.reporter() + 5u8.probe() + 5u8.report(), 0);
}

#[tokio::test]
async fn trap_13_each_expansion_has_its_own_site() {
    macro_rules! twice {
        ($sup:expr) => {{
            spawn!(in $sup, "first", async {});
            spawn!(in $sup, "second", async {});
        }};
    }
    let (sup, _) = supervisor();
    twice!(sup);
    let line = line!() - 1;
    sup.wait_all(LONG).await.unwrap();
    let sites = sup.snapshot().sites;
    let here: Vec<_> = sites.iter().filter(|s| s.line == line && s.file == file!()).collect();
    assert_eq!(here.len(), 2, "the outermost line of the user's code");
    assert!(here[0].function.ends_with("trap_13_each_expansion_has_its_own_site"), "{here:?}");
}

#[tokio::test]
async fn panics_say_where_once_the_hook_is_there() {
    capture_panic_locations();
    let (sup, seen) = supervisor();
    let end = spawn!(in sup, "p", async { panic!("here") }).await;
    let Err(TaskError::Panicked(info)) = end else {
        panic!("{end:?}");
    };
    assert!(info.location().is_some_and(|at| at.contains("traps.rs:")), "{info}");
    assert!(seen.errors_of(EventKind::Panicked)[0].starts_with("here (at "));
}

#[tokio::test]
async fn a_hook_that_panics_harms_nobody() {
    let sup = builder().on_event(|_| panic!("hook")).build();
    spawn!(in sup, "x", async { Err::<(), _>("e") });
    assert_eq!(spawn!(in sup, "y", async { 1 }).await, Ok(1));
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(sup.stats().ended(Outcome::Failed), 1);
    assert_eq!(sup.health().to_string(), "the event hook or log subscriber panicked");
    let report = sup.shutdown().await;
    assert_eq!(report.failed, 1);
    assert!(report.elapsed < ms(5_000));
}
