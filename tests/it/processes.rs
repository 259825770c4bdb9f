//! No process is started by a check, and git starts none for a stranger's repository.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, WORK};

/// Programs of this name write down that they ran.
fn trap(folder: &Path, name: &str, mark: &Path) {
    let program = folder.join(name);
    std::fs::write(&program, format!("#!/bin/sh\necho \"{name} $*\" >> '{}'\n", mark.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_check_finds_no_program_worth_running() {
    let project = Project::new();
    let traps = tempfile::tempdir().unwrap();
    let mark = traps.path().join("ran");
    for name in ["git", "cargo", "rustc", "rustup", "sh", "bash", "rustfmt", "less", "curl"] {
        trap(traps.path(), name, &mark);
    }
    for arguments in [&["check"][..], &["check", "--format", "sarif"], &["baseline", "create"], &["rules"]] {
        let ran = project.command(arguments).env("PATH", traps.path()).output().unwrap();
        assert!(ran.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    assert!(!mark.exists(), "{}", std::fs::read_to_string(&mark).unwrap());
}

/// The same as the system sees it, where strace is installed.
#[test]
fn a_check_starts_no_process() {
    let project = Project::new();
    let log = project.path().join("strace.log");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "trace=execve,execveat,fork,vfork", "-o"]).arg(&log);
    strace.arg(env!("CARGO_BIN_EXE_asynclint")).args(["check", "-j", "4"]).current_dir(project.path());
    match strace.output() {
        Ok(output) if output.status.code() == Some(1) => {}
        other => return eprintln!("skipped: strace cannot trace here: {other:?}"),
    }
    let log = std::fs::read_to_string(log).unwrap();
    let starts = log.lines().filter(|line| ["exec", "fork"].iter().any(|call| line.contains(call)));
    assert_eq!(starts.count(), 1, "only the start of the tool itself:\n{log}");
}

#[test]
fn a_strange_repository_cannot_make_git_run_programs() {
    let project = Project::committed();
    project.write("src/work.rs", &format!("{WORK}\n"));
    project.write(".gitattributes", "*.rs filter=evil diff=evil merge=evil\n");
    project.commit();
    let mark = project.path().join(".git/ran");
    let evil = format!("sh -c 'echo ran >> {}'", mark.display());
    let settings = [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "pager.ls-tree",
        "pager.rev-parse",
        "pager.cat-file",
        "uploadpack.packObjectsHook",
        "gpg.program",
        "sequence.editor",
        "alias.ls-tree",
    ];
    for name in settings {
        project.git(&["config", name, &evil]);
    }
    let hooks = project.path().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-checkout", "pre-auto-gc", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        trap(&hooks, hook, &mark);
    }
    for flag in ["--new-from-rev", "--new-from-merge-base"] {
        let ran = project.run(&["check", flag, "HEAD"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    // A partial clone whose missing content would come from a program.
    project.git(&["config", "extensions.partialClone", "origin"]);
    project.git(&["config", "remote.origin.promisor", "true"]);
    project.git(&["config", "remote.origin.url", &format!("ext::{evil}")]);
    project.git(&["config", "protocol.ext.allow", "always"]);
    project.git(&["config", "protocol.allow", "always"]);
    let blob = project.git(&["rev-parse", "HEAD:src/work.rs"]);
    let (folder, file) = blob.trim().split_at(2);
    std::fs::remove_file(project.path().join(".git/objects").join(folder).join(file)).unwrap();
    let ran = project.run(&["check", "--new-from-rev", "HEAD"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("not in this clone"), "{}", ran.stderr);
    assert!(!mark.exists(), "{}", std::fs::read_to_string(&mark).unwrap());
}

#[test]
fn then_passes_on_another_command() {
    let project = Project::new();
    let flags = ["check", "--format", "rustc-json", "--then"];
    let ran = project.run(&[&flags[..], &["sh -c 'echo \"{\\\"reason\\\":\\\"build-finished\\\",\\\"success\\\":true}\"; echo to-stderr >&2; exit 7'"]].concat());
    assert_eq!(ran.code, Some(1), "findings come first");
    let last = ran.stdout.lines().last().unwrap();
    assert!(matches!(serde_json::from_str(last).unwrap(), cargo_metadata::Message::BuildFinished(_)), "{last}");
    assert!(ran.stdout.starts_with("{\"$message_type\":\"diagnostic\""));
    assert!(ran.stderr.contains("to-stderr"));
    project.write("src/work.rs", "");
    assert_eq!(project.run(&[&flags[..], &["sh -c 'exit 7'"]].concat()).code, Some(7));
    let missing = project.run(&[&flags[..], &["no-such-program-anywhere"]].concat());
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("`--then no-such-program-anywhere` cannot be run"), "{}", missing.stderr);
    assert_eq!(project.run(&[&flags[..], &["sh 'open"]].concat()).code, Some(2));
}
