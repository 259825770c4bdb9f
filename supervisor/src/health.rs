//! Lasting troubles of a supervisor, for a health endpoint. Never logs: the events do.

use crate::inner::Inner;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A trouble that lasts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Problem {
    /// A daemon ended although nobody stopped it.
    DaemonEnded(&'static str),
    /// A service used up its restarts and has stopped.
    RestartsExhausted(&'static str),
    /// All permits are in use and tasks wait.
    LimitSaturated {
        /// The limit.
        limit: usize,
        /// How many tasks wait.
        queued: usize,
    },
    /// The event hook or the subscriber panicked.
    HookPanicked,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::DaemonEnded(name) => write!(f, "daemon {name} ended early"),
            Problem::RestartsExhausted(name) => write!(f, "service {name} used up its restarts"),
            Problem::LimitSaturated { limit, queued } => {
                write!(f, "limit {limit} reached, {queued} tasks wait")
            }
            Problem::HookPanicked => f.write_str("the event hook or log subscriber panicked"),
        }
    }
}

/// How a supervisor is. An empty list is good health.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// What is wrong, each trouble once.
    pub problems: Vec<Problem>,
}

impl Health {
    /// No problems.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ok() {
            return f.write_str("ok");
        }
        for (i, problem) in self.problems.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{problem}")?;
        }
        Ok(())
    }
}

/// Troubles noted so far, each once.
#[derive(Default)]
pub(crate) struct Problems(Mutex<BTreeMap<Problem, ()>>);

impl Problems {
    pub(crate) fn note(&self, problem: Problem) {
        self.lock().insert(problem, ());
    }

    pub(crate) fn fold_into(&self, other: &Problems) {
        let mine = self.lock().clone();
        if !mine.is_empty() {
            other.lock().extend(mine);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Problem, ()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn of(inner: &Arc<Inner>) -> Health {
    let mut problems = BTreeMap::new();
    for node in inner.tree() {
        problems.extend(node.problems.lock().clone());
        if let Some(gate) = node.gates.first() {
            let queued = gate.queued();
            if queued > 0 {
                let limit = gate.limit();
                problems.insert(Problem::LimitSaturated { limit, queued }, ());
            }
        }
    }
    if inner.extra(|e| &e.hook_panics) > 0 {
        problems.insert(Problem::HookPanicked, ());
    }
    Health { problems: problems.into_keys().collect() }
}
