//! Fixes on a disk: atomic, modest, and stopped by nothing in the middle of a file.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use asynclint::fix::Change;
use asynclint::fix::write::{self, Written};

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n\
    tokio = { version = \"1\", features = [\"full\"] }\n";
const OLD: &str = "pub async fn nap() {\n    std::thread::sleep(std::time::Duration::from_millis(1)); // a nap\n}\n";
const NEW: &str =
    "pub async fn nap() {\n    tokio::time::sleep(std::time::Duration::from_millis(1)).await; // a nap\n}\n";
const LOST: &str =
    "pub async fn work() -> Result<(), String> {\n    Ok(())\n}\n\npub fn start() {\n    tokio::spawn(work());\n}\n";

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

fn asynclint(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.arg("check").args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &str) -> Output {
    asynclint(folder, arguments).output().unwrap()
}

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_fix_is_made_and_the_state_after_it_is_reported() {
    let folder = project(&[("src/lib.rs", OLD)]);
    let output = run(folder.path(), "--fix --format json");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(text(folder.path(), "src/lib.rs"), NEW);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 0);
    assert_eq!(json["fixed"][0]["rule"], "blocking-sleep");
    assert_eq!((&json["fixed"][0]["path"], &json["fixed"][0]["line"]), (&"src/lib.rs".into(), &2.into()));
    assert!(stderr(&output).contains("made 1 fix in 1 file"), "{}", stderr(&output));
    let again = run(folder.path(), "--fix");
    assert!(stderr(&again).contains("no fix to make"), "{}", stderr(&again));
}

#[test]
fn a_diff_changes_nothing_and_git_takes_it() {
    let crlf = OLD.replace('\n', "\r\n");
    let folder = project(&[("src/lib.rs", OLD), ("src/other.rs", crlf.trim_end())]);
    fs::write(folder.path().join("src/lib.rs"), format!("{OLD}mod other;\n")).unwrap();
    let git = |arguments: &[&str]| {
        Command::new("git").args(arguments).current_dir(folder.path().join("src")).output().unwrap()
    };
    assert!(git(&["init", "-q", ".."]).status.success());
    let output = run(folder.path(), "--diff");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(folder.path(), "src/other.rs"), crlf.trim_end());
    fs::write(folder.path().join("fixes.patch"), &output.stdout).unwrap();
    let applied = git(&["apply", "--whitespace=nowarn", "../fixes.patch"]);
    assert!(applied.status.success(), "{}{}", stderr(&applied), String::from_utf8_lossy(&output.stdout));
    assert_eq!(text(folder.path(), "src/lib.rs"), format!("{NEW}mod other;\n"));
    assert_eq!(text(folder.path(), "src/other.rs"), NEW.replace('\n', "\r\n").trim_end());
    let output = run(folder.path(), "--diff");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
}

#[test]
fn what_is_suppressed_is_not_fixed() {
    let kept = OLD.replace("    std", "    // asynclint: allow(blocking-sleep): wanted\n    std");
    let folder = project(&[("src/lib.rs", &kept)]);
    run(folder.path(), "--fix --unsafe-fixes");
    assert_eq!(text(folder.path(), "src/lib.rs"), kept);
}

#[test]
fn fix_only_says_nothing_about_what_is_left() {
    let folder = project(&[("src/lib.rs", &format!("{OLD}{LOST}"))]);
    let output = run(folder.path(), "--fix-only");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{}", stderr(&output));
    assert_eq!(text(folder.path(), "src/lib.rs"), format!("{NEW}{LOST}"));
    assert!(stderr(&output).contains("1 more fix needs asynclint-supervisor"), "{}", stderr(&output));
}

#[test]
fn a_person_is_asked_and_may_add_the_companion_crate() {
    let answers = |answers: &str| {
        use std::io::Write as _;
        let folder = project(&[("src/lib.rs", &format!("{OLD}{LOST}"))]);
        let mut child = asynclint(folder.path(), "--interactive")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (text(folder.path(), "src/lib.rs"), text(folder.path(), "Cargo.toml"), stderr(&output))
    };
    let supervised = LOST.replace("tokio::spawn(work())", "asynclint_supervisor::spawn!(\"work\", work())");
    let with_crate = MANIFEST.replace("tokio =", "asynclint-supervisor = \"0.1\"\ntokio =");
    let (code, manifest, said) = answers("n\ny\n");
    assert_eq!((code, manifest), (format!("{OLD}{supervised}"), with_crate.clone()), "{said}");
    assert!(said.contains("adds asynclint-supervisor to app") && said.contains("Cargo.lock"), "{said}");
    assert_eq!(answers("what\nq\n").0, format!("{OLD}{LOST}"));
    assert_eq!(answers("").0, format!("{OLD}{LOST}"));
    assert_eq!(answers("a\n").0, format!("{NEW}{supervised}"));
}

#[test]
fn a_backup_keeps_the_old_text_and_overwrites_nothing() {
    let folder = project(&[("src/lib.rs", OLD)]);
    run(folder.path(), "--fix --fix-backup");
    assert_eq!((text(folder.path(), "src/lib.rs"), text(folder.path(), "src/lib.rs.orig")), (NEW.into(), OLD.into()));
    fs::write(folder.path().join("src/lib.rs"), OLD).unwrap();
    fs::write(folder.path().join("src/lib.rs.orig"), "mine").unwrap();
    let output = run(folder.path(), "--fix --fix-backup");
    assert_eq!(
        (text(folder.path(), "src/lib.rs"), text(folder.path(), "src/lib.rs.orig")),
        (OLD.into(), "mine".into())
    );
    assert_eq!(output.status.code(), Some(1), "the finding is still there: {}", stderr(&output));
}

fn change(path: &Path, old: &str, new: &str) -> Change {
    Change { path: "src/lib.rs".to_owned(), abs: path.to_owned(), old: old.into(), new: new.into() }
}

#[test]
fn a_file_that_an_editor_saved_meanwhile_is_left_alone() {
    let folder = project(&[("src/lib.rs", "saved by an editor\n")]);
    let path = folder.path().join("src/lib.rs");
    let written = write::all(&[change(&path, OLD, NEW)], false);
    assert_eq!(written, [Written::Skipped("it was changed while asynclint ran".to_owned())]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "saved by an editor\n");
    assert_eq!(fs::read_dir(folder.path().join("src")).unwrap().count(), 1, "no temporary file is left");
}

#[cfg(unix)]
#[test]
fn modes_and_links_are_kept() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    let folder = project(&[("src/lib.rs", OLD), ("src/hard.rs", OLD), ("src/fixed_mode.rs", OLD)]);
    let at = |name: &str| folder.path().join("src").join(name);
    let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o7777;
    let set_mode = |name: &str, mode| fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    set_mode("lib.rs", 0o640);
    symlink("lib.rs", at("link.rs")).unwrap();
    assert_eq!(write::all(&[change(&at("link.rs"), OLD, NEW)], false), [Written::Done]);
    assert!(fs::symlink_metadata(at("link.rs")).unwrap().file_type().is_symlink(), "the link is still one");
    assert_eq!((text(folder.path(), "src/lib.rs").as_str(), mode("lib.rs")), (NEW, 0o640));

    fs::hard_link(at("hard.rs"), at("twin.rs")).unwrap();
    assert_eq!(write::all(&[change(&at("hard.rs"), OLD, NEW)], false), [Written::Unlinked]);
    assert_eq!((text(folder.path(), "src/hard.rs").as_str(), text(folder.path(), "src/twin.rs").as_str()), (NEW, OLD));
    assert_eq!(fs::metadata(at("twin.rs")).unwrap().nlink(), 1);

    set_mode("fixed_mode.rs", 0o444);
    assert_eq!(write::all(&[change(&at("fixed_mode.rs"), OLD, NEW)], false).len(), 1);
    assert_eq!((text(folder.path(), "src/fixed_mode.rs").as_str(), mode("fixed_mode.rs")), (OLD, 0o444));
}

#[cfg(unix)]
#[test]
fn read_only_files_are_skipped_and_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project(&[("src/lib.rs", OLD)]);
    let path = folder.path().join("src/lib.rs");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let output = run(folder.path(), "--fix");
    assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("src/lib.rs was left as it is: it is read-only"), "{}", stderr(&output));
}

const FILES: usize = 500;

/// Each file holds its old or its new text; the number of new ones.
fn count_fixed(folder: &Path) -> usize {
    (0..FILES)
        .filter(|i| {
            let text = text(folder, &format!("src/m{i}.rs"));
            assert!(text == OLD || text == NEW, "src/m{i}.rs is neither old nor new: {text:?}");
            text == NEW
        })
        .count()
}

fn many() -> tempfile::TempDir {
    let folder = project(&[("src/lib.rs", &(0..FILES).map(|i| format!("pub mod m{i};\n")).collect::<String>())]);
    for i in 0..FILES {
        fs::write(folder.path().join(format!("src/m{i}.rs")), OLD).unwrap();
    }
    folder
}

#[test]
fn a_kill_leaves_every_file_old_or_new() {
    let folder = many();
    let mut fixed = 0;
    for turn in 1..=25_u64 {
        let mut child =
            asynclint(folder.path(), "--fix -qq").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Later with each turn, so that all stages of the run are hit.
        std::thread::sleep(Duration::from_millis(40 * turn));
        let _ = child.kill();
        child.wait().unwrap();
        let now = count_fixed(folder.path());
        assert!(now >= fixed, "a fixed file went back");
        fixed = now;
    }
    assert_eq!(run(folder.path(), "--fix -qq").status.code(), Some(0));
    assert_eq!(count_fixed(folder.path()), FILES);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_between_two_files() {
    let folder = many();
    let mut child = asynclint(folder.path(), "--fix").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // Once the first file is new the listener is there.
    while !fs::read_dir(folder.path().join("src"))
        .unwrap()
        .any(|entry| fs::read_to_string(entry.unwrap().path()).is_ok_and(|text| text == NEW))
    {
        if child.try_wait().unwrap().is_some() {
            break;
        }
    }
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    let output = child.wait_with_output().unwrap();
    let fixed = count_fixed(folder.path());
    let left: Vec<_> = fs::read_dir(folder.path().join("src")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".asynclint-")), "a temporary file is left");
    if fixed < FILES {
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        assert!(stderr(&output).contains("interrupted"), "{}", stderr(&output));
    }
}
