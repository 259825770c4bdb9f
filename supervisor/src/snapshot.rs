//! A picture of a supervisor: counters, tasks, sites. Never fails and never stops a task for it.

use crate::cell::TaskInfo;
use crate::inner::Inner;
use crate::outcome::Outcome;
use crate::registry::OUTCOMES;
use crate::shutdown::State;
use crate::site::SiteStats;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Counters of a supervisor and the groups below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Tasks that run now.
    pub active: u64,
    /// Tasks that wait for a permit now.
    pub queued: u64,
    /// Tasks spawned since the start, refused ones included. At rest it is the sum of `active`,
    /// `queued` and all outcomes.
    pub spawned: u64,
    /// Restarts of services.
    pub restarts: u64,
    /// Errors found by `observe!`, in bridge events, ticks and service attempts.
    pub observed: u64,
    /// Bridge events accepted and not handled.
    pub undelivered: u64,
    outcomes: [u64; OUTCOMES],
}

impl Stats {
    /// How many tasks have ended so.
    pub fn ended(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome.index()]
    }

    /// How many tasks have ended, however.
    pub fn total_ended(&self) -> u64 {
        self.outcomes.iter().sum()
    }
}

pub(crate) fn stats(inner: &Arc<Inner>) -> Stats {
    let totals = inner.totals();
    let queued = inner.extra(|e| &e.queued).min(totals.live());
    Stats {
        active: totals.live() - queued,
        queued,
        spawned: totals.spawned,
        restarts: inner.extra(|e| &e.restarts),
        observed: inner.extra(|e| &e.observed),
        undelivered: inner.extra(|e| &e.undelivered),
        outcomes: totals.outcomes,
    }
}

/// A picture of a supervisor and the groups below it. Its `Display` is the status line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// Where it is in its life.
    pub state: State,
    /// Time since it was made.
    pub uptime: Duration,
    /// Its own limit, or that of the nearest limited group above.
    pub limit: Option<usize>,
    /// The counters.
    pub stats: Stats,
    /// The live tasks, oldest id first.
    pub tasks: Vec<TaskInfo>,
    /// Every spawn site of the process.
    pub sites: Vec<SiteStats>,
}

pub(crate) fn take(inner: &Arc<Inner>) -> Snapshot {
    let mut tasks: Vec<TaskInfo> = Vec::new();
    for node in inner.tree() {
        // Formatting and cloning happen outside the locks of the shards.
        tasks.extend(node.cells().iter().map(|cell| cell.info()));
    }
    tasks.sort_unstable_by_key(|task| task.id);
    Snapshot {
        state: inner.life.state(),
        uptime: inner.created.elapsed(),
        limit: inner.gates.first().map(|gate| gate.limit()),
        stats: stats(inner),
        tasks,
        sites: crate::site::all_stats(),
    }
}

/// `3 running, 0 queued (limit 50), 2 failed, 0 panicked`.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, self, None)
    }
}

/// `3 running, 0 queued (limit 50), 2 failed, 0 panicked`.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, &self.stats, self.limit)
    }
}

fn line(f: &mut fmt::Formatter<'_>, stats: &Stats, limit: Option<usize>) -> fmt::Result {
    write!(f, "{} running, {} queued", stats.active, stats.queued)?;
    if let Some(limit) = limit {
        write!(f, " (limit {limit})")?;
    }
    let failed = stats.ended(Outcome::Failed);
    let panicked = stats.ended(Outcome::Panicked);
    write!(f, ", {failed} failed, {panicked} panicked")
}
