//! What a test may ask of its surroundings. Cleanups run in reverse order, whatever happened.

use super::recorder::Recorder;
use crate::inner::Inner;
use crate::step;
use crate::supervisor::Supervisor;
use crate::task_outcome::TaskOutcome;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Cleanup = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// Given to a test that takes it: `async fn name(cx: TestCx)`.
#[derive(Clone)]
pub struct TestCx {
    pub(crate) inner: Arc<Inner>,
    pub(crate) recorder: Arc<Recorder>,
    cleanups: Arc<Mutex<Vec<Cleanup>>>,
}

impl TestCx {
    pub(crate) fn new(inner: Arc<Inner>, recorder: Arc<Recorder>) -> Self {
        Self { inner, recorder, cleanups: Arc::default() }
    }

    /// The supervisor of this test.
    pub fn supervisor(&self) -> Supervisor {
        Supervisor::from_inner(Arc::clone(&self.inner))
    }

    /// Runs `cleanup` after the body, also when that has panicked: the last one first, each with
    /// a timeout. A cleanup that fails does not stop the others, and fails the test.
    pub fn defer<F>(&self, cleanup: F)
    where
        F: Future + Send + 'static,
        F::Output: TaskOutcome + Send,
    {
        let cleanup = async move { cleanup.await.fault() };
        self.cleanups().push(Box::pin(cleanup));
    }

    /// Shares `value` and defers its cleanup.
    pub fn track<T, F, Fut>(&self, value: T, cleanup: F) -> Arc<T>
    where
        T: Send + Sync + 'static,
        F: FnOnce(Arc<T>) -> Fut + Send + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: TaskOutcome + Send,
    {
        let value = Arc::new(value);
        let shared = Arc::clone(&value);
        self.defer(async move { cleanup(shared).await });
        value
    }

    /// This many panics of tasks are part of the test; another number fails it.
    pub fn expect_panics(&self, count: usize) {
        self.recorder.expect_panics(count);
    }

    /// Tasks may be left behind.
    pub fn allow_leaks(&self) {
        self.recorder.allow_leaks();
    }

    /// Tasks may end in errors that nobody reads.
    pub fn allow_errors(&self) {
        self.recorder.allow_errors();
    }

    fn cleanups(&self) -> std::sync::MutexGuard<'_, Vec<Cleanup>> {
        self.cleanups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn run_cleanups(&self, limit: Duration) {
        loop {
            let Some(cleanup) = self.cleanups().pop() else {
                return;
            };
            let in_body = super::recorder::InBody::enter();
            let end = step::run(|| as_result(cleanup), Some(limit)).await;
            drop(in_body);
            if let Err(failure) = end {
                self.recorder.error(format!("cleanup failed: {}", failure.text()));
            }
        }
    }
}

async fn as_result(cleanup: Cleanup) -> Result<(), Printed> {
    match cleanup.await {
        None => Ok(()),
        Some(text) => Err(Printed(text)),
    }
}

/// A text whose `Debug` is itself.
struct Printed(String);

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TestCx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestCx").finish_non_exhaustive()
    }
}

/// The body has panicked, so the test fails with that; the other faults are said beside it.
#[expect(clippy::print_stderr, reason = "the output of a failing test")]
pub(crate) fn say(faults: &[String]) {
    eprintln!("the test also left faults behind:\n  {}", faults.join("\n  "));
}
