//! Macros inside bodies: the ones that are understood are lowered by their shape, all others are searched for uses.
//!
//! Only the last segment of the path and the shape of the arguments decide; link checks the whole path later.
//! Nothing is expanded.

mod args;
mod companion;
mod known;
mod select;
mod simple;
mod stream;
mod text;
mod unknown;

use proc_macro2::TokenStream;
use syn::parse::Parser;

use crate::base::Name;
use crate::facts::expr::{ExprKind, Exprs, MacroCall, MacroShape};
use crate::facts::{LocalKind, PathId};

use super::body::{Low, Lower, Stmts};
use super::path::path_bytes;
use super::position::{Bytes, Positions};

pub(super) use unknown::uses_of;

/// A macro call that is being lowered.
struct Call<'m> {
    mac: &'m syn::Macro,
    name: Name,
    path: PathId,
    path_span: Bytes,
    /// From the path to the closing bracket.
    span: Bytes,
}

/// The last segment of a macro's path.
pub(super) fn name(pos: &Positions<'_>, mac: &syn::Macro) -> Name {
    mac.path.segments.last().map_or_else(|| Name::new(""), |s| pos.name(&s.ident))
}

/// True for a macro call that was not understood.
pub(super) fn is_unknown(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Macro(call) if call.shape == MacroShape::Unknown)
}

/// A macro call as an expression.
pub(super) fn expression(lower: &mut Lower<'_, '_>, mac: &syn::Macro) -> Low {
    let name = lower.file.macro_name(name(lower.pos, mac));
    let path_span = path_bytes(lower.pos, &mac.path);
    let span = (path_span.0, lower.pos.close(mac.delimiter.span()));
    let path = lower.path(&mac.path);
    let call = Call { mac, name, path, path_span, span };
    let understood = companion::lower(lower, &call).or_else(|| known::lower(lower, &call));
    understood.unwrap_or_else(|| unknown::lower(lower, &call, MacroShape::Unknown))
}

/// Macros that stand for statements: `cfg_if!`, `pin! { let x = .. }`. False when `mac` is none of these.
pub(super) fn statements(lower: &mut Lower<'_, '_>, mac: &syn::StmtMacro, tail: bool, out: &mut Stmts) -> bool {
    let name = name(lower.pos, &mac.mac);
    match name.as_str() {
        "cfg_if" => cfg_if(lower, &mac.mac, tail, out).is_some(),
        "pin" | "pin_mut" => pinned_lets(lower, &mac.mac, out).is_some(),
        _ => false,
    }
}

/// The branches stand one after the other, each expression of theirs under its condition.
fn cfg_if(lower: &mut Lower<'_, '_>, mac: &syn::Macro, tail: bool, out: &mut Stmts) -> Option<()> {
    use super::item_macros::parse_branches;
    use super::{attr, items::branch_cfg};
    use crate::facts::expr::Stmt;

    let branches = parse_branches.parse2(mac.tokens.clone()).ok()?;
    let mut parsed = Vec::with_capacity(branches.len());
    for branch in branches {
        parsed.push((branch.cfg, syn::Block::parse_within.parse2(branch.tokens).ok()?));
    }
    let mut before = Vec::new();
    let count = parsed.len();
    for (i, (cfg, stmts)) in parsed.into_iter().enumerate() {
        let own = cfg.map(|tokens| attr::parse_cfg(lower.pos, tokens));
        let cfg = branch_cfg(own.clone(), &before);
        before.extend(own);
        let from = out.list.len();
        lower.stmts(&stmts, tail && i + 1 == count, out);
        for stmt in &out.list[from..] {
            match stmt {
                Stmt::Let { init: Some(expr), .. } | Stmt::Expr { expr, .. } => lower.guard(*expr, Some(cfg.clone())),
                Stmt::Let { init: None, .. } | Stmt::Item(_) => {}
            }
        }
        if let Some(expr) = out.tail {
            lower.guard(expr, Some(cfg));
        }
    }
    Some(())
}

/// `pin! { let a = x; let b = y; }` declares and pins.
fn pinned_lets(lower: &mut Lower<'_, '_>, mac: &syn::Macro, out: &mut Stmts) -> Option<()> {
    let first = mac.tokens.clone().into_iter().next()?;
    if !matches!(&first, proc_macro2::TokenTree::Ident(ident) if ident == "let") {
        return None;
    }
    let stmts = syn::Block::parse_within.parse2(mac.tokens.clone()).ok()?;
    lower.stmts(&stmts, false, out);
    let path_span = path_bytes(lower.pos, &mac.path);
    let span = (path_span.0, lower.pos.close(mac.delimiter.span()));
    let path = lower.path(&mac.path);
    let mark = lower.mark();
    let mut args = Vec::new();
    for stmt in &stmts {
        if let syn::Stmt::Local(syn::Local { pat: syn::Pat::Ident(pat), .. }) = stmt {
            let (name, bytes) = lower.pos.ident(&pat.ident);
            if let Some(local) = lower.lookup(name) {
                args.push(lower.leaf(ExprKind::Local(local), bytes).id);
            }
        }
    }
    let call = MacroCall {
        path,
        path_span,
        shape: MacroShape::Pin,
        args: args.into_boxed_slice(),
        uses: Box::default(),
        hidden_flow: false,
    };
    let low = lower.push_from(mark, ExprKind::Macro(Box::new(call)), span);
    out.list.push(crate::facts::expr::Stmt::Expr { expr: low.id, semi: true, span });
    Some(())
}

impl Call<'_> {
    fn tokens(&self) -> TokenStream {
        self.mac.tokens.clone()
    }

    /// Appends the call itself after its arguments.
    fn push(&self, lower: &mut Lower<'_, '_>, first: crate::facts::ExprId, shape: MacroShape, args: Exprs) -> Low {
        let call = MacroCall {
            path: self.path,
            path_span: self.path_span,
            shape,
            args,
            uses: Box::default(),
            hidden_flow: false,
        };
        lower.push_from(first, ExprKind::Macro(Box::new(call)), self.span)
    }
}

/// Locals that macros bind are like those of match arms.
const ARM: LocalKind = LocalKind::Arm;
