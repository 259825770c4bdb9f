//! Unusual surroundings: no timers, no runtime, threads that end, code between runtimes.

use crate::support::{build, ms, supervisor, LONG};
use asynclint_supervisor::{builder, spawn, spawn_cleanup, try_spawn, Outcome, SpawnError};

#[test]
fn without_timers_everything_but_timeouts_works() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (sup, _) = supervisor();
        assert_eq!(spawn!(in sup, "a", async { 1 }).await, Ok(1));
        let queued = build(builder().max_concurrent(1)).0;
        spawn!(in queued, "a", async {});
        assert_eq!(spawn!(in queued, "b", async { 2 }).await, Ok(2));
    });
}

#[test]
fn try_spawn_outside_of_a_runtime_hands_the_future_back() {
    let (sup, _) = build(builder());
    let back = try_spawn!(in sup, "t", async { 5 });
    let Err(SpawnError::NoRuntime(future)) = back else {
        panic!("{back:?}");
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(future), 5);
    assert_eq!(sup.stats().spawned, 0);
}

#[tokio::test]
async fn try_spawn_into_a_closed_supervisor_hands_the_future_back() {
    let (sup, _) = supervisor();
    sup.shutdown().await;
    let back = try_spawn!(in sup, "t", async { 5 });
    assert!(matches!(&back, Err(SpawnError::Closed(_))), "{back:?}");
    assert_eq!(back.err().map(SpawnError::into_future).unwrap().await, 5);
}

#[test]
fn a_cleanup_from_drop_on_a_plain_thread_runs_on_the_known_runtime() {
    struct Connection(asynclint_supervisor::Supervisor, std::sync::mpsc::Sender<()>);
    impl Drop for Connection {
        fn drop(&mut self) {
            let done = self.1.clone();
            let task = asynclint_supervisor::task!("goodbye").in_(&self.0);
            spawn_cleanup!(task, async move { done.send(()).unwrap() });
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (sup, _) = runtime.block_on(async { supervisor() });
    let (send, done) = std::sync::mpsc::channel();
    let connection = Connection(sup.clone(), send);
    std::thread::spawn(move || drop(connection)).join().unwrap();
    assert_eq!(done.recv_timeout(LONG), Ok(()));
}

#[test]
fn a_task_dropped_in_a_thread_local_destructor_is_accounted_for() {
    thread_local! {
        static PARKED: std::cell::RefCell<Option<std::pin::Pin<Box<dyn std::future::Future<Output = ()>>>>> =
            const { std::cell::RefCell::new(None) };
    }
    let (sup, _) = build(builder());
    let inside = sup.clone();
    std::thread::spawn(move || {
        // Our own thread-locals may be gone before this one.
        PARKED.with(|parked| {
            let task = asynclint_supervisor::task!("t").in_(&inside);
            let tracked = asynclint_supervisor::track!(task, std::future::pending::<()>());
            *parked.borrow_mut() = Some(Box::pin(tracked));
        });
    })
    .join()
    .unwrap();
    assert_eq!(sup.stats().ended(Outcome::Dropped), 1);
    assert_eq!(sup.stats().active, 0);
}

#[test]
fn many_threads_spawn_into_one_supervisor() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    let (sup, _) = runtime.block_on(async { supervisor() });
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let sup = sup.clone();
            std::thread::spawn(move || {
                let ids = (0..200).map(|_| spawn!(in sup, "t", async {}).id());
                ids.collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ids: Vec<_> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    runtime.block_on(sup.wait_all(LONG)).unwrap();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), sup.stats().ended(Outcome::Ok)), (1_600, 1_600));
    runtime.shutdown_timeout(ms(100));
}
