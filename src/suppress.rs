//! Suppressions: which findings a comment or an attribute answers.
//!
//! Directives come from the facts, attributes from the text. Each says what it covers; whoever asks marks it as used, and what was
//! not used becomes a finding of its own. It never looks at how a finding was made.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::base::{FileId, LineIndex, SourceMap, Span};
use crate::diagnostic::{Diagnostic, Severity};
use crate::extent::{Bytes, Extents};
use crate::facts::directive::Form;
use crate::facts::{Directive, FileFacts, Verb};
use crate::rules::renamed;

pub mod assume;
mod attribute;
mod cover;
mod insert;
mod list;
mod meta;

pub use assume::{Assumed, Assumption};
pub use insert::{Spot, directive, place};
pub use meta::{Found, Where};

/// All suppressions of a run. Shared by threads: marking as used is atomic.
pub struct Suppressions<'a> {
    files: BTreeMap<FileId, FileSuppressions<'a>>,
    /// The files whose modules hold the module of a file.
    around: BTreeMap<FileId, Vec<FileId>>,
}

struct FileSuppressions<'a> {
    lines: &'a LineIndex,
    extents: Extents<'a>,
    entries: Vec<Entry>,
    malformed: Vec<Malformed>,
}

/// A directive or attribute that suppresses.
struct Entry {
    /// Its bytes: the comment, or the attribute.
    span: Bytes,
    source: Source,
    names: Vec<Named>,
    /// Why, when it says so.
    reason: Option<String>,
    cover: Cover,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    /// A comment of its own or behind code.
    Comment(Verb),
    /// `cfg_attr(asynclint, allow(..))`.
    Attribute,
    /// `allow(clippy::..)`: honoured, never reported as unused.
    Clippy,
}

/// A rule, or one kind of it, that an entry names.
struct Named {
    rule: String,
    kind: Option<String>,
    /// What is written, where that is not the name of today.
    old: Option<String>,
    /// Its bytes inside the directive.
    span: Bytes,
    /// 0: not used; else 1 + the severity of the loudest finding it removed.
    used: AtomicU8,
}

/// What an entry covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cover {
    /// What starts on this 0-based line, and statements that start there.
    Line(usize),
    /// All that starts inside.
    Node(Bytes),
    /// The whole file.
    File,
    /// The file and the modules in it: an attribute at its top.
    Tree,
    /// Nothing: it stands before nothing.
    Nothing,
}

/// A directive that does nothing, or that is written in the old form.
struct Malformed {
    span: Bytes,
    why: Why,
}

enum Why {
    Unreadable(String),
    /// The bytes of ` -- `.
    OldForm(Bytes),
}

impl<'a> Suppressions<'a> {
    /// Reads the directives and attributes of all files.
    pub fn collect(files: impl IntoIterator<Item = &'a FileFacts>, sources: &dyn SourceMap) -> Self {
        let of = |facts: &'a FileFacts| (facts.file, FileSuppressions::new(facts, sources.text(facts.file)));
        Self { files: files.into_iter().map(of).collect(), around: BTreeMap::new() }
    }

    /// Forgets what directives and attributes say.
    pub fn forget(&mut self) {
        for file in self.files.values_mut() {
            file.entries.clear();
            file.malformed.clear();
        }
    }

    /// Files with an attribute at their top, which speaks for the modules in them, too.
    pub fn trees(&self) -> impl Iterator<Item = FileId> + '_ {
        self.files.iter().filter(|(_, file)| file.entries.iter().any(|e| e.cover == Cover::Tree)).map(|(id, _)| *id)
    }

    /// Says which files hold the modules around each file; for files with such attributes.
    pub fn spread(&mut self, around: BTreeMap<FileId, Vec<FileId>>) {
        self.around = around;
    }

    /// The nodes of each file, for fingerprints.
    pub fn extents(&self, file: FileId) -> Option<&Extents<'a>> {
        self.files.get(&file).map(|f| &f.extents)
    }

    /// True when a directive answers `rule` at a call; marks it as used. `kind` is `None` when it is not known yet: then only
    /// directives for the whole rule count. For calls that would otherwise be the cause of findings elsewhere.
    pub fn covers_call(&self, rule: &str, kind: Option<&str>, span: Span) -> bool {
        self.files.get(&span.file).is_some_and(|file| file.mark(&Question { rule, kind, clippy: None }, span, 1))
    }

    /// True when a directive answers the finding at its place or at any step of its chain; marks all that do.
    pub fn answers(&self, finding: &Diagnostic) -> bool {
        let question = Question { rule: finding.rule, kind: Some(finding.kind), clippy: finding.clippy };
        let mark = 1 + finding.severity as u8;
        let hops = finding.chain.iter().map(|hop| hop.span);
        let mut answered = false;
        for span in std::iter::once(finding.primary).chain(hops) {
            answered |= self.files.get(&span.file).is_some_and(|file| file.mark(&question, span, mark));
            for above in self.around.get(&span.file).into_iter().flatten() {
                answered |= self.files.get(above).is_some_and(|file| file.mark_tree(&question, mark));
            }
        }
        answered
    }

    /// The reason that the first directive which answers the finding gives; marks nothing.
    pub fn reason(&self, finding: &Diagnostic) -> Option<String> {
        let question = Question { rule: finding.rule, kind: Some(finding.kind), clippy: finding.clippy };
        let hops = finding.chain.iter().map(|hop| hop.span);
        let mut spans = std::iter::once(finding.primary).chain(hops);
        spans.find_map(|span| self.files.get(&span.file)?.reason(&question, span))
    }
}

/// What is asked of the entries of a file.
struct Question<'q> {
    rule: &'q str,
    kind: Option<&'q str>,
    clippy: Option<&'q str>,
}

impl<'a> FileSuppressions<'a> {
    fn new(facts: &'a FileFacts, text: &str) -> Self {
        let mut file =
            Self { lines: &facts.lines, extents: Extents::new(facts), entries: Vec::new(), malformed: Vec::new() };
        for directive in &facts.directives {
            file.add(directive, text);
        }
        attribute::collect(&mut file, text);
        file
    }

    fn add(&mut self, directive: &Directive, text: &str) {
        let span = directive.span;
        let content = match &directive.content {
            Ok(content) => content,
            Err(why) => return self.malformed.push(Malformed { span, why: Why::Unreadable(why.clone()) }),
        };
        if content.form == Form::OldReason {
            let comment = text.get(span.0 as usize..span.1 as usize).unwrap_or("");
            let dashes = comment.find("--").map_or(0, |at| at as u32) + span.0;
            self.malformed.push(Malformed { span, why: Why::OldForm((dashes, dashes + 2)) });
        }
        let cover = match content.verb {
            Verb::Assume => return self.check_assume(directive, text),
            Verb::AllowFile if self.extents.first_item().is_some_and(|first| first < span.0) => {
                let why = "`allow-file` stands before the first item".to_owned();
                return self.malformed.push(Malformed { span, why: Why::Unreadable(why) });
            }
            Verb::AllowFile => Cover::File,
            Verb::Allow | Verb::Expect if directive.trailing => Cover::Line(self.lines.line_of(span.0)),
            Verb::Allow | Verb::Expect => {
                cover::next_node(&self.extents, text, span).map_or(Cover::Nothing, Cover::Node)
            }
        };
        let names = content.args.iter().map(|(name, span)| Named::written(name, *span)).collect();
        let (source, reason) = (Source::Comment(content.verb), content.reason.clone());
        self.entries.push(Entry { span, source, names, reason, cover });
    }

    /// Marks every name that answers the question at `span`.
    fn mark(&self, question: &Question<'_>, span: Span, mark: u8) -> bool {
        self.mark_where(question, mark, |entry| self.is_covered(entry.cover, span))
    }

    /// Marks what answers the question in a module below.
    fn mark_tree(&self, question: &Question<'_>, mark: u8) -> bool {
        self.mark_where(question, mark, |entry| entry.cover == Cover::Tree)
    }

    fn mark_where(&self, question: &Question<'_>, mark: u8, covers: impl Fn(&Entry) -> bool) -> bool {
        let mut answered = false;
        for entry in self.entries.iter().filter(|entry| covers(entry)) {
            for named in entry.names.iter().filter(|named| named.answers(question, entry.source)) {
                named.used.fetch_max(mark, Ordering::Relaxed);
                answered = true;
            }
        }
        answered
    }

    fn reason(&self, question: &Question<'_>, span: Span) -> Option<String> {
        let covering = self.entries.iter().filter(|entry| self.is_covered(entry.cover, span));
        let mut answering = covering.filter(|entry| entry.names.iter().any(|n| n.answers(question, entry.source)));
        answering.find_map(|entry| entry.reason.clone())
    }

    fn is_covered(&self, cover: Cover, span: Span) -> bool {
        match cover {
            Cover::Nothing => false,
            Cover::File | Cover::Tree => true,
            Cover::Node((start, end)) => start <= span.start && span.start < end.max(start + 1),
            Cover::Line(line) => {
                let starts_there = |at: u32| self.lines.line_of(at) == line;
                let statement = self.extents.statement_around((span.start, span.end));
                starts_there(span.start) || statement.is_some_and(|statement| starts_there(statement.0))
            }
        }
    }
}

impl Named {
    fn new(name: &str, span: Bytes) -> Self {
        let (rule, kind) = name.split_once('.').map_or((name, None), |(rule, kind)| (rule, Some(kind.to_owned())));
        Self { rule: rule.to_owned(), kind, old: None, span, used: AtomicU8::new(0) }
    }

    /// A name in a directive, which may be one of yesterday.
    fn written(name: &str, span: Bytes) -> Self {
        match renamed::new_name(name) {
            Some(new) => Self { old: Some(name.to_owned()), ..Self::new(&new, span) },
            None => Self::new(name, span),
        }
    }

    fn answers(&self, question: &Question<'_>, source: Source) -> bool {
        match source {
            Source::Clippy => question.clippy == Some(self.rule.as_str()),
            Source::Comment(_) | Source::Attribute => {
                self.rule == question.rule && (self.kind.is_none() || self.kind.as_deref() == question.kind)
            }
        }
    }

    fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed) > 0
    }

    fn removed_an_error(&self) -> bool {
        self.used.load(Ordering::Relaxed) > Severity::Error as u8
    }
}

#[cfg(test)]
pub(crate) mod tests;
