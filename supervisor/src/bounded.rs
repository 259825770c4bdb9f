//! Back-pressure: a spawn that waits for its place. Never spawns before it holds every permit.

use crate::admission::Admission;
use crate::handle::TaskHandle;
use crate::inner::Inner;
use crate::probe::Report;
use crate::spawn::{go, prepare, refused};
use crate::task::Task;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// `spawn_bounded!`.
pub async fn spawn_bounded<F, R>(
    site_limit: &'static Semaphore,
    mut task: Task,
    future: F,
    _: R,
) -> TaskHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    let (inner, site) = (task.take_inner(), task.site);
    // The semaphore is a static that nobody closes.
    let permit = site_limit.acquire().await.ok();
    let admitted = match task.no_limit {
        true => None,
        false => admitted(&inner).await,
    };
    match prepare(inner, task, 0, permit, admitted) {
        Ok(ready) => go::<_, R>(ready, future),
        Err(why) => refused(&why, site),
    }
}

/// Waits in the queue of the supervisor, however full it is; gives up when the supervisor does.
async fn admitted(inner: &Arc<Inner>) -> Option<Admission> {
    let mut admission = Admission::enter(inner, false).ok().flatten()?;
    let aborting = inner.life.aborting.clone();
    let mut given_up = std::pin::pin!(aborting.cancelled());
    std::future::poll_fn(|cx| {
        if given_up.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(());
        }
        admission.poll_admitted(cx)
    })
    .await;
    Some(admission)
}
