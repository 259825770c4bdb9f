//! The ways into a runtime. Every way registers the task first, so that a refusal, a panic of
//! `tokio::spawn` or a dead runtime are accounted for. Never blocks.

use crate::admission::Admission;
use crate::cell::{flag, TaskCell};
use crate::config::SpanMode;
use crate::current;
use crate::done::Done;
use crate::event::{self, EventKind};
use crate::finish::CLEANUP_LOST;
use crate::handle::{SpawnError, TaskHandle};
use crate::inner::Inner;
use crate::outcome::{Outcome, TaskError};
use crate::probe::Report;
use crate::shutdown::{self, State};
use crate::site::Site;
use crate::task::Task;
use crate::wrapper::{Extras, Supervised};
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::SemaphorePermit;
use tokio::task::JoinHandle;
use tracing::level_filters::LevelFilter;
use tracing::Span;

/// Futures above this size are boxed before they are moved through our layers, so that a debug
/// build can spawn the same sizes as bare tokio.
const BOX_ABOVE: usize = 2048;

/// Endless by intent, or nothing could end it.
const NO_DEFAULT_TIMEOUT: u32 = flag::DAEMON | flag::SERVING | flag::FOREIGN | flag::BLOCKING;

/// A task that is registered and may go to a runtime.
pub(crate) struct Ready {
    pub(crate) cell: Arc<TaskCell>,
    pub(crate) extras: Option<Box<Extras>>,
}

/// Why a task cannot be registered; the supervisor comes back, to count it.
pub(crate) struct Refused {
    pub(crate) inner: Arc<Inner>,
    pub(crate) why: Refusal,
}

pub(crate) enum Refusal {
    Closed,
    Full,
}

/// Registers a task.
#[inline]
pub(crate) fn prepare(
    inner: Arc<Inner>,
    task: Task,
    more_flags: u32,
    permit: Option<SemaphorePermit<'static>>,
    admitted: Option<Admission>,
) -> Result<Ready, Refused> {
    if inner.life.refuses() {
        let why = Refusal::Closed;
        return Err(Refused { inner, why });
    }
    let admission = match admitted {
        None if !task.no_limit && !inner.gates.is_empty() => match Admission::enter(&inner, true) {
            Ok(admission) => admission,
            Err(_) => {
                let why = Refusal::Full;
                return Err(Refused { inner, why });
            }
        },
        admitted => admitted,
    };
    let mut flags = task.flags | more_flags;
    let span = span_for(&inner, &task, flags);
    let mut timeout = task.timeout;
    if timeout.is_none() && flags & NO_DEFAULT_TIMEOUT == 0 {
        timeout = inner.settings.config.default_timeout;
    }
    let mut extras = None;
    if admission.is_some() || permit.is_some() || timeout.is_some() || span.is_some() {
        let waits = admission.as_ref().is_some_and(Admission::is_waiting);
        if waits {
            flags |= flag::QUEUED;
        }
        extras = Some(Box::new(Extras {
            watch_starvation: waits && inner.settings.timers && is_child_of_same(&inner),
            admission,
            permit,
            timeout,
            span,
            sleep: None,
        }));
    }
    let cell = TaskCell::register(inner, task.site, flags, task.detail);
    Ok(Ready { cell, extras })
}

fn is_child_of_same(inner: &Arc<Inner>) -> bool {
    current::task().is_some_and(|parent| Arc::ptr_eq(&parent.inner, inner))
}

fn span_for(inner: &Inner, task: &Task, flags: u32) -> Option<Span> {
    // A daemon outlives the request that happens to start it.
    let default = if flags & (flag::DAEMON | flag::SERVING) != 0 { SpanMode::None } else { inner.settings.span };
    if LevelFilter::current() == LevelFilter::OFF {
        return None;
    }
    let span = match task.span.unwrap_or(default) {
        SpanMode::None => return None,
        SpanMode::Current => Span::current(),
        SpanMode::Task => {
            tracing::info_span!(target: "asynclint_supervisor", "task", name = task.site.name())
        }
    };
    (!span.is_none()).then_some(span)
}

/// Gives the spawned task its abort handle, and asks it to end at once where its supervisor has
/// begun to drain since.
#[inline]
pub(crate) fn started<T>(join: JoinHandle<Done<T>>, cell: Arc<TaskCell>) -> TaskHandle<T> {
    cell.arm(join.abort_handle());
    let state = cell.inner.life.state();
    if state != State::Running {
        let stop = state >= State::Aborting || shutdown::stops_on_drain(&cell);
        if stop {
            cell.ask_abort(flag::SHUTDOWN_ASKED);
        }
    }
    TaskHandle::live(join, cell)
}

/// Counts and logs a refusal; the future has been dropped.
#[cold]
pub(crate) fn refused<T>(refused: &Refused, site: &'static Site) -> TaskHandle<T> {
    let Refused { inner, why } = refused;
    count_refusal(inner, site);
    if inner.may_log_refusal(site) {
        let text = match why {
            Refusal::Closed => "the supervisor is closed",
            Refusal::Full => "the limit is reached and the queue is full",
        };
        event::of_site(inner, site, EventKind::Rejected, Some(text));
    }
    TaskHandle::never(site, TaskError::Rejected)
}

fn count_refusal(inner: &Inner, site: &'static Site) {
    site.count_spawn();
    site.count_end(Outcome::Rejected);
    let near = current::thread_slot().0;
    inner.registry.count_refused(near, Outcome::Rejected.index());
}

/// `spawn!`.
#[track_caller]
#[inline]
pub fn spawn<F, R>(mut task: Task, future: F, _: R) -> TaskHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    if const { size_of::<F>() > BOX_ABOVE } {
        return launch::<_, R>(task.take_inner(), task, Box::pin(future));
    }
    launch::<_, R>(task.take_inner(), task, future)
}

#[track_caller]
#[inline]
fn launch<F, R>(inner: Arc<Inner>, task: Task, future: F) -> TaskHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    let site = task.site;
    match prepare(inner, task, 0, None, None) {
        Ok(ready) => go::<_, R>(ready, future),
        Err(why) => {
            crate::fault::discard(future);
            refused(&why, site)
        }
    }
}

/// Spawns on the current runtime, else on that of the supervisor; without either it panics as
/// `tokio::spawn` does, at the place of the caller.
#[track_caller]
#[inline]
pub(crate) fn go<F, R>(ready: Ready, future: F) -> TaskHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    let Ready { cell, extras } = ready;
    let wrapped = Supervised::<F, R>::new(future, Arc::clone(&cell), extras);
    let join = match &cell.inner.settings.handle {
        Some(own) if !current::polled_by_tokio() => match Handle::try_current() {
            Ok(here) => on_handle(&here, wrapped, cell.site),
            Err(_) => on_handle(own, wrapped, cell.site),
        },
        _ => on_current(wrapped, cell.site),
    };
    started(join, cell)
}

#[cfg(all(tokio_unstable, feature = "console"))]
#[track_caller]
fn on_current<F>(future: F, site: &'static Site) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let builder = tokio::task::Builder::new().name(site.name());
    builder.spawn(future).expect("spawning an async task cannot fail")
}

#[cfg(not(all(tokio_unstable, feature = "console")))]
#[track_caller]
#[inline]
fn on_current<F>(future: F, _: &'static Site) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

#[track_caller]
fn on_handle<F>(handle: &Handle, future: F, site: &'static Site) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let _here = handle.enter();
    on_current(future, site)
}

/// What `spawn_on!` takes: a handle, a runtime, or a pointer to one.
pub trait AsHandle {
    /// The handle.
    fn as_handle(&self) -> &Handle;
}

impl AsHandle for Handle {
    fn as_handle(&self) -> &Handle {
        self
    }
}

impl AsHandle for tokio::runtime::Runtime {
    fn as_handle(&self) -> &Handle {
        self.handle()
    }
}

impl<H: AsHandle + ?Sized> AsHandle for Arc<H> {
    fn as_handle(&self) -> &Handle {
        (**self).as_handle()
    }
}

impl<H: AsHandle + ?Sized> AsHandle for &H {
    fn as_handle(&self) -> &Handle {
        (**self).as_handle()
    }
}

/// `spawn_on!`.
#[track_caller]
pub fn spawn_on<H, F, R>(on: &H, mut task: Task, future: F, _: R) -> TaskHandle<F::Output>
where
    H: AsHandle + ?Sized,
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    let (inner, site) = (task.take_inner(), task.site);
    let Ready { cell, extras } = match prepare(inner, task, 0, None, None) {
        Ok(ready) => ready,
        Err(why) => return refused(&why, site),
    };
    let wrapped = Supervised::<F, R>::new(future, Arc::clone(&cell), extras);
    let join = on_handle(on.as_handle(), wrapped, site);
    started(join, cell)
}

/// `spawn_local!`.
#[track_caller]
pub fn spawn_local<F, R>(mut task: Task, future: F, _: R) -> TaskHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
    R: Report<F::Output>,
{
    let (inner, site) = (task.take_inner(), task.site);
    let Ready { cell, extras } = match prepare(inner, task, 0, None, None) {
        Ok(ready) => ready,
        Err(why) => return refused(&why, site),
    };
    let wrapped = Supervised::<F, R>::new(future, Arc::clone(&cell), extras);
    started(tokio::task::spawn_local(wrapped), cell)
}

/// `try_spawn!`.
///
/// # Errors
/// Where nothing was spawned; with the future.
pub fn try_spawn<F, R>(mut task: Task, future: F, _: R) -> Result<TaskHandle<F::Output>, SpawnError<F>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    let inner = task.take_inner();
    let handle = Handle::try_current().ok();
    let Some(handle) = handle.or_else(|| inner.settings.handle.clone()) else {
        return Err(SpawnError::NoRuntime(future));
    };
    let Ready { cell, extras } = match prepare(inner, task, 0, None, None) {
        Ok(ready) => ready,
        Err(Refused { why: Refusal::Closed, .. }) => return Err(SpawnError::Closed(future)),
        Err(Refused { why: Refusal::Full, .. }) => return Err(SpawnError::Full(future)),
    };
    let wrapped = Supervised::<F, R>::new(future, Arc::clone(&cell), extras);
    let join = on_handle(&handle, wrapped, cell.site);
    Ok(started(join, cell))
}

/// `spawn_cleanup!`.
pub fn spawn_cleanup<F, R>(task: Task, future: F, _: R) -> TaskHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Report<F::Output>,
{
    let mut task = task.cleanup().no_limit();
    let (inner, site) = (task.take_inner(), task.site);
    let handle = Handle::try_current()
        .ok()
        .or_else(|| inner.settings.handle.clone())
        .or_else(|| current::root().settings.handle.clone());
    let ready = handle.and_then(|handle| {
        let ready = prepare(Arc::clone(&inner), task, 0, None, None).ok()?;
        Some((handle, ready))
    });
    let Some((handle, Ready { cell, extras })) = ready else {
        crate::fault::discard(future);
        count_refusal(&inner, site);
        event::of_site(&inner, site, EventKind::Rejected, Some(CLEANUP_LOST));
        return TaskHandle::never(site, TaskError::Rejected);
    };
    let wrapped = Supervised::<F, R>::new(future, Arc::clone(&cell), extras);
    let join = on_handle(&handle, wrapped, site);
    started(join, cell)
}
