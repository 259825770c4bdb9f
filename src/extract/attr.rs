//! Attributes: `cfg` conditions as data, the rest as path and text.
//!
//! `cfg_attr(p, a)` gives `a` unless `p` is a flag that never holds in a normal build; `asynclint` itself is such a condition that
//! holds for us alone. Doc comments are dropped. Whether a condition is true is not decided here.

use syn::parse::{ParseStream, Parser};

use crate::base::Name;
use crate::facts::{Attr, Cfg};

use super::path::TypeCx;
use super::position::Positions;

/// The attributes of one node.
#[derive(Default)]
pub(super) struct Attrs {
    /// Other than `cfg` and documentation.
    pub(super) attrs: Vec<Attr>,
    /// All conditions together.
    pub(super) cfg: Option<Cfg>,
}

/// Flags under which nobody runs the code that is linted.
const NEVER: [&str; 9] = ["doc", "docsrs", "doc_cfg", "miri", "loom", "shuttle", "madsim", "kani", "windows"];

/// Reads the attributes of a node; `cx` takes their paths.
pub(super) fn read(cx: &mut TypeCx<'_, '_>, attrs: &[syn::Attribute]) -> Attrs {
    let mut out = Attrs::default();
    for attr in attrs {
        if !is_doc(attr) {
            let start = cx.pos.start(attr.pound_token.spans[0]);
            let end = cx.pos.close(&attr.bracket_token.span);
            meta(cx, &attr.meta, (start, end), &mut out);
        }
    }
    out
}

/// The inner attributes of a file, `cfg` among them: a file has no other place for its condition.
pub(super) fn read_inner(cx: &mut TypeCx<'_, '_>, attrs: &[syn::Attribute]) -> Vec<Attr> {
    let mut out = Attrs::default();
    for attr in attrs.iter().filter(|a| !is_doc(a)) {
        let span = (cx.pos.start(attr.pound_token.spans[0]), cx.pos.close(&attr.bracket_token.span));
        match &attr.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg_attr") => conditional(cx, list, span, &mut out),
            other => plain(cx, other, span, &mut out),
        }
    }
    out.attrs
}

/// Only the conditions of a node.
pub(super) fn cfg_of(pos: &Positions<'_>, attrs: &[syn::Attribute]) -> Option<Cfg> {
    let mut out = None;
    for attr in attrs {
        if let syn::Meta::List(list) = &attr.meta
            && list.path.is_ident("cfg")
        {
            and(&mut out, parse_cfg(pos, list.tokens.clone()));
        }
    }
    out
}

/// Adds a condition to those that stand already.
pub(super) fn and(slot: &mut Option<Cfg>, cfg: Cfg) {
    *slot = Some(match slot.take() {
        None => cfg,
        Some(Cfg::All(mut all)) => {
            all.push(cfg);
            Cfg::All(all)
        }
        Some(one @ (Cfg::Any(_) | Cfg::Not(_) | Cfg::Flag(_) | Cfg::Value(..))) => Cfg::All(vec![one, cfg]),
    });
}

/// Reads the tokens between the parentheses of `cfg(..)`.
pub(super) fn parse_cfg(pos: &Positions<'_>, tokens: proc_macro2::TokenStream) -> Cfg {
    // Not readable is neither true nor false, like an unknown flag.
    let parser = |input: ParseStream<'_>| {
        let cfg = cfg_predicate(pos, input)?;
        input.parse::<Option<syn::Token![,]>>()?;
        Ok(cfg)
    };
    parser.parse2(tokens).unwrap_or_else(|_| Cfg::Flag(Name::new("unreadable")))
}

/// True for `#[doc ..]` and doc comments.
pub(super) fn is_doc(attr: &syn::Attribute) -> bool {
    attr.meta.path().is_ident("doc")
}

fn meta(cx: &mut TypeCx<'_, '_>, meta: &syn::Meta, span: (u32, u32), out: &mut Attrs) {
    if let syn::Meta::List(list) = meta {
        if list.path.is_ident("cfg") {
            and(&mut out.cfg, parse_cfg(cx.pos, list.tokens.clone()));
            return;
        }
        if list.path.is_ident("cfg_attr") {
            conditional(cx, list, span, out);
            return;
        }
    }
    plain(cx, meta, span, out);
}

fn plain(cx: &mut TypeCx<'_, '_>, meta: &syn::Meta, span: (u32, u32), out: &mut Attrs) {
    let args = match meta {
        syn::Meta::Path(_) => "",
        syn::Meta::List(list) => {
            let delimiter = list.delimiter.span();
            cx.pos.slice((cx.pos.open(delimiter) + 1, cx.pos.close(delimiter) - 1))
        }
        syn::Meta::NameValue(pair) => {
            let end = if span.1 > span.0 { span.1 - 1 } else { span.1 };
            cx.pos.slice((cx.pos.end(pair.eq_token.spans[0]), end))
        }
    };
    let path = cx.path(meta.path());
    out.attrs.push(Attr { path, args: args.trim().into(), span });
}

/// `cfg_attr(predicate, attribute, ..)`.
fn conditional(cx: &mut TypeCx<'_, '_>, list: &syn::MetaList, span: (u32, u32), out: &mut Attrs) {
    let parser = |input: ParseStream<'_>| {
        let predicate = cfg_predicate(cx.pos, input)?;
        let mut metas = Vec::new();
        while input.parse::<Option<syn::Token![,]>>()?.is_some() && !input.is_empty() {
            let start = cx.pos.start(input.span());
            let inner: syn::Meta = input.parse()?;
            let end = if input.is_empty() { span.1.saturating_sub(2) } else { cx.pos.start(input.span()) };
            metas.push((inner, start, end));
        }
        Ok((predicate, metas))
    };
    let Ok((predicate, metas)) = parser.parse2(list.tokens.clone()) else { return };
    let mut inner = Attrs::default();
    for (one, _, end) in metas {
        if !one.path().is_ident("doc") {
            // The text of a value ends where the next attribute begins.
            let bytes = if matches!(one, syn::Meta::NameValue(_)) { (span.0, end + 1) } else { span };
            meta(cx, &one, bytes, &mut inner);
        }
    }
    if let Some(cfg) = inner.cfg {
        and(&mut out.cfg, Cfg::Any(vec![Cfg::Not(Box::new(predicate.clone())), cfg]));
    }
    if !matches!(&predicate, Cfg::Flag(flag) if NEVER.contains(&flag.as_str())) {
        out.attrs.extend(inner.attrs.into_iter().map(|attr| Attr { span, ..attr }));
    }
}

fn cfg_predicate(pos: &Positions<'_>, input: ParseStream<'_>) -> syn::Result<Cfg> {
    if input.peek(syn::LitBool) {
        let value: syn::LitBool = input.parse()?;
        return Ok(if value.value { Cfg::All(Vec::new()) } else { Cfg::Any(Vec::new()) });
    }
    let path = syn::Path::parse_mod_style(input)?;
    let Some(last) = path.segments.last() else { return Err(input.error("a flag was expected")) };
    let name = pos.name(&last.ident);
    if input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        return cfg_list(pos, name, &content);
    }
    if input.parse::<Option<syn::Token![=]>>()?.is_some() {
        let value: syn::LitStr = input.parse()?;
        return Ok(Cfg::Value(name, Name::new(&value.value())));
    }
    Ok(Cfg::Flag(name))
}

fn cfg_list(pos: &Positions<'_>, name: Name, content: ParseStream<'_>) -> syn::Result<Cfg> {
    let mut list = Vec::new();
    while !content.is_empty() {
        list.push(cfg_predicate(pos, content)?);
        content.parse::<Option<syn::Token![,]>>()?;
    }
    Ok(match name.as_str() {
        "all" => Cfg::All(list),
        "any" => Cfg::Any(list),
        "not" if list.len() == 1 => Cfg::Not(Box::new(list.swap_remove(0))),
        // `target(os = "linux")`, `version("1.70")`, `accessible(..)`: neither true nor false.
        _ => Cfg::Flag(name),
    })
}
