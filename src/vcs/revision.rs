//! The files of an earlier revision, in memory.
//!
//! Objects are read as they lie in the repository: no filter, no conversion, no checkout. Links and submodules are left out.

use std::ffi::OsStr;
use std::path::Path;

use super::{Error, git};

/// Since when findings are new.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Since {
    /// This revision.
    Revision(String),
    /// Where this branch and the current revision parted.
    MergeBase(String),
}

/// A commit's full id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit(String);

/// A file of a revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TreeFile {
    /// Relative to the repository, as bytes.
    pub path: Vec<u8>,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// The commit that `since` means in the repository at `root`.
pub fn resolve(root: &Path, since: &Since) -> Result<Commit, Error> {
    let (name, branch) = match since {
        Since::Revision(name) => (name, false),
        Since::MergeBase(name) => (name, true),
    };
    if name.is_empty() || name.starts_with('-') {
        return Err(Error(format!("`{name}` is no revision: a name must not be empty or begin with `-`")));
    }
    if root.join(".git").symlink_metadata().is_err() {
        return Err(Error(format!("`{}` is no git repository, so nothing is known of `{name}`", root.display())));
    }
    let commit = commit_of(root, name)?;
    if !branch {
        return Ok(commit);
    }
    let arguments = ["merge-base", "HEAD", &commit.0].map(OsStr::new);
    let base = git::run(root, &arguments);
    base.ok().and_then(|out| Commit::read(&out)).ok_or_else(|| {
        Error(format!(
            "`{name}` and the current revision have no common ancestor here; a shallow clone needs more history \
             (`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout)"
        ))
    })
}

fn commit_of(root: &Path, name: &str) -> Result<Commit, Error> {
    let revision = format!("{name}^{{commit}}");
    let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &revision].map(OsStr::new);
    match git::run(root, &arguments) {
        Ok(out) => Commit::read(&out).ok_or_else(|| Error(format!("git gave no commit for `{name}`"))),
        // With `--quiet` git says nothing when there is no such name; other words are worth showing.
        Err(Error(said)) if said != "git: it said nothing" => Err(Error(format!("`{name}`: {said}"))),
        Err(_) => Err(Error(format!(
            "there is no revision `{name}` here; a clone of a build may have to fetch it first (`git fetch origin {name}`)"
        ))),
    }
}

impl Commit {
    fn read(out: &[u8]) -> Option<Self> {
        let id = std::str::from_utf8(out).ok()?.trim();
        let is_id = id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit());
        is_id.then(|| Self(id.to_owned()))
    }
}

/// The files of a commit that `is_wanted` by their path and that are not larger than `limit` bytes.
pub fn files(
    root: &Path,
    commit: &Commit,
    limit: u64,
    is_wanted: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<TreeFile>, Error> {
    let arguments = ["ls-tree", "-r", "-z", "--full-tree", &commit.0].map(OsStr::new);
    let listed = git::run(root, &arguments)?;
    let wanted: Vec<(&str, &[u8])> =
        listed.split(|b| *b == 0).filter_map(blob).filter(|(_, path)| is_wanted(path)).collect();
    let sizes = ask(root, &wanted, "--batch-check=%(objecttype) %(objectsize)")?;
    let mut small = Vec::with_capacity(wanted.len());
    for (file, line) in wanted.iter().zip(sizes.split(|b| *b == b'\n')) {
        if size(line).ok_or_else(|| missing(&commit.0))? <= limit {
            small.push(*file);
        }
    }
    let contents = ask(root, &small, "--batch=%(objectsize)")?;
    contents_of(&small, &contents).ok_or_else(|| missing(&commit.0))
}

fn missing(commit: &str) -> Error {
    Error(format!("the content of some files of {commit} is not in this clone; fetch it first (`git fetch --refetch`)"))
}

/// Object id and path of an entry of `ls-tree -z` that is a regular file.
fn blob(entry: &[u8]) -> Option<(&str, &[u8])> {
    let tab = entry.iter().position(|b| *b == b'\t')?;
    let mut words = std::str::from_utf8(&entry[..tab]).ok()?.split(' ');
    let mode = words.next()?;
    let id = words.nth(1)?;
    matches!(mode, "100644" | "100755" | "100664").then_some((id, &entry[tab + 1..]))
}

fn ask(root: &Path, objects: &[(&str, &[u8])], format: &str) -> Result<Vec<u8>, Error> {
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let ids: String = objects.iter().map(|(id, _)| format!("{id}\n")).collect();
    git::fed(root, &["cat-file", format].map(OsStr::new), ids.as_bytes())
}

/// `blob 120`; nothing for an object that is not there.
fn size(line: &[u8]) -> Option<u64> {
    std::str::from_utf8(line).ok()?.strip_prefix("blob ")?.parse().ok()
}

/// Splits the answer of `cat-file --batch`: for each object a line with its size, its bytes, a line break.
fn contents_of(objects: &[(&str, &[u8])], mut answer: &[u8]) -> Option<Vec<TreeFile>> {
    let mut files = Vec::with_capacity(objects.len());
    for (_, path) in objects {
        let end = answer.iter().position(|b| *b == b'\n')?;
        let size: usize = std::str::from_utf8(&answer[..end]).ok()?.parse().ok()?;
        let content = answer.get(end + 1..end + 1 + size)?;
        files.push(TreeFile { path: path.to_vec(), content: content.to_vec() });
        answer = answer.get(end + 1 + size + 1..)?;
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_are_no_files_are_left_out() {
        assert_eq!(blob(b"100644 blob 0123\tsrc/a b.rs"), Some(("0123", &b"src/a b.rs"[..])));
        assert_eq!(blob(b"120000 blob 0123\tlink.rs"), None);
        assert_eq!(blob(b"160000 commit 0123\tsub"), None);
        assert_eq!(blob(b""), None);
    }

    #[test]
    fn contents_are_split_by_their_size() {
        let objects = [("1", &b"a.rs"[..]), ("2", &b"b.rs"[..])];
        let files = contents_of(&objects, b"3\n1\n2\n0\n\n").unwrap();
        assert_eq!(files[0].content, b"1\n2");
        assert_eq!(files[1].content, b"");
        assert_eq!(contents_of(&objects, b"3\n1\n2\n2 missing\n"), None);
    }

    #[test]
    fn a_name_that_is_a_flag_is_no_revision() {
        for name in ["", "--output=x", "-h"] {
            let error = resolve(Path::new("/"), &Since::Revision(name.to_owned())).unwrap_err();
            assert!(error.0.contains("is no revision"), "{error}");
        }
    }
}
