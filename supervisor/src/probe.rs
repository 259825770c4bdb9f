//! Finds, for any output type, the best way to tell and to print an error in it: autoref
//! specialisation, from the exact `()` down to "anything". Never asks a bound of the user's type.
//!
//! The order of the levels matters. The first is exactly `()`: the output of an endless block is
//! an open inference variable, and a level with a single implementation closes it instead of
//! being ambiguous. The method names are unusable by others, so that a blanket trait in the
//! user's scope cannot hijack them.

use crate::outcome::TaskError;
use std::any::Any;
use std::error::Error;
use std::fmt::{Debug, Display, Write};
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;

/// One error found in an output.
#[derive(Debug)]
pub struct Fault {
    /// The error, printed.
    pub text: String,
    /// An ERROR or WARN line about it has been written before.
    pub logged: bool,
}

/// How to find the errors in a `T`.
pub trait Report<T>: Copy + Send + Sync + 'static {
    /// What `observe!` gives back.
    type Kept;
    /// Is there an error in it? Must be cheap: asked for every task.
    fn failed(value: &T) -> bool;
    /// Prints every error in it.
    fn faults(value: &T, sink: &mut dyn FnMut(Fault));
    /// The value without its errors.
    fn keep(value: T) -> Self::Kept;
}

/// Carries the output type to the method lookup.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

/// A probe for the output of a future.
pub fn of_future<F: Future>(_: &F) -> Probe<F::Output> {
    Probe(PhantomData)
}

/// A probe for the result of a closure.
pub fn of_closure<F: FnOnce() -> T, T>(_: &F) -> Probe<T> {
    Probe(PhantomData)
}

/// A probe for a value.
pub fn of_value<T>(_: &T) -> Probe<T> {
    Probe(PhantomData)
}

fn fault(text: String) -> Fault {
    Fault { text, logged: false }
}

fn chain<E: Error + 'static>(error: &E) -> Fault {
    let logged = is_logged(error);
    Fault { text: chain_text(error), logged }
}

fn is_logged<E: 'static>(error: &E) -> bool {
    (error as &dyn Any).downcast_ref::<TaskError>().is_some_and(TaskError::already_logged)
}

fn chain_text<E: Error + ?Sized>(error: &E) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Many errors print their source themselves.
        if !text.ends_with(&cause_text) {
            let _infallible = write!(text, ": {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn display<E: Display>(error: &E) -> Fault {
    fault(format!("{error:#}"))
}

/// Beside an error that is only `Display`, the other one may still be a `TaskError`.
fn shown<E: Display + 'static>(error: &E) -> Fault {
    Fault { text: format!("{error:#}"), logged: is_logged(error) }
}

fn seen<E: Debug + 'static>(error: &E) -> Fault {
    Fault { text: format!("{error:?}"), logged: is_logged(error) }
}

fn debug<E: Debug>(error: &E) -> Fault {
    fault(format!("{error:?}"))
}

/// Without any bound, the name of the type says whether it is a `Result`, and the printed
/// discriminant which variant. Should either text ever change, the answer degrades to "no error".
fn opaque_is_err<T>(value: &T) -> bool {
    std::any::type_name::<T>().starts_with("core::result::Result<")
        && format!("{:?}", std::mem::discriminant(value)) != "Discriminant(0)"
}

macro_rules! level {
    (
        $(#[$doc:meta])* $Level:ident, $Via:ident, [$($refs:tt)*], [$($generics:tt)*], $T:ty, $Kept:ty,
        failed: $failed:expr, faults: $faults:expr, keep: $keep:expr
    ) => {
        $(#[$doc])*
        pub trait $Level {
            /// The reporter.
            type Via;
            /// Chooses this level.
            fn __asynclint_supervisor_reporter(&self) -> Self::Via;
        }
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Via;
        impl<$($generics)*> $Level for $($refs)* Probe<$T> {
            type Via = $Via;
            fn __asynclint_supervisor_reporter(&self) -> $Via {
                $Via
            }
        }
        impl<$($generics)*> Report<$T> for $Via {
            type Kept = $Kept;
            #[inline]
            fn failed(value: &$T) -> bool {
                let failed: fn(&$T) -> bool = $failed;
                failed(value)
            }
            fn faults(value: &$T, sink: &mut dyn FnMut(Fault)) {
                let faults: fn(&$T, &mut dyn FnMut(Fault)) = $faults;
                faults(value, sink);
            }
            fn keep(value: $T) -> $Kept {
                let keep: fn($T) -> $Kept = $keep;
                keep(value)
            }
        }
    };
}

macro_rules! result_level {
    ($Level:ident, $Via:ident, [$($refs:tt)*], [$($bound:tt)*], $print:expr) => {
        level!(
            /// A `Result`.
            $Level, $Via, [$($refs)*], [T, E: $($bound)*], Result<T, E>, Option<T>,
            failed: Result::is_err,
            faults: |value, sink| if let Err(error) = value { sink($print(error)) },
            keep: Result::ok
        );
    };
}

macro_rules! nested_level {
    ($Level:ident, $Via:ident, [$($refs:tt)*], [$($bound:tt)*], $print:expr) => {
        level!(
            /// What awaiting a handle gives: a `Result` in a `Result`.
            $Level, $Via, [$($refs)*], [T, E: $($bound)*, J: $($bound)*],
            Result<Result<T, E>, J>, Option<T>,
            failed: |value| !matches!(value, Ok(Ok(_))),
            faults: |value, sink| match value {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => sink($print(error)),
                Err(error) => sink($print(error)),
            },
            keep: |value| value.ok().and_then(Result::ok)
        );
    };
}

macro_rules! many_level {
    ($Level:ident, $Via:ident, [$($refs:tt)*], [$($bound:tt)*], $print:expr) => {
        level!(
            /// The results of `join_all`.
            $Level, $Via, [$($refs)*], [T, E: $($bound)*], Vec<Result<T, E>>, Vec<T>,
            failed: |value| value.iter().any(Result::is_err),
            faults: |value, sink| value
                .iter()
                .filter_map(|each| each.as_ref().err())
                .for_each(|error| sink($print(error))),
            keep: |value| value.into_iter().filter_map(Result::ok).collect()
        );
    };
}

macro_rules! many_nested_level {
    ($Level:ident, $Via:ident, [$($refs:tt)*], [$($bound:tt)*], $print:expr) => {
        level!(
            /// The results of `join_all` over handles.
            $Level, $Via, [$($refs)*], [T, E: $($bound)*, J: $($bound)*],
            Vec<Result<Result<T, E>, J>>, Vec<T>,
            failed: |value| !value.iter().all(|each| matches!(each, Ok(Ok(_)))),
            faults: |value, sink| {
                for each in value {
                    match each {
                        Ok(Ok(_)) => {}
                        Ok(Err(error)) => sink($print(error)),
                        Err(error) => sink($print(error)),
                    }
                }
            },
            keep: |value| value.into_iter().flatten().filter_map(Result::ok).collect()
        );
    };
}

level!(
    /// Exactly `()`.
    ProbeUnit, ViaUnit, [&&&&&&&&&&&&&&&], [], (), (),
    failed: |_| false, faults: |_, _| {}, keep: |()| ()
);
many_nested_level!(ProbeVecNestedError, ViaVecNestedError, [&&&&&&&&&&&&&&], [Error + 'static], chain);
many_nested_level!(ProbeVecNestedDisplay, ViaVecNestedDisplay, [&&&&&&&&&&&&&], [Display + 'static], shown);
many_nested_level!(ProbeVecNestedDebug, ViaVecNestedDebug, [&&&&&&&&&&&&], [Debug + 'static], seen);
nested_level!(ProbeNestedError, ViaNestedError, [&&&&&&&&&&&], [Error + 'static], chain);
nested_level!(ProbeNestedDisplay, ViaNestedDisplay, [&&&&&&&&&&], [Display + 'static], shown);
nested_level!(ProbeNestedDebug, ViaNestedDebug, [&&&&&&&&&], [Debug + 'static], seen);
many_level!(ProbeVecError, ViaVecError, [&&&&&&&&], [Error + 'static], chain);
many_level!(ProbeVecDisplay, ViaVecDisplay, [&&&&&&&], [Display], display);
many_level!(ProbeVecDebug, ViaVecDebug, [&&&&&&], [Debug], debug);
result_level!(ProbeError, ViaError, [&&&&&], [Error + 'static], chain);
level!(
    /// A `Result` whose error points to one: `Box<dyn Error>`, `anyhow::Error`.
    ProbePointer, ViaPointer, [&&&&], [T, E: Deref<Target: Error>], Result<T, E>, Option<T>,
    failed: Result::is_err,
    faults: |value, sink| if let Err(error) = value { sink(fault(chain_text(&**error))) },
    keep: Result::ok
);
result_level!(ProbeDisplay, ViaDisplay, [&&&], [Display], display);
result_level!(ProbeDebug, ViaDebug, [&&], [Debug], debug);
level!(
    /// A `Result` whose error says nothing about itself.
    ProbeResult, ViaResult, [&], [T, E], Result<T, E>, Option<T>,
    failed: Result::is_err,
    faults: |value, sink| if value.is_err() { sink(fault(std::any::type_name::<E>().into())) },
    keep: Result::ok
);
level!(
    /// Anything.
    ProbeAny, ViaAny, [], [T], T, T,
    failed: opaque_is_err,
    faults: |value, sink| if opaque_is_err(value) { sink(fault(std::any::type_name::<T>().into())) },
    keep: |value| value
);

/// Reports nothing: for tasks whose value is judged elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ViaNothing;

impl<T> Report<T> for ViaNothing {
    type Kept = T;
    fn failed(_: &T) -> bool {
        false
    }
    fn faults(_: &T, _: &mut dyn FnMut(Fault)) {}
    fn keep(value: T) -> T {
        value
    }
}

/// All errors of a value in one line. A formatter that panics must not lose the task.
pub(crate) fn describe<T, R: Report<T>>(value: &T) -> String {
    let mut text = String::new();
    let printed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        R::faults(value, &mut |fault| {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(&fault.text);
        });
    }));
    match printed {
        Ok(()) => text,
        Err(_) => "<error formatting panicked>".into(),
    }
}
