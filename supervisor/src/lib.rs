#![doc = include_str!("../README.md")]
//!
//! The guide is in [`guide`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(loom, allow(dead_code, reason = "the test helper is left out"))]

mod admission;
mod blocking;
mod bounded;
mod bridge;
mod builder;
mod cell;
mod config;
mod current;
mod done;
mod event;
mod every;
mod fault;
mod finish;
mod gate;
mod handle;
mod health;
mod idle;
mod inner;
mod macros;
mod managed;
mod observe;
mod probe;
mod registry;
mod report;
mod scope;
mod service;
mod shutdown;
mod signals;
mod site;
mod snapshot;
mod spawn;
mod step;
mod supervisor;
mod sync;
mod task;
mod task_outcome;
// Under loom tokio has no hook for the start of a thread.
#[cfg(not(loom))]
pub mod testing;
mod track;
mod wrapper;

pub use bridge::{bridge, Bridge, BridgeSender, BridgeStats, Closed, TrySendError};
pub use builder::{builder, Builder};
pub use cell::{TaskId, TaskInfo, TaskState};
pub use config::{Config, SpanMode};
pub use current::{current_task, TaskContext};
pub use done::Done;
pub use event::{Event, EventKind};
pub use every::{every, Missed, PeriodicHandle};
pub use fault::capture_panic_locations;
pub use handle::{AbortOnDrop, SpawnError, TaskAbortHandle, TaskHandle};
pub use health::{Health, Problem};
pub use managed::managed;
#[cfg(feature = "multi-thread")]
pub use managed::run;
pub use outcome::{Outcome, PanicInfo, TaskError};
pub use report::{CancelReport, Remaining, ShutdownReason, ShutdownReport};
pub use scope::{scope, Scope, ScopeError, ScopeFuture};
pub use service::{service, Escalate, Restart, ServiceBuilder, ServiceCtx, ServiceHandle};
pub use shutdown::State;
pub use site::{Site, SiteStats};
pub use snapshot::{Snapshot, Stats};
pub use spawn::AsHandle;
pub use supervisor::{shutdown_requested, Supervisor};
pub use task::{IntoTask, OnShutdown, Task};
pub use task_outcome::TaskOutcome;
pub use track::Tracked;

pub mod guide;

/// Runs an async test under supervision: it fails if a task panics, leaks, or ends in an error
/// that nobody read. See [`testing`].
#[cfg(feature = "macros")]
pub use asynclint_supervisor_macros::test;

mod outcome;

/// For the macros; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::blocking::spawn_blocking;
    pub use crate::bounded::spawn_bounded;
    pub use crate::observe::observe;
    pub use crate::probe::{of_closure, of_future, of_value};
    pub use crate::spawn::{spawn, spawn_cleanup, spawn_local, spawn_on, try_spawn};
    pub use crate::track::track;
    pub use std::any::type_name_of_val;
    pub use tokio;
    pub use tokio::sync::Semaphore;

    /// The levels of the reporter lookup.
    pub mod levels {
        pub use crate::probe::{
            ProbeAny, ProbeDebug, ProbeDisplay, ProbeError, ProbeNestedDebug, ProbeNestedDisplay, ProbeNestedError,
            ProbePointer, ProbeResult, ProbeUnit, ProbeVecDebug, ProbeVecDisplay, ProbeVecError, ProbeVecNestedDebug,
            ProbeVecNestedDisplay, ProbeVecNestedError,
        };
    }
}
