//! From the text of one file to its facts: the only room that knows syntax trees.
//!
//! Trees and their spans live in one thread and die here; what leaves is owned, `Send` and in bytes of the file on disk.
//! Nothing is resolved, and no text can make the process end: what syn could not survive is refused before it sees it.

mod attr;
mod body;
mod builder;
mod comments;
mod docs;
mod functions;
mod imports;
mod item_macros;
mod items;
mod lexer;
mod macros;
mod names;
mod path;
mod position;
mod precheck;
mod recover;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::ProblemKind;
use crate::base::{FileId, IndexVec, LineIndex};
use crate::facts::item::ScopeKind;
use crate::facts::{ExtractProblem, FileFacts, PathTable, ScopeId};

use builder::{Builder, Place};
use position::Positions;

/// Reads one file. Never panics, and never recurses deeper than 64 MiB of stack hold.
pub fn file(file: FileId, text: &str) -> FileFacts {
    catch_unwind(AssertUnwindSafe(|| {
        let _spans = SpanGuard;
        read(file, text)
    }))
    .unwrap_or_else(|panic| {
        let mut facts = empty(file, text);
        facts.problems.push(internal(text, panic.as_ref()));
        facts
    })
}

/// True when syn parses the file; what it would not survive does not parse.
pub fn parses(text: &str) -> bool {
    !is_too_deep(text) && parses_bare(text)
}

/// Parses a file as syn's own users do and drops the tree, without a check before: the reference of the benchmark.
pub fn parses_bare(text: &str) -> bool {
    let _spans = SpanGuard;
    syn::parse_file(text).is_ok()
}

/// Refused before syn sees it.
pub fn is_too_deep(text: &str) -> bool {
    precheck::run(text, position::prefix_len(text)).too_deep.is_some()
}

/// Empties proc-macro2's source table of this thread, also after a panic: it only grows otherwise.
struct SpanGuard;

impl Drop for SpanGuard {
    fn drop(&mut self) {
        proc_macro2::extra::invalidate_current_thread_spans();
    }
}

fn read(file: FileId, text: &str) -> FileFacts {
    let shift = position::prefix_len(text);
    let mut facts = empty(file, text);
    let check = precheck::run(text, shift);
    facts.directives = check.directives;
    if let Some((at, reason)) = check.too_deep {
        let message = reason.to_owned();
        facts.problems.push(ExtractProblem { kind: ProblemKind::TooDeep, span: (at, at + 1), message });
        return facts;
    }
    let source = docs::without(text, shift, &check.docs);
    let pos = Positions::new(text, shift, &facts.lines, check.docs);
    let mut builder = Builder::new(&pos);
    match syn::parse_str::<syn::File>(&source) {
        Ok(tree) => whole(&mut builder, &tree.attrs, &tree.items),
        Err(error) => {
            let part = recover::recover(&pos, text, shift, &error);
            builder.lost_bodies = part.lost_bodies;
            builder.problems = part.problems;
            whole(&mut builder, &part.attrs, &part.items);
        }
    }
    facts.scopes = builder.scopes;
    facts.items = builder.items;
    facts.bodies = builder.bodies;
    facts.paths = builder.paths.finish().0;
    facts.problems = builder.problems;
    facts.attrs = builder.attrs;
    facts
}

/// What parsed of the file.
fn whole(builder: &mut Builder<'_>, attrs: &[syn::Attribute], items: &[syn::Item]) {
    let place = Place::of(ScopeId(0));
    builder.attrs = attr::read_inner(&mut builder.types(place.scope), attrs);
    builder.read_items(items, place);
}

fn empty(file: FileId, text: &str) -> FileFacts {
    let root = crate::facts::Scope { kind: ScopeKind::File, parent: None, items: Vec::new() };
    FileFacts {
        file,
        scopes: IndexVec::from_vec(vec![root]),
        items: IndexVec::new(),
        bodies: IndexVec::new(),
        paths: PathTable::default(),
        directives: Vec::new(),
        problems: Vec::new(),
        lines: LineIndex::new(text),
        attrs: Vec::new(),
    }
}

fn internal(text: &str, panic: &(dyn std::any::Any + Send)) -> ExtractProblem {
    let what = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    ExtractProblem {
        kind: ProblemKind::InternalError,
        span: (0, text.len() as u32),
        message: format!("reading this file failed inside asynclint: {what}"),
    }
}

#[cfg(test)]
mod tests;
