//! Outcomes of which only the good ones are used: filtered out of a list, counted, or matched by a pattern that looks at nothing.
//!
//! A test whose both answers lead somewhere loses nothing, and whoever keeps the failures in a list looks at them.

use crate::facts::expr::Arm;
use crate::facts::{ExprId, ExprKind, PatId, PatKind};
use crate::hir::names::{Place, Res};
use crate::hir::ty::TyKind;
use crate::program::{Fate, Program};

use super::outcome::Joined;
use super::{Lost, is_option, is_result, payload};

/// `outcomes.into_iter().filter_map(|one| one.ok()?.ok())`, `outcomes.iter().filter(|one| one.is_ok()).count()`.
pub(super) fn by_filter(program: &Program, joined: &Joined, iterator: Place) -> Option<Lost> {
    let mut at = iterator;
    for _ in 0..6 {
        let Fate::Receiver(next) = program.fate(at) else { return None };
        at = Place { expr: next, ..at };
        let given = program.arguments(at).first().copied();
        match program.method_name(at)? {
            "filter_map" | "flat_map" | "map_while" => return by_levels(joined, opens(program, given?)),
            "filter" if mentions(program, given?, "is_ok") > 0 => return is_counted(program, at).then_some(Lost::All),
            "rev" | "enumerate" | "inspect" | "take" | "skip" | "by_ref" => {}
            _ => return None,
        }
    }
    None
}

fn by_levels(joined: &Joined, opened: usize) -> Option<Lost> {
    match opened {
        0 => None,
        1 => Some(Lost::Panic),
        _ => is_result(joined.output).then_some(Lost::All),
    }
}

/// How many levels of `Result` a closure opens with `ok`.
fn opens(program: &Program, closure: Place) -> usize {
    if let TyKind::FnDef(Res::Foreign(path)) = program.ty(closure).kind() {
        return usize::from(path.as_str().ends_with("Result::ok"));
    }
    if !matches!(program.expr(closure).kind, ExprKind::Closure(_)) || mentions(program, closure, "ok") == 0 {
        return usize::from(program.source(closure).trim() == "Result::ok");
    }
    let told = ["map_err", "inspect_err", "or_else"].iter().any(|method| mentions(program, closure, method) > 0);
    if told { 0 } else { mentions(program, closure, "ok") }
}

/// Calls of a method inside a closure.
fn mentions(program: &Program, closure: Place, method: &str) -> usize {
    let parts = program.expr(closure).first.0..=closure.expr.0;
    parts.filter(|at| program.method_name(Place { expr: ExprId(*at), ..closure }) == Some(method)).count()
}

fn is_counted(program: &Program, filter: Place) -> bool {
    let Fate::Receiver(next) = program.fate(filter) else { return false };
    program.method_name(Place { expr: next, ..filter }) == Some("count")
}

/// `outcome.map_or(false, |one| one.is_ok())`, `outcome.is_some_and(|one| one.is_ok())`: a loop that ends at the first failure.
pub(super) fn by_test(program: &Program, call: Place) -> bool {
    let name = program.method_name(call);
    matches!(name, Some("map_or" | "map_or_else" | "is_some_and" | "is_ok_and"))
        && program.arguments(call).last().is_some_and(|closure| mentions(program, *closure, "is_ok") == 1)
}

/// A pattern, and what it leaves over, say nothing of how a task ended: `None`, `Some(Ok(())) | Some(Err(_))`.
pub(super) fn by_blind_pattern(program: &Program, place: Place, pat: PatId) -> bool {
    let pats = &program.body(place.body).pats;
    match &pats[pat].kind {
        PatKind::Path(path) => {
            program.body(place.body).paths.paths[*path].last().as_str() == "None" && is_option(program.ty(place))
        }
        PatKind::Bind { .. } => binds_none(program, place, pat) && is_option(program.ty(place)),
        PatKind::Or(alternatives) => {
            alternatives.iter().all(|one| is_blind(program, place, *one))
                && ["Ok", "Err"].iter().all(|name| alternatives.iter().any(|one| names(program, place, *one, name)))
        }
        _ => false,
    }
}

/// `None` without a path: lowered as a name that starts with a capital letter.
fn binds_none(program: &Program, place: Place, pat: PatId) -> bool {
    program.text(program.span_in(place.body, program.body(place.body).pats[pat].span)) == "None"
}

/// Every arm looks at nothing, and none is there for failures alone: `match set.join_next().await { Some(_) => n += 1, None => break }`.
pub(super) fn by_blind_match(program: &Program, place: Place, arms: &[Arm]) -> bool {
    is_option(program.ty(place))
        && arms.len() > 1
        && arms.iter().all(|arm| {
            let whole = payload(program, place, arm.pat, "Some").is_some_and(|inner| is_wild(program, place, inner));
            let none = by_blind_pattern(program, place, arm.pat);
            arm.guard.is_none() && (whole || none || is_wild(program, place, arm.pat))
        })
        && arms.iter().any(|arm| payload(program, place, arm.pat, "Some").is_some())
}

/// No name is bound.
fn is_blind(program: &Program, place: Place, pat: PatId) -> bool {
    program.bound_in(place.body, pat).is_empty()
}

fn names(program: &Program, place: Place, pat: PatId, variant: &str) -> bool {
    let inner = payload(program, place, pat, "Some").unwrap_or(pat);
    payload(program, place, inner, variant).is_some()
}

fn is_wild(program: &Program, place: Place, pat: PatId) -> bool {
    matches!(program.body(place.body).pats[pat].kind, PatKind::Wild)
}
