//! Findings added, removed and changed between two binaries, and what both cost.

use std::collections::BTreeMap;

use crate::report::Finding;
use crate::run::Run;

/// One project under both binaries.
pub(super) struct Pair {
    pub(super) project: String,
    pub(super) before: Run,
    pub(super) after: Run,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Added,
    Removed,
    Changed,
}

impl Change {
    const fn mark(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
        }
    }
}

/// Both reports in words.
pub(super) fn print(pairs: &[Pair]) -> String {
    let mut counts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let mut lines = Vec::new();
    for pair in pairs {
        for (change, finding) in changes(&pair.before.report.findings, &pair.after.report.findings) {
            counts.entry(&finding.rule).or_default()[change as usize] += 1;
            let Finding { rule, kind, severity, message, location, .. } = finding;
            let place = format!("{}: {}:{}", pair.project, location.path, location.line);
            lines.push((rule, format!("{} {place} {severity} {rule}.{kind}: {message}", change.mark())));
        }
    }
    lines.sort();
    let mut text = String::from("| rule | added | removed | changed |\n|---|---:|---:|---:|\n");
    for (rule, [added, removed, changed]) in &counts {
        text.push_str(&format!("| {rule} | {added} | {removed} | {changed} |\n"));
    }
    text.push('\n');
    lines.iter().for_each(|(_, line)| text.push_str(&format!("{line}\n")));
    text.push('\n');
    text + &cost(pairs)
}

fn changes<'f>(before: &'f [Finding], after: &'f [Finding]) -> Vec<(Change, &'f Finding)> {
    let by_print = |findings: &'f [Finding]| -> BTreeMap<&'f str, &'f Finding> {
        findings.iter().map(|f| (f.fingerprint.as_str(), f)).collect()
    };
    let (old, new) = (by_print(before), by_print(after));
    let removed = before.iter().filter(|f| !new.contains_key(f.fingerprint.as_str())).map(|f| (Change::Removed, f));
    let rest = after.iter().filter_map(|f| match old.get(f.fingerprint.as_str()) {
        None => Some((Change::Added, f)),
        Some(was) if differs(was, f) => Some((Change::Changed, f)),
        Some(_) => None,
    });
    removed.chain(rest).collect()
}

fn differs(a: &Finding, b: &Finding) -> bool {
    let said = |f: &Finding| (f.kind.clone(), f.severity.clone(), f.confidence.clone(), f.message.clone());
    said(a) != said(b) || a.chain != b.chain
}

/// Packages are many and small: only the larger ones get a row, all are in the sum.
fn cost(pairs: &[Pair]) -> String {
    let mut text = String::from(
        "| project | lines | seconds before | after | peak MiB before | after |\n|---|---:|---:|---:|---:|---:|\n",
    );
    for pair in pairs.iter().filter(|pair| pair.after.report.summary.lines >= 50_000) {
        let (before, after) = (&pair.before, &pair.after);
        text.push_str(&format!(
            "| {} | {} | {:.2} | {:.2} | {} | {} |\n",
            pair.project,
            after.report.summary.lines,
            before.wall.as_secs_f64(),
            after.wall.as_secs_f64(),
            before.memory >> 20,
            after.memory >> 20
        ));
    }
    let (before, after) = (sum(pairs.iter().map(|pair| &pair.before)), sum(pairs.iter().map(|pair| &pair.after)));
    text.push_str(&format!(
        "| all {} (time summed, memory at most) | {} | {:.2} | {:.2} | {} | {} |\n",
        pairs.len(),
        after.lines,
        before.seconds,
        after.seconds,
        before.memory,
        after.memory
    ));
    text
}

#[derive(Default)]
struct Sum {
    lines: u64,
    seconds: f64,
    /// Of the largest, in MiB.
    memory: u64,
}

fn sum<'r>(runs: impl Iterator<Item = &'r Run>) -> Sum {
    runs.fold(Sum::default(), |sum, run| Sum {
        lines: sum.lines + run.report.summary.lines,
        seconds: sum.seconds + run.wall.as_secs_f64(),
        memory: sum.memory.max(run.memory >> 20),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(print: &str, kind: &str) -> Finding {
        let text = format!(
            r#"{{"rule":"r","kind":"{kind}","severity":"warning","confidence":"certain","message":"m","function":"f",
                "in_test":false,"location":{{"path":"a.rs","line":1}},"fingerprint":"{print}"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_came_went_and_changed_is_told_apart() {
        let before = [finding("same", "a"), finding("gone", "a"), finding("other", "a")];
        let after = [finding("same", "a"), finding("other", "b"), finding("new", "a")];
        let seen: Vec<(char, &str)> =
            changes(&before, &after).iter().map(|(c, f)| (c.mark(), f.fingerprint.as_str())).collect();
        assert_eq!(seen, [('-', "gone"), ('~', "other"), ('+', "new")]);
    }
}
