//! Control flow: conditions, loops, matches, jumps, blocks of all kinds.

use crate::base::Name;
use crate::base::id::Id;
use crate::facts::expr::{Arm, ExprId, ExprKind, LoopKind};
use crate::facts::{LocalKind, RegionKind};

use super::super::attr;
use super::{Low, Lower};

impl Lower<'_, '_> {
    /// An expression that steers.
    pub(super) fn flow(&mut self, e: &syn::Expr) -> Low {
        match e {
            syn::Expr::Block(e) => {
                let label = e.label.as_ref();
                let low = self.block_expr(&e.block, label.map(|l| self.pos.name(&l.name.ident)));
                self.widen(low, label.map(|l| l.name.apostrophe))
            }
            syn::Expr::Unsafe(e) => {
                let low = self.block_expr(&e.block, None);
                self.widen(low, Some(e.unsafe_token.span))
            }
            syn::Expr::Const(e) => {
                let low = self.block_expr(&e.block, None);
                self.widen(low, Some(e.const_token.span))
            }
            syn::Expr::TryBlock(e) => {
                let low = self.block_expr(&e.block, None);
                self.widen(low, Some(e.try_token.span))
            }
            syn::Expr::Async(e) => {
                let start = self.pos.start(e.async_token.span);
                self.async_block(&e.block, RegionKind::AsyncBlock, e.capture.is_some(), start)
            }
            syn::Expr::If(e) => self.if_chain(e),
            syn::Expr::Let(e) => {
                let first = self.mark();
                let inner = self.expr(&e.expr);
                let pat = self.pattern(&e.pat, LocalKind::Arm);
                let start = self.pos.start(e.let_token.span);
                self.push_from(first, ExprKind::Let { pat, expr: inner.id }, (start, inner.end))
            }
            syn::Expr::Match(e) => self.match_expr(e),
            syn::Expr::Loop(e) => self.loop_expr(None, &e.body, e.label.as_ref(), e.loop_token.span),
            syn::Expr::While(e) => self.loop_expr(Some(&e.cond), &e.body, e.label.as_ref(), e.while_token.span),
            syn::Expr::ForLoop(e) => self.for_loop(e),
            syn::Expr::Return(e) => self.jump(e.expr.as_deref(), e.return_token.span, None),
            syn::Expr::Break(e) => self.jump(e.expr.as_deref(), e.break_token.span, Some(e.label.as_ref())),
            syn::Expr::Continue(e) => {
                let (start, end) = self.pos.bytes(e.continue_token.span);
                let label = e.label.as_ref().map(|l| self.pos.ident(&l.ident));
                let end = label.map_or(end, |(_, bytes)| bytes.1);
                self.leaf(ExprKind::Continue(label.map(|(name, _)| name)), (start, end))
            }
            syn::Expr::Yield(e) => {
                let first = self.mark();
                let (start, end) = self.pos.bytes(e.yield_token.span);
                let value = e.expr.as_ref().map(|e| self.expr(e));
                let span = (start, value.map_or(end, |low| low.end));
                self.push_from(first, ExprKind::Yield(value.map(|low| low.id)), span)
            }
            // A kind of expression that syn learns later.
            _ => self.leaf(ExprKind::Opaque(Box::default()), (0, 0)),
        }
    }

    /// Lets an expression begin at a keyword or label before it.
    fn widen(&mut self, low: Low, keyword: Option<proc_macro2::Span>) -> Low {
        let Some(keyword) = keyword else { return low };
        let start = self.pos.start(keyword);
        self.exprs[low.id.index()].span.0 = start;
        Low { start, ..low }
    }

    /// The block of `async { .. }` or `stream! { .. }`.
    pub(in crate::extract) fn async_block(
        &mut self,
        block: &syn::Block,
        kind: RegionKind,
        is_move: bool,
        start: u32,
    ) -> Low {
        let first = self.mark();
        let around = self.enter(kind, is_move);
        let body = self.block_expr(block, None);
        let region = self.leave(around);
        self.regions[region].body = body.id;
        let low = self.push_from(first, ExprKind::Async(region), (start, body.end));
        self.region_is(region, low.id, body.id);
        low
    }

    /// `if a {} else if b {} else {}`: as long as people like, so first down, then up.
    fn if_chain(&mut self, e: &syn::ExprIf) -> Low {
        struct Link {
            first: ExprId,
            start: u32,
            cond: ExprId,
            then: Low,
        }
        let mut links = Vec::new();
        let mut at = e;
        let mut tail = loop {
            let first = self.mark();
            let start = self.pos.start(at.if_token.span);
            let sight = self.sight();
            let cond = self.expr(&at.cond).id;
            let then = self.block_expr(&at.then_branch, None);
            self.forget(sight);
            links.push(Link { first, start, cond, then });
            match at.else_branch.as_ref().map(|(_, e)| &**e) {
                Some(syn::Expr::If(next)) => at = next,
                Some(other) => break Some(self.expr(other)),
                None => break None,
            }
        };
        while let Some(link) = links.pop() {
            let end = tail.map_or(link.then.end, |low| low.end);
            let kind = ExprKind::If { cond: link.cond, then: link.then.id, else_: tail.map(|low| low.id) };
            tail = Some(self.push_from(link.first, kind, (link.start, end)));
        }
        tail.unwrap_or_else(|| self.leaf(ExprKind::Opaque(Box::default()), (0, 0)))
    }

    fn match_expr(&mut self, e: &syn::ExprMatch) -> Low {
        let first = self.mark();
        let scrutinee = self.expr(&e.expr).id;
        let mut arms = Vec::with_capacity(e.arms.len());
        for arm in &e.arms {
            let sight = self.sight();
            let (pat, guard) = match &arm.pat {
                syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
                other => (other, None),
            };
            let pat = self.pattern(pat, LocalKind::Arm);
            let guard = guard.map(|e| self.expr(e).id);
            let body = self.expr(&arm.body).id;
            self.forget(sight);
            if !arm.attrs.is_empty() {
                let cfg = attr::cfg_of(self.pos, &arm.attrs);
                self.guard(body, cfg);
            }
            arms.push(Arm { pat, guard, body });
        }
        let span = (self.pos.start(e.match_token.span), self.pos.close(&e.brace_token.span));
        self.push_from(first, ExprKind::Match { scrutinee, arms: arms.into_boxed_slice() }, span)
    }

    fn loop_expr(
        &mut self,
        cond: Option<&syn::Expr>,
        body: &syn::Block,
        label: Option<&syn::Label>,
        keyword: proc_macro2::Span,
    ) -> Low {
        let first = self.mark();
        let sight = self.sight();
        let kind = match cond {
            Some(cond) => LoopKind::While(self.expr(cond).id),
            None => LoopKind::Loop,
        };
        let body = self.block_expr(body, None);
        self.forget(sight);
        let (label, start) = self.label(label, keyword);
        self.push_from(first, ExprKind::Loop { kind, body: body.id, label }, (start, body.end))
    }

    fn for_loop(&mut self, e: &syn::ExprForLoop) -> Low {
        let first = self.mark();
        let iter = self.expr(&e.expr).id;
        let sight = self.sight();
        let pat = self.pattern(&e.pat, LocalKind::For);
        let body = self.block_expr(&e.body, None);
        self.forget(sight);
        let is_await = !self.for_await.is_empty() && self.for_await.contains(&self.pos.start(e.for_token.span));
        let (label, start) = self.label(e.label.as_ref(), e.for_token.span);
        let kind = LoopKind::For { pat, iter, is_await };
        self.push_from(first, ExprKind::Loop { kind, body: body.id, label }, (start, body.end))
    }

    fn label(&self, label: Option<&syn::Label>, keyword: proc_macro2::Span) -> (Option<Name>, u32) {
        match label {
            Some(label) => (Some(self.pos.name(&label.name.ident)), self.pos.start(label.name.apostrophe)),
            None => (None, self.pos.start(keyword)),
        }
    }

    /// `return` (no `label`) or `break`.
    fn jump(
        &mut self,
        value: Option<&syn::Expr>,
        keyword: proc_macro2::Span,
        label: Option<Option<&syn::Lifetime>>,
    ) -> Low {
        let first = self.mark();
        let (start, mut end) = self.pos.bytes(keyword);
        let value = value.map(|e| self.expr(e));
        let name = label.flatten().map(|l| {
            let (name, bytes) = self.pos.ident(&l.ident);
            end = bytes.1;
            name
        });
        let end = value.map_or(end, |low| low.end);
        let value = value.map(|low| low.id);
        let kind = match label {
            Some(_) => ExprKind::Break { label: name, value },
            None => ExprKind::Return(value),
        };
        self.push_from(first, kind, (start, end))
    }
}
