//! The accounting at the end of a task: what is counted, what is logged, who gets the error.
//! Never runs user code unguarded.

use crate::cell::{flag, TaskCell};
use crate::done::Done;
use crate::event::{self, EventKind};
use crate::fault::{self, Payload};
use crate::health::Problem;
use crate::outcome::{Outcome, TaskError};
use crate::probe::{describe, Report};
use crate::report::ShutdownReason;
use crate::shutdown::{self, State};
use std::panic::resume_unwind;
use std::sync::Arc;

/// How the user's code came to its end.
pub(crate) enum Ended<T> {
    /// It returned; the flag says that there is an error in the value.
    Value(T, bool),
    Error(TaskError),
    Panic(Payload),
}

/// Accounts for a task that was polled to its end. `destructor` is the panic of its destructor.
#[inline]
pub(crate) fn with_end<T, R: Report<T>>(cell: Arc<TaskCell>, ended: Ended<T>, destructor: Option<Payload>) -> Done<T> {
    match (ended, destructor) {
        (Ended::Value(value, false), None) => {
            if cell.has(flag::DAEMON | flag::CRITICAL) {
                consequences(&cell, Outcome::Ok);
            }
            event::ended(&cell, Outcome::Ok, None);
            cell.inner.finish(&cell, Outcome::Ok);
            Done::value(value)
        }
        (Ended::Value(value, true), None) => failed::<T, R>(cell, value),
        (ended, destructor) => faulted::<T, R>(&cell, ended, destructor),
    }
}

#[cold]
fn failed<T, R: Report<T>>(cell: Arc<TaskCell>, value: T) -> Done<T> {
    // Nobody holds the handle: say it now, so that a shutdown that waits for this task cannot end
    // the process before the line is written.
    let nobody_reads = cell.has(flag::DETACHED | flag::FOREIGN);
    if nobody_reads {
        let text = describe::<T, R>(&value);
        event::of_task(&cell, EventKind::Failed, Some(&text));
    }
    consequences(&cell, Outcome::Failed);
    cell.inner.finish(&cell, Outcome::Failed);
    if nobody_reads {
        Done::value(value)
    } else {
        Done::failed(value, cell, describe::<T, R>)
    }
}

#[cold]
fn faulted<T, R: Report<T>>(cell: &Arc<TaskCell>, ended: Ended<T>, destructor: Option<Payload>) -> Done<T> {
    let error = match ended {
        Ended::Panic(payload) if cell.has(flag::FOREIGN) => {
            let text = fault::text_of(&*payload);
            without_value(cell, Outcome::Panicked, Some(&text));
            resume_unwind(payload);
        }
        Ended::Panic(payload) => TaskError::Panicked(fault::info_of(payload)),
        Ended::Error(error) if destructor.is_none() => error,
        ended => return destructor_only::<T, R>(cell, ended, destructor),
    };
    if let Some(second) = destructor {
        fault::discard(second);
    }
    let (outcome, text) = match &error {
        TaskError::Panicked(info) => (Outcome::Panicked, Some(info.to_string())),
        _ => (Outcome::TimedOut, None),
    };
    without_value(cell, outcome, text.as_deref());
    Done::ended(error)
}

/// The code ended in order, its destructor did not. The value cannot be trusted to be complete;
/// an error in it is told along with the panic.
fn destructor_only<T, R: Report<T>>(cell: &Arc<TaskCell>, ended: Ended<T>, destructor: Option<Payload>) -> Done<T> {
    let mut text = String::from("destructor panicked");
    if let Some(payload) = destructor {
        text.push_str(": ");
        text.push_str(&fault::text_of(&*payload));
        fault::discard(payload);
    }
    if let Ended::Value(value, failed) = ended {
        if failed {
            text.push_str("; the task had failed: ");
            text.push_str(&describe::<T, R>(&value));
        }
        fault::discard(value);
    }
    without_value(cell, Outcome::Panicked, Some(&text));
    Done::ended(TaskError::Panicked(crate::PanicInfo::new(text, None)))
}

/// Accounts for an end that leaves no value.
#[cold]
pub(crate) fn without_value(cell: &Arc<TaskCell>, outcome: Outcome, text: Option<&str>) {
    let cleanup_lost = outcome == Outcome::Rejected && cell.has(flag::CLEANUP);
    let text = if cleanup_lost { Some(CLEANUP_LOST) } else { text };
    event::ended(cell, outcome, text);
    consequences(cell, outcome);
    cell.inner.finish(cell, outcome);
}

pub(crate) const CLEANUP_LOST: &str = "cleanup lost";

/// What the end of a daemon or of a critical task means for the others.
fn consequences(cell: &TaskCell, outcome: Outcome) {
    if outcome.is_stop() && !(cell.has(flag::CRITICAL) && outcome == Outcome::Aborted) {
        return;
    }
    let running = cell.inner.life.state() == State::Running;
    if cell.has(flag::DAEMON) && running {
        let name = cell.site.name();
        cell.inner.problems.note(Problem::DaemonEnded(name));
        if outcome == Outcome::Ok {
            event::of_task(cell, EventKind::DaemonEnded, None);
        }
    }
    if cell.has(flag::CRITICAL) {
        let reason = ShutdownReason::CriticalEnded(cell.site.name());
        shutdown::request(&cell.inner.top(), reason);
    }
}
