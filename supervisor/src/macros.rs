//! The macros. Each is a textual drop-in: the future or closure is an expression that is evaluated
//! once, where the call stands, and the result is a handle. Never puts user code into a closure.

/// The static of this place. Not part of the public interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    () => {
        $crate::__site!(::core::concat!(::core::module_path!(), ":", ::core::line!()))
    };
    ($name:expr) => {{
        static SITE: $crate::Site = $crate::Site::new($name, ::core::file!(), ::core::line!(), ::core::column!());
        fn here() {}
        SITE.seen($crate::__private::type_name_of_val(&here))
    }};
}

/// Turns the first argument of a spawn macro into a task. Not part of the public interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __task {
    ($name:literal) => {
        $crate::Task::at($crate::__site!($name))
    };
    ($task:expr) => {
        $crate::IntoTask::into_task($task, $crate::__site!())
    };
}

/// Evaluates task and work in this order, finds the reporter, calls. Not part of the public
/// interface. The traits come into scope only after both have been evaluated.
#[doc(hidden)]
#[macro_export]
macro_rules! __spawn {
    ($probe:ident, $task:expr, $work:expr, |$t:ident, $w:ident, $r:ident| $call:expr) => {
        match $task {
            $t => match $work {
                $w => {
                    let $r = {
                        use $crate::__private::levels::*;
                        (&&&&&&&&&&&&&&&&$crate::__private::$probe(&$w)).__asynclint_supervisor_reporter()
                    };
                    $call
                }
            },
        }
    };
}

/// The argument lists that all spawn macros share; `$option` is called on the task. Not part of
/// the public interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __each {
    ($probe:ident, $entry:ident, {$($option:tt)*}, in $sup:expr, $name:literal, $work:expr $(,)?) => {
        $crate::__spawn!(
            $probe, $crate::__task!($name).in_(&$sup)$($option)*, $work,
            |task, work, via| $crate::__private::$entry(task, work, via)
        )
    };
    ($probe:ident, $entry:ident, {$($option:tt)*}, in $sup:expr, $task:expr, $work:expr $(,)?) => {
        $crate::__spawn!(
            $probe, $crate::__task!($task).in_(&$sup)$($option)*, $work,
            |task, work, via| $crate::__private::$entry(task, work, via)
        )
    };
    ($probe:ident, $entry:ident, {$($option:tt)*}, $name:literal, $work:expr $(,)?) => {
        $crate::__spawn!(
            $probe, $crate::__task!($name)$($option)*, $work,
            |task, work, via| $crate::__private::$entry(task, work, via)
        )
    };
    ($probe:ident, $entry:ident, {$($option:tt)*}, $task:expr, $work:expr $(,)?) => {
        $crate::__spawn!(
            $probe, $crate::__task!($task)$($option)*, $work,
            |task, work, via| $crate::__private::$entry(task, work, via)
        )
    };
    ($probe:ident, $entry:ident, {$($option:tt)*}, $work:expr $(,)?) => {
        $crate::__spawn!(
            $probe, $crate::Task::at($crate::__site!())$($option)*, $work,
            |task, work, via| $crate::__private::$entry(task, work, via)
        )
    };
}

/// Spawns a task on the current runtime, named, tracked and accounted for.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use asynclint_supervisor::{spawn, task};
/// let handle = spawn!("sum", async { 1 + 2 });
/// assert_eq!(handle.await, Ok(3));
/// spawn!(async { /* named after module and line */ });
/// spawn!(task!("mail").detail("user 7").timeout(std::time::Duration::from_secs(30)), async {});
/// # }
/// ```
///
/// Takes any future that `tokio::spawn` takes, with any output. An error nobody awaits is logged
/// with the best formatter it has. `spawn!(in supervisor, "name", future)` spawns elsewhere than
/// in the ambient supervisor.
///
/// # Panics
/// Outside of a runtime, as `tokio::spawn` does, unless the supervisor knows a runtime
/// ([`crate::managed`], [`crate::run`], [`crate::Builder::build`] inside one).
#[macro_export]
macro_rules! spawn {
    ($($arguments:tt)+) => {
        $crate::__each!(of_future, spawn, {}, $($arguments)+)
    };
}

/// As [`spawn!`], for a task that is endless by intent: aborted when draining begins; if it ends
/// before, that is a warning and a [`crate::Problem`].
#[macro_export]
macro_rules! spawn_daemon {
    ($($arguments:tt)+) => {
        $crate::__each!(of_future, spawn, {.daemon()}, $($arguments)+)
    };
}

/// As [`spawn!`], for a blocking closure: `tokio::task::spawn_blocking`. A timeout has no effect
/// on it, and nothing can abort it once it has begun.
#[macro_export]
macro_rules! spawn_blocking {
    ($($arguments:tt)+) => {
        $crate::__each!(of_closure, spawn_blocking, {}, $($arguments)+)
    };
}

/// As [`spawn!`], for a future that is not `Send`: `tokio::task::spawn_local`.
#[macro_export]
macro_rules! spawn_local {
    ($($arguments:tt)+) => {
        $crate::__each!(of_future, spawn_local, {}, $($arguments)+)
    };
}

/// As [`spawn!`], on a given runtime: a `Handle`, a `Runtime`, or a pointer to one.
#[macro_export]
macro_rules! spawn_on {
    ($on:expr, $name:literal, $future:expr $(,)?) => {
        match &$on {
            on => $crate::__spawn!(of_future, $crate::__task!($name), $future, |task, work, via| {
                $crate::__private::spawn_on(on, task, work, via)
            }),
        }
    };
    ($on:expr, $task:expr, $future:expr $(,)?) => {
        match &$on {
            on => $crate::__spawn!(of_future, $crate::__task!($task), $future, |task, work, via| {
                $crate::__private::spawn_on(on, task, work, via)
            }),
        }
    };
}

/// As [`spawn!`], but waits while `max` tasks of this place are running: back-pressure for accept
/// loops. The result is a future of the handle.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// for _ in 0..10 {
///     asynclint_supervisor::spawn_bounded!("connection", max = 2, async {}).await;
/// }
/// # }
/// ```
#[macro_export]
macro_rules! spawn_bounded {
    ($name:literal, max = $max:expr, $future:expr $(,)?) => {{
        static LIMIT: $crate::__private::Semaphore = $crate::__private::Semaphore::const_new($max);
        $crate::__spawn!(of_future, $crate::__task!($name), $future, |task, work, via| {
            $crate::__private::spawn_bounded(&LIMIT, task, work, via)
        })
    }};
    ($task:expr, max = $max:expr, $future:expr $(,)?) => {{
        static LIMIT: $crate::__private::Semaphore = $crate::__private::Semaphore::const_new($max);
        $crate::__spawn!(of_future, $crate::__task!($task), $future, |task, work, via| {
            $crate::__private::spawn_bounded(&LIMIT, task, work, via)
        })
    }};
}

/// As [`spawn!`], but never panics: where it cannot spawn it hands the future back in a
/// [`crate::SpawnError`].
#[macro_export]
macro_rules! try_spawn {
    ($($arguments:tt)+) => {
        $crate::__each!(of_future, try_spawn, {}, $($arguments)+)
    };
}

/// For `Drop`: spawns asynchronous cleanup and never panics. Without a runtime, or when it is too
/// late, the loss is counted and logged as an error.
#[macro_export]
macro_rules! spawn_cleanup {
    ($($arguments:tt)+) => {
        $crate::__each!(of_future, spawn_cleanup, {}, $($arguments)+)
    };
}

/// Accounts for a future that another executor runs; its output is unchanged. An error in it is
/// logged at once, because nobody can know whether the other executor's handle is read.
#[macro_export]
macro_rules! track {
    ($($arguments:tt)+) => {
        $crate::__each!(of_future, track, {}, $($arguments)+)
    };
}

/// Looks at a result that would else be thrown away: logs and counts every error in it (also
/// nested ones and those in a `Vec`), and gives the good part back.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use asynclint_supervisor::{observe, spawn};
/// let handle = spawn!("parse", async { "7".parse::<u8>() });
/// assert_eq!(observe!("parse", handle.await), Some(7));
/// # }
/// ```
#[macro_export]
macro_rules! observe {
    ($context:literal, $value:expr $(,)?) => {
        match $value {
            value => {
                let via = {
                    use $crate::__private::levels::*;
                    (&&&&&&&&&&&&&&&&$crate::__private::of_value(&value)).__asynclint_supervisor_reporter()
                };
                $crate::__private::observe($crate::__site!($context), value, via)
            }
        }
    };
}

/// Describes a task: the name, then options. Taken by every spawn macro in the place of the name.
///
/// ```
/// # use asynclint_supervisor::task;
/// let task = task!("upload").detail("report.pdf").critical();
/// # let _ = task;
/// ```
#[macro_export]
macro_rules! task {
    ($name:expr) => {
        $crate::Task::at($crate::__site!($name))
    };
}
