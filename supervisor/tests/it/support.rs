//! A supervisor whose events are collected, and small tasks to feed it.

use asynclint_supervisor::{Builder, EventKind, Supervisor};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the hook has seen.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Entry>>>);

/// Kind, name of the task, error.
type Entry = (EventKind, &'static str, String);

impl Seen {
    pub(crate) fn hook(&self, builder: Builder) -> Builder {
        let seen = self.clone();
        builder.on_event(move |event| {
            let error = event.error.unwrap_or_default().to_owned();
            seen.0.lock().unwrap().push((event.kind, event.name, error));
        })
    }

    pub(crate) fn kinds(&self) -> Vec<EventKind> {
        self.0.lock().unwrap().iter().map(|(kind, ..)| *kind).collect()
    }

    pub(crate) fn errors_of(&self, kind: EventKind) -> Vec<String> {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|(k, ..)| *k == kind).map(|(.., e)| e.clone()).collect()
    }

    pub(crate) fn count(&self, kind: EventKind) -> usize {
        self.errors_of(kind).len()
    }
}

/// A supervisor of this runtime with a collecting hook.
pub(crate) fn supervisor() -> (Supervisor, Seen) {
    build(asynclint_supervisor::builder())
}

pub(crate) fn build(builder: Builder) -> (Supervisor, Seen) {
    let seen = Seen::default();
    (seen.hook(builder).build(), seen)
}

/// Long against every real-time wait of a test that should not time out.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Runs the future on a current-thread runtime and on one with two workers.
pub(crate) fn on_both<F, Fut>(body: F)
where
    F: Fn() -> Fut,
    Fut: std::future::Future<Output = ()>,
{
    let mut builders = [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()];
    for builder in &mut builders {
        let runtime = builder.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(body());
        runtime.shutdown_timeout(ms(100));
    }
}
