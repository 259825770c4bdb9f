//! The node that a directive on a line of its own, or an attribute, stands before.

use crate::extent::{Bytes, Extents};
use crate::tokens::{Token, TokenKind, Tokens};

/// The next statement, arm, field, item or expression after `span`, attributes and comments in between included.
pub(super) fn next_node(extents: &Extents<'_>, text: &str, span: Bytes) -> Option<Bytes> {
    let at = skip_layout(text, span.1 as usize);
    if text[at..].starts_with('.') {
        return extents.call_named_at(at as u32 + 1);
    }
    // A field or variant begins at its name, an item at its visibility.
    let to = skip_visibility(text, at);
    let with_attributes = extents.items_around(span).filter(|item| skip_layout(text, item.0 as usize) == at);
    with_attributes.chain(extents.starting_in(span.1, to as u32)).max_by_key(|node| node.1)
}

/// The first byte after comments, blanks and attributes.
fn skip_layout(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let code = Tokens::new(text, at).find(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Blank));
        let Some(token) = code else { return text.len() };
        match attribute_end(text, token) {
            Some(end) => at = end,
            None => return token.start,
        }
    }
}

/// The end of the attribute that begins with this `#`.
pub(super) fn attribute_end(text: &str, hash: Token) -> Option<usize> {
    if &text[hash.start..hash.end] != "#" {
        return None;
    }
    let mut depth = 0_usize;
    for token in Tokens::new(text, hash.end).filter(|token| token.kind == TokenKind::Punct) {
        match &text[token.start..token.end] {
            "!" if depth == 0 => {}
            "[" | "(" | "{" => depth += 1,
            "]" | ")" | "}" => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 && &text[token.start..token.end] != "!" {
            return Some(token.end);
        }
    }
    None
}

fn skip_visibility(text: &str, at: usize) -> usize {
    let mut tokens = Tokens::new(text, at).filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Blank));
    let Some(word) = tokens.next().filter(|token| &text[token.start..token.end] == "pub") else { return at };
    let mut depth = 0_usize;
    for token in tokens {
        match &text[token.start..token.end] {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 => return token.start,
            _ => {}
        }
    }
    word.end
}
