//! Six tasks of a typical bot: the bot itself, a scheduler thread with its bridge, a queue
//! worker, two periodic jobs and an HTTP listener. Says `ready` with what the supervisor added to
//! the start, and stops at once on SIGTERM or ctrl-c.

use asynclint_supervisor::{bridge, builder, every, shutdown_requested, spawn, spawn_daemon, Supervisor};
use std::io::Write;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

async fn bot(jobs: mpsc::Sender<u64>) {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    for n in 0.. {
        beat.tick().await;
        if jobs.send(n).await.is_err() {
            return;
        }
    }
}

async fn work(mut jobs: mpsc::Receiver<u64>) -> u64 {
    let mut sum = 0;
    loop {
        tokio::select! {
            job = jobs.recv() => match job {
                Some(job) => sum += job,
                None => return sum,
            },
            _ = shutdown_requested() => return sum,
        }
    }
}

async fn http(listener: TcpListener) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        asynclint_supervisor::spawn_bounded!("request", max = 64, async move { drop(stream) }).await;
    }
}

fn scheduler(send: impl Fn(Instant) -> bool) {
    while send(Instant::now()) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn program(begun: Instant) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let before = Instant::now();
    let (jobs, queue) = mpsc::channel(16);
    spawn_daemon!("bot", bot(jobs));
    spawn!("worker", work(queue));
    spawn_daemon!("http", http(listener));
    let _refresh = every("refresh", Duration::from_millis(50), || async {});
    let _cleanup = every("cleanup", Duration::from_secs(60), || async {});
    let due = bridge("scheduler", 64, |at: Instant| async move {
        tracing::trace!("due {:?} ago", at.elapsed());
    });
    std::thread::spawn(move || scheduler(move |at| due.send_blocking(at).is_ok()));
    let micros = before.elapsed().as_micros();
    let tasks = Supervisor::current().stats().active;
    let mut out = std::io::stdout();
    writeln!(out, "ready: {tasks} tasks, supervised in {micros} us, up in {:?}", begun.elapsed())?;
    out.flush()?;
    let reason = shutdown_requested().await;
    writeln!(out, "stopping: {reason}")?;
    Ok(())
}

fn main() -> std::io::Result<()> {
    let begun = Instant::now();
    builder()
        .on_report(|report| {
            // A closed pipe must not hide the report's exit code.
            let _written = writeln!(std::io::stdout(), "{report}");
        })
        .run(program(begun))
}
