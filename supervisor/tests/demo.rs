//! The six-task demo: a real process, its start, its stop.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// `cargo test` builds the examples beside the tests.
fn demo() -> PathBuf {
    let mut path = std::env::current_exe().expect("the path of this test");
    path.pop();
    path.pop();
    path.join("examples").join("six_tasks")
}

#[test]
fn the_demo_starts_and_stops_fast() {
    let path = demo();
    assert!(path.exists(), "build the examples first: {}", path.display());
    let mut child = Command::new(path).stdout(Stdio::piped()).spawn().expect("the demo runs");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut ready = String::new();
    out.read_line(&mut ready).expect("a line");
    assert!(ready.contains("6 tasks"), "{ready}");
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    let id = child.id().to_string();
    // One: a second signal while it stops makes it give up waiting, and ends it with another status.
    let sent = Command::new("kill").args(["-s", "TERM", &id]).status().expect("kill");
    assert!(sent.success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("the rest");
    let status = child.wait().expect("its end");
    let took = begun.elapsed();
    println!("{}SIGTERM to exit: {took:?}", ready);
    assert!(status.success(), "{status}: {rest}");
    assert_eq!(rest.matches("stopping: signal 15").count(), 1, "{rest}");
    assert!(rest.contains("0 failed, 0 panicked"), "no lost errors: {rest}");
    // The figure to hold is 50 ms; a loaded machine must not fail the build.
    assert!(took < Duration::from_millis(1_000), "{took:?}");
}
