//! The tool and its rules, from the pages: always all of them, always in the same order.

use crate::rules::page::{self, Group, Level, Precision, RuleInfo};

use super::markup;
use super::wire;

/// Characters that a description may have.
const DESCRIPTION: usize = 1024;

pub(super) fn driver() -> wire::Driver {
    wire::Driver {
        name: "asynclint",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: page::all().iter().map(rule).collect(),
    }
}

/// The position of a rule in the list.
pub(super) fn index(id: &str) -> Option<usize> {
    page::all().iter().position(|rule| rule.id == id)
}

fn rule(rule: &RuleInfo) -> wire::Rule {
    let on = rule.kinds.iter().filter(|kind| kind.group != Group::Pedantic).map(|kind| kind.level).max();
    let level = on.or_else(|| rule.kinds.iter().map(|kind| kind.level).max()).unwrap_or(Level::Note);
    let finds = rule.section("What it finds").unwrap_or(rule.summary);
    wire::Rule {
        id: rule.id,
        name: pascal_case(rule.id),
        short_description: wire::Message::plain(markup::escape(rule.summary)),
        full_description: wire::Message::plain(markup::escape(&shortened(first_paragraph(finds)))),
        help: wire::Message { text: rule.text.to_owned(), markdown: Some(rule.text.to_owned()) },
        help_uri: rule.url(),
        default_configuration: wire::Configuration { enabled: on.is_some(), level: severity(level) },
        properties: wire::RuleProperties {
            tags: vec!["async", rule.family.as_str()],
            precision: rule.precision.as_ref().and_then(precision),
            problem_severity: match level {
                Level::Deny => "error",
                Level::Warn => "warning",
                Level::Note | Level::Allow => "recommendation",
            },
        },
    }
}

const fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note => "note",
        Level::Allow => "none",
    }
}

/// How far a rule's results come before those of others: 0 for one that was not measured.
pub(super) fn rank(id: &str) -> u8 {
    let rule = page::find(id).and_then(|rule| rule.precision.as_ref());
    match rule.and_then(precision) {
        Some("very-high") => 4,
        Some("high") => 3,
        Some("medium") => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// Verdicts below which a share says nothing.
const JUDGED: u32 = 5;

/// Measured, or not said.
fn precision(verdicts: &Precision) -> Option<&'static str> {
    let judged = verdicts.yes + verdicts.no;
    let share = (judged >= JUDGED).then(|| f64::from(verdicts.yes) / f64::from(judged))?;
    Some(match share {
        share if share >= 0.95 => "very-high",
        share if share >= 0.85 => "high",
        share if share >= 0.7 => "medium",
        _ => "low",
    })
}

fn first_paragraph(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or(text)
}

/// On one line and short enough, before markup is escaped.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= DESCRIPTION / 2 {
        return line;
    }
    let cut: String = line.chars().take(DESCRIPTION / 2 - 4).collect();
    format!("{} ...", cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head))
}

fn pascal_case(id: &str) -> String {
    let mut name = String::new();
    for word in id.split('-') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}
