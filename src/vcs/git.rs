//! git, called so that nothing which lies in the repository is executed.
//!
//! Only commands that read objects and references. Variables of a hook or of a stranger's shell that would lead git elsewhere are
//! taken away.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::Error;

/// Settings of the repository that name programs, switched off.
const SAFE: [&str; 10] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.sshCommand=false",
    "-c",
    "credential.helper=",
    "-c",
    "protocol.allow=never",
];

/// Variables that lead git to another repository, or to programs.
const TAKEN_AWAY: [&str; 11] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_SSH_COMMAND",
    "GIT_PAGER",
];

fn command(root: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("--no-pager").arg("--literal-pathspecs").args(SAFE).arg("-C").arg(root);
    for name in TAKEN_AWAY {
        git.env_remove(name);
    }
    git.env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        // A partial clone would fetch what is missing, with programs that its configuration names.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("LC_ALL", "C");
    if let Some(above) = root.parent() {
        // The repository of the analysis root, or none.
        git.env("GIT_CEILING_DIRECTORIES", above);
    }
    git
}

/// Runs a command and answers what it printed; the error is what git said.
pub(super) fn run(root: &Path, arguments: &[&OsStr]) -> Result<Vec<u8>, Error> {
    let output = command(root).args(arguments).stdin(Stdio::null()).output().map_err(|e| not_started(&e))?;
    if output.status.success() { Ok(output.stdout) } else { Err(said(&output)) }
}

/// Runs a command that reads `input`. It is fed from a thread of its own, because both pipes may fill up.
pub(super) fn fed(root: &Path, arguments: &[&OsStr], input: &[u8]) -> Result<Vec<u8>, Error> {
    let mut git = command(root);
    git.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(|e| not_started(&e))?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // When git ends early, its own words say why.
            stdin.map(|mut stdin| stdin.write_all(input))
        });
        child.wait_with_output()
    });
    let output = output.map_err(|e| not_started(&e))?;
    if output.status.success() { Ok(output.stdout) } else { Err(said(&output)) }
}

fn not_started(error: &std::io::Error) -> Error {
    Error(format!("git cannot be run: {error}; it is needed to know what is new"))
}

fn said(output: &Output) -> Error {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Error(format!("git: {}", line.trim_start_matches("fatal: ")))
}
