//! What is to be spawned, beside the future: name, place and options. Never spawns.

use crate::cell::flag;
use crate::config::SpanMode;
use crate::current;
use crate::inner::Inner;
use crate::site::Site;
use crate::supervisor::Supervisor;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a shutdown does with a task when draining begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnShutdown {
    /// It may go on until the grace is over.
    #[default]
    Drain,
    /// It is aborted at its next await.
    Abort,
}

/// Name, place and options of a task. Made by [`crate::task!`], taken by all spawn macros.
#[must_use = "a task description does nothing until it is given to a spawn macro"]
pub struct Task {
    pub(crate) site: &'static Site,
    pub(crate) flags: u32,
    pub(crate) no_limit: bool,
    pub(crate) span: Option<SpanMode>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) detail: Option<Box<str>>,
    pub(crate) supervisor: Option<Supervisor>,
}

impl Task {
    /// For the macros.
    #[doc(hidden)]
    #[inline]
    pub fn at(site: &'static Site) -> Self {
        Self { site, flags: 0, no_limit: false, span: None, timeout: None, detail: None, supervisor: None }
    }

    /// Ends the task with [`crate::TaskError::TimedOut`] when it has run so long. The time in the
    /// queue of a limit does not count. Needs a runtime with timers.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Shown in snapshots and logs; use it for what varies, the name is static.
    pub fn detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Any end but by a shutdown shuts the whole program down.
    pub fn critical(mut self) -> Self {
        self.flags |= flag::CRITICAL;
        self
    }

    /// Endless by intent: aborted when draining begins; its end before that is a warning.
    pub fn daemon(mut self) -> Self {
        self.flags |= flag::DAEMON;
        self
    }

    pub(crate) fn cleanup(mut self) -> Self {
        self.flags |= flag::CLEANUP;
        self
    }

    pub(crate) fn serving(mut self) -> Self {
        self.flags |= flag::SERVING;
        self
    }

    /// What a shutdown does with it when draining begins.
    pub fn on_shutdown(mut self, what: OnShutdown) -> Self {
        match what {
            OnShutdown::Drain => self.flags &= !flag::STOP_ON_DRAIN,
            OnShutdown::Abort => self.flags |= flag::STOP_ON_DRAIN,
        }
        self
    }

    /// Which tracing span it runs in.
    pub fn span(mut self, mode: SpanMode) -> Self {
        self.span = Some(mode);
        self
    }

    /// Neither waits for a permit nor takes one.
    pub fn no_limit(mut self) -> Self {
        self.no_limit = true;
        self
    }

    /// Spawns it in this supervisor instead of the ambient one.
    pub fn in_(mut self, supervisor: &Supervisor) -> Self {
        self.supervisor = Some(supervisor.clone());
        self
    }

    /// The supervisor it goes to.
    pub(crate) fn take_inner(&mut self) -> Arc<Inner> {
        match self.supervisor.take() {
            Some(supervisor) => supervisor.inner,
            None => current::ambient(),
        }
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.site.name())
            .field("at", &format_args!("{}", self.site))
            .finish_non_exhaustive()
    }
}

/// What may stand in the place of the name in a spawn macro.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the name or description of a task",
    label = "expected a `&'static str` or `task!(\"name\")`"
)]
pub trait IntoTask {
    /// `site` is that of the macro call.
    #[doc(hidden)]
    fn into_task(self, site: &'static Site) -> Task;
}

impl IntoTask for Task {
    #[inline]
    fn into_task(self, _: &'static Site) -> Task {
        self
    }
}

/// A name that is not a literal. The first name used at a place stays: names label metrics and
/// must be few. Put what varies into [`Task::detail`].
impl IntoTask for &'static str {
    fn into_task(self, site: &'static Site) -> Task {
        Task::at(site.rename(self))
    }
}
