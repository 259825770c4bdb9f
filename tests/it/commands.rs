//! What may be left out or said in another way on the command line, and what the answer is then.

use crate::project::{Project, WORK};

/// Two findings: a task that is lost and a thread that sleeps.
fn rules(project: &Project, arguments: &[&str]) -> Vec<String> {
    let ran = project.run(&[arguments, &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let findings = json["findings"].as_array().unwrap();
    let loud = findings.iter().filter(|finding| finding["severity"] != "note");
    loud.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn without_a_command_it_checks() {
    let project = Project::new();
    let whole = ["untracked-spawn", "blocking-sleep"];
    assert_eq!(rules(&project, &["src"]), whole);
    assert_eq!(rules(&project, &["-A", "blocking"]), ["untracked-spawn"]);
    project.write("fix/x.rs", "async fn f() { std::thread::sleep(D); }");
    let ran = project.run(&["chekc"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("a similar subcommand exists: 'check'"), "{}", ran.stderr);
    let ran = project.run(&["no/such/path"]);
    assert!(ran.stderr.contains("cannot open `no/such/path`"), "{}", ran.stderr);
}

#[test]
fn a_set_of_rules_can_be_named() {
    let project = Project::new();
    assert_eq!(rules(&project, &["check", "--select", "blocking"]), ["blocking-sleep"]);
    assert_eq!(rules(&project, &["check", "--select", "locks,untracked_spawn"]), ["untracked-spawn"]);
    assert_eq!(rules(&project, &["check", "--ignore", "tasks"]), ["blocking-sleep"]);
    assert_eq!(rules(&project, &["check", "--select", "all", "--ignore", "blocking-sleep,tasks"]), [""; 0]);
    // What is off in the configuration comes back, what is louder stays so.
    project.write("asynclint.toml", "[rules]\nall = \"allow\"\nblocking-sleep = \"note\"\n");
    assert_eq!(rules(&project, &["check", "--select", "all"])[..1], ["untracked-spawn"]);
    assert_eq!(rules(&project, &["check", "--select", "blocking-sleep"]), [""; 0]);
    assert_eq!(rules(&project, &["check", "--select", "blocking-sleep", "-D", "blocking-sleep"]), ["blocking-sleep"]);
    let ran = project.run(&["check", "--select", "blocking-slep"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("did you mean `blocking-sleep`"), "{}", ran.stderr);
}

#[test]
fn fix_is_short_for_check_with_fixes() {
    let project = Project::new();
    project.write("src/lib.rs", "pub mod work;\n// asynclint: allow(blocking-fs): gone\n");
    let before = project.read("src/lib.rs");
    let shown = project.run(&["fix", "--diff", "src/lib.rs"]);
    assert_eq!(shown.code, Some(1));
    assert!(shown.stdout.contains("-// asynclint: allow(blocking-fs): gone"), "{}", shown.stdout);
    assert_eq!(project.read("src/lib.rs"), before);
    assert_eq!(project.run(&["check", "--fix=all", "--diff", "src/lib.rs"]).stdout, shown.stdout);
    let made = project.run(&["fix", "src/lib.rs"]);
    assert!(made.stderr.contains("made 1 fix in 1 file"), "{}", made.stderr);
    assert_eq!(project.read("src/lib.rs"), "pub mod work;\n");
    let again = project.run(&["check", "--fix", "src/lib.rs"]);
    assert!(again.stderr.contains("no fix to make"), "{}", again.stderr);
}

#[test]
fn names_of_yesterday_hold_and_are_migrated() {
    let project = Project::new();
    project.write("asynclint.toml", "[rules]\nuntracked_spawn = \"allow\"\n\"lost_task_error.discarded\" = \"deny\"\n");
    let text = WORK.replace("    std::thread", "    // asynclint: allow(blocking_sleep) -- short\n    std::thread");
    project.write("src/work.rs", &text);
    let found = project.findings(&[]);
    let renamed = |path: &str| format!("{path} unknown-rule");
    assert!(found.contains(&renamed("asynclint.toml:2")) && found.contains(&renamed("asynclint.toml:3")), "{found:?}");
    assert!(!found.iter().any(|f| f.ends_with("untracked-spawn") || f.ends_with("blocking-sleep")), "{found:?}");
    let shown = project.run(&["config", "migrate", "--diff"]);
    assert_eq!(shown.code, Some(1));
    assert_eq!(project.read("src/work.rs"), text);
    assert_eq!(project.run(&["config", "migrate"]).stdout, "wrote names of today in 2 files\n");
    let config = project.read("asynclint.toml");
    assert_eq!(config, "[rules]\nuntracked-spawn = \"allow\"\n\"lost-task-error.discarded\" = \"deny\"\n");
    assert!(project.read("src/work.rs").contains("// asynclint: allow(blocking-sleep): short\n"));
    assert_eq!(project.findings(&[]), [""; 0]);
    assert_eq!(project.run(&["config", "migrate"]).stdout, "every name is the one of today\n");
}

#[test]
fn what_is_found_in_a_configuration_is_in_the_baseline_too() {
    let project = Project::new();
    project.write("asynclint.toml", "exclude = [\"no/such/\"]\n");
    assert!(project.findings(&[]).contains(&"asynclint.toml:1 unmatched-config".to_owned()));
    assert_eq!(project.run(&["baseline", "create"]).code, Some(0));
    assert_eq!(project.findings(&[]), [""; 0]);
    project.write("asynclint.toml", "");
    project.write("src/work.rs", "");
    let ran = project.run(&["check", "--prune-baseline"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("holds 0 findings in 0 files; 3 removed"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("baseline prune"), "{}", ran.stderr);
}

/// The schema that is published says all that is printed, and nothing more.
#[test]
fn the_json_is_as_its_schema_says() {
    let text = std::fs::read_to_string(crate::support::at("docs/src/report.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("https://x/report.json", schema).unwrap();
    let whole = compiler.compile("https://x/report.json", &mut schemas).unwrap();
    let line = compiler.compile("https://x/report.json#/definitions/line", &mut schemas).unwrap();
    let holds = |value: &serde_json::Value, index| {
        schemas.validate(value, index).unwrap_or_else(|error| panic!("{error:#}\n{value:#}"));
    };
    let project = Project::new();
    project.write("src/broken.rs", "fn (");
    project.write("src/lib.rs", "mod work;\nmod broken;\n// asynclint: allow(blocking-fs): gone\n");
    let ran = project.run(&["check", "--fix", "--format", "json", "-o", "jsonl:lines"]);
    let made: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(made["fixed"].is_array() && !made["problems"].as_array().unwrap().is_empty(), "{made:#}");
    let golden = |name: &str| std::fs::read_to_string(crate::support::at("tests/golden").join(name)).unwrap();
    let service: serde_json::Value = serde_json::from_str(&golden("service.json")).unwrap();
    holds(&made, whole);
    holds(&service, whole);
    for text in [project.read("lines"), golden("service.jsonl")] {
        text.lines().for_each(|text| holds(&serde_json::from_str(text).unwrap(), line));
    }
    let mut wrong = service;
    wrong["findings"][0]["new_key"] = serde_json::json!(1);
    assert!(schemas.validate(&wrong, whole).is_err(), "a key that the schema does not name");
}
