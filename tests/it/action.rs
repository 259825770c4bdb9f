//! The scripts of the GitHub action, as a runner would start them. What they fetch is not fetched here.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

use crate::support::at;

struct Run {
    output: Output,
    answers: String,
    folder: tempfile::TempDir,
}

fn script(name: &str, variables: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_asynclint")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let answers = folder.path().join("answers");
    let output = Command::new("bash")
        .arg(at(".github/action").join(name))
        .current_dir(at(""))
        .env_clear()
        .env("PATH", path)
        .env("RUNNER_TEMP", folder.path())
        .env("GITHUB_OUTPUT", &answers)
        .env("GITHUB_PATH", folder.path().join("path"))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let answers = std::fs::read_to_string(answers).unwrap_or_default();
    Run { output, answers, folder }
}

impl Run {
    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

#[test]
fn one_run_gives_report_sarif_annotations_and_the_exit_code() {
    let run = script("check.sh", &[("INPUT_PATH", "fixtures/demo\n"), ("INPUT_ARGS", " --fail-on  error ")]);
    assert!(run.output.status.success(), "{}", String::from_utf8_lossy(&run.output.stderr));
    let lines: Vec<&str> = run.answers.lines().collect();
    assert_eq!(lines[0], "exit-code=1");
    assert!(lines[1].starts_with("sarif=") && lines[2].starts_with("annotations="), "{}", run.answers);
    let sarif: serde_json::Value = serde_json::from_str(&run.file("asynclint.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    assert!(run.file("asynclint.annotations").contains("::error file=fixtures/demo/src/store.rs,line="));
    assert!(String::from_utf8_lossy(&run.output.stdout).contains("blocking-sleep"));
}

#[test]
fn what_is_written_in_a_workflow_is_never_a_command() {
    let run = script("check.sh", &[("INPUT_PATH", "$(touch owned); `touch owned`"), ("INPUT_ARGS", "; touch owned")]);
    assert_eq!(run.answers, "exit-code=2\n", "a path that does not exist");
    assert!(!at("owned").exists());
    let install = script("install.sh", &[("INPUT_VERSION", "1.0.0; touch owned")]);
    assert_eq!(install.output.status.code(), Some(2));
    assert!(!at("owned").exists());
}

#[test]
fn many_paths_and_no_arguments() {
    let project = tempfile::tempdir().unwrap();
    for name in ["a b.rs", "c.rs", "not named.rs"] {
        let text = if name.starts_with('n') { "async fn f() { std::thread::sleep(D); }" } else { "async fn f() {}" };
        std::fs::write(project.path().join(name), text).unwrap();
    }
    let paths = format!("{0}/a b.rs\n\n  \n{0}/c.rs", project.path().display());
    let run = script("check.sh", &[("INPUT_PATH", &paths), ("INPUT_ARGS", "")]);
    assert!(
        run.answers.starts_with("exit-code=0\n"),
        "{} {}",
        run.answers,
        String::from_utf8_lossy(&run.output.stderr)
    );
}

/// Names that other programs look for are written in several places.
#[test]
fn action_binstall_and_release_agree_on_names() {
    let text = |path: &str| std::fs::read_to_string(at(path)).unwrap();
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    assert_eq!(binstall["bin-dir"].as_str(), Some("{ name }-{ target }/{ bin }{ binary-ext }"));
    let url = binstall["pkg-url"].as_str().unwrap();
    assert!(url.ends_with("/releases/download/v{ version }/{ name }-{ target }{ archive-suffix }"), "{url}");
    let (install, release) = (text(".github/action/install.sh"), text(".github/workflows/release.yml"));
    assert!(install.contains("asynclint-$target.tar.gz") && release.contains("folder=asynclint-$TARGET"));
    let targets = install.lines().filter_map(|line| line.split("target=").nth(1)?.split(' ').next());
    for target in targets.filter(|target| target.contains('-')) {
        assert!(release.contains(target), "nothing builds {target}");
    }
}
