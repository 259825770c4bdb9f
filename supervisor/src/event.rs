//! Everything that is logged, and the hook that sees the same. Never called while a lock is held;
//! a hook that panics harms nobody.

use crate::cell::{TaskCell, TaskId};
use crate::inner::Inner;
use crate::outcome::Outcome;
use crate::site::Site;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A task ended with an error that nobody will read.
    Failed,
    /// A task panicked.
    Panicked,
    /// A task's time was up.
    TimedOut,
    /// A task was aborted on demand.
    Aborted,
    /// A shutdown aborted a task.
    Cancelled,
    /// A task was dropped before its end, unasked.
    Dropped,
    /// A task was refused.
    Rejected,
    /// A daemon ended although nobody stopped it.
    DaemonEnded,
    /// `observe!` found an error.
    Observed,
    /// One event of a bridge, one tick of a periodic task or one attempt of a service failed.
    StepFailed,
    /// A task waits long for a permit while its own parent may hold one.
    Starved,
}

/// One thing that was logged. See [`crate::Builder::on_event`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What has happened.
    pub kind: EventKind,
    /// The name of the task.
    pub name: &'static str,
    /// The task, where there is one.
    pub id: Option<TaskId>,
    /// Where it was spawned.
    pub site: &'static Site,
    /// The supervisor or group.
    pub group: &'a str,
    /// What distinguishes this task from its namesakes.
    pub detail: Option<&'a str>,
    /// Time since the task was spawned.
    pub elapsed: Duration,
    /// The error, printed.
    pub error: Option<&'a str>,
}

pub(crate) type Hook = dyn Fn(&Event<'_>) + Send + Sync;

/// Logs and hands to the hook what happened to a task.
#[cold]
pub(crate) fn of_task(cell: &TaskCell, kind: EventKind, error: Option<&str>) {
    let detail = cell.detail();
    emit(
        &cell.inner,
        &Event {
            kind,
            name: cell.site.name(),
            id: Some(cell.id),
            site: cell.site,
            group: &cell.inner.name,
            detail: detail.as_deref(),
            elapsed: cell.age(),
            error,
        },
    );
}

/// The same where no task exists.
#[cold]
pub(crate) fn of_site(inner: &Inner, site: &'static Site, kind: EventKind, error: Option<&str>) {
    emit(
        inner,
        &Event {
            kind,
            name: site.name(),
            id: None,
            site,
            group: &inner.name,
            detail: None,
            elapsed: Duration::ZERO,
            error,
        },
    );
}

/// The end of a task, where it has to be told at once.
pub(crate) fn ended(cell: &TaskCell, outcome: Outcome, error: Option<&str>) {
    let kind = match outcome {
        Outcome::Ok | Outcome::Failed => return trace_end(cell, outcome),
        Outcome::Panicked => EventKind::Panicked,
        Outcome::TimedOut => EventKind::TimedOut,
        Outcome::Aborted => EventKind::Aborted,
        Outcome::Cancelled => EventKind::Cancelled,
        Outcome::Dropped => EventKind::Dropped,
        Outcome::Rejected => EventKind::Rejected,
    };
    of_task(cell, kind, error);
}

fn trace_end(cell: &TaskCell, outcome: Outcome) {
    if outcome == Outcome::Ok {
        tracing::trace!(
            target: TARGET,
            { task.name = cell.site.name(), task.id = cell.id.0, task.at = %cell.site },
            "task ended"
        );
    }
}

const TARGET: &str = "asynclint_supervisor";

macro_rules! log {
    ($level:ident, $event:expr, $text:expr) => {
        tracing::$level!(
            target: TARGET,
            {
                task.name = $event.name,
                task.id = $event.id.map(|id| id.0),
                task.at = %$event.site,
                task.detail = $event.detail,
                task.group = $event.group,
                elapsed = ?$event.elapsed,
                error = $event.error
            },
            $text
        )
    };
}

fn emit(inner: &Inner, event: &Event<'_>) {
    // A subscriber is user code too.
    let logged = catch_unwind(AssertUnwindSafe(|| write(event)));
    let told = inner.settings.on_event.as_ref().map(|hook| catch_unwind(AssertUnwindSafe(|| hook(event))));
    if logged.is_err() || matches!(told, Some(Err(_))) {
        inner.extras.hook_panics();
    }
}

fn write(event: &Event<'_>) {
    match event.kind {
        EventKind::Failed => log!(error, event, "task failed"),
        EventKind::Panicked => log!(error, event, "task panicked"),
        EventKind::TimedOut => log!(error, event, "task timed out"),
        EventKind::Aborted => log!(debug, event, "task aborted"),
        EventKind::Cancelled => log!(debug, event, "task cancelled by shutdown"),
        EventKind::Dropped => log!(warn, event, "task dropped before completion"),
        EventKind::Rejected => log!(error, event, "task rejected"),
        EventKind::DaemonEnded => log!(warn, event, "daemon ended early"),
        EventKind::Observed => log!(error, event, "error observed"),
        EventKind::StepFailed => log!(error, event, "step failed"),
        EventKind::Starved => {
            log!(warn, event, "child waits for a permit of the group of its parent: possible starvation")
        }
    }
}
