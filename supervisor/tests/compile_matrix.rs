//! The compile matrix: `forms.rs` as a crate of its user, in editions 2021 and 2024, and the code
//! that must not compile, with its message. Builds crates, so it runs only with ASYNCLINT_SLOW=1.
#![expect(clippy::print_stdout, reason = "measured figures are shown")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn slow() -> bool {
    let slow = std::env::var_os("ASYNCLINT_SLOW").is_some();
    if !slow {
        println!("skipped: set ASYNCLINT_SLOW=1");
    }
    slow
}

/// A fresh crate beside the build output that depends on this one.
fn user_crate(name: &str, edition: &str, source: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(dir.join("src")).expect("a directory");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\
         [workspace]\n\
         [dependencies]\nasynclint-supervisor = {{ path = {root:?} }}\n\
         tokio = {{ version = \"1\", features = [\"rt-multi-thread\", \"macros\", \"net\", \"io-util\"] }}\n"
    );
    std::fs::write(dir.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(dir.join("src/lib.rs"), source).expect("a source");
    // The same versions as here, so that nothing has to be looked up.
    std::fs::copy(root.join("../Cargo.lock"), dir.join("Cargo.lock")).expect("a lock file");
    dir
}

/// The messages of `cargo check`; empty if it passes.
fn check(dir: &Path) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--tests", "--quiet", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("target"))
        .current_dir(dir)
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        assert_eq!(text, "", "warnings");
        return String::new();
    }
    text
}

#[test]
fn the_forms_compile_in_both_editions() {
    if !slow() {
        return;
    }
    let forms = include_str!("forms.rs");
    for edition in ["2021", "2024"] {
        let dir = user_crate(&format!("forms_{edition}"), edition, forms);
        assert_eq!(check(&dir), "", "edition {edition}");
    }
}

#[test]
fn what_must_not_compile_says_why() {
    if !slow() {
        return;
    }
    let cases = [
        (
            "not_send",
            "pub fn f() { let rc = std::rc::Rc::new(1); asynclint_supervisor::spawn!(\"x\", async move { let rc = rc; tokio::task::yield_now().await; drop(rc); }); }",
            "cannot be sent between threads safely",
        ),
        (
            "borrow",
            "pub fn f() { let s = String::new(); asynclint_supervisor::spawn!(\"x\", async { println!(\"{}\", s.len()); }); }",
            "may outlive borrowed value `s`",
        ),
        (
            "late_inference",
            "pub fn f() { let (tx, rx) = tokio::sync::oneshot::channel(); asynclint_supervisor::spawn!(\"x\", async move { rx.await.unwrap() }); let _ = tx.send(5u8); }",
            "mismatched types",
        ),
        (
            "no_future",
            "pub fn f() { asynclint_supervisor::spawn!(\"x\", 5); }",
            "is not a future",
        ),
        (
            "name_of_a_wrong_type",
            "pub fn f() { let name = 5u8; asynclint_supervisor::spawn!(name, async {}); }",
            "is not the name or description of a task",
        ),
        (
            "method_form_of_an_opaque_output",
            "pub struct S; pub fn f(s: &asynclint_supervisor::Supervisor) { s.spawn(\"x\", async { S }); }",
            "the method form cannot tell whether",
        ),
    ];
    for (name, source, message) in cases {
        for edition in ["2021", "2024"] {
            let text = check(&user_crate(&format!("fail_{name}_{edition}"), edition, source));
            assert!(text.contains(message), "{name}, edition {edition}: {text}");
        }
    }
}
