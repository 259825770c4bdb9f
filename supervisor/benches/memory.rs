//! The gates on memory and on great numbers of tasks. Apart from the others, because counting
//! allocations costs time.
#![expect(clippy::print_stdout, reason = "the table is the output")]

use asynclint_supervisor::{builder, spawn};
use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};
use std::alloc::System;
use std::future::pending;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

#[path = "support/table.rs"]
mod table;
use table::Table;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes and allocations per parked task.
fn parked(rt: &Runtime, count: usize, mut spawn_one: impl FnMut()) -> (f64, f64) {
    let _in = rt.enter();
    let region = Region::new(ALLOCATOR);
    (0..count).for_each(|_| spawn_one());
    let change = region.change();
    let bytes = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
    let kept = change.allocations as f64 - change.deallocations as f64;
    (bytes / count as f64, kept / count as f64)
}

fn memory_gates(table: &mut Table) {
    const COUNT: usize = 100_000;
    let new = || Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (rt, ours) = (new(), new());
    let bare = parked(&rt, COUNT, || drop(tokio::spawn(pending::<()>())));
    let sup = ours.block_on(async { builder().grace(Duration::ZERO).build() });
    let supervised = parked(&ours, COUNT, || drop(spawn!(in sup, "p", pending::<()>())));
    println!("| bare parked task | {:.0} B, {:.2} allocations | | |", bare.0, bare.1);
    table.row("bytes per parked task over bare", supervised.0 - bare.0, 256.0, "B");
    table.row("allocations per parked task over bare", supervised.1 - bare.1, 1.01, "");
    let begun = Instant::now();
    assert_eq!(sup.snapshot().tasks.len(), COUNT);
    table.row("snapshot of 100 000 tasks", begun.elapsed().as_secs_f64() * 1e3, 50.0, "ms");
    let begun = Instant::now();
    ours.block_on(sup.shutdown());
    table.row("abort of 100 000 tasks", begun.elapsed().as_secs_f64() * 1e3, 150.0, "ms");
    churn(table, &ours);
}

fn churn(table: &mut Table, rt: &Runtime) {
    let sup = rt.block_on(async { builder().build() });
    let turn = || {
        rt.block_on(async {
            for _ in 0..1_000 {
                spawn!(in sup, "c", async {});
            }
            assert!(sup.wait_all(Duration::from_secs(60)).await.is_ok());
        });
    };
    turn();
    let region = Region::new(ALLOCATOR);
    (0..1_000).for_each(|_| turn());
    let change = region.change();
    let growth = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
    table.row("heap growth over 1 M tasks", growth / 1024.0, 64.0, "KiB");
}

fn main() {
    let mut table = Table::default();
    memory_gates(&mut table);
    table.finish();
}
