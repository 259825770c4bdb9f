//! Only the join error is looked at, and what the task itself returned is not: by `match`, `if let Err(..)`, or a loop over outcomes.
//!
//! Follows an outcome that is bound to a name through the one place that mentions it; two mentions are left alone.

use crate::facts::expr::{Arm, LoopKind};
use crate::facts::{ExprKind, LocalId, PatId, PatKind};
use crate::hir::names::Place;
use crate::program::Program;

use super::outcome::Joined;
use super::{Lost, is_result, lost, payload};

/// What a `match` on the outcome loses: every `Ok` arm ignores its payload, which is a `Result`.
pub(super) fn by_match(program: &Program, joined: &Joined, place: Place, outer: Place) -> Option<Lost> {
    let ExprKind::Match { arms, .. } = &program.expr(outer).kind else { return None };
    if !is_result(joined.output) || super::is_option(program.ty(place)) {
        return None;
    }
    let ignores = |arm: &Arm| payload(program, place, arm.pat, "Ok").map(|inner| is_wild(program, place, inner));
    let oks: Vec<bool> = arms.iter().filter_map(ignores).collect();
    let only_variants = arms.iter().all(|arm| {
        ["Ok", "Err"].iter().any(|name| payload(program, place, arm.pat, name).is_some())
            || matches!(program.body(place.body).pats[arm.pat].kind, PatKind::Wild)
    });
    (only_variants && !oks.is_empty() && oks.iter().all(|wild| *wild)).then_some(Lost::Inner)
}

/// `if let Err(e) = outcome { .. }` without an else.
pub(super) fn by_err_pattern(program: &Program, joined: &Joined, place: Place, pat: PatId) -> Option<Lost> {
    let err = payload(program, place, pat, "Err")?;
    let plain = matches!(program.body(place.body).pats[err].kind, PatKind::Wild | PatKind::Bind { sub: None, .. });
    (plain && is_result(joined.output)).then_some(Lost::Inner)
}

/// The outcome has a name: what the one place that mentions it loses.
pub(super) fn by_name(program: &Program, joined: &Joined, place: Place, local: LocalId, depth: u32) -> Option<Lost> {
    let mention = program.only_mention(place.body, local)?;
    let body = program.body(place.body);
    if body.exprs[mention.expr].region != body.exprs[place.expr].region {
        return None;
    }
    lost(program, joined, mention, depth + 1)
}

/// The name that a pattern gives to the whole of what it matches.
pub(super) fn name_of(program: &Program, place: Place, pat: PatId) -> Option<LocalId> {
    match program.body(place.body).pats[pat].kind {
        PatKind::Bind { local, sub: None, .. } => Some(local),
        _ => None,
    }
}

/// `for outcome in outcomes { .. }`: what the loop loses of each.
pub(super) fn by_loop(program: &Program, joined: &Joined, list: Place, outer: Place, depth: u32) -> Option<Lost> {
    let ExprKind::Loop { kind: LoopKind::For { pat, iter, .. }, .. } = program.expr(outer).kind else { return None };
    if iter != list.expr {
        return None;
    }
    if is_wild(program, list, pat) {
        return Some(Lost::All);
    }
    by_name(program, joined, list, name_of(program, list, pat)?, depth)
}

fn is_wild(program: &Program, place: Place, pat: PatId) -> bool {
    matches!(program.body(place.body).pats[pat].kind, PatKind::Wild)
}
