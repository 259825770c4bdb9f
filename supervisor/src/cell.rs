//! The record of one task: who it is, where it came from, and how it may be stopped. Never holds
//! the future or its output.

use crate::inner::Inner;
use crate::outcome::{Outcome, TaskError};
use crate::registry::{Class, Slot};
use crate::site::Site;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Facts about a task, in one word.
pub(crate) mod flag {
    /// Endless by intent: aborted when draining begins, its end before that is a warning.
    pub(crate) const DAEMON: u32 = 1;
    /// Its end, other than by a shutdown, shuts the program down.
    pub(crate) const CRITICAL: u32 = 1 << 1;
    /// Aborted when draining begins.
    pub(crate) const STOP_ON_DRAIN: u32 = 1 << 2;
    /// A cleanup: dropped before its end it counts as rejected.
    pub(crate) const CLEANUP: u32 = 1 << 3;
    /// Somebody asked to abort it.
    pub(crate) const ABORT_ASKED: u32 = 1 << 4;
    /// A shutdown asked to abort it.
    pub(crate) const SHUTDOWN_ASKED: u32 = 1 << 5;
    /// Its handle is gone: nobody will read its error.
    pub(crate) const DETACHED: u32 = 1 << 6;
    /// Waits for a permit.
    pub(crate) const QUEUED: u32 = 1 << 7;
    /// Lives on an executor that may not be tokio's.
    pub(crate) const FOREIGN: u32 = 1 << 8;
    /// Runs on a blocking thread.
    pub(crate) const BLOCKING: u32 = 1 << 9;
    /// It is itself waiting for the others, so nobody waits for it.
    pub(crate) const EXEMPT: u32 = 1 << 10;
    /// Serves others as long as they want (a bridge, a periodic task, a service): `wait_all` does
    /// not wait for it, it may end, and it may finish its step in a shutdown.
    pub(crate) const SERVING: u32 = 1 << 11;
}

/// Identifies a task for the life of the process; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub(crate) u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

pub(crate) struct TaskCell {
    pub(crate) inner: Arc<Inner>,
    pub(crate) site: &'static Site,
    pub(crate) id: TaskId,
    /// Nanoseconds after the making of the supervisor: half the size of an `Instant`.
    started: u64,
    slot: AtomicU64,
    flags: AtomicU32,
    abort: OnceLock<AbortHandle>,
    detail: Mutex<Option<Box<str>>>,
}

impl TaskCell {
    /// Registers a new task with its supervisor.
    pub(crate) fn register(inner: Arc<Inner>, site: &'static Site, flags: u32, detail: Option<Box<str>>) -> Arc<Self> {
        let (near, id) = crate::current::thread_slot();
        let class = if flags & (flag::DAEMON | flag::SERVING) != 0 { Class::Daemon } else { Class::Work };
        let started = Instant::now().saturating_duration_since(inner.created);
        let cell = Arc::new(TaskCell {
            inner,
            site,
            id: TaskId(id),
            started: u64::try_from(started.as_nanos()).unwrap_or(u64::MAX),
            slot: AtomicU64::new(0),
            flags: AtomicU32::new(flags),
            abort: OnceLock::new(),
            detail: Mutex::new(detail),
        });
        cell.inner.registry.insert(near, class, |slot| {
            // Read by the task itself and by whoever found the cell under the same lock.
            cell.slot.store(slot.pack(), Ordering::Relaxed);
            Arc::clone(&cell)
        });
        site.count_spawn();
        cell
    }

    pub(crate) fn slot(&self) -> Slot {
        Slot::unpack(self.slot.load(Ordering::Relaxed))
    }

    pub(crate) fn has(&self, flags: u32) -> bool {
        self.flags.load(Ordering::Relaxed) & flags != 0
    }

    pub(crate) fn set(&self, flags: u32) -> u32 {
        self.flags.fetch_or(flags, Ordering::SeqCst)
    }

    pub(crate) fn clear(&self, flags: u32) {
        self.flags.fetch_and(!flags, Ordering::SeqCst);
    }

    /// Gives the cell the means to abort its task; an abort asked for before is made up for.
    pub(crate) fn arm(&self, handle: AbortHandle) {
        if let Err(handle) = self.abort.set(handle) {
            handle.abort();
        }
        if self.flags.load(Ordering::SeqCst) & (flag::ABORT_ASKED | flag::SHUTDOWN_ASKED) != 0 {
            self.abort_now();
        }
    }

    /// Asks the task to end. `why` is `ABORT_ASKED` or `SHUTDOWN_ASKED`; the first reason counts.
    pub(crate) fn ask_abort(&self, why: u32) {
        let asked = flag::ABORT_ASKED | flag::SHUTDOWN_ASKED;
        if self.flags.load(Ordering::SeqCst) & asked == 0 {
            self.set(why);
        }
        self.abort_now();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.abort.get().is_some_and(AbortHandle::is_finished)
    }

    fn abort_now(&self) {
        if let Some(handle) = self.abort.get() {
            handle.abort();
        }
    }

    /// What an end without a result means.
    pub(crate) fn outcome_of_drop(&self) -> Outcome {
        let flags = self.flags.load(Ordering::SeqCst);
        if flags & flag::CLEANUP != 0 {
            Outcome::Rejected
        } else if flags & flag::ABORT_ASKED != 0 {
            Outcome::Aborted
        } else if flags & flag::SHUTDOWN_ASKED != 0 {
            Outcome::Cancelled
        } else {
            Outcome::Dropped
        }
    }

    /// The same, as the awaiter sees it.
    pub(crate) fn error_of_drop(&self) -> TaskError {
        match self.outcome_of_drop() {
            Outcome::Rejected => TaskError::Rejected,
            Outcome::Aborted => TaskError::Aborted,
            Outcome::Cancelled => TaskError::Shutdown,
            _ => TaskError::RuntimeGone,
        }
    }

    pub(crate) fn age(&self) -> Duration {
        // At the end of a thread tokio's clock, once it has been paused anywhere, panics.
        match tokio::runtime::Handle::try_current() {
            Err(error) if error.is_thread_local_destroyed() => Duration::ZERO,
            _ => self.inner.created.elapsed().saturating_sub(Duration::from_nanos(self.started)),
        }
    }

    pub(crate) fn set_detail(&self, detail: Box<str>) {
        *self.detail.lock().unwrap_or_else(PoisonError::into_inner) = Some(detail);
    }

    pub(crate) fn detail(&self) -> Option<Box<str>> {
        self.detail.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn info(&self) -> TaskInfo {
        TaskInfo {
            id: self.id,
            name: self.site.name(),
            detail: self.detail(),
            site: self.site,
            group: self.inner.name.clone(),
            age: self.age(),
            state: if self.has(flag::QUEUED) { TaskState::Queued } else { TaskState::Running },
            daemon: self.has(flag::DAEMON | flag::SERVING),
            blocking: self.has(flag::BLOCKING),
        }
    }
}

impl fmt::Debug for TaskCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskCell({} #{})", self.site.name(), self.id)
    }
}

/// Whether a task has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// Waits for a permit of a limited supervisor.
    Queued,
    /// Running, or waiting to be polled.
    Running,
}

/// What a snapshot or a report says about one task.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// Unique in the process.
    pub id: TaskId,
    /// The static name, fit for a metric label.
    pub name: &'static str,
    /// What distinguishes this task from its namesakes.
    pub detail: Option<Box<str>>,
    /// Where it was spawned.
    pub site: &'static Site,
    /// The supervisor or group it belongs to.
    pub group: Arc<str>,
    /// How long ago it was spawned.
    pub age: Duration,
    /// Queued or running.
    pub state: TaskState,
    /// Endless by intent.
    pub daemon: bool,
    /// Runs on a blocking thread, where nothing can abort it.
    pub blocking: bool,
}

/// `name "detail" (file:line, 3.2s)`.
impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(detail) = &self.detail {
            write!(f, " {detail:?}")?;
        }
        write!(f, " ({}, {:.1}s)", self.site, self.age.as_secs_f64())
    }
}
