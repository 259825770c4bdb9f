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
    require(rules.len() <= 25_000, "at most 25000 rules")?;
    let id = run["automationDetails"]["id"].as_str().unwrap_or("");
    require(id.starts_with("asynclint/") && id.ends_with('/'), "a category")?;
    require(run["invocations"][0]["executionSuccessful"].is_boolean(), "how the run ended")?;
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
    require(has_text(&rule["help"]["markdown"], usize::MAX), "help in markdown")?;
    require(rule["helpUri"].as_str().is_some_and(|uri| uri.starts_with("https://")), "helpUri")?;
    let level = rule["defaultConfiguration"]["level"].as_str();
    require(matches!(level, Some("error" | "warning" | "note")), "default level")?;
    let precision = &rule["properties"]["precision"];
    let known = ["very-high", "high", "medium", "low"];
    require(precision.is_null() || precision.as_str().is_some_and(|p| known.contains(&p)), "precision")?;
    let security = &rule["properties"]["security-severity"];
    require(security.is_null(), "no rule is a security rule")?;
    let severity = rule["properties"]["problem.severity"].as_str();
    require(matches!(severity, Some("error" | "warning" | "recommendation")), "problem.severity")
}

fn check_result(result: &Value, rules: &[Value]) -> Result<(), String> {
    let index = result["ruleIndex"].as_u64().ok_or("ruleIndex")? as usize;
    require(rules.get(index).is_some_and(|rule| rule["id"] == result["ruleId"]), "ruleIndex is the rule's")?;
    let text = result["message"]["text"].as_str().ok_or("message")?;
    require(result["suppressions"].is_null(), "a suppressed result would be an alert")?;
    let level = result["level"].as_str();
    require(matches!(level, Some("error" | "warning" | "note")), "level")?;
    require(!text.is_empty(), "message")?;
    require(result["locations"].as_array().is_some_and(|l| l.len() == 1), "one location")?;
    require(has_text(&result["partialFingerprints"]["primaryLocationLineHash"], 40), "line hash")?;
    let related = result["relatedLocations"].as_array().map_or(&[][..], Vec::as_slice);
    for id in 1..=3 {
        let linked = text.contains(&format!("[{id}]({id})"));
        require(!linked || related.iter().any(|location| location["id"] == id), "links lead to a related location")?;
    }
    require(related.len() < 100, "at most 100 locations")?;
    let flows = result["codeFlows"].as_array().into_iter().flatten();
    for flow in flows.clone() {
        let steps = flow["threadFlows"][0]["locations"].as_array().map_or(0, Vec::len);
        require((1..=1000).contains(&steps), "steps of a flow")?;
    }
    let steps = flows.flat_map(|flow| flow["threadFlows"][0]["locations"].as_array().into_iter().flatten());
    let steps = steps.map(|step| &step["location"]);
    let changes = result["fixes"].as_array().into_iter().flatten();
    for change in changes.flat_map(|fix| fix["artifactChanges"].as_array().into_iter().flatten()) {
        artifact(&change["artifactLocation"])?;
        let mut replacements = change["replacements"].as_array().into_iter().flatten();
        replacements.try_for_each(|replacement| lines_and_columns(&replacement["deletedRegion"]))?;
    }
    result["locations"].as_array().into_iter().flatten().chain(related).chain(steps).try_for_each(location)
}

fn location(location: &Value) -> Result<(), String> {
    let place = &location["physicalLocation"];
    artifact(&place["artifactLocation"])?;
    let text = &location["message"]["text"];
    let mut before = '\0';
    for c in text.as_str().unwrap_or("").chars() {
        require(c != '[' || before == '\\', "brackets of a place are escaped")?;
        before = c;
    }
    lines_and_columns(&place["region"])
}

fn artifact(artifact: &Value) -> Result<(), String> {
    let uri = artifact["uri"].as_str().unwrap_or("");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b);
    require(artifact["uriBaseId"] == "%SRCROOT%", "relative to the repository")?;
    require(!uri.is_empty() && !uri.starts_with('/') && uri.bytes().all(plain), "a relative, encoded uri")?;
    require(!uri.split('/').any(|part| part == ".."), "a uri inside the repository")
}

fn lines_and_columns(region: &Value) -> Result<(), String> {
    let number = |key: &str| region[key].as_u64().filter(|n| *n > 0).ok_or("region fields are 1-based");
    let (start, end) = ((number("startLine")?, number("startColumn")?), (number("endLine")?, number("endColumn")?));
    require(start <= end, "a region ends after it begins")
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
    let breaks: [Break; 20] = [
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
        ("no $schema", |log| drop(log.as_object_mut().unwrap().remove("$schema"))),
        ("two runs", |log| {
            let runs = log["runs"].as_array_mut().unwrap();
            runs.push(runs[0].clone());
        }),
        ("a link to no location", |log| {
            log["runs"][0]["results"][0]["message"]["text"] = json!("lost. See [2](2).");
        }),
        ("a suppressed result", |log| {
            log["runs"][0]["results"][0]["suppressions"] = json!([{ "kind": "inSource" }]);
        }),
        ("two locations", |log| {
            let locations = log["runs"][0]["results"][0]["locations"].as_array_mut().unwrap();
            locations.push(locations[0].clone());
        }),
        ("no fingerprint of the line", |log| {
            log["runs"][0]["results"][0]["partialFingerprints"] = json!({ "asynclint/v1": "x" });
        }),
        ("a region that ends before it begins", |log| region(log)["endColumn"] = json!(1)),
        ("a way out of the repository", |log| uri(log, "../a.rs")),
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

/// The published algorithm once more, without a rolling window: slow, and easy to compare with its description.
fn line_hash(text: &str, line: usize) -> String {
    let units: Vec<u16> = text.replace("\r\n", "\n").replace('\r', "\n").encode_utf16().collect();
    let mut kept: Vec<u16> = Vec::new();
    let mut starts = vec![0];
    for unit in units.into_iter().filter(|unit| *unit != 32 && *unit != 9) {
        kept.push(unit);
        if unit == 10 {
            starts.push(kept.len());
        }
    }
    kept.push(65535);
    kept.resize(kept.len() + 100, 0);
    let hash = |start: usize| {
        let window = kept[start..].iter().take(100);
        format!("{:x}", window.fold(0_u64, |h, unit| h.wrapping_mul(37).wrapping_add(u64::from(*unit))))
    };
    let own = hash(starts[line - 1]);
    let count = starts[..line].iter().filter(|start| hash(**start) == own).count();
    format!("{own}:{count}")
}

#[test]
fn the_hash_of_a_line_is_the_one_that_github_computes() {
    let case = service();
    let log = log(&case);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        let path = place["artifactLocation"]["uri"].as_str().unwrap();
        let text = &case.sources.files.iter().find(|file| file.0 == path).unwrap().1;
        let line = place["region"]["startLine"].as_u64().unwrap() as usize;
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], line_hash(text, line), "{path}:{line}");
    }
}

#[test]
fn a_chain_is_a_code_flow_and_its_links_lead_to_places() {
    let log = log(&service());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let chained = results.iter().find(|result| result["ruleId"] == "blocking-fs").unwrap();
    let steps = chained["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let words: Vec<_> = steps.iter().map(|step| step["location"]["message"]["text"].as_str().unwrap()).collect();
    assert_eq!(words[0], "calls `app::report::render`");
    assert_eq!(words[3], "calls `std::fs::read_to_string`");
    assert!(chained["message"]["text"].as_str().unwrap().ends_with("See [1](1), [2](2), [3](3)."), "{chained}");
}

#[test]
fn suppressed_findings_are_written_only_when_asked_for() {
    use asynclint::diagnostic::{Answer, Silenced};
    let mut case = service();
    let by =
        [Answer::Directive(Some("it ends with the process".to_owned())), Answer::Directive(None), Answer::Baseline];
    for by in by {
        case.report.silenced.push(Silenced { finding: case.report.findings[1].clone(), by });
    }
    let plain = log(&case);
    assert_eq!(Validator::new().complaint(&plain), None);
    let asked = with(&case, |options| options.suppressed = true);
    let count = |log: &Value| log["runs"][0]["results"].as_array().unwrap().len();
    assert_eq!(count(&asked), count(&plain) + 3);
    let results = asked["runs"][0]["results"].as_array().unwrap();
    let suppressions: Vec<&Value> =
        results.iter().map(|result| &result["suppressions"][0]).filter(|value| !value.is_null()).collect();
    assert_eq!(
        suppressions[0],
        &json!({ "kind": "inSource", "status": "accepted", "justification": "it ends with the process" })
    );
    assert_eq!(suppressions[1], &json!({ "kind": "inSource", "status": "accepted" }));
    assert_eq!(suppressions[2], &json!({ "kind": "external", "status": "accepted" }));
    let validator = Validator::new();
    assert!(validator.schemas.validate(&asked, validator.index).is_ok());
}

fn with(case: &Case, change: impl FnOnce(&mut asynclint::render::sarif::Options)) -> Value {
    let mut options = asynclint::render::sarif::Options::default();
    change(&mut options);
    let mut bytes = Vec::new();
    let places = asynclint::render::Places::new(&case.sources, &case.report);
    asynclint::render::sarif::write(&mut bytes, &case.report, &places, &options).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn analyses_of_one_commit_are_told_apart() {
    let id = |category: Option<&str>| {
        let log = with(&Case::default(), |options| options.category = category.map(str::to_owned));
        log["runs"][0]["automationDetails"]["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(id(None), "asynclint/");
    assert_eq!(id(Some("backend")), "asynclint/backend/");
    assert_eq!(id(Some("/a/b/")), "asynclint/a/b/");
}

#[test]
fn a_log_that_would_be_refused_loses_fixes_first() {
    let case = service();
    let whole = log(&case);
    let size = case.sarif().len();
    let lean = with(&case, |options| options.max_bytes = size - 1);
    let any = |log: &Value, key: &str| log["runs"][0]["results"].as_array().unwrap().iter().any(|r| !r[key].is_null());
    assert!(any(&whole, "fixes") && any(&whole, "codeFlows"));
    assert!(!any(&lean, "fixes") && !any(&lean, "codeFlows"));
    assert!(lean.to_string().contains("fixes and code flows are left out"));
    assert_eq!(Validator::new().complaint(&lean), None);
    let nothing = with(&case, |options| options.max_bytes = 1);
    assert_eq!(nothing["runs"][0]["results"], json!([]));
    assert_eq!(Validator::new().complaint(&nothing), None);
}
