//! `select!` of tokio, futures and crossbeam.
//!
//! All guards and futures are evaluated in order, then one handler runs; patterns are in sight of their handler only. A handler may end
//! without a comma after its block, so it is parsed with the rule of match arms.

use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream, Parser};

use crate::facts::ExprId;
use crate::facts::expr::{ExprKind, Select, SelectArm, SelectFlavor};

use super::super::body::{Low, Lower};
use super::super::position::Positions;
use super::{ARM, Call};

/// One arm as parsed.
struct Arm {
    pat: syn::Pat,
    /// More than one for crossbeam's `send(tx, value)`.
    futures: Vec<syn::Expr>,
    guard: Option<syn::Expr>,
    handler: syn::Expr,
    cfg: Vec<syn::Attribute>,
    start: u32,
}

#[derive(Default)]
struct Parsed {
    biased: bool,
    crossbeam: bool,
    /// Has `complete =>` or `default =>`.
    futures: bool,
    arms: Vec<Arm>,
    else_: Option<syn::Expr>,
    /// Handler and, for crossbeam, the time before it runs.
    default: Option<(Option<syn::Expr>, syn::Expr)>,
}

/// Lowers a `select!`; `None` when the arms do not parse.
pub(super) fn lower(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    let pos = lower.pos;
    let parser = |input: ParseStream<'_>| parse(pos, input);
    let parsed = parser.parse2(call.tokens()).ok()?;
    if parsed.arms.is_empty() && parsed.default.is_none() {
        return None;
    }
    let root = call.mac.path.segments.first().map(|s| pos.name(&s.ident));
    let flavor = if parsed.crossbeam {
        SelectFlavor::Crossbeam
    } else if parsed.futures || call.name == "select_biased" || root.is_some_and(|r| r.as_str().starts_with("futures"))
    {
        SelectFlavor::Futures
    } else {
        SelectFlavor::Tokio
    };
    let first = lower.mark();
    let select = Select {
        flavor,
        biased: parsed.biased || call.name == "select_biased",
        path: call.path,
        path_span: call.path_span,
        arms: arms(lower, &parsed.arms),
        else_: parsed.else_.as_ref().map(|e| lower.expr(e).id),
        default: parsed.default.as_ref().map(|(time, handler)| default(lower, time.as_ref(), handler)),
    };
    Some(lower.push_from(first, ExprKind::Select(Box::new(select)), call.span))
}

fn arms(lower: &mut Lower<'_, '_>, arms: &[Arm]) -> Box<[SelectArm]> {
    let mut heads = Vec::with_capacity(arms.len());
    for arm in arms {
        let guard = arm.guard.as_ref().map(|e| lower.expr(e).id);
        let first = lower.mark();
        let future = match arm.futures.as_slice() {
            [one] => lower.expr(one),
            several => {
                let lows: Vec<Low> = several.iter().map(|e| lower.expr(e)).collect();
                let span = (lows.first().map_or(0, |l| l.start), lows.last().map_or(0, |l| l.end));
                let ids = lows.into_iter().map(|low| low.id).collect();
                lower.push_from(first, ExprKind::Opaque(ids), span)
            }
        };
        heads.push((guard, future.id));
    }
    let mut out = Vec::with_capacity(arms.len());
    for (arm, (guard, future)) in arms.iter().zip(heads) {
        let sight = lower.sight();
        let pat = lower.pattern(&arm.pat, ARM);
        let handler = lower.expr(&arm.handler);
        lower.forget(sight);
        if !arm.cfg.is_empty() {
            let cfg = super::super::attr::cfg_of(lower.pos, &arm.cfg);
            lower.guard(handler.id, cfg);
        }
        out.push(SelectArm { pat, future, guard, handler: handler.id, span: (arm.start, handler.end) });
    }
    out.into_boxed_slice()
}

fn default(lower: &mut Lower<'_, '_>, time: Option<&syn::Expr>, handler: &syn::Expr) -> ExprId {
    let first = lower.mark();
    let time = time.map(|e| lower.expr(e).id);
    let handler = lower.expr(handler);
    match time {
        None => handler.id,
        Some(time) => {
            let kind = ExprKind::Opaque(Box::new([time, handler.id]));
            lower.push_from(first, kind, (handler.start, handler.end)).id
        }
    }
}

fn parse(pos: &Positions<'_>, input: ParseStream<'_>) -> syn::Result<Parsed> {
    let mut out = Parsed::default();
    if input.peek(syn::Ident) && input.peek2(syn::Token![;]) {
        out.biased = input.parse::<syn::Ident>()? == "biased";
        input.parse::<syn::Token![;]>()?;
    }
    while !input.is_empty() {
        let cfg = input.call(syn::Attribute::parse_outer)?;
        if !special(input, &mut out)? {
            let start = pos.start(input.span());
            let arm = match is_operation(input) {
                true => {
                    out.crossbeam = true;
                    operation(input, cfg, start)?
                }
                false => arm(input, cfg, start)?,
            };
            out.arms.push(arm);
        }
        input.parse::<Option<syn::Token![,]>>()?;
    }
    Ok(out)
}

/// `else =>`, `complete =>`, `default =>`, `default(time) =>`.
fn special(input: ParseStream<'_>, out: &mut Parsed) -> syn::Result<bool> {
    if !input.peek(syn::Ident::peek_any) {
        return Ok(false);
    }
    let timed = input.peek2(syn::token::Paren) && input.peek3(syn::Token![=>]);
    if !input.peek2(syn::Token![=>]) && !timed {
        return Ok(false);
    }
    let name = input.fork().call(syn::Ident::parse_any)?;
    let is_default = name == "default";
    if !(is_default || (!timed && (name == "else" || name == "complete"))) {
        return Ok(false);
    }
    input.call(syn::Ident::parse_any)?;
    let mut time = None;
    if timed {
        let content;
        syn::parenthesized!(content in input);
        out.crossbeam = true;
        time = if content.is_empty() { None } else { Some(content.parse()?) };
    }
    input.parse::<syn::Token![=>]>()?;
    let handler = syn::Expr::parse_with_earlier_boundary_rule(input)?;
    if is_default {
        out.default = Some((time, handler));
    } else {
        out.else_ = Some(handler);
    }
    out.futures |= name != "else";
    Ok(true)
}

/// `pattern = future (, if condition)? => handler`.
fn arm(input: ParseStream<'_>, cfg: Vec<syn::Attribute>, start: u32) -> syn::Result<Arm> {
    let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
    input.parse::<syn::Token![=]>()?;
    let future = input.parse()?;
    let mut guard = None;
    if input.peek(syn::Token![,]) && input.peek2(syn::Token![if]) {
        input.parse::<syn::Token![,]>()?;
        input.parse::<syn::Token![if]>()?;
        guard = Some(input.parse()?);
    }
    input.parse::<syn::Token![=>]>()?;
    let handler = syn::Expr::parse_with_earlier_boundary_rule(input)?;
    Ok(Arm { pat, futures: vec![future], guard, handler, cfg, start })
}

fn is_operation(input: ParseStream<'_>) -> bool {
    input.peek(syn::Ident)
        && input.peek2(syn::token::Paren)
        && input.peek3(syn::Token![->])
        && input.fork().parse::<syn::Ident>().is_ok_and(|name| name == "recv" || name == "send")
}

/// `recv(rx) -> message => handler`, `send(tx, value) -> result => handler`.
fn operation(input: ParseStream<'_>, cfg: Vec<syn::Attribute>, start: u32) -> syn::Result<Arm> {
    input.parse::<syn::Ident>()?;
    let content;
    syn::parenthesized!(content in input);
    let futures = content.parse_terminated(syn::Expr::parse, syn::Token![,])?.into_iter().collect();
    input.parse::<syn::Token![->]>()?;
    let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
    input.parse::<syn::Token![=>]>()?;
    let handler = syn::Expr::parse_with_earlier_boundary_rule(input)?;
    Ok(Arm { pat, futures, guard: None, handler, cfg, start })
}
