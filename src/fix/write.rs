//! Changes reach the disk: each file is replaced as a whole, and only if it still is what was analysed.
//!
//! A kill at any moment leaves every file old or new. An interrupt is obeyed between two files, never inside one.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Change;

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    /// The file has its new text.
    Done,
    /// It has, and its other names keep the old text.
    Unlinked,
    /// It was left as it is.
    Skipped(String),
    /// An interrupt came before its turn.
    Interrupted,
}

/// Writes every change, in order; the answer has one entry for each. `backup` keeps the old text beside it as `.orig`.
pub fn all(changes: &[Change], backup: bool) -> Vec<Written> {
    let stop = Stop::listen();
    changes
        .iter()
        .map(|change| match stop.came() {
            true => Written::Interrupted,
            false => one(change, backup).unwrap_or_else(|error| Written::Skipped(cause(&error))),
        })
        .collect()
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is gone".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        kind => kind.to_string(),
    }
}

/// The file cannot be written, by its mode.
pub fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.permissions().readonly())
}

fn one(change: &Change, backup: bool) -> io::Result<Written> {
    // A link is followed: what it points to is replaced, not the link.
    let path = fs::canonicalize(&change.abs)?;
    let meta = fs::metadata(&path)?;
    if !meta.is_file() {
        return Ok(Written::Skipped("it is no regular file".to_owned()));
    }
    if meta.permissions().readonly() {
        return Ok(Written::Skipped("it is read-only".to_owned()));
    }
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut temporary = tempfile::Builder::new().prefix(".asynclint-").tempfile_in(folder)?;
    temporary.write_all(change.new.as_bytes())?;
    keep_owner_and_mode(temporary.as_file(), &meta)?;
    temporary.as_file().sync_all()?;
    if backup {
        keep_old(&path, &change.old, &meta)?;
    }
    // As late as possible: an editor may have saved in between.
    if !is_still(&path, &change.old)? {
        return Ok(Written::Skipped("it was changed while asynclint ran".to_owned()));
    }
    temporary.persist(&path).map_err(|error| error.error)?;
    Ok(if names_of(&meta) > 1 { Written::Unlinked } else { Written::Done })
}

fn is_still(path: &Path, text: &str) -> io::Result<bool> {
    let mut bytes = Vec::with_capacity(text.len());
    File::open(path)?.take(text.len() as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes == text.as_bytes())
}

/// The old text as `name.rs.orig`; a file of that name is never overwritten.
fn keep_old(path: &Path, text: &str, meta: &Metadata) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".orig");
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut temporary = tempfile::Builder::new().prefix(".asynclint-").tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    keep_owner_and_mode(temporary.as_file(), meta)?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(PathBuf::from(name)).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Only root can give files away; for others the mode is what counts.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(fs::Permissions::from_mode(old.permissions().mode()))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(_file: &File, _old: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn names_of(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(meta)
}

#[cfg(not(unix))]
fn names_of(_meta: &Metadata) -> u64 {
    1
}

/// Listens for an interrupt while it lives.
struct Stop {
    came: Arc<AtomicBool>,
    #[cfg(unix)]
    ids: Vec<signal_hook::SigId>,
}

impl Stop {
    #[cfg(unix)]
    fn listen() -> Self {
        let came = Arc::new(AtomicBool::new(false));
        let signals = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
        let ids = signals.iter().filter_map(|signal| signal_hook::flag::register(*signal, Arc::clone(&came)).ok());
        Self { ids: ids.collect(), came }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self { came: Arc::new(AtomicBool::new(false)) }
    }

    fn came(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
impl Drop for Stop {
    fn drop(&mut self) {
        self.ids.drain(..).for_each(|id| {
            signal_hook::low_level::unregister(id);
        });
    }
}
