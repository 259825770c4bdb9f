//! Findings about directives: unused, misspelt, malformed, without a reason.

use crate::base::{FileId, SourceMap, Span, Spot};
use crate::diagnostic::{Applicability, Confidence, Diagnostic, Edit, Fix, Severity, Writes};
use crate::extent::Bytes;
use crate::facts::Verb;
use crate::levels::{self, Levels};

use super::{Entry, FileSuppressions, Malformed, Named, Source, Suppressions, Why};

/// What the program knows of a place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Where {
    /// Path of the enclosing function, crate name first.
    pub function: String,
    /// Name of the package.
    pub package: String,
    /// Stands in test code.
    pub in_test: bool,
}

/// What the findings about directives need to know.
pub struct Found<'a> {
    /// Levels: a rule that is off says nothing about its directives.
    pub levels: &'a Levels,
    /// The texts.
    pub sources: &'a dyn SourceMap,
    /// What is known of a place.
    pub locate: &'a dyn Fn(Span) -> Where,
}

impl Suppressions<'_> {
    /// The findings about directives; to be asked once every other finding was answered.
    pub fn meta(&self, found: &Found<'_>) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for (file, suppressions) in &self.files {
            let writer = Writer { file: *file, suppressions, found };
            out.extend(suppressions.malformed.iter().map(|malformed| writer.malformed(malformed)));
            for entry in &suppressions.entries {
                writer.entry(entry, &mut out);
            }
        }
        out
    }
}

pub(super) struct Writer<'a, 's> {
    pub(super) file: FileId,
    pub(super) suppressions: &'a FileSuppressions<'s>,
    pub(super) found: &'a Found<'a>,
}

impl Writer<'_, '_> {
    fn finding(&self, rule: &'static str, kind: &'static str, bytes: Bytes, message: String) -> Diagnostic {
        let primary = self.span(bytes);
        let place = (self.found.locate)(primary);
        Diagnostic {
            rule,
            kind,
            severity: Severity::Error,
            confidence: Confidence::Certain,
            message,
            notes: Vec::new(),
            helps: Vec::new(),
            primary,
            primary_label: String::new(),
            related: Vec::new(),
            chain: Vec::new(),
            fixes: Vec::new(),
            clippy: None,
            function: place.function,
            package: place.package,
            in_test: place.in_test,
            fingerprint: String::new(),
            statement: String::new(),
            subject: None,
            needs_strict_tests: false,
        }
    }

    const fn span(&self, bytes: Bytes) -> Span {
        Span::new(self.file, bytes.0, bytes.1)
    }

    fn text(&self) -> &str {
        self.found.sources.text(self.file)
    }

    fn malformed(&self, malformed: &Malformed) -> Diagnostic {
        match &malformed.why {
            Why::Unreadable(why) => {
                let message = format!("this directive does nothing: {why}");
                let mut finding = self.finding("malformed-directive", "default", malformed.span, message);
                finding.helps.push("write `// asynclint: allow(rule): reason`".to_owned());
                finding
            }
            Why::OldForm(dashes) => {
                let message = "the reason of a directive follows a colon".to_owned();
                let mut finding = self.finding("malformed-directive", "old-form", malformed.span, message);
                finding.fixes.push(self.colon(*dashes));
                finding
            }
        }
    }

    /// Replaces ` -- ` by `: `.
    fn colon(&self, dashes: Bytes) -> Fix {
        let before = self.text().get(..dashes.0 as usize).unwrap_or("");
        let start = before.trim_end_matches([' ', '\t']).len() as u32;
        let edit = Edit { span: self.span((start, dashes.1)), text: ":".to_owned() };
        Fix {
            title: "write a colon".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![edit],
            writes: Writes::Known,
        }
    }

    fn entry(&self, entry: &Entry, out: &mut Vec<Diagnostic>) {
        if entry.source == Source::Clippy {
            return;
        }
        for named in &entry.names {
            let rules = self.found.levels.rules();
            let info = rules.iter().find(|rule| rule.id == named.rule);
            let known = info.is_some_and(|rule| named.kind.as_deref().is_none_or(|kind| rule.kind(kind).is_some()));
            if let Some(old) = named.old.as_ref().filter(|_| known) {
                out.push(self.renamed(named, old));
            }
            if !known {
                out.push(self.unknown(named));
            } else if !named.is_used() {
                out.extend(self.unused(entry, named));
            } else if named.removed_an_error() && entry.reason.is_none() {
                out.push(self.without_reason(entry, named));
            }
        }
    }

    fn renamed(&self, named: &Named, old: &str) -> Diagnostic {
        let name = named.full();
        let message = format!("`{old}` is called `{name}` here; the directive holds");
        let mut finding = self.finding("unknown-rule", "renamed", named.span, message);
        finding.fixes.push(Fix {
            title: format!("write `{name}`"),
            applicability: Applicability::Safe,
            edits: vec![Edit { span: self.span(named.span), text: name }],
            writes: Writes::Known,
        });
        finding
    }

    fn unknown(&self, named: &Named) -> Diagnostic {
        let name = named.full();
        let what = if self.found.levels.rules().iter().any(|rule| rule.id == named.rule) { "kind" } else { "rule" };
        let message = format!("there is no {what} `{name}`, so this directive does nothing");
        let mut finding = self.finding("unknown-rule", "default", named.span, message);
        let nearest = levels::nearest(self.found.levels.rules(), &name);
        match nearest.iter().find(|near| self.found.levels.rules().iter().any(|rule| near.starts_with(rule.id))) {
            Some(near) => finding.fixes.push(Fix {
                title: format!("write `{near}`"),
                applicability: Applicability::Unsafe,
                edits: vec![Edit { span: self.span(named.span), text: near.clone() }],
                writes: Writes::Known,
            }),
            None => finding.helps.push("`asynclint rules` lists every rule and kind".to_owned()),
        }
        finding
    }

    /// True when the rule of a name can report something where the directive stands. Findings about directives do not count.
    pub(super) fn ran(&self, entry: &Entry, named: &Named) -> bool {
        let place = (self.found.locate)(self.span(entry.span));
        let path = self.found.sources.path(self.file);
        let spot = Spot { path, package: &place.package, in_test: place.in_test };
        let rule = self.found.levels.rules().iter().find(|rule| rule.id == named.rule);
        rule.is_some_and(|rule| rule.family != crate::rules::page::Family::Meta)
            && self.found.levels.is_active(&named.rule, named.kind.as_deref(), spot)
    }

    fn unused(&self, entry: &Entry, named: &Named) -> Option<Diagnostic> {
        if !self.ran(entry, named) {
            return None;
        }
        let name = named.full();
        let message = match entry.source {
            Source::Comment(Verb::Expect) => format!("`{name}` is expected here, but not found"),
            Source::Comment(Verb::AllowFile) => {
                format!("no `{name}` is found in this file, so this directive suppresses nothing")
            }
            Source::Comment(Verb::Allow | Verb::Assume) | Source::Attribute | Source::Clippy => {
                format!("no `{name}` is found here, so this directive suppresses nothing")
            }
        };
        let mut finding = self.finding("unused-suppression", "default", named.span, message);
        finding.fixes.extend(self.removal(entry, named));
        Some(finding)
    }

    /// Deletes a comment whose names are all unused, and the line if nothing else stands on it; else the name alone.
    fn removal(&self, entry: &Entry, named: &Named) -> Option<Fix> {
        let Source::Comment(_) = entry.source else { return None };
        let text = self.text();
        if entry.names.iter().any(Named::is_used) {
            return self.removal_of_name(named);
        }
        let line = self.suppressions.lines.line_of(entry.span.0);
        let range = self.suppressions.lines.range_of(line, text);
        let before = text.get(range.start..entry.span.0 as usize)?;
        let bytes = match before.trim().is_empty() {
            true => (range.start as u32, range.end as u32),
            false => ((range.start + before.trim_end().len()) as u32, entry.span.1),
        };
        let edit = Edit { span: self.span(bytes), text: String::new() };
        Some(Fix {
            title: "remove the directive".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![edit],
            writes: Writes::Known,
        })
    }

    /// Deletes one of several names, and the comma that parts it from the others.
    fn removal_of_name(&self, named: &Named) -> Option<Fix> {
        let text = self.text();
        let (before, after) = (text.get(..named.span.0 as usize)?, text.get(named.span.1 as usize..)?);
        let blanks = |text: &str| (text.len() - text.trim_start_matches([' ', '\t']).len()) as u32;
        let bytes = match after.trim_start_matches([' ', '\t']).strip_prefix(',') {
            Some(rest) => {
                let comma = named.span.1 + blanks(after) + 1;
                (named.span.0, comma + blanks(rest))
            }
            None => {
                let kept = before.trim_end_matches([' ', '\t']).strip_suffix(',')?;
                (kept.trim_end_matches([' ', '\t']).len() as u32, named.span.1)
            }
        };
        let edit = Edit { span: self.span(bytes), text: String::new() };
        Some(Fix {
            title: format!("remove `{}` from the directive", named.full()),
            applicability: Applicability::Safe,
            edits: vec![edit],
            writes: Writes::Known,
        })
    }

    fn without_reason(&self, entry: &Entry, named: &Named) -> Diagnostic {
        let message = format!("this directive suppresses an error of `{}` without saying why", named.full());
        let mut finding = self.finding("missing-reason", "default", entry.span, message);
        finding.helps.push(match entry.source {
            Source::Comment(_) | Source::Clippy => "add the reason after a colon: `allow(rule): reason`".to_owned(),
            Source::Attribute => "add the reason: `allow(asynclint::rule, reason = \"..\")`".to_owned(),
        });
        finding
    }
}

impl Named {
    pub(super) fn full(&self) -> String {
        self.kind.as_ref().map_or_else(|| self.rule.clone(), |kind| format!("{}.{kind}", self.rule))
    }
}
