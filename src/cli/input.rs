//! Where the names of the files to check come from besides the command line: a list, or a text on standard input.
//!
//! Reads standard input and lists. What the names mean for the analysis is for `source` to say.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::engine::{Error, Stdin};

/// Arguments of `check` about its input.
#[derive(Args, Clone, Debug, Default)]
pub struct InputArgs {
    /// With the path `-`: check the text on standard input as this file, with the workspace around it
    #[arg(long, value_name = "PATH", help_heading = "Selection")]
    pub stdin_filename: Option<PathBuf>,
    /// Check the files named in this list (`-` for standard input), one on each line or ended by NUL; other than *.rs is passed over
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub files_from: Option<PathBuf>,
    /// Print the files that would be checked, and on standard error each one that would not, with the reason
    #[arg(long, help_heading = "Selection")]
    pub list_files: bool,
    /// End the names of --list-files with NUL
    #[arg(short = '0', long, requires = "list_files", help_heading = "Selection")]
    pub null: bool,
}

/// What is named, before any of it is read.
pub(super) enum Named {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// A text on standard input, and the file that it stands for.
    Text(Option<PathBuf>),
}

/// Reads lists of names, but no source.
pub(super) fn named(args: &InputArgs, typed: &[PathBuf]) -> Result<Named, Error> {
    let is_stdin = |path: &Path| path == Path::new("-");
    let reads_text = typed.iter().any(|path| is_stdin(path));
    let usage = |text: &str| Err(Error::Usage(text.to_owned()));
    if reads_text && (typed.len() > 1 || args.files_from.is_some()) {
        return usage(
            "`-` reads one file from standard input and stands alone; name the other paths in a run of their own",
        );
    }
    if args.stdin_filename.is_some() && !reads_text {
        return usage("`--stdin-filename` names the text on standard input; add the path `-`");
    }
    if reads_text {
        return Ok(Named::Text(args.stdin_filename.clone()));
    }
    let mut paths = typed.to_vec();
    if let Some(list) = &args.files_from {
        paths.extend(rust_files(&list_bytes(list)?));
        if paths.is_empty() {
            let list = if is_stdin(list) { "standard input".to_owned() } else { format!("`{}`", list.display()) };
            return Err(Error::Nothing(format!("nothing to check: the list in {list} names no Rust file")));
        }
    }
    Ok(Named::Paths(paths))
}

impl Named {
    /// Paths that exist, around which the configuration is looked for; none for the current folder.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        match self {
            Self::Paths(paths) => paths.clone(),
            Self::Text(file) => {
                let folder = file.as_deref().and_then(Path::parent).filter(|folder| folder.is_dir());
                folder.map(Path::to_owned).into_iter().collect()
            }
        }
    }

    /// The paths, or the text; `limit` is the size limit of a source file.
    pub(super) fn read(self, limit: u64) -> Result<(Vec<PathBuf>, Option<Stdin>), Error> {
        match self {
            Self::Paths(paths) => Ok((paths, None)),
            Self::Text(path) => Ok((Vec::new(), Some(Stdin { path, text: text(limit)? }))),
        }
    }
}

fn text(limit: u64) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|cause| Error::Usage(format!("cannot read standard input: {cause}")))?;
    if bytes.len() as u64 > limit {
        let text =
            format!("nothing to check: standard input is larger than {limit} bytes (`--max-file-size` sets the limit)");
        return Err(Error::Nothing(text));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::Nothing(format!("nothing to check: standard input is not UTF-8: byte {at} starts no character"))
    })
}

fn list_bytes(list: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = if list == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(list)
    };
    read.map_err(|cause| Error::Usage(format!("cannot read the list `{}` of --files-from: {cause}", list.display())))
}

/// The names in a list: ended by NUL if there is one, else by line. Names that are no Rust file and no manifest are passed
/// over, so that the output of `git diff --name-only` is a list.
fn rust_files(bytes: &[u8]) -> Vec<PathBuf> {
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let names = bytes.split(|byte| *byte == separator);
    let names = names.map(|name| if separator == 0 { name } else { name.strip_suffix(b"\r").unwrap_or(name) });
    let paths = names.filter(|name| !name.is_empty()).map(|name| PathBuf::from(os_string(name)));
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs") || path.ends_with("Cargo.toml")).collect()
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_lines_or_ends_of_nul() {
        let names = |bytes: &[u8]| rust_files(bytes).iter().map(|p| p.display().to_string()).collect::<Vec<_>>();
        assert_eq!(names(b"src/a.rs\nsrc/b.rs\r\n\nREADME.md\n"), ["src/a.rs", "src/b.rs"]);
        assert_eq!(names(b"src/a b.rs\0new\nline.rs\0"), ["src/a b.rs", "new\nline.rs"]);
        assert_eq!(names(b"crates/x/Cargo.toml"), ["crates/x/Cargo.toml"]);
        assert!(names(b"").is_empty() && names(b"\0").is_empty());
    }
}
