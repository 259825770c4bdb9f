//! Size, time, memory and findings of projects, printed as Markdown: one row per project, one row per rule.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::report::{Finding, count_by_rule};
use crate::run::{self, Project, Run};

/// Arguments of `table`.
#[derive(Args)]
pub(crate) struct TableArgs {
    /// The asynclint to run
    #[arg(long, value_name = "PATH")]
    bin: PathBuf,
    /// Switch rules or groups on, as `check -W` does
    #[arg(short = 'W', long, value_name = "NAME")]
    warn: Vec<String>,
    /// Projects
    #[arg(value_name = "[NAME=]FOLDER", required = true, value_parser = Project::parse)]
    projects: Vec<Project>,
}

/// Runs every project and prints both tables.
pub(crate) fn run(args: &TableArgs, out: &mut impl Write) -> Result<(), String> {
    let flags: Vec<String> = args.warn.iter().flat_map(|name| ["-W".to_owned(), name.clone()]).collect();
    let mut runs = Vec::new();
    for project in &args.projects {
        runs.push((project.name.clone(), run::check(&args.bin, &project.folder, &flags)?));
    }
    write!(out, "{}\n{}", project_table(&runs), rule_table(&runs)).map_err(|e| e.to_string())
}

fn project_table(runs: &[(String, Run)]) -> String {
    let mut text = String::from(
        "| project | files | lines | seconds | peak MiB | errors and warnings | of these in tests | notes | problems |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, run) in runs {
        let findings = &run.report.findings;
        let loud = findings.iter().filter(|f| f.is_loud()).count();
        let tests = findings.iter().filter(|f| f.is_loud() && f.in_test).count();
        text.push_str(&format!(
            "| {name} | {} | {} | {:.2} | {} | {loud} | {tests} | {} | {} |\n",
            run.report.summary.files,
            run.report.summary.lines,
            run.wall.as_secs_f64(),
            run.memory >> 20,
            findings.len() - loud,
            run.report.problems.len(),
        ));
    }
    text
}

fn rule_table(runs: &[(String, Run)]) -> String {
    let lines: u64 = runs.iter().map(|(_, run)| run.report.summary.lines).sum();
    let per_lines = |count: u64| count as f64 * 1e5 / lines.max(1) as f64;
    let all = || runs.iter().flat_map(|(_, run)| &run.report.findings);
    let count = |wanted: &dyn Fn(&Finding) -> bool| count_by_rule(all().filter(|f| wanted(f)));
    let code = count(&|f| f.is_loud() && !f.in_test);
    let tests = count(&|f| f.is_loud() && f.in_test);
    let notes = count(&|f| !f.is_loud());
    let rules: BTreeSet<&String> = code.keys().chain(tests.keys()).chain(notes.keys()).collect();
    let mut rows: Vec<(&String, u64, u64, u64)> =
        rules.into_iter().map(|rule| (rule, of(&code, rule), of(&tests, rule), of(&notes, rule))).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.1, row.2, row.3)));
    let mut text = format!(
        "{lines} lines. Errors and warnings, tests apart:\n\n\
         | rule | in code | per 100,000 lines | in tests | per 100,000 lines | notes |\n|---|---:|---:|---:|---:|---:|\n",
    );
    for (rule, code, tests, notes) in rows {
        text.push_str(&format!(
            "| {rule} | {code} | {:.2} | {tests} | {:.2} | {notes} |\n",
            per_lines(code),
            per_lines(tests)
        ));
    }
    text
}

fn of(counts: &BTreeMap<String, u64>, rule: &str) -> u64 {
    counts.get(rule).copied().unwrap_or(0)
}
