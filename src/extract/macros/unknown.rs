//! Macros that are not understood: whatever their tokens mention counts as used, and nothing is reported inside.
//!
//! Most hold expressions or statements all the same, and then their calls and awaits stand in an opaque region.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;

use crate::base::Name;
use crate::facts::expr::{ExprKind, Exprs, MacroCall, MacroShape};
use crate::facts::{LocalId, RegionKind};

use super::super::body::{Low, Lower};
use super::args::{self, Style};
use super::{Call, known, text};

/// A macro call without known meaning.
pub(super) fn lower(lower: &mut Lower<'_, '_>, call: &Call<'_>, shape: MacroShape) -> Low {
    let first = lower.mark();
    if call.mac.tokens.is_empty() {
        return call.push(lower, first, shape, Box::default());
    }
    if let Some(parsed) = args::parse(call.tokens(), Style::Plain) {
        let around = lower.enter(RegionKind::Opaque, false);
        let sight = lower.sight();
        let mut out = Vec::with_capacity(parsed.len());
        for arg in &parsed {
            known::lower_arg(lower, arg, true, &mut out);
        }
        lower.forget(sight);
        return close(lower, call, shape, first, around, out.into_boxed_slice());
    }
    if let Ok(stmts) = syn::Block::parse_within.parse2(call.tokens()) {
        let delimiter = call.mac.delimiter.span();
        let span = (lower.pos.open(delimiter), lower.pos.close(delimiter));
        let around = lower.enter(RegionKind::Opaque, false);
        let block = lower.stmts_expr(&stmts, None, span).id;
        return close(lower, call, shape, first, around, Box::new([block]));
    }
    scanned(lower, call, shape)
}

fn close(
    lower: &mut Lower<'_, '_>,
    call: &Call<'_>,
    shape: MacroShape,
    first: crate::facts::ExprId,
    around: crate::facts::RegionId,
    args: Exprs,
) -> Low {
    let region = lower.leave(around);
    let low = call.push(lower, first, shape, args);
    lower.region_is(region, low.id, low.id);
    low
}

/// A call of which only the names in its tokens are known.
pub(super) fn scanned(lower: &mut Lower<'_, '_>, call: &Call<'_>, shape: MacroShape) -> Low {
    let mut scan = Scan::default();
    scan.tokens(lower, call.tokens());
    let mut uses: Vec<LocalId> = scan.uses.into_iter().map(|(local, _)| local).collect();
    uses.sort_unstable();
    uses.dedup();
    let mac = MacroCall {
        path: call.path,
        path_span: call.path_span,
        shape,
        args: Box::default(),
        uses: uses.into_boxed_slice(),
        hidden_flow: scan.flow,
    };
    lower.leaf(ExprKind::Macro(Box::new(mac)), call.span)
}

/// The locals that tokens mention, as expressions.
pub(in crate::extract) fn uses_of(lower: &mut Lower<'_, '_>, tokens: &TokenStream) -> Exprs {
    let mut scan = Scan::default();
    scan.tokens(lower, tokens.clone());
    let uses = scan.uses.into_iter();
    uses.map(|(local, span)| lower.leaf(ExprKind::Local(local), span).id).collect()
}

#[derive(Default)]
struct Scan {
    uses: Vec<(LocalId, (u32, u32))>,
    /// Met `await`, `return`, `break`, `continue`, `yield` or `?`.
    flow: bool,
}

impl Scan {
    fn tokens(&mut self, lower: &Lower<'_, '_>, tokens: TokenStream) {
        for tree in tokens {
            match tree {
                TokenTree::Ident(ident) => {
                    let (name, span) = lower.pos.ident(&ident);
                    match name.as_str() {
                        "await" | "return" | "break" | "continue" | "yield" => self.flow = true,
                        _ => self.uses.extend(lower.lookup(name).map(|local| (local, span))),
                    }
                }
                TokenTree::Punct(punct) => self.flow |= punct.as_char() == '?',
                TokenTree::Group(group) => self.tokens(lower, group.stream()),
                TokenTree::Literal(literal) => {
                    let (start, end) = lower.pos.bytes(literal.span());
                    let source = lower.pos.slice((start, end));
                    if source.ends_with(['"', '#']) && source.contains('{') {
                        for (a, b) in text::names(source) {
                            let span = (start + a as u32, start + b as u32);
                            self.uses.extend(lower.lookup(Name::new(&source[a..b])).map(|local| (local, span)));
                        }
                    }
                }
            }
        }
    }
}
