//! Edits that several rules offer.
//!
//! A fix is `safe` only where it compiles and means the same; anything in doubt is `unsafe` or advice.

use crate::base::Span;
use crate::diagnostic::Edit;
use crate::hir::names::Place;
use crate::program::Program;

/// Replaces the text of a span.
pub fn replace(span: Span, text: impl Into<String>) -> Edit {
    Edit { span, text: text.into() }
}

/// Inserts before a span.
pub fn before(span: Span, text: impl Into<String>) -> Edit {
    Edit { span: Span { end: span.start, ..span }, text: text.into() }
}

/// Inserts after a span.
pub fn after(span: Span, text: impl Into<String>) -> Edit {
    Edit { span: Span { start: span.end, ..span }, text: text.into() }
}

/// A first statement of a block: on a line of its own where the block has lines.
pub fn first_in_block(program: &Program, block: Place, statement: &str) -> Edit {
    let span = program.span(block);
    let open = Span { start: span.start + 1, end: span.start + 1, ..span };
    let inside = program.text(Span { start: span.start + 1, end: span.end.saturating_sub(1), ..span });
    let rest = inside.trim_start_matches([' ', '\t']);
    let text = if inside.is_empty() {
        format!(" {statement} ")
    } else if rest.starts_with(['\n', '\r']) {
        format!("\n{}    {statement}", program.indent(span))
    } else {
        format!(" {statement}")
    };
    replace(open, text)
}
