//! The locks and atomics of the two modules that loom checks, so that the same source runs under
//! loom and outside it. Never used by anything that touches tokio.

#[cfg(loom)]
pub(crate) use loom::sync::{
    atomic::{fence, AtomicUsize, Ordering},
    Mutex, MutexGuard,
};
#[cfg(not(loom))]
pub(crate) use std::sync::{
    atomic::{fence, AtomicUsize, Ordering},
    Mutex, MutexGuard,
};

use std::sync::PoisonError;

/// Locks, poisoned or not: no code of ours panics under one of these locks, and accounting must
/// go on after a fault in user code.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
