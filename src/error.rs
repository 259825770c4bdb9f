//! `Error`: why a run could not be done at all.
//!
//! Only the edge (arguments, configuration, input that is not there, output that cannot be written) answers with it.
//! The stages between never do: what is wrong with one file or one manifest is a `source::Problem`, and the run goes on.

use std::path::PathBuf;

use crate::source::Problem;

/// Why nothing was checked. `exit_code` follows the table of the command line.
#[derive(Debug)]
pub enum Error {
    /// A path on the command line that does not exist.
    MissingPath {
        /// As the user typed it.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// No Rust file under the paths, or none that could be read.
    NothingFound {
        /// What went wrong on the way; to be shown.
        problems: Vec<Problem>,
    },
    /// A pattern of `--exclude`, `--package` or the configuration that cannot be read.
    BadPattern {
        /// As written.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// `--package` names no package of the workspaces that were read.
    UnknownPackage {
        /// As written.
        pattern: String,
    },
    /// Any other wrong use of the command line or of the configuration.
    Usage(String),
    /// A result that could not be written.
    Output {
        /// Where it should have gone; empty for stdout.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl Error {
    /// The exit code of a run that ends with this error.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::MissingPath { .. }
            | Self::BadPattern { .. }
            | Self::UnknownPackage { .. }
            | Self::Usage(_)
            | Self::Output { .. } => 2,
            Self::NothingFound { .. } => 3,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MissingPath { path, cause } => write!(f, "cannot open `{}`: {cause}", path.display()),
            Self::NothingFound { .. } => f.write_str("nothing to check: no Rust file that can be read under the paths"),
            Self::BadPattern { pattern, message } => write!(f, "the pattern `{pattern}` cannot be read: {message}"),
            Self::UnknownPackage { pattern } => write!(f, "no package is named `{pattern}`"),
            Self::Usage(message) => f.write_str(message),
            Self::Output { path, cause } if path.as_os_str().is_empty() => write!(f, "cannot write to stdout: {cause}"),
            Self::Output { path, cause } => write!(f, "cannot write `{}`: {cause}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::MissingPath { cause, .. } | Self::Output { cause, .. } => Some(cause),
            Self::NothingFound { .. } | Self::BadPattern { .. } | Self::UnknownPackage { .. } | Self::Usage(_) => None,
        }
    }
}
