//! Accounting for a future that somebody else runs: another executor, a scope, a hand-written
//! loop. Never spawns and cannot abort.

use crate::cell::flag;
use crate::probe::Report;
use crate::spawn::{prepare, Ready};
use crate::task::Task;
use crate::wrapper::Supervised;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// See [`crate::track!`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Tracked<F: Future, R: Report<F::Output>> {
        #[pin]
        state: Supervised<F, R>,
    }
}

impl<F: Future, R: Report<F::Output>> std::fmt::Debug for Tracked<F, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tracked")
    }
}

/// `track!`. In a closed supervisor the future still runs, uncounted by it: it is not ours to
/// refuse.
pub fn track<F: Future, R: Report<F::Output>>(mut task: Task, future: F, _: R) -> Tracked<F, R> {
    let inner = task.take_inner();
    let site = task.site;
    let task = task.no_limit();
    let Ready { cell, extras } = match prepare(inner, task, flag::FOREIGN, None, None) {
        Ok(ready) => ready,
        Err(_) => late(site),
    };
    Tracked { state: Supervised::new(future, cell, extras) }
}

fn late(site: &'static crate::site::Site) -> Ready {
    let inner = crate::inner::Inner::unmanaged();
    Ready { cell: crate::cell::TaskCell::register(inner, site, flag::FOREIGN, None), extras: None }
}

impl<F: Future, R: Report<F::Output>> Future for Tracked<F, R> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().state.poll(cx).map(|done| match done.into_result() {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        })
    }
}
