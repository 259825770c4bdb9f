//! Blocks and statements.
//!
//! A block gets a scope of its own only when it declares items. Macros in statement position may stand for several statements.

use crate::base::Name;
use crate::facts::expr::{Block, ExprId, ExprKind, Stmt};
use crate::facts::item::ScopeKind;
use crate::facts::{ItemId, LocalKind};

use super::super::builder::Place;
use super::super::item_macros::static_kind;
use super::super::position::Bytes;
use super::super::{attr, macros};
use super::{Low, Lower};

/// Statements of a block under construction.
#[derive(Default)]
pub(in crate::extract) struct Stmts {
    pub(in crate::extract) list: Vec<Stmt>,
    pub(in crate::extract) tail: Option<ExprId>,
}

impl Lower<'_, '_> {
    /// A block.
    pub(in crate::extract) fn block_expr(&mut self, block: &syn::Block, label: Option<Name>) -> Low {
        let span = (self.pos.open(&block.brace_token.span), self.pos.close(&block.brace_token.span));
        self.stmts_expr(&block.stmts, label, span)
    }

    /// Statements as a block of their own.
    pub(in crate::extract) fn stmts_expr(&mut self, stmts: &[syn::Stmt], label: Option<Name>, span: Bytes) -> Low {
        let first = self.mark();
        let sight = self.sight();
        let around = self.scope;
        let mut out = Stmts { list: Vec::with_capacity(stmts.len()), tail: None };
        self.stmts(stmts, true, &mut out);
        self.scope = around;
        self.forget(sight);
        let block = Block { stmts: out.list.into_boxed_slice(), tail: out.tail, label };
        self.push_from(first, ExprKind::Block(Box::new(block)), span)
    }

    /// Appends statements to a block; the last may become its value when `tail` is true.
    ///
    /// Items of a block are visible in all of it, so they are read first.
    pub(in crate::extract) fn stmts(&mut self, stmts: &[syn::Stmt], tail: bool, out: &mut Stmts) {
        let mut items = self.block_items(stmts).into_iter();
        for (i, stmt) in stmts.iter().enumerate() {
            let last = tail && i + 1 == stmts.len();
            match stmt {
                syn::Stmt::Local(local) => self.local(local, out),
                syn::Stmt::Item(_) => out.list.extend(items.next().flatten().map(Stmt::Item)),
                syn::Stmt::Macro(mac) => match self.statics(mac) {
                    true => out.list.extend(items.next().flatten().map(Stmt::Item)),
                    false => self.macro_stmt(mac, last, out),
                },
                // A lone semicolon.
                syn::Stmt::Expr(syn::Expr::Verbatim(tokens), Some(_)) if tokens.is_empty() => {}
                syn::Stmt::Expr(e, semi) => {
                    let low = self.expr(e);
                    self.expr_cfg(e, low.id);
                    match semi {
                        None if last => out.tail = Some(low.id),
                        None => out.list.push(Stmt::Expr { expr: low.id, semi: false, span: (low.start, low.end) }),
                        Some(semi) => {
                            let span = (low.start, self.pos.end(semi.spans[0]));
                            out.list.push(Stmt::Expr { expr: low.id, semi: true, span });
                        }
                    }
                }
            }
        }
    }

    fn block_items(&mut self, stmts: &[syn::Stmt]) -> Vec<Option<ItemId>> {
        let declares = |s: &syn::Stmt| match s {
            syn::Stmt::Item(_) => true,
            syn::Stmt::Macro(mac) => self.statics(mac),
            syn::Stmt::Local(_) | syn::Stmt::Expr(..) => false,
        };
        if !stmts.iter().any(declares) {
            return Vec::new();
        }
        self.scope = self.file.scope(ScopeKind::Block, self.scope);
        let place = Place::of(self.scope);
        let mut out = Vec::new();
        for stmt in stmts {
            match stmt {
                syn::Stmt::Item(item) => {
                    if let syn::Item::Macro(m) = item {
                        self.has_unknown_macro |= m.ident.is_none();
                    }
                    out.push(self.file.item(item, place));
                }
                syn::Stmt::Macro(mac) if self.statics(mac) => {
                    let name = macros::name(self.pos, &mac.mac);
                    out.push(self.file.known_item_macro(name, &mac.mac, &mac.attrs, place));
                }
                syn::Stmt::Macro(_) | syn::Stmt::Local(_) | syn::Stmt::Expr(..) => {}
            }
        }
        out
    }

    /// True for `thread_local!` and its like.
    fn statics(&self, mac: &syn::StmtMacro) -> bool {
        static_kind(macros::name(self.pos, &mac.mac).as_str()).is_some()
    }

    fn local(&mut self, local: &syn::Local, out: &mut Stmts) {
        let mut init = None;
        let mut else_ = None;
        if let Some(value) = &local.init {
            init = Some(self.expr(&value.expr).id);
            else_ = value.diverge.as_ref().map(|(_, e)| self.expr(e).id);
        }
        let (pat, ty) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Some(self.ty(&typed.ty))),
            other => (other, None),
        };
        let pat = self.pattern(pat, LocalKind::Let);
        let span = (self.pos.start(local.let_token.span), self.pos.end(local.semi_token.spans[0]));
        if let (false, Some(init)) = (local.attrs.is_empty(), init) {
            let cfg = attr::cfg_of(self.pos, &local.attrs);
            self.guard(init, cfg);
        }
        out.list.push(Stmt::Let { pat, ty, init, else_, span });
    }

    fn macro_stmt(&mut self, mac: &syn::StmtMacro, last: bool, out: &mut Stmts) {
        let cfg = if mac.attrs.is_empty() { None } else { attr::cfg_of(self.pos, &mac.attrs) };
        if macros::statements(self, mac, last && mac.semi_token.is_none(), out) {
            return;
        }
        let low = macros::expression(self, &mac.mac);
        if macros::is_unknown(self.kind(low.id)) {
            self.has_unknown_macro = true;
        }
        self.guard(low.id, cfg);
        match &mac.semi_token {
            None if last => out.tail = Some(low.id),
            None => out.list.push(Stmt::Expr { expr: low.id, semi: true, span: (low.start, low.end) }),
            Some(semi) => {
                let span = (low.start, self.pos.end(semi.spans[0]));
                out.list.push(Stmt::Expr { expr: low.id, semi: true, span });
            }
        }
    }
}
