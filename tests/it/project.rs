//! A project on disk that a test makes, changes, commits and checks with the built command.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A package in a git repository of its own.
pub(crate) struct Project {
    folder: TempDir,
}

pub(crate) const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n";

/// A function that loses a task, and one that blocks.
pub(crate) const WORK: &str = "pub async fn run() {
    tokio::spawn(tick());
}

async fn tick() -> std::io::Result<()> {
    std::thread::sleep(std::time::Duration::from_millis(5));
    Ok(())
}
";

impl Project {
    /// The same with a history of one commit.
    pub(crate) fn committed() -> Self {
        let project = Self::new();
        std::fs::remove_dir(project.path().join(".git")).unwrap();
        project.git(&["init", "-q", "-b", "main"]);
        project.commit();
        project
    }

    /// `src/lib.rs` names `work`, which holds `WORK`; the root of a repository by its looks.
    pub(crate) fn new() -> Self {
        let project = Self { folder: TempDir::new().unwrap() };
        project.write("Cargo.toml", MANIFEST);
        project.write("src/lib.rs", "pub mod work;\n");
        project.write("src/work.rs", WORK);
        std::fs::create_dir(project.path().join(".git")).unwrap();
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.path()).args(["-c", "user.name=a", "-c", "user.email=a@b.invalid"]).args(arguments);
        git.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asynclint"));
        command.args(arguments).current_dir(self.path()).env_remove("GITHUB_STEP_SUMMARY");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// The findings of a check as `path:line rule`.
    pub(crate) fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let ran = self.run(&[&["check", "--format", "json"], arguments].concat());
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let short = |finding: &serde_json::Value| {
            let at = &finding["location"];
            format!("{}:{} {}", at["path"].as_str().unwrap(), at["line"], finding["rule"].as_str().unwrap())
        };
        json["findings"].as_array().unwrap().iter().map(short).collect()
    }
}

/// What a command answered.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
