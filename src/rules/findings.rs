//! Where a rule writes what it found.
//!
//! Fills in what every finding has in common (function, package, test code, chain labels). Levels, suppressions and order come later.

use crate::base::{Name, Span, Spot};
use crate::diagnostic::{Applicability, Confidence, Diagnostic, Edit, Fix, Label, Role, Severity, Writes};
use crate::hir::effect::Chain;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;
use crate::rules::page;

use super::options::{self, OptionSetting};

/// The findings of one rule.
pub struct Findings<'a> {
    pub(super) program: &'a Program,
    options: &'a [OptionSetting],
    rule: &'static str,
    /// What was found so far.
    pub found: Vec<Diagnostic>,
}

impl<'a> Findings<'a> {
    pub(super) const fn new(program: &'a Program, options: &'a [OptionSetting], rule: &'static str) -> Self {
        Self { program, options, rule, found: Vec::new() }
    }

    /// What the project says about an option of this rule at a body.
    pub fn option(&self, name: &str, body: BodyId) -> &'a str {
        let file = self.program.file_of(body);
        let package = self.program.package(body).map_or("", |p| p.name.as_str());
        let path = self.program.sources.files[file].path.as_str();
        options::value(self.options, self.rule, name, Spot { path, package, in_test: self.program.in_test(body) })
    }

    /// A finding of `kind` about the call (or other expression) at `place`; points at its path or method name.
    pub fn at(&mut self, kind: &'static str, place: Place) -> Draft<'_, 'a> {
        let span = self.program.call_span(place);
        let confidence = self.program.confidence(place);
        self.spanning(kind, place.body, span).confidence(confidence)
    }

    /// A finding of `kind` at a span of the file of `body`. Its message is the page's until another is set.
    pub fn spanning(&mut self, kind: &'static str, body: BodyId, primary: Span) -> Draft<'_, 'a> {
        let message = page::find(self.rule).and_then(|r| r.kind(kind)).map_or("", |k| k.message).to_owned();
        let diagnostic = Diagnostic {
            rule: self.rule,
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
            function: self.program.function_name(body),
            package: self.program.package(body).map(|p| p.name.to_string()).unwrap_or_default(),
            in_test: self.program.in_test(body),
            fingerprint: String::new(),
            statement: String::new(),
            subject: None,
            needs_strict_tests: false,
        };
        self.found.push(diagnostic);
        let at = self.found.len() - 1;
        Draft { program: self.program, diagnostic: &mut self.found[at] }
    }
}

/// A finding that is being written; what is set is kept, nothing needs to be closed.
pub struct Draft<'f, 'a> {
    program: &'a Program,
    diagnostic: &'f mut Diagnostic,
}

impl Draft<'_, '_> {
    /// Replaces the page's message.
    pub fn message(self, text: impl Into<String>) -> Self {
        self.diagnostic.message = text.into();
        self
    }

    /// Fills `{key}` in the message.
    pub fn fill(self, key: &str, value: &str) -> Self {
        self.diagnostic.message = self.diagnostic.message.replace(&format!("{{{key}}}"), value);
        self
    }

    /// Short text under the primary span.
    pub fn label(self, text: impl Into<String>) -> Self {
        self.diagnostic.primary_label = text.into();
        self
    }

    /// The reason, elsewhere.
    pub fn why(self, span: Span, text: impl Into<String>) -> Self {
        self.related(span, text, Role::Why)
    }

    /// Another place of the same finding.
    pub fn also(self, span: Span, text: impl Into<String>) -> Self {
        self.related(span, text, Role::Also)
    }

    /// Where it stands.
    pub fn context(self, span: Span, text: impl Into<String>) -> Self {
        self.related(span, text, Role::Context)
    }

    fn related(self, span: Span, message: impl Into<String>, role: Role) -> Self {
        self.diagnostic.related.push(Label { span, message: message.into(), role });
        self
    }

    /// A fact worth knowing.
    pub fn note(self, text: impl Into<String>) -> Self {
        self.diagnostic.notes.push(text.into());
        self
    }

    /// What to do; the first is the main one.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.diagnostic.helps.push(text.into());
        self
    }

    /// The way to the call that does it; lowers the confidence if a step is only likely.
    pub fn chain(self, chain: &Chain) -> Self {
        let hops = self.program.hops(chain);
        if hops.len() > 1 {
            self.diagnostic.chain = hops;
        }
        self.diagnostic.subject = Some(chain.source.path);
        self.confidence(crate::program::chains::confidence(chain))
    }

    /// What would panic at the end of a long way that not every call takes is a note.
    pub fn note_if_far(self, chain: &Chain) -> Self {
        if self.program.is_far_and_conditional(chain) {
            self.at_most(Severity::Note).note("helpers lie between that do not always go this way")
        } else {
            self
        }
    }

    /// The API at the end, for grouping.
    pub fn subject(self, path: Name) -> Self {
        self.diagnostic.subject = Some(path);
        self
    }

    /// Lowers the confidence.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.diagnostic.confidence = self.diagnostic.confidence.min(confidence);
        self
    }

    /// The context admits no more than a note.
    pub fn at_most(self, severity: Severity) -> Self {
        self.diagnostic.severity = self.diagnostic.severity.min(severity);
        self
    }

    /// Test code calls other code that is the cause: only with `tests = "strict"`.
    pub fn only_in_strict_tests(self) -> Self {
        self.diagnostic.needs_strict_tests = true;
        self
    }

    /// The clippy lint that overlaps.
    pub fn clippy(self, lint: &'static str) -> Self {
        self.diagnostic.clippy = Some(lint);
        self
    }

    /// A fix; advice has no edits.
    pub fn fix(self, title: impl Into<String>, applicability: Applicability, edits: Vec<Edit>) -> Self {
        self.fix_with(Writes::Known, title, applicability, edits)
    }

    /// A fix that writes names which the package may lack. Its class is what it is when they are there.
    pub fn fix_with(
        self,
        writes: Writes,
        title: impl Into<String>,
        applicability: Applicability,
        edits: Vec<Edit>,
    ) -> Self {
        self.diagnostic.fixes.push(Fix { title: title.into(), applicability, edits, writes });
        self
    }
}
