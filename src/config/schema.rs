//! The JSON schema of a configuration, for editors: made from the same words, pages and vocabularies that the parser reads.
//!
//! A test holds it against the parser, key by key in both directions, and against the committed file.

use serde_json::{Map, Value, json};

use crate::levels;
use crate::rules::page::{self, RuleInfo};

use super::words::{CONFIDENCES, LEVELS, SEVERITIES, STYLES, TESTS, Words};

mod api;

/// Where the committed schema is published.
pub const ID: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/raw/main/docs/src/asynclint.schema.json");

/// The schema as text, with a line break at its end.
pub fn text() -> String {
    format!("{:#}\n", value())
}

/// The schema.
pub fn value() -> Value {
    let mut properties = settings();
    properties.insert("$schema".to_owned(), text_of("this schema, for editors that look here", ID));
    properties.insert("rules".to_owned(), reference("rules"));
    properties.insert("overrides".to_owned(), overrides());
    properties.insert("api".to_owned(), api::value());
    properties.insert("fix".to_owned(), fix());
    properties.insert("baseline".to_owned(), baseline());
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "asynclint",
        "description": "configuration of asynclint: asynclint.toml, [workspace.metadata.asynclint], [package.metadata.asynclint]",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "definitions": {
            "level": words("how loudly a finding is reported", LEVELS),
            "patterns": list("patterns of files in the syntax of .gitignore, relative to the configuration", "src/generated"),
            "names": list("rules, rule.kind or groups", "untracked-spawn"),
            "rules": rules(),
        },
    })
}

fn settings() -> Map<String, Value> {
    let mut out = Map::new();
    let mut add = |key: &str, value: Value| out.insert(key.to_owned(), value);
    add("tests", words("how test code is treated: as the rules say, as any other code, or not at all", TESTS));
    add("fail-on", words("the severity at which a run fails", SEVERITIES));
    add("strict", flag("a run fails when some input could not be read"));
    add("min-severity", words("the terminal shows findings at or above it", SEVERITIES));
    add("min-confidence", words("findings below it are not reported", CONFIDENCES));
    add("include", reference("patterns"));
    add("exclude", reference("patterns"));
    add("generated", flag("report in files that say @generated, too"));
    add(
        "max-file-size",
        json!({ "type": "integer", "minimum": 1, "description": "larger files are not read; in bytes" }),
    );
    add("cfg", list("conditions of cfg that hold", "tokio_unstable"));
    out
}

fn overrides() -> Value {
    let one = object(
        "levels and options for a part of the code; of several that fit the last one wins",
        json!({
            "paths": reference("patterns"),
            "crates": list("names of packages; * stands for any text", "app-*"),
            "tests": flag("true: only test code; false: only the rest"),
            "rules": reference("rules"),
        }),
    );
    json!({ "type": "array", "items": one })
}

fn fix() -> Value {
    object(
        "what may be fixed, and how",
        json!({
            "fixable": reference("names"),
            "unfixable": reference("names"),
            "style": words("what a lost task becomes", STYLES),
            "supervisor-path": text_of("the project's own re-export of the companion crate", "crate::rt"),
            "add-dependency": flag("the companion crate may be added to manifests"),
            "dependency": object(
                "where the companion crate comes from; one of the three",
                json!({
                    "version": text_of("from the registry", "0.1"),
                    "path": text_of("a folder inside the repository", "crates/supervisor"),
                    "git": text_of("a repository", "https://example.org/supervisor"),
                }),
            ),
        }),
    )
}

fn baseline() -> Value {
    let file = text_of("the file, relative to the configuration", "asynclint-baseline.json");
    object("old findings that are not reported", json!({ "file": file }))
}

/// `rules`: groups, rules and `rule.kind`.
fn rules() -> Value {
    let mut properties = Map::new();
    for group in levels::groups() {
        let members: Vec<&RuleInfo> = page::all().iter().filter(|rule| levels::is_member(rule, group)).collect();
        properties.insert(group.to_owned(), either(format!("the group {group}"), &options(&members), None));
    }
    for rule in page::all() {
        let kinds: Map<String, Value> =
            rule.kinds.iter().map(|kind| (kind.id.to_owned(), reference("level"))).collect();
        properties.insert(rule.id.to_owned(), either(rule.summary.to_owned(), &options(&[rule]), Some(kinds)));
        for kind in &rule.kinds {
            properties.insert(format!("{}.{}", rule.id, kind.id), reference("level"));
        }
    }
    object("levels of rules, kinds and groups; the narrower name wins", Value::Object(properties))
}

/// The options that some of the rules have.
fn options(rules: &[&RuleInfo]) -> Map<String, Value> {
    let all = rules.iter().flat_map(|rule| &rule.options);
    all.map(|o| (o.name.clone(), json!({ "enum": o.values, "description": o.summary }))).collect()
}

/// A level, or a table with a level, kinds and options.
fn either(description: String, options: &Map<String, Value>, kinds: Option<Map<String, Value>>) -> Value {
    let mut properties = options.clone();
    properties.insert("level".to_owned(), reference("level"));
    if let Some(kinds) = kinds {
        properties.insert("kinds".to_owned(), object("levels of kinds", Value::Object(kinds)));
    }
    let table = object("a level, kinds and options", Value::Object(properties));
    json!({ "description": description, "anyOf": [reference("level"), table] })
}

fn object(description: &str, properties: Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn words<T>(description: &str, words: Words<T>) -> Value {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    json!({ "enum": words, "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn text_of(description: &str, example: &str) -> Value {
    json!({ "type": "string", "description": description, "examples": [example] })
}

fn list(description: &str, example: &str) -> Value {
    json!({ "type": "array", "description": description, "items": { "type": "string", "examples": [example] } })
}
