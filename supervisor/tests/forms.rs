//! The textual rewrite of `tokio::spawn(E)` to `spawn!("name", E)` compiles wherever a spawn can
//! stand. Built here for edition 2021; `compile_matrix` builds the same file for both editions.
#![deny(warnings, clippy::all)]

use asynclint_supervisor as sup;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

async fn work() -> u8 {
    7
}

async fn fallible(ok: bool) -> Result<u8, std::num::ParseIntError> {
    if ok { "1" } else { "x" }.parse()
}

async fn never() {
    loop {
        tokio::task::yield_now().await;
    }
}

fn in_function() {
    sup::spawn!("plain", work());
    sup::spawn!("block", async {});
    sup::spawn!("moved", async move { work().await });
    sup::spawn!(async { work().await });
    sup::spawn!("trailing", work(),);
    sup::spawn!("fallible", fallible(true));
    sup::spawn!("question", async {
        fallible(true).await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    });
}

fn endless_loops() {
    sup::spawn!("loop", async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    sup::spawn!("never", async { never().await });
    sup::spawn_daemon!("daemon_loop", async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    sup::spawn!("loop_in_block", async move {
        work().await;
        loop {
            tokio::task::yield_now().await;
        }
    });
}

struct Server {
    shared: Arc<str>,
}

impl Server {
    fn start(&self) -> sup::TaskHandle<usize> {
        let shared = Arc::clone(&self.shared);
        sup::spawn!("serve", async move { shared.len() })
    }

    async fn run(self: Arc<Self>) -> usize {
        let this = Arc::clone(&self);
        let handle = sup::spawn!("inner", async move { this.shared.len() });
        sup::spawn!("method", Arc::clone(&self).step());
        handle.await.unwrap_or(0)
    }

    async fn step(self: Arc<Self>) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        sup::spawn_cleanup!("goodbye", async {});
    }
}

trait Start {
    fn go(&self);
    fn by_default(&self) {
        sup::spawn!("by_default", async {});
    }
}

impl Start for Server {
    fn go(&self) {
        sup::spawn!("go", async {});
    }
}

fn in_closures() {
    let start = |n: u64| sup::spawn!("closure", async move { n });
    start(1);
    (0..3).for_each(|n| {
        sup::spawn!("each", async move { n });
    });
    let nested = || move || sup::spawn!("nested", async {});
    nested()();
}

fn boxed() {
    let future: Pin<Box<dyn Future<Output = Result<(), String>> + Send>> = Box::pin(async { Ok(()) });
    sup::spawn!("boxed", future);
    let unit: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async {});
    sup::spawn!("boxed_unit", unit);
}

fn generic<F>(future: F)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    sup::spawn!("generic", future);
}

fn generic_result<T, E, F>(future: F) -> sup::TaskHandle<Result<T, E>>
where
    T: Send + 'static,
    E: std::fmt::Debug + Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    sup::spawn!("generic_result", future)
}

fn opaque() -> impl Future<Output = impl Send> + Send {
    std::future::ready(5u8)
}

macro_rules! my_spawn {
    ($($body:tt)*) => { sup::spawn!("from_macro", async move { $($body)* }) };
}

macro_rules! outer {
    ($future:expr) => {
        my_spawn!($future.await)
    };
}

fn in_macros() {
    my_spawn!(work().await);
    outer!(work());
}

fn in_expressions(flag: bool) -> Option<sup::TaskHandle<u8>> {
    let handles = [sup::spawn!("a", work()), sup::spawn!("b", work())];
    drop(handles);
    if flag {
        return Some(sup::spawn!("early", work()));
    }
    match flag {
        true => Some(sup::spawn!("arm", work())),
        false => None,
    }
}

async fn awaits_in_argument(names: Vec<&'static str>) -> Result<(), std::num::ParseIntError> {
    sup::spawn!("await_outside", {
        let n = fallible(true).await?;
        async move { n }
    });
    for name in names {
        sup::spawn!(name, async move { name.len() });
    }
    const NAME: &str = "constant";
    sup::spawn!(NAME, async {});
    sup::spawn!(sup::task!(NAME).detail(format!("{}", 1)), async {});
    Ok(())
}

async fn siblings() {
    sup::spawn_blocking!("blocking", || 5);
    sup::spawn_blocking!("blocking_block", move || {
        std::thread::yield_now();
    });
    sup::spawn_blocking!(|| Err::<(), _>("text"));
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let rc = std::rc::Rc::new(1);
            sup::spawn_local!("local", async move { *rc });
            sup::spawn_local!(async {});
        })
        .await;
    sup::spawn_on!(tokio::runtime::Handle::current(), "on", work());
    let handle = tokio::runtime::Handle::current();
    sup::spawn_on!(handle, "on_variable", work());
    sup::spawn_on!(&handle, "on_reference", work());
    sup::spawn_bounded!("bounded", max = 4, work()).await;
    let tried = sup::try_spawn!("tried", work());
    assert!(tried.is_ok());
    sup::track!("tracked", work()).await;
    let root = sup::Supervisor::current();
    sup::spawn!(in root, "explicit", work());
    sup::spawn!(in &root, sup::task!("explicit_task").critical().no_limit(), async {
        std::future::pending::<()>().await
    })
    .abort();
    root.spawn("method_form", work());
    root.spawn("method_form_result", fallible(true));
    root.spawn("method_form_never", async { never().await });
}

async fn observes() {
    sup::observe!("handle", sup::spawn!("o", fallible(true)).await);
    sup::observe!("tokio", tokio::spawn(fallible(true)).await);
    sup::observe!("unit", ());
    sup::observe!("many", vec![fallible(true).await, fallible(true).await]);
    sup::observe!("diverging", tokio::spawn(async {}).await);
    let kept: Option<u8> = sup::observe!("kept", fallible(true).await);
    assert_eq!(kept, Some(1));
    let mut set = tokio::task::JoinSet::new();
    set.spawn(fallible(true));
    while let Some(result) = set.join_next().await {
        sup::observe!("set", result);
    }
}

async fn every_form() {
    in_function();
    endless_loops();
    let server = Arc::new(Server { shared: "abc".into() });
    assert_eq!(server.start().await, Ok(3));
    assert_eq!(Arc::clone(&server).run().await, 3);
    server.go();
    server.by_default();
    in_closures();
    boxed();
    generic(work());
    generic(opaque());
    let failed = generic_result(async { Err::<(), _>("gone") }).await;
    assert_eq!(failed, Ok(Err("gone")));
    in_macros();
    assert!(in_expressions(true).is_some());
    assert!(in_expressions(false).is_none());
    assert_eq!(awaits_in_argument(vec!["x", "y"]).await, Ok(()));
    siblings().await;
    observes().await;
}

#[test]
fn every_form_compiles_and_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(every_form());
    let stats = sup::Supervisor::root().stats();
    assert!(stats.spawned >= 45, "{stats:?}");
    assert_eq!(stats.ended(sup::Outcome::Panicked), 0);
}
