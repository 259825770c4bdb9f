//! Bytes leave the process here: standard output, standard error, files.
//!
//! A reader that went away is no error. A file appears whole or not at all.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::render::sanitize;

use super::args::Color;
use super::color;
use super::engine::Error;

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
    let coloured = color::enabled(flag, &|name| std::env::var(name).ok(), stdout.is_terminal());
    let stripped = (!coloured).then(|| anstream::adapter::strip_bytes(bytes).into_vec());
    // Escape sequences hide what a line begins with, so commands are looked for once they are gone.
    let text = sanitize::without_commands(&String::from_utf8_lossy(stripped.as_deref().unwrap_or(bytes))).into_owned();
    let choice = if coloured { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
    let mut stream = anstream::AutoStream::new(stdout.lock(), choice);
    report(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
}

/// Whether standard output is a terminal that is known to show links, and may have escape sequences at all.
pub(super) fn shows_links(flag: Color) -> bool {
    let is_coloured = color::enabled(flag, &|name| std::env::var(name).ok(), io::stdout().is_terminal());
    is_coloured && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
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

/// Writes at the end of a file that others write to as well.
pub(super) fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
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

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Says why a run could not be done, and answers its exit code.
pub(super) fn failed(error: &Error) -> u8 {
    for (number, line) in error.to_string().lines().enumerate() {
        let start = if number == 0 { "error: " } else { "" };
        error_line(&format!("{start}{line}"));
    }
    error.exit_code()
}

/// A message on standard error, made harmless; nobody is told when that fails.
pub(super) fn error_line(text: &str) {
    let lines: Vec<_> = text.split('\n').map(sanitize::text).collect();
    error_text(&sanitize::without_commands(&format!("{}\n", lines.join("\n"))));
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
