//! What the chores read of `--format json`, schema version 1.
//!
//! Only what is used stands here; unknown keys are left alone, so that a newer binary can be read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The output of one run.
#[derive(Deserialize)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    #[serde(default)]
    pub(crate) problems: Vec<Problem>,
    pub(crate) summary: Summary,
}

/// A finding.
#[derive(Deserialize, Clone)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) kind: String,
    pub(crate) severity: String,
    pub(crate) confidence: String,
    pub(crate) message: String,
    pub(crate) function: String,
    pub(crate) in_test: bool,
    pub(crate) location: Location,
    #[serde(default)]
    pub(crate) related: Vec<Related>,
    #[serde(default)]
    pub(crate) chain: Vec<Step>,
    pub(crate) fingerprint: String,
}

/// A place.
#[derive(Deserialize, Serialize, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) path: String,
    pub(crate) line: u32,
}

/// A place that belongs to a finding.
#[derive(Deserialize, Serialize, Clone)]
pub(crate) struct Related {
    pub(crate) role: String,
    pub(crate) message: String,
    pub(crate) location: Location,
}

/// What is called, and where it is called.
#[derive(Deserialize, Serialize, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) function: String,
    pub(crate) location: Location,
}

/// Something that could not be read.
#[derive(Deserialize)]
pub(crate) struct Problem {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) location: Option<Location>,
}

/// Sizes.
#[derive(Deserialize)]
pub(crate) struct Summary {
    pub(crate) files: u64,
    pub(crate) lines: u64,
}

impl Finding {
    /// Whether a user sees it without asking for notes.
    pub(crate) fn is_loud(&self) -> bool {
        self.severity != "note"
    }
}

/// Findings by rule.
pub(crate) fn count_by_rule<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule.clone()).or_default() += 1;
    }
    counts
}
