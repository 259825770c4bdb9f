//! What readers do with texts that nobody would write: about two thousand mutations of real ones, the same on every run.
//!
//! `fuzz/` has the same readers for a fuzzer that knows coverage.

use std::collections::BTreeSet;

use asynclint::base::{FileId, SourceMap};
use asynclint::baseline::Baseline;
use asynclint::config::{self, Home, Wanted};
use asynclint::diagnostic::ProblemKind;
use asynclint::tokens::Tokens;
use asynclint::vcs::Patch;

use crate::support::at;

/// Numbers that look random and are not.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.roll(from.len())]
    }
}

/// What breaks readers of Rust: openers without closers, half literals, odd characters, words that begin something.
const ODD: [&str; 30] = [
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "[",
    "]",
    "\"",
    "'",
    "r#\"",
    "/*",
    "//",
    "\u{2028}",
    "\u{feff}",
    "é",
    "\r",
    "|",
    "=>",
    "..",
    "fn",
    "async",
    "await",
    "select!",
    "macro_rules!",
    "#[",
    "#![",
    "mod x;",
    "\0",
    "unsafe",
];

/// Between one and six changes of tokens: gone, twice, swapped, cut off, something odd put in.
fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut tokens: Vec<&str> = Tokens::new(text, 0).map(|token| &text[token.start..token.end]).collect();
    for _ in 0..=dice.roll(6) {
        let (at, other) = (dice.roll(tokens.len()), dice.roll(tokens.len()));
        match dice.roll(8) {
            _ if tokens.is_empty() => {}
            0 | 1 => drop(tokens.remove(at)),
            2 => tokens.insert(other, tokens[at]),
            3 => tokens.swap(at, other),
            4 => tokens.truncate(at),
            5 => drop(tokens.drain(at.min(other)..at.max(other))),
            _ => tokens.insert(at, dice.pick(&ODD)),
        }
    }
    tokens.concat()
}

/// Pieces of all fixtures, small enough to be read often.
fn pieces() -> Vec<String> {
    let folders = std::fs::read_dir(at("fixtures")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = folders.map(|folder| folder.join("flagged.rs")).filter(|file| file.is_file()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let parts = texts.flat_map(|text| text.split("\n}\n").map(|part| format!("{part}\n}}\n")).collect::<Vec<_>>());
    let pieces: Vec<String> = parts.filter(|part| part.len() < 3000).collect();
    assert!(pieces.len() > 300);
    pieces
}

#[test]
fn no_mutation_of_rust_stops_the_reader() {
    let (pieces, mut dice) = (pieces(), Dice(1));
    let mut kinds = BTreeSet::new();
    for case in 0..1000 {
        let text = mutated(&pieces[dice.roll(pieces.len())], &mut dice);
        let facts = asynclint::extract::file(FileId(0), &text);
        for problem in &facts.problems {
            assert_ne!(problem.kind, ProblemKind::InternalError, "{}\n{text}", problem.message);
            assert!(problem.span.1 as usize <= text.len() && problem.span.0 <= problem.span.1, "{text}");
            kinds.insert(format!("{:?}", problem.kind));
        }
        if case % 10 == 0 {
            assert_eq!(format!("{facts:?}"), format!("{:?}", asynclint::extract::file(FileId(0), &text)), "{text}");
        }
    }
    assert!(kinds.contains("ParseError"), "the mutations are too tame: {kinds:?}");
}

#[test]
fn no_mutation_of_a_project_stops_a_check() {
    let (pieces, mut dice) = (pieces(), Dice(2));
    let levels = asynclint::levels::Levels::new(asynclint::rules::page::all(), Default::default());
    for _ in 0..60 {
        let mut files = vec![("Cargo.toml".to_owned(), crate::project::MANIFEST.to_owned())];
        for name in ["src/lib.rs", "src/a.rs"] {
            // Several small changes at once, most of which leave Rust behind that says something new.
            let parts: Vec<String> = (0..3).map(|_| mutated(&pieces[dice.roll(pieces.len())], &mut dice)).collect();
            files.push((name.to_owned(), format!("mod a;\n{}", parts.concat())));
        }
        let run = || {
            let (report, sources) = asynclint::engine::check_in_memory(files.clone(), &levels);
            let internal = report.problems.iter().find(|problem| problem.kind == ProblemKind::InternalError);
            assert!(internal.is_none(), "{internal:?}\n{files:#?}");
            let one = |f: &asynclint::diagnostic::Diagnostic| {
                assert!(f.primary.end as usize <= sources.text(f.primary.file).len(), "{f:?}\n{files:#?}");
                format!("{} {:?} {} {:?}", f.code(), f.primary, f.message, f.fixes)
            };
            report.findings.iter().map(one).collect::<Vec<_>>()
        };
        assert_eq!(run(), run(), "{files:#?}");
    }
}

#[test]
fn no_comment_stops_the_reader_of_directives() {
    let words = [
        "asynclint:",
        "allow",
        "expect",
        "allow-file",
        "assume",
        "(",
        ")",
        ",",
        ".",
        ":",
        " -- ",
        " ",
        "blocking-fs",
        "untracked-spawn.service",
        "non-blocking",
        "é",
        "\u{202e}",
        "//",
        "/*",
        "\t",
        "\"",
    ];
    let mut dice = Dice(3);
    for _ in 0..500 {
        let words: Vec<&str> = (0..dice.roll(12)).map(|_| dice.pick(&words)).collect();
        let text = format!("fn f() {{\n    // asynclint:{}\n    g();\n}}\n", words.concat());
        let facts = asynclint::extract::file(FileId(0), &text);
        for directive in &facts.directives {
            let (start, end) = directive.span;
            assert!(text[start as usize..end as usize].starts_with("//"), "{text}");
            for (name, (start, end)) in directive.content.iter().flat_map(|content| &content.args) {
                assert_eq!(&text[*start as usize..*end as usize], name, "{text}");
            }
        }
    }
}

#[test]
fn no_configuration_stops_its_reader() {
    let text = std::fs::read_to_string(at("fixtures/_workspaces/config/asynclint.toml")).unwrap();
    let homes = [Home { folder: "".into(), top: "".into() }];
    let mut dice = Dice(4);
    let mut read = 0;
    for _ in 0..250 {
        let text = mutated(&text, &mut dice);
        let reader = |path: &std::path::Path| {
            (path == std::path::Path::new("asynclint.toml")).then(|| Ok(std::sync::Arc::from(text.as_str())))
        };
        let find = || config::find(&homes, std::path::Path::new(""), &Wanted::default(), &reader);
        match find() {
            Ok(config) => {
                read += 1;
                assert!(config.unknown.iter().all(|unknown| unknown.span.1 as usize <= text.len()), "{text}");
                let _ = config::show::whole(&config);
            }
            Err(errors) => {
                let shown = |errors: &[config::ConfigError]| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
                assert_eq!(shown(&errors), shown(&find().unwrap_err()), "{text}");
            }
        }
    }
    assert!(read > 5, "the mutations are too wild: {read} can be read");
}

#[test]
fn no_baseline_and_no_patch_stops_its_reader() {
    let baseline = r#"{"schema_version":1,"findings":[
{"rule":"untracked-spawn","kind":"service","path":"src/a.rs","package":"app","function":"app::b","statement":"s1:01","fingerprint":"v1:01"},
{"rule":"blocking-fs","kind":"default","path":"src/a.rs","package":"app","function":"app::a","statement":"s1:00","fingerprint":"v1:00","count":18446744073709551615},
{"rule":"blocking-fs","kind":"default","path":"src/a.rs","package":"app","function":"app::a","statement":"s1:00","fingerprint":"v1:00","in_test":false,"count":2}
]}
"#;
    let patch = "diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,3 @@ fn a() {\n a\n+b\n-c\n+d\n\\ No newline at end of file\n";
    let mut dice = Dice(5);
    for _ in 0..200 {
        if let Ok(read) = Baseline::parse(&mutated(baseline, &mut dice)) {
            assert_eq!(Baseline::parse(&read.to_text()).unwrap(), read);
        }
        let patch = mutated(patch, &mut dice);
        assert_eq!(Patch::parse(&patch).ok(), Patch::parse(&patch).ok());
    }
}
