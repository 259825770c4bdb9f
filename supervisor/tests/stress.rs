//! Many tasks from many threads on runtimes that come and go: every task is accounted for, and
//! memory does not grow. ASYNCLINT_SLOW=1 runs a million tasks instead of some thousands.

use asynclint_supervisor::{builder, spawn, spawn_on, task, Supervisor};
use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};
use std::alloc::System;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One at a time: the allocations of the other test would be counted too.
static ALONE: Mutex<()> = Mutex::new(());

fn slow() -> bool {
    std::env::var_os("ASYNCLINT_SLOW").is_some()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

fn wait_until_idle(sup: &Supervisor) {
    let until = Instant::now() + Duration::from_secs(60);
    while sup.stats().active > 0 {
        assert!(Instant::now() < until, "{:?}", sup.snapshot().tasks);
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn memory_does_not_grow_with_churn() {
    let _alone = ALONE.lock();
    let turns = if slow() { 1_000 } else { 40 };
    let rt = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let sup = rt.block_on(async { builder().build() });
    let turn = || {
        rt.block_on(async {
            for i in 0..1_000 {
                let task = task!("churn").in_(&sup);
                spawn!(task, async move {
                    if i % 100 == 0 {
                        Err("x")
                    } else {
                        Ok(())
                    }
                });
            }
            assert!(sup.wait_all(Duration::from_secs(60)).await.is_ok());
        });
    };
    turn();
    let region = Region::new(ALLOCATOR);
    (0..turns).for_each(|_| turn());
    let change = region.change();
    let growth = change.bytes_allocated as i64 - change.bytes_deallocated as i64;
    println!("{} tasks, growth {growth} B", turns * 1_000);
    assert!(growth < 64 * 1024, "{growth} B");
}

#[test]
fn runtimes_that_go_away_lose_no_task() {
    let _alone = ALONE.lock();
    const THREADS: u64 = 8;
    let (rounds, each) = if slow() { (25, 5_000) } else { (3, 250) };
    let sup = builder().build();
    for round in 0..rounds {
        let runtimes = [runtime(), runtime()];
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (sup, runtimes) = (&sup, &runtimes);
                scope.spawn(move || {
                    for i in 0..each {
                        let task = task!("stress").in_(sup);
                        let rt = &runtimes[usize::from(i % 2 == 0)];
                        let handle = spawn_on!(rt, task, async move {
                            tokio::task::yield_now().await;
                            match (thread + i) % 50 {
                                0 => std::future::pending::<()>().await,
                                1 => tokio::time::sleep(Duration::from_millis(1)).await,
                                _ => {}
                            }
                        });
                        if i % 37 == 0 {
                            handle.abort();
                        }
                    }
                });
            }
        });
        // One runtime goes in the middle of its work, the other drops what is parked.
        let [a, b] = runtimes;
        if round % 2 == 0 {
            a.shutdown_background();
        } else {
            drop(a);
        }
        drop(b);
        wait_until_idle(&sup);
    }
    let stats = sup.stats();
    assert_eq!(stats.spawned, rounds * each * THREADS);
    assert_eq!(stats.total_ended(), stats.spawned, "{stats:?}");
    assert_eq!(sup.snapshot().tasks.len(), 0);
}
