//! A limit on running tasks: permits handed over in the order of arrival. Never polls a task and
//! never lets a newcomer overtake the queue.

use crate::sync::{lock, Mutex};
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

/// What a newcomer gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A permit. Give it back with [`Gate::release`].
    Granted,
    /// A place in the queue, to be asked with [`Gate::poll_place`].
    Queued(u64),
    /// The queue is full.
    Full,
}

struct State {
    free: usize,
    next: u64,
    queue: BTreeMap<u64, Option<Waker>>,
}

/// A counting semaphore whose queue order is the order of arrival, not of the first poll.
pub(crate) struct Gate {
    limit: usize,
    pending_limit: usize,
    state: Mutex<State>,
}

impl Gate {
    pub(crate) fn new(limit: usize, pending_limit: usize) -> Self {
        Self { limit, pending_limit, state: Mutex::new(State { free: limit, next: 0, queue: BTreeMap::new() }) }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    #[cfg(loom)]
    pub(crate) fn free(&self) -> usize {
        lock(&self.state).free
    }

    pub(crate) fn queued(&self) -> usize {
        lock(&self.state).queue.len()
    }

    /// Takes a permit or a place. `bounded` applies the limit of the queue; a task that already
    /// holds the permit of an inner gate is let in without it.
    pub(crate) fn enter(&self, bounded: bool) -> Entry {
        let mut state = lock(&self.state);
        if state.free > 0 {
            state.free -= 1;
            return Entry::Granted;
        }
        if bounded && state.queue.len() >= self.pending_limit {
            return Entry::Full;
        }
        let place = state.next;
        state.next += 1;
        state.queue.insert(place, None);
        Entry::Queued(place)
    }

    /// Ready when the permit has been handed to this place.
    pub(crate) fn poll_place(&self, place: u64, cx: &Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        match state.queue.get_mut(&place) {
            None => Poll::Ready(()),
            Some(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Gives up a place; a permit that had already arrived goes to the next in the queue.
    pub(crate) fn leave(&self, place: u64) {
        let waiting = lock(&self.state).queue.remove(&place);
        if waiting.is_none() {
            self.release();
        }
    }

    /// Gives a permit back: the first in the queue gets it, else it is free.
    pub(crate) fn release(&self) {
        let mut state = lock(&self.state);
        let waker = match state.queue.pop_first() {
            Some((_, waker)) => waker,
            None => {
                state.free += 1;
                None
            }
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
