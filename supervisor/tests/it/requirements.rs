//! M1 to M10: what the hand-written task managers of the post-mortems got wrong.

use crate::support::{build, ms, supervisor, Seen, LONG};
use asynclint_supervisor::{builder, observe, spawn, spawn_blocking, task, EventKind, Outcome, TaskError};
use std::future::pending;
use tokio::time::{sleep, Instant};

#[tokio::test]
async fn m1_the_limit_is_enforced_not_warned_about() {
    let (sup, _) = build(builder().max_concurrent(50));
    for _ in 0..80 {
        spawn!(in sup, "task", pending::<()>());
    }
    let stats = sup.stats();
    assert_eq!((stats.active, stats.queued), (50, 30));
}

#[tokio::test]
async fn m2_tasks_of_one_name_do_not_share_data() {
    let (sup, _) = supervisor();
    let a = spawn!(in sup, task!("same").detail("a"), pending::<()>());
    let b = spawn!(in sup, task!("same").detail("b"), pending::<()>());
    a.abort();
    assert_eq!(a.await, Err(TaskError::Aborted));
    let tasks = sup.snapshot().tasks;
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].id, tasks[0].detail.as_deref()), (b.id(), Some("b")));
}

#[tokio::test]
async fn m3_the_status_never_fails() {
    let (sup, _) = supervisor();
    spawn!(in sup, "running", pending::<()>());
    spawn!(in sup, "panicked", async { panic!("x") });
    spawn!(in sup, "failed", async { Err::<(), _>(1) });
    for _ in 0..3 {
        assert_eq!(sup.snapshot().stats.spawned, 3);
        tokio::task::yield_now().await;
    }
    assert_eq!(sup.snapshot().to_string(), "1 running, 0 queued, 1 failed, 1 panicked");
    sup.request_shutdown(asynclint_supervisor::ShutdownReason::Requested);
    assert_eq!(sup.snapshot().tasks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn m4_cancel_waits_for_what_it_cancelled() {
    struct Slow(std::sync::Arc<std::sync::atomic::AtomicBool>);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let (sup, _) = supervisor();
    let dropped = std::sync::Arc::default();
    let slow = Slow(std::sync::Arc::clone(&dropped));
    spawn!(in sup, "t", async move {
        let _slow = slow;
        pending::<()>().await
    });
    tokio::task::yield_now().await;
    let report = sup.cancel_all(LONG).await;
    assert!(dropped.load(std::sync::atomic::Ordering::SeqCst), "ended, not only asked");
    assert_eq!(report.cancelled[0].name, "t");
    assert_eq!(spawn!(in sup, "next", async { 1 }).await, Ok(1), "it stays open");
}

#[tokio::test]
async fn m5_nothing_is_forgotten_after_a_timeout() {
    let (sup, _) = supervisor();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let stuck = spawn_blocking!(in sup, "stuck", move || wait.recv().is_ok());
    sleep(ms(20)).await;
    let left = sup.wait_all(ms(5)).await.unwrap_err();
    assert_eq!(left.tasks[0].name, "stuck");
    assert!(left.to_string().starts_with("1 tasks still running: stuck ("));
    let report = sup.wait_all_or_cancel(ms(5), ms(5)).await.unwrap_err();
    assert_eq!((report.remaining.len(), report.cancelled.len()), (1, 0));
    assert_eq!(sup.snapshot().tasks[0].name, "stuck", "still on the books");
    go.send(()).unwrap();
    assert_eq!(stuck.await, Ok(true));
    assert_eq!(sup.stats().active, 0);
}

#[tokio::test]
async fn m6_one_failure_is_told_once() {
    let (sup, seen) = supervisor();
    spawn!(in sup, "f", async { Err::<(), _>("x") });
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.kinds(), [EventKind::Failed]);
    assert_eq!(sup.stats().ended(Outcome::Failed), 1);
}

#[tokio::test(start_paused = true)]
async fn m7_the_configured_timeout_is_applied() {
    let (sup, _) = build(builder().default_timeout(ms(30_000)));
    let begun = Instant::now();
    assert_eq!(spawn!(in sup, "t", pending::<()>()).await, Err(TaskError::TimedOut));
    assert_eq!(begun.elapsed(), ms(30_000));
    let own = spawn!(in sup, task!("own").timeout(ms(10)), pending::<()>());
    assert_eq!(own.await, Err(TaskError::TimedOut));
    assert_eq!(begun.elapsed(), ms(30_010));
    let daemon = spawn!(in sup, task!("daemon").daemon(), sleep(ms(60_000)));
    assert_eq!(daemon.await, Ok(()), "endless work has no time limit");
}

#[tokio::test(start_paused = true)]
async fn m8_the_monitor_is_no_task_and_answers_a_shutdown_at_once() {
    let seen = Seen::default();
    let begun = Instant::now();
    let builder = seen.hook(builder()).status_every(ms(60_000)).on_signals(false);
    builder
        .managed(async {
            sleep(ms(150_000)).await;
            let snapshot = asynclint_supervisor::Supervisor::current().snapshot();
            assert_eq!(snapshot.tasks.len(), 0, "nothing that could be forgotten");
        })
        .await;
    assert_eq!(begun.elapsed(), ms(150_000), "no sleep holds up the end");
}

#[tokio::test]
async fn m9_joined_results_are_read() {
    let (sup, seen) = supervisor();
    sup.enter(async {
        let handles: Vec<_> = (0..32u8)
            .map(|i| {
                spawn!("prefetch", async move {
                    if i % 2 == 0 {
                        Ok(i)
                    } else {
                        Err("odd")
                    }
                })
            })
            .collect();
        let mut results = Vec::new();
        for handle in handles {
            results.push(handle.await);
        }
        assert_eq!(observe!("prefetch", results).len(), 16);
    })
    .await;
    assert_eq!(seen.count(EventKind::Observed), 16);
    assert_eq!(sup.stats().ended(Outcome::Failed), 16, "all outcomes are accounted for");
}

#[tokio::test]
async fn m10_any_future_can_be_spawned_and_nothing_else() {
    // The cause is gone at the type level: what is not a future does not compile (see
    // compile_matrix), and what is one needs no coroutine.
    let (sup, _) = supervisor();
    assert_eq!(spawn!(in sup, "ready", std::future::ready(1)).await, Ok(1));
    assert_eq!(spawn!(in sup, "join", tokio::spawn(async { 2 })).await.unwrap().unwrap(), 2);
    let both = async { tokio::join!(async { 1 }, async { 2 }) };
    assert_eq!(spawn!(in sup, "joined", both).await, Ok((1, 2)));
}
