//! The built commands as a shell sees them: exit codes, closed readers, full devices.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use crate::project::{Project, WORK};

const FORMATS: [&str; 12] = [
    "terminal",
    "short",
    "compact",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "rustc-json",
    "rdjsonl",
];

fn asynclint(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    command.args(arguments).env_clear().output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn without_arguments_it_prints_help_and_fails() {
    let output = asynclint(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: asynclint"));
}

#[test]
fn rules_and_pages_are_printed() {
    let table = asynclint(&["rules"]);
    assert_eq!(table.status.code(), Some(0));
    assert!(stdout(&table).contains("untracked-spawn"));
    assert!(!stdout(&table).contains('\u{1b}'), "no colours without a terminal");
    let coloured = asynclint(&["rules", "--color", "always"]);
    assert!(stdout(&coloured).contains("\u{1b}[1m"));
    let json: serde_json::Value = serde_json::from_str(&stdout(&asynclint(&["rules", "--format", "json"]))).unwrap();
    assert!(json["rules"].as_array().unwrap().len() >= 14);
    let page = asynclint(&["explain", "untracked-spawn.service"]);
    assert!(stdout(&page).contains("Why it matters"));
    let unknown = asynclint(&["explain", "untracked-spwan"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("`untracked-spawn`"));
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let command = command.args(["explain", "untracked-spawn"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let errors = BufReader::new(child.stderr.take().unwrap()).lines().count();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(errors, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
    let status = command.arg("rules").stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn cargo_asynclint_knows_its_commands() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-asynclint"));
    let output = command.args(["asynclint", "explain", "blocking-fs", "--format", "markdown"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("# blocking-fs"));
}

/// A name that is not UTF-8, from the disk to each format.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_shown_and_kept() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::new();
    let odd = project.path().join(std::ffi::OsStr::from_bytes(b"src/w\xff.rs"));
    std::fs::rename(project.path().join("src/work.rs"), odd).unwrap();
    project.write("src/lib.rs", "");
    assert_eq!(project.findings(&[])[0], "src/w\u{fffd}.rs:2 untracked-spawn");
    let sarif: serde_json::Value = serde_json::from_str(&project.run(&["check", "--format", "sarif"]).stdout).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/w%FF.rs");
}

#[cfg(target_os = "linux")]
#[test]
fn several_outputs_are_written_or_none_is_half() {
    let project = Project::new();
    let outputs: Vec<String> = FORMATS.iter().map(|format| format!("{format}:out/report.{format}")).collect();
    std::fs::create_dir(project.path().join("out")).unwrap();
    let flags: Vec<&str> = outputs.iter().flat_map(|output| ["-o", output]).collect();
    let ran = project.run(&[&["check"], &flags[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let mut names: Vec<_> = std::fs::read_dir(project.path().join("out"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected: Vec<_> = FORMATS.iter().map(|format| format!("report.{format}")).collect();
    expected.sort();
    assert_eq!(names, expected);
    assert!(names.iter().all(|name| !project.read(&format!("out/{name}")).is_empty()));
    let twice = project.run(&["check", "-o", "json:out/x", "-o", "sarif:out/x"]);
    assert_eq!(twice.code, Some(2));
    assert!(twice.stderr.contains("two outputs are to be written to out/x"), "{}", twice.stderr);
    let full = project.run(&["check", "-o", "sarif:/dev/full"]);
    assert_eq!(full.code, Some(2));
    assert!(full.stderr.contains("cannot write /dev/full: No space left"), "{}", full.stderr);
    let nowhere = project.run(&["check", "-o", "sarif:no/folder/x.sarif"]);
    assert_eq!(nowhere.code, Some(2));
    assert!(nowhere.stderr.contains("cannot write no/folder/x.sarif"), "{}", nowhere.stderr);
    // A file that is a link is replaced; what it leads to is not touched.
    project.write("precious", "keep me");
    std::os::unix::fs::symlink("precious", project.path().join("link.json")).unwrap();
    assert_eq!(project.run(&["check", "-o", "json:link.json"]).code, Some(1));
    assert_eq!(project.read("precious"), "keep me");
    assert!(project.read("link.json").starts_with('{'));
}

#[cfg(target_os = "linux")]
#[test]
fn every_format_bears_a_closed_reader_and_a_full_device() {
    let project = Project::new();
    // One of each way to standard output: for people, for programs, with a summary beside it. A reader that is gone is met by all.
    for format in ["terminal", "json", "github"] {
        let mut child = project
            .command(&["check", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status =
            project.command(&["check", "--format", format]).stdout(full).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{format}");
    }
}

#[test]
fn a_step_summary_is_appended() {
    let project = Project::new();
    project.write("summary.md", "before\n");
    let path = project.path().join("summary.md");
    let output = project.command(&["check", "--format", "github"]).env("GITHUB_STEP_SUMMARY", &path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let summary = project.read("summary.md");
    assert!(summary.starts_with("before\n### asynclint\n"), "{summary}");
    assert_eq!(summary.lines().filter(|line| line.starts_with("| warning") || line.starts_with("| error")).count(), 2);
    project.command(&["check"]).env("GITHUB_STEP_SUMMARY", &path).output().unwrap();
    assert_eq!(project.read("summary.md"), summary, "only the format that is for GitHub writes it");
}

#[test]
fn messages_on_standard_error_are_harmless() {
    let output = asynclint(&["check", "a\u{1b}[31m\n::error::b"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("::")), "{text:?}");
}

/// Names and text of strangers on their whole way, from the disk to standard output.
#[cfg(target_os = "linux")]
#[test]
fn a_hostile_project_harms_no_terminal_and_no_log() {
    use asynclint::render::sanitize::is_harmful;
    let project = Project::new();
    let nasty = "src/\u{1b}]0;owned\u{7}\n::error::x ##[add-mask]y\u{202e}";
    project.write(
        &format!("{nasty}/work.rs"),
        &WORK.replace("tick());", "tick()); // \u{1b}[2J ##[group]\u{9b}\n/*\n::error::z */"),
    );
    project.write("src/lib.rs", "");
    std::fs::remove_file(project.path().join("src/work.rs")).unwrap();
    std::fs::remove_dir_all(project.path().join(".git")).unwrap();
    let ran = project.run(&["check", "--new-from-patch", "/dev/null"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // Text is cleaned once more on its way to standard output, the rest is the same in a file.
    let outputs = tempfile::tempdir().unwrap();
    let flags: Vec<String> =
        FORMATS.iter().map(|format| format!("-o={format}:{}/{format}", outputs.path().display())).collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    for format in FORMATS {
        let is_text = matches!(format, "terminal" | "short" | "compact");
        let (stdout, said) = if is_text {
            let ran = project.run(&[&["check", "--format", format, "--color", "never"], &flags[..]].concat());
            assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
            (ran.stdout, ran.stderr)
        } else {
            (std::fs::read_to_string(outputs.path().join(format)).unwrap(), String::new())
        };
        for text in [&stdout, &said] {
            assert_eq!(text.chars().find(|c| is_harmful(*c) && *c != '\n'), None, "{format}: {text:?}");
            let strange = |line: &&str| {
                line.trim_start().starts_with("::")
                    && !line.starts_with("::warning file=")
                    && !line.starts_with("::error file=")
            };
            assert_eq!(text.lines().find(strange), None, "{format}");
            assert!(format == "github" || !text.contains("##["), "{format}: {text}");
        }
    }
    let made = project.run(&["baseline", "create"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert_eq!(project.findings(&[]), Vec::<String>::new());
    let shown = project.run(&["baseline", "show"]);
    assert_eq!(shown.stdout.chars().find(|c| is_harmful(*c) && *c != '\n'), None);
}

#[test]
fn an_editor_in_a_folder_below_gets_paths_of_that_folder() {
    let project = Project::new();
    for file in ["Cargo.toml", "src/lib.rs", "src/work.rs"] {
        project.write(&format!("app/{file}"), &project.read(file));
    }
    let mut command = project.command(&["check", "--message-format=json"]);
    let output = command.current_dir(project.path().join("app")).output().unwrap();
    let first = String::from_utf8(output.stdout).unwrap();
    let first: cargo_metadata::diagnostic::Diagnostic = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!(first.spans[0].file_name, "src/work.rs");
}

#[test]
fn a_reason_is_the_justification_of_a_suppressed_result() {
    let project = Project::new();
    let comment =
        WORK.replace("    tokio", "    // asynclint: allow(untracked-spawn): it ends with the process\n    tokio");
    let attribute = "    #[cfg_attr(asynclint, allow(asynclint::blocking_sleep, reason = \"five \\\"short\\\" ms\"))]\n    std::thread";
    project.write("src/work.rs", &comment.replace("    std::thread", attribute));
    let ran = project.run(&["check", "--format", "sarif", "--sarif-suppressed"]);
    let sarif: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let reasons: Vec<_> =
        results.iter().map(|result| result["suppressions"][0]["justification"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["it ends with the process", "five \"short\" ms"]);
    let usual = project.run(&["check", "--format", "sarif"]);
    let usual: serde_json::Value = serde_json::from_str(&usual.stdout).unwrap();
    assert_eq!(usual["runs"][0]["results"], serde_json::json!([]));
}
