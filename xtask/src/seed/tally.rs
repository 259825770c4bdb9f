//! What was found of what was planted: by rule and depth, by carrier, and each miss with its place.

use std::collections::BTreeMap;

use crate::report::Finding;

use super::chains::DEPTH;
use super::plant::Place;

/// What came of a planted bug.
pub(super) struct Outcome {
    rule: String,
    shape: String,
    carrier: &'static str,
    depth: usize,
    place: String,
    seen: Seen,
}

enum Seen {
    Found,
    /// Only as a note, which a user does not see without asking.
    Note,
    /// Other rules spoke here, or none.
    Missed(Vec<String>),
}

impl Outcome {
    /// `here` is what was found in the function and in what was put beside it.
    pub(super) fn new(project: &str, place: &Place<'_>, here: &[Finding]) -> Self {
        let mutant = place.mutant;
        let is_it = |f: &&Finding| f.rule == mutant.rule || mutant.or.contains(&f.rule);
        let seen = match here.iter().filter(is_it).map(Finding::is_loud).max() {
            Some(true) => Seen::Found,
            Some(false) => Seen::Note,
            None => Seen::Missed(here.iter().map(|f| f.rule.clone()).collect()),
        };
        Self {
            rule: mutant.rule.clone(),
            shape: mutant.shape.clone(),
            carrier: mutant.carrier,
            depth: mutant.depth,
            place: [&[format!("{project} {}:{}", place.path, place.line)], &*mutant.helpers].concat().join(" > "),
            seen,
        }
    }

    const fn is_found(&self) -> bool {
        matches!(self.seen, Seen::Found)
    }
}

/// Found of planted.
#[derive(Clone, Copy, Default)]
struct Share {
    found: u32,
    planted: u32,
}

impl Share {
    fn add(&mut self, outcome: &Outcome) {
        self.planted += 1;
        self.found += u32::from(outcome.is_found());
    }

    fn show(self) -> String {
        if self.planted == 0 { String::new() } else { format!("{}/{}", self.found, self.planted) }
    }

    fn percent(self) -> String {
        format!("{:.0} %", f64::from(self.found) * 100.0 / f64::from(self.planted.max(1)))
    }
}

/// The tables and the misses.
pub(super) fn print(outcomes: &[Outcome], refused: usize, seed: u64) -> String {
    let mut by_rule: BTreeMap<&str, [Share; DEPTH + 2]> = BTreeMap::new();
    let mut by_carrier: BTreeMap<&str, Share> = BTreeMap::new();
    let mut all = [Share::default(); DEPTH + 2];
    for outcome in outcomes {
        let row = by_rule.entry(&outcome.rule).or_default();
        for row in [row, &mut all] {
            row[outcome.depth].add(outcome);
            row[DEPTH + 1].add(outcome);
        }
        by_carrier.entry(outcome.carrier).or_default().add(outcome);
    }
    let heads: Vec<String> = (0..=DEPTH).map(|depth| format!("depth {depth}")).collect();
    let mut text = format!(
        "{} bugs planted with seed {seed}, {refused} without a place. Found of planted:\n\n| rule | {} | all | share |\n|---|{}---:|---:|\n",
        outcomes.len(),
        heads.join(" | "),
        "---:|".repeat(heads.len())
    );
    for (rule, row) in by_rule.iter().chain([(&"all rules", &all)]) {
        let cells: Vec<String> = row.iter().map(|share| share.show()).collect();
        text.push_str(&format!("| {rule} | {} | {} |\n", cells.join(" | "), row[DEPTH + 1].percent()));
    }
    text.push_str("\n| how it is put there | found | share |\n|---|---:|---:|\n");
    for (carrier, share) in by_carrier {
        text.push_str(&format!("| {carrier} | {} | {} |\n", share.show(), share.percent()));
    }
    text.push_str("\nNot found:\n");
    outcomes.iter().filter_map(miss).for_each(|line| text.push_str(&line));
    text
}

fn miss(outcome: &Outcome) -> Option<String> {
    let Outcome { rule, shape, carrier, depth, place, seen } = outcome;
    let instead = match seen {
        Seen::Found => return None,
        Seen::Note => "; a note only".to_owned(),
        Seen::Missed(rules) if rules.is_empty() => String::new(),
        Seen::Missed(rules) => format!("; found here: {}", rules.join(", ")),
    };
    Some(format!("- {rule}: {shape}; {carrier}, depth {depth}; {place}{instead}\n"))
}
