//! Expressions that are no chain and no control flow: names, literals, operators, aggregates, closures.

use syn::punctuated::Punctuated;

use crate::base::Name;
use crate::facts::expr::{ExprId, ExprKind, Exprs, Lit};
use crate::facts::{LocalKind, Param, RegionKind};

use super::super::items::index_name;
use super::super::path::{path_bytes, tokens_bytes};
use super::super::position::Bytes;
use super::super::{attr, macros};
use super::{Low, Lower};

impl Lower<'_, '_> {
    /// An expression that nothing evaluated stands to the left of.
    pub(super) fn single(&mut self, e: &syn::Expr) -> Low {
        let first = self.mark();
        let pos = self.pos;
        match e {
            syn::Expr::Path(e) => self.path_expr(e),
            syn::Expr::Lit(e) => self.literal(&e.lit),
            syn::Expr::Macro(e) => macros::expression(self, &e.mac),
            syn::Expr::Reference(e) => {
                let inner = self.expr(&e.expr);
                let start = pos.start(e.and_token.spans[0]);
                let kind = ExprKind::Ref { mutable: e.mutability.is_some(), expr: inner.id };
                self.push_from(first, kind, (start, inner.end))
            }
            syn::Expr::RawAddr(e) => {
                let inner = self.expr(&e.expr);
                let mutable = matches!(e.mutability, syn::PointerMutability::Mut(_));
                let start = pos.start(e.and_token.spans[0]);
                self.push_from(first, ExprKind::Ref { mutable, expr: inner.id }, (start, inner.end))
            }
            syn::Expr::Unary(e) => self.unary(e),
            syn::Expr::Binary(e) => self.assign_op(e),
            syn::Expr::Assign(e) => self.assign(e),
            syn::Expr::Closure(e) => self.closure(e),
            syn::Expr::Struct(e) => self.struct_expr(e),
            syn::Expr::Tuple(e) => {
                let elems = self.exprs_of(&e.elems);
                let span = (pos.open(&e.paren_token.span), pos.close(&e.paren_token.span));
                self.push_from(first, ExprKind::Tuple(elems), span)
            }
            syn::Expr::Array(e) => {
                let elems = self.exprs_of(&e.elems);
                let span = (pos.open(&e.bracket_token.span), pos.close(&e.bracket_token.span));
                self.push_from(first, ExprKind::Array(elems), span)
            }
            syn::Expr::Repeat(e) => {
                let value = self.expr(&e.expr).id;
                let len = self.expr(&e.len).id;
                let span = (pos.open(&e.bracket_token.span), pos.close(&e.bracket_token.span));
                self.push_from(first, ExprKind::Repeat { value, len }, span)
            }
            syn::Expr::Range(e) => self.range(e),
            syn::Expr::Infer(e) => {
                let start = pos.start(e.underscore_token.spans[0]);
                self.leaf(ExprKind::Opaque(Box::default()), (start, start + 1))
            }
            syn::Expr::Verbatim(tokens) => {
                let children = macros::uses_of(self, tokens);
                self.push_from(first, ExprKind::Opaque(children), tokens_bytes(pos, tokens))
            }
            _ => self.flow(e),
        }
    }

    /// Expressions between commas.
    pub(in crate::extract) fn exprs_of(&mut self, exprs: &Punctuated<syn::Expr, syn::Token![,]>) -> Exprs {
        if exprs.is_empty() {
            return Box::default();
        }
        let mut out = Vec::with_capacity(exprs.len());
        for e in exprs {
            let id = self.expr(e).id;
            self.expr_cfg(e, id);
            out.push(id);
        }
        out.into_boxed_slice()
    }

    /// Notes the condition that stands on an expression.
    pub(super) fn expr_cfg(&mut self, e: &syn::Expr, id: ExprId) {
        let attrs = attrs_of(e);
        if !attrs.is_empty() {
            let cfg = attr::cfg_of(self.pos, attrs);
            self.guard(id, cfg);
        }
    }

    fn path_expr(&mut self, e: &syn::ExprPath) -> Low {
        let pos = self.pos;
        if let Some(qself) = &e.qself {
            let ty = self.ty(&qself.ty);
            let trait_ = self.cx().qself_trait_path(qself, &e.path);
            let name = e.path.segments.last().map_or_else(|| Name::new("_"), |s| pos.name(&s.ident));
            let span = (pos.start(qself.lt_token.spans[0]), path_bytes(pos, &e.path).1);
            return self.leaf(ExprKind::QualifiedPath { ty, trait_, name }, span);
        }
        if let Some(ident) = e.path.get_ident() {
            return self.name_expr(ident);
        }
        let path = self.path(&e.path);
        let args = e.path.segments.iter().rev().find_map(|s| match &s.arguments {
            syn::PathArguments::AngleBracketed(args) => Some(args),
            syn::PathArguments::None | syn::PathArguments::Parenthesized(_) => None,
        });
        let args = self.type_args(args);
        self.leaf(ExprKind::Path { path, args }, path_bytes(pos, &e.path))
    }

    /// A lone name: a local when there is one, else a path.
    pub(in crate::extract) fn name_expr(&mut self, ident: &syn::Ident) -> Low {
        let (name, span) = self.pos.ident(ident);
        if let Some(local) = self.lookup(name) {
            return self.leaf(ExprKind::Local(local), span);
        }
        let path = self.paths.intern(self.scope, false, &[name]);
        self.leaf(ExprKind::Path { path, args: Box::default() }, span)
    }

    /// A literal.
    pub(in crate::extract) fn literal(&mut self, lit: &syn::Lit) -> Low {
        let span = self.pos.bytes(lit.span());
        let value = match lit {
            syn::Lit::Str(text) => Lit::Str(self.string(text, span)),
            syn::Lit::Int(int) => int.base10_digits().parse().map_or(Lit::Other, Lit::Int),
            syn::Lit::Bool(value) => Lit::Bool(value.value),
            _ => Lit::Other,
        };
        self.leaf(ExprKind::Lit(value), span)
    }

    /// Most strings hold no escape and stand in the source as they are.
    fn string(&self, text: &syn::LitStr, span: Bytes) -> Name {
        let source = self.pos.slice(span).strip_prefix('"').and_then(|s| s.strip_suffix('"'));
        match source {
            Some(source) if !source.contains(['\\', '\r']) => Name::new(source),
            Some(_) | None => Name::new(&text.value()),
        }
    }

    fn assign(&mut self, e: &syn::ExprAssign) -> Low {
        let first = self.mark();
        let value = self.expr(&e.right);
        if let syn::Expr::Infer(wild) = &*e.left {
            let start = self.pos.start(wild.underscore_token.spans[0]);
            return self.push_from(first, ExprKind::Assign { target: None, value: value.id }, (start, value.end));
        }
        let target = self.expr(&e.left);
        let kind = ExprKind::Assign { target: Some(target.id), value: value.id };
        self.push_from(first, kind, (target.start, value.end))
    }

    fn assign_op(&mut self, e: &syn::ExprBinary) -> Low {
        let first = self.mark();
        let value = self.expr(&e.right);
        let target = self.expr(&e.left);
        let kind = ExprKind::AssignOp { target: target.id, value: value.id };
        self.push_from(first, kind, (target.start, value.end))
    }

    fn range(&mut self, e: &syn::ExprRange) -> Low {
        let first = self.mark();
        let start = e.start.as_ref().map(|e| self.expr(e));
        let end = e.end.as_ref().map(|e| self.expr(e));
        let dots = match &e.limits {
            syn::RangeLimits::HalfOpen(dots) => (dots.spans[0], dots.spans[1]),
            syn::RangeLimits::Closed(dots) => (dots.spans[0], dots.spans[2]),
        };
        let from = start.map_or_else(|| self.pos.start(dots.0), |low| low.start);
        let to = end.map_or_else(|| self.pos.end(dots.1), |low| low.end);
        let kind = ExprKind::Range { start: start.map(|l| l.id), end: end.map(|l| l.id) };
        self.push_from(first, kind, (from, to))
    }

    fn struct_expr(&mut self, e: &syn::ExprStruct) -> Low {
        let first = self.mark();
        let path = self.path(&e.path);
        let mut fields = Vec::with_capacity(e.fields.len());
        for field in &e.fields {
            let name = match &field.member {
                syn::Member::Named(ident) => self.pos.name(ident),
                syn::Member::Unnamed(index) => index_name(index.index as usize),
            };
            let value = self.expr(&field.expr).id;
            if !field.attrs.is_empty() {
                let cfg = attr::cfg_of(self.pos, &field.attrs);
                self.guard(value, cfg);
            }
            fields.push((name, value));
        }
        let rest = e.rest.as_ref().map(|e| self.expr(e).id);
        let start = match &e.qself {
            Some(qself) => self.pos.start(qself.lt_token.spans[0]),
            None => path_bytes(self.pos, &e.path).0,
        };
        let span = (start, self.pos.close(&e.brace_token.span));
        self.push_from(first, ExprKind::Struct { path, fields: fields.into_boxed_slice(), rest }, span)
    }

    fn closure(&mut self, e: &syn::ExprClosure) -> Low {
        let first = self.mark();
        let kind = if e.asyncness.is_some() { RegionKind::AsyncClosure } else { RegionKind::Closure };
        let around = self.enter(kind, e.capture.is_some());
        let sight = self.sight();
        for input in &e.inputs {
            let (pat, ty) = match input {
                syn::Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
                _ => (input, None),
            };
            let ty = ty.map(|ty| self.ty(ty));
            let pat = self.pattern(pat, LocalKind::Param);
            let region = self.region;
            self.regions[region].params.push(Param { pat, ty });
        }
        if let syn::ReturnType::Type(_, ty) = &e.output {
            let ret = self.ty(ty);
            let region = self.region;
            self.regions[region].ret = Some(ret);
        }
        let body = self.expr(&e.body);
        self.forget(sight);
        let region = self.leave(around);
        self.regions[region].body = body.id;
        let start = match (&e.lifetimes, &e.constness, &e.asyncness, &e.capture) {
            (Some(bound), ..) => bound.for_token.span,
            (None, Some(token), ..) => token.span,
            (None, None, Some(token), _) => token.span,
            (None, None, None, Some(token)) => token.span,
            (None, None, None, None) => e.inputs_begin.spans[0],
        };
        let low = self.push_from(first, ExprKind::Closure(region), (self.pos.start(start), body.end));
        self.region_is(region, low.id, body.id);
        low
    }
}

/// Attributes of the expressions that often stand as elements or statements.
pub(super) fn attrs_of(e: &syn::Expr) -> &[syn::Attribute] {
    match e {
        syn::Expr::Call(e) => &e.attrs,
        syn::Expr::MethodCall(e) => &e.attrs,
        syn::Expr::Block(e) => &e.attrs,
        syn::Expr::If(e) => &e.attrs,
        syn::Expr::Match(e) => &e.attrs,
        syn::Expr::Path(e) => &e.attrs,
        syn::Expr::Macro(e) => &e.attrs,
        syn::Expr::Await(e) => &e.attrs,
        syn::Expr::Try(e) => &e.attrs,
        syn::Expr::Return(e) => &e.attrs,
        syn::Expr::Break(e) => &e.attrs,
        syn::Expr::Continue(e) => &e.attrs,
        syn::Expr::Unsafe(e) => &e.attrs,
        syn::Expr::Loop(e) => &e.attrs,
        syn::Expr::While(e) => &e.attrs,
        syn::Expr::ForLoop(e) => &e.attrs,
        syn::Expr::Struct(e) => &e.attrs,
        syn::Expr::Tuple(e) => &e.attrs,
        syn::Expr::Array(e) => &e.attrs,
        syn::Expr::Lit(e) => &e.attrs,
        syn::Expr::Reference(e) => &e.attrs,
        syn::Expr::Async(e) => &e.attrs,
        syn::Expr::Closure(e) => &e.attrs,
        syn::Expr::Paren(e) => &e.attrs,
        syn::Expr::Field(e) => &e.attrs,
        syn::Expr::Unary(e) => &e.attrs,
        // An attribute before `a = b` or `a + b` stands on `a`.
        syn::Expr::Assign(e) => attrs_of(&e.left),
        _ => &[],
    }
}
