//! Draws findings for judging: in the order of a hash of their fingerprints, so that nobody chooses.
//!
//! Few of one helper and few of one project, or one habit of one code base would be judged many times over.
//! Findings that were judged before are left out. Gives no verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::report::{Finding, Location, Related, Step};
use crate::run::{self, Project};
use crate::verdicts::{self, Verdicts};

/// Findings of one draw that may go through the same helper.
const SAME_HELPER: usize = 2;

/// Arguments of `sample`.
#[derive(Args)]
pub(crate) struct SampleArgs {
    /// The asynclint to run
    #[arg(long, value_name = "PATH")]
    bin: PathBuf,
    /// Folder for the samples, one JSON file per rule
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Draw for this rule, which is switched on; may be repeated [default: every rule that is on by default]
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// Findings of a rule
    #[arg(long, default_value_t = 25)]
    count: usize,
    /// Leave out what is judged in this folder
    #[arg(long, value_name = "FOLDER")]
    exclude_judged: Option<PathBuf>,
    /// Where to look
    #[arg(value_name = "[NAME=]FOLDER", required = true, value_parser = Project::parse)]
    projects: Vec<Project>,
}

/// A finding and where it was found.
#[derive(Clone)]
struct Candidate {
    project: Project,
    finding: Finding,
}

/// A finding as the judge sees it.
#[derive(Serialize)]
struct Drawn<'a> {
    project: &'a str,
    root: &'a Path,
    rule: &'a str,
    kind: &'a str,
    severity: &'a str,
    confidence: &'a str,
    #[serde(flatten)]
    location: &'a Location,
    fingerprint: &'a str,
    draw: u32,
    function: &'a str,
    in_test: bool,
    message: &'a str,
    chain: &'a [Step],
    related: &'a [Related],
}

/// Runs the binary over every project, draws, writes a file per rule and prints the counts.
pub(crate) fn run(args: &SampleArgs, out: &mut impl Write) -> Result<(), String> {
    let judged = args.exclude_judged.as_deref().map(verdicts::read).transpose()?.unwrap_or_default();
    let by_rule = candidates(args, &judged)?;
    std::fs::create_dir_all(&args.out).map_err(|e| format!("{}: {e}", args.out.display()))?;
    let mut say = |line: String| writeln!(out, "{line}").map_err(|e| e.to_string());
    say("rule: drawn of those not judged yet".to_owned())?;
    for (rule, candidates) in &by_rule {
        let drawn = draw(candidates, args.count);
        let number = 1 + judged.get(rule).into_iter().flatten().map(|v| v.draw).max().unwrap_or(0);
        let shown: Vec<Drawn<'_>> = drawn.iter().map(|c| c.show(number)).collect();
        let path = args.out.join(format!("{rule}.json"));
        let text = serde_json::to_string_pretty(&shown).map_err(|e| e.to_string())?;
        std::fs::write(&path, text + "\n").map_err(|e| format!("{}: {e}", path.display()))?;
        say(format!("{rule}: {} of {}", drawn.len(), candidates.len()))?;
    }
    Ok(())
}

/// What may be drawn, by rule.
fn candidates(args: &SampleArgs, judged: &Verdicts) -> Result<BTreeMap<String, Vec<Candidate>>, String> {
    let flags: Vec<String> = args.rules.iter().flat_map(|rule| ["-W".to_owned(), rule.clone()]).collect();
    let mut by_rule: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    for project in &args.projects {
        let report = run::check(&args.bin, &project.folder, &flags)?.report;
        for finding in report.findings {
            let is_wanted = args.rules.is_empty() || args.rules.contains(&finding.rule);
            if is_wanted && finding.is_loud() && !is_judged(&finding, &project.name, judged) {
                let candidate = Candidate { project: project.clone(), finding };
                by_rule.entry(candidate.finding.rule.clone()).or_default().push(candidate);
            }
        }
    }
    Ok(by_rule)
}

/// By fingerprint, or by place where a newer version of the tool gives another fingerprint.
fn is_judged(finding: &Finding, project: &str, judged: &Verdicts) -> bool {
    let here = &finding.location;
    judged.get(&finding.rule).into_iter().flatten().any(|verdict| {
        verdict.fingerprint == finding.fingerprint
            || (verdict.project == project && verdict.path == here.path && verdict.line == here.line)
    })
}

/// At most `count`, at most two of one helper, at most a third of `count` from one project.
fn draw(candidates: &[Candidate], count: usize) -> Vec<&Candidate> {
    let mut order: Vec<&Candidate> = candidates.iter().collect();
    order.sort_by_cached_key(|c| Sha256::digest(format!("{} {}", c.project.name, c.finding.fingerprint)).to_vec());
    let mut helpers: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut projects: BTreeMap<&str, usize> = BTreeMap::new();
    let mut drawn = Vec::new();
    for candidate in order {
        let ends = candidate.ends();
        let from_project = projects.entry(&candidate.project.name).or_default();
        let is_crowded = ends.iter().any(|end| helpers.get(end).is_some_and(|n| *n >= SAME_HELPER));
        if drawn.len() == count || *from_project >= (count / 3).max(1) || is_crowded {
            continue;
        }
        *from_project += 1;
        for end in ends {
            *helpers.entry(end).or_default() += 1;
        }
        drawn.push(candidate);
    }
    drawn
}

impl Candidate {
    /// The helper that the async code calls, and the place of the last call; nothing for a direct finding.
    fn ends(&self) -> BTreeSet<(String, String)> {
        let chain = &self.finding.chain;
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return BTreeSet::new() };
        let place = format!("{}:{}", last.location.path, last.location.line);
        let project = &self.project.name;
        BTreeSet::from([(project.clone(), format!("to {}", first.function)), (project.clone(), format!("at {place}"))])
    }

    fn show(&self, draw: u32) -> Drawn<'_> {
        let Finding { rule, kind, severity, confidence, message, function, in_test, .. } = &self.finding;
        Drawn {
            project: &self.project.name,
            root: &self.project.folder,
            rule,
            kind,
            severity,
            confidence,
            location: &self.finding.location,
            fingerprint: &self.finding.fingerprint,
            draw,
            function,
            in_test: *in_test,
            message,
            chain: &self.finding.chain,
            related: &self.finding.related,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(project: &str, number: u32, helper: &str) -> Candidate {
        let location = Location { path: "src/a.rs".to_owned(), line: number };
        let step = |function: &str, line| Step {
            function: function.to_owned(),
            location: Location { line, ..location.clone() },
        };
        let chain = if helper.is_empty() {
            Vec::new()
        } else {
            vec![step(helper, number), step("std::fs::read", 1000 + number)]
        };
        Candidate {
            project: Project { name: project.to_owned(), folder: PathBuf::new() },
            finding: Finding {
                rule: "blocking-fs".to_owned(),
                kind: "default".to_owned(),
                severity: "warning".to_owned(),
                confidence: "certain".to_owned(),
                message: String::new(),
                function: "f".to_owned(),
                in_test: false,
                location: location.clone(),
                related: Vec::new(),
                chain,
                fingerprint: format!("v1:{number:016x}"),
            },
        }
    }

    fn numbers(drawn: &[&Candidate]) -> BTreeSet<u32> {
        drawn.iter().map(|c| c.finding.location.line).collect()
    }

    #[test]
    fn the_draw_does_not_depend_on_the_order() {
        let mut all: Vec<Candidate> = (1..=40).map(|n| candidate(&format!("p{}", n % 5), n, "")).collect();
        let first = numbers(&draw(&all, 10));
        all.reverse();
        assert_eq!(first.len(), 10);
        assert_eq!(numbers(&draw(&all, 10)), first);
    }

    #[test]
    fn one_helper_comes_twice_and_one_project_gives_a_third() {
        let helper: Vec<Candidate> = (1..=9).map(|n| candidate("p", n, "load")).collect();
        assert_eq!(draw(&helper, 25).len(), 2);
        let direct: Vec<Candidate> = (1..=40).map(|n| candidate("p", n, "")).collect();
        assert_eq!(draw(&direct, 25).len(), 8);
    }

    #[test]
    fn judged_findings_are_known_by_fingerprint_or_place() {
        let text = "project = \"p\"\npath = \"src/a.rs\"\nline = 3\nfingerprint = \"v1:0000000000000001\"\nkind = \"x\"\nverdict = \"true\"\nwhy = \"\"\n";
        let verdict: verdicts::Verdict = toml::from_str(text).unwrap();
        let judged = Verdicts::from([("blocking-fs".to_owned(), vec![verdict])]);
        let seen = |number, project: &str| is_judged(&candidate(project, number, "").finding, project, &judged);
        assert!(seen(1, "other") && seen(3, "p"));
        assert!(!seen(3, "other") && !seen(2, "p"));
    }
}
