//! The grammar of fixture annotations: what a comment in a fixture says must be found, or must be known, at a line.
//!
//! `//~ rule[.kind] [deny|warn|note] [likely|certain] [2021|2024] ["words"]` at the end of a line, `//~^` for the line above
//! (one more `^` for each line further up), `//~| chain: a -> b` and `//~| label: words` about the annotation before it.
//! `//  ^^^ key: value` is a question to the façade about what stands above the carets. `//@ key: value` heads a file.

/// A finding that must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    /// 1-based line of the finding.
    pub(crate) line: usize,
    /// 1-based line of the annotation itself.
    pub(crate) written_at: usize,
    /// Rule id.
    pub(crate) rule: String,
    /// Kind, when given.
    pub(crate) kind: Option<String>,
    /// `deny`, `warn` or `note`, when given.
    pub(crate) severity: Option<String>,
    /// `likely` or `certain`, when given.
    pub(crate) confidence: Option<String>,
    /// The only edition in which it must be found, when given.
    pub(crate) edition: Option<u16>,
    /// Text that the message must contain, when given.
    pub(crate) words: Option<String>,
    /// Hops, when given.
    pub(crate) chain: Option<Vec<String>>,
    /// Texts that some label must contain.
    pub(crate) labels: Vec<String>,
}

/// A question about the expression under carets, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// 1-based line of the expression.
    pub(crate) line: usize,
    /// First byte column, 0-based.
    pub(crate) start: usize,
    /// One past the last byte column.
    pub(crate) end: usize,
    /// `type`, `is`, `runs` or `blocks`.
    pub(crate) key: String,
    /// The answer.
    pub(crate) value: String,
}

/// What the head of a file says about how to run it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// `//@ edition: 2024`: only in that edition.
    pub(crate) edition: Option<u16>,
    /// `//@ rules: +a, +b.kind`: what is on besides the default.
    pub(crate) on: Vec<String>,
    /// `//@ tests: strict`: the test policy.
    pub(crate) tests: Option<String>,
    /// `//@ target: bin`: the target the file is the root of; `lib` when left out.
    pub(crate) target: Option<String>,
}

/// Everything a fixture file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Annotations {
    /// The head.
    pub(crate) header: Header,
    /// Findings that must be there; nothing else may be.
    pub(crate) expected: Vec<Expected>,
    /// Questions to the façade.
    pub(crate) asked: Vec<Asked>,
}

/// Reads all annotations of a file; an `Err` holds one line of text per mistake.
pub(crate) fn parse(text: &str) -> Result<Annotations, Vec<String>> {
    let mut out = Annotations::default();
    let mut mistakes = Vec::new();
    let mut code_line = 0;
    for (index, raw) in text.lines().enumerate() {
        let line = index + 1;
        let mut note = |what: String| mistakes.push(format!("line {line}: {what}"));
        if let Some(head) = raw.strip_prefix("//@") {
            header(&mut out.header, head).unwrap_or_else(&mut note);
        } else if let Some((start, end, rest)) = carets(raw) {
            match rest.split_once(':') {
                Some((key, value)) if is_question(key.trim()) && code_line > 0 => out.asked.push(Asked {
                    line: code_line,
                    start,
                    end,
                    key: key.trim().to_owned(),
                    value: value.trim().to_owned(),
                }),
                _ => note(format!("carets must be followed by `type:`, `is:`, `runs:` or `blocks:`, not `{rest}`")),
            }
        } else {
            let mut parts = raw.split("//~");
            let before = parts.next().unwrap_or_default();
            if !before.trim().is_empty() {
                code_line = line;
            }
            for part in parts {
                finding(&mut out.expected, line, part).unwrap_or_else(&mut note);
            }
        }
    }
    if mistakes.is_empty() { Ok(out) } else { Err(mistakes) }
}

fn is_question(key: &str) -> bool {
    matches!(key, "type" | "is" | "runs" | "blocks")
}

/// `    //   ^^^ rest`: the byte columns of the carets and what follows them.
fn carets(raw: &str) -> Option<(usize, usize, &str)> {
    let indent = raw.len() - raw.trim_start().len();
    let after = raw[indent..].strip_prefix("//")?;
    let gap = after.len() - after.trim_start().len();
    let marks = after[gap..].bytes().take_while(|byte| *byte == b'^').count();
    let start = indent + 2 + gap;
    (marks > 0).then(|| (start, start + marks, after[gap + marks..].trim()))
}

fn header(header: &mut Header, text: &str) -> Result<(), String> {
    let (key, value) = text.split_once(':').ok_or_else(|| format!("`//@{text}` has no colon"))?;
    let value = value.trim();
    match key.trim() {
        "edition" => header.edition = Some(edition(value).ok_or_else(|| format!("no such edition: {value}"))?),
        "rules" => {
            for rule in value.split(',') {
                let rule = rule.trim().strip_prefix('+').ok_or_else(|| format!("`{rule}` must begin with `+`"))?;
                header.on.push(rule.to_owned());
            }
        }
        "tests" if matches!(value, "relaxed" | "strict" | "off") => header.tests = Some(value.to_owned()),
        "target" if matches!(value, "lib" | "bin" | "test" | "example" | "bench") => {
            header.target = Some(value.to_owned())
        }
        _ => return Err(format!("`//@{text}` is not known")),
    }
    Ok(())
}

fn edition(word: &str) -> Option<u16> {
    matches!(word, "2021" | "2024").then(|| word.parse().ok()).flatten()
}

fn finding(all: &mut Vec<Expected>, line: usize, text: &str) -> Result<(), String> {
    if let Some(more) = text.strip_prefix('|') {
        let last = all.last_mut().ok_or("`//~|` has no annotation before it")?;
        let (key, value) = more.split_once(':').ok_or("`//~|` needs `chain:` or `label:`")?;
        match key.trim() {
            "chain" => last.chain = Some(value.split("->").map(|hop| hop.trim().to_owned()).collect()),
            "label" => last.labels.push(value.trim().to_owned()),
            other => return Err(format!("`//~| {other}:` is not known")),
        }
        return Ok(());
    }
    let ups = text.bytes().take_while(|byte| *byte == b'^').count();
    let mut expected = Expected { line: line.saturating_sub(ups), written_at: line, ..Expected::default() };
    let mut rest = text[ups..].trim();
    if let Some((before, quoted)) = rest.split_once('"') {
        let words =
            quoted.trim_end().strip_suffix('"').ok_or("the words must end with a quote and end the annotation")?;
        expected.words = Some(words.to_owned());
        rest = before.trim_end();
    }
    let mut words = rest.split_whitespace();
    let name = words.next().ok_or("`//~` needs a rule")?;
    match name.split_once('.') {
        Some((rule, kind)) => (expected.rule, expected.kind) = (rule.to_owned(), Some(kind.to_owned())),
        None => name.clone_into(&mut expected.rule),
    }
    for word in words {
        let slot = match word {
            "deny" | "warn" | "note" => &mut expected.severity,
            "likely" | "certain" => &mut expected.confidence,
            _ => {
                expected.edition = Some(edition(word).ok_or_else(|| format!("`{word}` is no part of an annotation"))?);
                continue;
            }
        };
        if slot.replace(word.to_owned()).is_some() {
            return Err(format!("`{word}` is a second word of its kind"));
        }
    }
    all.push(expected);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Expected, parse};

    fn one(text: &str) -> Expected {
        let mut expected = parse(text).expect("parses").expected;
        assert_eq!(expected.len(), 1, "{expected:?}");
        expected.remove(0)
    }

    #[test]
    fn all_parts_of_a_finding_are_read() {
        let read = one("f(); //~ blocking-sync.panics deny likely 2024 \"is not \\\"cancel\\\" safe\"");
        assert_eq!((read.line, read.rule.as_str(), read.kind.as_deref()), (1, "blocking-sync", Some("panics")));
        assert_eq!((read.severity.as_deref(), read.confidence.as_deref()), (Some("deny"), Some("likely")));
        assert_eq!((read.edition, read.words.as_deref()), (Some(2024), Some("is not \\\"cancel\\\" safe")));
    }

    #[test]
    fn what_is_left_out_is_free() {
        let read = one("f(); //~ blocking-fs");
        assert_eq!(read, Expected { line: 1, written_at: 1, rule: "blocking-fs".to_owned(), ..Expected::default() });
    }

    #[test]
    fn carets_after_the_tilde_count_lines_up() {
        assert_eq!(one("a();\nb();\n//~^ blocking-fs").line, 2);
        assert_eq!(one("a();\nb();\n//~^^ blocking-fs").line, 1);
    }

    #[test]
    fn a_bar_speaks_about_the_annotation_before_it() {
        let read = one("f(); //~ blocking-fs\n//~| chain: a -> b::c -> std::fs::read\n//~| label: in this async fn");
        let hops: Vec<_> = read.chain.iter().flatten().map(String::as_str).collect();
        assert_eq!(hops, ["a", "b::c", "std::fs::read"]);
        assert_eq!(read.labels, ["in this async fn"]);
    }

    #[test]
    fn one_line_may_hold_several_findings() {
        let read = parse("f(); //~ blocking-fs //~ blocking-sleep warn").expect("parses").expected;
        assert_eq!(read.iter().map(|e| e.rule.as_str()).collect::<Vec<_>>(), ["blocking-fs", "blocking-sleep"]);
    }

    #[test]
    fn questions_point_at_the_code_above_them() {
        let read = parse("    let x = go();\n    //      ^^^^ type: u8\n    //  ^ is: local x").expect("parses");
        let all: Vec<_> =
            read.asked.iter().map(|a| (a.line, a.start, a.end, a.key.as_str(), a.value.as_str())).collect();
        assert_eq!(all, [(1, 12, 16, "type", "u8"), (1, 8, 9, "is", "local x")]);
    }

    #[test]
    fn the_head_says_how_to_run_the_file() {
        let head = parse("//@ rules: +pedantic, +a.b\n//@ edition: 2021\n//@ tests: strict\n//@ target: bin\n")
            .expect("parses")
            .header;
        assert_eq!(head.on, ["pedantic", "a.b"]);
        assert_eq!(
            (head.edition, head.tests.as_deref(), head.target.as_deref()),
            (Some(2021), Some("strict"), Some("bin"))
        );
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let text = "//@ colour: red\nf(); //~ blocking-fs loudly\ng(); //~\n//~| chains: a\n//   ^^ typ: u8\nh(); //~ a warn note";
        let mistakes = parse(text).expect_err("six mistakes");
        assert_eq!(mistakes.len(), 6, "{mistakes:#?}");
        for (mistake, line) in mistakes.iter().zip(1..) {
            assert!(mistake.starts_with(&format!("line {line}:")), "{mistake}");
        }
    }
}
