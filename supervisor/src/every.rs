//! Periodic work that answers a shutdown at once. Ticks never overlap, and a fault in one tick
//! does not stop the next.

use crate::current;
use crate::handle::TaskAbortHandle;
use crate::inner::Inner;
use crate::probe::ViaNothing;
use crate::site::Site;
use crate::step;
use crate::supervisor::Supervisor;
use crate::task::Task;
use crate::task_outcome::TaskOutcome;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep_until, Instant};

/// What happens when a tick took longer than the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missed {
    /// The missed ticks are left out; the rhythm stays.
    #[default]
    Skip,
    /// The next tick comes one period after the late one.
    Delay,
    /// The missed ticks follow one after the other.
    Burst,
}

#[derive(Clone, Copy)]
struct Plan {
    period: Duration,
    jitter: f64,
    missed: Missed,
    tick_timeout: Option<Duration>,
    trigger: bool,
    changed: bool,
    stopped: bool,
}

struct Shared {
    plan: Mutex<Plan>,
    notify: Notify,
}

impl Shared {
    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan());
        self.notify.notify_one();
    }
}

/// Calls `work` every `period`, the first time after one period, until the handle is stopped or
/// draining begins. The sleep ends at once then; a tick under way may finish within the grace.
///
/// # Panics
/// Outside of a runtime, unless the supervisor knows one. The runtime needs timers.
#[track_caller]
pub fn every<H, Fut>(name: &'static str, period: Duration, work: H) -> PeriodicHandle
where
    H: FnMut() -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: TaskOutcome + Send,
{
    let site = Site::at(name, Location::caller());
    let inner = current::ambient();
    let shared = Arc::new(Shared {
        plan: Mutex::new(Plan {
            period: at_least(period),
            jitter: 0.0,
            missed: Missed::Skip,
            tick_timeout: None,
            trigger: false,
            changed: false,
            stopped: false,
        }),
        notify: Notify::new(),
    });
    let supervisor = Supervisor::from_inner(Arc::clone(&inner));
    let task = Task::at(site).in_(&supervisor).no_limit().serving();
    let work = tick_for_ever(inner, site, Arc::clone(&shared), work);
    let handle = crate::spawn::spawn(task, work, ViaNothing);
    PeriodicHandle { shared, abort: handle.abort_handle(), name }
}

/// A period of zero would be a busy loop.
fn at_least(period: Duration) -> Duration {
    period.max(Duration::from_millis(1))
}

enum Wake {
    Due,
    Triggered,
    Changed,
    Stop,
}

async fn tick_for_ever<H, Fut>(inner: Arc<Inner>, site: &'static Site, shared: Arc<Shared>, mut work: H)
where
    H: FnMut() -> Fut,
    Fut: Future,
    Fut::Output: TaskOutcome,
{
    let mut last = Instant::now();
    let mut due = last + shared.plan().period;
    loop {
        let plan = *shared.plan();
        let late = step::jittered(plan.period, plan.jitter);
        let at = if plan.jitter > 0.0 { (due + late).checked_sub(plan.period) } else { Some(due) };
        match wait(&inner, &shared, at.unwrap_or(due)).await {
            Wake::Stop => return,
            Wake::Changed => {
                due = last + shared.plan().period;
                continue;
            }
            Wake::Triggered => due = Instant::now(),
            Wake::Due => {}
        }
        let limit = shared.plan().tick_timeout;
        if let Err(failure) = step::run(&mut work, limit).await {
            step::tell(&inner, site, &failure);
        }
        last = due;
        due = next_due(due, &shared.plan());
    }
}

fn next_due(due: Instant, plan: &Plan) -> Instant {
    let now = Instant::now();
    let next = due + plan.period;
    match plan.missed {
        Missed::Burst => next,
        _ if next > now => next,
        Missed::Delay => now + plan.period,
        Missed::Skip => {
            let periods = now.duration_since(due).as_nanos() / plan.period.as_nanos().max(1);
            let whole = u32::try_from(periods).unwrap_or(u32::MAX);
            due + plan.period.saturating_mul(whole) + plan.period
        }
    }
}

async fn wait(inner: &Inner, shared: &Shared, due: Instant) -> Wake {
    let mut stop = pin!(inner.token.cancelled());
    let mut sleep = pin!(sleep_until(due));
    loop {
        let notified = shared.notify.notified();
        let mut notified = pin!(notified);
        let woken = std::future::poll_fn(|cx| {
            if stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Some(Wake::Stop));
            }
            if notified.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            sleep.as_mut().poll(cx).map(|()| Some(Wake::Due))
        })
        .await;
        if let Some(wake) = woken {
            return wake;
        }
        let mut plan = shared.plan();
        if plan.stopped {
            return Wake::Stop;
        }
        if std::mem::take(&mut plan.changed) {
            return Wake::Changed;
        }
        if std::mem::take(&mut plan.trigger) {
            return Wake::Triggered;
        }
    }
}

/// Changes periodic work while it runs. Dropping it changes nothing.
#[derive(Clone)]
pub struct PeriodicHandle {
    shared: Arc<Shared>,
    abort: TaskAbortHandle,
    name: &'static str,
}

impl PeriodicHandle {
    /// The first tick comes now.
    #[must_use]
    pub fn immediately(self) -> Self {
        self.trigger_now();
        self
    }

    /// Each sleep is longer or shorter by a random share of at most `share` (0 to 1).
    #[must_use]
    pub fn jitter(self, share: f64) -> Self {
        self.shared.change(|plan| plan.jitter = share);
        self
    }

    /// What happens when a tick took longer than the period.
    #[must_use]
    pub fn missed(self, missed: Missed) -> Self {
        self.shared.change(|plan| plan.missed = missed);
        self
    }

    /// Breaks a tick off after so long.
    #[must_use]
    pub fn tick_timeout(self, limit: Duration) -> Self {
        self.shared.change(|plan| plan.tick_timeout = Some(limit));
        self
    }

    /// One tick now, or after the one that is under way; the rhythm starts anew from it.
    pub fn trigger_now(&self) {
        self.shared.change(|plan| plan.trigger = true);
    }

    /// Another period, counted from the last tick.
    pub fn set_period(&self, period: Duration) {
        self.shared.change(|plan| {
            plan.period = at_least(period);
            plan.changed = true;
        });
    }

    /// No more ticks; the one under way may finish.
    pub fn stop(&self) {
        self.shared.change(|plan| plan.stopped = true);
    }

    /// No more ticks; the one under way is aborted.
    pub fn abort(&self) {
        self.abort.abort();
    }
}

impl fmt::Debug for PeriodicHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeriodicHandle({})", self.name)
    }
}
