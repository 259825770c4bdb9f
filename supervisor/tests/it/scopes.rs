//! A scope ends only when everything spawned inside it has ended.

use crate::support::{ms, supervisor, LONG};
use asynclint_supervisor::{scope, spawn, spawn_blocking, spawn_daemon, EventKind, Outcome, ScopeError, Supervisor};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use tokio::time::{sleep, Instant};

#[tokio::test(start_paused = true)]
async fn it_waits_for_all_also_for_those_spawned_by_tasks() {
    let (sup, _) = supervisor();
    let begun = Instant::now();
    let value = sup
        .enter(async {
            scope(async {
                spawn!("outer", async {
                    sleep(ms(10)).await;
                    spawn!("inner", sleep(ms(10)));
                });
                spawn_daemon!("daemon", pending::<()>());
                7
            })
            .await
        })
        .await;
    assert_eq!(value.unwrap(), 7);
    assert_eq!(begun.elapsed(), ms(20));
    assert_eq!(sup.stats().active, 0);
    assert_eq!(sup.stats().spawned, 3, "the counts stay with the supervisor above");
}

#[tokio::test(start_paused = true)]
async fn fail_fast_cancels_siblings_and_body() {
    let (sup, seen) = supervisor();
    let begun = Instant::now();
    let end = sup
        .enter(async {
            scope(async {
                spawn!("sibling", pending::<()>());
                spawn!("fails", async {
                    sleep(ms(5)).await;
                    Err::<(), _>("first")
                });
                pending::<()>().await;
            })
            .fail_fast()
            .await
        })
        .await;
    match end {
        Err(ScopeError::Failed { task, outcome }) => {
            assert_eq!((task.name, outcome), ("fails", Outcome::Failed));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(begun.elapsed(), ms(5));
    assert_eq!(sup.stats().active, 0);
    assert_eq!(seen.count(EventKind::Failed), 1);
}

#[tokio::test(start_paused = true)]
async fn without_fail_fast_children_are_independent() {
    let (sup, _) = supervisor();
    let end = sup
        .enter(async {
            scope(async {
                spawn!("fails", async { Err::<(), _>("x") });
                spawn!("works", async {
                    sleep(ms(5)).await;
                    1
                })
                .await
            })
            .await
        })
        .await;
    assert_eq!(end.unwrap(), Ok(1));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_cancels_what_is_left_and_names_it() {
    let (sup, _) = supervisor();
    let end =
        sup.enter(async { scope(async { spawn!("slow", pending::<()>()).detach() }).deadline(ms(50)).await }).await;
    match end {
        Err(ScopeError::Deadline { tasks }) => assert_eq!(tasks[0].name, "slow"),
        other => panic!("{other:?}"),
    }
    assert_eq!(sup.stats().ended(Outcome::Cancelled), 1);
}

#[tokio::test]
async fn a_stuck_closure_does_not_hold_a_broken_off_scope_for_ever() {
    let (sup, _) = crate::support::build(asynclint_supervisor::builder().abort_grace(ms(10)));
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let end = sup
        .enter(async {
            scope(async {
                spawn_blocking!("stuck", move || wait.recv().is_ok());
            })
            .deadline(ms(10))
            .await
        })
        .await;
    assert!(matches!(end, Err(ScopeError::Deadline { .. })));
    assert_eq!(sup.stats().active, 1, "still registered");
    go.send(()).unwrap();
    sup.wait_all(LONG).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_inside() {
    let (sup, _) = supervisor();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let peak = Arc::clone(&most);
    sup.enter(async {
        scope(async move {
            for _ in 0..10 {
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                spawn!("w", async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    sleep(ms(1)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        })
        .limit(2)
        .await
    })
    .await
    .unwrap();
    assert_eq!(peak.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn dropped_midway_it_aborts_its_tasks() {
    let (sup, seen) = supervisor();
    sup.enter(async {
        let inside = async {
            scope(async {
                spawn!("task", pending::<()>());
                pending::<()>().await;
            })
            .await
        };
        assert!(tokio::time::timeout(ms(5), inside).await.is_err());
    })
    .await;
    sup.wait_all(LONG).await.unwrap();
    assert_eq!(seen.kinds(), [EventKind::Cancelled]);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_scopes_leave_nothing_behind() {
    let (sup, _) = supervisor();
    sup.enter(async {
        for _ in 0..2_000 {
            scope(async { spawn!("t", async {}).detach() }).await.unwrap();
        }
    })
    .await;
    assert_eq!(sup.stats().spawned, 2_000);
    assert_eq!(sup.stats().ended(Outcome::Ok), 2_000);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_reaches_into_a_scope() {
    let (sup, _) = supervisor();
    let handle = spawn!(in sup, "outer", async {
        scope(async {
            let token = Supervisor::current().token().clone();
            spawn!("inner", async move { token.cancelled().await }).await
        })
        .await
    });
    tokio::task::yield_now().await;
    let report = sup.shutdown().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(handle.await.unwrap().unwrap(), Ok(()));
}
