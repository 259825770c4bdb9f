//! Lists the Rust files and manifests below a folder.
//!
//! One pass of `walkdir`, no look at a file beyond what the listing says. Never follows a link, never descends into
//! what is hidden, ignored by git, built (`target/`, `CACHEDIR.TAG`) or vendored, and reads no source.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;
use rustc_hash::FxHashSet;
use walkdir::{DirEntry, WalkDir};

use super::ignores::{self, Ignores};
use super::read;
use super::skip::{Skip, Skipped};

/// What a walk saw. Paths are absolute where the walk began at an absolute path.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Regular files that end in `.rs`.
    pub(super) files: Vec<PathBuf>,
    /// Folders that were listed.
    pub(super) folders: FxHashSet<PathBuf>,
    /// Folders with a `Cargo.toml`.
    pub(super) manifests: Vec<PathBuf>,
    /// Links: to a file that ends in `.rs`, or of any other kind (perhaps to a folder).
    pub(super) links: Vec<PathBuf>,
    /// Pipes, sockets and devices named like source.
    pub(super) strange: Vec<PathBuf>,
    /// Rust files and folders that were passed over.
    pub(super) skipped: Vec<Skipped>,
    /// Folders that could not be listed, and why.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

/// Lists everything below `top`, whatever `top` itself is called.
pub(super) fn walk(top: &Path, ignores: &mut Ignores, out: &mut Walked) {
    let mut walk = Walk { chain: Vec::new(), vendored: FxHashSet::default(), packages: Vec::new() };
    walk.chain = ignores.chain(top).into_iter().map(|rules| (0, rules)).collect();
    for above in top.ancestors().skip(1).take_while(|a| ignores.covers(a)) {
        walk.note_vendored(above);
    }
    let mut entries = WalkDir::new(top).follow_links(false).sort_by(order).into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) => match walk.visit(&entry, ignores, out) {
                Next::Go => {}
                Next::Skip => entries.skip_current_dir(),
            },
            Err(error) => {
                let path = error.path().unwrap_or(top).to_owned();
                let cause = error.io_error().map_or_else(|| "it leads back to itself".to_owned(), read::cause_text);
                out.unreadable.push((path, cause));
            }
        }
    }
}

enum Next {
    Go,
    Skip,
}

struct Walk {
    /// Rules in force, with the depth of the entries they hold for.
    chain: Vec<(usize, Arc<Gitignore>)>,
    vendored: FxHashSet<PathBuf>,
    /// Depths, on the way from the top to here, of the entries of a folder with a manifest: a `target` there is output.
    packages: Vec<usize>,
}

impl Walk {
    fn visit(&mut self, entry: &DirEntry, ignores: &mut Ignores, out: &mut Walked) -> Next {
        let (depth, kind, name) = (entry.depth(), entry.file_type(), entry.file_name());
        self.chain.retain(|(from, _)| *from <= depth);
        self.packages.retain(|from| *from <= depth);
        if kind.is_dir() {
            if let Some(why) = self.refuses(entry).filter(|_| depth > 0) {
                // Nobody expects source in there.
                if name != ".git" && name != ".cargo" {
                    out.skipped.push(Skipped { path: entry.path().to_owned(), why });
                }
                return Next::Skip;
            }
            out.folders.insert(entry.path().to_owned());
            return Next::Go;
        }
        match rank(entry) {
            Rank::Mark if kind.is_file() && depth > 1 => {
                let why = if name == "CACHEDIR.TAG" { Skip::BuildOutput } else { Skip::Vendored };
                let folder = entry.path().parent().unwrap_or(entry.path());
                out.skipped.push(Skipped { path: folder.to_owned(), why });
                return Next::Skip;
            }
            Rank::Ignore => self.push_rules(entry, ignores),
            Rank::Mark | Rank::Manifest | Rank::Other | Rank::CargoFolder | Rank::Folder => {}
        }
        if kind.is_symlink() {
            // Links to folders are kept too: a crate root may be named through one.
            if !is_hidden(name) {
                out.links.push(entry.path().to_owned());
            }
        } else if name == "Cargo.toml" {
            if let (true, Some(folder)) = (kind.is_file(), entry.path().parent())
                && !self.is_ignored(entry.path(), false)
            {
                self.packages.push(depth);
                out.manifests.push(folder.to_owned());
            }
        } else if entry.path().extension() == Some(OsStr::new("rs")) {
            let path = entry.path().to_owned();
            match self.passes_over(entry) {
                Some(why) => out.skipped.push(Skipped { path, why }),
                None if kind.is_file() => out.files.push(path),
                None => out.strange.push(path),
            }
        }
        Next::Go
    }

    /// Why a Rust file is not listed.
    fn passes_over(&self, entry: &DirEntry) -> Option<Skip> {
        if is_hidden(entry.file_name()) {
            return Some(Skip::Hidden);
        }
        (entry.depth() > 0 && self.is_ignored(entry.path(), false)).then_some(Skip::IgnoredByGit)
    }

    /// Why not to descend into a folder below the top.
    fn refuses(&mut self, entry: &DirEntry) -> Option<Skip> {
        let (path, name) = (entry.path(), entry.file_name());
        if name == ".cargo" {
            if let Some(folder) = path.parent() {
                self.note_vendored(folder);
            }
            return Some(Skip::Hidden);
        }
        if name == "target" && self.packages.contains(&entry.depth()) {
            return Some(Skip::BuildOutput);
        }
        if is_hidden(name) {
            return Some(Skip::Hidden);
        }
        if self.vendored.contains(path) {
            return Some(Skip::Vendored);
        }
        self.is_ignored(path, true).then_some(Skip::IgnoredByGit)
    }

    fn push_rules(&mut self, entry: &DirEntry, ignores: &mut Ignores) {
        if entry.depth() < 2 {
            return; // Those of the top are in force from the start.
        }
        let rules = entry.path().parent().and_then(|folder| ignores.of_folder(folder));
        self.chain.extend(rules.map(|rules| (entry.depth(), rules)));
    }

    fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        ignores::matches_chain(self.chain.iter().map(|(_, rules)| &**rules), path, is_folder)
    }

    /// Reads the folders that `.cargo/config.toml` of `folder` names as sources.
    fn note_vendored(&mut self, folder: &Path) {
        for file in [".cargo/config.toml", ".cargo/config"] {
            let Ok(text) = read::read_unknown(&folder.join(file), 1 << 20) else { continue };
            let Ok(table) = text.parse::<toml::Table>() else { continue };
            let Some(sources) = table.get("source").and_then(toml::Value::as_table) else { continue };
            for named in sources.values().filter_map(|s| s.get("directory")?.as_str()) {
                self.vendored.insert(folder.join(named));
            }
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// What has to be seen before what, inside one folder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Says that the whole folder is not source.
    Mark,
    Ignore,
    Manifest,
    Other,
    /// `.cargo`: may say that a sibling is vendored.
    CargoFolder,
    Folder,
}

fn rank(entry: &DirEntry) -> Rank {
    let name = entry.file_name();
    if entry.file_type().is_dir() {
        return if name == ".cargo" { Rank::CargoFolder } else { Rank::Folder };
    }
    match name.as_encoded_bytes() {
        b"CACHEDIR.TAG" | b".cargo-checksum.json" => Rank::Mark,
        b".gitignore" => Rank::Ignore,
        b"Cargo.toml" => Rank::Manifest,
        _ => Rank::Other,
    }
}

fn order(a: &DirEntry, b: &DirEntry) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| a.file_name().cmp(b.file_name()))
}
