//! One thread pool per size, with stacks large enough for anything that passes the check before parsing.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Virtual; touched only where nesting needs it.
const STACK: usize = 64 << 20;

static POOLS: LazyLock<Mutex<BTreeMap<usize, Arc<ThreadPool>>>> = LazyLock::new(Mutex::default);

/// Runs `work` on the pool of `threads` workers (one for each processor when `None`).
pub(super) fn install<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    match pool(threads.unwrap_or(0)) {
        Some(pool) => pool.install(work),
        // No threads to be had: the caller's own is better than none.
        None => work(),
    }
}

fn pool(threads: usize) -> Option<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Some(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().ok().map(Arc::new)?;
    pools.insert(threads, Arc::clone(&pool));
    Some(pool)
}
