//! The permits one task holds or waits for: of its group and of every limited group above.
//! Always taken from the inside out, so that no two tasks can block each other.

use crate::gate::{Entry, Gate};
use crate::inner::Inner;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Permits held, and a place in at most one queue. Dropping gives everything back.
pub(crate) struct Admission {
    inner: Arc<Inner>,
    held: usize,
    place: Option<u64>,
}

/// The queue is full.
#[derive(Debug)]
pub(crate) struct Full;

impl Admission {
    /// `None` where nothing is limited. `bounded` applies the limit of the queue.
    pub(crate) fn enter(inner: &Arc<Inner>, bounded: bool) -> Result<Option<Self>, Full> {
        if inner.gates.is_empty() {
            return Ok(None);
        }
        let mut admission = Self { inner: Arc::clone(inner), held: 0, place: None };
        admission.advance(bounded)?;
        if admission.place.is_some() {
            inner.extras.queued.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Some(admission))
    }

    fn gate(&self) -> Option<&Arc<Gate>> {
        self.inner.gates.get(self.held)
    }

    fn advance(&mut self, bounded: bool) -> Result<(), Full> {
        while let Some(gate) = self.gate() {
            match gate.enter(bounded) {
                Entry::Granted => self.held += 1,
                Entry::Queued(place) => {
                    self.place = Some(place);
                    break;
                }
                Entry::Full => return Err(Full),
            }
        }
        Ok(())
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.place.is_some()
    }

    /// Ready when every permit is held.
    pub(crate) fn poll_admitted(&mut self, cx: &Context<'_>) -> Poll<()> {
        while let Some(place) = self.place {
            let arrived = self.gate().map_or(Poll::Ready(()), |g| g.poll_place(place, cx));
            if arrived.is_pending() {
                return Poll::Pending;
            }
            self.place = None;
            self.held += 1;
            // Who holds an inner permit waits for the outer ones however long their queue is.
            let _never_full = self.advance(false);
            if self.place.is_none() {
                self.inner.extras.queued.fetch_sub(1, Ordering::Relaxed);
            }
        }
        Poll::Ready(())
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            if let Some(gate) = self.gate() {
                gate.leave(place);
            }
            self.inner.extras.queued.fetch_sub(1, Ordering::Relaxed);
        }
        for gate in self.inner.gates.iter().take(self.held) {
            gate.release();
        }
    }
}
