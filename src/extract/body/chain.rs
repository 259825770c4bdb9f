//! Chains that nest to the left: `a.b().await?[0] + c as T`.
//!
//! They are as long as people like, so the walk down to the first link is a loop; the operands at each link recurse.

use crate::base::id::Id;
use crate::facts::expr::{BinaryOp, ExprKind, Lit, UnaryOp};

use super::super::items::index_name;
use super::super::path::type_end;
use super::{Low, Lower};

/// What stands to the left of the last link, when that is evaluated first.
fn left(e: &syn::Expr) -> Option<&syn::Expr> {
    match e {
        syn::Expr::MethodCall(e) => Some(&e.receiver),
        syn::Expr::Call(e) => Some(&e.func),
        syn::Expr::Await(e) => Some(&e.base),
        syn::Expr::Try(e) => Some(&e.expr),
        syn::Expr::Field(e) => Some(&e.base),
        syn::Expr::Index(e) => Some(&e.expr),
        syn::Expr::Cast(e) => Some(&e.expr),
        syn::Expr::Paren(e) => Some(&e.expr),
        syn::Expr::Group(e) => Some(&e.expr),
        syn::Expr::Binary(e) if binary_op(&e.op).is_some() => Some(&e.left),
        _ => None,
    }
}

/// The operator, unless it assigns.
fn binary_op(op: &syn::BinOp) -> Option<BinaryOp> {
    match op {
        syn::BinOp::And(_) => Some(BinaryOp::And),
        syn::BinOp::Or(_) => Some(BinaryOp::Or),
        syn::BinOp::Eq(_) | syn::BinOp::Ne(_) => Some(BinaryOp::Equal),
        syn::BinOp::Lt(_) | syn::BinOp::Le(_) | syn::BinOp::Ge(_) | syn::BinOp::Gt(_) => Some(BinaryOp::Compare),
        syn::BinOp::AddAssign(_)
        | syn::BinOp::SubAssign(_)
        | syn::BinOp::MulAssign(_)
        | syn::BinOp::DivAssign(_)
        | syn::BinOp::RemAssign(_)
        | syn::BinOp::BitXorAssign(_)
        | syn::BinOp::BitAndAssign(_)
        | syn::BinOp::BitOrAssign(_)
        | syn::BinOp::ShlAssign(_)
        | syn::BinOp::ShrAssign(_) => None,
        _ => Some(BinaryOp::Arithmetic),
    }
}

impl Lower<'_, '_> {
    /// Any expression.
    pub(in crate::extract) fn expr(&mut self, e: &syn::Expr) -> Low {
        let Some(inner) = left(e) else { return self.single(e) };
        // Two links at most for nearly all chains: no list is needed for those.
        let Some(below) = left(inner) else {
            let base = self.single(inner);
            return self.link(e, base);
        };
        let mut links = Vec::with_capacity(8);
        links.push(e);
        links.push(inner);
        let mut base = below;
        while let Some(next) = left(base) {
            links.push(base);
            base = next;
        }
        let mut low = self.single(base);
        while let Some(link) = links.pop() {
            low = self.link(link, low);
        }
        low
    }

    /// Adds one link to what stands to its left.
    fn link(&mut self, e: &syn::Expr, base: Low) -> Low {
        let first = self.first(base.id);
        let pos = self.pos;
        match e {
            syn::Expr::MethodCall(e) => {
                let (name, name_span) = pos.ident(&e.method);
                let turbofish = self.type_args(e.turbofish.as_ref());
                let args = self.exprs_of(&e.args);
                let end = pos.close(&e.paren_token.span);
                let kind = ExprKind::MethodCall { recv: base.id, name, name_span, turbofish, args };
                self.push_from(first, kind, (base.start, end))
            }
            syn::Expr::Call(e) => {
                let args = self.exprs_of(&e.args);
                let end = pos.close(&e.paren_token.span);
                self.push_from(first, ExprKind::Call { callee: base.id, args }, (base.start, end))
            }
            syn::Expr::Await(e) => {
                let end = pos.start(e.await_token.span) + 5;
                self.push_from(first, ExprKind::Await(base.id), (base.start, end))
            }
            syn::Expr::Try(e) => {
                let end = pos.start(e.question_token.spans[0]) + 1;
                self.push_from(first, ExprKind::Try(base.id), (base.start, end))
            }
            syn::Expr::Field(e) => {
                let (name, end) = match &e.member {
                    syn::Member::Named(ident) => {
                        let (name, span) = pos.ident(ident);
                        (name, span.1)
                    }
                    syn::Member::Unnamed(index) => (index_name(index.index as usize), pos.end(index.span)),
                };
                self.push_from(first, ExprKind::Field { base: base.id, name }, (base.start, end))
            }
            syn::Expr::Index(e) => {
                let index = self.expr(&e.index).id;
                let end = pos.close(&e.bracket_token.span);
                self.push_from(first, ExprKind::Index { base: base.id, index }, (base.start, end))
            }
            syn::Expr::Cast(e) => {
                let ty = self.ty(&e.ty);
                let end = type_end(pos, &e.ty).max(base.end);
                self.push_from(first, ExprKind::Cast(base.id, ty), (base.start, end))
            }
            syn::Expr::Binary(e) => self.binary(e, base),
            syn::Expr::Paren(e) => {
                Low { id: base.id, start: pos.open(&e.paren_token.span), end: pos.close(&e.paren_token.span) }
            }
            _ => base,
        }
    }

    fn binary(&mut self, e: &syn::ExprBinary, base: Low) -> Low {
        let first = self.first(base.id);
        let right = self.expr(&e.right);
        if let (ExprKind::Lit(_), ExprKind::Lit(_)) = (self.kind(base.id), self.kind(right.id))
            && right.id.0 == base.id.0 + 1
        {
            self.exprs.truncate(right.id.index());
            let literal = &mut self.exprs[base.id.index()];
            literal.kind = ExprKind::Lit(Lit::Other);
            literal.span = (base.start, right.end);
            return Low { id: base.id, start: base.start, end: right.end };
        }
        let op = binary_op(&e.op).unwrap_or(BinaryOp::Arithmetic);
        let kind = ExprKind::Binary { op, left: base.id, right: right.id };
        self.push_from(first, kind, (base.start, right.end))
    }

    /// `-x`, `!x`, `*x`.
    pub(super) fn unary(&mut self, e: &syn::ExprUnary) -> Low {
        let operand = self.expr(&e.expr);
        let first = self.first(operand.id);
        let (start, kind) = match &e.op {
            syn::UnOp::Deref(token) => (token.spans[0], ExprKind::Deref(operand.id)),
            syn::UnOp::Not(token) => (token.spans[0], ExprKind::Unary(UnaryOp::Not, operand.id)),
            syn::UnOp::Neg(token) => (token.spans[0], ExprKind::Unary(UnaryOp::Neg, operand.id)),
            _ => return operand,
        };
        let start = self.pos.start(start);
        if matches!(self.kind(operand.id), ExprKind::Lit(_)) {
            let literal = &mut self.exprs[operand.id.index()];
            literal.kind = ExprKind::Lit(Lit::Other);
            literal.span = (start, operand.end);
            return Low { id: operand.id, start, end: operand.end };
        }
        self.push_from(first, kind, (start, operand.end))
    }
}
