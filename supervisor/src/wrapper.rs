//! The future around every task: it makes the task current, catches its panic, applies limit and
//! timeout, and accounts for its end exactly once, on whichever path it comes. Never spawns.

use crate::admission::Admission;
use crate::cell::{flag, TaskCell};
use crate::current::{self, Entered};
use crate::done::Done;
use crate::event;
use crate::fault::{self, Payload};
use crate::finish::{self, Ended};
use crate::outcome::{Outcome, TaskError};
use crate::probe::Report;
use pin_project_lite::pin_project;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio::time::Sleep;
use tracing::Span;

/// What only some tasks need, so that the others stay small.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) admission: Option<Admission>,
    #[expect(dead_code, reason = "held until the end of the task")]
    pub(crate) permit: Option<SemaphorePermit<'static>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) span: Option<Span>,
    /// Warn when the permit does not come: the parent may hold it.
    pub(crate) watch_starvation: bool,
    pub(crate) sleep: Option<Pin<Box<Sleep>>>,
}

const STARVED_AFTER: Duration = Duration::from_secs(5);

impl Extras {
    /// Ready when the task may run.
    pub(crate) fn poll_admitted(&mut self, cell: &TaskCell, cx: &mut Context<'_>) -> Poll<()> {
        let Some(admission) = self.admission.as_mut().filter(|a| a.is_waiting()) else {
            return Poll::Ready(());
        };
        if admission.poll_admitted(cx).is_ready() {
            cell.clear(flag::QUEUED);
            self.sleep = None;
            return Poll::Ready(());
        }
        if self.watch_starvation && self.poll_sleep(STARVED_AFTER, cx).is_ready() {
            self.watch_starvation = false;
            event::of_task(cell, event::EventKind::Starved, None);
        }
        Poll::Pending
    }

    /// Ready when the time is up. Counts from the first poll of the task itself.
    fn poll_timeout(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.timeout {
            Some(timeout) => self.poll_sleep(timeout, cx),
            None => Poll::Pending,
        }
    }

    fn poll_sleep(&mut self, duration: Duration, cx: &mut Context<'_>) -> Poll<()> {
        self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(duration))).as_mut().poll(cx)
    }
}

pin_project! {
    pub(crate) struct Supervised<F: Future, R: Report<F::Output>> {
        // An option, so that it can be dropped in place, under control, before the accounting.
        #[pin]
        future: Option<F>,
        // `None` once the end has been accounted for.
        cell: Option<Arc<TaskCell>>,
        extras: Option<Box<Extras>>,
        report: PhantomData<fn() -> R>,
    }

    impl<F: Future, R: Report<F::Output>> PinnedDrop for Supervised<F, R> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(cell) = this.cell.take() {
                let _span = this.extras.as_ref().and_then(|e| e.span.clone()).map(Span::entered);
                dropped(this.future, &cell);
            }
        }
    }
}

/// The end of a task that was dropped before it returned.
fn dropped<F>(future: Pin<&mut Option<F>>, cell: &Arc<TaskCell>) {
    let panicked = drop_in_place(future, cell);
    account_drop(cell, panicked);
}

/// Accounts for a drop; a panic of the destructor goes on to the caller afterwards.
pub(crate) fn account_drop(cell: &Arc<TaskCell>, panicked: Option<Payload>) {
    match panicked {
        None => finish::without_value(cell, cell.outcome_of_drop(), None),
        Some(payload) => {
            let text = format!("destructor panicked: {}", fault::text_of(&*payload));
            finish::without_value(cell, Outcome::Panicked, Some(&text));
            if !std::thread::panicking() {
                resume_unwind(payload);
            }
        }
    }
}

fn drop_in_place<F>(mut future: Pin<&mut Option<F>>, cell: &Arc<TaskCell>) -> Option<Payload> {
    // The scope, not the task: a destructor may run where tokio is not at hand.
    let _entered = Entered::scope(&cell.inner);
    catch_unwind(AssertUnwindSafe(|| future.set(None))).err()
}

impl<F: Future, R: Report<F::Output>> Supervised<F, R> {
    pub(crate) fn new(future: F, cell: Arc<TaskCell>, extras: Option<Box<Extras>>) -> Self {
        Self { future: Some(future), cell: Some(cell), extras, report: PhantomData }
    }
}

/// One poll of the user's future, and the judgement of its value.
enum Polled<T> {
    Value(T, bool),
    TimedOut,
    Pending,
}

impl<F: Future, R: Report<F::Output>> Future for Supervised<F, R> {
    type Output = Done<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut span = None;
        if let (Some(extras), Some(cell)) = (this.extras.as_mut(), this.cell.as_ref()) {
            if extras.poll_admitted(cell, cx).is_pending() {
                return Poll::Pending;
            }
            span.clone_from(&extras.span);
        }
        let _span = span.map(Span::entered);
        let before = current::enter(this.cell);
        let polled = catch_unwind(AssertUnwindSafe(|| poll_inner::<F, R>(this.future.as_mut(), this.extras, cx)));
        let mut destructor = None;
        if std::mem::needs_drop::<F>() && !matches!(polled, Ok(Polled::Pending)) {
            destructor = catch_unwind(AssertUnwindSafe(|| this.future.set(None))).err();
        }
        current::leave(before, this.cell);
        let ended = match polled {
            Ok(Polled::Pending) => return Poll::Pending,
            Ok(Polled::Value(value, failed)) => Ended::Value(value, failed),
            Ok(Polled::TimedOut) => Ended::Error(TaskError::TimedOut),
            Err(payload) => Ended::Panic(payload),
        };
        let Some(cell) = this.cell.take() else {
            // Polled again after its end: like any future, it may do anything but harm.
            return Poll::Pending;
        };
        let done = finish::with_end::<F::Output, R>(cell, ended, destructor);
        // Only now, so that there are never more entries than permits.
        *this.extras = None;
        Poll::Ready(done)
    }
}

#[inline]
fn poll_inner<F: Future, R: Report<F::Output>>(
    future: Pin<&mut Option<F>>,
    extras: &mut Option<Box<Extras>>,
    cx: &mut Context<'_>,
) -> Polled<F::Output> {
    let Some(future) = future.as_pin_mut() else {
        return Polled::Pending;
    };
    if let Poll::Ready(value) = future.poll(cx) {
        let failed = R::failed(&value);
        return Polled::Value(value, failed);
    }
    match extras.as_mut().map(|extras| extras.poll_timeout(cx)) {
        Some(Poll::Ready(())) => Polled::TimedOut,
        _ => Polled::Pending,
    }
}
