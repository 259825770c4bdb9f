//! `rules`: the list of rules and kinds, and words about names that are none.

use std::io::Write;

use serde_json::{Value, json};

use crate::levels::{Levels, TestMode};
use crate::render::style::{self, paint};
use crate::rules::page::{self, FixClass, Group, Level, RuleInfo, TestPolicy};

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
        paint(&mut out, style::BOLD, word(&family))?;
        writeln!(out)?;
        for rule in page::all().iter().filter(|rule| rule.family == family) {
            writeln!(out, "  {:<22} {}", rule.id, rule.summary)?;
            for kind in rule.kinds.iter().filter(|kind| kind.id != "default" || rule.kinds.len() == 1) {
                let level = word(&levels.level(rule.id, kind.id));
                let name = if kind.id == "default" { "" } else { kind.id };
                let remark = if kind.group == Group::Default { "" } else { word(&kind.group) };
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
            "level": word(&kind.level),
            "group": word(&kind.group),
            "tests": word(&kind.tests),
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
        "family": word(&rule.family),
        "summary": rule.summary,
        "since": rule.since,
        "fix": word(&rule.fix),
        "yields_to": rule.yields_to,
        "options": options.collect::<Vec<_>>(),
        "kinds": kinds.collect::<Vec<_>>(),
    })
}

/// The word by which an enum of the pages is written.
trait Word {
    fn word(&self) -> &'static str;
}

fn word(of: &dyn Word) -> &'static str {
    of.word()
}

impl Word for Level {
    fn word(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

impl Word for Group {
    fn word(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Pedantic => "pedantic",
            Self::Preview => "preview",
            Self::Meta => "meta",
        }
    }
}

impl Word for page::Family {
    fn word(&self) -> &'static str {
        self.as_str()
    }
}

impl Word for TestPolicy {
    fn word(&self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Pedantic => "pedantic",
        }
    }
}

impl Word for FixClass {
    fn word(&self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Advice => "advice",
            Self::None => "none",
        }
    }
}
