//! Absolute figures, for comparison between machines and versions; the gates are in `gates`.

use asynclint_supervisor::{builder, spawn, Supervisor};
use divan::Bencher;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> (Runtime, Supervisor) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let supervisor = runtime.block_on(async { builder().build() });
    (runtime, supervisor)
}

#[divan::bench]
fn bare(bencher: Bencher<'_, '_>) {
    let (runtime, _) = runtime();
    bencher.bench_local(|| runtime.block_on(async { tokio::spawn(async { 1 }).await.ok() }));
}

#[divan::bench]
fn supervised(bencher: Bencher<'_, '_>) {
    let (runtime, sup) = runtime();
    bencher.bench_local(|| runtime.block_on(async { spawn!(in sup, "b", async { 1 }).await.ok() }));
}

#[divan::bench]
fn snapshot_of_a_thousand(bencher: Bencher<'_, '_>) {
    let (runtime, sup) = runtime();
    runtime.block_on(async {
        for _ in 0..1_000 {
            spawn!(in sup, "parked", std::future::pending::<()>());
        }
    });
    bencher.bench_local(|| sup.snapshot().tasks.len());
}

fn main() {
    divan::main();
}
