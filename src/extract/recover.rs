//! Files that do not parse: whatever parses alone is used, the rest becomes problems with their places.
//!
//! The tokens are cut into items at the top level, and again inside modules, impls and traits; a function whose body fails keeps its
//! signature. When brackets do not even match, the text is cut at closing braces in the first column, where rustfmt ends an item.
//! Nothing is guessed: a part is either parsed by syn or left out.

use std::str::FromStr as _;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, Parser as _};

use crate::base::ProblemKind;
use crate::facts::ExtractProblem;

use super::position::{Bytes, Positions};

/// What could be read of a broken file.
pub(super) struct Recovered {
    pub(super) attrs: Vec<syn::Attribute>,
    pub(super) items: Vec<syn::Item>,
    pub(super) problems: Vec<ExtractProblem>,
    /// Opening braces of bodies that were left out.
    pub(super) lost_bodies: Vec<u32>,
}

struct Recover<'p, 't> {
    pos: &'p Positions<'t>,
    /// Something was read that syn alone refuses.
    mended: bool,
    out: Recovered,
}

/// Modules in modules in impls: deeper is not worth the time.
const ROUNDS: usize = 4;

/// Reads what parses of the part of the file behind `shift`; `error` says why the whole does not.
pub(super) fn recover(pos: &Positions<'_>, text: &str, shift: usize, error: &syn::Error) -> Recovered {
    let out = Recovered { attrs: Vec::new(), items: Vec::new(), problems: Vec::new(), lost_bodies: Vec::new() };
    let mut recover = Recover { pos, mended: false, out };
    let source = &text[shift..];
    let tokens = match TokenStream::from_str(source) {
        Ok(tokens) => tokens,
        Err(_) => recover.lexable(source, shift),
    };
    let items = recover.items(tokens, ROUNDS);
    recover.out.items = items;
    if recover.out.problems.is_empty() && !recover.mended {
        recover.problem(error, (shift as u32, text.len() as u32));
    }
    recover.out
}

impl Recover<'_, '_> {
    fn problem(&mut self, error: &syn::Error, part: Bytes) {
        let (start, end) = self.pos.bytes(error.span());
        // syn places the end of its input at the first line, wherever the input came from.
        let inside = part.0 <= start && end <= part.1 && start < end;
        let span = if inside { (start, end) } else { self.last_byte(part) };
        self.note(span, error.to_string());
    }

    fn note(&mut self, span: Bytes, message: String) {
        self.out.problems.push(ExtractProblem { kind: ProblemKind::ParseError, span, message });
    }

    fn last_byte(&self, part: Bytes) -> Bytes {
        let text = self.pos.slice(part).trim_end();
        let len = text.chars().next_back().map_or(0, char::len_utf8) as u32;
        let end = part.0 + text.len() as u32;
        (end - len, end)
    }

    /// The tokens of the text without the parts whose brackets do not match.
    fn lexable(&mut self, source: &str, shift: usize) -> TokenStream {
        let mut kept = String::with_capacity(source.len());
        let mut start = 0;
        while start < source.len() {
            let end = source[start..].find("\n}").map_or(source.len(), |i| {
                let brace = start + i + 1;
                source[brace..].find('\n').map_or(source.len(), |i| brace + i + 1)
            });
            let part = &source[start..end];
            if TokenStream::from_str(part).is_ok() {
                kept.push_str(part);
            } else {
                // Same lines, no tokens: places in other parts stay right.
                kept.extend(part.matches('\n'));
                let lead = part.len() - part.trim_start().len();
                let span = ((shift + start + lead) as u32, (shift + start + part.trim_end().len()) as u32);
                self.note(span, "brackets do not match, or a character cannot stand here".to_owned());
            }
            start = end;
        }
        TokenStream::from_str(&kept).unwrap_or_default()
    }

    fn items(&mut self, tokens: TokenStream, rounds: usize) -> Vec<syn::Item> {
        let mut out = Vec::new();
        for part in cut(tokens) {
            if is_inner_attribute(&part) {
                let attrs = syn::Attribute::parse_inner.parse2(part.into_iter().collect()).unwrap_or_default();
                if rounds == ROUNDS {
                    self.out.attrs.extend(attrs);
                }
            } else {
                out.extend(self.item(part, rounds));
            }
        }
        out
    }

    fn item(&mut self, part: Vec<TokenTree>, rounds: usize) -> Option<syn::Item> {
        let error = match syn::parse2::<syn::Item>(part.iter().cloned().collect()) {
            Ok(item) => return Some(item),
            Err(error) => error,
        };
        if let Some(item) = without_visibility(&part) {
            self.mended = true;
            return Some(item);
        }
        let bytes = self.bytes(&part);
        let Some((header, body)) = without_body(&part).filter(|_| rounds > 0) else {
            self.problem(&error, bytes);
            return None;
        };
        let Ok(mut item) = syn::parse2::<syn::Item>(header) else {
            self.problem(&error, bytes);
            return None;
        };
        match &mut item {
            syn::Item::Mod(module) => {
                let items = self.items(body.stream(), rounds - 1);
                if let Some((_, content)) = &mut module.content {
                    *content = items;
                }
            }
            syn::Item::Impl(item) => item.items = self.members(body.stream()),
            syn::Item::Trait(item) => item.items = self.members(body.stream()),
            syn::Item::Fn(_) => self.lose_body(&body, &error),
            _ => {
                self.problem(&error, bytes);
                return None;
            }
        }
        Some(item)
    }

    /// Members of an impl or trait.
    fn members<T: Parse>(&mut self, tokens: TokenStream) -> Vec<T> {
        let mut out = Vec::new();
        for part in cut(tokens) {
            let error = match syn::parse2::<T>(part.iter().cloned().collect()) {
                Ok(member) => {
                    out.push(member);
                    continue;
                }
                Err(error) => error,
            };
            let without = without_body(&part);
            match without.and_then(|(header, body)| Some((syn::parse2::<T>(header).ok()?, body))) {
                Some((member, body)) => {
                    out.push(member);
                    self.lose_body(&body, &error);
                }
                None => {
                    let bytes = self.bytes(&part);
                    self.problem(&error, bytes);
                }
            }
        }
        out
    }

    fn lose_body(&mut self, body: &Group, error: &syn::Error) {
        let bytes = self.pos.bytes(body.span());
        self.out.lost_bodies.push(bytes.0);
        self.problem(error, bytes);
    }

    fn bytes(&self, part: &[TokenTree]) -> Bytes {
        let start = part.first().map_or(0, |t| self.pos.start(t.span()));
        (start, part.last().map_or(start, |t| self.pos.end(t.span())))
    }
}

/// `pub impl ..` under an attribute macro, as easy-ext has it: rustc's grammar allows the `pub`, syn's does not.
fn without_visibility(part: &[TokenTree]) -> Option<syn::Item> {
    let at = part.iter().position(|t| matches!(t, TokenTree::Ident(ident) if ident == "pub"))?;
    let mut after = at + 1;
    if matches!(part.get(after), Some(TokenTree::Group(_))) {
        after += 1;
    }
    if !matches!(part.get(after), Some(TokenTree::Ident(ident)) if ident == "impl") {
        return None;
    }
    syn::parse2(part[..at].iter().chain(&part[after..]).cloned().collect()).ok()
}

/// The part with an empty block at its end, and the block that stood there.
fn without_body(part: &[TokenTree]) -> Option<(TokenStream, Group)> {
    let (last, header) = part.split_last()?;
    let TokenTree::Group(body) = last else { return None };
    if body.delimiter() != Delimiter::Brace {
        return None;
    }
    let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
    empty.set_span(body.span());
    let stream = header.iter().cloned().chain([TokenTree::Group(empty)]).collect();
    Some((stream, body.clone()))
}

/// Cuts tokens where an item ends: at `;`, and at a block unless the item must end in `;`.
fn cut(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut out = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let ends = match &tree {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                // `Foo<{ N }>` goes on.
                let inside = matches!(trees.peek(), Some(TokenTree::Punct(p)) if matches!(p.as_char(), '>' | ','));
                !inside && !needs_semicolon(&part)
            }
            TokenTree::Group(_) => is_inner_attribute(&part) && part.len() == 2,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        part.push(tree);
        if ends {
            out.push(std::mem::take(&mut part));
        }
    }
    if !part.is_empty() {
        out.push(part);
    }
    // A lone semicolon after an item means nothing.
    out.retain(|part| !matches!(part.as_slice(), [TokenTree::Punct(p)] if p.as_char() == ';'));
    out
}

/// `#!` or `#![..]`.
fn is_inner_attribute(part: &[TokenTree]) -> bool {
    matches!(part, [TokenTree::Punct(a), TokenTree::Punct(b), ..] if a.as_char() == '#' && b.as_char() == '!')
        && part.len() <= 3
}

/// True for items whose blocks do not end them: `use a::{b};`, `static X: T = S { .. };`.
fn needs_semicolon(part: &[TokenTree]) -> bool {
    let mut words = part.iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(ident),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    });
    let Some(mut word) = words.next() else { return false };
    while word == "pub" || word == "default" {
        match words.next() {
            Some(next) => word = next,
            None => return false,
        }
    }
    if word == "const" {
        let next = words.next();
        return !next.is_some_and(|w| w == "fn" || w == "unsafe" || w == "async" || w == "extern" || w == "impl");
    }
    word == "use" || word == "static" || word == "type" || word == "let"
}
