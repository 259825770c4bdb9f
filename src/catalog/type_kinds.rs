//! The closed vocabularies of types, macros and attributes.
//!
//! They exist so that a rule matches on an enum and a typo in a TOML file is an error with a remedy.
//! Nothing here decides what a word implies; that is the linker's and the rules' business.

use serde::Deserialize;

use super::words::words;

words! {
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
