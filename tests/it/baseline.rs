//! Baselines of a project that goes on changing.

use crate::project::{Project, WORK};

const FILE: &str = "asynclint-baseline.json";
const BOTH: [&str; 2] = ["src/work.rs:2 untracked-spawn", "src/work.rs:6 blocking-sleep"];

fn with_baseline() -> Project {
    let project = Project::new();
    assert_eq!(project.findings(&[]), BOTH);
    let made = project.run(&["baseline", "create"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(made.stderr.contains("holds 2 findings in 1 file"), "{}", made.stderr);
    project
}

#[test]
fn what_is_in_it_is_not_reported_again() {
    let project = with_baseline();
    assert_eq!(project.findings(&[]), Vec::<String>::new());
    assert_eq!(project.findings(&["--no-baseline"]), BOTH);
    let checked = project.run(&["check"]);
    assert_eq!(checked.code, Some(0));
    assert!(checked.stdout.contains("2 in the baseline"), "{}", checked.stdout);
    assert_eq!(project.run(&["check", "--no-baseline"]).code, Some(1));
    let elsewhere = project.path().join("other.json");
    std::fs::rename(project.path().join(FILE), &elsewhere).unwrap();
    assert_eq!(project.findings(&[]), BOTH);
    assert_eq!(project.findings(&["--baseline", "other.json"]), Vec::<String>::new());
}

#[test]
fn it_survives_edits_around_a_finding() {
    let project = with_baseline();
    let edited = format!(
        "use std::fmt;\n\n// A remark.\n{}",
        WORK.replace("    tokio", "    let _x = 1;\n    // now\n    tokio")
    );
    project.write("src/work.rs", &edited.replace("tick());", "\n        tick(),\n    );"));
    assert_eq!(project.findings(&[]), Vec::<String>::new());
    project.write("src/work.rs", &WORK.replace('\n', "\r\n"));
    assert_eq!(project.findings(&[]), Vec::<String>::new());
}

#[test]
fn it_survives_a_renamed_file() {
    let project = with_baseline();
    std::fs::rename(project.path().join("src/work.rs"), project.path().join("src/labour.rs")).unwrap();
    project.write("src/lib.rs", "pub mod labour;\n");
    assert_eq!(project.findings(&[]), Vec::<String>::new());
    project.run(&["baseline", "prune"]);
    assert!(project.read(FILE).contains("src/labour.rs") && !project.read(FILE).contains("src/work.rs"));
    // A copy is no move: the old file is still there.
    project.write("src/work.rs", &project.read("src/labour.rs"));
    project.write("src/lib.rs", "pub mod labour;\npub mod work;\n");
    assert_eq!(project.findings(&[]), BOTH);
}

#[test]
fn it_never_hides_a_new_finding() {
    let project = with_baseline();
    // The same statement a second time in the same function.
    project
        .write("src/work.rs", &WORK.replace("    tokio::spawn(tick());\n", &"    tokio::spawn(tick());\n".repeat(2)));
    assert_eq!(project.findings(&[]), ["src/work.rs:3 untracked-spawn"]);
    // Another function of the same file, while the old one is gone.
    project.write("src/work.rs", &WORK.replace("fn run()", "fn start()"));
    assert_eq!(project.findings(&[]), ["src/work.rs:2 untracked-spawn"]);
}

#[test]
fn what_is_gone_is_said_and_pruned() {
    let project = with_baseline();
    project.write("src/work.rs", &WORK.replace("    std::thread::sleep(std::time::Duration::from_millis(5));\n", ""));
    let checked = project.run(&["check"]);
    assert!(checked.stderr.contains("1 finding of the baseline is gone"), "{}", checked.stderr);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    // Runs that do not look for it know nothing of it.
    for partial in
        [&["check", "-A", "blocking-sleep"][..], &["check", "src/lib.rs"], &["check", "--min-confidence", "certain"]]
    {
        let ran = project.run(partial);
        assert!(!ran.stderr.contains("gone"), "{partial:?}: {}", ran.stderr);
    }
    let pruned = project.run(&["baseline", "prune"]);
    assert!(pruned.stderr.contains("holds 1 finding in 1 file; 0 added, 1 removed"), "{}", pruned.stderr);
    assert!(!project.run(&["check"]).stderr.contains("gone"));
    assert!(!project.read(FILE).contains("blocking-sleep"));
}

#[test]
fn a_file_that_does_not_parse_proves_nothing() {
    let project = with_baseline();
    let before = project.read(FILE);
    project.write("src/work.rs", "pub async fn run( {\n");
    assert!(!project.run(&["check"]).stderr.contains("gone"));
    let pruned = project.run(&["baseline", "prune"]);
    assert!(pruned.stderr.contains("problems"), "{}", pruned.stderr);
    assert_eq!(project.read(FILE), before);
}

#[test]
fn an_update_adds_and_removes() {
    let project = with_baseline();
    project.write(
        "src/work.rs",
        &WORK.replace("std::thread::sleep(std::time::Duration::from_millis(5))", "std::fs::read(\"x\")?"),
    );
    assert_eq!(project.findings(&[]), ["src/work.rs:6 blocking-fs"]);
    let pruned = project.run(&["baseline", "prune"]);
    assert!(pruned.stderr.contains("0 added, 1 removed"), "{}", pruned.stderr);
    assert_eq!(project.findings(&[]), ["src/work.rs:6 blocking-fs"]);
    let updated = project.run(&["baseline", "update"]);
    assert!(updated.stderr.contains("1 added, 0 removed"), "{}", updated.stderr);
    assert_eq!(project.findings(&[]), Vec::<String>::new());
    // Of a part of the project, the rest stays.
    let whole = project.read(FILE);
    project.run(&["baseline", "update", "src/lib.rs"]);
    assert_eq!(project.read(FILE), whole);
    project.run(&["baseline", "update", "-A", "all"]);
    assert_eq!(project.read(FILE), whole);
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    let project = with_baseline();
    let first = project.read(FILE);
    assert_eq!(project.run(&["baseline", "create"]).code, Some(2), "it is not overwritten by accident");
    project.run(&["baseline", "create", "--force", "-j", "1"]);
    assert_eq!(project.read(FILE), first);
    let src = project.path().join("src");
    let mut command = project.command(&["baseline", "update"]);
    assert!(command.current_dir(src).output().unwrap().status.success());
    assert_eq!(project.read(FILE), first, "written at the root, wherever the command runs");
    assert_eq!(std::fs::read_dir(project.path()).unwrap().count(), 4, "no temporary file is left");
}

#[test]
fn wrong_files_are_errors_with_a_remedy() {
    let project = Project::new();
    for command in [
        &["check", "--baseline", "no.json"][..],
        &["baseline", "update"],
        &["baseline", "prune"],
        &["baseline", "show"],
    ] {
        let ran = project.run(command);
        assert_eq!(ran.code, Some(2), "{command:?}");
        assert!(ran.stderr.contains("asynclint baseline create"), "{command:?}: {}", ran.stderr);
    }
    let ran = project.run(&["baseline", "create", "--format", "json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--format belongs to `asynclint check`"), "{}", ran.stderr);
    project.write(FILE, "{\n  \"schema_version\": 1,\n  \"findings\": [\n<<<<<<< ours\n  ]\n}\n");
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("asynclint-baseline.json:4: a merge conflict"), "{}", ran.stderr);
    std::fs::remove_file(project.path().join(FILE)).unwrap();
    std::fs::create_dir(project.path().join(FILE)).unwrap();
    assert!(project.run(&["check"]).stderr.contains("not a regular file"));
}

#[cfg(unix)]
#[test]
fn a_link_of_the_repository_is_not_followed() {
    let project = with_baseline();
    std::fs::rename(project.path().join(FILE), project.path().join("elsewhere.json")).unwrap();
    std::os::unix::fs::symlink("elsewhere.json", project.path().join(FILE)).unwrap();
    assert!(project.run(&["check"]).stderr.contains("not a regular file"));
    assert_eq!(project.findings(&["--baseline", FILE]), Vec::<String>::new(), "one that the user names is");
}

#[test]
fn it_is_shown_as_a_table_and_as_json() {
    let project = with_baseline();
    let table = project.run(&["baseline", "show"]);
    assert!(table.stdout.contains("src/work.rs: untracked-spawn in `app::work::run`"), "{}", table.stdout);
    assert!(table.stdout.ends_with("      2  in all\n"), "{}", table.stdout);
    assert_eq!(project.run(&["baseline", "show", "--format", "json"]).stdout, project.read(FILE));
}
