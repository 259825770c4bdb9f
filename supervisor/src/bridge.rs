//! Events from plain threads into the runtime: a bounded queue with a supervised consumer. Never
//! moves a future between runtimes, and never loses an accepted event silently.

use crate::inner::Inner;
use crate::probe::ViaNothing;
use crate::shutdown::State;
use crate::site::Site;
use crate::step;
use crate::supervisor::Supervisor;
use crate::task::Task;
use crate::task_outcome::TaskOutcome;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Starts a consumer that calls `handler` for one event after the other, and gives back the
/// sender for any thread. A fault in one event is logged, the next one goes on. When draining
/// begins, sends fail and what is queued is still handled.
#[track_caller]
pub fn bridge<E, H, Fut>(name: &'static str, capacity: usize, handler: H) -> BridgeSender<E>
where
    E: Send + 'static,
    H: FnMut(E) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: TaskOutcome + Send,
{
    Bridge::new(name, capacity).start(handler)
}

/// A bridge with options.
#[derive(Debug)]
#[must_use = "a bridge does nothing until it is started"]
pub struct Bridge {
    site: &'static Site,
    capacity: usize,
    concurrency: usize,
    supervisor: Supervisor,
}

impl Bridge {
    /// A bridge in the ambient supervisor, which holds at most `capacity` waiting events.
    #[track_caller]
    pub fn new(name: &'static str, capacity: usize) -> Self {
        Self {
            site: Site::at(name, Location::caller()),
            capacity: capacity.max(1),
            concurrency: 1,
            supervisor: Supervisor::current(),
        }
    }

    /// Handles so many events at the same time; the order of their ends is then open.
    pub fn concurrency(mut self, consumers: usize) -> Self {
        self.concurrency = consumers.max(1);
        self
    }

    /// In this supervisor instead of the ambient one.
    pub fn in_(mut self, supervisor: &Supervisor) -> Self {
        self.supervisor = supervisor.clone();
        self
    }

    /// Starts the consumers.
    ///
    /// # Panics
    /// Outside of a runtime, unless the supervisor knows one.
    #[track_caller]
    pub fn start<E, H, Fut>(self, handler: H) -> BridgeSender<E>
    where
        E: Send + 'static,
        H: FnMut(E) -> Fut + Send + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: TaskOutcome + Send,
    {
        let (sender, receiver) = mpsc::channel(self.capacity);
        let inner = Arc::clone(&self.supervisor.inner);
        let counters = Arc::new(Counters::default());
        let closed = CancellationToken::new();
        let queue = Queue {
            receiver,
            stop: Box::pin(inner.token.clone().cancelled_owned()),
            close: Box::pin(closed.clone().cancelled_owned()),
            inner: Arc::clone(&inner),
            counters: Arc::clone(&counters),
            site: self.site,
        };
        let task = || Task::at(self.site).in_(&self.supervisor).no_limit().serving();
        if self.concurrency == 1 {
            crate::spawn::spawn(task(), consume(queue, handler), ViaNothing).detach();
        } else {
            let shared = Arc::new(tokio::sync::Mutex::new((queue, handler)));
            for _ in 0..self.concurrency {
                let work = consume_shared(Arc::clone(&shared));
                crate::spawn::spawn(task(), work, ViaNothing).detach();
            }
        }
        BridgeSender { sender, counters, closed }
    }
}

#[derive(Default)]
struct Counters {
    handled: AtomicU64,
    failed: AtomicU64,
    undelivered: AtomicU64,
}

/// The receiving end. Dropped with events in it, it counts them as undelivered.
struct Queue<E> {
    receiver: mpsc::Receiver<E>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    close: Pin<Box<WaitForCancellationFutureOwned>>,
    inner: Arc<Inner>,
    counters: Arc<Counters>,
    site: &'static Site,
}

impl<E> Queue<E> {
    /// The next event; `None` when the queue is closed and empty.
    async fn next(&mut self) -> Option<E> {
        std::future::poll_fn(|cx| {
            // The state is looked at for every event: a full queue must not hide the shutdown.
            if self.inner.life.state() != State::Running {
                self.receiver.close();
            }
            if let Poll::Ready(event) = self.receiver.poll_recv(cx) {
                return Poll::Ready(event);
            }
            let stop = self.stop.as_mut().poll(cx).is_ready();
            if stop || self.close.as_mut().poll(cx).is_ready() {
                self.receiver.close();
                return self.receiver.poll_recv(cx);
            }
            Poll::Pending
        })
        .await
    }
}

impl<E> Drop for Queue<E> {
    fn drop(&mut self) {
        self.receiver.close();
        let lost = self.receiver.len() as u64;
        if lost > 0 {
            count_lost(&self.inner, &self.counters, lost);
            let text = format!("{lost} events not handled");
            step::tell_text(&self.inner, self.site, &text);
        }
    }
}

fn count_lost(inner: &Inner, counters: &Counters, lost: u64) {
    counters.undelivered.fetch_add(lost, Ordering::Relaxed);
    inner.extras.undelivered.fetch_add(lost, Ordering::Relaxed);
}

/// An event that has left the queue; dropped before it is handled, it is undelivered.
struct InHand<'a> {
    inner: &'a Inner,
    counters: &'a Counters,
    handled: bool,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        if !self.handled {
            count_lost(self.inner, self.counters, 1);
        }
    }
}

async fn handle<Fut>(inner: &Inner, counters: &Counters, site: &'static Site, make: impl FnOnce() -> Fut)
where
    Fut: Future,
    Fut::Output: TaskOutcome,
{
    let mut in_hand = InHand { inner, counters, handled: false };
    let end = step::run(make, None).await;
    in_hand.handled = true;
    counters.handled.fetch_add(1, Ordering::Relaxed);
    if let Err(failure) = end {
        counters.failed.fetch_add(1, Ordering::Relaxed);
        step::tell(inner, site, &failure);
    }
}

async fn consume<E, H, Fut>(mut queue: Queue<E>, mut handler: H)
where
    H: FnMut(E) -> Fut,
    Fut: Future,
    Fut::Output: TaskOutcome,
{
    while let Some(event) = queue.next().await {
        handle(&queue.inner, &queue.counters, queue.site, || handler(event)).await;
    }
}

async fn consume_shared<E, H, Fut>(shared: Arc<tokio::sync::Mutex<(Queue<E>, H)>>)
where
    H: FnMut(E) -> Fut,
    Fut: Future,
    Fut::Output: TaskOutcome,
{
    loop {
        let mut guard = shared.lock().await;
        let (queue, handler) = &mut *guard;
        let Some(event) = queue.next().await else {
            return;
        };
        let (inner, counters) = (Arc::clone(&queue.inner), Arc::clone(&queue.counters));
        let site = queue.site;
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handler(event)));
        drop(guard);
        let make = || match made {
            Ok(future) => future,
            Err(payload) => std::panic::resume_unwind(payload),
        };
        handle(&inner, &counters, site, make).await;
    }
}

/// Sends events into a bridge, from any thread. Cloning it is cheap; the consumer ends when the
/// last clone is dropped.
pub struct BridgeSender<E> {
    sender: mpsc::Sender<E>,
    counters: Arc<Counters>,
    closed: CancellationToken,
}

impl<E> BridgeSender<E> {
    /// Sends without waiting.
    ///
    /// # Errors
    /// With the event, if the queue is full or the bridge is closed.
    pub fn try_send(&self, event: E) -> Result<(), TrySendError<E>> {
        if self.closed.is_cancelled() {
            return Err(TrySendError::Closed(event));
        }
        self.sender.try_send(event).map_err(|error| match error {
            mpsc::error::TrySendError::Full(event) => TrySendError::Full(event),
            mpsc::error::TrySendError::Closed(event) => TrySendError::Closed(event),
        })
    }

    /// Sends from a plain thread; waits while the queue is full.
    ///
    /// # Errors
    /// With the event, if the bridge is closed.
    ///
    /// # Panics
    /// Inside a runtime: it would block an executor thread.
    pub fn send_blocking(&self, event: E) -> Result<(), Closed<E>> {
        if self.closed.is_cancelled() {
            return Err(Closed(event));
        }
        self.sender.blocking_send(event).map_err(|error| Closed(error.0))
    }

    /// Sends from a task; waits while the queue is full.
    ///
    /// # Errors
    /// With the event, if the bridge is closed.
    pub async fn send(&self, event: E) -> Result<(), Closed<E>> {
        if self.closed.is_cancelled() {
            return Err(Closed(event));
        }
        self.sender.send(event).await.map_err(|error| Closed(error.0))
    }

    /// Takes no more events; what is queued is still handled.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// What it has done so far.
    pub fn stats(&self) -> BridgeStats {
        BridgeStats {
            queued: self.sender.max_capacity() - self.sender.capacity(),
            handled: self.counters.handled.load(Ordering::Relaxed),
            failed: self.counters.failed.load(Ordering::Relaxed),
            undelivered: self.counters.undelivered.load(Ordering::Relaxed),
        }
    }
}

impl<E> Clone for BridgeSender<E> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), counters: Arc::clone(&self.counters), closed: self.closed.clone() }
    }
}

impl<E> fmt::Debug for BridgeSender<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BridgeSender({:?})", self.stats())
    }
}

/// What a bridge has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BridgeStats {
    /// Events waiting.
    pub queued: usize,
    /// Events handled, failed ones included.
    pub handled: u64,
    /// Events whose handler failed or panicked.
    pub failed: u64,
    /// Events accepted and not handled, because the consumer was stopped.
    pub undelivered: u64,
}

/// Why an event was not taken; it is handed back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrySendError<E> {
    /// The queue is full.
    Full(E),
    /// The bridge is closed.
    Closed(E),
}

impl<E> fmt::Display for TrySendError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "the bridge is full",
            TrySendError::Closed(_) => "the bridge is closed",
        })
    }
}

impl<E: fmt::Debug> std::error::Error for TrySendError<E> {}

/// The bridge is closed; the event is handed back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed<E>(pub E);

impl<E> fmt::Display for Closed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bridge is closed")
    }
}

impl<E: fmt::Debug> std::error::Error for Closed<E> {}
