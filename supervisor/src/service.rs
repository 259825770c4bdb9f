//! Work that is started again when it fails: restart policies with intensity and back-off. Never
//! restarts during a shutdown.

use crate::current;
use crate::health::Problem;
use crate::inner::Inner;
use crate::outcome::TaskError;
use crate::probe::{describe, Report, ViaNothing};
use crate::report::ShutdownReason;
use crate::shutdown::{self, State};
use crate::site::Site;
use crate::step;
use crate::supervisor::Supervisor;
use crate::task::Task;
use crate::task_outcome::{TaskOutcome, ViaOutcome};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe, Location};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// When a service is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Restart {
    /// Never.
    Never,
    /// After an error, a panic or a timeout.
    #[default]
    OnFailure,
    /// Also after an orderly end.
    Always,
}

/// What happens when a service has used up its restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Escalate {
    /// It stays down, which is a [`Problem`].
    #[default]
    Stop,
    /// The program shuts down.
    Shutdown,
}

/// What one attempt of a service gets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceCtx {
    /// The name of the service.
    pub name: &'static str,
    /// Counts the attempts, from 1.
    pub attempt: u64,
    /// Cancelled when draining begins or the service is stopped.
    pub token: CancellationToken,
}

/// Describes a service; see [`service`].
#[derive(Debug)]
#[must_use = "a service does nothing until it is started"]
pub struct ServiceBuilder<H> {
    site: &'static Site,
    make: H,
    policy: Policy,
}

#[derive(Clone, Copy, Debug)]
struct Policy {
    restart: Restart,
    max_restarts: usize,
    window: Duration,
    first_delay: Duration,
    max_delay: Duration,
    jitter: f64,
    on_exhausted: Escalate,
}

/// A service: `make` builds each attempt. By default it is started again after a failure, at most
/// 5 times in 60 s, after 1 s, 2 s, 4 s up to 30 s, each longer or shorter by up to 10 %.
#[track_caller]
pub fn service<H, Fut>(name: &'static str, make: H) -> ServiceBuilder<H>
where
    H: FnMut(ServiceCtx) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: TaskOutcome + Send + 'static,
{
    ServiceBuilder {
        site: Site::at(name, Location::caller()),
        make,
        policy: Policy {
            restart: Restart::OnFailure,
            max_restarts: 5,
            window: Duration::from_secs(60),
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            jitter: 0.1,
            on_exhausted: Escalate::Stop,
        },
    }
}

impl<H, Fut> ServiceBuilder<H>
where
    H: FnMut(ServiceCtx) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: TaskOutcome + Send + 'static,
{
    /// When it is started again.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.policy.restart = restart;
        self
    }

    /// At most so many restarts within a sliding window.
    pub fn intensity(mut self, max_restarts: usize, window: Duration) -> Self {
        self.policy.max_restarts = max_restarts;
        self.policy.window = window;
        self
    }

    /// The delay before the first restart; it doubles with each one up to `max`, and starts anew
    /// after an attempt that lasted a whole window. `jitter` is the random share, 0 to 1.
    pub fn backoff(mut self, first: Duration, max: Duration, jitter: f64) -> Self {
        self.policy.first_delay = first;
        self.policy.max_delay = max;
        self.policy.jitter = jitter;
        self
    }

    /// What happens when the restarts are used up.
    pub fn on_exhausted(mut self, what: Escalate) -> Self {
        self.policy.on_exhausted = what;
        self
    }

    /// Starts it in the ambient supervisor.
    ///
    /// # Panics
    /// Outside of a runtime, unless the supervisor knows one.
    #[track_caller]
    pub fn start(self) -> ServiceHandle {
        let inner = current::ambient();
        let stop = inner.token.child_token();
        let restarts = Arc::new(AtomicU64::new(0));
        let name = self.site.name();
        let controller = Controller {
            inner: Arc::clone(&inner),
            site: self.site,
            policy: self.policy,
            stop: stop.clone(),
            restarts: Arc::clone(&restarts),
            recent: VecDeque::new(),
            in_a_row: 0,
        };
        let supervisor = Supervisor::from_inner(inner);
        let site = Site::at("service", Location::caller());
        let task = Task::at(site).detail(name).in_(&supervisor).no_limit().serving();
        let handle = crate::spawn::spawn(task, controller.run(self.make), ViaNothing);
        ServiceHandle {
            name,
            stop,
            restarts,
            running: handle.abort_handle(),
            ended: Arc::new(tokio::sync::Mutex::new(Some(handle))),
        }
    }
}

struct Controller {
    inner: Arc<Inner>,
    site: &'static Site,
    policy: Policy,
    stop: CancellationToken,
    restarts: Arc<AtomicU64>,
    recent: VecDeque<Instant>,
    in_a_row: u32,
}

enum End {
    Orderly,
    Failed,
    Stopped,
}

impl Controller {
    async fn run<H, Fut>(mut self, mut make: H)
    where
        H: FnMut(ServiceCtx) -> Fut,
        Fut: Future + Send + 'static,
        Fut::Output: TaskOutcome + Send + 'static,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let begun = Instant::now();
            let end = self.attempt(&mut make, attempt).await;
            if begun.elapsed() >= self.policy.window {
                self.in_a_row = 0;
            }
            let again = match (self.policy.restart, end) {
                (_, End::Stopped) | (Restart::Never, _) => false,
                (Restart::OnFailure, End::Orderly) => false,
                (Restart::OnFailure, End::Failed) | (Restart::Always, _) => true,
            };
            if !again || self.is_stopping() || !self.may_restart() || !self.pause().await {
                return;
            }
            self.restarts.fetch_add(1, Ordering::Relaxed);
            self.inner.extras.restarts.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_stopping(&self) -> bool {
        self.stop.is_cancelled() || self.inner.life.state() != State::Running
    }

    async fn attempt<H, Fut>(&self, make: &mut H, attempt: u64) -> End
    where
        H: FnMut(ServiceCtx) -> Fut,
        Fut: Future + Send + 'static,
        Fut::Output: TaskOutcome + Send + 'static,
    {
        let ctx = ServiceCtx { name: self.site.name(), attempt, token: self.stop.clone() };
        let future = match catch_unwind(AssertUnwindSafe(|| make(ctx))) {
            Ok(future) => future,
            Err(payload) => {
                let text = format!("panicked: {}", crate::fault::info_of(payload));
                step::tell_text(&self.inner, self.site, &text);
                return End::Failed;
            }
        };
        let supervisor = Supervisor::from_inner(Arc::clone(&self.inner));
        let task = Task::at(self.site).in_(&supervisor).no_limit().serving();
        let value = match crate::spawn::spawn(task, future, ViaOutcome).await {
            Ok(value) => value,
            // Logged when it happened.
            Err(TaskError::Panicked(_) | TaskError::TimedOut) => return End::Failed,
            Err(_) => return End::Stopped,
        };
        if <ViaOutcome as Report<Fut::Output>>::failed(&value) {
            let text = describe::<Fut::Output, ViaOutcome>(&value);
            step::tell_text(&self.inner, self.site, &format!("attempt {attempt}: {text}"));
            return End::Failed;
        }
        End::Orderly
    }

    /// Counts a restart against the intensity.
    fn may_restart(&mut self) -> bool {
        let now = Instant::now();
        let window = self.policy.window;
        while self.recent.front().is_some_and(|t| now.duration_since(*t) >= window) {
            self.recent.pop_front();
        }
        if self.recent.len() < self.policy.max_restarts {
            self.recent.push_back(now);
            return true;
        }
        let name = self.site.name();
        self.inner.problems.note(Problem::RestartsExhausted(name));
        let text = format!("{} restarts in {window:?} used up", self.policy.max_restarts);
        step::tell_text(&self.inner, self.site, &text);
        if self.policy.on_exhausted == Escalate::Shutdown {
            shutdown::request(&self.inner.top(), ShutdownReason::RestartsExhausted(name));
        }
        false
    }

    /// Waits before a restart; false if it was stopped meanwhile.
    async fn pause(&mut self) -> bool {
        let factor = 2u32.saturating_pow(self.in_a_row);
        self.in_a_row = self.in_a_row.saturating_add(1);
        let delay = self.policy.first_delay.saturating_mul(factor).min(self.policy.max_delay);
        let delay = step::jittered(delay, self.policy.jitter);
        let mut sleep = pin!(tokio::time::sleep(delay));
        let mut stop = pin!(self.stop.cancelled());
        std::future::poll_fn(|cx| {
            if stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(cx)
        })
        .await;
        !self.is_stopping()
    }
}

/// A running service. Dropping it changes nothing.
#[derive(Clone, Debug)]
pub struct ServiceHandle {
    name: &'static str,
    stop: CancellationToken,
    restarts: Arc<AtomicU64>,
    running: crate::TaskAbortHandle,
    ended: Arc<tokio::sync::Mutex<Option<crate::TaskHandle<()>>>>,
}

impl ServiceHandle {
    /// The name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How often it has been started again.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Cancels the token of the attempt; there will be no further one.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has stopped for good.
    pub async fn stopped(&self) {
        let mut ended = self.ended.lock().await;
        if let Some(handle) = ended.as_mut() {
            // A service has no value; what went wrong in it has been logged.
            let _how = handle.await;
            *ended = None;
        }
    }

    /// Whether it may be started again or is running.
    pub fn is_running(&self) -> bool {
        self.running.is_live()
    }
}
