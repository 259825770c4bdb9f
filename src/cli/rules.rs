//! `rules`: the list of rules and kinds, and words about names that are none.

use std::io::Write;

use serde_json::{Value, json};

use crate::levels::{Levels, TestMode};
use crate::render::style::{self, paint};
use crate::rules::page::{self, Group, RuleInfo};

use super::args::{ListFormat, RulesArgs};
use super::exit;
use super::output::{self, Written};

pub(super) fn run(args: &RulesArgs) -> u8 {
    let written = match args.format {
        ListFormat::Table => output::standard(&table().unwrap_or_default(), args.color),
        ListFormat::Json => {
            let rules: Vec<Value> = page::all().iter().map(value).collect();
            output::raw(format!("{:#}\n", json!({ "schema_version": 1, "rules": rules })).as_bytes())
        }
    };
    match written {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

/// `unknown rule or group ..; did you mean ..?`
pub(super) fn unknown_text(name: &str, nearest: &[String]) -> String {
    let hint = match nearest {
        [] => "`asynclint rules` lists them".to_owned(),
        names => format!("did you mean {}?", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or ")),
    };
    format!("there is no rule, kind or group `{name}`; {hint}")
}

fn table() -> std::io::Result<Vec<u8>> {
    let levels = Levels::new(page::all(), TestMode::Relaxed);
    let mut out = Vec::new();
    let mut families: Vec<_> = page::all().iter().map(|rule| rule.family).collect();
    families.sort_unstable();
    families.dedup();
    for family in families {
        paint(&mut out, style::BOLD, family.as_str())?;
        writeln!(out)?;
        for rule in page::all().iter().filter(|rule| rule.family == family) {
            writeln!(out, "  {:<22} {}", rule.id, rule.summary)?;
            for kind in rule.kinds.iter().filter(|kind| kind.id != "default" || rule.kinds.len() == 1) {
                let level = levels.level(rule.id, kind.id).as_str();
                let name = if kind.id == "default" { "" } else { kind.id };
                let remark = if kind.group == Group::Default { "" } else { kind.group.as_str() };
                paint(&mut out, style::DIM, format!("      {level:<6} {name:<20} {remark}").trim_end())?;
                writeln!(out)?;
            }
        }
    }
    Ok(out)
}

/// A rule for programs.
pub(super) fn value(rule: &RuleInfo) -> Value {
    let kinds = rule.kinds.iter().map(|kind| {
        json!({
            "id": kind.id,
            "level": kind.level.as_str(),
            "group": kind.group.as_str(),
            "tests": kind.tests.as_str(),
            "confidence": kind.confidence.as_str(),
            "message": kind.message,
        })
    });
    let options = rule
        .options
        .iter()
        .map(|o| json!({ "name": o.name, "default": o.default, "values": o.values, "summary": o.summary }));
    json!({
        "id": rule.id,
        "family": rule.family.as_str(),
        "summary": rule.summary,
        "since": rule.since,
        "fix": rule.fix.as_str(),
        "url": rule.url(),
        "yields_to": rule.yields_to,
        "options": options.collect::<Vec<_>>(),
        "kinds": kinds.collect::<Vec<_>>(),
    })
}
