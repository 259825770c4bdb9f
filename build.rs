//! Tells the program the commit that it is built from, so that a report of a bug can name it.
//!
//! Reads what cargo or git left beside the manifest and runs nothing. A development build carries no commit: it would be
//! built anew after each one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let is_release = env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    let commit = packaged(&root).or_else(|| if is_release { checked_out(&root) } else { None });
    match commit {
        Some(commit) => {
            println!("cargo::rustc-env=ASYNCLINT_COMMIT={commit}");
            println!("cargo::rustc-env=ASYNCLINT_VERSION={version} ({})", &commit[..12]);
        }
        None => println!("cargo::rustc-env=ASYNCLINT_VERSION={version}"),
    }
}

/// The commit that `cargo package` noted.
fn packaged(root: &Path) -> Option<String> {
    let note = fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let after = note.split_once("\"sha1\"")?.1;
    hash(after.split('"').nth(1)?)
}

/// The commit of the work tree whose root is the manifest's folder.
fn checked_out(root: &Path) -> Option<String> {
    let dot_git = root.join(".git");
    // In a linked work tree `.git` is a file that names the folder.
    let folder = match fs::read_to_string(&dot_git) {
        Ok(text) => root.join(text.trim().strip_prefix("gitdir: ")?),
        Err(_) => dot_git,
    };
    let head = watched(&folder.join("HEAD"))?;
    let Some(branch) = head.trim().strip_prefix("ref: ") else { return hash(head.trim()) };
    let shared =
        fs::read_to_string(folder.join("commondir")).map_or_else(|_| folder.clone(), |c| folder.join(c.trim()));
    let loose = watched(&folder.join(branch)).or_else(|| watched(&shared.join(branch)));
    loose.and_then(|text| hash(text.trim())).or_else(|| {
        let packed = watched(&shared.join("packed-refs"))?;
        packed.lines().find_map(|line| hash(line.strip_suffix(branch)?.trim()))
    })
}

/// The text of a file; when it changes the script runs again.
fn watched(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo::rerun-if-changed={}", path.display());
    Some(text)
}

fn hash(text: &str) -> Option<String> {
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| text.to_owned())
}
