//! The closed vocabularies of the catalogue: what a call, a type or an attribute can be said to do.
//!
//! They exist so that a rule matches on an enum and a typo in a TOML file is an error with a remedy.
//! Nothing here decides what a word implies for a caller; that is the linker's and the rules' business.

use serde::Deserialize;

/// Declares a closed vocabulary whose words are spelled in kebab-case in the TOML files.
macro_rules! words {
    ($($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vmeta])* $variant,)* }
        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }
    )*};
}

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
        /// Whatever the receiver's type says with `io`. Only in groups; never seen outside the loader.
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

    /// What a guard guards.
    pub enum GuardKind {
        /// A sync lock.
        Sync,
        /// A `RefCell`-like borrow.
        Refcell,
        /// A shard of a concurrent map.
        Map,
        /// A value of a watch channel.
        WatchRef,
        /// A memory reclamation epoch.
        Epoch,
        /// A standard stream.
        Stdio,
        /// An async lock.
        Async,
        /// A permit of a semaphore or a channel.
        Permit,
        /// A tracing span or another thread-local context.
        Span,
        /// The entered runtime of a thread.
        Enter,
        /// A token that is cancelled when the guard drops.
        Cancel,
        /// A background flusher.
        Flush,
        /// Runs a closure when it drops.
        Scope,
    }

    /// What kind of thing a type is, where a rule asks for it.
    pub enum TypeRole {
        /// The handle of a task.
        TaskHandle,
        /// A handle that can only abort.
        AbortHandle,
        /// A set that owns tasks.
        TaskSet,
        /// A set that owns futures and polls them itself.
        FutureSet,
        /// A tracker of tasks.
        TaskTracker,
        /// A cancellation token.
        CancelToken,
        /// A semaphore.
        Semaphore,
        /// A sync lock.
        SyncLock,
        /// An async lock.
        AsyncLock,
        /// A sending end.
        Sender,
        /// A receiving end.
        Receiver,
        /// The receiving end of a broadcast channel.
        BroadcastReceiver,
        /// A runtime.
        Runtime,
        /// A handle to a runtime.
        RuntimeHandle,
        /// The builder of a runtime.
        RuntimeBuilder,
        /// The builder of a child process.
        Command,
        /// A child process.
        Child,
        /// The handle of a thread.
        ThreadHandle,
        /// A listening socket.
        Listener,
        /// A timer future or a periodic timer.
        Timer,
        /// A writer that keeps bytes back until it is flushed.
        BufferedWriter,
        /// An atomic value.
        Atomic,
        /// A span.
        Span,
        /// A lazily initialised value, also as a static.
        Lazy,
        /// A future that is boxed or opaque.
        Future,
        /// A supervisor of tasks.
        Supervisor,
    }

    /// Which traits of bytes a type implements, and what waiting on it means.
    pub enum Io {
        /// Sync, over a file.
        Fs,
        /// Sync, over a socket.
        Net,
        /// Sync, over the pipe of a child.
        Process,
        /// Sync, over a standard stream.
        Stdio,
        /// Sync, panics in async code (a bridge that blocks on a runtime).
        Sync,
        /// Sync, over memory: never waits.
        Memory,
        /// tokio's async traits.
        Tokio,
        /// The async traits of the futures crate.
        Futures,
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

    /// How the arguments of a macro are to be read, and what it does with them.
    pub enum MacroShape {
        /// `select!` of tokio.
        Select,
        /// `select!` and `select_biased!` of futures.
        FuturesSelect,
        /// `select!` of crossbeam: blocks the thread.
        CrossbeamSelect,
        /// Awaits all arguments.
        Join,
        /// Awaits all arguments until one fails.
        TryJoin,
        /// Pins its arguments or its value.
        Pin,
        /// The body is async code that yields items.
        Stream,
        /// Formats its arguments.
        Format,
        /// Prints its arguments.
        Print,
        /// Records its arguments as a log event.
        Log,
        /// Makes a span.
        Span,
        /// Panics, perhaps on a condition.
        Assert,
        /// Panics always.
        Panic,
        /// Builds a collection of its arguments.
        List,
        /// A pattern test.
        Matches,
        /// Prints and gives back its arguments.
        Debug,
        /// Leaves the function with an error.
        Bail,
        /// Builds an error.
        Error,
        /// Holds items that are chosen by configuration.
        CfgIf,
        /// Declares lazily initialised statics.
        LazyStatic,
        /// Declares thread-local statics.
        ThreadLocal,
        /// Declares task-local statics.
        TaskLocal,
        /// Blocks: a shell command or a prompt.
        Blocking,
        /// A literal that is known when the program is built.
        Literal,
        /// Runs a closure at the end of the scope.
        Defer,
        /// Polls a value once.
        Poll,
        /// Writes formatted text into its first argument.
        Write,
    }

    /// What an attribute turns a function into.
    pub enum Entry {
        /// The entry point of a program; the attribute builds a runtime and blocks on the body.
        Main,
        /// A test; the attribute builds a runtime and blocks on the body.
        Test,
        /// A benchmark.
        Bench,
        /// A wrapper of another test attribute: says nothing about the runtime.
        TestWrapper,
        /// A task function.
        Task,
        /// A handler that a framework calls on a worker.
        Handler,
        /// A sync entry from another language.
        Foreign,
        /// Rewrites the async items below it, which stay async.
        Rewrite,
        /// Records a span around the body.
        Instrument,
    }

    /// The executor behind an attribute.
    pub enum RuntimeName {
        /// tokio.
        Tokio,
        /// actix (a single-threaded tokio).
        Actix,
        /// async-std.
        AsyncStd,
        /// smol.
        Smol,
        /// compio.
        Compio,
        /// monoio.
        Monoio,
        /// ntex.
        Ntex,
        /// glommio.
        Glommio,
        /// tokio-uring.
        TokioUring,
        /// embassy.
        Embassy,
        /// gpui.
        Gpui,
        /// madsim.
        Madsim,
        /// A browser.
        Wasm,
        /// futures' or pollster's one-future executors.
        Local,
    }

    /// How many threads run the tasks.
    pub enum Flavor {
        /// Several workers.
        MultiThread,
        /// One worker.
        CurrentThread,
        /// One worker, tasks that stay on their thread allowed.
        Local,
    }
}
