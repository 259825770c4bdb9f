//! What a spawn gives back. Dropping a handle detaches the task; it never stops anything.

use crate::cell::{flag, TaskCell, TaskId};
use crate::done::Done;
use crate::fault;
use crate::outcome::TaskError;
use crate::site::Site;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::{JoinError, JoinHandle};

/// The handle of a supervised task.
///
/// Awaiting it gives the value, or says why there is none; it is safe to cancel that. Whoever
/// awaits it owns the errors in the value: they are not logged. An error that nobody awaits is
/// logged with the name and the place of the task.
pub struct TaskHandle<T> {
    state: Option<State<T>>,
    site: &'static Site,
    id: TaskId,
}

enum State<T> {
    Live(JoinHandle<Done<T>>, Arc<TaskCell>),
    Never(TaskError),
}

impl<T> TaskHandle<T> {
    pub(crate) fn live(join: JoinHandle<Done<T>>, cell: Arc<TaskCell>) -> Self {
        Self { site: cell.site, id: cell.id, state: Some(State::Live(join, cell)) }
    }

    /// The handle of a task that was never started.
    pub(crate) fn never(site: &'static Site, error: TaskError) -> Self {
        Self { site, id: TaskId(crate::current::thread_slot().1), state: Some(State::Never(error)) }
    }

    /// Unique in the process.
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The static name.
    pub fn name(&self) -> &'static str {
        self.site.name()
    }

    /// Ends the task at its next await. Nothing can abort a blocking closure that has begun.
    pub fn abort(&self) {
        if let Some(State::Live(_, cell)) = &self.state {
            cell.ask_abort(flag::ABORT_ASKED);
        }
    }

    /// True once the task has ended.
    pub fn is_finished(&self) -> bool {
        match &self.state {
            Some(State::Live(join, _)) => join.is_finished(),
            _ => true,
        }
    }

    /// Aborts without owning the handle.
    pub fn abort_handle(&self) -> TaskAbortHandle {
        let cell = match &self.state {
            Some(State::Live(_, cell)) => Some(Arc::clone(cell)),
            _ => None,
        };
        TaskAbortHandle { cell }
    }

    /// Waits at most so long, then aborts the task and waits for its end. A blocking closure that
    /// has begun cannot be aborted: it is left registered.
    ///
    /// # Errors
    /// [`TaskError::TimedOut`] when the time was up, else as when the handle is awaited.
    pub async fn join_timeout(mut self, limit: Duration) -> Result<T, TaskError> {
        if let Ok(result) = tokio::time::timeout(limit, &mut self).await {
            return result;
        }
        self.abort();
        tracing::warn!(
            target: "asynclint_supervisor",
            { task.name = self.name(), task.id = self.id.0 },
            "gave up waiting after {limit:?}, task aborted"
        );
        if matches!(&self.state, Some(State::Live(_, cell)) if cell.has(flag::BLOCKING)) {
            return Err(TaskError::TimedOut);
        }
        match (&mut self).await {
            Err(TaskError::Aborted) => Err(TaskError::TimedOut),
            other => other,
        }
    }

    /// A handle whose drop aborts the task.
    pub fn abort_on_drop(self) -> AbortOnDrop<T> {
        AbortOnDrop(self)
    }

    /// Lets the task go on by itself; the same as dropping the handle, but said.
    pub fn detach(self) {}

    /// Tokio's own handle; `None` if the task was never started. Read the output with
    /// [`Done::into_result`], else the error in it is reported when it is dropped.
    pub fn into_inner(mut self) -> Option<JoinHandle<Done<T>>> {
        match self.state.take() {
            Some(State::Live(join, _)) => Some(join),
            _ => None,
        }
    }
}

fn error_of(error: JoinError, cell: &TaskCell) -> TaskError {
    match error.try_into_panic() {
        // Only the panic of a destructor gets here; it has been logged.
        Ok(payload) => TaskError::Panicked(fault::info_of(payload)),
        Err(_) => cell.error_of_drop(),
    }
}

impl<T> Future for TaskHandle<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            Some(State::Live(join, cell)) => Pin::new(join).poll(cx).map(|joined| match joined {
                Ok(done) => done.into_result(),
                Err(error) => Err(error_of(error, cell)),
            }),
            Some(State::Never(error)) => Poll::Ready(Err(error.clone())),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        if let Some(State::Live(_, cell)) = &self.state {
            cell.set(flag::DETACHED);
        }
    }
}

impl<T> fmt::Debug for TaskHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskHandle({} #{})", self.name(), self.id)
    }
}

/// See [`TaskHandle::abort_handle`].
#[derive(Clone, Debug)]
pub struct TaskAbortHandle {
    cell: Option<Arc<TaskCell>>,
}

impl TaskAbortHandle {
    /// Ends the task at its next await.
    pub fn abort(&self) {
        if let Some(cell) = &self.cell {
            cell.ask_abort(flag::ABORT_ASKED);
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| !cell.has_ended())
    }
}

/// See [`TaskHandle::abort_on_drop`].
#[derive(Debug)]
pub struct AbortOnDrop<T>(TaskHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why `try_spawn!` did not spawn. It hands the future back.
pub enum SpawnError<F> {
    /// Not inside a runtime, and the supervisor knows none.
    NoRuntime(F),
    /// The supervisor is shutting down or has been shut down.
    Closed(F),
    /// The limit is reached and the queue is full.
    Full(F),
}

impl<F> SpawnError<F> {
    /// The future that was not spawned.
    pub fn into_future(self) -> F {
        match self {
            SpawnError::NoRuntime(future) | SpawnError::Closed(future) | SpawnError::Full(future) => future,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            SpawnError::NoRuntime(_) => "no runtime to spawn on",
            SpawnError::Closed(_) => "the supervisor is closed",
            SpawnError::Full(_) => "the limit is reached and the queue is full",
        }
    }
}

impl<F> fmt::Debug for SpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpawnError({})", self.text())
    }
}

impl<F> fmt::Display for SpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl<F> std::error::Error for SpawnError<F> {}
