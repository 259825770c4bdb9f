//! Same input, same bytes: for 1, 2 and 16 threads, from any folder, in any checkout, under any locale.

use std::path::{Path, PathBuf};
use std::process::Command;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A checkout of some fixtures: several crates, editions and many findings.
fn checkout(place: &Path) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for part in ["demo", "_workspaces", "untracked-spawn", "blocking-fs", "lock-across-await"] {
        copy(&fixtures.join(part), &place.join(part));
    }
    std::fs::create_dir_all(place.join(".git")).unwrap();
    place.to_owned()
}

/// Formats that are the same in a file and on standard output.
const FORMATS: [&str; 8] = ["json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl"];

/// What one run writes, each format by its name.
fn outputs(root: &Path, cwd: &Path, threads: &str, locale: &str) -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = |format: &str| folder.path().join(format);
    let out = Command::new(env!("CARGO_BIN_EXE_asynclint"))
        .args(["check", "-W", "all", "-qq", "-j", threads])
        .args(FORMATS.iter().flat_map(|format| ["-o".to_owned(), format!("{format}:{}", file(format).display())]))
        .arg(root)
        .current_dir(cwd)
        .env("LC_ALL", locale)
        .env("TZ", "Asia/Kathmandu")
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    FORMATS.iter().map(|format| (*format, std::fs::read(file(format)).unwrap())).collect()
}

#[test]
fn output_depends_on_nothing_but_the_input() {
    let here = tempfile::tempdir().unwrap();
    let near = checkout(&here.path().join("a"));
    let far = checkout(&here.path().join("some/deeper/place"));
    let wanted = outputs(&near, &near, "1", "C");
    let demo = near.join("demo");
    let again = [
        outputs(&near, &demo, "2", "C.UTF-8"),
        outputs(&far, &far, "2", "C"),
        outputs(&near, &near, "2", "C"),
        outputs(&near, &near, "16", "C"),
    ];
    for (at, (format, bytes)) in wanted.iter().enumerate() {
        assert!(bytes.len() > 10_000, "{format}: there is nothing to compare");
        for (run, other) in again.iter().enumerate() {
            assert!(other[at].1 == *bytes, "{format}: run {run} differs");
        }
    }
}

#[test]
fn the_order_of_files_in_memory_does_not_matter() {
    use asynclint::engine::check_in_memory;
    use asynclint::levels::{Levels, TestMode};
    use asynclint::rules::page;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/src");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|e| (format!("src/{}", e.file_name().to_string_lossy()), std::fs::read_to_string(e.path()).unwrap()))
        .collect();
    let manifest = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\ntokio = \"1\"\n";
    files.push(("Cargo.toml".to_owned(), manifest.to_owned()));
    let levels = Levels::new(page::all(), TestMode::Relaxed);
    let lines = |files: Vec<(String, String)>| -> Vec<(String, String)> {
        let (report, _) = check_in_memory(files, &levels);
        report.findings.iter().map(|f| (f.message.clone(), f.fingerprint.clone())).collect()
    };
    files.sort();
    let wanted = lines(files.clone());
    assert!(!wanted.is_empty());
    files.reverse();
    assert_eq!(lines(files), wanted);
}
