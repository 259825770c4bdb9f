//! `explain`: prints a rule page, or says which rule was perhaps meant.

use std::io::Write;

use serde_json::json;

use crate::levels;
use crate::render::style;
use crate::rules::page::{self, RuleInfo};
use crate::rules::renamed;

use super::args::{ExplainArgs, TextFormat};
use super::output::{self, Written};
use super::{exit, rules};

pub(super) fn run(args: &ExplainArgs) -> u8 {
    let rule = match find(&args.rule) {
        Ok(rule) => rule,
        Err(text) => {
            output::error_line(&format!("error: {text}"));
            return exit::USAGE;
        }
    };
    let written = match args.format {
        TextFormat::Text => output::standard(&text(rule), args.color),
        TextFormat::Markdown => output::raw(rule.markdown().as_bytes()),
        TextFormat::Json => output::raw(format!("{:#}\n", value(rule)).as_bytes()),
    };
    match written {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

/// The rule of `RULE` or `RULE.KIND`.
fn find(name: &str) -> Result<&'static RuleInfo, String> {
    let name = &*renamed::today(name);
    let (id, kind) = name.split_once('.').map_or((name, None), |(id, kind)| (id, Some(kind)));
    let Some(rule) = page::find(id) else { return Err(no_rule(name, id)) };
    match kind {
        Some(kind) if rule.kind(kind).is_none() => {
            let kinds: Vec<String> = rule.kinds.iter().map(|known| format!("`{}`", known.id)).collect();
            Err(format!("the rule `{id}` has no kind `{kind}`; it has {}", kinds.join(", ")))
        }
        Some(_) | None => Ok(rule),
    }
}

fn no_rule(name: &str, id: &str) -> String {
    let members: Vec<&str> =
        page::all().iter().filter(|rule| levels::is_member(rule, name)).map(|rule| rule.id).collect();
    if !members.is_empty() {
        return format!("`{name}` is a group of rules; explain one of them: {}", members.join(", "));
    }
    rules::unknown_text(name, &levels::nearest(page::all(), id))
}

/// The page for programs: what `rules` says of it, the text, and the code of its two examples.
fn value(rule: &RuleInfo) -> serde_json::Value {
    let mut value = rules::value(rule);
    value["text"] = json!(rule.text);
    value["example"] = json!(code(rule, "Example"));
    value["instead"] = json!(code(rule, "Instead"));
    value
}

/// The block of Rust below a heading.
fn code(rule: &RuleInfo, heading: &str) -> Option<&'static str> {
    let after = rule.section(heading)?.split_once("```rust\n")?.1;
    Some(after.split_once("```")?.0)
}

/// The page with headings in bold and code set in.
fn text(rule: &RuleInfo) -> Vec<u8> {
    let mut out = Vec::new();
    let mut in_code = false;
    for line in rule.markdown().lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let heading = line.strip_prefix("# ").or_else(|| line.strip_prefix("## "));
        let written = match heading {
            Some(heading) if !in_code => style::paint(&mut out, style::BOLD, heading),
            _ if in_code && line.is_empty() => Ok(()),
            _ if in_code => style::paint(&mut out, style::HELP, &format!("    {line}")),
            _ => out.write_all(line.as_bytes()),
        };
        // Writing to memory does not fail.
        let _ = written.and_then(|()| out.write_all(b"\n"));
    }
    let _ = writeln!(out, "\nThis page: {}", rule.url());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_rule_get_a_useful_answer() {
        assert_eq!(find("untracked-spawn.service").unwrap().id, "untracked-spawn");
        let said = |name: &str| find(name).unwrap_err();
        assert!(said("untracked-spwan").contains("did you mean `untracked-spawn`"), "{}", said("untracked-spwan"));
        assert!(said("untracked-spawn.servise").contains("`service`"));
        let group = said("locks");
        assert!(group.contains("is a group") && group.contains("lock-across-await") && !group.contains("blocking-fs"));
        assert!(said("zzz").contains("`asynclint rules` lists them"));
    }

    #[test]
    fn json_has_the_facts_the_text_and_the_code() {
        let value = value(page::find("blocking-sleep").unwrap());
        assert!(value["example"].as_str().unwrap().contains("thread::sleep"));
        assert!(value["instead"].as_str().unwrap().contains("tokio::time::sleep"));
        assert!(value["url"].as_str().unwrap().ends_with("rules/blocking-sleep.md"));
        assert_eq!(value["kinds"][0]["level"], "deny");
    }
}
