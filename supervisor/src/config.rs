//! The settings that a program may read from a file. Never read from the environment.

use std::time::Duration;

/// Settings of a supervisor. With the feature `serde` it can be part of a program's own
/// configuration: durations are numbers of seconds, unknown keys are errors, missing keys take
/// the default.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Config {
    /// At most so many tasks run at once; the others wait in a queue. Default: no limit.
    pub max_concurrent: Option<usize>,
    /// At most so many tasks wait in that queue; further ones are refused. Default: 10 000.
    pub pending_limit: usize,
    /// The time limit of a task that sets none itself; daemons and services have none.
    /// Default: none.
    #[cfg_attr(feature = "serde", serde(with = "optional_seconds"))]
    pub default_timeout: Option<Duration>,
    /// How often the status line is written while `enable_monitoring` is on. Default: 60 s.
    #[cfg_attr(feature = "serde", serde(with = "seconds"))]
    pub cleanup_interval: Duration,
    /// Writes the status line. Default: off.
    pub enable_monitoring: bool,
    /// How long a shutdown waits for tasks to end by themselves. Default: 10 s.
    #[cfg_attr(feature = "serde", serde(with = "seconds"))]
    pub grace: Duration,
    /// How long a shutdown waits for aborted tasks. Default: 1 s.
    #[cfg_attr(feature = "serde", serde(with = "seconds"))]
    pub abort_grace: Duration,
    /// How often a shutdown that waits says what it waits for. Default: 5 s.
    #[cfg_attr(feature = "serde", serde(with = "seconds"))]
    pub progress_interval: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_concurrent: None,
            pending_limit: 10_000,
            default_timeout: None,
            cleanup_interval: Duration::from_secs(60),
            enable_monitoring: false,
            grace: Duration::from_secs(10),
            abort_grace: Duration::from_secs(1),
            progress_interval: Duration::from_secs(5),
        }
    }
}

/// Which tracing span a task runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanMode {
    /// The span that is current where the task is spawned; costs nothing when there is none.
    #[default]
    Current,
    /// A new span `task` with the name and id of the task, child of the current one.
    Task,
    /// None.
    None,
}

#[cfg(feature = "serde")]
mod seconds {
    use serde::{de::Error, Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(value: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_f64(value.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        checked(f64::deserialize(d)?)
    }

    pub(super) fn checked<E: Error>(seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds).map_err(E::custom)
    }
}

#[cfg(feature = "serde")]
mod optional_seconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(value: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
        value.map(|d| d.as_secs_f64()).serialize(s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
        Option::<f64>::deserialize(d)?.map(super::seconds::checked).transpose()
    }
}
