//! Directives for findings, for `suppressions add`: comments are put in, everything is linted again, and what did not help is taken out.
//!
//! All in memory; nothing is written here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::{FileId, SourceMap, Span};
use crate::cli::{Error, Request, Silence, Silenced};
use crate::diagnostic::{Diagnostic, Edit};
use crate::fix::{Change, apply};
use crate::levels;
use crate::rules::page;
use crate::source::{self, Sources};
use crate::suppress::{Spot, directive, place};

use super::{Analysed, Clock, Judge, Timings, analyse, discovery, members, problems};

/// What a finding is recognised by after the texts have changed.
type Key = (String, String);

/// A directive that may be put in, and the findings that it is for.
struct Planned {
    spot: Spot,
    names: BTreeSet<String>,
    keys: Vec<Key>,
}

pub(super) fn run(request: &Request, wish: &Silence) -> Result<Silenced, Error> {
    let mut sources = source::discover(&discovery(request)?).map_err(problems::edge)?;
    let request = &*members::joined(request, &mut sources)?;
    let judge = Judge::of(request);
    let lint = |sources: Sources| analyse(sources, judge, &mut Clock::new(&mut Timings::new()));
    let Analysed { program, report, .. } = lint(sources);
    let wanted: Vec<&Diagnostic> = report.findings.iter().filter(|finding| is_wanted(finding, wish)).collect();
    let mut silenced = Silenced::default();
    let mut plan: BTreeMap<FileId, Vec<Planned>> = BTreeMap::new();
    for finding in &wanted {
        let file = finding.primary.file;
        let text = program.sources.files[file].text.as_ref();
        match place(&program.facts[file], text, finding.primary) {
            Some(spot) => enter(plan.entry(file).or_default(), spot, finding),
            None => silenced.left.push(shown(&program.sources, finding)),
        }
    }
    let names: BTreeMap<Key, String> = wanted.iter().map(|f| (key(f), shown(&program.sources, f))).collect();
    let before: BTreeMap<FileId, Arc<str>> =
        plan.keys().map(|file| (*file, Arc::clone(&program.sources.files[*file].text))).collect();
    let mut sources = program.sources;
    set(&mut sources, &plan, &before, &wish.reason);
    let Analysed { program, report, .. } = lint(sources);
    let open: BTreeSet<Key> = report.findings.iter().map(key).collect();
    for planned in plan.values_mut() {
        let (good, bad): (Vec<_>, Vec<_>) =
            std::mem::take(planned).into_iter().partition(|p| !p.keys.iter().any(|key| open.contains(key)));
        silenced.left.extend(bad.iter().flat_map(|p| &p.keys).filter_map(|key| names.get(key).cloned()));
        silenced.answered += good.iter().map(|p| p.keys.len()).sum::<usize>();
        *planned = good;
    }
    let mut sources = program.sources;
    set(&mut sources, &plan, &before, &wish.reason);
    silenced.changes = before.iter().filter_map(|(file, old)| change(&sources, *file, old)).collect();
    silenced.left.sort();
    Ok(silenced)
}

fn is_wanted(finding: &Diagnostic, wish: &Silence) -> bool {
    let full = format!("{}.{}", finding.rule, finding.kind);
    let named = |name: &String| levels::members(page::all(), name).contains(&full);
    finding.severity >= wish.min_severity
        && page::find(finding.rule).is_some_and(|rule| rule.family != page::Family::Meta)
        && (wish.names.is_empty() || wish.names.iter().any(named))
}

fn key(finding: &Diagnostic) -> Key {
    (finding.code(), finding.fingerprint.clone())
}

fn shown(sources: &Sources, finding: &Diagnostic) -> String {
    let text = SourceMap::text(sources, finding.primary.file);
    let line = text.get(..finding.primary.start as usize).unwrap_or("").matches('\n').count() + 1;
    format!("{}:{line}: {}", SourceMap::path(sources, finding.primary.file), finding.code())
}

fn enter(plan: &mut Vec<Planned>, spot: Spot, finding: &Diagnostic) {
    let at = plan.iter().position(|planned| planned.spot == spot).unwrap_or_else(|| {
        plan.push(Planned { spot, names: BTreeSet::new(), keys: Vec::new() });
        plan.len() - 1
    });
    plan[at].names.insert(finding.code());
    plan[at].keys.push(key(finding));
}

fn set(
    sources: &mut Sources,
    plan: &BTreeMap<FileId, Vec<Planned>>,
    before: &BTreeMap<FileId, Arc<str>>,
    reason: &str,
) {
    for (file, planned) in plan {
        let Some(old) = before.get(file) else { continue };
        let edits: Vec<Edit> = planned.iter().map(|planned| edit(*file, old, planned, reason)).collect();
        // The places were looked up in this very text.
        let new = apply::apply(old, &edits.iter().collect::<Vec<_>>()).unwrap_or_else(|_| old.to_string());
        sources.set_text(*file, new.into());
    }
}

fn edit(file: FileId, text: &str, planned: &Planned, reason: &str) -> Edit {
    let names: Vec<&str> = planned.names.iter().map(String::as_str).collect();
    let (at, text) = directive(text, planned.spot, &names, reason);
    Edit { span: Span::new(file, at, at), text }
}

fn change(sources: &Sources, file: FileId, old: &Arc<str>) -> Option<Change> {
    let source = &sources.files[file];
    let (path, abs) = (source.path.clone(), source.abs.clone());
    (source.text != *old).then(|| Change { path, abs, old: Arc::clone(old), new: Arc::clone(&source.text) })
}
