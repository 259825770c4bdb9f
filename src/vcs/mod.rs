//! What changed: the files of an earlier revision, and the lines of a patch.
//!
//! The only room that starts a process, and the only process is git, asked for objects by id: it runs no hook, no filter, no
//! pager, no external diff, and fetches nothing, whatever the repository's configuration says. It knows nothing of findings.

mod git;
mod patch;
mod revision;

pub use patch::Patch;
pub use revision::{Commit, Since, TreeFile, files, resolve};

/// Why the earlier state is not known, with what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error(pub String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
