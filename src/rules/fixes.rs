//! Edits that several rules offer.
//!
//! A fix is `safe` only where it compiles and means the same; anything in doubt is `unsafe` or advice.

use crate::base::Span;
use crate::diagnostic::Edit;

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
