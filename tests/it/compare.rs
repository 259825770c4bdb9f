//! Annotations against what the library said: who matches whom, and a picture of what does not.

use std::fmt::Write as _;

use crate::adapter::Found;
use crate::annotations::Expected;

/// Compares the findings in one file with its annotations; returns nothing, or a picture of every difference.
pub(crate) fn findings(path: &str, text: &str, edition: u16, expected: &[Expected], found: &[Found]) -> String {
    let mut open: Vec<&Found> = found.iter().filter(|found| found.path == path).collect();
    let mut picture = Picture { path, text, edition, out: String::new() };
    for want in expected.iter().filter(|want| want.edition.is_none_or(|only| only == edition)) {
        let same_place = |found: &&Found| found.line == want.line && found.rule == want.rule;
        let exact = open.iter().position(|found| same_place(found) && mismatch(want, found).is_none());
        let Some(at) = exact.or_else(|| open.iter().position(same_place)) else {
            picture.add(want.line, &describe(want), "nothing");
            continue;
        };
        let got = open.swap_remove(at);
        if let Some(difference) = mismatch(want, got) {
            picture.add(want.line, &describe(want), &format!("{}\n     |   but: {difference}", show(got)));
        }
    }
    open.sort_by_key(|found| found.line);
    for got in open {
        picture.add(got.line, "nothing", &show(got));
    }
    picture.out
}

struct Picture<'a> {
    path: &'a str,
    text: &'a str,
    edition: u16,
    out: String,
}

impl Picture<'_> {
    fn add(&mut self, line: usize, expected: &str, actual: &str) {
        let source = self.text.lines().nth(line.saturating_sub(1)).unwrap_or("(no such line)");
        let source = source.split("//~").next().unwrap_or_default().trim_end();
        let (path, edition) = (self.path, self.edition);
        let _ = write!(
            self.out,
            "\n{path}:{line} (edition {edition})\n{line:4} | {source}\n     | expected: {expected}\n     | actual:   {actual}\n"
        );
    }
}

/// The first thing that the annotation demands and the finding lacks.
fn mismatch(want: &Expected, got: &Found) -> Option<String> {
    let differs = |what: &str, want: &Option<String>, got: &str| {
        let want = want.as_deref()?;
        (want != got).then(|| format!("{what} is {got}, not {want}"))
    };
    differs("kind", &want.kind, &got.kind)
        .or_else(|| differs("severity", &want.severity, &got.severity))
        .or_else(|| differs("confidence", &want.confidence, &got.confidence))
        .or_else(|| {
            let words = want.words.as_deref()?;
            (!got.message.contains(words)).then(|| format!("the message lacks \"{words}\""))
        })
        .or_else(|| {
            let label = want.labels.iter().find(|want| !got.labels.iter().any(|got| got.contains(want.as_str())))?;
            Some(format!("no label says \"{label}\"; labels: {:?}", got.labels))
        })
        .or_else(|| {
            let chain = want.chain.as_ref()?;
            (!same_chain(chain, &got.chain)).then(|| format!("the chain is {}", got.chain.join(" -> ")))
        })
}

/// Hops are compared by the end of their paths, so that a fixture need not repeat crate and module names.
pub(crate) fn same_chain(want: &[String], got: &[String]) -> bool {
    want.len() == got.len() && want.iter().zip(got).all(|(want, got)| ends_path(got, want))
}

/// `a::b::c` ends with the paths `c`, `b::c` and `a::b::c`, not with `bc`.
pub(crate) fn ends_path(whole: &str, end: &str) -> bool {
    whole.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
}

/// An answer of the façade against the annotation: paths by their end, `_` stands for any type.
pub(crate) fn same_answer(key: &str, want: &str, got: &str) -> bool {
    match key {
        "type" => same_type(&tokens(want), &tokens(got)),
        "blocks" => {
            let split = |text: &str| text.split("->").map(|hop| hop.trim().to_owned()).collect::<Vec<_>>();
            same_chain(&split(want), &split(got))
        }
        "is" => ends_path(got, want),
        _ => want == got,
    }
}

fn tokens(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '#';
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        out.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    out
}

fn same_type(want: &[&str], got: &[&str]) -> bool {
    let Some((first, want_rest)) = want.split_first() else { return got.is_empty() };
    if *first == "_" {
        return same_type(want_rest, &got[one_type(got)..]) && !got.is_empty();
    }
    match got.split_first() {
        Some((got_first, got_rest)) => ends_path(got_first, first) && same_type(want_rest, got_rest),
        None => false,
    }
}

/// How many tokens the first type takes: up to a `,` or a closing bracket that it did not open.
fn one_type(got: &[&str]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in got.iter().enumerate() {
        match *token {
            "<" | "(" | "[" => depth += 1,
            ">" | ")" | "]" if depth == 0 => return index,
            ">" | ")" | "]" => depth -= 1,
            "," if depth == 0 => return index,
            _ => {}
        }
    }
    got.len()
}

fn describe(want: &Expected) -> String {
    let mut text = want.rule.clone();
    if let Some(kind) = &want.kind {
        let _ = write!(text, ".{kind}");
    }
    for word in [&want.severity, &want.confidence].into_iter().flatten() {
        let _ = write!(text, " {word}");
    }
    if let Some(words) = &want.words {
        let _ = write!(text, " \"{words}\"");
    }
    if let Some(chain) = &want.chain {
        let _ = write!(text, " [chain: {}]", chain.join(" -> "));
    }
    text
}

fn show(got: &Found) -> String {
    let Found { rule, kind, severity, confidence, message, chain, .. } = got;
    let chain = if chain.is_empty() { String::new() } else { format!(" [chain: {}]", chain.join(" -> ")) };
    format!("{rule}.{kind} {severity} {confidence}: {message}{chain}")
}

#[cfg(test)]
mod tests {
    use super::{findings, same_answer};
    use crate::adapter::Found;
    use crate::annotations::parse;

    const TEXT: &str = "fn a() {}\nf(); //~ blocking-fs warn \"blocks\"\n//~| chain: load -> std::fs::read\n";

    fn found(line: usize) -> Found {
        Found {
            path: "x.rs".to_owned(),
            line,
            rule: "blocking-fs".to_owned(),
            kind: "default".to_owned(),
            severity: "warn".to_owned(),
            confidence: "certain".to_owned(),
            message: "`std::fs::read` blocks the executor thread".to_owned(),
            labels: Vec::new(),
            chain: vec!["case::load".to_owned(), "std::fs::read".to_owned()],
        }
    }

    fn compared(found: &[Found]) -> String {
        findings("x.rs", TEXT, 2021, &parse(TEXT).expect("parses").expected, found)
    }

    #[test]
    fn what_is_annotated_and_found_is_silent() {
        assert_eq!(compared(&[found(2)]), "");
    }

    #[test]
    fn a_missing_finding_is_shown_with_its_source_line() {
        let picture = compared(&[]);
        assert!(picture.contains("x.rs:2 (edition 2021)\n   2 | f();\n"), "{picture}");
        assert!(picture.contains("expected: blocking-fs warn \"blocks\" [chain: load -> std::fs::read]"), "{picture}");
        assert!(picture.contains("actual:   nothing"), "{picture}");
    }

    #[test]
    fn an_unexpected_finding_is_a_difference() {
        let picture = compared(&[found(2), found(1)]);
        assert!(picture.contains("   1 | fn a() {}\n     | expected: nothing"), "{picture}");
    }

    #[test]
    fn one_annotation_stands_for_one_finding() {
        assert!(compared(&[found(2), found(2)]).contains("expected: nothing"));
    }

    #[test]
    fn the_first_difference_is_named() {
        let other = Found { severity: "note".to_owned(), ..found(2) };
        assert!(compared(&[other]).contains("but: severity is note, not warn"));
        let other = Found { chain: vec!["case::preload".to_owned(), "std::fs::read".to_owned()], ..found(2) };
        assert!(compared(&[other]).contains("but: the chain is case::preload -> std::fs::read"));
    }

    #[test]
    fn an_edition_limits_an_annotation() {
        let text = "f(); //~ blocking-fs 2021\n";
        let expected = parse(text).expect("parses").expected;
        assert_eq!(findings("x.rs", text, 2024, &expected, &[]), "");
        assert_ne!(findings("x.rs", text, 2021, &expected, &[]), "");
    }

    #[test]
    fn types_match_by_the_end_of_their_paths_and_with_holes() {
        let handle = "std::result::Result<tokio::task::JoinHandle<()>, std::io::Error>";
        for want in ["Result<JoinHandle<()>, io::Error>", "Result<JoinHandle<()>, _>", "Result<_, _>", "_"] {
            assert!(same_answer("type", want, handle), "{want}");
        }
        for want in ["Result<JoinHandle<u8>, _>", "Result<_>", "Handle", "Result<JoinHandle<()>, _, _>"] {
            assert!(!same_answer("type", want, handle), "{want}");
        }
        assert!(same_answer("blocks", "load -> fs::read", "case::load -> std::fs::read"));
        assert!(!same_answer("is", "spawn", "case::respawn"));
    }
}
