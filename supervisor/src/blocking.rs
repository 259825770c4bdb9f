//! Closures on tokio's blocking threads: the same accounting, but nothing can stop one that has
//! begun. Never runs a closure without a permit where the supervisor is limited.

use crate::cell::{flag, TaskCell};
use crate::current::{self, Entered};
use crate::done::Done;
use crate::fault::Payload;
use crate::finish::{self, Ended};
use crate::handle::TaskHandle;
use crate::outcome::TaskError;
use crate::probe::Report;
use crate::spawn::{prepare, refused, started, Ready};
use crate::task::Task;
use crate::wrapper::{account_drop, Extras};
use std::marker::PhantomData;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// A closure that is accounted for: run, or dropped unrun.
struct Job<F, R> {
    work: Option<F>,
    cell: Option<Arc<TaskCell>>,
    extras: Option<Box<Extras>>,
    report: PhantomData<fn() -> R>,
}

impl<F, R> Job<F, R> {
    fn run<T>(mut self) -> Done<T>
    where
        F: FnOnce() -> T,
        R: Report<T>,
    {
        let (Some(work), Some(cell)) = (self.work.take(), self.cell.take()) else {
            return Done::ended(TaskError::RuntimeGone);
        };
        let _span = self.extras.as_ref().and_then(|e| e.span.clone()).map(tracing::Span::entered);
        let entered = Entered::task(&cell);
        let ended = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(value) => {
                let failed = R::failed(&value);
                Ended::Value(value, failed)
            }
            Err(payload) => Ended::Panic(payload),
        };
        drop(entered);
        finish::with_end::<T, R>(cell, ended, None)
    }
}

impl<F, R> Drop for Job<F, R> {
    fn drop(&mut self) {
        if let Some(cell) = self.cell.take() {
            let panicked = {
                let _entered = Entered::scope(&cell.inner);
                let work = self.work.take();
                catch_unwind(AssertUnwindSafe(|| drop(work))).err()
            };
            let panicked: Option<Payload> = panicked;
            account_drop(&cell, panicked);
        }
    }
}

/// `spawn_blocking!`.
#[track_caller]
pub fn spawn_blocking<F, T, R>(mut task: Task, work: F, _: R) -> TaskHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Report<T>,
{
    let (inner, site) = (task.take_inner(), task.site);
    let prepared = prepare(inner, task, flag::BLOCKING, None, None);
    let Ready { cell, extras } = match prepared {
        Ok(ready) => ready,
        Err(why) => {
            crate::fault::discard(work);
            return refused(&why, site);
        }
    };
    let waits = cell.has(flag::QUEUED);
    let own = cell.inner.settings.handle.clone();
    let here = own.filter(|_| !current::polled_by_tokio());
    let _here = here.map(|own| Handle::try_current().unwrap_or(own));
    let _entered = _here.as_ref().map(Handle::enter);
    let job = Job::<F, R> { work: Some(work), cell: Some(Arc::clone(&cell)), extras, report: PhantomData };
    let join = if waits { queued(job) } else { tokio::task::spawn_blocking(move || job.run()) };
    started(join, cell)
}

/// A blocking thread must not sit and wait for a permit: a small task waits, then hands over. The
/// job accounts for itself, so nothing is lost if the small task is aborted.
#[track_caller]
fn queued<F, T, R>(mut job: Job<F, R>) -> JoinHandle<Done<T>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Report<T>,
{
    tokio::spawn(async move {
        std::future::poll_fn(|cx| match (&job.cell, &mut job.extras) {
            (Some(cell), Some(extras)) => extras.poll_admitted(cell, cx),
            _ => std::task::Poll::Ready(()),
        })
        .await;
        let handed_over = tokio::task::spawn_blocking(move || job.run()).await;
        // The job has accounted for its own end, whatever it was.
        handed_over.unwrap_or_else(|_| Done::ended(TaskError::RuntimeGone))
    })
}
