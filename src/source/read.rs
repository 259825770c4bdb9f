//! Opens one file safely and reads it as text.
//!
//! Only regular files are opened: the type is looked at before the open (opening a pipe would block) and again on the
//! handle. Never more than the limit and one byte is read, so that a sparse or endless file cannot fill the memory.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::problem::Problem;
use crate::base::ProblemKind;

/// Why a file gave no text.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: ProblemKind,
    pub(super) message: String,
    /// The first byte that is not UTF-8.
    pub(super) offset: Option<usize>,
}

impl Failure {
    fn new(kind: ProblemKind, message: String) -> Self {
        Self { kind, message, offset: None }
    }

    pub(super) fn io(cause: &io::Error) -> Self {
        Self::new(ProblemKind::Unreadable, format!("cannot be read: {}", cause_text(cause)))
    }

    /// As a problem of the file that is shown as `path`.
    pub(super) fn problem(self, path: String) -> Problem {
        let problem = Problem::at_path(self.kind, path, self.message);
        match self.offset {
            Some(at) => problem.with_bytes(at, at + 1),
            None => problem,
        }
    }

    pub(super) fn not_a_file() -> Self {
        Self::new(ProblemKind::NotAFile, "is not a regular file and was not opened".to_owned())
    }
}

/// What the system said, without the number that differs between systems.
pub(super) fn cause_text(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        kind => kind.to_string(),
    }
}

/// Reads a file whose type nobody has looked at yet. A link is not followed.
pub(super) fn read_unknown(path: &Path, limit: u64) -> Result<Arc<str>, Failure> {
    let meta = std::fs::symlink_metadata(path).map_err(|e| Failure::io(&e))?;
    if !meta.file_type().is_file() {
        return Err(Failure::not_a_file());
    }
    read_regular(path, limit)
}

/// Reads a file that was a regular one when the folder was listed.
pub(super) fn read_regular(path: &Path, limit: u64) -> Result<Arc<str>, Failure> {
    let file = File::open(path).map_err(|e| Failure::io(&e))?;
    let meta = file.metadata().map_err(|e| Failure::io(&e))?;
    if !meta.is_file() {
        return Err(Failure::not_a_file());
    }
    let too_large =
        || Failure::new(ProblemKind::TooLarge, format!("is larger than the limit of {limit} bytes and was not read"));
    if meta.len() > limit {
        return Err(too_large());
    }
    BUFFER.with_borrow_mut(|bytes| {
        bytes.clear();
        file.take(limit.saturating_add(1)).read_to_end(bytes).map_err(|e| Failure::io(&e))?;
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
        decode(bytes)
    })
}

thread_local! {
    // The text is copied into its `Arc` anyway; fresh memory for each file would double the page faults.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn decode(bytes: &[u8]) -> Result<Arc<str>, Failure> {
    std::str::from_utf8(bytes).map(Arc::from).map_err(|error| {
        let at = error.valid_up_to();
        Failure {
            kind: ProblemKind::NotUtf8,
            message: format!("is not UTF-8: byte {at} starts no character"),
            offset: Some(at),
        }
    })
}

/// True when one of the first ten lines says that a program wrote the file.
pub(super) fn is_generated(text: &str) -> bool {
    // Assembled, so that this file does not say it of itself.
    const MARK: &str = concat!("@", "generated");
    text.lines().take(10).any(|line| line.contains(MARK))
}
