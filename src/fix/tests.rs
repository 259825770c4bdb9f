//! Fixes end to end, in memory.

use crate::base::{FileId, Span};
use crate::diagnostic::{Applicability, Edit, Severity};
use crate::engine::fix_in_memory;
use crate::fix::apply::{Refused, apply};
use crate::fix::{Done, Options, Style, Wish};
use crate::levels::{Levels, TestMode};
use crate::rules::page;

fn edit(start: u32, end: u32, text: &str) -> Edit {
    Edit { span: Span::new(FileId(0), start, end), text: text.to_owned() }
}

fn applied(text: &str, edits: &[Edit]) -> Result<String, Refused> {
    apply(text, &edits.iter().collect::<Vec<_>>())
}

#[test]
fn edits_come_in_any_order_and_never_overlap() {
    assert_eq!(applied("abc", &[edit(2, 3, "Z"), edit(0, 1, ""), edit(1, 1, "-")]).unwrap(), "-bZ");
    assert_eq!(applied("abc", &[edit(0, 2, "x"), edit(1, 3, "y")]), Err(Refused::Overlap));
    assert_eq!(applied("abc", &[edit(1, 1, "x"), edit(1, 1, "y")]), Err(Refused::Overlap));
    assert_eq!(applied("abc", &[edit(0, 3, "x"), edit(1, 1, "y")]), Err(Refused::Overlap));
    assert_eq!(applied("é", &[edit(1, 2, "x")]), Err(Refused::OutOfPlace));
    assert_eq!(applied("abc", &[edit(2, 9, "x")]), Err(Refused::OutOfPlace));
}

#[test]
fn line_breaks_become_those_of_the_file() {
    assert_eq!(applied("a\r\nb", &[edit(0, 1, "x\ny")]).unwrap(), "x\r\ny\r\nb");
    assert_eq!(applied("a\nb", &[edit(0, 1, "x\ny")]).unwrap(), "x\ny\nb");
}

const SPAWNS: &str =
    "async fn work() -> Result<(), String> { Ok(()) }\npub fn start() {\n    tokio::spawn(work());\n}\n";

fn manifest(publish: bool, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"a\"\nedition = \"2024\"\npublish = {publish}\n[dependencies]\ntokio = {{ version = \"1\", features = [\"full\"] }}\n{dependencies}"
    )
}

fn fixed(manifest: &str, code: &str, up_to: Applicability, options: Options) -> (String, Done) {
    let files = vec![("Cargo.toml".to_owned(), manifest.to_owned()), ("src/lib.rs".to_owned(), code.to_owned())];
    let levels = Levels::new(page::all(), TestMode::Relaxed);
    let wish = Wish { up_to, min_severity: Severity::Note, asks: false, options };
    let (files, _, done) = fix_in_memory(files, &levels, &wish);
    assert!(done.converged);
    (files[1].1.clone(), done)
}

#[test]
fn the_supervised_rewrite_waits_for_the_companion_crate() {
    let supervised = SPAWNS.replace("tokio::spawn(", "asynclint_supervisor::spawn!(\"work\", ");
    let (text, done) = fixed(&manifest(true, ""), SPAWNS, Applicability::Unsafe, Options::default());
    assert_eq!((text.as_str(), done.lacking), (SPAWNS, 1), "a package that lacks it is left alone");
    let there = manifest(true, "asynclint-supervisor = \"0.1\"\n");
    assert_eq!(fixed(&there, SPAWNS, Applicability::Safe, Options::default()).0, supervised);
    let renamed = manifest(true, "sup = { package = \"asynclint-supervisor\", version = \"0.1\" }\n");
    let (text, _) = fixed(&renamed, SPAWNS, Applicability::Safe, Options::default());
    assert_eq!(text, supervised.replace("asynclint_supervisor", "sup"));
    let adds = || Options { add_dependency: true, ..Options::default() };
    let (text, done) = fixed(&manifest(false, ""), SPAWNS, Applicability::Safe, adds());
    assert_eq!((text, done.dependencies.len()), (supervised, 1));
    let (text, _) = fixed(&manifest(true, ""), SPAWNS, Applicability::Unsafe, adds());
    assert_eq!(text, SPAWNS, "a published library decides for itself");
}

#[test]
fn a_project_may_name_its_own_path_and_style() {
    let own = || Options { supervisor_path: Some("crate::rt".to_owned()), ..Options::default() };
    let code = format!("pub mod rt {{ pub use asynclint_supervisor::{{spawn, test}}; }}\n{SPAWNS}");
    let there = manifest(true, "asynclint-supervisor = \"0.1\"\n");
    let (text, _) = fixed(&there, &code, Applicability::Safe, own());
    assert_eq!(text, code.replace("tokio::spawn(", "crate::rt::spawn!(\"work\", "));
    let (again, done) = fixed(&there, &text, Applicability::Unsafe, own());
    assert_eq!((again, done.fixed.len()), (text, 0), "the project's own path is known");
    let test =
        "#[tokio::test(flavor = \"multi_thread\")]\nasync fn t() {\n    tokio::spawn(async { assert!(true) });\n}\n";
    let (text, _) = fixed(&there, test, Applicability::Unsafe, own());
    assert!(text.starts_with("#[crate::rt::test(crate = crate::rt, flavor = \"multi_thread\")]"), "{text}");
    let off = Options { style: Style::Off, ..Options::default() };
    assert_eq!(fixed(&there, SPAWNS, Applicability::Unsafe, off).0, SPAWNS);
}

#[test]
fn a_tracker_in_sight_is_the_other_style() {
    let code = "use tokio_util::task::TaskTracker;\nasync fn work() -> Result<(), String> { Ok(()) }\n\
        pub fn start(tracker: &TaskTracker) {\n    let _ = tokio::spawn(work());\n}\n";
    let there = manifest(true, "tokio-util = { version = \"0.7\", features = [\"full\"] }\n");
    let options = Options { style: Style::TaskTracker, ..Options::default() };
    let (text, _) = fixed(&there, code, Applicability::Unsafe, options);
    assert_eq!(text, code.replace("let _ = tokio::spawn", "tracker.spawn"));
}

#[test]
fn rules_can_be_named_or_left_out() {
    let code = "pub async fn nap() {\n    std::thread::sleep(std::time::Duration::from_millis(1));\n}\n";
    let run = |options| fixed(&manifest(true, ""), code, Applicability::Safe, options).1.fixed.len();
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(run(Options::default()), 1);
    assert_eq!(run(Options { unfixable: list(&["blocking-sleep"]), ..Options::default() }), 0);
    assert_eq!(run(Options { fixable: Some(list(&["blocking-fs"])), ..Options::default() }), 0);
    assert_eq!(run(Options { fixable: Some(list(&["blocking-sleep.default"])), ..Options::default() }), 1);
}

#[test]
fn a_sleep_becomes_that_of_the_runtime_at_hand() {
    let code = "pub async fn nap() {\n    std::thread::sleep(std::time::Duration::from_millis(1));\n}\n";
    let run = |runtime: &str| {
        let manifest = format!("[package]\nname = \"a\"\nedition = \"2024\"\n[dependencies]\n{runtime}");
        fixed(&manifest, code, Applicability::Safe, Options::default()).0
    };
    let awaits = |path: &str| code.replace("std::thread::sleep", path).replace(");", ").await;");
    assert_eq!(run("tokio = { version = \"1\", features = [\"time\"] }"), awaits("tokio::time::sleep"));
    assert_eq!(
        run("tokio = { version = \"1\", features = [\"rt\"] }"),
        code,
        "without the feature it would not compile"
    );
    assert_eq!(run("async-std = \"1\""), awaits("async_std::task::sleep"));
    assert_eq!(run("smol = \"2\""), awaits("smol::Timer::after"));
}

#[test]
fn a_sleep_is_safe_where_what_is_in_scope_was_awaited_before() {
    let code = "pub struct S;\npub async fn ask(_: &S) -> std::io::Result<()> { Ok(()) }\n\
        pub async fn retry(s: &S) {\n    for _ in 0..3 {\n        match ask(s).await {\n            Ok(()) => return,\n            \
        Err(_) => std::thread::sleep(std::time::Duration::from_millis(1)),\n        }\n    }\n}\n";
    let (text, _) = fixed(&manifest(true, ""), code, Applicability::Safe, Options::default());
    assert!(text.contains("tokio::time::sleep(std::time::Duration::from_millis(1)).await"), "{text}");
    // The copy of the pointer is there at no other await.
    let code = "pub async fn once(p: *const u8) {\n    ask().await;\n    let q = p;\n    \
        std::thread::sleep(std::time::Duration::from_millis(1));\n    drop(q);\n}\npub async fn ask() {}\n";
    let (text, _) = fixed(&manifest(true, ""), code, Applicability::Safe, Options::default());
    assert_eq!(text, code);
}
