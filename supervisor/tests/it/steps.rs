//! Bridges, periodic work and services: one bad step never ends the rest.

use crate::support::{build, ms, supervisor};
use asynclint_supervisor::{
    bridge, builder, every, service, Bridge, Closed, Escalate, EventKind, Missed, Problem, Restart, ShutdownReason,
    TrySendError,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{sleep, Instant};

fn counter() -> (Arc<AtomicU64>, Arc<AtomicU64>) {
    let counter = Arc::new(AtomicU64::new(0));
    (Arc::clone(&counter), counter)
}

#[tokio::test]
async fn events_of_a_plain_thread_arrive_in_order() {
    let (sup, seen) = supervisor();
    let got = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&got);
    let handler = move |n: u32| {
        let sink = Arc::clone(&sink);
        async move {
            match n {
                3 => panic!("three"),
                5 => return Err("five"),
                _ => sink.lock().unwrap().push(n),
            }
            Ok(())
        }
    };
    let sender = sup.enter(async { bridge("events", 4, handler) }).await;
    let thread = {
        let sender = sender.clone();
        std::thread::spawn(move || (0..8).try_for_each(|n| sender.send_blocking(n)))
    };
    while sender.stats().handled < 8 {
        sleep(ms(1)).await;
    }
    assert_eq!(thread.join().unwrap(), Ok(()));
    assert_eq!(*got.lock().unwrap(), [0, 1, 2, 4, 6, 7]);
    assert_eq!(seen.errors_of(EventKind::StepFailed), ["panicked: three", "\"five\""]);
    assert_eq!(sender.stats().failed, 2);
}

#[tokio::test(start_paused = true)]
async fn a_bridge_drains_at_shutdown_and_refuses_new_events() {
    let (sup, _) = supervisor();
    let (done, count) = counter();
    let handler = move |()| {
        let count = Arc::clone(&count);
        async move {
            sleep(ms(10)).await;
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    let sender = sup.enter(async { bridge("events", 10, handler) }).await;
    (0..5).for_each(|_| sender.try_send(()).unwrap());
    let (report, refused) = tokio::join!(sup.shutdown(), async {
        sleep(ms(1)).await;
        (sender.try_send(()), sender.send(()).await)
    });
    assert_eq!(refused, (Err(TrySendError::Closed(())), Err(Closed(()))));
    assert_eq!(done.load(Ordering::SeqCst), 5);
    assert_eq!((report.undelivered, report.elapsed), (0, ms(50)));
}

#[tokio::test(start_paused = true)]
async fn what_a_bridge_cannot_deliver_is_counted() {
    let (sup, _) = build(builder().grace(ms(25)));
    let sender = sup.enter(async { bridge("events", 10, |()| sleep(ms(10))) }).await;
    (0..10).for_each(|_| sender.try_send(()).unwrap());
    assert_eq!(sender.try_send(()), Err(TrySendError::Full(())));
    let report = sup.shutdown().await;
    assert_eq!(report.undelivered, 8, "{report}");
    assert_eq!((sender.stats().handled, sender.stats().undelivered), (2, 8));
    assert!(!report.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_bridge_can_handle_several_at_once_and_be_closed() {
    let (sup, _) = supervisor();
    let sender = Bridge::new("wide", 10).in_(&sup).concurrency(4).start(|()| sleep(ms(10)));
    let begun = Instant::now();
    (0..8).for_each(|_| sender.try_send(()).unwrap());
    sender.close();
    while sup.stats().active > 0 {
        sleep(ms(1)).await;
    }
    assert!(begun.elapsed() < ms(25), "{:?}", begun.elapsed());
    assert_eq!(sender.stats().handled, 8);
    assert_eq!(sender.try_send(()), Err(TrySendError::Closed(())));
}

#[tokio::test(start_paused = true)]
async fn ticks_come_at_their_time_and_stop_at_once() {
    let (sup, seen) = supervisor();
    let (ticks, count) = counter();
    let work = move || {
        let n = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            assert!(n != 2, "second");
            if n == 3 {
                return Err("third");
            }
            Ok(())
        }
    };
    let _handle = sup.enter(async { every("tick", ms(100), work) }).await;
    sleep(ms(450)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), 4);
    assert_eq!(seen.errors_of(EventKind::StepFailed), ["panicked: second", "\"third\""]);
    let report = sup.shutdown().await;
    assert_eq!(report.elapsed, Duration::ZERO, "the sleep ends at once");
    assert!(report.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_tick_under_way_may_finish_in_the_grace() {
    let (sup, _) = supervisor();
    let (ticks, count) = counter();
    let work = move || {
        let count = Arc::clone(&count);
        async move {
            sleep(ms(50)).await;
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    let _handle = sup.enter(async { every("tick", ms(100), work).immediately() }).await;
    sleep(ms(20)).await;
    assert_eq!(sup.shutdown().await.elapsed, ms(30));
    assert_eq!(ticks.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn missed_ticks_follow_the_policy() {
    for (missed, expected) in [
        (Missed::Skip, vec![100, 400, 500]),
        (Missed::Delay, vec![100, 450, 550]),
        (Missed::Burst, vec![100, 350, 350]),
    ] {
        let (sup, _) = supervisor();
        let at = Arc::new(Mutex::new(Vec::new()));
        let (begun, log) = (Instant::now(), Arc::clone(&at));
        let work = move || {
            let mut log = log.lock().unwrap();
            log.push(begun.elapsed().as_millis());
            let first = log.len() == 1;
            async move { sleep(ms(if first { 250 } else { 0 })).await }
        };
        let _handle = sup.enter(async { every("tick", ms(100), work).missed(missed) }).await;
        sleep(ms(570)).await;
        let at = at.lock().unwrap().clone();
        let near = at.iter().zip(&expected).all(|(a, e)| a.abs_diff(*e) <= 2);
        assert!(near, "{missed:?}: {at:?}, expected {expected:?}");
        sup.shutdown().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_periodic_handle_changes_the_rhythm() {
    let (sup, seen) = supervisor();
    let (ticks, count) = counter();
    let work = move || {
        let n = count.fetch_add(1, Ordering::SeqCst);
        async move { sleep(ms(if n == 0 { 1_000 } else { 0 })).await }
    };
    let handle = sup.enter(async { every("tick", ms(10_000), work).tick_timeout(ms(50)) }).await;
    handle.trigger_now();
    sleep(ms(60)).await;
    assert_eq!(seen.errors_of(EventKind::StepFailed), ["timed out after 50ms"]);
    handle.set_period(ms(100));
    sleep(ms(360)).await;
    assert!((4..=5).contains(&ticks.load(Ordering::SeqCst)), "{ticks:?}");
    handle.stop();
    sleep(ms(1)).await;
    assert_eq!(sup.stats().active, 0);
}

#[tokio::test(start_paused = true)]
async fn jitter_stays_in_its_bounds() {
    let (sup, _) = supervisor();
    let at = Arc::new(Mutex::new(Vec::new()));
    let (begun, log) = (Instant::now(), Arc::clone(&at));
    let work = move || {
        log.lock().unwrap().push(begun.elapsed().as_millis());
        async {}
    };
    let _handle = sup.enter(async { every("tick", ms(1_000), work).jitter(0.2) }).await;
    sleep(ms(20_500)).await;
    let at = at.lock().unwrap().clone();
    assert!((18..=21).contains(&at.len()), "{at:?}");
    let off: Vec<u128> = at.iter().map(|t| (t % 1_000).min(1_000 - t % 1_000)).collect();
    assert!(off.iter().all(|o| *o <= 202), "{at:?}");
    assert!(off.iter().any(|o| *o > 2), "it varies: {at:?}");
}

#[tokio::test(start_paused = true)]
async fn a_service_is_started_again_with_growing_delays() {
    let (sup, seen) = supervisor();
    let begun = Instant::now();
    let starts = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&starts);
    let make = move |ctx: asynclint_supervisor::ServiceCtx| {
        log.lock().unwrap().push(begun.elapsed().as_millis());
        async move {
            match ctx.attempt {
                1 => Err("first"),
                2 => panic!("second"),
                3 => Err("third"),
                _ => Ok(()),
            }
        }
    };
    let handle = sup.enter(async { service("worker", make).backoff(ms(100), ms(300), 0.0).start() }).await;
    handle.stopped().await;
    let starts = starts.lock().unwrap().clone();
    let near = starts.iter().zip([0u128, 100, 300, 600]).all(|(a, e)| a.abs_diff(e) <= 4);
    assert!(near && starts.len() == 4, "{starts:?}");
    assert_eq!((handle.restarts(), sup.stats().restarts), (3, 3));
    assert_eq!(seen.count(EventKind::StepFailed), 2);
    assert_eq!(seen.count(EventKind::Panicked), 1);
    assert_eq!(seen.count(EventKind::Failed), 0, "told once");
    assert!(!handle.is_running());
}

#[tokio::test(start_paused = true)]
async fn the_intensity_is_a_sliding_window() {
    let (sup, _) = supervisor();
    let (starts, count) = counter();
    let make = move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Err::<(), _>("always") }
    };
    let run = async { service("hopeless", make).backoff(ms(10), ms(10), 0.0).intensity(3, ms(60_000)).start() };
    let handle = sup.enter(run).await;
    handle.stopped().await;
    assert_eq!(starts.load(Ordering::SeqCst), 4);
    assert_eq!(sup.health().problems, [Problem::RestartsExhausted("hopeless")]);
    assert!(!sup.is_shutting_down());
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_service_may_take_the_program_down() {
    let (sup, _) = supervisor();
    let make = |_| async { panic!("x") };
    let run = async { service("vital", make).intensity(0, ms(1_000)).on_exhausted(Escalate::Shutdown).start() };
    sup.enter(run).await.stopped().await;
    let report = sup.shutdown().await;
    assert_eq!(report.reason, ShutdownReason::RestartsExhausted("vital"));
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_is_not_restarted_in_a_shutdown() {
    let (sup, _) = supervisor();
    let (starts, count) = counter();
    let make = move |ctx: asynclint_supervisor::ServiceCtx| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            ctx.token.cancelled().await;
            Err::<(), _>("stopped")
        }
    };
    let handle = sup.enter(async { service("s", make).restart(Restart::Always).start() }).await;
    sleep(ms(1)).await;
    let report = sup.shutdown().await;
    assert_eq!((starts.load(Ordering::SeqCst), handle.restarts()), (1, 0));
    assert!(report.stuck.is_empty() && report.aborted.is_empty(), "{report}");
    // Nor while it waits for its next start.
    let (sup, _) = supervisor();
    let make = |_| async { Err::<(), _>("x") };
    let run = async { service("s", make).backoff(ms(5_000), ms(5_000), 0.0).start() };
    let handle = sup.enter(run).await;
    sleep(ms(10)).await;
    assert_eq!(sup.shutdown().await.elapsed, Duration::ZERO);
    assert_eq!(handle.restarts(), 0);
}

#[tokio::test(start_paused = true)]
async fn restart_policies() {
    for (restart, fails, expected) in [
        (Restart::Never, true, 1),
        (Restart::OnFailure, false, 1),
        (Restart::OnFailure, true, 3),
        (Restart::Always, false, 3),
    ] {
        let (sup, _) = supervisor();
        let (starts, count) = counter();
        let make = move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                if fails {
                    Err("x")
                } else {
                    Ok(())
                }
            }
        };
        let run =
            async { service("s", make).restart(restart).intensity(2, ms(60_000)).backoff(ms(1), ms(1), 0.0).start() };
        sup.enter(run).await.stopped().await;
        assert_eq!(starts.load(Ordering::SeqCst), expected, "{restart:?} {fails}");
    }
}
