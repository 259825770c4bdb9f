//! Findings per package and rule as a committed file, so that a change in what is found is seen in review.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::corpus;
use crate::report::count_by_rule;
use crate::run::{self, Project};

const HEAD: &str = "# Findings in the pinned packages with every rule on (`-W all`): in all of them by rule, then in each.\n\
                    # Made by `cargo run -p xtask -- ecosystem --head target/release/asynclint --write`; compared by .ci/run.\n";

type Counts = BTreeMap<String, u64>;

#[derive(Deserialize, Default, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    total: Counts,
    package: BTreeMap<String, Counts>,
}

/// Counts, then writes the file or says what differs from it.
pub(super) fn run(head: &Path, packages: &[Project], write: bool, out: &mut impl Write) -> Result<(), String> {
    let path = file();
    let now = count(head, packages)?;
    if write {
        std::fs::write(&path, render(&now)).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let was: Snapshot = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let changes = changes(&was, &now);
    if changes.is_empty() {
        let sum: u64 = now.total.values().sum();
        return writeln!(out, "{sum} findings in {} packages, as counted before", packages.len())
            .map_err(|e| e.to_string());
    }
    out.write_all(changes.as_bytes()).map_err(|e| e.to_string())?;
    Err("findings in published packages changed; if that is meant, run `ecosystem --head BIN --write` and commit the counts"
        .to_owned())
}

fn file() -> PathBuf {
    corpus::repository().join("xtask/ecosystem/counts.toml")
}

fn count(head: &Path, packages: &[Project]) -> Result<Snapshot, String> {
    let mut snapshot = Snapshot::default();
    for package in packages {
        let report = run::check(head, &package.folder, &["-W".to_owned(), "all".to_owned()])?.report;
        let counts = count_by_rule(report.findings.iter());
        for (rule, count) in &counts {
            *snapshot.total.entry(rule.clone()).or_default() += count;
        }
        snapshot.package.insert(package.name.clone(), counts);
    }
    Ok(snapshot)
}

fn render(snapshot: &Snapshot) -> String {
    let mut text = format!("{HEAD}\n[total]\n");
    for (rule, count) in &snapshot.total {
        text.push_str(&format!("{rule} = {count}\n"));
    }
    text.push_str("\n[package]\n");
    for (package, counts) in &snapshot.package {
        let counts: Vec<String> = counts.iter().map(|(rule, count)| format!("{rule} = {count}")).collect();
        let inside = if counts.is_empty() { String::new() } else { format!(" {} ", counts.join(", ")) };
        text.push_str(&format!("\"{package}\" = {{{inside}}}\n"));
    }
    text
}

/// One line per count that differs.
fn changes(was: &Snapshot, now: &Snapshot) -> String {
    let mut text = String::new();
    let names = was.package.keys().chain(now.package.keys()).collect::<std::collections::BTreeSet<_>>();
    let none = Counts::new();
    let sides = names.iter().map(|name| {
        let side = |snapshot: &'_ Snapshot| snapshot.package.get(*name).cloned().unwrap_or_else(|| none.clone());
        (name.as_str(), side(was), side(now))
    });
    for (name, was, now) in sides.chain([("all packages", was.total.clone(), now.total.clone())]) {
        let rules = was.keys().chain(now.keys()).collect::<std::collections::BTreeSet<_>>();
        for rule in rules {
            let (old, new) = (was.get(rule).unwrap_or(&0), now.get(rule).unwrap_or(&0));
            if old != new {
                text.push_str(&format!("{name}: {rule} {old} -> {new}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(count: u64) -> Snapshot {
        let counts = Counts::from([("untracked-spawn".to_owned(), count)]);
        let package =
            BTreeMap::from([("axum-0.8.9".to_owned(), counts.clone()), ("bb8-0.9.1".to_owned(), Counts::new())]);
        Snapshot { total: counts, package }
    }

    #[test]
    fn the_file_is_read_back_as_it_was() {
        assert_eq!(toml::from_str::<Snapshot>(&render(&snapshot(2))).unwrap(), snapshot(2));
    }

    #[test]
    fn each_count_that_differs_is_a_line() {
        assert_eq!(changes(&snapshot(2), &snapshot(2)), "");
        let text = changes(&snapshot(2), &snapshot(3));
        assert_eq!(text, "axum-0.8.9: untracked-spawn 2 -> 3\nall packages: untracked-spawn 2 -> 3\n");
    }
}
