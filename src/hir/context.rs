//! Where a region runs, and why.

use crate::facts::ExprId;

/// Where code runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContextKind {
    /// Polled by an executor.
    Async,
    /// Plain code; who calls it decides.
    Sync,
    /// A pool made for blocking work.
    Offloaded,
    /// A thread of its own.
    Thread,
    /// Not known: nothing is reported.
    Unknown,
}

/// Whether async code runs on the thread that started the runtime, where blocking starves nobody (decision M9).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Entry {
    /// On a worker, or not known.
    No,
    /// Driven by a thread that only waits for it: a blocking pool's, or one started for it.
    OwnThread,
    /// Main future of a multi-threaded runtime.
    MultiThread,
    /// Main future of a current-thread runtime: spawned tasks share its thread.
    CurrentThread,
    /// A method of a type that the command line fills, or what it awaits first: some main runs it, on a thread that is not seen.
    Command,
    /// Every way that is seen comes here once, from the start of a program or of a command.
    Once,
}

/// Why a region runs where it runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// Body of an `async fn`.
    AsyncFn,
    /// An `async` block or closure.
    AsyncBlock,
    /// A `poll`-like method.
    Poll,
    /// Body of a plain fn.
    SyncFn,
    /// Initialiser of a constant.
    Initialiser,
    /// A closure called, or handed to a callee that calls it at once, at this expression.
    InlineAt(ExprId),
    /// A closure handed to a callee that runs it elsewhere, at this expression.
    HandedTo(ExprId),
    /// A closure that escapes, or that nobody is seen to run.
    Escapes,
    /// Inside a macro that is not understood.
    Macro,
}

/// Where a region runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// Where.
    pub kind: ContextKind,
    /// Why.
    pub reason: Reason,
    /// Entry code or not; meaningful for `Async`.
    pub entry: Entry,
}

impl Context {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { kind: ContextKind::Unknown, reason: Reason::Escapes, entry: Entry::No };
}
