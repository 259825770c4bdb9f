//! Bytes leave the process here: standard output, standard error, files.
//!
//! A reader that went away is no error. A file appears whole or not at all.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::render::sanitize;

use super::args::Color;
use super::color;

/// How writing to standard output ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Written {
    /// All of it arrived, or the reader had enough.
    Fine,
    /// The device is full, or the like.
    Failed,
}

/// Writes `bytes` to standard output, with or without their escape sequences.
pub(super) fn standard(bytes: &[u8], flag: Color) -> Written {
    let stdout = io::stdout();
    let choice = match color::enabled(flag, &|name| std::env::var(name).ok(), stdout.is_terminal()) {
        true => anstream::ColorChoice::Always,
        false => anstream::ColorChoice::Never,
    };
    let mut stream = anstream::AutoStream::new(stdout.lock(), choice);
    report(stream.write_all(bytes).and_then(|()| stream.flush()))
}

/// Writes `bytes` to standard output as they are.
pub(super) fn raw(bytes: &[u8]) -> Written {
    let mut stdout = io::stdout().lock();
    report(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

fn report(result: io::Result<()>) -> Written {
    match result {
        Ok(()) => Written::Fine,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Written::Fine,
        Err(error) => {
            error_line(&format!("error: cannot write to standard output: {error}"));
            Written::Failed
        }
    }
}

/// Writes a file so that nobody ever sees half of it.
pub(super) fn file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A device or pipe (`-o json:/dev/stderr`) cannot be replaced, only written to.
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mut temporary = tempfile::Builder::new().prefix(".asynclint-").tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    readable(temporary.path(), path)?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file is private; the result gets the mode of the file it replaces, or the usual one.
#[cfg(unix)]
fn readable(temporary: &Path, target: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(target).map_or(0o644, |old| old.permissions().mode());
    std::fs::set_permissions(temporary, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn readable(_temporary: &Path, _target: &Path) -> io::Result<()> {
    Ok(())
}

/// A line on standard error; nobody is told when that fails.
pub(super) fn error_line(text: &str) {
    error_text(&format!("{text}\n"));
}

/// Text on standard error; nobody is told when that fails.
pub(super) fn error_text(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a patch to standard output: as it is for programs, harmless for terminals.
pub(super) fn patch(text: &str) -> Written {
    if !io::stdout().is_terminal() {
        return raw(text.as_bytes());
    }
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(line) => format!("{}\n", sanitize::source_line(line)),
        None => sanitize::source_line(line).into_owned(),
    });
    raw(lines.collect::<String>().as_bytes())
}
