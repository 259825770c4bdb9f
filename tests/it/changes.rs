//! Only what is new: since a revision, since a branch, in a patch.

use crate::project::{MANIFEST, Project, WORK};

/// A second function with the same bugs.
const MORE: &str = "
pub async fn more() {
    tokio::spawn(tick());
}
";

#[test]
fn a_change_shows_what_it_brought() {
    let project = Project::committed();
    assert_eq!(project.findings(&["--new-from-rev", "HEAD"]), Vec::<String>::new());
    project.write("src/work.rs", &format!("{WORK}{MORE}"));
    let new = ["src/work.rs:11 untracked-spawn"];
    assert_eq!(project.findings(&["--new-from-rev", "HEAD"]), new);
    project.commit();
    assert_eq!(project.findings(&["--new-from-rev", "HEAD~1"]), new);
    assert_eq!(project.findings(&["--new-from-rev=HEAD"]), Vec::<String>::new());
    let said = project.run(&["check", "--new-from-rev", "HEAD~1"]);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("2 not new"), "{}", said.stdout);
}

#[test]
fn a_deleted_cause_is_seen_on_lines_that_nobody_touched() {
    let project = Project::committed();
    let awaited = "pub async fn run() {\n    let task = tokio::spawn(tick());\n    task.await.unwrap().unwrap();\n}\nasync fn tick() -> std::io::Result<()> { Ok(()) }\n";
    project.write("src/work.rs", awaited);
    project.commit();
    project.write("src/work.rs", &awaited.replace("    task.await.unwrap().unwrap();\n", ""));
    assert_eq!(project.findings(&["--new-from-rev", "HEAD"]), ["src/work.rs:2 untracked-spawn"]);
}

#[test]
fn a_rename_brings_nothing_new() {
    let project = Project::committed();
    project.git(&["mv", "src/work.rs", "src/labour.rs"]);
    project.write("src/lib.rs", "pub mod labour;\n");
    assert_eq!(project.findings(&["--new-from-rev", "HEAD"]), Vec::<String>::new());
    // A folder, too.
    for file in ["Cargo.toml", "src/lib.rs", "src/labour.rs"] {
        project.write(&format!("crates/app/{file}"), &project.read(file));
        std::fs::remove_file(project.path().join(file)).unwrap();
    }
    assert_eq!(project.findings(&["--new-from-rev", "HEAD"]), Vec::<String>::new());
}

#[test]
fn a_branch_is_compared_with_where_it_began() {
    let project = Project::committed();
    project.git(&["checkout", "-q", "-b", "topic"]);
    project.write("src/work.rs", &format!("{WORK}{MORE}"));
    project.commit();
    project.git(&["checkout", "-q", "main"]);
    // main went on: without the sleep, which the topic did not bring.
    project.write("src/work.rs", &WORK.replace("std::thread::sleep(std::time::Duration::from_millis(5));", ""));
    project.commit();
    project.git(&["checkout", "-q", "topic"]);
    assert_eq!(project.findings(&["--new-from-merge-base", "main"]), ["src/work.rs:11 untracked-spawn"]);
    assert_eq!(
        project.findings(&["--new-from-rev", "main"]),
        ["src/work.rs:6 blocking-sleep", "src/work.rs:11 untracked-spawn"]
    );
}

#[test]
fn it_works_from_a_folder_below_and_for_one_package_of_many() {
    let project = Project::committed();
    for name in ["one", "two"] {
        project.write(&format!("{name}/Cargo.toml"), &MANIFEST.replace("\"app\"", "\"same\""));
        project.write(&format!("{name}/src/lib.rs"), WORK);
    }
    project.git(&["rm", "-q", "-r", "Cargo.toml", "src"]);
    project.write("two/src/lib.rs", "pub fn nothing() {}\n");
    project.commit();
    // The package of the same name beside it must not lend its findings to this one.
    project.write("two/src/lib.rs", WORK);
    let mut command = project.command(&["check", "--format", "short", "--new-from-rev", "HEAD"]);
    let output = command.current_dir(project.path().join("two")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.starts_with("src/lib.rs:2:5: warning[untracked-spawn"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_patch_shows_what_stands_on_its_lines() {
    let project = Project::committed();
    project.write("src/work.rs", &format!("{WORK}{MORE}"));
    project.write("change.patch", &project.git(&["diff"]));
    assert_eq!(project.findings(&["--new-from-patch", "change.patch"]), ["src/work.rs:11 untracked-spawn"]);
    project.write("empty.patch", "");
    assert_eq!(project.findings(&["--new-from-patch", "empty.patch"]), Vec::<String>::new());
}

#[test]
fn a_patch_shows_what_calls_its_lines() {
    let project = Project::committed();
    let code = "pub async fn run() {\n    load();\n}\n\nfn load() {\n    let _ = std::fs::metadata(\"x\");\n}\n";
    project.write("src/work.rs", code);
    project.commit();
    project.write("src/work.rs", &code.replace("std::fs::metadata(\"x\")", "std::fs::read(\"x\")"));
    project.write("change.patch", &project.git(&["diff"]));
    // The call that a patch touches is two lines below the place of the finding.
    assert_eq!(project.findings(&["--new-from-patch", "change.patch"]), ["src/work.rs:2 blocking-fs"]);
}

#[test]
fn what_cannot_be_known_is_an_error_with_a_remedy() {
    let project = Project::committed();
    let wrong = [
        (["--new-from-rev", "no-such-branch"], "git fetch origin no-such-branch"),
        (["--new-from-rev", "--output=pwned"], "is no revision"),
        (["--new-from-rev", "HEAD:src/lib.rs"], "there is no revision"),
        (["--new-from-merge-base", "-x"], "is no revision"),
        (["--new-from-patch", "src/lib.rs"], "no unified diff"),
        (["--new-from-patch", "nowhere.patch"], "cannot read the patch `nowhere.patch`"),
    ];
    for (flags, expected) in wrong {
        let ran = project.run(&[&["check"], &flags[..]].concat());
        assert_eq!(ran.code, Some(2), "{flags:?}");
        assert!(ran.stderr.contains(expected), "{flags:?}: {}", ran.stderr);
    }
    project.git(&["checkout", "-q", "--orphan", "island"]);
    // With the same files, text and second it would be the same commit.
    project.write("src/island.rs", "");
    project.commit();
    let ran = project.run(&["check", "--new-from-merge-base", "main"]);
    assert!(ran.stderr.contains("no common ancestor"), "{}", ran.stderr);
    std::fs::remove_dir_all(project.path().join(".git")).unwrap();
    let ran = project.run(&["check", "--new-from-rev", "HEAD"]);
    assert!(ran.stderr.contains("is no git repository"), "{}", ran.stderr);
}
