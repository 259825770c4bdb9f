//! SARIF against the official schema, against the extra rules of code scanning, and broken logs against both.

use std::collections::BTreeSet;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::support::{Case, at, service};

/// The official schema, read once.
struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let schema = std::fs::read(at("tests/data/sarif-schema-2.1.0.json")).unwrap();
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("mem:///sarif.json", serde_json::from_slice(&schema).unwrap()).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("mem:///sarif.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// The first complaint of the schema or of the extra rules.
    fn complaint(&self, log: &Value) -> Option<String> {
        match self.schemas.validate(log, self.index) {
            Ok(()) => extra(log).err(),
            Err(error) => Some(error.to_string()),
        }
    }
}

fn require(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// What code scanning asks for beyond the schema.
fn extra(log: &Value) -> Result<(), String> {
    require(log["$schema"].as_str().is_some_and(|s| s.contains("2.1.0")), "$schema names the version")?;
    let runs = log["runs"].as_array().ok_or("runs")?;
    require(runs.len() == 1, "one run")?;
    let run = &runs[0];
    require(run["columnKind"] == "utf16CodeUnits", "columns in UTF-16 units")?;
    require(run["tool"]["driver"]["name"] == "asynclint", "driver name")?;
    let rules = run["tool"]["driver"]["rules"].as_array().ok_or("rules")?;
    rules.iter().try_for_each(rule)?;
    let results = run["results"].as_array().ok_or("results")?;
    require(results.len() <= 5000, "at most 5000 results")?;
    let mut seen = BTreeSet::new();
    for result in results {
        check_result(result, rules)?;
        let region = &result["locations"][0]["physicalLocation"];
        let key = (
            result["ruleId"].to_string(),
            region["artifactLocation"]["uri"].to_string(),
            region["region"]["startLine"].as_u64(),
        );
        require(seen.insert(key), "one result for each rule and line")?;
    }
    Ok(())
}

fn has_text(value: &Value, limit: usize) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= limit)
}

fn rule(rule: &Value) -> Result<(), String> {
    require(has_text(&rule["id"], 255) && has_text(&rule["name"], 255), "rule id and name")?;
    require(has_text(&rule["shortDescription"]["text"], 1024), "short description")?;
    require(has_text(&rule["fullDescription"]["text"], 1024), "full description")?;
    require(has_text(&rule["help"]["text"], usize::MAX), "help")?;
    let tags = rule["properties"]["tags"].as_array().ok_or("tags")?;
    require(tags.len() <= 10 && tags.iter().all(Value::is_string), "tags")?;
    let severity = rule["properties"]["problem.severity"].as_str();
    require(matches!(severity, Some("error" | "warning" | "recommendation")), "problem.severity")
}

fn check_result(result: &Value, rules: &[Value]) -> Result<(), String> {
    let index = result["ruleIndex"].as_u64().ok_or("ruleIndex")? as usize;
    require(rules.get(index).is_some_and(|rule| rule["id"] == result["ruleId"]), "ruleIndex is the rule's")?;
    let text = result["message"]["text"].as_str().ok_or("message")?;
    require(!text.is_empty(), "message")?;
    require(result["locations"].as_array().is_some_and(|l| l.len() == 1), "one location")?;
    require(has_text(&result["partialFingerprints"]["primaryLocationLineHash"], 40), "line hash")?;
    let related = result["relatedLocations"].as_array().map_or(&[][..], Vec::as_slice);
    for id in 1..=3 {
        let linked = text.contains(&format!("[{id}]({id})"));
        require(!linked || related.iter().any(|location| location["id"] == id), "links lead to a related location")?;
    }
    let flows = result["codeFlows"].as_array().into_iter().flatten();
    let steps = flows.flat_map(|flow| flow["threadFlows"][0]["locations"].as_array().into_iter().flatten());
    let steps = steps.map(|step| &step["location"]);
    result["locations"].as_array().into_iter().flatten().chain(related).chain(steps).try_for_each(location)
}

fn location(location: &Value) -> Result<(), String> {
    let place = &location["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().unwrap_or("");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b);
    require(!uri.is_empty() && !uri.starts_with('/') && uri.bytes().all(plain), "a relative, encoded uri")?;
    for key in ["startLine", "startColumn", "endLine", "endColumn"] {
        require(place["region"][key].as_u64().is_some_and(|n| n > 0), "region fields are 1-based")?;
    }
    Ok(())
}

fn log(case: &Case) -> Value {
    serde_json::from_str(&case.sarif()).unwrap()
}

#[test]
fn real_logs_are_valid() {
    let validator = Validator::new();
    assert_eq!(validator.complaint(&log(&service())), None);
    assert_eq!(validator.complaint(&log(&Case::default())), None);
}

/// A name, and what it breaks.
type Break = (&'static str, fn(&mut Value));

#[test]
fn broken_logs_are_refused() {
    let breaks: [Break; 12] = [
        ("wrong version", |log| log["version"] = json!("0.1.0")),
        ("no driver name", |log| log["runs"][0]["tool"]["driver"]["name"] = Value::Null),
        ("unknown level", |log| log["runs"][0]["results"][0]["level"] = json!("fatal")),
        ("line zero", |log| region(log)["startLine"] = json!(0)),
        ("blank in a uri", |log| uri(log, "src/a b.rs")),
        ("absolute path", |log| uri(log, "/src/a.rs")),
        ("two equal rules", |log| {
            let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
            rules.push(rules[0].clone());
        }),
        ("tag that is no text", |log| log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["tags"][0] = json!(1)),
        ("empty full description", |log| {
            log["runs"][0]["tool"]["driver"]["rules"][0]["fullDescription"]["text"] = json!("");
        }),
        ("no message", |log| log["runs"][0]["results"][0]["message"]["text"] = json!("")),
        ("index of another rule", |log| log["runs"][0]["results"][0]["ruleIndex"] = json!(0)),
        ("one result twice", |log| {
            let results = log["runs"][0]["results"].as_array_mut().unwrap();
            results.push(results[0].clone());
            let message = &mut results.last_mut().unwrap()["message"]["text"];
            *message = json!("another");
        }),
    ];
    let validator = Validator::new();
    for (what, break_it) in breaks {
        let mut log = log(&service());
        break_it(&mut log);
        assert!(validator.complaint(&log).is_some(), "{what} is accepted");
    }
}

fn region(log: &mut Value) -> &mut Value {
    &mut log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
}

fn uri(log: &mut Value, uri: &str) {
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!(uri);
}

#[test]
fn brackets_of_code_are_no_links() {
    let mut case = Case::default();
    let file = case.file("src/a.rs", "#[tokio::main]\nfn main() {}\n");
    let primary = case.span(file, "main()");
    case.find("nested-runtime", "macro-main", primary, "`#[tokio::main]` builds [x](1)");
    let log = log(&case);
    assert_eq!(log["runs"][0]["results"][0]["message"]["text"], "`#\\[tokio::main\\]` builds \\[x\\](1).");
    assert_eq!(Validator::new().complaint(&log), None);
}

#[test]
fn too_many_results_are_cut_by_severity() {
    use asynclint::diagnostic::Severity;
    let mut case = Case::default();
    let text = "spawn();\n".repeat(5010);
    let file = case.file("src/a.rs", &text);
    for line in 0..5010_u32 {
        let primary = asynclint::base::Span::new(file, line * 9, line * 9 + 5);
        let finding = case.find("untracked-spawn", "service", primary, "lost");
        finding.severity = if line >= 5005 { Severity::Error } else { Severity::Warning };
    }
    let log = log(&case);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5000);
    assert_eq!(results.iter().filter(|result| result["level"] == "error").count(), 5);
    let notification = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(notification.as_str().unwrap().starts_with("10 more results"));
}
