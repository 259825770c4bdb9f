//! The closed vocabularies of calls: what a function can be said to do.
//!
//! They exist so that a rule matches on an enum and a typo in a TOML file is an error with a remedy.
//! Nothing here decides what a word implies for a caller; that is the linker's and the rules' business.

use serde::Deserialize;

use super::words::words;

words! {
    /// What a blocking call waits for. One rule of the blocking family reports each.
    pub enum Category {
        /// The clock.
        Sleep,
        /// Another thread: channels, condition variables, barriers, joins.
        Sync,
        /// A child process.
        Process,
        /// An HTTP exchange.
        Http,
        /// A database.
        Db,
        /// A socket, a name server, a broker.
        Net,
        /// File contents, or a walk over a tree.
        Fs,
        /// One constant-time file system call.
        FsMeta,
        /// The terminal.
        Stdio,
        /// The processor itself.
        Compute,
        /// Declared by the user.
        Custom,
        /// Whatever the receiver's type says with `io`. Only for methods of wrappers.
        Receiver,
    }

    /// Whether a blocking call is reported by default.
    pub enum Tier {
        /// Reported by default.
        Default,
        /// Reported on request.
        Pedantic,
    }

    /// What a call is for, in the words of the rules.
    pub enum Role {
        /// Starts a task whose handle is in `returns`.
        Spawn,
        /// Runs a closure on a blocking pool and gives a handle.
        SpawnBlocking,
        /// Starts a task that stays on this thread.
        SpawnLocal,
        /// Starts a thread, or gives a closure to a thread pool.
        SpawnThread,
        /// Starts an actor; its life is the framework's business.
        SpawnActor,
        /// Runs a future to its end on the calling thread.
        BlockOn,
        /// Makes a runtime.
        RuntimeBuild,
        /// Starts or configures a runtime builder.
        RuntimeBuilder,
        /// Enters a runtime on this thread for the life of a guard.
        RuntimeEnter,
        /// Ends a runtime by waiting for its blocking tasks.
        RuntimeShutdown,
        /// Ends a runtime without waiting.
        RuntimeShutdownBackground,
        /// Switches the time driver on (builder).
        EnableTime,
        /// Switches the I/O driver on (builder).
        EnableIo,
        /// Switches all drivers on (builder).
        EnableAll,
        /// Runs a blocking closure on the current worker.
        BlockInPlace,
        /// Bounds a future in time: the future is the last argument.
        Timeout,
        /// Completes after a time.
        Sleep,
        /// A periodic timer.
        Interval,
        /// Gives other tasks a turn.
        Yield,
        /// Spins or gives other threads a turn.
        Spin,
        /// Waits for all futures.
        JoinAll,
        /// Waits for the first of several futures.
        SelectFn,
        /// Ends a value on the spot.
        Drop,
        /// Leaks a value or gives up its drop behaviour.
        Forget,
        /// Lets a task go on without its handle.
        Detach,
        /// Cancels a task.
        Abort,
        /// Gives a handle that can only abort.
        AbortHandle,
        /// Asks whether a task has ended.
        IsFinished,
        /// Takes a lock, shared or exclusive.
        Lock,
        /// Takes a shared lock.
        LockRead,
        /// Takes a lock or gives up at once.
        TryLock,
        /// Acquires a permit.
        Acquire,
        /// Acquires a permit or gives up at once.
        TryAcquire,
        /// Acquires several permits (often to wait for all).
        AcquireMany,
        /// Adds a task to a set that owns it.
        TaskSetSpawn,
        /// Takes results out of a task set, or ends it.
        TaskSetDrain,
        /// Closes a task tracker.
        TrackerClose,
        /// Waits for a closed and empty task tracker.
        TrackerWait,
        /// Registers a sync handler that an async worker will run.
        RunsOnWorker,
        /// Registers a callback that a foreign thread will run.
        RunsOnThread,
        /// The handle of the current runtime; panics outside one.
        HandleCurrent,
        /// The handle of the current runtime, if any.
        HandleTryCurrent,
        /// Gives back its receiver, wrapped or not, with the same meaning: boxed, instrument, fuse, in_current_span.
        Identity,
        /// Gives another handle to the same thing.
        Clone,
        /// Catches a panic.
        CatchUnwind,
        /// Bounds the futures that run at one time.
        Buffer,
        /// Collects an iterator into the type that the caller names.
        Collect,
        /// Sends a value into a channel.
        Send,
        /// Takes a value out of a channel.
        Recv,
        /// Takes the next item of a stream.
        Next,
        /// Accepts a connection.
        Accept,
        /// Reserves a place in a channel.
        Reserve,
        /// Reads bytes.
        Read,
        /// Writes bytes.
        Write,
        /// Copies a reader into a writer and flushes it.
        Copy,
        /// Flushes or closes a writer.
        Flush,
        /// Opens a file or makes a writer.
        Open,
        /// Serves until the end of the program.
        Serve,
        /// Starts a child process.
        ChildSpawn,
        /// Waits for a child process.
        ChildWait,
        /// Kills a child process.
        ChildKill,
        /// Lets the drop of a child kill it (builder).
        KillOnDrop,
        /// Cancels a token.
        Cancel,
        /// Completes when a token is cancelled.
        Cancelled,
        /// Wakes a waiter.
        Notify,
        /// Completes when it is woken.
        Notified,
        /// Enters a span on this thread for the life of a guard.
        SpanEnter,
        /// Makes or finds a span.
        SpanNew,
        /// Makes a socket non-blocking.
        SetNonblocking,
        /// Makes an async type out of a sync one.
        FromStd,
        /// Starts another task set with `shutdown` meaning abort and wait.
        Exit,
    }

    /// Where a closure argument runs.
    pub enum Place {
        /// Before the call returns, on the calling thread.
        Inline,
        /// When the returned future is polled: it is async code.
        Async,
        /// On a pool made for blocking work.
        Offloaded,
        /// On another thread without a runtime.
        Thread,
        /// As a task of its own.
        Task,
        /// At an unknown time on an unknown thread.
        Later,
        /// Where the adaptor chain is consumed.
        Lazy,
    }

    /// What dropping a value does to the work behind it.
    pub enum OnDrop {
        /// The work goes on.
        Detach,
        /// The work is cancelled.
        Cancel,
        /// An owner waits for it; panics stay unseen.
        Tracked,
        /// A scope ends it.
        Scope,
        /// There is no handle.
        None,
        /// The drop itself panics.
        Panic,
        /// Buffered data is lost.
        LosesBuffer,
        /// The channel closes.
        Closes,
    }

    /// What happens to a future that is dropped half-way.
    pub enum Cancel {
        /// Nothing is lost.
        Safe,
        /// Bytes already read or written are lost.
        LosesData,
        /// The value given to it is lost.
        LosesValue,
        /// The place in a queue is lost.
        Restarts,
        /// Progress is kept by the caller's buffer.
        Resumable,
        /// The documentation is silent; treat it as losing data.
        Undocumented,
        /// As safe as the future it wraps.
        Depends,
    }

    /// What a call needs in order not to panic or hang.
    pub enum Needs {
        /// Nothing: works under any executor.
        Neutral,
        /// An entered tokio runtime.
        Tokio,
        /// An entered tokio runtime with its time driver.
        TokioTime,
        /// An entered tokio runtime with its I/O driver.
        TokioIo,
        /// A tokio `LocalSet` or local runtime.
        TokioLocal,
        /// An actix system.
        Actix,
        /// A glommio executor.
        Glommio,
        /// A compio runtime.
        Compio,
        /// A monoio runtime.
        Monoio,
        /// An ntex system.
        Ntex,
        /// A tokio-uring runtime.
        TokioUring,
        /// The embassy time driver.
        Embassy,
        /// A browser.
        Wasm,
    }

    /// A set of types that share methods.
    pub enum Group {
        /// Everything that is a future.
        Future,
        /// Everything that is a stream.
        Stream,
        /// Everything that is a sink.
        Sink,
        /// Everything that is an iterator.
        Iterator,
        /// Types with sync `io`.
        SyncIo,
        /// Types with `io = "tokio"`.
        TokioIo,
        /// Types with `io = "futures"`.
        FuturesIo,
        /// Everything.
        Any,
    }
}
