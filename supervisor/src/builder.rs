//! Sets up a supervisor. Never starts anything before `build`, `run` or `managed`.

use crate::config::{Config, SpanMode};
use crate::event::Event;
use crate::inner::{Inner, Settings};
use crate::report::ShutdownReport;
use crate::supervisor::Supervisor;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Sets up a supervisor; see [`builder`].
#[must_use]
pub struct Builder {
    pub(crate) settings: Settings,
    pub(crate) name: String,
    pub(crate) on_signals: bool,
}

/// A supervisor with settings of your own: `builder().grace(..).managed(body).await`.
pub fn builder() -> Builder {
    Builder { settings: Settings::default(), name: String::from("root"), on_signals: true }
}

impl Builder {
    /// The name, for reports.
    pub fn name(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// All settings of [`Config`] at once.
    pub fn config(mut self, config: Config) -> Self {
        self.settings.config = config;
        self
    }

    /// Whether `run` and `managed` listen for signals. Default: yes.
    pub fn on_signals(mut self, listen: bool) -> Self {
        self.on_signals = listen;
        self
    }

    /// How long a shutdown waits for tasks to end by themselves.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.config.grace = grace;
        self
    }

    /// How long a shutdown waits for aborted tasks.
    pub fn abort_grace(mut self, grace: Duration) -> Self {
        self.settings.config.abort_grace = grace;
        self
    }

    /// At most so many tasks run at once; the others wait.
    pub fn max_concurrent(mut self, limit: usize) -> Self {
        self.settings.config.max_concurrent = Some(limit);
        self
    }

    /// At most so many tasks wait; further ones are refused.
    pub fn pending_limit(mut self, limit: usize) -> Self {
        self.settings.config.pending_limit = limit;
        self
    }

    /// The time limit of tasks that set none.
    pub fn default_timeout(mut self, limit: Duration) -> Self {
        self.settings.config.default_timeout = Some(limit);
        self
    }

    /// Writes a status line so often.
    pub fn status_every(mut self, interval: Duration) -> Self {
        self.settings.config.cleanup_interval = interval;
        self.settings.config.enable_monitoring = true;
        self
    }

    /// Which tracing span tasks run in.
    pub fn span(mut self, mode: SpanMode) -> Self {
        self.settings.span = mode;
        self
    }

    /// Called for everything that is logged about a task. Must be quick and must not block; if it
    /// panics, that is caught and shows in [`Supervisor::health`].
    pub fn on_event(mut self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.settings.on_event = Some(Arc::new(hook));
        self
    }

    /// Called once, with the report of the shutdown.
    pub fn on_report(mut self, hook: impl Fn(&ShutdownReport) + Send + Sync + 'static) -> Self {
        self.settings.on_report = Some(Arc::new(hook));
        self
    }

    /// A supervisor that you shut down yourself. Made inside a runtime it remembers it, and then
    /// spawns from any thread. It is the ambient supervisor of its own tasks and inside
    /// [`Supervisor::enter`], not of the process.
    pub fn build(mut self) -> Supervisor {
        self.settings.handle = tokio::runtime::Handle::try_current().ok();
        Supervisor::from_inner(Inner::root_with(&self.name, self.settings))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .field("config", &self.settings.config)
            .finish_non_exhaustive()
    }
}
