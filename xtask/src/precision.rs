//! Precision by rule: counts the verdicts, tuned and closed apart, and keeps the pages equal to them.
//!
//! A page quotes what was judged in closed code and is still given: a finding that the rule no longer gives says nothing about the
//! rule as it is, whether it was right or wrong. The draws by themselves stay in the table.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use asynclint::rules::page;
use clap::Args;

use crate::corpus::{self, Half};
use crate::given;
use crate::run::Project;
use crate::verdicts::{self, Verdict, Verdicts, Word};

/// Arguments of `precision`.
#[derive(Args)]
pub(crate) struct PrecisionArgs {
    /// Folder of the verdicts
    #[arg(long, value_name = "FOLDER", default_value_os_t = corpus::repository().join("tests/precision"))]
    verdicts: PathBuf,
    /// Write the counts into the rule pages instead of comparing
    #[arg(long)]
    write: bool,
    /// List a fifth of what nobody read twice, without the verdicts
    #[arg(long, conflicts_with = "write")]
    reread: bool,
    /// Run this asynclint over the projects first, and note in the verdicts what it no longer gives
    #[arg(long, value_name = "PATH", requires = "projects")]
    bin: Option<PathBuf>,
    /// The projects that the verdicts are about
    #[arg(value_name = "[NAME=]FOLDER", requires = "bin", value_parser = Project::parse)]
    projects: Vec<Project>,
}

/// Verdicts counted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Tally {
    yes: u32,
    no: u32,
    unsure: u32,
}

impl Tally {
    fn add(&mut self, word: Word) {
        match word {
            Word::True => self.yes += 1,
            Word::False => self.no += 1,
            Word::Unsure => self.unsure += 1,
        }
    }

    fn of<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> Self {
        let mut tally = Self::default();
        verdicts.for_each(|v| tally.add(v.verdict));
        tally
    }

    const fn is_empty(self) -> bool {
        self.yes + self.no + self.unsure == 0
    }

    /// Share of the true among the decided, in percent.
    fn share(self) -> String {
        let decided = self.yes + self.no;
        if decided == 0 { "-".to_owned() } else { format!("{:.0} %", f64::from(self.yes) * 100.0 / f64::from(decided)) }
    }
}

/// Checks and prints; writes or compares the pages.
pub(crate) fn run(args: &PrecisionArgs, out: &mut impl Write) -> Result<(), String> {
    if let Some(bin) = &args.bin {
        let marked = given::mark(bin, &args.projects, &args.verdicts)?;
        writeln!(out, "{marked} verdicts are about findings that are no longer given\n").map_err(|e| e.to_string())?;
    }
    let verdicts = verdicts::checked(&args.verdicts)?;
    let halves = corpus::halves()?;
    if args.reread {
        return out.write_all(second_reading(&verdicts).as_bytes()).map_err(|e| e.to_string());
    }
    out.write_all(table(&verdicts, &halves).as_bytes()).map_err(|e| e.to_string())?;
    let stale = stale_pages(&verdicts, &halves)?;
    if args.write {
        for (path, text) in &stale {
            std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        return writeln!(out, "\n{} pages written", stale.len()).map_err(|e| e.to_string());
    }
    match stale.first() {
        None => Ok(()),
        Some((path, _)) => Err(format!(
            "{} and {} more pages do not say what the verdicts say; run `cargo run -p xtask -- precision --write`",
            path.display(),
            stale.len() - 1
        )),
    }
}

/// Chosen by the fingerprint, which is a hash and knows nothing of the verdict.
fn second_reading(verdicts: &Verdicts) -> String {
    let mut text = String::new();
    for (rule, judged) in verdicts {
        let last = |v: &Verdict| v.fingerprint.get(v.fingerprint.len().saturating_sub(4)..).map(str::to_owned);
        let number = |v: &Verdict| last(v).and_then(|digits| u32::from_str_radix(&digits, 16).ok());
        for verdict in judged.iter().filter(|v| v.second.is_none() && number(v).is_some_and(|n| n % 5 == 0)) {
            let Verdict { project, path, line, fingerprint, kind, .. } = verdict;
            text.push_str(&format!("{rule}.{kind} {project} {path}:{line} {fingerprint}\n"));
        }
    }
    text
}

fn is_half(verdict: &Verdict, halves: &BTreeMap<String, Half>, half: Half) -> bool {
    halves.get(&verdict.project) == Some(&half)
}

fn table(verdicts: &Verdicts, halves: &BTreeMap<String, Half>) -> String {
    let mut text = String::from(
        "| rule | code | draw | true | false | unsure | true of decided | read twice | disagree |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (rule, judged) in verdicts {
        for (half, name) in [(Half::Closed, "closed"), (Half::Open, "tuned")] {
            let here: Vec<&Verdict> = judged.iter().filter(|v| is_half(v, halves, half)).collect();
            let mut draws: Vec<u32> = here.iter().map(|v| v.draw).collect();
            draws.sort_unstable();
            draws.dedup();
            for draw in draws {
                let here = || here.iter().copied().filter(|v| v.draw == draw);
                text.push_str(&row(rule, name, &draw.to_string(), Tally::of(here()), here()));
            }
        }
        let now = || judged.iter().filter(|v| is_quoted(v, halves));
        if now().next().is_some() {
            text.push_str(&row(rule, "closed", "still given", Tally::of(now()), now()));
        }
    }
    let all = || verdicts.values().flatten().filter(|v| is_quoted(v, halves));
    text.push_str(&row("all rules", "closed", "still given", Tally::of(all()), all()));
    text
}

fn row<'v>(rule: &str, code: &str, draw: &str, tally: Tally, verdicts: impl Iterator<Item = &'v Verdict>) -> String {
    let (mut twice, mut disagree) = (0, 0);
    for verdict in verdicts {
        twice += u32::from(verdict.second.is_some());
        disagree += u32::from(verdict.second.is_some_and(|second| second != verdict.verdict));
    }
    let Tally { yes, no, unsure } = tally;
    format!("| {rule} | {code} | {draw} | {yes} | {no} | {unsure} | {} | {twice} | {disagree} |\n", tally.share())
}

/// What the page of the rule says.
fn quoted(judged: &[Verdict], halves: &BTreeMap<String, Half>) -> Option<Tally> {
    let tally = Tally::of(judged.iter().filter(|v| is_quoted(v, halves)));
    (!tally.is_empty()).then_some(tally)
}

fn is_quoted(verdict: &Verdict, halves: &BTreeMap<String, Half>) -> bool {
    is_half(verdict, halves, Half::Closed) && !verdict.gone
}

/// Pages whose text would change, with the text they should have.
fn stale_pages(verdicts: &Verdicts, halves: &BTreeMap<String, Half>) -> Result<Vec<(PathBuf, String)>, String> {
    let mut stale = Vec::new();
    for (rule, _) in page::PAGES {
        let path = corpus::repository().join("rules").join(format!("{rule}.md"));
        // From the disk: the embedded text may be older than the page.
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let tally = verdicts.get(*rule).and_then(|judged| quoted(judged, halves));
        let wanted = with_line(&text, tally).ok_or_else(|| format!("{}: no front matter", path.display()))?;
        if wanted != text {
            stale.push((path, wanted));
        }
    }
    Ok(stale)
}

/// The page with exactly this `precision` line, which stands last before the kinds.
fn with_line(page: &str, tally: Option<Tally>) -> Option<String> {
    let mut lines: Vec<&str> = page.lines().collect();
    let end = 1 + lines.iter().skip(1).position(|line| *line == "+++")?;
    let old = lines[..end].iter().position(|line| line.starts_with("precision = "));
    if let Some(old) = old {
        lines.remove(old);
    }
    let kinds = lines.iter().position(|line| line.starts_with("[["))?;
    let place = 1 + lines[..kinds].iter().rposition(|line| !line.is_empty())?;
    let line = tally
        .map(|Tally { yes, no, unsure }| format!("precision = {{ true = {yes}, false = {no}, unsure = {unsure} }}"));
    if let Some(line) = &line {
        lines.insert(place, line);
    }
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_what_the_verdicts_say() {
        let verdicts =
            verdicts::checked(&corpus::repository().join("tests/precision")).unwrap_or_else(|e| panic!("\n{e}"));
        let stale = stale_pages(&verdicts, &corpus::halves().unwrap()).unwrap();
        let names: Vec<_> = stale.iter().map(|(path, _)| path.file_name().unwrap()).collect();
        assert!(names.is_empty(), "run `cargo run -p xtask -- precision --write`: {names:?}");
    }

    const PAGE: &str = "+++\nid = \"x\"\nfix = \"none\"\n\n[[kind]]\nid = \"default\"\n+++\n\ntext\n";

    #[test]
    fn the_line_is_written_replaced_and_removed() {
        let one = with_line(PAGE, Some(Tally { yes: 3, no: 1, unsure: 0 })).unwrap();
        let line = "precision = { true = 3, false = 1, unsure = 0 }\n";
        assert_eq!(one, PAGE.replace("\"none\"\n", &format!("\"none\"\n{line}")));
        let two = with_line(&one, Some(Tally { yes: 4, no: 0, unsure: 2 })).unwrap();
        assert_eq!(two.matches("precision = ").count(), 1);
        assert!(two.contains("true = 4"));
        assert_eq!(with_line(&two, None).unwrap(), PAGE);
    }

    #[test]
    fn a_fifth_is_listed_without_its_verdict() {
        let judged =
            verdicts::checked(&corpus::repository().join("tests/precision")).unwrap_or_else(|e| panic!("\n{e}"));
        let all = judged.values().flatten().count();
        let listed = second_reading(&judged);
        assert!((all / 10..all / 3).contains(&listed.lines().count()), "{} of {all}", listed.lines().count());
        assert!(judged.values().flatten().all(|v| !listed.contains(&v.why)));
    }

    #[test]
    fn what_is_still_given_in_closed_code_is_quoted() {
        let verdict = |project: &str, verdict, gone| Verdict {
            project: project.to_owned(),
            path: "a.rs".to_owned(),
            line: 1,
            fingerprint: String::new(),
            kind: "default".to_owned(),
            verdict,
            why: String::new(),
            second: None,
            draw: 1,
            gone,
        };
        let halves = BTreeMap::from([("far".to_owned(), Half::Closed), ("near".to_owned(), Half::Open)]);
        let judged = [
            verdict("far", Word::False, true),
            verdict("far", Word::True, false),
            verdict("far", Word::Unsure, false),
            verdict("near", Word::False, false),
        ];
        assert_eq!(quoted(&judged, &halves), Some(Tally { yes: 1, no: 0, unsure: 1 }));
        assert_eq!(quoted(&judged[3..], &halves), None);
    }
}
