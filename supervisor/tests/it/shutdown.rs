//! Running, Draining, Aborting, Closed, with one report, whatever the tasks do.

use crate::support::{build, ms, on_both, supervisor, Seen, LONG};
use asynclint_supervisor::{
    builder, managed, shutdown_requested, spawn, spawn_blocking, spawn_daemon, task, EventKind, OnShutdown, Outcome,
    ShutdownReason, State, Supervisor, TaskError,
};
use std::future::{pending, Future};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{sleep, Instant};

#[test]
fn nothing_to_do_is_done_at_once() {
    on_both(|| async {
        let (sup, _) = supervisor();
        for _ in 0..1000 {
            spawn!(in sup, "done", async {});
        }
        sup.wait_all(LONG).await.unwrap();
        let report = sup.shutdown().await;
        assert!(report.is_clean(), "{report}");
        assert_eq!((report.exit_code(), report.drained), (0, 0));
        assert_eq!(sup.state(), State::Closed);
    });
}

#[test]
fn it_needs_no_timers_when_there_is_nothing_to_wait_for() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (sup, _) = supervisor();
        spawn!(in sup, "quick", async {}).await.unwrap();
        assert!(sup.shutdown().await.is_clean());
    });
}

#[tokio::test(start_paused = true)]
async fn each_class_ends_in_its_way() {
    let (sup, _) = supervisor();
    let begun = Instant::now();
    let drains = spawn!(in sup, "drains", sleep(ms(300)));
    let daemon = spawn_daemon!(in sup, "daemon", pending::<()>());
    let stops = task!("stops").on_shutdown(OnShutdown::Abort);
    let stops = spawn!(in sup, stops, pending::<()>());
    let token = sup.token().clone();
    let cooperative = spawn!(in sup, "cooperative", async move { token.cancelled().await });
    let report = sup.shutdown().await;
    assert_eq!(begun.elapsed(), ms(300));
    assert_eq!(report.elapsed, ms(300));
    assert_eq!(drains.await, Ok(()));
    assert_eq!(cooperative.await, Ok(()));
    assert_eq!(daemon.await, Err(TaskError::Shutdown));
    assert_eq!(stops.await, Err(TaskError::Shutdown));
    assert_eq!((report.drained, report.stopped), (2, 2));
    assert!(report.is_clean());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_in_time_is_aborted_and_named() {
    let (sup, _) = build(builder().grace(ms(1_000)));
    spawn!(in sup, task!("slow").detail("nr 7"), pending::<()>());
    let report = sup.shutdown().await;
    assert_eq!(report.elapsed, ms(1_000));
    assert_eq!(report.aborted[0].name, "slow");
    assert_eq!(report.aborted[0].detail.as_deref(), Some("nr 7"));
    assert_eq!((report.exit_code(), report.is_clean()), (1, false));
    assert!(report.to_string().contains("aborted: slow \"nr 7\" ("), "{report}");
}

#[tokio::test]
async fn what_cannot_be_aborted_is_stuck_named_and_stays_registered() {
    let (sup, _) = build(builder().grace(ms(5)).abort_grace(ms(5)));
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let blocking = spawn_blocking!(in sup, "stuck", move || wait.recv().is_ok());
    while sup.snapshot().tasks.is_empty() {
        tokio::task::yield_now().await;
    }
    sleep(ms(20)).await;
    let report = sup.shutdown().await;
    assert_eq!((report.stuck.len(), report.aborted.len()), (1, 0), "{report}");
    assert_eq!(report.exit_code(), 1);
    assert_eq!(sup.snapshot().tasks.len(), 1);
    go.send(()).unwrap();
    assert_eq!(blocking.await, Ok(true));
    assert_eq!(sup.snapshot().tasks.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn all_callers_get_the_same_report_and_the_first_reason_stays() {
    let reports = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&reports);
    let (sup, _) = build(builder().on_report(move |_| *counted.lock().unwrap() += 1));
    spawn!(in sup, "slow", sleep(ms(100)));
    sup.request_shutdown(ShutdownReason::CriticalEnded("db"));
    sup.request_shutdown(ShutdownReason::Requested);
    let (a, b) = tokio::join!(sup.shutdown(), sup.shutdown());
    let c = sup.shutdown().await;
    assert!(Arc::ptr_eq(&a, &b) && Arc::ptr_eq(&b, &c));
    assert_eq!(a.reason, ShutdownReason::CriticalEnded("db"));
    assert_eq!(*reports.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_does_not_stop_it() {
    let (sup, _) = build(builder().grace(ms(500)));
    spawn!(in sup, "slow", pending::<()>());
    let given_up = tokio::time::timeout(ms(100), sup.shutdown()).await;
    assert!(given_up.is_err());
    let begun = Instant::now();
    assert_eq!(sup.shutdown().await.elapsed, ms(500));
    assert_eq!(begun.elapsed(), ms(400), "the grace is counted from the first request");
}

#[tokio::test(start_paused = true)]
async fn a_request_alone_goes_all_the_way() {
    let (sup, _) = build(builder().grace(ms(50)));
    spawn!(in sup, "slow", pending::<()>());
    sup.request_shutdown(ShutdownReason::Requested);
    assert_eq!(sup.state(), State::Draining);
    sleep(ms(60)).await;
    assert_eq!(sup.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn from_inside_a_task_it_does_not_wait_for_itself() {
    let (sup, _) = supervisor();
    spawn!(in sup, "other", sleep(ms(10)));
    let inside = sup.clone();
    let report = spawn!(in sup, "stopper", async move { inside.shutdown().await });
    let report = report.await.unwrap();
    assert_eq!(report.elapsed, ms(10));
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn spawns_in_each_state() {
    let (sup, _) = build(builder().grace(ms(100)));
    let inside = sup.clone();
    let token = sup.token().clone();
    let worker = spawn!(in sup, "worker", async move {
        token.cancelled().await;
        let work = spawn!(in inside, "drain_work", async { 1 }).await;
        let daemon = spawn_daemon!(in inside, "daemon", pending::<()>()).await;
        (work, daemon)
    });
    let report = sup.shutdown().await;
    assert_eq!(worker.await, Ok((Ok(1), Err(TaskError::Shutdown))));
    assert!(report.is_clean());
    let late = spawn!(in sup, "late", async {});
    assert_eq!(late.await, Err(TaskError::Rejected));
}

#[tokio::test(start_paused = true)]
async fn escalation_skips_the_grace() {
    let (sup, _) = supervisor();
    spawn!(in sup, "slow", pending::<()>());
    let second = sup.clone();
    tokio::spawn(async move {
        sleep(ms(30)).await;
        second.request_shutdown(ShutdownReason::Signal(2));
    });
    sup.request_shutdown(ShutdownReason::Signal(15));
    let report = sup.shutdown().await;
    assert_eq!(report.elapsed, ms(30));
    assert_eq!(report.reason, ShutdownReason::Signal(15));
    assert_eq!((report.escalated, report.exit_code()), (true, 130));
}

#[tokio::test(start_paused = true)]
async fn phases_drain_one_after_the_other() {
    let (sup, _) = supervisor();
    let order = Arc::new(Mutex::new(Vec::new()));
    for (phase, name) in [(2, "sink"), (0, "ingress"), (1, "worker")] {
        let group = sup.group(name).phase(phase);
        let order = Arc::clone(&order);
        let token = group.token().clone();
        spawn!(in group, "member", async move {
            token.cancelled().await;
            sleep(ms(10)).await;
            order.lock().unwrap().push(name);
        });
    }
    let report = sup.shutdown().await;
    assert_eq!(*order.lock().unwrap(), ["ingress", "worker", "sink"]);
    assert_eq!(report.elapsed, ms(30));
}

#[tokio::test(start_paused = true)]
async fn a_group_can_be_shut_down_by_itself() {
    let (sup, _) = supervisor();
    let group = sup.group("part");
    let other = spawn!(in sup, "other", sleep(ms(100)));
    spawn!(in group, "member", sleep(ms(10)));
    let report = group.shutdown().await;
    assert_eq!((report.elapsed, report.drained), (ms(10), 1));
    assert_eq!(sup.state(), State::Running);
    assert_eq!(other.await, Ok(()));
    assert_eq!(spawn!(in group, "late", async {}).await, Err(TaskError::Rejected));
    assert!(sup.shutdown().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_managed_body_that_ends_waits_for_its_tasks() {
    let done = Arc::new(Mutex::new(0));
    let count = Arc::clone(&done);
    let value = managed(async move {
        for i in 0..5 {
            let count = Arc::clone(&count);
            spawn!("work", async move {
                sleep(ms(i * 10)).await;
                *count.lock().unwrap() += 1;
            });
        }
        "value"
    })
    .await;
    assert_eq!((value, *done.lock().unwrap()), ("value", 5));
}

#[tokio::test(start_paused = true)]
async fn a_managed_body_is_polled_on_while_draining() {
    let begun = Instant::now();
    let told = builder()
        .managed(async {
            Supervisor::current().request_shutdown(ShutdownReason::Signal(15));
            let reason = shutdown_requested().await;
            sleep(ms(200)).await;
            reason
        })
        .await;
    assert_eq!(told, ShutdownReason::Signal(15));
    assert_eq!(begun.elapsed(), ms(200));
}

#[tokio::test(start_paused = true)]
async fn a_managed_body_that_will_not_end_is_dropped() {
    let lost = builder().grace(ms(100)).try_managed(async {
        Supervisor::current().request_shutdown(ShutdownReason::Requested);
        pending::<()>().await;
    });
    let report = lost.await.unwrap_err();
    assert_eq!(report.elapsed, ms(100));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_body_comes_after_the_shutdown() {
    let done = Arc::new(Mutex::new(false));
    let flag = Arc::clone(&done);
    let outer = tokio::spawn(async move {
        managed(async move {
            spawn!("work", async move {
                sleep(ms(10)).await;
                *flag.lock().unwrap() = true;
            });
            tokio::task::yield_now().await;
            panic!("body");
        })
        .await
    });
    let payload = outer.await.unwrap_err().into_panic();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"body"));
    assert!(*done.lock().unwrap(), "the tasks were waited for first");
}

#[tokio::test(start_paused = true)]
async fn a_critical_task_takes_the_program_down() {
    let seen = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&seen);
    let keep = move |report: &asynclint_supervisor::ShutdownReport| {
        *kept.lock().unwrap() = Some((report.reason.clone(), report.exit_code()));
    };
    let reason = builder()
        .on_report(keep)
        .managed(async {
            spawn!(task!("database").critical(), async { Err::<(), _>("gone") });
            shutdown_requested().await
        })
        .await;
    assert_eq!(reason, ShutdownReason::CriticalEnded("database"));
    let (reported, code) = seen.lock().unwrap().take().unwrap();
    assert_eq!((reported, code), (reason, 1));
}

#[tokio::test(start_paused = true)]
async fn a_nested_managed_is_a_group() {
    managed(async {
        let outer = Supervisor::current();
        managed(async {
            spawn!("inner", sleep(ms(5)));
            assert_eq!(outer.stats().active, 1, "seen from above");
        })
        .await;
        assert_eq!(outer.state(), State::Running);
        assert_eq!(outer.stats().ended(Outcome::Ok), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn dropped_midway_it_aborts() {
    let seen = Seen::default();
    let body = seen.hook(builder()).managed(async {
        spawn!("work", pending::<()>());
        pending::<()>().await;
    });
    assert!(tokio::time::timeout(ms(10), body).await.is_err());
    sleep(ms(1)).await;
    assert_eq!(seen.kinds(), [EventKind::Cancelled]);
}

#[test]
fn without_timers_managed_says_so() {
    // What happens without timers is what is tested
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let panicked = std::panic::catch_unwind(|| runtime.block_on(managed(async {})));
    let payload = panicked.unwrap_err();
    let text = payload.downcast_ref::<&str>().unwrap();
    assert!(text.contains("needs a runtime with timers"), "{text}");
}

#[test]
fn run_builds_the_runtime_and_is_the_root() {
    let value = builder().on_signals(false).run(async {
        let bare = tokio::spawn(async { Supervisor::current().is_shutting_down() });
        assert!(!bare.await.unwrap());
        spawn!("work", async { 6 }).await
    });
    assert_eq!(value, Ok(6));
}

#[tokio::test(start_paused = true)]
async fn the_grace_is_a_bound_whatever_tasks_do() {
    // Tasks that spawn without end while draining.
    fn more(sup: Supervisor) {
        let next = sup.clone();
        spawn!(in sup, "more", async move {
            sleep(ms(1)).await;
            more(next);
        });
    }
    let (sup, _) = build(builder().grace(ms(100)).abort_grace(ms(50)));
    more(sup.clone());
    let begun = Instant::now();
    sup.shutdown().await;
    assert!(begun.elapsed() <= Duration::from_millis(151), "{:?}", begun.elapsed());
    assert_eq!(sup.stats().active, 0);
}

#[tokio::test]
async fn an_idle_drain_is_not_busy() {
    let (sup, _) = supervisor();
    spawn!(in sup, "slow", sleep(ms(150)));
    let mut polls = 0;
    let shutdown = sup.shutdown();
    let mut shutdown = std::pin::pin!(shutdown);
    std::future::poll_fn(|cx| {
        polls += 1;
        shutdown.as_mut().poll(cx).map(drop)
    })
    .await;
    assert!(polls < 10, "{polls} polls");
}
