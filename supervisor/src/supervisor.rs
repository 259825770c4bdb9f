//! The handle of a supervisor or group. Cheap to clone; dropping it stops nothing.

use crate::cell::{flag, TaskId};
use crate::current;
use crate::handle::TaskHandle;
use crate::health::{self, Health};
use crate::idle::{until_idle, ExemptCurrent};
use crate::inner::{Inner, GROUP_SHARDS};
use crate::registry::Class;
use crate::report::{CancelReport, Remaining, ShutdownReason, ShutdownReport};
use crate::shutdown::{self, State};
use crate::site::Site;
use crate::snapshot::{self, Snapshot, Stats};
use crate::task::Task;
use crate::task_outcome::{TaskOutcome, ViaOutcome};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const WORK: [Class; 1] = [Class::Work];

/// A supervisor, or a group below one.
#[derive(Clone)]
pub struct Supervisor {
    pub(crate) inner: Arc<Inner>,
}

impl Supervisor {
    pub(crate) fn from_inner(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// The supervisor that the macros use here: that of the task being polled, else the thread's,
    /// else the process root.
    pub fn current() -> Self {
        Self::from_inner(current::ambient())
    }

    /// The process root.
    pub fn root() -> Self {
        Self::from_inner(current::root())
    }

    /// A group below this supervisor: its tasks are part of every count, wait and shutdown here,
    /// and it can be waited for, limited and shut down by itself. It lives as long as a handle or
    /// a task of it does.
    pub fn group(&self, name: &str) -> Supervisor {
        Self::from_inner(self.inner.child(name, None, GROUP_SHARDS, None))
    }

    /// A group with a limit of its own, which holds on top of those above it.
    pub fn limited_group(&self, name: &str, max_concurrent: usize) -> Supervisor {
        let limit = Some(max_concurrent);
        Self::from_inner(self.inner.child(name, limit, GROUP_SHARDS, None))
    }

    /// Sets the phase in which a shutdown drains this group: 0 first (ingress), then 1 (workers),
    /// 2 (sinks) and so on. Groups made below it from now on are in the same phase.
    pub fn phase(self, phase: u8) -> Self {
        self.inner.phase.store(phase, Ordering::SeqCst);
        self
    }

    /// The name of the group.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Cancelled when this supervisor begins to drain.
    pub fn token(&self) -> &CancellationToken {
        &self.inner.token
    }

    /// Where it is in its life.
    pub fn state(&self) -> State {
        self.inner.life.state()
    }

    /// True once draining has begun.
    pub fn is_shutting_down(&self) -> bool {
        self.state() != State::Running
    }

    /// Spawns a task here. The macros do the same for any output.
    #[track_caller]
    pub fn spawn<F>(&self, name: &'static str, future: F) -> TaskHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: TaskOutcome + Send + 'static,
    {
        let site = Site::at(name, Location::caller());
        crate::spawn::spawn(Task::at(site).in_(self), future, ViaOutcome)
    }

    /// Runs `future` with this supervisor as the ambient one.
    pub fn enter<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        current::Within { inner: Arc::clone(&self.inner), future: Box::pin(future) }
    }

    /// Begins a shutdown and returns at once. The first reason is kept. A second signal cuts the
    /// grace short; another reason does not.
    pub fn request_shutdown(&self, reason: ShutdownReason) {
        shutdown::request(&self.inner, reason);
    }

    /// Cuts the grace of a shutdown short.
    pub fn escalate(&self) {
        shutdown::escalate(&self.inner, None);
    }

    /// Shuts down and waits for it. All callers get the same report. Called from inside a task of
    /// this supervisor, it does not wait for that task.
    pub async fn shutdown(&self) -> Arc<ShutdownReport> {
        let _exempt = ExemptCurrent::new();
        shutdown::shut_down(&self.inner, ShutdownReason::Requested).await
    }

    /// Waits until every task here and below has ended; daemons and the calling task are not
    /// waited for.
    ///
    /// # Errors
    /// [`Remaining`] when the time was up. The tasks run on.
    pub async fn wait_all(&self, limit: Duration) -> Result<(), Remaining> {
        let _exempt = ExemptCurrent::new();
        let idle = until_idle(&self.inner, &WORK, |_| true);
        if shutdown::within(Instant::now() + limit, idle).await {
            return Ok(());
        }
        let mut tasks = shutdown::live_infos(&self.inner);
        tasks.retain(|task| !task.daemon);
        Err(Remaining { tasks })
    }

    /// As [`Supervisor::wait_all`], then cancels what is left.
    ///
    /// # Errors
    /// What had to be cancelled and whether it has ended.
    pub async fn wait_all_or_cancel(&self, limit: Duration, cancel_limit: Duration) -> Result<(), CancelReport> {
        match self.wait_all(limit).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.cancel_all(cancel_limit).await),
        }
    }

    /// Aborts every task here and below, daemons too, but not the calling one, and waits at most
    /// so long for them. The supervisor stays open. What does not end stays registered.
    pub async fn cancel_all(&self, limit: Duration) -> CancelReport {
        let _exempt = ExemptCurrent::new();
        let asked: Vec<_> = self
            .inner
            .tree()
            .iter()
            .flat_map(|node| node.abort_where(flag::ABORT_ASKED, |_| true))
            .map(|cell| cell.info())
            .collect();
        let idle = until_idle(&self.inner, &[Class::Work, Class::Daemon], |_| true);
        let _in_time = shutdown::within(Instant::now() + limit, idle).await;
        let live = shutdown::live_infos(&self.inner);
        let (remaining, cancelled) = asked.into_iter().partition(|task| live.iter().any(|other| other.id == task.id));
        CancelReport { cancelled, remaining }
    }

    /// Aborts one task; false if there is none of that id here or below.
    pub fn abort(&self, id: TaskId) -> bool {
        let found = self.inner.tree().iter().flat_map(|node| node.cells()).find(|cell| cell.id == id);
        found.is_some_and(|cell| {
            cell.ask_abort(flag::ABORT_ASKED);
            true
        })
    }

    /// A picture of everything here and below.
    pub fn snapshot(&self) -> Snapshot {
        snapshot::take(&self.inner)
    }

    /// The counters alone; cheaper than a snapshot.
    pub fn stats(&self) -> Stats {
        snapshot::stats(&self.inner)
    }

    /// Lasting troubles.
    pub fn health(&self) -> Health {
        health::of(&self.inner)
    }

    /// A snapshot now and then every `interval`, for a status display. Made by a daemon in a
    /// group of its own, which ends with the supervisor or with the last receiver.
    #[track_caller]
    pub fn watch(&self, interval: Duration) -> watch::Receiver<Snapshot> {
        let (sender, receiver) = watch::channel(self.snapshot());
        let site = Site::at("supervisor_watch", Location::caller());
        let watched = Arc::downgrade(&self.inner);
        let task = Task::at(site).in_(self).no_limit();
        let task = task.on_shutdown(crate::OnShutdown::Abort).serving();
        let work = async move {
            loop {
                tokio::time::sleep(interval).await;
                let Some(inner) = watched.upgrade() else {
                    return;
                };
                if sender.send(snapshot::take(&inner)).is_err() {
                    return;
                }
            }
        };
        crate::spawn::spawn(task, work, crate::probe::ViaNothing).detach();
        receiver
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Supervisor({}, {})", self.name(), self.stats())
    }
}

/// Ready with the reason when the ambient supervisor begins to drain. For loops that can stop
/// between two pieces of work, and for servers: `with_graceful_shutdown(shutdown_requested())`.
pub fn shutdown_requested() -> impl Future<Output = ShutdownReason> + Send + Sync + 'static {
    let inner = current::ambient();
    let cancelled = inner.token.clone().cancelled_owned();
    async move {
        cancelled.await;
        inner.life.reason().unwrap_or(ShutdownReason::Parent)
    }
}
