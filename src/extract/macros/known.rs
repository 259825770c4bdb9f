//! Macros whose arguments are understood, by name.

use syn::parse::{ParseStream, Parser};

use crate::base::Name;
use crate::facts::RegionKind;
use crate::facts::expr::{Arm, ExprId, ExprKind, Lit, MacroShape};

use super::super::body::{Low, Lower};
use super::args::{self, Style};
use super::{ARM, Call, select, simple, stream, text, unknown};

/// How the arguments of a macro are read.
enum Reading {
    /// Expressions, with what else the style allows; string literals are format strings when the flag is set.
    List(Style, MacroShape, Captures),
    /// `biased;`, then futures.
    Biased(MacroShape),
    /// `expr, pattern if guard, ..`, alone or as an assertion.
    Matches,
    AssertMatches,
    Select,
    Stream,
    Vec,
    Try,
    Pure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Captures {
    Yes,
    No,
}

fn reading(name: Name) -> Option<Reading> {
    use Captures::{No, Yes};
    Some(match name.as_str() {
        "select" | "select_biased" => Reading::Select,
        "join" => Reading::Biased(MacroShape::Join),
        "try_join" => Reading::Biased(MacroShape::TryJoin),
        "stream" | "try_stream" => Reading::Stream,
        "pin" | "pin_mut" => Reading::List(Style::Plain, MacroShape::Pin, No),
        "vec" => Reading::Vec,
        "dbg" => Reading::List(Style::Plain, MacroShape::Print, No),
        "print" | "println" | "eprint" | "eprintln" => Reading::List(Style::Format, MacroShape::Print, Yes),
        "format" | "format_args" | "write" | "writeln" => Reading::List(Style::Format, MacroShape::Format, Yes),
        "trace" | "debug" | "info" | "warn" | "error" | "event" | "log" => {
            Reading::List(Style::Fields, MacroShape::Log, Yes)
        }
        "anyhow" | "format_err" | "eyre" => Reading::List(Style::Format, MacroShape::Log, Yes),
        "span" | "trace_span" | "debug_span" | "info_span" | "warn_span" | "error_span" => {
            Reading::List(Style::Fields, MacroShape::Span, Yes)
        }
        "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" | "debug_assert_ne"
        | "prop_assert" | "prop_assert_eq" | "prop_assert_ne" => Reading::List(Style::Format, MacroShape::Assert, Yes),
        "panic" | "unreachable" | "todo" | "unimplemented" => Reading::List(Style::Format, MacroShape::Panic, Yes),
        "bail" => Reading::List(Style::Format, MacroShape::Bail, Yes),
        "ensure" => Reading::List(Style::Format, MacroShape::Ensure, Yes),
        "matches" => Reading::Matches,
        "assert_matches" | "debug_assert_matches" => Reading::AssertMatches,
        "try" => Reading::Try,
        "concat" | "env" | "option_env" | "include_str" | "include_bytes" | "include" | "stringify" | "line"
        | "column" | "file" | "module_path" | "cfg" | "compile_error" => Reading::Pure,
        _ => return None,
    })
}

/// Lowers a macro that is known by name; `None` when it is not.
pub(super) fn lower(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    match reading(call.name)? {
        Reading::List(style, shape, captures) => {
            Some(plain_list(lower, call, shape, captures).unwrap_or_else(|| match args::parse(call.tokens(), style) {
                Some(args) => list(lower, call, shape, &args, captures),
                None => unknown::scanned(lower, call, shape),
            }))
        }
        Reading::Biased(shape) => args::parse_biased(call.tokens()).map(|a| list(lower, call, shape, &a, Captures::No)),
        Reading::Matches => matches(lower, call),
        Reading::AssertMatches => assert_matches(lower, call),
        Reading::Select => select::lower(lower, call),
        Reading::Stream => stream_block(lower, call),
        Reading::Vec => vec(lower, call),
        Reading::Try => {
            let args = args::parse(call.tokens(), Style::Plain)?;
            let [arg] = args.as_slice() else { return None };
            let first = lower.mark();
            let inner = lower.expr(arg).id;
            Some(lower.push_from(first, ExprKind::Try(inner), call.span))
        }
        Reading::Pure => {
            let first = lower.mark();
            Some(call.push(lower, first, MacroShape::Pure, Box::default()))
        }
    }
}

/// A list without anything to parse.
fn plain_list(lower: &mut Lower<'_, '_>, call: &Call<'_>, shape: MacroShape, captures: Captures) -> Option<Low> {
    let first = lower.mark();
    let args = simple::lower(lower, call.tokens(), captures == Captures::Yes)?;
    Some(call.push(lower, first, shape, args.into_boxed_slice()))
}

fn list(lower: &mut Lower<'_, '_>, call: &Call<'_>, shape: MacroShape, args: &[syn::Expr], captures: Captures) -> Low {
    let first = lower.mark();
    let mut out = Vec::with_capacity(args.len());
    for arg in args {
        lower_arg(lower, arg, captures == Captures::Yes, &mut out);
    }
    call.push(lower, first, shape, out.into_boxed_slice())
}

/// Lowers one argument and the locals that it captures when it is a format string.
pub(super) fn lower_arg(lower: &mut Lower<'_, '_>, arg: &syn::Expr, captures: bool, out: &mut Vec<ExprId>) {
    out.push(lower.expr(arg).id);
    if let (true, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(literal), .. })) = (captures, arg) {
        text::captures(lower, literal.span(), out);
    }
}

/// `vec![a, b]`, `vec![x; n]`.
fn vec(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    if let Some(low) = plain_list(lower, call, MacroShape::Vec, Captures::No) {
        return Some(low);
    }
    let parser = |input: ParseStream<'_>| {
        let mut out = Vec::new();
        let mut shape = MacroShape::Vec;
        while !input.is_empty() {
            out.push(input.parse::<syn::Expr>()?);
            if input.parse::<Option<syn::Token![;]>>()?.is_some() {
                shape = MacroShape::Repeat;
            } else if !input.is_empty() {
                input.parse::<syn::Token![,]>()?;
            }
        }
        Ok((shape, out))
    };
    let (shape, args) = parser.parse2(call.tokens()).ok()?;
    Some(list(lower, call, shape, &args, Captures::No))
}

/// `stream! { .. }`.
fn stream_block(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    let tokens = stream::without_for_await(call.tokens(), lower.pos, &mut lower.for_await);
    let stmts = syn::Block::parse_within.parse2(tokens).ok()?;
    let delimiter = call.mac.delimiter.span();
    let span = (lower.pos.open(delimiter), lower.pos.close(delimiter));
    let first = lower.mark();
    let around = lower.enter(RegionKind::Stream, true);
    let body = lower.stmts_expr(&stmts, None, span);
    let region = lower.leave(around);
    lower.region_is(region, body.id, body.id);
    let low = lower.push_from(first, ExprKind::Async(region), call.span);
    lower.region_is(region, low.id, body.id);
    Some(low)
}

/// The parts of `matches!` and `assert_matches!`.
struct Matching {
    scrutinee: syn::Expr,
    pat: syn::Pat,
    guard: Option<syn::Expr>,
    rest: Vec<syn::Expr>,
}

fn matching(input: ParseStream<'_>) -> syn::Result<Matching> {
    let scrutinee = input.parse()?;
    input.parse::<syn::Token![,]>()?;
    let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
    let guard = match input.parse::<Option<syn::Token![if]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    let mut rest = Vec::new();
    while input.parse::<Option<syn::Token![,]>>()?.is_some() && !input.is_empty() {
        rest.push(input.parse()?);
    }
    Ok(Matching { scrutinee, pat, guard, rest })
}

/// `match e { pat if guard => true, _ => false }`.
fn matches(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    let parts = matching.parse2(call.tokens()).ok()?;
    Some(bool_match(lower, call, &parts))
}

fn bool_match(lower: &mut Lower<'_, '_>, call: &Call<'_>, parts: &Matching) -> Low {
    let first = lower.mark();
    let scrutinee = lower.expr(&parts.scrutinee).id;
    let sight = lower.sight();
    let pat = lower.pattern(&parts.pat, ARM);
    let guard = parts.guard.as_ref().map(|e| lower.expr(e).id);
    let end = (call.span.1, call.span.1);
    let body = lower.leaf(ExprKind::Lit(Lit::Bool(true)), end).id;
    lower.forget(sight);
    let wild = lower.wild(end);
    let otherwise = lower.leaf(ExprKind::Lit(Lit::Bool(false)), end).id;
    let arms = [Arm { pat, guard, body }, Arm { pat: wild, guard: None, body: otherwise }];
    lower.push_from(first, ExprKind::Match { scrutinee, arms: Box::new(arms) }, call.span)
}

fn assert_matches(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    let parts = matching.parse2(call.tokens()).ok()?;
    let first = lower.mark();
    let mut args = vec![bool_match(lower, call, &parts).id];
    for arg in &parts.rest {
        lower_arg(lower, arg, true, &mut args);
    }
    Some(call.push(lower, first, MacroShape::Assert, args.into_boxed_slice()))
}
