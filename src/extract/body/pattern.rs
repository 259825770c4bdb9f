//! Patterns to arena nodes; every binding makes a local.
//!
//! A name that a pattern binds twice (`A(x) | B(x)`) is one local. Whether a path is a constant or a variant is not decided here.

use crate::base::Name;
use crate::facts::{LocalId, LocalKind, Pat, PatId, PatKind};

use super::super::items::index_name;
use super::super::path::{path_bytes, tokens_bytes};
use super::super::position::Bytes;
use super::Lower;

/// What all bindings of one pattern share.
#[derive(Clone, Copy)]
struct Binding {
    kind: LocalKind,
    /// Names in sight before the pattern.
    sight: usize,
}

impl Lower<'_, '_> {
    /// A whole pattern; its names are in sight from here on.
    pub(in crate::extract) fn pattern(&mut self, pat: &syn::Pat, kind: LocalKind) -> PatId {
        let binding = Binding { kind, sight: self.sight() };
        self.pat(pat, binding)
    }

    /// A `_` that nobody wrote.
    pub(in crate::extract) fn wild(&mut self, span: Bytes) -> PatId {
        self.pats.push(Pat { kind: PatKind::Wild, span })
    }

    fn pat(&mut self, pat: &syn::Pat, b: Binding) -> PatId {
        let pos = self.pos;
        let (kind, span) = match pat {
            syn::Pat::Ident(p) => return self.ident_pat(p, b),
            syn::Pat::Paren(p) => return self.pat(&p.pat, b),
            syn::Pat::Type(p) => return self.pat(&p.pat, b),
            syn::Pat::Guard(p) => return self.pat(&p.pat, b),
            syn::Pat::Wild(p) => (PatKind::Wild, pos.bytes(p.underscore_token.spans[0])),
            syn::Pat::Path(p) => (PatKind::Path(self.path(&p.path)), path_bytes(pos, &p.path)),
            syn::Pat::TupleStruct(p) => {
                let path = self.path(&p.path);
                let elems = self.pats_of(p.elems.iter(), b);
                let span = (path_bytes(pos, &p.path).0, pos.close(&p.paren_token.span));
                (PatKind::TupleStruct { path, elems }, span)
            }
            syn::Pat::Struct(p) => self.struct_pat(p, b),
            syn::Pat::Tuple(p) => {
                let elems = self.pats_of(p.elems.iter(), b);
                (PatKind::Tuple(elems), (pos.open(&p.paren_token.span), pos.close(&p.paren_token.span)))
            }
            syn::Pat::Slice(p) => {
                let elems = self.pats_of(p.elems.iter(), b);
                (PatKind::Slice(elems), (pos.open(&p.bracket_token.span), pos.close(&p.bracket_token.span)))
            }
            syn::Pat::Or(p) => {
                let cases = self.pats_of(p.cases.iter(), b);
                let start = cases.first().map_or(0, |c| self.pats[*c].span.0);
                let end = cases.last().map_or(0, |c| self.pats[*c].span.1);
                (PatKind::Or(cases), (start, end))
            }
            syn::Pat::Reference(p) => {
                let inner = self.pat(&p.pat, b);
                (PatKind::Ref(inner), (pos.start(p.and_token.spans[0]), self.pats[inner].span.1))
            }
            syn::Pat::Rest(p) => (PatKind::Rest, (pos.start(p.dot2_token.spans[0]), pos.end(p.dot2_token.spans[1]))),
            syn::Pat::Lit(p) => (PatKind::Literal, pos.bytes(p.lit.span())),
            syn::Pat::Range(p) => (PatKind::Literal, range_bytes(pos, p)),
            syn::Pat::Const(p) => {
                (PatKind::Literal, (pos.start(p.const_token.span), pos.close(&p.block.brace_token.span)))
            }
            syn::Pat::Macro(p) => {
                let start = path_bytes(pos, &p.mac.path).0;
                (PatKind::Opaque, (start, pos.close(p.mac.delimiter.span())))
            }
            syn::Pat::Verbatim(tokens) => (PatKind::Opaque, tokens_bytes(pos, tokens)),
            _ => (PatKind::Opaque, (0, 0)),
        };
        self.pats.push(Pat { kind, span })
    }

    fn pats_of<'p>(&mut self, pats: impl ExactSizeIterator<Item = &'p syn::Pat>, b: Binding) -> Box<[PatId]> {
        let mut out = Vec::with_capacity(pats.len());
        for pat in pats {
            out.push(self.pat(pat, b));
        }
        out.into_boxed_slice()
    }

    fn ident_pat(&mut self, p: &syn::PatIdent, b: Binding) -> PatId {
        let (name, name_span) = self.pos.ident(&p.ident);
        let plain = p.by_ref.is_none() && p.mutability.is_none() && p.subpat.is_none();
        if plain && name.as_str().starts_with(char::is_uppercase) {
            let path = self.cx().path(&p.ident.clone().into());
            return self.pats.push(Pat { kind: PatKind::Path(path), span: name_span });
        }
        let sub = p.subpat.as_ref().map(|(_, sub)| self.pat(sub, b));
        let start = match (&p.by_ref, &p.mutability) {
            (Some(token), _) => self.pos.start(token.span),
            (None, Some(token)) => self.pos.start(token.span),
            (None, None) => name_span.0,
        };
        let end = sub.map_or(name_span.1, |sub| self.pats[sub].span.1);
        let id = self.pats.next_id();
        let local = self.bind(name, name_span, p.mutability.is_some(), id, b);
        self.pats.push(Pat { kind: PatKind::Bind { local, by_ref: p.by_ref.is_some(), sub }, span: (start, end) })
    }

    fn bind(&mut self, name: Name, span: Bytes, mutable: bool, pat: PatId, b: Binding) -> LocalId {
        let known = self.names[b.sight..].iter().find(|(n, _)| *n == name).map(|(_, id)| *id);
        known.unwrap_or_else(|| self.declare(name, span, b.kind, mutable, Some(pat)))
    }

    fn struct_pat(&mut self, p: &syn::PatStruct, b: Binding) -> (PatKind, Bytes) {
        let path = self.path(&p.path);
        let mut fields = Vec::with_capacity(p.fields.len());
        for field in &p.fields {
            let name = match &field.member {
                syn::Member::Named(ident) => self.pos.name(ident),
                syn::Member::Unnamed(index) => index_name(index.index as usize),
            };
            fields.push((name, self.pat(&field.pat, b)));
        }
        let span = (path_bytes(self.pos, &p.path).0, self.pos.close(&p.brace_token.span));
        (PatKind::Struct { path, fields: fields.into_boxed_slice() }, span)
    }
}

fn range_bytes(pos: &super::Positions<'_>, p: &syn::ExprRange) -> Bytes {
    let dots = match &p.limits {
        syn::RangeLimits::HalfOpen(dots) => (pos.start(dots.spans[0]), pos.end(dots.spans[1])),
        syn::RangeLimits::Closed(dots) => (pos.start(dots.spans[0]), pos.end(dots.spans[2])),
    };
    let side = |e: &Option<Box<syn::Expr>>| match e.as_deref() {
        Some(syn::Expr::Lit(e)) => Some(pos.bytes(e.lit.span())),
        Some(syn::Expr::Path(e)) => Some(path_bytes(pos, &e.path)),
        _ => None,
    };
    (side(&p.start).map_or(dots.0, |s| s.0), side(&p.end).map_or(dots.1, |s| s.1))
}
