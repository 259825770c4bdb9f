//! Every format, read back by a parser of its own.

use cargo_metadata::diagnostic::{Applicability as RustcApplicability, Diagnostic, DiagnosticLevel};
use serde::Deserialize;
use serde_json::Value;

use asynclint::diagnostic::Severity;

use crate::support::{Case, Other, service};

/// A line of a check command as rust-analyzer reads it: a message of cargo, or a diagnostic of rustc.
#[derive(Deserialize)]
#[serde(untagged)]
enum CheckLine {
    #[expect(dead_code, reason = "only which variant was read matters")]
    Cargo(cargo_metadata::Message),
    Rustc(Diagnostic),
}

fn diagnostics(case: &Case) -> Vec<Diagnostic> {
    let read = |line: &str| match serde_json::from_str(line).unwrap() {
        CheckLine::Rustc(diagnostic) => diagnostic,
        CheckLine::Cargo(_) => panic!("taken for a message of cargo: {line}"),
    };
    case.render(Other::RustcJson).lines().map(read).collect()
}

#[test]
fn an_editor_reads_findings_as_diagnostics_of_rustc() {
    let case = service();
    let read = diagnostics(&case);
    assert_eq!(read.len(), case.report.findings.len());
    let sleep = &read[0];
    assert_eq!(sleep.level, DiagnosticLevel::Error);
    // Editors show the part before `::` as the source.
    assert_eq!(sleep.code.as_ref().unwrap().code, "asynclint::blocking-sleep");
    let primary: Vec<_> = sleep.spans.iter().filter(|span| span.is_primary).collect();
    assert_eq!(primary.len(), 1);
    let span = primary[0];
    assert_eq!((span.file_name.as_str(), span.line_start, span.column_start), ("src/jobs.rs", 5, 9));
    assert_eq!(span.text[0].text, "        std::thread::sleep(Duration::from_millis(5));");
    assert_eq!((span.text[0].highlight_start, span.text[0].highlight_end), (9, 27));
    assert!(sleep.spans.iter().filter(|span| !span.is_primary).all(|span| span.label.is_some()));
    assert!(sleep.rendered.as_ref().unwrap().starts_with("error[blocking-sleep]"));
}

#[test]
fn an_editor_offers_the_fix() {
    let read = diagnostics(&service());
    let fixes = |at: usize| read[at].children.iter().find(|child| !child.spans.is_empty()).unwrap();
    let safe = fixes(0);
    assert_eq!(safe.message, "sleep with the runtime's timer");
    let parts: Vec<_> = safe.spans.iter().map(|span| span.suggested_replacement.as_deref().unwrap()).collect();
    assert_eq!(parts, ["tokio::time::sleep", ".await"]);
    assert!(safe.spans.iter().all(|span| span.is_primary));
    let class = |at: usize| fixes(at).spans[0].suggestion_applicability.clone().unwrap();
    assert!(matches!(class(0), RustcApplicability::MachineApplicable));
    let spawn = read.iter().position(|d| d.code.as_ref().unwrap().code == "asynclint::untracked-spawn").unwrap();
    assert!(matches!(class(spawn), RustcApplicability::MaybeIncorrect));
}

#[test]
fn an_editor_finds_the_columns_of_any_text() {
    let mut case = Case::default();
    let file = case.file("src/a.rs", "\u{feff}fn 𝒳é() {}\r\nfn b() {\r\n}\r\n");
    let first = case.span(file, "é()");
    let both = asynclint::base::Span { end: case.span(file, "b() {").end, ..first };
    case.find("untracked-spawn", "service", first, "x");
    case.find("untracked-spawn", "service", both, "x");
    let read = diagnostics(&case);
    let span = &read[0].spans[0];
    assert_eq!((span.column_start, span.column_end), (5, 8));
    assert_eq!(span.text[0].text.chars().skip(span.column_start - 1).collect::<String>(), "é() {}");
    let texts: Vec<_> = read[1].spans[0].text.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["fn 𝒳é() {}", "fn b() {"]);
}

#[test]
fn each_line_of_jsonl_is_a_value_of_the_json() {
    let case = service();
    let whole: Value = serde_json::from_str(&case.json()).unwrap();
    let lines: Vec<Value> = case.render(Other::Jsonl).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| -> Vec<Value> {
        let mut values: Vec<Value> = lines.iter().filter(|line| line["type"] == kind).cloned().collect();
        values.iter_mut().for_each(|value| drop(value.as_object_mut().unwrap().remove("type")));
        values
    };
    assert_eq!(Value::Array(of("finding")), whole["findings"]);
    assert_eq!(Value::Array(of("problem")), whole["problems"]);
    let mut summary = of("summary").remove(0);
    assert_eq!(summary.as_object_mut().unwrap().remove("schema_version"), Some(1.into()));
    assert_eq!(summary, whole["summary"]);
}

#[test]
fn gitlab_has_one_fingerprint_for_each_issue() {
    let mut case = service();
    case.report.findings[1].fingerprint = case.report.findings[0].fingerprint.clone();
    let issues: Vec<Value> = serde_json::from_str(&case.render(Other::Gitlab)).unwrap();
    assert_eq!(issues.len(), case.report.findings.len());
    let fingerprints: std::collections::BTreeSet<_> =
        issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), issues.len());
    for issue in &issues {
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(!issue["location"]["path"].as_str().unwrap().starts_with(['/', '.']));
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        assert!(!issue["description"].as_str().unwrap().is_empty());
    }
}

#[test]
fn junit_counts_what_it_holds() {
    let case = service();
    let text = case.render(Other::Junit);
    let tree = roxmltree::Document::parse(&text).unwrap();
    let root = tree.root_element();
    let number = |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<usize>().unwrap();
    let count = |node: roxmltree::Node<'_, '_>, name: &str| node.descendants().filter(|n| n.has_tag_name(name)).count();
    assert_eq!(number(root, "failures"), case.report.findings.len());
    assert_eq!(number(root, "errors"), case.report.problems.len());
    for suite in root.children().filter(|node| node.has_tag_name("testsuite")).chain([root]) {
        assert_eq!(number(suite, "tests"), count(suite, "testcase"));
        assert_eq!(number(suite, "failures"), count(suite, "failure"));
        assert_eq!(number(suite, "errors"), count(suite, "error"));
    }
    assert!(!text.contains("timestamp") && !text.contains("hostname"), "the same input gives the same bytes");
    let clean = Case::default().render(Other::Junit);
    let clean = roxmltree::Document::parse(&clean).unwrap();
    assert_eq!(clean.descendants().filter(|node| node.has_tag_name("testcase")).count(), 1);
}

#[test]
fn checkstyle_holds_every_finding_and_problem() {
    let case = service();
    let text = case.render(Other::Checkstyle);
    let tree = roxmltree::Document::parse(&text).unwrap();
    let errors: Vec<_> = tree.descendants().filter(|node| node.has_tag_name("error")).collect();
    assert_eq!(errors.len(), case.report.findings.len() + case.report.problems.len());
    assert!(errors.iter().all(|error| error.attribute("source").is_some_and(|s| s.starts_with("asynclint."))));
    let files: Vec<_> = tree.descendants().filter_map(|node| node.attribute("name")).collect();
    let distinct: std::collections::BTreeSet<_> = files.iter().collect();
    assert_eq!(files.len(), distinct.len(), "a file stands once");
}

/// What a runner makes of a command: level, properties, data. Written after the runner's own parser.
fn annotation(line: &str) -> (String, Vec<(String, String)>, String) {
    let (info, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (level, properties) = info.split_once(' ').unwrap();
    let unescape = |text: &str, more: &[(&str, &str)]| {
        let all = [("%0D", "\r"), ("%0A", "\n")].iter().chain(more).chain(&[("%25", "%")]);
        all.fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let property = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), unescape(value, &[("%3A", ":"), ("%2C", ",")]))
    };
    (level.to_owned(), properties.split(',').map(property).collect(), unescape(data, &[]))
}

#[test]
fn a_runner_reads_annotations_as_they_were_meant() {
    let mut case = Case::default();
    let file = case.file("src/a,b:c%0A.rs", "fn main() {\n    spawn()\n}\n");
    let (one, many) = (case.span(file, "spawn"), case.span(file, "{\n    spawn()\n}"));
    let finding = case.find("untracked-spawn", "service", one, "100% lost: %0A, [x](1)");
    finding.helps.push("keep it".to_owned());
    case.find("untracked-spawn", "service", many, "over lines").severity = Severity::Error;
    let text = case.render(Other::Github);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let (level, properties, _) = annotation(lines[0]);
    assert_eq!(level, "error", "errors come first");
    assert!(!properties.iter().any(|(name, _)| name == "col"), "columns only on one line");
    let (level, properties, data) = annotation(lines[1]);
    assert_eq!(level, "warning");
    let expected = [
        ("file", "src/a,b:c%0A.rs"),
        ("line", "2"),
        ("endLine", "2"),
        ("col", "5"),
        ("endColumn", "10"),
        ("title", "asynclint: untracked-spawn.service"),
    ];
    assert_eq!(properties, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(data, "100% lost: %0A, [x](1)\nhelp: keep it");
    assert!(lines[2].starts_with("asynclint: 1 error, 1 warning"));
}

#[test]
fn a_runner_is_told_what_it_does_not_show() {
    let mut case = Case::default();
    let file = case.file("src/a.rs", &"spawn();\n".repeat(25));
    for line in 0..25 {
        let primary = asynclint::base::Span::new(file, line * 9, line * 9 + 5);
        case.find("untracked-spawn", "service", primary, "lost");
    }
    assert!(case.render(Other::Github).lines().last().unwrap().contains("15 more are only in this log"));
}

#[test]
fn a_summary_is_a_table_that_no_name_breaks() {
    let mut case = Case::default();
    let file = case.file("src/a|b.rs", "spawn();\n");
    let primary = case.span(file, "spawn");
    case.find("untracked-spawn", "service", primary, "<img src=x> | `a` @team ![x](http://y)");
    let text = case.render(Other::Summary);
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 2, "{text}");
    assert_eq!(rows[1].replace("&#124;", "").matches('|').count(), 5, "{text}");
    assert!(!text.contains('<') && !text.contains('@') && !rows[1].contains("!["), "{text}");
}

/// A diagnostic of reviewdog, as its definition has it: the keys we write, and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rdf {
    message: String,
    location: RdfLocation,
    severity: String,
    #[serde(rename = "source")]
    _source: Value,
    code: Value,
    #[serde(default)]
    suggestions: Vec<RdfSuggestion>,
}

#[derive(Deserialize)]
struct RdfLocation {
    path: String,
    range: Option<RdfRange>,
}

#[derive(Deserialize)]
struct RdfSuggestion {
    range: RdfRange,
    text: String,
}

#[derive(Deserialize)]
struct RdfRange {
    start: RdfPosition,
    end: RdfPosition,
}

#[derive(Deserialize)]
struct RdfPosition {
    line: usize,
    /// From 1, in bytes.
    column: usize,
}

#[test]
fn a_reviewer_gets_places_in_bytes_and_suggestions() {
    use asynclint::diagnostic::{Applicability, Edit, Fix, Writes};
    let mut case = Case::default();
    let text = "fn a() {}\nfn b() { /* é𝒳 */ spawn(x); }\n";
    let file = case.file("src/a b.rs", text);
    let span = case.span(file, "spawn");
    let edits = vec![Edit { span, text: "keep".to_owned() }];
    let finding = case.find("untracked-spawn", "service", span, "lost");
    finding.helps.push("keep it".to_owned());
    let fix =
        |edits: Vec<Edit>, applicability| Fix { title: "keep".to_owned(), applicability, edits, writes: Writes::Known };
    finding.fixes.push(fix(edits.clone(), Applicability::Unsafe));
    finding.fixes.push(fix([edits.clone(), edits.clone()].concat(), Applicability::Safe));
    finding.fixes.push(fix(edits, Applicability::Advice));
    let read: Rdf = serde_json::from_str(case.render(Other::Rdjsonl).trim_end()).unwrap();
    assert_eq!((read.message.as_str(), read.severity.as_str()), ("lost\nhelp: keep it", "WARNING"));
    assert_eq!(read.code["value"], "untracked-spawn.service");
    assert!(read.code["url"].as_str().unwrap().ends_with("rules/untracked-spawn.md"));
    assert_eq!(read.location.path, "src/a b.rs");
    assert_eq!(read.suggestions.len(), 1, "one edit that somebody may make");
    let offset =
        |at: &RdfPosition| text.split_inclusive('\n').take(at.line - 1).map(str::len).sum::<usize>() + at.column - 1;
    let range = |range: &RdfRange| &text[offset(&range.start)..offset(&range.end)];
    assert_eq!(range(&read.location.range.unwrap()), "spawn");
    assert_eq!((range(&read.suggestions[0].range), read.suggestions[0].text.as_str()), ("spawn", "keep"));
}
