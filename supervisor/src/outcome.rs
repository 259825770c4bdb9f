//! How a task can end, and what its awaiter gets when there is no value. Never decides anything:
//! the decisions are taken in the wrapper and in the shutdown.

use std::fmt;
use std::sync::Arc;

/// How a task ended. Every spawned task ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// It returned, and its value is no error.
    Ok = 0,
    /// It returned an error.
    Failed = 1,
    /// It panicked.
    Panicked = 2,
    /// Its time was up.
    TimedOut = 3,
    /// It was aborted through its handle, by id or by `cancel_all`.
    Aborted = 4,
    /// A shutdown aborted it.
    Cancelled = 5,
    /// It was dropped before its end and nobody of this crate asked for it: its runtime is gone,
    /// or somebody aborted it behind our back.
    Dropped = 6,
    /// It was never started: a closed supervisor, a full queue, no runtime for a cleanup.
    Rejected = 7,
}

impl Outcome {
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The word used in logs and snapshots.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
            Outcome::Panicked => "panicked",
            Outcome::TimedOut => "timed out",
            Outcome::Aborted => "aborted",
            Outcome::Cancelled => "cancelled",
            Outcome::Dropped => "dropped",
            Outcome::Rejected => "rejected",
        }
    }

    /// An error, a panic or a timeout: what a fail-fast scope and a restart policy react to.
    pub const fn is_failure(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Panicked | Outcome::TimedOut)
    }

    /// Ended by a decision to stop it.
    pub const fn is_stop(self) -> bool {
        matches!(self, Outcome::Aborted | Outcome::Cancelled)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known about a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicInfo(Arc<(Box<str>, Option<Box<str>>)>);

impl PanicInfo {
    pub(crate) fn new(message: String, location: Option<String>) -> Self {
        Self(Arc::new((message.into(), location.map(Into::into))))
    }

    /// The text given to `panic!`.
    pub fn message(&self) -> &str {
        &self.0 .0
    }

    /// `file:line:column`, known once [`crate::capture_panic_locations`] has been called.
    pub fn location(&self) -> Option<&str> {
        self.0 .1.as_deref()
    }
}

impl fmt::Display for PanicInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        match self.location() {
            Some(location) => write!(f, " (at {location})"),
            None => Ok(()),
        }
    }
}

/// Why a handle gives no value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskError {
    /// The task panicked. Already logged.
    Panicked(PanicInfo),
    /// Its time was up. Already logged.
    TimedOut,
    /// It was aborted through a handle, by id or by `cancel_all`.
    Aborted,
    /// A shutdown aborted it.
    Shutdown,
    /// It was never started. Already logged.
    Rejected,
    /// Its runtime is gone, or somebody aborted it behind our back. Already logged.
    RuntimeGone,
}

impl TaskError {
    /// True if an ERROR or WARN line about this end has been written when it happened.
    pub fn already_logged(&self) -> bool {
        !matches!(self, TaskError::Aborted | TaskError::Shutdown)
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskError::Panicked(info) => write!(f, "task panicked: {info}"),
            TaskError::TimedOut => f.write_str("task timed out"),
            TaskError::Aborted => f.write_str("task was aborted"),
            TaskError::Shutdown => f.write_str("task was cancelled by the shutdown"),
            TaskError::Rejected => f.write_str("task was rejected and never started"),
            TaskError::RuntimeGone => f.write_str("task was dropped before its end"),
        }
    }
}

impl std::error::Error for TaskError {}
