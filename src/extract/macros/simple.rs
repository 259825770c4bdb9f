//! Argument lists of names, fields and literals alone, which are most: `"{} is {}", self.name, x`.
//!
//! They are lowered from their tokens; syn would copy and parse them for the same result.

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};

use crate::facts::ExprId;
use crate::facts::expr::ExprKind;

use super::super::body::{Low, Lower};
use super::text;

/// An argument.
enum Arg {
    Literal(Literal),
    /// `a`, `a.b.c`.
    Fields(Vec<Ident>),
}

/// Longer lists are rare and may as well be parsed.
const MAX_TOKENS: usize = 64;

/// Lowers the arguments, or answers `None` without having lowered anything.
pub(super) fn lower(lower: &mut Lower<'_, '_>, tokens: TokenStream, captures: bool) -> Option<Vec<ExprId>> {
    let args = parse(tokens)?;
    let mut out = Vec::with_capacity(args.len());
    for arg in args {
        match arg {
            Arg::Literal(literal) => {
                let span = literal.span();
                let literal = syn::Lit::new(literal);
                out.push(lower.literal(&literal).id);
                if captures && matches!(literal, syn::Lit::Str(_)) {
                    text::captures(lower, span, &mut out);
                }
            }
            Arg::Fields(names) => out.extend(fields(lower, &names)),
        }
    }
    Some(out)
}

fn fields(lower: &mut Lower<'_, '_>, names: &[Ident]) -> Option<ExprId> {
    let (first, rest) = names.split_first()?;
    let mut low: Low = lower.name_expr(first);
    let mark = low.id;
    for field in rest {
        let (name, span) = lower.pos.ident(field);
        low = lower.push_from(mark, ExprKind::Field { base: low.id, name }, (low.start, span.1));
    }
    Some(low.id)
}

fn parse(tokens: TokenStream) -> Option<Vec<Arg>> {
    let mut out = Vec::new();
    let mut trees = tokens.into_iter();
    let mut count = 0;
    loop {
        let mut next = trees.next();
        let arg = match next.take() {
            None => return Some(out),
            Some(TokenTree::Literal(literal)) => {
                next = trees.next();
                Arg::Literal(literal)
            }
            Some(TokenTree::Ident(ident)) if is_name(&ident) => {
                let mut names = vec![ident];
                loop {
                    next = trees.next();
                    match &next {
                        Some(TokenTree::Punct(p)) if p.as_char() == '.' => {}
                        _ => break,
                    }
                    match trees.next() {
                        Some(TokenTree::Ident(ident)) if ident != "await" => names.push(ident),
                        _ => return None,
                    }
                }
                Arg::Fields(names)
            }
            Some(_) => return None,
        };
        out.push(arg);
        count += 1;
        match next {
            None => return Some(out),
            Some(TokenTree::Punct(p)) if p.as_char() == ',' && count < MAX_TOKENS => {}
            Some(_) => return None,
        }
    }
}

/// False for keywords that begin an expression or are no expression.
fn is_name(ident: &Ident) -> bool {
    const KEYWORDS: [&str; 31] = [
        "async", "await", "break", "const", "continue", "crate", "else", "false", "for", "if", "in", "let", "loop",
        "match", "move", "mut", "ref", "return", "static", "super", "true", "unsafe", "while", "yield", "_", "fn",
        "impl", "dyn", "where", "do", "box",
    ];
    !KEYWORDS.iter().any(|word| ident == word)
}
