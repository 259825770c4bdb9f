//! A part of a program that ends only when every task spawned inside it has ended. Never lets a
//! task outlive it, but for blocking closures that are stuck.

use crate::cell::{flag, TaskInfo};
use crate::current::{self, Entered};
use crate::idle::{until_idle, Idle};
use crate::inner::{Inner, SCOPE_SHARDS};
use crate::managed::abandoned;
use crate::outcome::Outcome;
use crate::registry::Class;
use crate::report::names;
use crate::shutdown::{live_infos, stops_on_drain};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;

/// Runs `body`; ready when it and every task spawned (with the macros) inside it have ended.
/// Daemons are aborted when the body ends. Dropping it midway aborts its tasks and warns.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use asynclint_supervisor::{scope, spawn};
/// let sum = scope(async {
///     let a = spawn!("a", async { 1 });
///     let b = spawn!("b", async { 2 });
///     a.await.unwrap_or(0) + b.await.unwrap_or(0)
/// });
/// assert_eq!(sum.fail_fast().await.ok(), Some(3));
/// # }
/// ```
pub fn scope<F: Future>(body: F) -> Scope<F> {
    Scope { body, fail_fast: false, deadline: None, limit: None }
}

/// See [`scope`].
#[derive(Debug)]
#[must_use = "a scope does nothing until it is awaited"]
pub struct Scope<F> {
    body: F,
    fail_fast: bool,
    deadline: Option<Duration>,
    limit: Option<usize>,
}

impl<F: Future> Scope<F> {
    /// The first error, panic or timeout of a task cancels the body and all other tasks.
    pub fn fail_fast(mut self) -> Self {
        self.fail_fast = true;
        self
    }

    /// When the time is up the body and all tasks are cancelled.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// At most so many tasks run at once.
    pub fn limit(mut self, max_concurrent: usize) -> Self {
        self.limit = Some(max_concurrent);
        self
    }
}

impl<F: Future> IntoFuture for Scope<F> {
    type Output = Result<F::Output, ScopeError>;
    type IntoFuture = ScopeFuture<F>;

    fn into_future(self) -> ScopeFuture<F> {
        let inner = current::ambient().child("scope", self.limit, SCOPE_SHARDS, None);
        inner.fail_fast.enabled.store(self.fail_fast, Ordering::Relaxed);
        let failed = Box::pin(inner.fail_fast.token.clone().cancelled_owned());
        ScopeFuture {
            body: Some(self.body),
            output: None,
            failed,
            deadline: self.deadline.map(|d| Box::pin(tokio::time::sleep(d))),
            idle: None,
            error: None,
            done: false,
            inner,
        }
    }
}

/// Why a scope has no value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ScopeError {
    /// The first task that failed, and how. Its error went to its awaiter or the log.
    Failed {
        /// The task.
        task: Box<TaskInfo>,
        /// How it ended.
        outcome: Outcome,
    },
    /// The deadline has passed; what was running then.
    Deadline {
        /// The tasks that were cancelled.
        tasks: Vec<TaskInfo>,
    },
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScopeError::Failed { task, outcome } => write!(f, "task {task} {outcome}"),
            ScopeError::Deadline { tasks } => {
                write!(f, "deadline passed, {} tasks cancelled: {}", tasks.len(), names(tasks))
            }
        }
    }
}

impl std::error::Error for ScopeError {}

pin_project! {
    /// The future of a [`Scope`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ScopeFuture<F: Future> {
        #[pin]
        body: Option<F>,
        output: Option<F::Output>,
        inner: Arc<Inner>,
        failed: Pin<Box<WaitForCancellationFutureOwned>>,
        // Of the scope; once that is broken off, of the wait for the aborted tasks.
        deadline: Option<Pin<Box<Sleep>>>,
        idle: Option<Pin<Box<Idle>>>,
        error: Option<ScopeError>,
        done: bool,
    }

    impl<F: Future> PinnedDrop for ScopeFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if !*this.done {
                let entered = Entered::scope(this.inner);
                this.body.set(None);
                drop(entered);
                abandoned(this.inner);
            }
        }
    }
}

impl<F: Future> fmt::Debug for ScopeFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeFuture").finish_non_exhaustive()
    }
}

fn first_failure(inner: &Inner) -> Option<ScopeError> {
    let first = inner.fail_fast.first.lock();
    let first = first.unwrap_or_else(PoisonError::into_inner).clone();
    first.map(|(task, outcome)| ScopeError::Failed { task: Box::new(task), outcome })
}

impl<F: Future> Future for ScopeFuture<F> {
    type Output = Result<F::Output, ScopeError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(body) = this.body.as_mut().as_pin_mut() {
            let entered = Entered::scope(this.inner);
            let polled = body.poll(cx);
            drop(entered);
            if let Poll::Ready(value) = polled {
                *this.output = Some(value);
                this.body.set(None);
                this.inner.abort_where(flag::SHUTDOWN_ASKED, stops_on_drain);
            }
        }
        let mut given_up = false;
        if this.error.is_none() {
            let failed = this.failed.as_mut().poll(cx).is_ready();
            let late = poll_deadline(this.deadline, cx);
            let error = if failed {
                first_failure(this.inner)
            } else if late {
                let tasks = live_infos(this.inner);
                Some(ScopeError::Deadline { tasks })
            } else {
                None
            };
            if error.is_some() {
                *this.error = error;
                let entered = Entered::scope(this.inner);
                this.body.set(None);
                drop(entered);
                break_off(this.inner);
                let patience = this.inner.settings.config.abort_grace;
                *this.deadline = Some(Box::pin(tokio::time::sleep(patience)));
            }
        } else {
            given_up = poll_deadline(this.deadline, cx);
        }
        if this.body.is_some() {
            return Poll::Pending;
        }
        let inner = &*this.inner;
        let idle = this.idle.get_or_insert_with(|| Box::pin(until_idle(inner, &ALL, |_| true)));
        if idle.as_mut().poll(cx).is_pending() && !given_up {
            // After a break-off the new deadline has to be polled once, to be woken by it.
            if this.error.is_some() && poll_deadline(this.deadline, cx) {
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        this.inner.life.close();
        *this.done = true;
        match (this.error.take(), this.output.take()) {
            (None, Some(value)) => Poll::Ready(Ok(value)),
            (Some(error), _) => Poll::Ready(Err(error)),
            (None, None) => Poll::Pending,
        }
    }
}

const ALL: [Class; 2] = [Class::Work, Class::Daemon];

fn poll_deadline(deadline: &mut Option<Pin<Box<Sleep>>>, cx: &mut Context<'_>) -> bool {
    match deadline {
        Some(sleep) => sleep.as_mut().poll(cx).is_ready(),
        None => false,
    }
}

fn break_off(inner: &Arc<Inner>) {
    for node in inner.tree() {
        node.token.cancel();
        node.abort_where(flag::SHUTDOWN_ASKED, |_| true);
    }
}
