//! Promises about runs that go badly or at the same time, about odd line ends, and about programs shaped to be slow.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use asynclint::base::{LineIndex, SourceMap};
use asynclint::engine::check_in_memory;
use asynclint::levels::{Levels, TestMode};
use asynclint::rules::page;

use crate::project::{MANIFEST, Project};
use crate::support::at;

/// What is found in `src/lib.rs` of a package: rule, line and column.
fn found(text: &str) -> Vec<(String, u32, u32)> {
    let files = vec![("Cargo.toml".to_owned(), MANIFEST.to_owned()), ("src/lib.rs".to_owned(), text.to_owned())];
    let (report, sources) = check_in_memory(files, &Levels::new(page::all(), TestMode::Relaxed));
    let one = |finding: &asynclint::diagnostic::Diagnostic| {
        let text = sources.text(finding.primary.file);
        let place = LineIndex::new(text).line_column(text, finding.primary.start);
        (finding.code(), place.line, place.column)
    };
    report.findings.iter().map(one).collect()
}

#[test]
fn line_ends_and_marks_move_no_finding() {
    for fixture in ["untracked-spawn", "blocking-sync", "lock-across-await"] {
        let text = std::fs::read_to_string(at("fixtures").join(fixture).join("flagged.rs")).unwrap();
        let wanted = found(&text);
        assert!(wanted.len() > 5, "{fixture}");
        let variants = [
            ("CR LF", text.replace('\n', "\r\n")),
            ("BOM", format!("\u{feff}{text}")),
            ("no last line break", text.trim_end().to_owned()),
            ("U+2028 and a lone CR in comments", text.replacen("//!", "//! a\u{2028}b /* \r */", 1)),
        ];
        for (name, variant) in variants {
            assert_eq!(found(&variant), wanted, "{fixture}: {name}");
        }
        let shebang: Vec<_> = wanted.iter().map(|(code, line, column)| (code.clone(), line + 1, *column)).collect();
        assert_eq!(found(&format!("#!/usr/bin/env run\n{text}")), shebang, "{fixture}: shebang");
    }
}

/// The text of functions `f0` to `f{last}`, of which each calls what `calls` says, and the last one blocks.
fn helpers(last: usize, calls: impl Fn(usize) -> String) -> String {
    let mut text = "pub async fn start() {\n    f0();\n}\n".to_owned();
    for at in 0..last {
        text.push_str(&format!("fn f{at}() {{\n    {}\n}}\n", calls(at)));
    }
    text + &format!("fn f{last}() {{\n    std::thread::sleep(std::time::Duration::from_secs(1));\n}}\n")
}

#[test]
fn long_chains_cycles_and_many_ways_end() {
    let chain = helpers(3000, |at| format!("f{}();", at + 1));
    let cycle = helpers(500, |at| format!("f{}(); f0(); f{}();", at + 1, at / 2));
    // Two helpers on each of sixty levels, each calling both of the next: 2^60 ways.
    let ladder = helpers(120, |at| {
        let next = (at / 2 + 1) * 2;
        format!("f{}(); f{}();", next.min(120), (next + 1).min(120))
    });
    for (name, text) in [("chain", chain), ("cycle", cycle), ("ladder", ladder)] {
        assert_eq!(found(&text), [("blocking-sleep".to_owned(), 2, 5)], "{name}");
    }
}

#[test]
fn an_output_is_old_or_whole_when_a_run_is_killed() {
    let project = Project::new();
    for at in 0..40 {
        project.write(&format!("src/m{at}.rs"), crate::project::WORK);
    }
    let flags = ["check", "-q", "-o", "json:report.json", "-o", "sarif:report.sarif"];
    for turn in 0..5_u64 {
        project.write("report.json", "{\"old\": true}");
        let mut child = project.command(&flags).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(80 * turn));
        let _ = child.kill();
        child.wait().unwrap();
        let value: serde_json::Value = serde_json::from_str(&project.read("report.json")).unwrap();
        assert!(value["old"] == true || value["summary"]["files"].is_u64(), "{value:#}");
    }
}

#[test]
fn runs_at_the_same_time_do_not_harm_each_other() {
    let project = Project::new();
    let start = |_| {
        let mut command = project.command(&["baseline", "create", "--force"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let codes: BTreeSet<_> =
        (0..3).map(start).collect::<Vec<_>>().into_iter().map(|mut child| child.wait().unwrap().code()).collect();
    assert_eq!(codes, BTreeSet::from([Some(0)]));
    let baseline = asynclint::baseline::Baseline::parse(&project.read("asynclint-baseline.json")).unwrap();
    assert_eq!(baseline.count(), 2);
    let left = std::fs::read_dir(project.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with(".asynclint-")).collect();
    assert!(left.is_empty(), "{left:?}");
}
