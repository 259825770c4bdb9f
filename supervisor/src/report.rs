//! The one report of a shutdown, and why it began. Never changes after it is made.

use crate::cell::TaskInfo;
use std::fmt;
use std::time::Duration;

/// Why a shutdown began. The first reason is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShutdownReason {
    /// `shutdown()` or `request_shutdown()` was called.
    Requested,
    /// The body given to `run`, `managed` or `scope` has ended.
    BodyEnded,
    /// The process got a signal; its number (Windows: 2 for ctrl-c, else 15).
    Signal(i32),
    /// A critical task ended; its name.
    CriticalEnded(&'static str),
    /// A service used up its restarts; its name.
    RestartsExhausted(&'static str),
    /// The supervisor above shuts down.
    Parent,
}

impl ShutdownReason {
    fn is_failure(&self) -> bool {
        matches!(self, ShutdownReason::CriticalEnded(_) | ShutdownReason::RestartsExhausted(_))
    }
}

impl fmt::Display for ShutdownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShutdownReason::Requested => f.write_str("requested"),
            ShutdownReason::BodyEnded => f.write_str("the body has ended"),
            ShutdownReason::Signal(number) => write!(f, "signal {number}"),
            ShutdownReason::CriticalEnded(name) => write!(f, "critical task {name} ended"),
            ShutdownReason::RestartsExhausted(name) => {
                write!(f, "service {name} used up its restarts")
            }
            ShutdownReason::Parent => f.write_str("the supervisor above shuts down"),
        }
    }
}

/// What a shutdown found and did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Why it began.
    pub reason: ShutdownReason,
    /// How long it took.
    pub elapsed: Duration,
    /// Tasks that ended by themselves while it waited.
    pub drained: u64,
    /// Daemons and others that end with the program, stopped when draining began.
    pub stopped: u64,
    /// Tasks that did not end in time, were aborted and then ended.
    pub aborted: Vec<TaskInfo>,
    /// Tasks that ran on even so: blocking closures, tasks that never yield, foreign tasks. They
    /// stay registered.
    pub stuck: Vec<TaskInfo>,
    /// Events of bridges that were accepted and not handled.
    pub undelivered: u64,
    /// Tasks that returned an error, since the start.
    pub failed: u64,
    /// Tasks that panicked, since the start.
    pub panicked: u64,
    /// Tasks whose time was up, since the start.
    pub timed_out: u64,
    /// True if a second request cut the grace short.
    pub escalated: bool,
    /// The signal that did so.
    pub escalated_by: Option<i32>,
}

impl ShutdownReport {
    /// Nothing was aborted, is stuck, undelivered or has failed.
    pub fn is_clean(&self) -> bool {
        self.aborted.is_empty()
            && self.stuck.is_empty()
            && self.undelivered == 0
            && self.failed + self.panicked + self.timed_out == 0
    }

    /// 0 for an orderly end; 1 if tasks were aborted or stuck, or a critical task or service was
    /// the reason; 128 + n if signal n cut the grace short.
    pub fn exit_code(&self) -> i32 {
        match self.escalated_by {
            Some(signal) => 128 + signal,
            None if !self.aborted.is_empty() || !self.stuck.is_empty() => 1,
            None => i32::from(self.reason.is_failure()),
        }
    }
}

impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64();
        write!(f, "shut down in {seconds:.3} s ({}): ", self.reason)?;
        write!(
            f,
            "{} drained, {} stopped, {} aborted, {} stuck, {} undelivered; \
             since the start {} failed, {} panicked, {} timed out",
            self.drained,
            self.stopped,
            self.aborted.len(),
            self.stuck.len(),
            self.undelivered,
            self.failed,
            self.panicked,
            self.timed_out
        )?;
        for task in &self.aborted {
            write!(f, "\n  aborted: {task}")?;
        }
        for task in &self.stuck {
            write!(f, "\n  stuck: {task}")?;
        }
        Ok(())
    }
}

/// Tasks that were still running when the time was up. They stay registered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Remaining {
    /// The tasks.
    pub tasks: Vec<TaskInfo>,
}

impl fmt::Display for Remaining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tasks still running: {}", self.tasks.len(), names(&self.tasks))
    }
}

impl std::error::Error for Remaining {}

/// What `cancel_all` did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CancelReport {
    /// Tasks that were aborted and have ended.
    pub cancelled: Vec<TaskInfo>,
    /// Tasks that were aborted and run on. They stay registered.
    pub remaining: Vec<TaskInfo>,
}

/// The first few tasks, for a line of text.
pub(crate) fn names(tasks: &[TaskInfo]) -> String {
    const SHOWN: usize = 10;
    let mut text = tasks.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if tasks.len() > SHOWN {
        text.push_str(&format!(" and {} more", tasks.len() - SHOWN));
    }
    text
}
