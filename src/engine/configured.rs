//! What a configuration means for a run: the world it describes, and findings about the configuration itself.
//!
//! Its file is no source: it joins the texts of a report when all else is done.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::base::id::Id;
use crate::base::{FileId, SourceMap, Span};
use crate::catalog::Catalog;
use crate::config::{self, Claim, Config, ConfigError, Home, Renamed, Subject, UnknownRule, Wanted};
use crate::diagnostic::{Confidence, Diagnostic, Problem, ProblemKind, Report, Severity};
use crate::fingerprint;
use crate::link::cfg::Profile;
use crate::program::{Outside, Program};
use crate::rules::page;
use crate::source::Sources;

use super::Judge;

/// The world as the configuration describes it.
pub(super) fn outside(config: &Config) -> Outside {
    let profile = Profile::new(config.settings.cfg.iter().map(String::as_str));
    Outside { catalog: config.catalog.unwrap_or_else(Catalog::builtin), profile }
}

/// The configuration among files in memory, or the problems that it has.
pub(super) fn in_memory(files: &[(String, String)]) -> Result<Config, Vec<Problem>> {
    let homes = [Home { folder: "".into(), top: "".into() }];
    let read = |path: &Path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| Ok(Arc::from(text.as_str())))
    };
    let problem = |error: ConfigError| {
        let (path, message) = (Some(error.source.clone()), error.to_string());
        Problem { kind: ProblemKind::BadManifest, message, path, span: None }
    };
    let found = config::find(&homes, Path::new(""), &Wanted::default(), &read);
    found.map_err(|errors| errors.into_iter().map(problem).collect())
}

/// Findings about the configuration: names that do not exist, things that match nothing.
pub(super) fn findings(program: &Program, judge: Judge<'_>) -> Vec<Diagnostic> {
    let Some(file) = &judge.config.file else { return Vec::new() };
    let id = FileId::from_index(program.sources.files.len());
    let unknown = judge.config.unknown.iter().map(|unknown| unknown_rule(id, unknown));
    let covered = program.sources.covers(&file.folder);
    let claims = judge.config.claims.iter().filter(|claim| covered && !is_met(program, claim));
    let renamed = judge.config.renamed.iter().map(|renamed| self::renamed(id, renamed));
    let all = unknown.chain(renamed).chain(claims.map(|claim| unmatched(id, claim)));
    let level = |mut finding: Diagnostic| {
        finding.severity = judge.levels.of(&finding, &file.path)?;
        Some(finding)
    };
    let mut all: Vec<Diagnostic> = all.filter_map(level).collect();
    all.sort_by(|a, b| (a.primary, a.rule, &a.message).cmp(&(b.primary, b.rule, &b.message)));
    fingerprint::assign(&mut all, &BTreeMap::new(), &texts(&program.sources, judge.config));
    all
}

fn is_met(program: &Program, claim: &Claim) -> bool {
    match &claim.subject {
        Subject::Files(patterns) => program.sources.files.iter().any(|file| patterns.matches(&file.path)),
        Subject::Packages(names) => program.sources.packages.iter().any(|p| !p.lone && names.matches(p.name.as_str())),
        Subject::Item => program.has_item(&claim.text),
    }
}

fn unknown_rule(file: FileId, unknown: &UnknownRule) -> Diagnostic {
    let message = format!("there is no rule, kind or group `{}`, so this setting does nothing", unknown.name);
    let mut finding = finding(file, "unknown-rule", unknown.span, message);
    // A file may serve two versions of the tool, so this is less than a mistake.
    finding.severity = Severity::Warning;
    finding.helps.push(match unknown.nearest.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`asynclint rules` lists every rule and kind".to_owned(),
    });
    finding
}

fn renamed(file: FileId, renamed: &Renamed) -> Diagnostic {
    let message = format!("`{}` is called `{}` here; the setting holds", renamed.old, renamed.new);
    let mut finding = finding(file, "unknown-rule", renamed.span, message);
    finding.kind = "renamed";
    finding.helps.push("`asynclint config migrate` writes today's names, in comments as well".to_owned());
    finding
}

fn unmatched(file: FileId, claim: &Claim) -> Diagnostic {
    let what = match claim.subject {
        Subject::Files(_) => "file",
        Subject::Packages(_) => "package",
        Subject::Item => "function or type",
    };
    let message = format!("`{}` matches no {what} of this workspace, so this setting does nothing", claim.text);
    let mut finding = finding(file, "unmatched-config", claim.span, message);
    finding.helps.push("correct it, or remove it".to_owned());
    finding
}

fn finding(file: FileId, rule: &'static str, span: (u32, u32), message: String) -> Diagnostic {
    let kind = page::find(rule).and_then(|rule| rule.kinds.first()).map_or("default", |kind| kind.id);
    Diagnostic {
        rule,
        kind,
        severity: Severity::Error,
        confidence: Confidence::Certain,
        message,
        notes: Vec::new(),
        helps: Vec::new(),
        primary: Span::new(file, span.0, span.1),
        primary_label: String::new(),
        statement: String::new(),
        related: Vec::new(),
        chain: Vec::new(),
        fixes: Vec::new(),
        clippy: None,
        function: String::new(),
        package: String::new(),
        in_test: false,
        fingerprint: String::new(),
        subject: None,
        needs_strict_tests: false,
    }
}

/// The sources of a run and the file of its configuration, which has the next id.
pub(super) struct Texts<S> {
    sources: S,
    config: Option<(String, Arc<str>)>,
}

/// The texts that findings stand in.
pub(super) fn texts<S: Borrow<Sources>>(sources: S, config: &Config) -> Texts<S> {
    Texts { sources, config: config.file.as_ref().map(|file| (file.path.clone(), Arc::clone(&file.text))) }
}

impl<S: Borrow<Sources>> Texts<S> {
    fn of_config(&self, file: FileId) -> Option<&(String, Arc<str>)> {
        self.config.as_ref().filter(|_| self.is_config(file))
    }

    /// True for the id of the configuration's file.
    pub(super) fn is_config(&self, file: FileId) -> bool {
        file.index() == self.sources.borrow().files.len()
    }
}

impl<S: Borrow<Sources>> SourceMap for Texts<S> {
    fn path(&self, file: FileId) -> &str {
        self.of_config(file).map_or_else(|| self.sources.borrow().path(file), |(path, _)| path)
    }

    fn path_bytes(&self, file: FileId) -> Cow<'_, [u8]> {
        match self.of_config(file) {
            Some((path, _)) => Cow::Borrowed(path.as_bytes()),
            None => self.sources.borrow().path_bytes(file),
        }
    }

    fn text(&self, file: FileId) -> &str {
        self.of_config(file).map_or_else(|| SourceMap::text(self.sources.borrow(), file), |(_, text)| text)
    }
}

/// Puts the findings about the configuration among the others.
pub(super) fn join(
    mut report: Report,
    about_config: Vec<Diagnostic>,
    sources: Sources,
    config: &Config,
) -> (Report, Texts<Sources>) {
    let texts = texts(sources, config);
    let path = config.file.as_ref().map_or("", |file| file.path.as_str());
    let at =
        report.findings.partition_point(|finding| texts.path_bytes(finding.primary.file).as_ref() < path.as_bytes());
    report.findings.splice(at..at, about_config);
    (report, texts)
}
