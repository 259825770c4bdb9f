//! The bound of the method form: outputs that can say whether they are an error. Never needed by
//! the macros, which take any output.

use crate::probe::{Fault, Report};
use std::fmt::Debug;

/// The output of a task spawned with [`crate::Supervisor::spawn`].
#[diagnostic::on_unimplemented(
    message = "the method form cannot tell whether `{Self}` is an error",
    note = "`asynclint_supervisor::spawn!(in supervisor, \"name\", future)` takes any output"
)]
pub trait TaskOutcome {
    /// The error, printed; `None` if there is none.
    fn fault(&self) -> Option<String>;
}

macro_rules! never_fails {
    ($($ty:ty),+ $(,)?) => {
        $(impl TaskOutcome for $ty {
            fn fault(&self) -> Option<String> {
                None
            }
        })+
    };
}

never_fails!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    String,
    &'static str,
    std::time::Duration
);

/// Names the type `!` on stable.
pub trait Returns {
    /// What the function returns.
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

impl TaskOutcome for <fn() -> ! as Returns>::Output {
    fn fault(&self) -> Option<String> {
        *self
    }
}

impl<T: TaskOutcome> TaskOutcome for Option<T> {
    fn fault(&self) -> Option<String> {
        self.as_ref().and_then(TaskOutcome::fault)
    }
}

impl<T, E: Debug> TaskOutcome for Result<T, E> {
    fn fault(&self) -> Option<String> {
        self.as_ref().err().map(|error| format!("{error:?}"))
    }
}

impl<T: TaskOutcome> TaskOutcome for Vec<T> {
    fn fault(&self) -> Option<String> {
        let faults: Vec<String> = self.iter().filter_map(TaskOutcome::fault).collect();
        (!faults.is_empty()).then(|| faults.join("; "))
    }
}

macro_rules! tuples {
    ($(($($name:ident),+)),+ $(,)?) => {
        $(impl<$($name: TaskOutcome),+> TaskOutcome for ($($name,)+) {
            #[expect(non_snake_case, reason = "the type parameters name the fields")]
            fn fault(&self) -> Option<String> {
                let ($($name,)+) = self;
                let faults: Vec<String> = [$($name.fault()),+].into_iter().flatten().collect();
                (!faults.is_empty()).then(|| faults.join("; "))
            }
        })+
    };
}

tuples!((A), (A, B), (A, B, C), (A, B, C, D), (A, B, C, D, E), (A, B, C, D, E, F));

/// Reports through [`TaskOutcome`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ViaOutcome;

impl<T: TaskOutcome> Report<T> for ViaOutcome {
    type Kept = T;
    fn failed(value: &T) -> bool {
        value.fault().is_some()
    }
    fn faults(value: &T, sink: &mut dyn FnMut(Fault)) {
        if let Some(text) = value.fault() {
            sink(Fault { text, logged: false });
        }
    }
    fn keep(value: T) -> T {
        value
    }
}
