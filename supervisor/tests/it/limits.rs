//! Limits are enforced, permits come back, and whoever is refused is told.

use crate::support::{build, ms, on_both, LONG};
use asynclint_supervisor::{
    builder, spawn, spawn_blocking, spawn_bounded, task, try_spawn, EventKind, Outcome, Problem, SpawnError, TaskError,
    TaskState,
};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Counts how many run at once.
#[derive(Default)]
struct HighWater {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl HighWater {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }
    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn never_more_than_the_limit() {
    on_both(|| async {
        let (sup, _) = build(builder().max_concurrent(3));
        let water = Arc::new(HighWater::default());
        for i in 0..50 {
            let water = Arc::clone(&water);
            spawn!(in sup, "limited", async move {
                water.enter();
                for _ in 0..i % 4 {
                    tokio::task::yield_now().await;
                }
                water.leave();
            });
        }
        assert!(sup.snapshot().stats.active <= 3);
        sup.wait_all(LONG).await.unwrap();
        assert_eq!(water.most.load(Ordering::SeqCst), 3);
        assert_eq!(sup.stats().ended(Outcome::Ok), 50);
    });
}

#[test]
fn blocking_closures_are_limited_too() {
    on_both(|| async {
        let (sup, _) = build(builder().max_concurrent(2));
        let water = Arc::new(HighWater::default());
        let handles: Vec<_> = (0..10)
            .map(|i| {
                let water = Arc::clone(&water);
                spawn_blocking!(in sup, "limited", move || {
                    water.enter();
                    std::thread::sleep(ms(1));
                    water.leave();
                    i
                })
            })
            .collect();
        for (i, handle) in handles.into_iter().enumerate() {
            assert_eq!(handle.await, Ok(i));
        }
        assert_eq!(water.most.load(Ordering::SeqCst), 2);
        assert_eq!(sup.stats().ended(Outcome::Ok), 10);
    });
}

#[tokio::test]
async fn they_start_in_the_order_of_arrival() {
    let (sup, _) = build(builder().max_concurrent(1));
    let order = Arc::new(Mutex::new(Vec::new()));
    let first = spawn!(in sup, "first", pending::<()>());
    for i in 0..20 {
        let order = Arc::clone(&order);
        spawn!(in sup, "next", async move { order.lock().unwrap().push(i) });
    }
    assert_eq!(sup.stats().queued, 20);
    first.abort();
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_end_gives_the_permit_back() {
    let (sup, _) = build(builder().max_concurrent(1));
    spawn!(in sup, "panics", async { panic!("x") });
    spawn!(in sup, "fails", async { Err::<(), _>("x") });
    spawn!(in sup, task!("slow").timeout(ms(10)), pending::<()>());
    let aborted = spawn!(in sup, "aborted", pending::<()>());
    let queued = spawn!(in sup, "queued", pending::<()>());
    queued.abort();
    assert_eq!(queued.await, Err(TaskError::Aborted), "a queued task can be aborted");
    tokio::time::sleep(ms(20)).await;
    aborted.abort();
    assert_eq!(spawn!(in sup, "last", async { 1 }).await, Ok(1));
    assert_eq!(sup.stats().queued, 0);
    assert_eq!(sup.stats().total_ended(), 6);
}

#[tokio::test]
async fn a_full_queue_refuses_loudly() {
    let (sup, seen) = build(builder().max_concurrent(1).pending_limit(2));
    let mut handles = Vec::new();
    for _ in 0..10 {
        handles.push(spawn!(in sup, "flood", pending::<()>()));
    }
    assert_eq!(handles.pop().unwrap().await, Err(TaskError::Rejected));
    let stats = sup.stats();
    assert_eq!((stats.active, stats.queued, stats.ended(Outcome::Rejected)), (1, 2, 7));
    assert_eq!(seen.count(EventKind::Rejected), 1, "at most once per site in 10 s");
    match try_spawn!(in sup, "flood", async { 5 }) {
        Err(SpawnError::Full(future)) => assert_eq!(future.await, 5, "the future comes back"),
        other => panic!("{other:?}"),
    }
    let problem = Problem::LimitSaturated { limit: 1, queued: 2 };
    assert_eq!(sup.health().problems, [problem]);
    let report = sup.cancel_all(LONG).await;
    assert_eq!((report.cancelled.len(), report.remaining.len()), (3, 0));
    assert!(sup.health().is_ok());
}

#[tokio::test]
async fn bounded_spawns_wait_for_their_site_and_for_a_full_queue() {
    let (sup, _) = build(builder().max_concurrent(2).pending_limit(0));
    let water = Arc::new(HighWater::default());
    for _ in 0..20 {
        let water = Arc::clone(&water);
        let task = task!("bounded").in_(&sup);
        let handle = spawn_bounded!(task, max = 4, async move {
            water.enter();
            tokio::task::yield_now().await;
            water.leave();
        });
        handle.await.detach();
    }
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(water.most.load(Ordering::SeqCst), 2, "the stricter limit");
    assert_eq!(sup.stats().ended(Outcome::Ok), 20);
    assert_eq!(sup.stats().ended(Outcome::Rejected), 0);
}

#[tokio::test]
async fn a_group_is_limited_by_itself_and_by_those_above() {
    let (sup, _) = build(builder().max_concurrent(3));
    let (a, b) = (sup.limited_group("a", 2), sup.group("b"));
    for _ in 0..3 {
        spawn!(in a, "a", pending::<()>());
        spawn!(in b, "b", pending::<()>());
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let running = |group: &asynclint_supervisor::Supervisor| {
        let tasks = group.snapshot().tasks;
        tasks.iter().filter(|t| t.state == TaskState::Running).count()
    };
    assert!(running(&a) <= 2, "{}", running(&a));
    assert_eq!(running(&sup), 3);
    assert_eq!(sup.stats().queued, 3);
    sup.cancel_all(LONG).await;
    assert_eq!(sup.stats().queued, 0);
    assert_eq!(spawn!(in a, "free", async { 1 }).await, Ok(1));
}

#[tokio::test]
async fn no_limit_neither_waits_nor_takes() {
    let (sup, _) = build(builder().max_concurrent(1));
    spawn!(in sup, "one", pending::<()>());
    assert_eq!(spawn!(in sup, task!("free").no_limit(), async { 1 }).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_child_that_waits_for_the_permit_of_its_parent_is_told() {
    let seen = crate::support::Seen::default();
    let builder = seen.hook(builder()).max_concurrent(1).on_signals(false).grace(ms(0));
    let told = seen.clone();
    let end = builder.try_managed(async move {
        let parent = spawn!("parent", async { spawn!("child", async { 1 }).await });
        tokio::time::sleep(ms(4_900)).await;
        assert_eq!(told.count(EventKind::Starved), 0);
        tokio::time::sleep(ms(200)).await;
        assert_eq!(told.count(EventKind::Starved), 1);
        parent.abort();
    });
    assert!(end.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_timeout_does_not_run_in_the_queue() {
    let (sup, _) = build(builder().max_concurrent(1));
    spawn!(in sup, "first", tokio::time::sleep(ms(100)));
    let second = spawn!(in sup, task!("second").timeout(ms(50)), tokio::time::sleep(ms(40)));
    assert_eq!(second.await, Ok(()));
}
