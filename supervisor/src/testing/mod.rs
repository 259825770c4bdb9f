//! Async tests that fail when a task panics, leaks, or ends in an error that nobody read, also
//! when it was spawned with a bare `tokio::spawn` (its panics and leaks; its value is not ours to
//! see). Never lets one test see the tasks of another.
//!
//! ```
//! # #[cfg(feature = "macros")] mod t {
//! #[asynclint_supervisor::test]
//! async fn no_task_is_left_behind() {
//!     asynclint_supervisor::spawn!("work", async {});
//! }
//!
//! #[asynclint_supervisor::test(flavor = "multi_thread", worker_threads = 2)]
//! async fn with_cleanup(cx: asynclint_supervisor::testing::TestCx) {
//!     cx.defer(async { /* always runs, also after a panic */ });
//! }
//! # }
//! ```
//!
//! The attribute takes the arguments of `#[tokio::test]`, and `crate = path` for a re-export.

mod cx;
mod recorder;

pub use cx::TestCx;

use crate::builder::builder;
use crate::current;
use crate::fault::{self, Payload};
use crate::idle::until_idle;
use crate::inner::Inner;
use crate::registry::Class;
use crate::report::ShutdownReason;
use crate::shutdown;
use recorder::Recorder;
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

/// How a test runs. Made by the attribute, or by hand for [`run`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Setup {
    workers: Option<usize>,
    configure: Option<fn(&mut Builder)>,
    leak_grace: Duration,
    cleanup_timeout: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// A current-thread runtime with everything enabled.
    pub const fn new() -> Self {
        Self {
            workers: None,
            configure: None,
            leak_grace: Duration::from_millis(200),
            cleanup_timeout: Duration::from_secs(5),
        }
    }

    /// A multi-threaded runtime.
    pub const fn workers(mut self, threads: usize) -> Self {
        self.workers = Some(threads);
        self
    }

    /// Changes the runtime before it is built, e.g. `|b| { b.start_paused(true); }`.
    pub const fn configure(mut self, change: fn(&mut Builder)) -> Self {
        self.configure = Some(change);
        self
    }

    /// How long tasks may go on after the end of the body. Default: 200 ms.
    pub const fn leak_grace(mut self, grace: Duration) -> Self {
        self.leak_grace = grace;
        self
    }

    /// How long each deferred cleanup may take. Default: 5 s.
    pub const fn cleanup_timeout(mut self, limit: Duration) -> Self {
        self.cleanup_timeout = limit;
        self
    }

    fn runtime(&self, inner: &Arc<Inner>, recorder: &Arc<Recorder>) -> Runtime {
        let mut builder = match self.workers {
            None => Builder::new_current_thread(),
            #[cfg(feature = "multi-thread")]
            Some(threads) => {
                let mut builder = Builder::new_multi_thread();
                builder.worker_threads(threads);
                builder
            }
            #[cfg(not(feature = "multi-thread"))]
            Some(_) => panic!("a multi-threaded test needs the feature `multi-thread`"),
        };
        builder.enable_all();
        let (inner, recorder) = (Arc::clone(inner), Arc::clone(recorder));
        builder.on_thread_start(move || {
            current::set_thread_default(Some(Arc::clone(&inner)));
            recorder::set_for_thread(Some(Arc::clone(&recorder)));
        });
        if let Some(change) = self.configure {
            change(&mut builder);
        }
        match builder.build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("cannot build the runtime of the test: {error}"),
        }
    }
}

/// Runs `body` as the attribute does.
///
/// # Panics
/// With the panic of the body, else if a task, a cleanup or the leak check found a fault.
pub fn run<F, Fut>(setup: Setup, body: F) -> Fut::Output
where
    F: FnOnce(TestCx) -> Fut,
    Fut: Future,
{
    recorder::install_hook();
    let recorder = Arc::new(Recorder::default());
    let inner = supervisor(&recorder);
    let runtime = setup.runtime(&inner, &recorder);
    let on_this_thread = ThisThread::enter(&inner, &recorder);
    let cx = TestCx::new(Arc::clone(&inner), Arc::clone(&recorder));
    let future = match catch_unwind(AssertUnwindSafe(|| body(cx.clone()))) {
        Ok(future) => future,
        Err(payload) => resume_unwind(payload),
    };
    let end = runtime.block_on(whole_test(&setup, &runtime, &cx, future));
    // Before the runtime goes: what it drops then has been named as a leak.
    let faults = recorder.verdict();
    drop(on_this_thread);
    runtime.shutdown_timeout(Duration::from_millis(100));
    match end {
        Err(payload) => {
            if !faults.is_empty() {
                cx::say(&faults);
            }
            resume_unwind(payload)
        }
        Ok(value) => {
            assert!(faults.is_empty(), "the test left faults behind:\n  {}", faults.join("\n  "));
            value
        }
    }
}

fn supervisor(recorder: &Arc<Recorder>) -> Arc<Inner> {
    let recorder = Arc::clone(recorder);
    let mut builder = builder().name("test");
    builder = builder.on_event(move |event| recorder.event(event));
    builder.settings.timers = true;
    builder.build().inner
}

/// The supervisor and recorder of the thread that runs the test; the harness uses it again.
struct ThisThread;

impl ThisThread {
    fn enter(inner: &Arc<Inner>, recorder: &Arc<Recorder>) -> Self {
        current::set_thread_default(Some(Arc::clone(inner)));
        recorder::set_for_thread(Some(Arc::clone(recorder)));
        Self
    }
}

impl Drop for ThisThread {
    fn drop(&mut self) {
        current::set_thread_default(None);
        recorder::set_for_thread(None);
    }
}

async fn whole_test<F: Future>(setup: &Setup, runtime: &Runtime, cx: &TestCx, body: F) -> Result<F::Output, Payload> {
    let inner = &cx.inner;
    let mut body = Box::pin(current::Within { inner: Arc::clone(inner), future: Box::pin(body) });
    let end = std::future::poll_fn(|poll| {
        let in_body = recorder::InBody::enter();
        let polled = catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(poll)));
        drop(in_body);
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(payload) => std::task::Poll::Ready(Err(payload)),
        }
    })
    .await;
    fault::discard(body);
    cx.run_cleanups(setup.cleanup_timeout).await;
    look_for_leaks(setup, runtime, cx).await;
    end
}

async fn look_for_leaks(setup: &Setup, runtime: &Runtime, cx: &TestCx) {
    let deadline = Instant::now() + setup.leak_grace;
    let work = until_idle(&cx.inner, &[Class::Work], |_| true);
    let _in_time = shutdown::within(deadline, work).await;
    // Daemons, bridges and periodic work end here, as they would in the program.
    cx.inner.life.driven.store(true, Ordering::SeqCst);
    shutdown::request(&cx.inner, ShutdownReason::BodyEnded);
    let all = until_idle(&cx.inner, &[Class::Work, Class::Daemon], |_| true);
    let _in_time = shutdown::within(deadline.max(Instant::now() + SETTLE), all).await;
    let mut leaked = shutdown::live_infos(&cx.inner);
    leaked.sort_by_key(|task| task.id);
    for task in &leaked {
        cx.recorder.leak(&format!("task leaked: {task}"));
    }
    let alive = wait_for_bare(runtime, deadline, leaked.len()).await;
    if alive > leaked.len() {
        let bare = alive - leaked.len();
        cx.recorder.leak(&format!("{bare} unsupervised tasks leaked"));
    }
}

/// Time for aborted tasks to be dropped by their threads.
const SETTLE: Duration = Duration::from_millis(50);

/// Waits until no task is alive but those named already; the answer is how many are.
async fn wait_for_bare(runtime: &Runtime, deadline: Instant, named: usize) -> usize {
    const POLL: Duration = Duration::from_millis(1);
    loop {
        let alive = runtime.metrics().num_alive_tasks();
        if alive <= named || Instant::now() >= deadline + SETTLE {
            return alive;
        }
        tokio::time::sleep(POLL).await;
    }
}
