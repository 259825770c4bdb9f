//! Runs a built `asynclint` over a folder as a child: its report, wall time and peak memory.
//!
//! Never builds anything, and never runs anything of the folder.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::report::Report;

/// A folder and the name it goes by.
#[derive(Clone)]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

impl Project {
    /// Reads `NAME=FOLDER`, or `FOLDER` named by its last part.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, folder) = match text.split_once('=') {
            Some((name, folder)) => (name.to_owned(), PathBuf::from(folder)),
            None => {
                let folder = PathBuf::from(text);
                let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
                (name.ok_or_else(|| format!("`{text}` has no name; write NAME=FOLDER"))?, folder)
            }
        };
        if folder.is_dir() { Ok(Self { name, folder }) } else { Err(format!("{} is no folder", folder.display())) }
    }
}

/// What a run gave and what it cost.
pub(crate) struct Run {
    pub(crate) report: Report,
    pub(crate) wall: Duration,
    /// Peak resident memory in bytes.
    pub(crate) memory: u64,
}

/// Runs `bin check FOLDER --format json` with more arguments.
pub(crate) fn check(bin: &Path, folder: &Path, arguments: &[String]) -> Result<Run, String> {
    let at = |e: &dyn std::fmt::Display| format!("{} check {}: {e}", bin.display(), folder.display());
    // Files, not pipes: the child is never made to wait for its reader.
    let (mut out, mut err) = (tempfile::tempfile().map_err(|e| at(&e))?, tempfile::tempfile().map_err(|e| at(&e))?);
    let copy = |file: &File| file.try_clone().map(Stdio::from).map_err(|e| at(&e));
    let start = Instant::now();
    let mut child = Command::new(bin)
        .args(["check", "--format", "json", "--quiet", "--exit-zero"])
        .args(arguments)
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(copy(&out)?)
        .stderr(copy(&err)?)
        .spawn()
        .map_err(|e| at(&e))?;
    let ended = child.wait4().map_err(|e| at(&e))?;
    let wall = start.elapsed();
    out.rewind().map_err(|e| at(&e))?;
    let report = serde_json::from_reader(BufReader::new(out)).map_err(|e| {
        let mut said = String::new();
        let _ = err.rewind().and_then(|()| err.read_to_string(&mut said));
        at(&format!("{} without a readable report ({e}): {}", ended.status, said.trim()))
    })?;
    Ok(Run { report, wall, memory: ended.rusage.maxrss })
}
