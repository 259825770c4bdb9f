//! One step of repeated work (an event, a tick): its fault is told and counted, and the next step
//! goes on. Never ends the task that repeats.

use crate::event::{self, EventKind};
use crate::fault::{self, Payload};
use crate::inner::Inner;
use crate::site::Site;
use crate::task_outcome::TaskOutcome;
use pin_project_lite::pin_project;
use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

pin_project! {
    struct Caught<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Payload>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut future = self.project().future;
        let Some(running) = future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let end = match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => Ok(value),
            Err(payload) => Err(payload),
        };
        let dropped = match std::mem::needs_drop::<F>() {
            true => catch_unwind(AssertUnwindSafe(|| future.set(None))),
            false => Ok(()),
        };
        Poll::Ready(match (end, dropped) {
            (Ok(value), Ok(())) => Ok(value),
            (Ok(_), Err(payload)) => Err(payload),
            (Err(payload), dropped) => {
                dropped.unwrap_or_else(fault::discard);
                Err(payload)
            }
        })
    }
}

/// Why a step failed.
pub(crate) enum Failure {
    Error(String),
    Panic(String),
    TimedOut(Duration),
}

impl Failure {
    pub(crate) fn text(&self) -> String {
        match self {
            Failure::Error(text) => text.clone(),
            Failure::Panic(text) => format!("panicked: {text}"),
            Failure::TimedOut(limit) => format!("timed out after {limit:?}"),
        }
    }
}

/// Runs one step to its end, whatever that is.
pub(crate) async fn run<Fut>(make: impl FnOnce() -> Fut, limit: Option<Duration>) -> Result<(), Failure>
where
    Fut: Future,
    Fut::Output: TaskOutcome,
{
    let panicked = |payload: Payload| Failure::Panic(fault::info_of(payload).to_string());
    let future = catch_unwind(AssertUnwindSafe(make)).map_err(panicked)?;
    let caught = Caught { future: Some(future) };
    let end = match limit {
        None => caught.await,
        Some(limit) => tokio::time::timeout(limit, caught).await.map_err(|_| Failure::TimedOut(limit))?,
    };
    let value = end.map_err(panicked)?;
    match catch_unwind(AssertUnwindSafe(|| value.fault())) {
        Ok(None) => Ok(()),
        Ok(Some(text)) => Err(Failure::Error(text)),
        Err(payload) => {
            fault::discard(payload);
            Err(Failure::Error("<error formatting panicked>".into()))
        }
    }
}

/// Tells and counts a failed step.
pub(crate) fn tell(inner: &Inner, site: &'static Site, failure: &Failure) {
    tell_text(inner, site, &failure.text());
}

pub(crate) fn tell_text(inner: &Inner, site: &'static Site, text: &str) {
    inner.extras.observed.fetch_add(1, Ordering::Relaxed);
    event::of_site(inner, site, EventKind::StepFailed, Some(text));
}

/// `duration`, longer or shorter by a random share of at most `share`.
pub(crate) fn jittered(duration: Duration, share: f64) -> Duration {
    if share <= 0.0 {
        return duration;
    }
    // The keys of a fresh RandomState are random enough to spread load.
    let random = RandomState::new().build_hasher().finish();
    let unit = (random >> 11) as f64 / (1u64 << 53) as f64;
    duration.mul_f64((1.0 + share.min(1.0) * (2.0 * unit - 1.0)).max(0.0))
}
