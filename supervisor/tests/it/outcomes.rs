//! Every way a task can end is counted once and told once, on each kind of executor.

use crate::support::{build, ms, on_both, supervisor, Seen, LONG};
use asynclint_supervisor::{
    builder, spawn, spawn_blocking, spawn_cleanup, spawn_daemon, spawn_local, task, track, EventKind, Outcome,
    Supervisor, TaskError, TaskHandle,
};
use std::future::pending;

async fn fails() -> Result<(), &'static str> {
    Err("no luck")
}

/// Spawned = ended as `outcome`, exactly once, and nothing is left.
fn only(sup: &Supervisor, outcome: Outcome) {
    let stats = sup.stats();
    assert_eq!(stats.ended(outcome), 1, "{outcome}: {stats:?}");
    assert_eq!(stats.total_ended(), 1, "{stats:?}");
    assert_eq!((stats.active, stats.queued, stats.spawned), (0, 0, 1), "{stats:?}");
    assert_eq!(sup.snapshot().tasks.len(), 0);
}

#[test]
fn ok_is_silent() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        assert_eq!(spawn!(in sup, "ok", async { 5 }).await, Ok(5));
        only(&sup, Outcome::Ok);
        assert_eq!(seen.kinds(), []);
    });
}

#[test]
fn an_error_of_a_dropped_handle_is_told_once_at_the_end() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        spawn!(in sup, "lost", fails());
        sup.wait_all(LONG).await.unwrap();
        only(&sup, Outcome::Failed);
        assert_eq!(seen.errors_of(EventKind::Failed), ["no luck"]);
    });
}

#[test]
fn an_awaited_error_is_counted_and_not_told() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        assert_eq!(spawn!(in sup, "read", fails()).await, Ok(Err("no luck")));
        only(&sup, Outcome::Failed);
        assert_eq!(seen.kinds(), []);
    });
}

#[test]
fn a_handle_dropped_unread_after_the_end_tells_it_then() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        let handle = spawn!(in sup, "late", fails());
        sup.wait_all(LONG).await.unwrap();
        while !handle.is_finished() {
            tokio::task::yield_now().await;
        }
        assert_eq!(seen.kinds(), [], "the owner may still read it");
        drop(handle);
        assert_eq!(seen.kinds(), [EventKind::Failed]);
    });
}

#[tokio::test]
async fn an_await_given_up_in_a_select_loses_nothing() {
    let (sup, seen) = supervisor();
    let mut handle = spawn!(in sup, "raced", async {
        tokio::task::yield_now().await;
        fails().await
    });
    tokio::select! {
        biased;
        _ = &mut handle => panic!("not ready yet"),
        () = async {} => {}
    }
    assert_eq!(handle.await, Ok(Err("no luck")), "awaiting is cancel-safe");
    let handle = spawn!(in sup, "raced", async {
        tokio::task::yield_now().await;
        fails().await
    });
    tokio::select! {
        biased;
        _ = handle => panic!("not ready yet"),
        () = async {} => {}
    }
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.kinds(), [EventKind::Failed]);
}

#[tokio::test]
async fn detach_and_into_inner_report_too() {
    let (sup, seen) = supervisor();
    spawn!(in sup, "detached", fails()).detach();
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.count(EventKind::Failed), 1);
    let join = spawn!(in sup, "inner", fails()).into_inner().unwrap();
    drop(join.await.unwrap());
    assert_eq!(seen.count(EventKind::Failed), 2);
    let join = spawn!(in sup, "inner", fails()).into_inner().unwrap();
    assert_eq!(join.await.unwrap().into_result(), Ok(Err("no luck")));
    assert_eq!(seen.count(EventKind::Failed), 2);
}

#[test]
fn a_panic_is_told_at_once_and_typed_for_the_awaiter() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        let handle = spawn!(in sup, "panics", async { panic!("boom {}", 1) });
        match handle.await {
            Err(TaskError::Panicked(info)) => assert_eq!(info.message(), "boom 1"),
            other => panic!("{other:?}"),
        }
        only(&sup, Outcome::Panicked);
        assert_eq!(seen.count(EventKind::Panicked), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_told_at_once() {
    let (sup, seen) = supervisor();
    let handle = spawn!(in sup, task!("slow").timeout(ms(50)), pending::<()>());
    assert_eq!(handle.await, Err(TaskError::TimedOut));
    only(&sup, Outcome::TimedOut);
    assert_eq!(seen.kinds(), [EventKind::TimedOut]);
}

#[test]
fn an_abort_by_handle_is_an_abort() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        let handle = spawn!(in sup, "aborted", pending::<()>());
        handle.abort();
        assert_eq!(handle.await, Err(TaskError::Aborted));
        only(&sup, Outcome::Aborted);
        assert_eq!(seen.kinds(), [EventKind::Aborted]);
    });
}

#[tokio::test]
async fn abort_by_id_by_abort_handle_and_on_drop() {
    let (sup, _) = supervisor();
    let handle = spawn!(in sup, "a", pending::<()>());
    assert!(sup.abort(handle.id()));
    let id = handle.id();
    assert_eq!(handle.await, Err(TaskError::Aborted));
    assert!(!sup.abort(id), "it is gone");
    let handle = spawn!(in sup, "b", pending::<()>());
    handle.abort_handle().abort();
    assert_eq!(handle.await, Err(TaskError::Aborted));
    drop(spawn!(in sup, "c", pending::<()>()).abort_on_drop());
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(sup.stats().ended(Outcome::Aborted), 3);
}

#[tokio::test]
async fn a_foreign_abort_is_a_drop() {
    let (sup, seen) = supervisor();
    let join = spawn!(in sup, "foreign", pending::<()>()).into_inner().unwrap();
    join.abort();
    assert!(join.await.unwrap_err().is_cancelled());
    only(&sup, Outcome::Dropped);
    assert_eq!(seen.kinds(), [EventKind::Dropped]);
}

#[test]
fn a_runtime_that_goes_away_drops_its_tasks_and_all_are_counted() {
    let seen = Seen::default();
    let sup = seen.hook(builder()).build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handles: Vec<TaskHandle<()>> =
        runtime.block_on(async { (0..1000).map(|_| spawn!(in sup, "parked", pending())).collect() });
    drop(runtime);
    assert_eq!(sup.stats().ended(Outcome::Dropped), 1000);
    assert_eq!(sup.stats().active, 0);
    assert_eq!(seen.count(EventKind::Dropped), 1000);
    assert!(handles.iter().all(TaskHandle::is_finished));
}

#[test]
fn spawning_on_a_dead_runtime_is_counted_at_once() {
    let (sup, seen) = build(builder());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    drop(runtime);
    asynclint_supervisor::spawn_on!(handle, task!("late").in_(&sup), pending::<()>());
    only(&sup, Outcome::Dropped);
    assert_eq!(seen.kinds(), [EventKind::Dropped]);
}

#[test]
fn a_shutdown_cancels() {
    on_both(|| async {
        let (sup, seen) = build(builder().grace(ms(0)));
        let handle = spawn!(in sup, "parked", pending::<()>());
        sup.shutdown().await;
        assert_eq!(handle.await, Err(TaskError::Shutdown));
        only(&sup, Outcome::Cancelled);
        assert_eq!(seen.kinds(), [EventKind::Cancelled]);
    });
}

#[test]
fn a_closed_supervisor_rejects() {
    on_both(|| async {
        let (sup, seen) = supervisor();
        sup.shutdown().await;
        let handle = spawn!(in sup, "late", async {});
        assert_eq!(handle.name(), "late");
        assert_eq!(handle.await, Err(TaskError::Rejected));
        only(&sup, Outcome::Rejected);
        assert_eq!(seen.kinds(), [EventKind::Rejected]);
    });
}

#[tokio::test]
async fn a_daemon_that_ends_early_is_a_warning_and_a_problem() {
    let (sup, seen) = supervisor();
    spawn_daemon!(in sup, "ends", async {}).await.unwrap();
    only(&sup, Outcome::Ok);
    assert_eq!(seen.kinds(), [EventKind::DaemonEnded]);
    assert_eq!(sup.health().to_string(), "daemon ends ended early");
}

#[tokio::test]
async fn local_and_blocking_tasks_are_accounted_for_alike() {
    let (sup, seen) = supervisor();
    tokio::task::LocalSet::new()
        .run_until(async {
            let rc = std::rc::Rc::new(Err::<u8, _>("local"));
            spawn_local!(in sup, "local", async move { *rc });
            let panics = spawn_local!(in sup, "local", async { panic!("local") });
            assert!(matches!(panics.await, Err(TaskError::Panicked(_))));
            let parked = spawn_local!(in sup, "local", pending::<()>());
            parked.abort();
            assert_eq!(parked.await, Err(TaskError::Aborted));
            sup.wait_all(LONG).await.unwrap();
        })
        .await;
    assert_eq!(spawn_blocking!(in sup, "blocking", || 5).await, Ok(5));
    spawn_blocking!(in sup, "blocking", || Err::<(), _>("blocking"));
    let panics = spawn_blocking!(in sup, "blocking", || panic!("blocking"));
    assert!(matches!(panics.await, Err(TaskError::Panicked(_))));
    sup.wait_all(LONG).await.unwrap();
    let mut told = seen.errors_of(EventKind::Failed);
    told.sort();
    assert_eq!(told, ["blocking", "local"]);
    let stats = sup.stats();
    let ended = [Outcome::Ok, Outcome::Failed, Outcome::Panicked, Outcome::Aborted];
    assert_eq!(ended.map(|outcome| stats.ended(outcome)), [1, 2, 2, 1]);
}

#[test]
fn a_blocking_closure_dropped_unrun_is_counted() {
    let (sup, seen) = build(builder());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    runtime.shutdown_background();
    let _here = handle.enter();
    let task = spawn_blocking!(in sup, "too_late", || {});
    only(&sup, Outcome::Dropped);
    assert_eq!(seen.kinds(), [EventKind::Dropped]);
    assert!(task.is_finished());
}

#[tokio::test]
async fn tracked_futures_count_and_tell_and_keep_their_value() {
    let (sup, seen) = supervisor();
    assert_eq!(track!(task!("t").in_(&sup), async { 3 }).await, 3);
    let value = track!(task!("t").in_(&sup), fails()).await;
    assert_eq!(value, Err("no luck"));
    assert_eq!(seen.errors_of(EventKind::Failed), ["no luck"]);
    let inner = track!(task!("t").in_(&sup), async { panic!("tracked") });
    assert!(tokio::spawn(inner).await.unwrap_err().is_panic(), "the panic goes on");
    assert_eq!(seen.count(EventKind::Panicked), 1);
    drop(track!(task!("t").in_(&sup), async {}));
    assert_eq!(sup.stats().ended(Outcome::Dropped), 1);
    assert_eq!(sup.stats().active, 0);
}

#[test]
fn a_cleanup_without_any_runtime_is_lost_loudly() {
    let (sup, seen) = build(builder());
    spawn_cleanup!(task!("bye").in_(&sup), async {});
    only(&sup, Outcome::Rejected);
    assert_eq!(seen.errors_of(EventKind::Rejected), ["cleanup lost"]);
}

#[tokio::test]
async fn join_timeout_aborts_and_waits() {
    let (sup, _) = supervisor();
    let handle = spawn!(in sup, "slow", pending::<()>());
    assert_eq!(handle.join_timeout(ms(5)).await, Err(TaskError::TimedOut));
    only(&sup, Outcome::Aborted);
    assert_eq!(spawn!(in sup, "quick", async { 1 }).join_timeout(LONG).await, Ok(1));
}
