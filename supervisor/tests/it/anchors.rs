//! Faults of task managers in the wild, as regression tests.

use crate::support::{build, supervisor, LONG};
use asynclint_supervisor::{builder, spawn, spawn_bounded, task, Outcome, Supervisor};
use std::future::pending;

#[tokio::test]
async fn counters_are_right_after_panic_and_abort() {
    let (sup, _) = supervisor();
    spawn!(in sup, "p", async { panic!("x") });
    spawn!(in sup, "a", pending::<()>()).abort();
    sup.wait_all(LONG).await.unwrap();
    let stats = sup.stats();
    assert_eq!((stats.active, stats.spawned, stats.total_ended()), (0, 2, 2));
}

#[tokio::test]
async fn dropping_a_clone_of_the_handle_stops_nothing() {
    let (sup, _) = supervisor();
    let handle = spawn!(in sup, "t", async {
        tokio::task::yield_now().await;
        1
    });
    drop(sup.clone());
    drop(sup);
    assert_eq!(handle.await, Ok(1));
}

#[tokio::test]
async fn a_group_without_handles_lives_as_long_as_its_tasks() {
    let (sup, _) = supervisor();
    let (send, wait) = tokio::sync::oneshot::channel::<()>();
    let task = spawn!(in sup.group("short"), "member", wait);
    assert_eq!(&*sup.snapshot().tasks[0].group, "short");
    assert_eq!(sup.stats().active, 1);
    send.send(()).unwrap();
    assert_eq!(task.await, Ok(Ok(())));
    sup.wait_all(LONG).await.unwrap();
    assert_eq!((sup.stats().active, sup.stats().ended(Outcome::Ok)), (0, 1));
}

#[tokio::test]
async fn waiting_for_all_sees_groups_that_begin_meanwhile() {
    let (sup, _) = supervisor();
    let inside = sup.clone();
    spawn!(in sup, "parent", async move {
        tokio::task::yield_now().await;
        let group = inside.group("late");
        spawn!(in group, "child", async {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        });
    });
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(sup.stats().ended(Outcome::Ok), 2);
}

#[tokio::test]
async fn an_accept_loop_does_not_grow() {
    let (sup, _) = build(builder());
    for _ in 0..5_000 {
        spawn_bounded!(task!("conn").in_(&sup), max = 8, async {}).await.detach();
    }
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(sup.snapshot().tasks.len(), 0);
}

#[tokio::test]
async fn a_finite_job_that_ends_is_no_crash() {
    let (sup, seen) = supervisor();
    spawn!(in sup, "job", async { "done" }).await.unwrap();
    assert_eq!(seen.kinds(), []);
    assert!(sup.health().is_ok());
}

#[test]
fn one_supervisor_serves_two_runtimes() {
    let (sup, _) = build(builder());
    let runtimes = [(); 2].map(|()| tokio::runtime::Runtime::new().unwrap());
    let handles: Vec<_> =
        runtimes.iter().map(|rt| asynclint_supervisor::spawn_on!(rt, task!("t").in_(&sup), pending::<()>())).collect();
    assert_eq!(sup.stats().active, 2);
    assert!(sup.abort(handles[1].id()));
    runtimes[0].block_on(async {
        let report = sup.cancel_all(LONG).await;
        assert!(report.remaining.is_empty(), "{report:?}");
    });
    assert_eq!(sup.stats().ended(Outcome::Aborted), 2);
}

#[tokio::test]
async fn a_task_belongs_to_the_supervisor_of_its_parent() {
    let (sup, _) = supervisor();
    let names = spawn!(in sup, "parent", async {
        let child = spawn!("child", async {
            let task = asynclint_supervisor::current_task().unwrap();
            task.set_detail("busy");
            (task.name(), task.supervisor().stats().active)
        });
        child.await
    });
    assert_eq!(names.await, Ok(Ok(("child", 2))));
    assert!(asynclint_supervisor::current_task().is_none());
    assert_eq!(sup.stats().spawned, 2);
    assert_eq!(Supervisor::root().name(), "root");
}
