//! What went wrong during one test. The panic hook finds the recorder through the thread, so that
//! tests that run side by side do not see each other.

use crate::current;
use crate::event::{Event, EventKind};
use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, Once, PoisonError};

#[derive(Default)]
struct Records {
    panics: Vec<String>,
    errors: Vec<String>,
    leaks: Vec<String>,
    expected_panics: usize,
    allow_leaks: bool,
    allow_errors: bool,
}

#[derive(Default)]
pub(crate) struct Recorder(Mutex<Records>);

thread_local! {
    static RECORDER: RefCell<Option<Arc<Recorder>>> = const { RefCell::new(None) };
    static IN_BODY: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

pub(crate) fn set_for_thread(recorder: Option<Arc<Recorder>>) {
    let before = RECORDER.try_with(|cell| cell.replace(recorder));
    drop(before);
}

/// Sees the panics of bare tasks; those of supervised tasks come as events, that of the body
/// fails the test by itself.
pub(crate) fn install_hook() {
    crate::capture_panic_locations();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let recorder = RECORDER.try_with(|cell| cell.borrow().clone()).ok().flatten();
            if let Some(recorder) = recorder.filter(|_| !is_seen_elsewhere()) {
                let id = tokio::task::try_id().map(|id| format!(" in task {id}"));
                let text = crate::fault::text_of(info.payload());
                let place = info.location().map(ToString::to_string).unwrap_or_default();
                let id = id.unwrap_or_default();
                recorder.panic(format!("unsupervised panic{id}: {text} (at {place})"));
            }
            before(info);
        }));
    });
}

fn is_seen_elsewhere() -> bool {
    current::task().is_some() || IN_BODY.try_with(Cell::get).unwrap_or(false)
}

/// While it lives, a panic of this thread is the body's.
pub(crate) struct InBody(bool);

impl InBody {
    pub(crate) fn enter() -> Self {
        Self(IN_BODY.with(|cell| cell.replace(true)))
    }
}

impl Drop for InBody {
    fn drop(&mut self) {
        IN_BODY.with(|cell| cell.set(self.0));
    }
}

impl Recorder {
    fn records(&self) -> std::sync::MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn event(&self, event: &Event<'_>) {
        let error = event.error.unwrap_or("");
        let text = |what: &str| format!("{what}: {} ({}) {error}", event.name, event.site);
        match event.kind {
            EventKind::Panicked => self.panic(text("task panicked")),
            EventKind::Failed => self.error(text("error nobody read")),
            EventKind::TimedOut => self.error(text("task timed out")),
            EventKind::Rejected => self.error(text("task rejected")),
            EventKind::Dropped => self.error(text("task dropped before its end")),
            EventKind::StepFailed => self.error(text("step failed")),
            EventKind::DaemonEnded => self.error(text("daemon ended early")),
            // An observed error was read, an aborted task was aborted on purpose.
            _ => {}
        }
    }

    pub(crate) fn panic(&self, text: String) {
        self.records().panics.push(text);
    }

    pub(crate) fn error(&self, text: String) {
        self.records().errors.push(text);
    }

    pub(crate) fn leak(&self, text: &str) {
        self.records().leaks.push(text.to_owned());
    }

    pub(crate) fn expect_panics(&self, count: usize) {
        self.records().expected_panics = count;
    }

    pub(crate) fn allow_leaks(&self) {
        self.records().allow_leaks = true;
    }

    pub(crate) fn allow_errors(&self) {
        self.records().allow_errors = true;
    }

    /// Everything that fails the test.
    pub(crate) fn verdict(&self) -> Vec<String> {
        let records = self.records();
        let mut faults = Vec::new();
        if records.panics.len() != records.expected_panics {
            faults.extend(records.panics.iter().cloned());
            if records.expected_panics > 0 {
                faults.push(format!("{} panics expected, {} seen", records.expected_panics, records.panics.len()));
            }
        }
        if !records.allow_errors {
            faults.extend(records.errors.iter().cloned());
        }
        if !records.allow_leaks {
            faults.extend(records.leaks.iter().cloned());
        }
        faults
    }
}
