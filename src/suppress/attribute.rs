//! Suppressions written as attributes, on items and on statements.
//!
//! `#[cfg_attr(asynclint, allow(asynclint::untracked_spawn, reason = ".."))]` compiles on stable Rust; `#[allow(asynclint::..)]` is read
//! for the day when it does. `#[allow(clippy::await_holding_lock)]` answers the finding that says the same.

use crate::extent::Bytes;
use crate::tokens::{TokenKind, Tokens, is_code};

use super::{Cover, Entry, FileSuppressions, Named, Source, cover};

/// A file that holds none of these has no attribute that matters.
const WORDS: [&str; 4] =
    ["asynclint::", "clippy::await_holding_", "clippy::let_underscore_future", "clippy::async_yields_async"];

/// Looks through the text of a file for attributes that concern this tool.
pub(super) fn collect(file: &mut FileSuppressions<'_>, text: &str) {
    if !WORDS.iter().any(|word| text.contains(word)) {
        return;
    }
    let mut at = 0;
    while let Some(hash) = Tokens::new(text, at).find(|t| t.kind == TokenKind::Punct && &text[t.start..t.end] == "#") {
        at = hash.end;
        if let Some(end) = cover::attribute_end(text, hash) {
            at = end;
            read(file, text, (hash.start as u32, end as u32));
        }
    }
}

fn read(file: &mut FileSuppressions<'_>, text: &str, span: Bytes) {
    let words = words(text, span);
    let list = |word: &Word<'_>| matches!(word.text, "allow" | "expect");
    let Some(verb) = words.iter().position(list) else { return };
    let head: Vec<&str> = words[..verb].iter().map(|word| word.text).collect();
    if !matches!(head.as_slice(), [] | ["cfg_attr", "asynclint"]) {
        return;
    }
    let reason = reason(text, span, &words);
    let mut ours = Vec::new();
    let mut clippy = Vec::new();
    for (tool, lint) in words.iter().zip(words.iter().skip(1)) {
        let bytes = (tool.start, lint.start + lint.text.len() as u32);
        match tool.text {
            "asynclint" if lint.text != "allow" && lint.text != "expect" => {
                ours.push(Named::new(&lint.text.replace('_', "-"), bytes));
            }
            "clippy" => clippy.push(Named::new(lint.text, bytes)),
            _ => {}
        }
    }
    let cover = match text[span.0 as usize..].starts_with("#!") {
        true => inner(file, span),
        false => cover::next_node(&file.extents, text, span).map_or(Cover::Nothing, Cover::Node),
    };
    for (source, names) in [(Source::Attribute, ours), (Source::Clippy, clippy)] {
        if !names.is_empty() {
            file.entries.push(Entry { span, source, names, reason: reason.clone(), cover });
        }
    }
}

/// `#![..]` speaks of what it stands in.
fn inner(file: &FileSuppressions<'_>, span: Bytes) -> Cover {
    file.extents.item_around(span).map_or(Cover::Tree, Cover::Node)
}

/// The text of `reason = ".."`.
fn reason(text: &str, span: Bytes, words: &[Word<'_>]) -> Option<String> {
    let key = words.iter().find(|word| word.text == "reason")?;
    let mut after = Tokens::new(&text[..span.1 as usize], key.start as usize + key.text.len());
    let literal = after.find(|token| token.kind == TokenKind::Literal)?;
    let literal = &text[literal.start..literal.end];
    match literal.strip_prefix('r') {
        Some(raw) => Some(raw.trim_matches('#').trim_matches('"').to_owned()),
        None => Some(literal.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")),
    }
}

struct Word<'a> {
    text: &'a str,
    start: u32,
}

/// The words of an attribute, literals and punctuation left out.
fn words(text: &str, span: Bytes) -> Vec<Word<'_>> {
    let code = Tokens::new(&text[..span.1 as usize], span.0 as usize).filter(|token| is_code(token.kind));
    let words = code.filter(|token| token.kind == TokenKind::Word);
    words.map(|token| Word { text: &text[token.start..token.end], start: token.start as u32 }).collect()
}
