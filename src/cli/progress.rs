//! A sign of life on standard error when a run takes longer than a second and a person is watching.

use std::io::IsTerminal;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::output;

/// Shows itself until it is dropped.
pub(super) struct Progress {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock; silent when `wanted` is false or standard error is no terminal.
    pub(super) fn start(wanted: bool) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if !wanted || is_dumb || !std::io::stderr().is_terminal() {
            return Self { stop: None, thread: None };
        }
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || watch(&stopped));
        Self { stop: Some(stop), thread: thread.ok() }
    }
}

fn watch(stopped: &mpsc::Receiver<()>) {
    let start = Instant::now();
    let mut wait = Duration::from_secs(1);
    let mut shown = false;
    while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(wait) {
        output::error_text(&format!("\r\x1b[2Kasynclint: checking, {} s", start.elapsed().as_secs()));
        shown = true;
        wait = Duration::from_millis(500);
    }
    if shown {
        output::error_text("\r\x1b[2K");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only prints; if it panicked, the run is none the worse.
            let _ = thread.join();
        }
    }
}
