//! The states of a shutdown: Running, Draining, Aborting, Closed. Never waits longer than the
//! grace and the abort grace together, whatever the tasks do.

use crate::cell::{flag, TaskCell, TaskInfo};
use crate::idle::{until_idle, Idle};
use crate::inner::Inner;
use crate::outcome::Outcome;
use crate::registry::{Class, Totals};
use crate::report::{names, ShutdownReason, ShutdownReport};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Where a supervisor is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum State {
    /// Spawns are accepted.
    Running = 0,
    /// Tasks are asked to end and waited for; spawns are still accepted.
    Draining = 1,
    /// What is left has been aborted; spawns are rejected.
    Aborting = 2,
    /// Over; spawns are rejected.
    Closed = 3,
}

impl State {
    fn from_u8(value: u8) -> Self {
        match value {
            0 => State::Running,
            1 => State::Draining,
            2 => State::Aborting,
            _ => State::Closed,
        }
    }
}

/// The part of a supervisor that changes when it is shut down.
pub(crate) struct Life {
    state: AtomicU8,
    reason: OnceLock<ShutdownReason>,
    begun: OnceLock<(Instant, Totals)>,
    /// Cancelled when a shutdown of this node has been asked for.
    pub(crate) requested: CancellationToken,
    escalated: CancellationToken,
    escalated_by: AtomicI32,
    pub(crate) aborting: CancellationToken,
    /// Cancelled when the managed body has ended; set where there is one.
    pub(crate) body: OnceLock<CancellationToken>,
    /// Somebody waits for the shutdown and so drives it.
    pub(crate) driven: AtomicBool,
    asked: Mutex<Vec<TaskInfo>>,
    report: OnceCell<Arc<ShutdownReport>>,
}

impl Life {
    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU8::new(State::Running as u8),
            reason: OnceLock::new(),
            begun: OnceLock::new(),
            requested: CancellationToken::new(),
            escalated: CancellationToken::new(),
            escalated_by: AtomicI32::new(0),
            aborting: CancellationToken::new(),
            body: OnceLock::new(),
            driven: AtomicBool::new(false),
            asked: Mutex::new(Vec::new()),
            report: OnceCell::new(),
        }
    }

    pub(crate) fn state(&self) -> State {
        State::from_u8(self.state.load(Ordering::SeqCst))
    }

    /// The reason, once a shutdown has begun here.
    pub(crate) fn reason(&self) -> Option<ShutdownReason> {
        self.reason.get().cloned()
    }

    pub(crate) fn refuses(&self) -> bool {
        self.state.load(Ordering::Relaxed) >= State::Aborting as u8
    }

    fn raise(&self, state: State) {
        self.state.fetch_max(state as u8, Ordering::SeqCst);
    }

    pub(crate) fn is_escalated(&self) -> bool {
        self.escalated.is_cancelled()
    }

    /// Ends without a report: for scopes, whose end is their result.
    pub(crate) fn close(&self) {
        self.raise(State::Closed);
        self.aborting.cancel();
    }

    /// A group that is born into a shutdown takes part in it.
    pub(crate) fn inherit(&self, parent: &Life, token: &CancellationToken) {
        let state = parent.state();
        if state >= State::Draining {
            self.raise(state);
            self.reason.get_or_init(|| ShutdownReason::Parent);
            token.cancel();
        }
        if state >= State::Aborting {
            self.aborting.cancel();
        }
    }
}

/// Begins a shutdown; does not wait. A signal that comes second cuts the grace short.
pub(crate) fn request(inner: &Arc<Inner>, reason: ShutdownReason) {
    let signal = match reason {
        ShutdownReason::Signal(number) => Some(number),
        _ => None,
    };
    let life = &inner.life;
    let first = life.reason.set(reason).is_ok();
    let in_time = life.state() < State::Closed;
    if first && in_time {
        life.begun.get_or_init(|| (Instant::now(), inner.totals()));
        life.requested.cancel();
        drain_phases(inner, lowest_phase(inner));
        if !life.driven.load(Ordering::SeqCst) {
            drive_alone(inner);
        }
    } else if let Some(number) = signal {
        escalate(inner, Some(number));
    }
}

/// Cuts the grace short.
pub(crate) fn escalate(inner: &Inner, signal: Option<i32>) {
    if let Some(number) = signal {
        let _only_the_first_counts =
            inner.life.escalated_by.compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst);
    }
    inner.life.escalated.cancel();
}

/// Nobody waits for this shutdown: a task of the runtime at hand goes through it. Without a
/// runtime it goes on when somebody calls `shutdown().await`.
fn drive_alone(inner: &Arc<Inner>) {
    let handle = tokio::runtime::Handle::try_current().ok().or_else(|| inner.settings.handle.clone());
    if let Some(handle) = handle {
        let inner = Arc::clone(inner);
        // Its result is the report, which is logged and kept; nothing can be lost with the handle.
        drop(handle.spawn(async move { shut_down(&inner, ShutdownReason::Requested).await }));
    }
}

/// Shuts down, or joins the shutdown that is under way. If the caller that drives it goes away,
/// the next one goes on from the state it left.
pub(crate) async fn shut_down(inner: &Arc<Inner>, reason: ShutdownReason) -> Arc<ShutdownReport> {
    inner.life.driven.store(true, Ordering::SeqCst);
    request(inner, reason);
    let report = inner.life.report.get_or_init(|| drive(inner)).await;
    Arc::clone(report)
}

async fn drive(inner: &Arc<Inner>) -> Arc<ShutdownReport> {
    let (begun, before) = *inner.life.begun.get_or_init(|| (Instant::now(), inner.totals()));
    let config = &inner.settings.config;
    let drained = inner.life.state() < State::Aborting && drain(inner, begun + config.grace).await;
    if !drained {
        abort(inner);
        let deadline = Instant::now() + config.abort_grace;
        let idle = until_idle(inner, &SHUTDOWN, |_| true);
        let _in_time = within(deadline, idle).await;
    }
    close(inner, begun, &before)
}

const SHUTDOWN: [Class; 2] = [Class::Work, Class::Daemon];

/// Phase by phase; true if everything ended in time.
async fn drain(inner: &Arc<Inner>, deadline: Instant) -> bool {
    let mut phase = lowest_phase(inner);
    loop {
        drain_phases(inner, phase);
        if !drain_one(inner, phase, deadline).await {
            return false;
        }
        match next_phase(inner, phase) {
            Some(next) => phase = next,
            None => return true,
        }
    }
}

async fn drain_one(inner: &Arc<Inner>, phase: u8, deadline: Instant) -> bool {
    let idle = async {
        if let Some(body) = inner.life.body.get() {
            body.cancelled().await;
        }
        until_idle(inner, &SHUTDOWN, move |node| phase_of(node) <= phase).await;
    };
    let mut idle = pin!(idle);
    loop {
        let next_line = Instant::now() + inner.settings.config.progress_interval;
        let escalated = inner.life.escalated.cancelled();
        match raced(next_line.min(deadline), idle.as_mut(), escalated).await {
            Raced::Done => return true,
            Raced::Escalated => return false,
            Raced::TimeUp if Instant::now() >= deadline => return false,
            Raced::TimeUp => log_progress(inner, deadline),
        }
    }
}

fn log_progress(inner: &Arc<Inner>, deadline: Instant) {
    let tasks = live_infos(inner);
    let left = deadline.saturating_duration_since(Instant::now());
    tracing::info!(
        target: "asynclint_supervisor",
        remaining = tasks.len(),
        left = ?left,
        "shutdown waits for {}",
        names(&tasks)
    );
}

fn phase_of(node: &Inner) -> u8 {
    node.phase.load(Ordering::SeqCst)
}

fn lowest_phase(inner: &Arc<Inner>) -> u8 {
    inner.tree().iter().map(|n| phase_of(n)).min().unwrap_or(0)
}

fn next_phase(inner: &Arc<Inner>, after: u8) -> Option<u8> {
    let tree = inner.tree();
    tree.iter().map(|n| phase_of(n)).filter(|p| *p > after).min()
}

/// Asks all groups up to this phase to end.
fn drain_phases(inner: &Arc<Inner>, phase: u8) {
    for node in inner.tree() {
        if phase_of(&node) <= phase && node.life.state() == State::Running {
            node.life.raise(State::Draining);
            node.life.reason.get_or_init(|| ShutdownReason::Parent);
            node.token.cancel();
            node.abort_where(flag::SHUTDOWN_ASKED, stops_on_drain);
        }
    }
}

pub(crate) fn stops_on_drain(cell: &TaskCell) -> bool {
    cell.has(flag::DAEMON | flag::STOP_ON_DRAIN)
}

/// Aborts whatever is left. The list of those asked outlives a driver that goes away.
fn abort(inner: &Arc<Inner>) {
    for node in inner.tree() {
        node.life.raise(State::Aborting);
        node.life.reason.get_or_init(|| ShutdownReason::Parent);
        node.token.cancel();
        node.life.aborting.cancel();
        let asked = node.abort_where(flag::SHUTDOWN_ASKED, |_| true);
        let infos = asked.iter().filter(|c| !stops_on_drain(c)).map(|c| c.info());
        locked(&inner.life.asked).extend(infos);
    }
}

fn close(inner: &Arc<Inner>, begun: Instant, before: &Totals) -> Arc<ShutdownReport> {
    for node in inner.tree() {
        node.life.raise(State::Closed);
        node.token.cancel();
        node.life.aborting.cancel();
    }
    let report = Arc::new(report(inner, begun, before));
    tracing::info!(target: "asynclint_supervisor", "{report}");
    if !report.aborted.is_empty() || !report.stuck.is_empty() {
        let mut late = report.aborted.clone();
        late.extend(report.stuck.iter().cloned());
        tracing::warn!(target: "asynclint_supervisor", "stragglers: {}", names(&late));
    }
    if let Some(hook) = &inner.settings.on_report {
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| hook(&report)));
        if told.is_err() {
            inner.extras.hook_panics();
        }
    }
    report
}

fn report(inner: &Arc<Inner>, begun: Instant, before: &Totals) -> ShutdownReport {
    let stuck = live_infos(inner);
    let mut aborted = std::mem::take(&mut *locked(&inner.life.asked));
    aborted.retain(|task| stuck.iter().all(|other| other.id != task.id));
    let now = inner.totals();
    let since = |o: Outcome| now.outcomes[o.index()].saturating_sub(before.outcomes[o.index()]);
    let drained = [Outcome::Ok, Outcome::Failed, Outcome::Panicked, Outcome::TimedOut];
    let cancelled = since(Outcome::Cancelled);
    let signal = inner.life.escalated_by.load(Ordering::SeqCst);
    ShutdownReport {
        reason: inner.life.reason().unwrap_or(ShutdownReason::Requested),
        elapsed: begun.elapsed(),
        drained: drained.into_iter().map(since).sum(),
        stopped: cancelled.saturating_sub(aborted.len() as u64),
        aborted,
        stuck,
        undelivered: inner.extra(|e| &e.undelivered),
        failed: now.outcomes[Outcome::Failed.index()],
        panicked: now.outcomes[Outcome::Panicked.index()],
        timed_out: now.outcomes[Outcome::TimedOut.index()],
        escalated: inner.life.escalated.is_cancelled(),
        escalated_by: (signal != 0).then_some(signal),
    }
}

/// The live tasks of the tree that somebody waits for.
pub(crate) fn live_infos(inner: &Arc<Inner>) -> Vec<TaskInfo> {
    let mut tasks: Vec<TaskInfo> = inner
        .tree()
        .iter()
        .flat_map(|node| node.cells())
        .filter(|cell| !cell.has(flag::EXEMPT))
        .map(|cell| cell.info())
        .collect();
    tasks.sort_by_key(|task| task.id);
    tasks
}

/// False when the deadline came first.
pub(crate) async fn within(deadline: Instant, idle: Idle) -> bool {
    raced(deadline, pin!(idle), std::future::pending()).await == Raced::Done
}

#[derive(PartialEq)]
enum Raced {
    Done,
    Escalated,
    TimeUp,
}

/// Looks at the work first: without a time driver a shutdown with nothing to wait for still ends.
async fn raced(
    deadline: Instant,
    mut work: std::pin::Pin<&mut impl Future<Output = ()>>,
    escalated: impl Future<Output = ()>,
) -> Raced {
    let mut escalated = pin!(escalated);
    let mut sleep = None;
    std::future::poll_fn(move |cx| {
        if work.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Raced::Done);
        }
        if escalated.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Raced::Escalated);
        }
        if deadline.saturating_duration_since(Instant::now()) == Duration::ZERO {
            return Poll::Ready(Raced::TimeUp);
        }
        sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)))
            .as_mut()
            .poll(cx)
            .map(|()| Raced::TimeUp)
    })
    .await
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
