//! The closed lists of words that values are made of, for the parser, the schema and `config show`.

use crate::diagnostic::{Confidence, Severity};
use crate::levels::{Change, TestMode};

use super::settings::FixStyle;

/// A list of words and what they mean.
pub(super) type Words<T> = &'static [(&'static str, T)];

pub(super) const LEVELS: Words<Change> =
    &[("allow", Change::Allow), ("note", Change::Note), ("warn", Change::Warn), ("deny", Change::Deny)];

pub(super) const TESTS: Words<TestMode> =
    &[("relaxed", TestMode::Relaxed), ("strict", TestMode::Strict), ("off", TestMode::Off)];

pub(super) const SEVERITIES: Words<Severity> =
    &[("note", Severity::Note), ("warning", Severity::Warning), ("error", Severity::Error)];

pub(super) const CONFIDENCES: Words<Confidence> = &[("likely", Confidence::Likely), ("certain", Confidence::Certain)];

pub(super) const STYLES: Words<FixStyle> =
    &[("supervisor", FixStyle::Supervisor), ("task-tracker", FixStyle::TaskTracker), ("off", FixStyle::Off)];

/// The word for a value.
pub(super) fn word<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words.iter().find(|(_, meaning)| meaning == value).map_or("", |(word, _)| word)
}

/// The meaning of a word.
pub(super) fn meaning<T: Copy>(words: Words<T>, word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

/// What a user of another linter writes, and our word for it.
pub(super) fn foreign(word: &str) -> Option<&'static str> {
    match word {
        "off" | "none" | "ignore" | "disable" | "disabled" => Some("allow"),
        "warning" | "on" => Some("warn"),
        "error" | "forbid" => Some("deny"),
        "info" | "hint" => Some("note"),
        _ => None,
    }
}
