//! Names, sources and messages of strangers, through every format.

use asynclint::base::Span;
use asynclint::diagnostic::{Applicability, Edit, Fix, Problem, ProblemKind, Role, Severity, Writes};
use asynclint::render::sanitize::{is_harmful, without_commands};
use asynclint::render::terminal::Detail;

use crate::support::{Case, Other, hop, label, plain};

const NASTY: &str =
    "a\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{2066}\r\n::error::x\u{feff}\u{200b}##[add-mask]&<>\"]]>|.rs";

fn case() -> Case {
    let mut case = Case::default();
    let text = "\u{feff}fn a() { /* \u{1b}[2J \u{202e} */ spawn(\"\u{9b}é\u{1F600}\") }\r\n\tnext(\u{0}) }";
    let file = case.file(NASTY, text);
    let primary = case.span(file, "spawn");
    let finding = case.find("untracked-spawn", "service", primary, NASTY);
    finding.primary_label = NASTY.to_owned();
    finding.notes.push(NASTY.to_owned());
    finding.helps.push(NASTY.to_owned());
    finding.function = NASTY.to_owned();
    let end = text.len() as u32;
    for (start, stop) in [(0, end), (end, end), (end + 10, end + 20), (1, 2), (30, 31)] {
        case.find("blocking-fs", "default", Span::new(file, start, stop), "wrong span");
    }
    let message = NASTY.to_owned();
    let path = Some(NASTY.to_owned());
    case.report.problems.push(Problem { kind: ProblemKind::NotUtf8, message, path, span: None });
    case
}

#[test]
fn nothing_reaches_a_terminal_that_it_would_obey() {
    for detail in [Detail::Rich, Detail::Short] {
        let text = case().terminal(detail, Severity::Note);
        let bad = plain(&text).chars().find(|c| is_harmful(*c) && *c != '\n' && *c != '\t');
        assert_eq!(bad, None, "{text:?}");
        // What looks like an escape sequence is one of our own colours.
        let foreign = text.split('\u{1b}').skip(1).find(|rest| !rest.starts_with('[') || !is_colour(&rest[1..]));
        assert_eq!(foreign, None);
    }
}

/// What a runner of a build log would obey: as its parser reads lines.
fn commands(log: &str) -> Vec<&str> {
    let is_old = |line: &&str| line.split_once("##[").is_some_and(|(_, rest)| rest.contains(']'));
    let is_new = |line: &&str| line.trim_start().starts_with("::");
    log.split(['\n', '\r']).filter(|line| is_new(line) || is_old(line)).collect()
}

#[test]
fn no_format_obeys_or_hides_a_name() {
    let case = case();
    let texts = Other::ALL.map(|format| (format!("{format:?}"), case.render(format)));
    let texts = texts.into_iter().chain([("json".to_owned(), case.json()), ("sarif".to_owned(), case.sarif())]);
    for (format, text) in texts {
        let bad = text.chars().find(|c| is_harmful(*c) && *c != '\n');
        assert_eq!(bad, None, "{format}: {text:?}");
        // Text goes to a log through the same filter as the terminal output.
        let text = if format == "Compact" { without_commands(&text).into_owned() } else { text };
        let obeyed = commands(&text);
        if format == "Github" {
            assert_eq!(obeyed.len(), case.report.findings.len() + case.report.problems.len(), "{text}");
            let own = |line: &&str| ["::warning file=", "::warning title="].iter().any(|start| line.starts_with(start));
            assert!(obeyed.iter().all(own), "{obeyed:?}");
        } else {
            assert!(obeyed.is_empty(), "{format}: {obeyed:?}");
        }
    }
}

#[test]
fn text_on_a_terminal_starts_no_command() {
    let mut case = Case::default();
    let file = case.file("::error::x.rs", "spawn(); // ##[add-mask]x\n");
    let primary = case.span(file, "spawn");
    case.find("untracked-spawn", "service", primary, "##[group]lost");
    for text in [case.terminal(Detail::Rich, Severity::Note), case.terminal(Detail::Short, Severity::Note)] {
        assert_eq!(commands(&without_commands(&plain(&text))), Vec::<&str>::new());
    }
}

fn is_colour(rest: &str) -> bool {
    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
}

#[test]
fn machine_formats_keep_the_truth() {
    let json: serde_json::Value = serde_json::from_str(&case().json()).unwrap();
    assert_eq!(json["findings"][0]["message"], NASTY);
    assert_eq!(json["findings"][0]["location"]["path"], NASTY);
    let sarif: serde_json::Value = serde_json::from_str(&case().sarif()).unwrap();
    let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert!(uri.as_str().unwrap().bytes().all(|b| b.is_ascii_graphic()), "{uri}");
    assert_eq!(percent_decoded(uri.as_str().unwrap()), NASTY.as_bytes());
    let jsonl: serde_json::Value = serde_json::from_str(case().render(Other::Jsonl).lines().next().unwrap()).unwrap();
    assert_eq!(jsonl["location"]["path"], NASTY);
    let gitlab: serde_json::Value = serde_json::from_str(&case().render(Other::Gitlab)).unwrap();
    assert_eq!(gitlab[0]["location"]["path"], NASTY);
    let rustc = case().render(Other::RustcJson);
    let rustc: cargo_metadata::diagnostic::Diagnostic = serde_json::from_str(rustc.lines().next().unwrap()).unwrap();
    assert_eq!(rustc.spans[0].file_name, NASTY);
    assert!(!rustc.rendered.unwrap().chars().any(|c| is_harmful(c) && c != '\n'), "what an editor prints is harmless");
    // XML 1.0 has no room for control characters; all the rest comes back.
    let kept = NASTY.replace(['\u{1b}', '\u{7}'], "\u{fffd}");
    let xml = case().render(Other::Checkstyle);
    let xml = roxmltree::Document::parse(&xml).unwrap();
    assert_eq!(xml.descendants().find_map(|node| node.attribute("name")), Some(kept.as_str()));
    let xml = case().render(Other::Junit);
    let xml = roxmltree::Document::parse(&xml).unwrap();
    let failure = xml.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert_eq!(failure.attribute("message"), Some(kept.as_str()));
    assert!(failure.text().unwrap().contains(&format!("help: {kept}")));
}

fn percent_decoded(uri: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next().unwrap(), rest.next().unwrap()];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
    }
    bytes
}

/// Numbers without meaning, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn no_span_and_no_text_stops_an_output() {
    let alphabet =
        ["a", "é", "\u{1F600}", "\n", "\r\n", "\r", "\t", " ", "\u{202e}", "\u{feff}", "\u{0}", "spawn(", "漢"];
    let mut numbers = Numbers(7);
    for round in 0..600 {
        let length = if numbers.below(10) == 0 { 2000 } else { 40 };
        let text: String = (0..numbers.below(length)).map(|_| alphabet[numbers.below(alphabet.len())]).collect();
        let mut case = Case::default();
        let files = [case.file("a.rs", &text), case.file("b.rs", "fn b() {}")];
        let mut span = || {
            let start = numbers.below(text.len() + 4) as u32;
            Span::new(files[numbers.below(2)], start, start + numbers.below(30) as u32)
        };
        let finding = case.find("blocking-fs", "default", span(), "x");
        finding.related.push(label(span(), Role::Why, "y"));
        finding.chain = vec![hop("f", span()), hop("g", span()), hop("h", span())];
        let edits =
            vec![Edit { span: span(), text: "new\nline".to_owned() }, Edit { span: span(), text: String::new() }];
        finding.fixes.push(Fix {
            title: "t".to_owned(),
            applicability: Applicability::Unsafe,
            edits,
            writes: Writes::Known,
        });
        case.terminal(Detail::Rich, Severity::Note);
        case.json();
        Other::ALL.iter().for_each(|format| drop(case.render(*format)));
        // Every log holds all pages: one in twenty is enough.
        if round % 20 == 0 {
            case.sarif();
        }
    }
}
