//! The session of `docs/src/adopting.md`, typed into a project with two hundred findings. `UPDATE=1` writes what was printed into the page.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::at;

/// Files with ten findings each.
const DESKS: usize = 19;
/// How the run is called in the page, whatever the folder is called here.
const SHOWN: &str = "/home/me/orders";

const MANIFEST: &str = r#"[package]
name = "orders"
version = "0.1.0"
edition = "2024"

[dependencies]
tokio = { version = "1", features = ["full"] }
"#;

const CLOCK: &str = "pub fn start() {
    tokio::spawn(async {
        let mut seconds = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            seconds.tick().await;
            if tokio::fs::write(\"clock\", b\"\").await.is_err() {
                return;
            }
        }
    });
}
";

const DISK: &str = "pub fn load(name: &str) -> String {
    std::fs::read_to_string(name).unwrap_or_default()
}
";

/// One thing of each kind, as often as said.
fn desk(number: usize, reads: usize, helped: usize, sleeps: usize, spawns: usize) -> String {
    let mut text = format!("//! Desk {number}.\n");
    for at in 0..reads {
        let _ = write!(
            text,
            "\npub async fn read_{at}() -> String {{\n    std::fs::read_to_string(\"{at}\").unwrap_or_default()\n}}\n"
        );
    }
    for at in 0..helped {
        let _ = write!(text, "\npub async fn load_{at}() -> String {{\n    crate::disk::load(\"{at}\")\n}}\n");
    }
    for at in 0..sleeps {
        let _ = write!(
            text,
            "\npub async fn wait_{at}() {{\n    std::thread::sleep(std::time::Duration::from_millis(5{at}));\n}}\n"
        );
    }
    for at in 0..spawns {
        let body = "loop {\n            tokio::task::yield_now().await;\n            work().await;\n        }";
        let _ = write!(text, "\npub fn run_{at}() {{\n    tokio::spawn(async {{\n        {body}\n    }});\n}}\n");
    }
    text + "\nasync fn work() {\n    tokio::fs::write(\"desk\", b\"\").await.ok();\n}\n"
}

fn project(root: &Path) {
    let put = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
    for folder in [".git", "src"] {
        std::fs::create_dir(root.join(folder)).unwrap();
    }
    put("Cargo.toml", MANIFEST);
    put("src/clock.rs", CLOCK);
    put("src/disk.rs", DISK);
    let mut modules = "pub mod clock;\nmod disk;\npub mod desk_last;\n".to_owned();
    put("src/desk_last.rs", &desk(DESKS, 3, 3, 1, 2));
    for number in 0..DESKS {
        put(&format!("src/desk_{number:02}.rs"), &desk(number, 3, 3, 2, 2));
        let _ = writeln!(modules, "pub mod desk_{number:02};");
    }
    put("src/lib.rs", &modules);
}

/// A block of the page: between its fences.
enum Block {
    Console { command: String, expected: String },
    Rust(String),
}

struct Page {
    text: String,
    /// Where the words of each block stand in the text.
    blocks: Vec<(std::ops::Range<usize>, Block)>,
}

fn page() -> Page {
    let text = std::fs::read_to_string(at("docs/src/adopting.md")).unwrap();
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("```").map(|at| from + at) {
        let start = open + text[open..].find('\n').unwrap() + 1;
        let end = start + text[start..].find("```").unwrap();
        let words = &text[start..end];
        let block = match &text[open..start] {
            "```console\n" => {
                let (first, rest) = words.split_once('\n').unwrap();
                Block::Console { command: first.strip_prefix("$ ").unwrap().to_owned(), expected: rest.to_owned() }
            }
            "```rust\n" => Block::Rust(words.to_owned()),
            other => panic!("a block of {other}"),
        };
        blocks.push((start..end, block));
        from = end + 3;
    }
    Page { text, blocks }
}

/// What the command prints, errors after all else, and how it ends.
fn run(command: &str, root: &Path) -> (String, i32) {
    let words = shlex::split(command).unwrap();
    assert_eq!(words[0], "asynclint");
    let output = Command::new(env!("CARGO_BIN_EXE_asynclint"))
        .args(&words[1..])
        .current_dir(root)
        .env_clear()
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let text = text.replace(&root.display().to_string(), SHOWN);
    (text, output.status.code().unwrap())
}

#[test]
fn a_project_with_two_hundred_findings_adopts_asynclint_in_five_commands() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    project(&root);
    let (found, _) = run("asynclint check --format json", &root);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["findings"].as_array().unwrap().len(), 200);
    let Page { text, blocks } = page();
    let mut codes = Vec::new();
    let mut mended = text.clone();
    let mut wrong = Vec::new();
    let mut printed = Vec::new();
    for (range, block) in blocks {
        match block {
            Block::Rust(code) => {
                let path = root.join("src/desk_03.rs");
                let old = std::fs::read_to_string(&path).unwrap();
                let (title, rest) = old.split_once('\n').unwrap();
                std::fs::write(&path, format!("{title}\n\n{code}{rest}")).unwrap();
            }
            Block::Console { command, expected } => {
                let (actual, code) = run(&command, &root);
                codes.push(code);
                let same = snapbox::Assert::new().try_eq(None, actual.clone().into(), expected.into());
                wrong.extend(same.err().map(|error| format!("$ {command}\n{error}")));
                printed.push((range, format!("$ {command}\n{actual}")));
            }
        }
    }
    // From the end, so that the ranges before stay where they are.
    for (range, words) in printed.into_iter().rev() {
        mended.replace_range(range, &words);
    }
    if !wrong.is_empty() && std::env::var_os("UPDATE").is_some() {
        std::fs::write(at("docs/src/adopting.md"), mended).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 writes the page anew", wrong.join("\n"));
    // init, look, answer, baseline and gate; then the gate with a new bug in it.
    assert_eq!(codes, [0, 1, 0, 0, 0, 1]);
}
