//! What is known to do only what it says: functions that neither leave the process, nor run code of others, nor panic on a value that does
//! not fit. A list of crates and names; knows nothing of tasks.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Role};

/// Crates whose functions do nothing but what they say about values, timers and channels.
#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "std", "core", "alloc", "tokio", "tokio_stream", "tokio_util", "futures", "futures_util", "futures_core",
    "futures_channel", "futures_timer", "futures_lite", "async_std", "smol", "async_channel", "flume", "crossbeam",
    "crossbeam_channel", "parking_lot", "arc_swap", "dashmap", "hashbrown", "indexmap", "smallvec", "bytes",
    "tracing", "log", "slog", "metrics", "prometheus", "event_listener", "async_io", "chrono", "uuid",
    "metrics_exporter_prometheus", "metrics_util", "tokio_metrics", "opentelemetry",
];
/// Macros that count or tell something, wherever they come from.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "emit", "counter", "gauge", "histogram", "register", "record", "event", "metric", "increment_counter",
    "increment_gauge", "absolute_counter", "describe_counter",
];
/// Parts of those that leave the process.
#[rustfmt::skip]
const OUTSIDE: &[&str] = &[
    "fs", "net", "process", "io", "os", "signal", "unix", "codec", "udp",
];
/// Functions of std that panic when their arguments do not fit.
#[rustfmt::skip]
const PANICKING: &[&str] = &[
    "borrow_mut", "swap_remove", "split_at", "split_at_mut", "copy_from_slice", "clone_from_slice", "copy_within",
    "rotate_left", "rotate_right", "unwrap_err", "expect_err", "panic_any", "resume_unwind", "unwrap_unchecked",
];
/// Methods that mean the same on whatever they are called.
#[rustfmt::skip]
const CONVERSIONS: &[&str] = &[
    "clone", "into", "as_ref", "as_mut", "as_str", "as_deref", "as_bytes", "as_slice", "to_string", "to_owned",
    "to_vec", "len", "is_empty", "is_some", "is_none", "is_ok", "is_err", "ok", "err", "iter", "cloned", "copied",
    "unwrap_or_default", "unwrap_or", "next", "recv", "changed", "try_into", "saturating_sub", "saturating_add",
    "contains_key", "contains", "trim", "elapsed",
];

/// A function of the catalogue that neither leaves the process nor runs code of others.
pub(super) fn is_plain_api(entry: &FnEntry) -> bool {
    use Role as R;
    match entry.role {
        Some(
            R::Serve
            | R::Accept
            | R::Open
            | R::Read
            | R::Write
            | R::Copy
            | R::Flush
            | R::ChildSpawn
            | R::ChildWait
            | R::ChildKill
            | R::BlockOn
            | R::RuntimeBuild
            | R::RuntimeEnter
            | R::SpawnBlocking
            | R::SpawnThread
            | R::SpawnActor
            | R::Exit,
        ) => false,
        Some(R::Lock | R::LockRead | R::TryLock | R::Send | R::Recv | R::Sleep) => is_plain(entry.path),
        // Lines of a pipe end with it, and an error is somebody's to handle.
        Some(R::Next) => true,
        _ => entry.blocks.is_none() && is_plain(entry.path),
    }
}

pub(super) fn is_plain(path: Name) -> bool {
    let mut parts = path.as_str().split("::");
    let krate = parts.next().unwrap_or_default();
    PLAIN.contains(&krate) && !parts.any(|part| OUTSIDE.contains(&part))
}

/// A function of the catalogue that works on files, sockets, processes or databases.
pub(super) fn is_outside(entry: &FnEntry) -> bool {
    use {Category as C, Role as R};
    match entry.role {
        Some(R::Serve | R::Accept | R::Open | R::ChildSpawn | R::ChildWait) => return true,
        // The same methods without `await` fill buffers and encoders in memory.
        Some(R::Read | R::Write | R::Copy | R::Flush) => return entry.is_async,
        Some(R::Lock | R::LockRead | R::TryLock | R::Send | R::Recv | R::Sleep | R::Next) => return false,
        _ => {}
    }
    match &entry.blocks {
        Some(blocks) => {
            blocks.io_args.is_empty()
                && matches!(blocks.category, C::Process | C::Http | C::Db | C::Net | C::Fs | C::FsMeta)
        }
        None => entry.is_async && !is_plain(entry.path),
    }
}

/// A macro that counts or tells something.
pub(super) fn is_telling(name: &str) -> bool {
    TELLING.contains(&name)
}

/// A method that means the same on whatever it is called.
pub(super) fn is_conversion(name: &str) -> bool {
    CONVERSIONS.contains(&name)
}

/// A function that panics when its arguments do not fit; `path` is that of the function or of the type it belongs to.
pub(super) fn panics_on_misfit(path: Name, name: &str) -> bool {
    let path = path.as_str();
    let of_sequence = path.starts_with("std::vec::Vec") || path.starts_with("std::string::String");
    PANICKING.contains(&name)
        || (of_sequence && matches!(name, "remove" | "insert" | "drain" | "split_off"))
        || (name == "borrow" && path.contains("RefCell"))
}
