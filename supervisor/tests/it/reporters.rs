//! Every output type is accepted and its errors are printed with the best formatter it has.

use crate::support::{supervisor, LONG};
use asynclint_supervisor::{observe, spawn, EventKind, TaskError};
use std::fmt;

#[derive(Debug)]
struct Chained(Option<Box<Chained>>, &'static str);

impl fmt::Display for Chained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

impl std::error::Error for Chained {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_deref().map(|e| e as _)
    }
}

fn chained() -> Chained {
    Chained(Some(Box::new(Chained(None, "disk full"))), "cannot save")
}

struct OnlyDisplay;

impl fmt::Display for OnlyDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if f.alternate() { "alternate" } else { "plain" })
    }
}

#[derive(Debug)]
struct OnlyDebug;

struct Mute;

#[tokio::test]
async fn the_best_formatter_wins() {
    let (sup, seen) = supervisor();
    spawn!(in sup, "unit", async {});
    spawn!(in sup, "number", async { 5 });
    spawn!(in sup, "opaque", async { Mute });
    spawn!(in sup, "fine", async { Ok::<(), Mute>(()) });
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.kinds(), []);
    spawn!(in sup, "error", async { Err::<(), _>(chained()) }).await_dropped().await;
    spawn!(in sup, "boxed", async {
        Err::<(), Box<dyn std::error::Error + Send + Sync>>(chained().into())
    })
    .await_dropped()
    .await;
    spawn!(in sup, "string", async { Err::<(), _>(String::from("text")) }).await_dropped().await;
    spawn!(in sup, "display", async { Err::<(), _>(OnlyDisplay) }).await_dropped().await;
    spawn!(in sup, "debug", async { Err::<(), _>(OnlyDebug) }).await_dropped().await;
    spawn!(in sup, "mute", async { Err::<(), _>(Mute) }).await_dropped().await;
    spawn!(in sup, "nested", async { Ok::<_, OnlyDisplay>(Err::<(), _>(chained())) }).await_dropped().await;
    spawn!(in sup, "many", async { vec![Ok(1), Err(chained()), Err(chained())] }).await_dropped().await;
    let told = seen.errors_of(EventKind::Failed);
    assert_eq!(told[..5], ["cannot save: disk full", "cannot save: disk full", "text", "alternate", "OnlyDebug"]);
    assert!(told[5].ends_with("Mute"), "{told:?}");
    assert_eq!(told[6], "cannot save");
    assert_eq!(told[7], "cannot save: disk full; cannot save: disk full");
}

/// Drops a handle and waits for the task.
trait AwaitDropped {
    async fn await_dropped(self);
}

impl<T> AwaitDropped for asynclint_supervisor::TaskHandle<T> {
    async fn await_dropped(self) {
        while !self.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_fully_generic_output_is_still_told() {
    fn start<F>(sup: &asynclint_supervisor::Supervisor, future: F)
    where
        F: std::future::Future + Send + 'static,
        F::Output: Send + 'static,
    {
        spawn!(in sup, "generic", future);
    }
    let (sup, seen) = supervisor();
    start(&sup, async { Err::<u8, _>("x") });
    start(&sup, async { Ok::<u8, &str>(1) });
    start(&sup, async { Ok::<Box<u8>, ()>(Box::new(1)) });
    start(&sup, async { Err::<std::num::NonZeroU8, ()>(()) });
    start(&sup, async { 5 });
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.count(EventKind::Failed), 2);
    assert!(seen.errors_of(EventKind::Failed)[0].starts_with("core::result::Result<"));
}

#[tokio::test]
async fn an_empty_join_all_ends_at_once() {
    // Seed 0.2: nothing to do is no error.
    let (sup, seen) = supervisor();
    let nothing: Vec<Result<(), String>> = Vec::new();
    assert_eq!(spawn!(in sup, "none", async { nothing }).await, Ok(vec![]));
    assert_eq!(seen.kinds(), []);
}

#[tokio::test]
async fn observe_tells_what_would_be_thrown_away() {
    let (sup, seen) = supervisor();
    sup.enter(async {
        let handle = spawn!("o", async { Err::<u8, _>(chained()) });
        assert_eq!(observe!("handle", handle.await), None);
        observe!("tokio", tokio::spawn(async { Err::<(), _>("tokio") }).await);
        let kept = observe!("many", vec![Ok(1), Err("a"), Ok(2), Err("b")]);
        assert_eq!(kept, [1, 2]);
        let joined: Vec<Result<Result<u8, OnlyDebug>, TaskError>> =
            vec![Ok(Err(OnlyDebug)), Ok(Ok(3)), Err(TaskError::Aborted)];
        assert_eq!(observe!("joined", joined), [3]);
        observe!("unit", ());
        assert_eq!(observe!("plain", 5), 5);
    })
    .await;
    let told = seen.errors_of(EventKind::Observed);
    assert_eq!(told, ["cannot save: disk full", "tokio", "a", "b", "OnlyDebug", "Aborted"]);
    assert_eq!(sup.stats().observed, 6);
}

#[tokio::test]
async fn observe_does_not_repeat_what_was_logged() {
    let (sup, seen) = supervisor();
    sup.enter(async {
        observe!("panic", spawn!("p", async { panic!("once") }).await);
        observe!(
            "nested",
            spawn!("p", async {
                if true {
                    panic!("once")
                }
                Ok::<(), String>(())
            })
            .await
        );
    })
    .await;
    assert_eq!(seen.kinds(), [EventKind::Panicked, EventKind::Panicked]);
    assert_eq!(sup.stats().observed, 2, "counted even so");
}

#[tokio::test]
async fn the_method_form_judges_what_it_takes() {
    let (sup, seen) = supervisor();
    sup.spawn("tuple", async { (1u8, Err::<(), _>("in a tuple")) });
    sup.spawn("list", async { vec![Ok::<u8, &str>(1), Err("in a list")] });
    sup.spawn("option", async { Some(Err::<u8, _>("in an option")) });
    sup.spawn("fine", async { Some(String::from("x")) });
    sup.wait_all(LONG).await.unwrap();
    let mut told = seen.errors_of(EventKind::Failed);
    told.sort();
    assert_eq!(told, ["\"in a list\"", "\"in a tuple\"", "\"in an option\""]);
}
