//! What is read: standard input with the workspace around it, lists of files, and the list of what would be checked.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const MANIFEST: &str =
    "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntokio = \"1\"\n";
const LIB: &str = "mod disk;\nmod store;\n";
const STORE: &str = "pub async fn open() -> String {\n    crate::disk::read()\n}\n";
const DISK: &str = "pub fn read() -> String {\n    std::fs::read_to_string(\"state\").unwrap_or_default()\n}\n";

fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (path, text) in [("Cargo.toml", MANIFEST), ("src/lib.rs", LIB), ("src/store.rs", STORE), ("src/disk.rs", DISK)]
    {
        write(folder.path(), path, text);
    }
    folder
}

fn check(root: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.arg("check").args(arguments).current_dir(root).env_clear();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A run that fails early does not read.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn findings(output: &Output) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(&out(output)).unwrap_or_else(|e| panic!("{e}: {}", err(output)));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = json["findings"].as_array().unwrap().iter();
    all.map(|f| (text(&f["location"]["path"]), text(&f["rule"]))).collect()
}

#[test]
fn a_text_is_checked_in_the_place_of_its_file_with_the_workspace_around_it() {
    let project = project();
    let saved = check(project.path(), &["src/store.rs", "--format", "json"], b"");
    let through_disk = ("src/store.rs".to_owned(), "blocking-fs".to_owned());
    assert_eq!(findings(&saved), std::slice::from_ref(&through_disk));
    // The chain leads through a file that is only on disk; what is saved as store.rs does not count.
    let arguments = ["-", "--stdin-filename", "src/store.rs", "--format", "json"];
    let edited = b"pub async fn first() -> String {\n    crate::disk::read()\n}\n\npub async fn second() -> String {\n    crate::disk::read()\n}\n";
    assert_eq!(findings(&check(project.path(), &arguments, edited)), [through_disk.clone(), through_disk]);
    let mended = check(project.path(), &arguments, b"pub async fn open() {}\n");
    assert_eq!((findings(&mended).len(), mended.status.code()), (0, Some(0)));
    assert_eq!(std::fs::read_to_string(project.path().join("src/store.rs")).unwrap(), STORE, "nothing is written");
}

#[test]
fn a_helper_that_is_being_edited_changes_what_its_callers_do_not_report() {
    let project = project();
    let arguments = ["-", "--stdin-filename", "src/disk.rs", "--format", "json"];
    let output = check(project.path(), &arguments, b"pub async fn read() -> String {\n    std::thread::sleep(D);\n}\n");
    assert_eq!(
        findings(&output),
        [("src/disk.rs".to_owned(), "blocking-sleep".to_owned())],
        "only that file is reported"
    );
}

#[test]
fn a_text_may_have_no_file_yet_or_no_name_at_all() {
    let project = project();
    let sleeps = b"pub async fn wait() {\n    std::thread::sleep(std::time::Duration::from_secs(1));\n}\n";
    let arguments = ["-", "--stdin-filename", "src/bin/tool.rs", "--format", "json"];
    std::fs::create_dir(project.path().join("src/bin")).unwrap();
    let found = findings(&check(project.path(), &arguments, sleeps));
    assert_eq!(found, [("src/bin/tool.rs".to_owned(), "blocking-sleep".to_owned())]);
    let found = findings(&check(project.path(), &["-", "--format", "json"], sleeps));
    assert_eq!(found, [("stdin.rs".to_owned(), "blocking-sleep".to_owned())]);
    let nowhere = check(project.path(), &["-", "--stdin-filename", "no/such/folder/a.rs"], sleeps);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(err(&nowhere).contains("no/such/folder/a.rs"), "{}", err(&nowhere));
}

#[test]
fn a_text_that_cannot_be_read_is_nothing_to_check() {
    let project = project();
    let bad = check(project.path(), &["-"], b"fn f() {}\n\xff");
    assert_eq!(bad.status.code(), Some(3));
    assert!(err(&bad).contains("not UTF-8: byte 10"), "{}", err(&bad));
    let large = check(project.path(), &["-", "--max-file-size", "5"], b"fn f() {}\n");
    assert_eq!(large.status.code(), Some(3));
    assert!(err(&large).contains("larger than 5 bytes"), "{}", err(&large));
}

#[test]
fn a_list_of_files_chooses_what_is_reported() {
    let project = project();
    write(project.path(), "src/other.rs", "async fn f() { std::thread::sleep(d) }\n");
    write(project.path(), "list", "README.md\nsrc/store.rs\r\n");
    let from_file = check(project.path(), &["--files-from", "list", "--format", "json"], b"");
    assert_eq!(findings(&from_file), [("src/store.rs".to_owned(), "blocking-fs".to_owned())]);
    let from_pipe = check(project.path(), &["--files-from", "-", "--format", "json"], b"src/store.rs\0src/other.rs\0");
    assert_eq!(findings(&from_pipe).len(), 2);
    let empty = check(project.path(), &["--files-from", "-"], b"README.md\n");
    assert_eq!(empty.status.code(), Some(3));
    assert!(err(&empty).contains("the list in standard input names no Rust file"), "{}", err(&empty));
    let missing = check(project.path(), &["--files-from", "-"], b"src/gone.rs\n");
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("src/gone.rs"), "{}", err(&missing));
}

#[test]
fn the_list_says_why_a_file_is_skipped() {
    let project = project();
    let root = project.path();
    write(root, ".gitignore", "/ignored\n");
    let made = concat!("// @", "generated\n");
    for (path, text) in [
        ("src/.hidden.rs", ""),
        ("src/made.rs", made),
        ("src/left_out.rs", ""),
        ("ignored/a.rs", ""),
        ("target/debug/b.rs", ""),
        ("tests/ui/case.rs", ""),
    ] {
        write(root, path, text);
    }
    write(root, "src/huge.rs", " ".repeat(3000));
    write(root, "src/binary.rs", [0xff_u8]);
    let arguments = ["--list-files", "--exclude", "left_out.rs", "--max-file-size", "2000"];
    let output = check(root, &arguments, b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output), "src/disk.rs\nsrc/lib.rs\nsrc/store.rs\n");
    let reasons = [
        "skipped ignored: ignored by git",
        "skipped src/.hidden.rs: hidden: its name begins with a dot",
        "skipped src/binary.rs: not-utf8: is not UTF-8: byte 0 starts no character",
        "skipped src/huge.rs: too-large: is larger than the limit of 2000 bytes and was not read",
        "skipped src/left_out.rs: matches an exclude pattern",
        concat!("skipped src/made.rs: says @", "generated in its first lines"),
        "skipped target: output of a build",
        "skipped tests/ui/case.rs: data of a test: it lies below `tests/` and no target reaches it",
    ];
    assert_eq!(err(&output).lines().collect::<Vec<_>>(), reasons);
    let json = check(root, &[&arguments[..], &["--format", "json"]].concat(), b"");
    let json: Value = serde_json::from_str(&out(&json)).unwrap();
    let files = json["files"].as_array().unwrap();
    assert_eq!(files.len(), 3 + reasons.len());
    assert!(files.iter().all(|file| file["checked"].as_bool().unwrap() == file["reason"].is_null()));
    let nothing = check(root, &["--list-files", "--exclude", "src/**"], b"");
    assert_eq!(nothing.status.code(), Some(3));
    assert!(err(&nothing).contains("skipped src/lib.rs: matches an exclude pattern"), "{}", err(&nothing));
}

#[test]
fn the_list_is_of_the_given_paths_from_the_current_folder() {
    let project = project();
    let src = project.path().join("src");
    let output = check(&src, &["--list-files", "store.rs", "disk.rs"], b"");
    assert_eq!(out(&output), "disk.rs\nstore.rs\n");
    let output = check(&src, &["--list-files", "-0", "."], b"");
    assert_eq!(out(&output), "disk.rs\0lib.rs\0store.rs\0");
}

#[cfg(target_os = "linux")]
#[test]
fn the_list_keeps_the_bytes_of_a_name() {
    use std::os::unix::ffi::OsStrExt;
    let project = project();
    let name = std::ffi::OsStr::from_bytes(b"src/odd\xff.rs");
    std::fs::write(project.path().join(name), "fn f() {}\n").unwrap();
    let raw = check(project.path(), &["--list-files", "-0"], b"");
    assert!(raw.stdout.split(|b| *b == 0).any(|n| n == b"src/odd\xff.rs"), "{}", out(&raw));
    // What was listed can be given back.
    let again = check(project.path(), &["--files-from", "-", "--format", "json"], &raw.stdout);
    assert_eq!(findings(&again).len(), 1, "{}", err(&again));
}

#[test]
fn a_project_without_async_code_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", "[package]\nname = \"plain\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write(folder.path(), "src/lib.rs", "pub fn one() -> u32 {\n    1\n}\n");
    let output = check(folder.path(), &[], b"");
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), "asynclint: no async code found in 1 file\n"));
    let quiet = check(folder.path(), &["-q"], b"");
    assert_eq!((quiet.status.code(), err(&quiet).as_str()), (Some(0), ""));
}

#[test]
fn nothing_to_check_says_why_and_ends_with_three() {
    let folder = tempfile::tempdir().unwrap();
    let empty = check(folder.path(), &[], b"");
    assert_eq!(empty.status.code(), Some(3));
    assert!(err(&empty).starts_with("error: nothing to check"), "{}", err(&empty));
    write(folder.path(), "a\u{1b}[31m.rs", [0xff_u8]);
    let unreadable = check(folder.path(), &["--format", "json"], b"");
    assert_eq!(unreadable.status.code(), Some(3));
    assert!(err(&unreadable).contains("a\\x1b[31m.rs: is not UTF-8"), "{}", err(&unreadable));
    let missing = check(folder.path(), &["no/such/path"], b"");
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn a_text_on_standard_input_is_fixed_to_standard_output() {
    let project = project();
    let before = std::fs::read_to_string(project.path().join("src/store.rs")).unwrap();
    let old = "pub async fn nap() {\n    std::thread::sleep(std::time::Duration::from_millis(1));\n}\n";
    let new = old.replace(
        "std::thread::sleep(std::time::Duration::from_millis(1))",
        "tokio::time::sleep(std::time::Duration::from_millis(1)).await",
    );
    let named = ["-", "--stdin-filename", "src/store.rs"];
    let fixed = check(project.path(), &[&named[..], &["--fix", "--unsafe-fixes"]].concat(), old.as_bytes());
    assert_eq!((out(&fixed).as_str(), fixed.status.code()), (new.as_str(), Some(0)), "{}", err(&fixed));
    assert!(err(&fixed).contains("made 1 fix in 1 file"), "{}", err(&fixed));
    let again = check(project.path(), &[&named[..], &["--fix-only"]].concat(), new.as_bytes());
    assert_eq!((out(&again), again.status.code()), (new.clone(), Some(0)), "what needs no fix comes back as it is");
    let patch = check(project.path(), &[&named[..], &["--diff", "--unsafe-fixes"]].concat(), old.as_bytes());
    assert!(out(&patch).contains("--- a/src/store.rs") && patch.status.code() == Some(1), "{}", out(&patch));
    // A text that stands for no file, with a finding that stays: the text on one stream, the report on the other.
    let lone =
        format!("{old}pub async fn read() -> String {{\n    std::io::stdin().lines().next().unwrap().unwrap()\n}}\n");
    let left = check(project.path(), &["-", "--fix", "--unsafe-fixes", "--format", "short"], lone.as_bytes());
    assert!(out(&left).starts_with("pub async fn nap") && err(&left).contains("blocking-stdio"), "{}", err(&left));
    assert_eq!(left.status.code(), Some(1));
    assert_eq!(check(project.path(), &["-", "--interactive"], old.as_bytes()).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(project.path().join("src/store.rs")).unwrap(), before, "nothing is written");
}

#[test]
fn a_member_among_the_tests_of_its_workspace_is_test_code() {
    let folder = tempfile::tempdir().unwrap();
    // Where the workspace itself lies says nothing.
    let root = folder.path().join("tests/shop");
    std::fs::create_dir_all(root.join(".git")).unwrap();
    write(&root, "Cargo.toml", "[workspace]\nmembers = [\"app\", \"tests/harness\"]\n");
    for member in ["app", "tests/harness"] {
        let name = member.rsplit('/').next().unwrap();
        write(&root, &format!("{member}/Cargo.toml"), MANIFEST.replace("app", name));
        let text = "pub async fn open() -> String {\n    std::fs::read_to_string(\"state\").unwrap_or_default()\n}\n";
        write(&root, &format!("{member}/src/lib.rs"), text);
    }
    let found = findings(&check(&root, &["--format", "json"], b""));
    assert_eq!(found, [("app/src/lib.rs".to_owned(), "blocking-fs".to_owned())]);
}
