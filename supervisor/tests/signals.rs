//! Signals, with a real child process: this test binary again, told by a variable what to be.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
#![cfg(unix)]

use asynclint_supervisor::{builder, shutdown_requested, spawn, spawn_blocking};
use std::future::pending;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const ROLE: &str = "ASYNCLINT_SUPERVISOR_CHILD";

fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").unwrap();
    out.flush().unwrap();
}

/// Not a test of its own: what the children run.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let grace = Duration::from_secs(if role == "quick" { 10 } else { 60 });
    let report = |report: &asynclint_supervisor::ShutdownReport| {
        say(&format!("report: {} / {:?} / {}", report.reason, report.escalated_by, report.exit_code()));
    };
    let settings = builder().grace(grace).abort_grace(Duration::from_secs(30)).on_report(report);
    settings.run(async move {
        match role.as_str() {
            "quick" => {}
            "slow" => drop(spawn!("slow", pending::<()>())),
            "stuck" => drop(spawn_blocking!("stuck", || loop {
                std::thread::sleep(Duration::from_secs(1));
            })),
            other => panic!("role {other}"),
        }
        say("child is ready");
        let reason = shutdown_requested().await;
        say(&format!("body: {reason}"));
    });
    say("body returned");
}

struct Running {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(role: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(ROLE, role)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, out };
        running.until("child is ready");
        running
    }

    /// Reads up to the line that holds the text.
    fn until(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "no {text:?}");
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

#[test]
fn term_ends_in_order_and_fast() {
    let running = Running::start("quick");
    let begun = Instant::now();
    running.signal("TERM");
    let (status, rest) = running.end();
    let took = begun.elapsed();
    assert!(status.success(), "{status} {rest}");
    assert_eq!(rest.matches("body: signal 15").count(), 1, "processed once: {rest}");
    assert!(rest.contains("report: signal 15 / None / 0"), "{rest}");
    assert!(rest.contains("body returned"), "{rest}");
    println!("TERM to exit: {took:?}");
    assert!(took < Duration::from_millis(500), "{took:?}");
}

#[test]
fn int_ends_in_order() {
    let running = Running::start("quick");
    running.signal("INT");
    let (status, rest) = running.end();
    assert!(status.success(), "{status} {rest}");
    assert!(rest.contains("report: signal 2 / None / 0"), "{rest}");
}

#[test]
fn the_second_int_skips_the_grace() {
    let mut running = Running::start("slow");
    running.signal("INT");
    running.until("body: signal 2");
    running.signal("INT");
    let (status, rest) = running.end();
    assert!(status.success(), "the body had returned its value: {status}");
    assert!(rest.contains("report: signal 2 / Some(2) / 130"), "{rest}");
}

#[test]
fn the_third_int_exits_the_process() {
    let mut running = Running::start("stuck");
    running.signal("INT");
    running.until("body: signal 2");
    running.signal("INT");
    // The second one has to be seen before the third is sent: signals of one kind merge.
    std::thread::sleep(Duration::from_millis(200));
    running.signal("INT");
    let (status, rest) = running.end();
    assert_eq!(status.code(), Some(130), "{rest}");
    assert!(!rest.contains("body returned"), "{rest}");
}
