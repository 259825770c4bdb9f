//! The gates: what supervision may cost against bare tokio, measured in one process in paired,
//! interleaved rounds, so that a noisy machine disturbs both sides alike. Prints the gate beside
//! the measured ratio; with ASYNCLINT_GATES=1 it fails above 1.5 times a gate.
#![expect(clippy::print_stdout, reason = "the table is the output")]

use asynclint_supervisor::{builder, spawn, task, Bridge, Supervisor};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

#[path = "support/table.rs"]
mod table;
use table::Table;

const BATCH: u32 = 500;
const ROUNDS: usize = 61;

/// Paired medians of several candidates: nanoseconds per task.
struct Medians(Vec<(&'static str, f64)>);

impl Medians {
    fn ns(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(n, _)| *n == name);
        found.map_or(f64::NAN, |(_, ns)| *ns)
    }
}

type Candidate<'a> = (&'static str, Box<dyn FnMut() -> Duration + 'a>);

/// Each round runs every candidate once, in turns that begin elsewhere each time.
fn interleaved(mut candidates: Vec<Candidate<'_>>) -> Medians {
    let mut samples: Vec<Vec<f64>> = candidates.iter().map(|_| Vec::new()).collect();
    let count = candidates.len();
    for round in 0..ROUNDS + 3 {
        for turn in 0..count {
            let at = (round + turn) % count;
            let took = (candidates[at].1)();
            if round >= 3 {
                samples[at].push(took.as_nanos() as f64 / f64::from(BATCH));
            }
        }
    }
    let medians = samples.into_iter().map(|mut s| {
        s.sort_by(f64::total_cmp);
        s[s.len() / 2]
    });
    Medians(candidates.iter().map(|c| c.0).zip(medians).collect())
}

async fn yields(n: u32) -> u32 {
    for _ in 0..n {
        tokio::task::yield_now().await;
    }
    n
}

/// Spawns a batch, dropping the handles, and waits until all have run.
fn detached(rt: &Runtime, mut spawn_one: impl FnMut(Done)) -> Duration {
    rt.block_on(async {
        let (done, mut all) = tokio::sync::mpsc::channel::<()>(1);
        let begun = Instant::now();
        for _ in 0..BATCH {
            spawn_one(Done { _alive: done.clone() });
        }
        drop(done);
        all.recv().await;
        begun.elapsed()
    })
}

/// Dropped by the task at its end; the last one closes the channel.
struct Done {
    _alive: tokio::sync::mpsc::Sender<()>,
}

async fn body(done: Done, n: u32) -> u32 {
    let n = yields(n).await;
    drop(done);
    n
}

fn candidates<'a>(rt: &'a Runtime, sup: &'a Supervisor, n: u32) -> Vec<Candidate<'a>> {
    vec![
        ("tokio", Box::new(move || detached(rt, |d| drop(tokio::spawn(body(d, n)))))),
        ("supervised", Box::new(move || detached(rt, |d| drop(spawn!(in sup, "b", body(d, n)))))),
        (
            "tracker",
            Box::new(move || {
                let tracker = TaskTracker::new();
                detached(rt, |d| drop(tracker.spawn(body(d, n))))
            }),
        ),
        (
            "joinset",
            Box::new(move || {
                let mut set = JoinSet::new();
                joinset_round(rt, &mut set, n)
            }),
        ),
        (
            "monitor",
            Box::new(move || {
                detached(rt, |done| {
                    let work = tokio::spawn(yields(n));
                    // The second task that a monitor costs; the batch ends with it.
                    let watch = async move {
                        let end = work.await;
                        drop(done);
                        end.is_ok()
                    };
                    drop(tokio::spawn(watch));
                })
            }),
        ),
    ]
}

/// The same body as the others, so that only the way of spawning differs.
fn joinset_round(rt: &Runtime, set: &mut JoinSet<u32>, n: u32) -> Duration {
    rt.block_on(async {
        let (done, _all) = tokio::sync::mpsc::channel::<()>(1);
        let begun = Instant::now();
        for _ in 0..BATCH {
            set.spawn(body(Done { _alive: done.clone() }, n));
        }
        while let Some(end) = set.join_next().await {
            assert!(end.is_ok());
        }
        begun.elapsed()
    })
}

fn spawn_gates(table: &mut Table, name: &str, rt: &Runtime, gates: [f64; 3], monitor: bool) {
    let sup = rt.block_on(async { builder().build() });
    let none = interleaved(candidates(rt, &sup, 0));
    let base = none.ns("tokio");
    let ours = none.ns("supervised");
    println!("| {name}: tokio::spawn | {base:.0} ns | | |");
    for other in ["tracker", "joinset", "monitor"] {
        println!("| {name}: {other} | x{:.2} | | |", none.ns(other) / base);
    }
    table.row(&format!("{name}: spawn! / tokio::spawn"), ours / base, gates[0], "x");
    table.row(&format!("{name}: spawn! / JoinSet"), ours / none.ns("joinset"), gates[1], "x");
    table.row(&format!("{name}: spawn! extra"), ours - base, gates[2], "ns");
    if monitor {
        table.row(&format!("{name}: spawn! / two tasks"), ours / none.ns("monitor"), 0.9, "x");
    }
    let ten = interleaved(candidates(rt, &sup, 10));
    let per_poll = ((ten.ns("supervised") - ten.ns("tokio")) - (ours - base)) / 10.0;
    table.row(&format!("{name}: extra per poll"), per_poll.max(0.0), 15.0, "ns");
}

fn option_gates(table: &mut Table, rt: &Runtime) {
    let plain = rt.block_on(async { builder().build() });
    let limited = rt.block_on(async { builder().max_concurrent(1_000_000).build() });
    let subscriber = tracing_subscriber::fmt().with_env_filter("info").with_writer(std::io::sink).finish();
    let dispatch = tracing::Dispatch::new(subscriber);
    let hour = Duration::from_secs(3600);
    let spanned = || {
        tracing::dispatcher::with_default(&dispatch, || {
            let span = tracing::info_span!("request");
            let _in = span.enter();
            detached(rt, |d| drop(spawn!(in plain, "b", body(d, 0))))
        })
    };
    let unspanned =
        || tracing::dispatcher::with_default(&dispatch, || detached(rt, |d| drop(spawn!(in plain, "b", body(d, 0)))));
    let m = interleaved(vec![
        ("plain", Box::new(|| detached(rt, |d| drop(spawn!(in plain, "b", body(d, 0)))))),
        ("limit", Box::new(|| detached(rt, |d| drop(spawn!(in limited, "b", body(d, 0)))))),
        (
            "timeout",
            Box::new(|| {
                detached(rt, |d| {
                    drop(spawn!(task!("b").timeout(hour).in_(&plain), body(d, 0)));
                })
            }),
        ),
        ("unspanned", Box::new(unspanned)),
        ("spanned", Box::new(spanned)),
    ]);
    table.row("with limit, extra", m.ns("limit") - m.ns("plain"), 100.0, "ns");
    table.row("with timeout, extra", m.ns("timeout") - m.ns("plain"), 250.0, "ns");
    table.row("with current span, extra", m.ns("spanned") - m.ns("unspanned"), 350.0, "ns");
}

fn bridge_gate(table: &mut Table, rt: &Runtime) {
    let sup = rt.block_on(async { builder().build() });
    let events = BATCH as usize;
    let wait_for = |future: std::pin::Pin<Box<dyn Future<Output = ()>>>| rt.block_on(future);
    let bare = || {
        let (send, mut events_in) = tokio::sync::mpsc::channel::<u64>(events);
        let begun = Instant::now();
        (0..events as u64).for_each(|n| assert!(send.try_send(n).is_ok()));
        drop(send);
        wait_for(Box::pin(async move { while events_in.recv().await.is_some() {} }));
        begun.elapsed()
    };
    let bridged = || {
        let _in = rt.enter();
        let send = Bridge::new("bench", events).in_(&sup).start(|_: u64| async {});
        let begun = Instant::now();
        (0..events as u64).for_each(|n| assert!(send.try_send(n).is_ok()));
        let all = async move {
            while send.stats().handled < u64::from(BATCH) {
                tokio::task::yield_now().await;
            }
        };
        wait_for(Box::pin(all));
        begun.elapsed()
    };
    let m = interleaved(vec![("bare", Box::new(bare)), ("bridge", Box::new(bridged))]);
    println!("| bare mpsc, per event | {:.0} ns | | |", m.ns("bare"));
    table.row("bridge / bare mpsc", m.ns("bridge") / m.ns("bare"), 1.3, "x");
}

fn main() {
    println!("| gate | measured | may be | |\n|---|---|---|---|");
    let mut table = Table::default();
    let ct = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mt = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    spawn_gates(&mut table, "ct", &ct, [2.0, 1.15, 400.0], false);
    spawn_gates(&mut table, "mt", &mt, [2.8, 1.5, 500.0], true);
    option_gates(&mut table, &ct);
    bridge_gate(&mut table, &ct);
    table.finish();
}
