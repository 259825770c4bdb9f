//! Looks at a result that would otherwise be thrown away. Never swallows: every error in it is
//! logged and counted, except those that were logged when they happened.

use crate::current;
use crate::event::{self, EventKind};
use crate::probe::Report;
use crate::site::Site;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering;

/// `observe!`.
pub fn observe<T, R: Report<T>>(site: &'static Site, value: T, _: R) -> R::Kept {
    if R::failed(&value) {
        tell::<T, R>(site, &value);
    }
    R::keep(value)
}

#[cold]
fn tell<T, R: Report<T>>(site: &'static Site, value: &T) {
    let inner = current::ambient();
    let printed = catch_unwind(AssertUnwindSafe(|| {
        R::faults(value, &mut |fault| {
            inner.extras.observed.fetch_add(1, Ordering::Relaxed);
            if !fault.logged {
                event::of_site(&inner, site, EventKind::Observed, Some(&fault.text));
            }
        });
    }));
    if printed.is_err() {
        inner.extras.observed.fetch_add(1, Ordering::Relaxed);
        let text = "<error formatting panicked>";
        event::of_site(&inner, site, EventKind::Observed, Some(text));
    }
}
