//! Runs a program, or a part of one, under a supervisor: body, signals, status line and shutdown
//! in one future. Starts no task of its own, so there is no monitor that could be lost.

use crate::builder::{builder, Builder};
use crate::current::{self, Within};
use crate::fault::{discard, Payload};
use crate::inner::{Inner, GROUP_SHARDS};
use crate::report::{ShutdownReason, ShutdownReport};
use crate::shutdown::{self, State};
use crate::signals::Signals;
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Runs `body` under a supervisor, and shuts down when it ends, when the process gets a signal or
/// when a critical task ends. Everything spawned with the macros inside `body` and its tasks
/// belongs to that supervisor. A call inside another one makes a group, without signals.
///
/// On a signal the body is not dropped: [`crate::shutdown_requested`] becomes ready, and the body
/// has until the end of the grace to finish. A body that does not has no value to give back: the
/// process then exits with [`ShutdownReport::exit_code`] (see [`Builder::try_managed`]).
///
/// # Panics
/// In a runtime without timers. With the panic of `body`, after the shutdown.
pub async fn managed<F: Future>(body: F) -> F::Output {
    builder().managed(body).await
}

/// Builds a multi-threaded runtime, runs `main` in it as [`managed`] does, and ends the runtime
/// without waiting for threads that are stuck.
///
/// # Panics
/// If the runtime cannot be built. With the panic of `main`, after the shutdown.
#[cfg(feature = "multi-thread")]
pub fn run<F: Future>(main: F) -> F::Output {
    builder().run(main)
}

/// How a managed body came to its end.
enum Body<T> {
    Value(T),
    Panicked(Payload),
    /// It was dropped when the grace was over.
    Lost(Arc<ShutdownReport>),
}

impl Builder {
    /// As [`managed`], with these settings.
    pub async fn managed<F: Future>(self, body: F) -> F::Output {
        match self.supervise(body).await {
            Body::Value(value) => value,
            Body::Panicked(payload) => resume_unwind(payload),
            Body::Lost(report) => exit_without_value(&report),
        }
    }

    /// As [`Builder::managed`], but a body that does not finish in time gives its caller the
    /// report instead of ending the process.
    ///
    /// # Errors
    /// The report, if the body had to be dropped.
    pub async fn try_managed<F: Future>(self, body: F) -> Result<F::Output, Arc<ShutdownReport>> {
        match self.supervise(body).await {
            Body::Value(value) => Ok(value),
            Body::Panicked(payload) => resume_unwind(payload),
            Body::Lost(report) => Err(report),
        }
    }

    /// As [`run`], with these settings.
    ///
    /// # Panics
    /// If the runtime cannot be built. With the panic of `main`, after the shutdown.
    #[cfg(feature = "multi-thread")]
    pub fn run<F: Future>(self, main: F) -> F::Output {
        let patience = self.settings.config.abort_grace;
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("asynclint_supervisor::run cannot build a runtime: {error}"),
        };
        let end = runtime.block_on(self.supervise(main));
        // A plain drop would wait for ever for a blocking closure that is stuck.
        runtime.shutdown_timeout(patience);
        match end {
            Body::Value(value) => value,
            Body::Panicked(payload) => resume_unwind(payload),
            Body::Lost(report) => exit_without_value(&report),
        }
    }

    async fn supervise<F: Future>(mut self, body: F) -> Body<F::Output> {
        require_timers();
        self.settings.handle = tokio::runtime::Handle::try_current().ok();
        self.settings.timers = true;
        self.settings.managed = true;
        let above = current::local().filter(|inner| !inner.is_closed());
        let (inner, signals) = match above {
            Some(parent) => {
                let limit = self.settings.config.max_concurrent;
                let name = self.name;
                let settings = Some(self.settings);
                (parent.child(&name, limit, GROUP_SHARDS, settings), None)
            }
            None => {
                let inner = Inner::root_with(&self.name, self.settings);
                current::offer_root(&inner);
                (inner, self.on_signals.then(listen).flatten())
            }
        };
        Managed::new(inner, body, signals).await
    }
}

fn require_timers() {
    // asynclint: allow(unawaited-future): only whether a timer can be made is asked
    let timers = catch_unwind(|| drop(tokio::time::sleep(std::time::Duration::ZERO)));
    assert!(
        timers.is_ok(),
        "asynclint_supervisor::managed needs a runtime with timers: build it with enable_time or enable_all"
    );
}

/// A runtime without an I/O driver cannot listen; that is said, and the program goes on.
fn listen() -> Option<Signals> {
    let signals = catch_unwind(Signals::listen).ok();
    if signals.is_none() {
        tracing::error!(target: "asynclint_supervisor", "this runtime cannot listen for signals");
    }
    signals
}

#[expect(clippy::exit, reason = "there is no value to return: see `managed`")]
fn exit_without_value(report: &ShutdownReport) -> ! {
    tracing::error!(
        target: "asynclint_supervisor",
        "the body did not end in time and was dropped; exiting with {}",
        report.exit_code()
    );
    std::process::exit(report.exit_code().max(1))
}

type Cancelled = Pin<Box<WaitForCancellationFutureOwned>>;

struct Managed<F: Future> {
    inner: Arc<Inner>,
    body: Option<Pin<Box<Within<F>>>>,
    end: Option<Result<F::Output, Payload>>,
    body_ended: CancellationToken,
    signals: Option<Signals>,
    status: Option<Pin<Box<Sleep>>>,
    wakes: [Cancelled; 3],
    shutdown: Option<Pin<Box<dyn Future<Output = Arc<ShutdownReport>> + Send>>>,
    done: bool,
}

// Only boxed futures are pinned.
impl<F: Future> Unpin for Managed<F> {}

impl<F: Future> Managed<F> {
    fn new(inner: Arc<Inner>, body: F, signals: Option<Signals>) -> Self {
        let body_ended = CancellationToken::new();
        inner.life.body.get_or_init(|| body_ended.clone());
        inner.life.driven.store(true, std::sync::atomic::Ordering::SeqCst);
        let wait = |token: &CancellationToken| Box::pin(token.clone().cancelled_owned());
        let wakes = [wait(&inner.life.requested), wait(&inner.token), wait(&inner.life.aborting)];
        let body = Within { inner: Arc::clone(&inner), future: Box::pin(body) };
        Self {
            body: Some(Box::pin(body)),
            end: None,
            body_ended,
            signals,
            status: None,
            wakes,
            shutdown: None,
            done: false,
            inner,
        }
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) {
        let Some(body) = &mut self.body else {
            return;
        };
        if self.inner.life.aborting.is_cancelled() {
            self.drop_body();
            return;
        }
        let end = match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(value)) => Ok(value),
            Err(payload) => Err(payload),
        };
        self.end = Some(end);
        self.drop_body();
        shutdown::request(&self.inner, ShutdownReason::BodyEnded);
    }

    fn drop_body(&mut self) {
        let entered = current::Entered::scope(&self.inner);
        discard(self.body.take());
        drop(entered);
        self.body_ended.cancel();
    }

    fn poll_signals(&mut self, cx: &mut Context<'_>) {
        while let Some(Poll::Ready(number)) = self.signals.as_mut().map(|s| s.poll_next(cx)) {
            on_signal(&self.inner, number);
        }
    }

    fn poll_status(&mut self, cx: &mut Context<'_>) {
        let config = &self.inner.settings.config;
        if !config.enable_monitoring || self.inner.life.state() != State::Running {
            self.status = None;
            return;
        }
        loop {
            let sleep = self.status.get_or_insert_with(|| Box::pin(tokio::time::sleep(config.cleanup_interval)));
            if sleep.as_mut().poll(cx).is_pending() {
                return;
            }
            self.status = None;
            // A subscriber that panics must not end the program.
            let line = || log_status(&self.inner);
            if catch_unwind(AssertUnwindSafe(line)).is_err() {
                self.inner.extras.hook_panics();
            }
        }
    }

    /// Ready with the report, once there is something to report.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Arc<ShutdownReport>> {
        let mut asked = false;
        for wake in &mut self.wakes {
            asked |= wake.as_mut().poll(cx).is_ready();
        }
        if !asked {
            return Poll::Pending;
        }
        let inner = &self.inner;
        let shutdown = self.shutdown.get_or_insert_with(|| {
            let inner = Arc::clone(inner);
            Box::pin(async move { shutdown::shut_down(&inner, ShutdownReason::Parent).await })
        });
        shutdown.as_mut().poll(cx)
    }
}

fn log_status(inner: &Arc<Inner>) {
    let line = crate::snapshot::take(inner).to_string();
    tracing::info!(target: "asynclint_supervisor", supervisor = &*inner.name, "{line}");
}

#[expect(clippy::exit, reason = "the third signal means: now")]
fn on_signal(inner: &Arc<Inner>, number: i32) {
    let life = &inner.life;
    if life.is_escalated() {
        std::process::exit(128 + number);
    }
    tracing::info!(target: "asynclint_supervisor", signal = number, "signal received");
    shutdown::request(inner, ShutdownReason::Signal(number));
}

impl<F: Future> Future for Managed<F> {
    type Output = Body<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.shutdown.is_none() {
            this.poll_body(cx);
        }
        this.poll_signals(cx);
        this.poll_status(cx);
        let mut report = this.poll_shutdown(cx);
        if report.is_pending() && this.shutdown.is_some() {
            // The shutdown may just have begun to abort, and waits for the body.
            this.poll_body(cx);
            report = this.poll_shutdown(cx);
        }
        let Poll::Ready(report) = report else {
            return Poll::Pending;
        };
        this.drop_body();
        this.done = true;
        Poll::Ready(match this.end.take() {
            Some(Ok(value)) => Body::Value(value),
            Some(Err(payload)) => Body::Panicked(payload),
            None => Body::Lost(report),
        })
    }
}

impl<F: Future> Drop for Managed<F> {
    fn drop(&mut self) {
        if !self.done {
            self.drop_body();
            abandoned(&self.inner);
        }
    }
}

/// A scope or managed future was dropped midway. It cannot wait; it aborts and says so.
pub(crate) fn abandoned(inner: &Arc<Inner>) {
    let mut aborted = 0;
    for node in inner.tree() {
        node.token.cancel();
        aborted += node.abort_where(crate::cell::flag::SHUTDOWN_ASKED, |_| true).len();
        node.life.close();
    }
    tracing::warn!(
        target: "asynclint_supervisor",
        supervisor = &*inner.name,
        aborted,
        "dropped before its end: its tasks are aborted, nobody waits for them"
    );
}
