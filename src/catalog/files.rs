//! The built-in files, compiled into the program.
//!
//! A file that lies in `rules/apis` but is not named here is found by a test.

/// Embeds the files of `rules/apis` by name.
macro_rules! embedded {
    ($($file:literal,)*) => {
        &[$(($file, include_str!(concat!("../../rules/apis/", $file))),)*]
    };
}

/// Name and text of each file.
#[rustfmt::skip]
pub(super) const BUILTIN: &[(&str, &str)] = embedded![
    "blocking.toml",
    "clients.toml",
    "companion.toml",
    "compression.toml",
    "db.toml",
    "futures.toml",
    "http.toml",
    "runtimes.toml",
    "std-io.toml",
    "std-sync.toml",
    "std.toml",
    "sync.toml",
    "tokio-io.toml",
    "tokio-util.toml",
    "tokio.toml",
    "tracing.toml",
    "values.toml",
    "web.toml",
];
