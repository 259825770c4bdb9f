//! Where a new directive for a finding goes, and how it is written there.
//!
//! Positions and text only; whether it helps is seen when the new text is linted.

use crate::base::Span;
use crate::extent::Extents;
use crate::facts::FileFacts;
use crate::tokens::{TokenKind, Tokens};

/// Where a directive goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Spot {
    /// Above the line that begins at this byte.
    Above(u32),
    /// Behind the code of the line that ends at this byte.
    Behind(u32),
}

/// Above the innermost statement where it begins its line, else behind the line of the finding. Never inside a token.
pub fn place(facts: &FileFacts, text: &str, primary: Span) -> Option<Spot> {
    let statement = Extents::new(facts).statement_around((primary.start, primary.end));
    let start = statement.map_or(primary.start, |node| node.0);
    let line = text.get(..start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let begins = text[line..start as usize].trim().is_empty();
    if begins && !is_inside_token(text, line) {
        return Some(Spot::Above(line as u32));
    }
    let end = text.get(primary.start as usize..)?.find('\n').map_or(text.len(), |at| primary.start as usize + at);
    let end = if text[..end].ends_with('\r') { end - 1 } else { end };
    let last = Tokens::new(text, 0).find(|token| token.end >= end)?;
    // Behind a comment it would be part of it.
    let is_free = last.kind != TokenKind::Comment && !is_inside_token(text, end);
    is_free.then_some(Spot::Behind(end as u32))
}

fn is_inside_token(text: &str, at: usize) -> bool {
    let around = Tokens::new(text, 0).find(|token| token.end > at);
    around.is_some_and(|token| token.start < at && token.kind != TokenKind::Blank)
}

/// A directive at a spot: the byte at which it is put in, and its text.
pub fn directive(text: &str, spot: Spot, names: &[&str], reason: &str) -> (u32, String) {
    let comment = format!("// asynclint: allow({}): {reason}", names.join(", "));
    match spot {
        Spot::Above(line) => {
            let rest = text.get(line as usize..).unwrap_or("");
            let indent = &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()];
            (line, format!("{indent}{comment}\n"))
        }
        Spot::Behind(end) => (end, format!(" {comment}")),
    }
}
