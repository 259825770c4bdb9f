//! The futures that a loop polls and may drop before they end: arms of `select!`, sides of `select(a, b)`, what a timeout bounds.

use crate::catalog::Role;
use crate::facts::{ExprId, ExprKind, PatId, PatKind};
use crate::hir::names::{BodyId, Place};
use crate::program::flow::Order;
use crate::program::{Fate, Program};
use crate::rules::loop_error::{Failing, OnError, Shape, on_error};

use super::{By, Polled};

/// All of a body.
pub(super) fn all(program: &Program, body: BodyId) -> Vec<Polled> {
    let mut found = Vec::new();
    of_selects(program, body, &mut found);
    for (call, entry) in program.calls_with_role(body, Role::Timeout) {
        if program.is_async_at(call) {
            let (recv, args) = program.operands(call, entry);
            let bounded = args.into_iter().rev().chain(recv).find(|p| program.output(program.ty(*p)).is_some());
            found.extend(bounded.and_then(|future| of_timeout(program, call, future)));
        }
    }
    for (call, entry) in program.calls_with_role(body, Role::SelectFn) {
        if entry.path == "futures::future::select" && program.is_async_at(call) {
            of_call(program, call, &mut found);
        }
    }
    found
}

fn of_selects(program: &Program, body: BodyId, found: &mut Vec<Polled>) {
    for (place, select) in program.selects(body) {
        // `select! { .. => Err(..) }?` leaves with the error.
        let tried = matches!(program.fate(place), Fate::Tried(_));
        let turn: Option<(ExprId, Vec<bool>)> = program.with_order(body, |order| {
            let looped = order.enclosing_loop(place.expr)?;
            let stays = |handler: ExprId| {
                let fails = tried && program.is_error(Place { body, expr: handler });
                !fails && !order.exits_loop(handler)
            };
            Some((looped, select.arms.iter().map(|arm| stays(arm.handler)).collect()))
        });
        let Some((looped, stays)) = turn else { continue };
        let looped = Place { expr: looped, ..place };
        for (at, arm) in select.arms.iter().enumerate() {
            let Some(other) = (0..stays.len()).find(|other| *other != at && stays[*other]) else { continue };
            let Some(made) = program.made_in_turn(Place { body, expr: arm.future }, looped) else { continue };
            let other = program.span_in(body, program.body(body).pats[select.arms[other].pat].span);
            found.push(Polled { made, looped, other, by: By::Branch });
        }
    }
}

/// `timeout(limit, future).await` in a loop that goes on when the limit is over.
fn of_timeout(program: &Program, call: Place, future: Place) -> Option<Polled> {
    let failing = Failing { call, shape: Shape::Result, variant: None, in_for: false };
    let (looped, on) = program.with_order(call.body, |order| {
        let looped = order.enclosing_loop(call.expr)?;
        match on_error(program, order, failing) {
            Some(OnError::Stays(on)) => Some((looped, on)),
            Some(OnError::Leaves(_) | OnError::Unclear) | None => None,
        }
    })?;
    let looped = Place { expr: looped, ..call };
    let made = program.made_in_turn(future, looped)?;
    let other = program.head_span(Place { expr: on, ..call });
    Some(Polled { made, looped, other, by: By::Timeout })
}

/// `match select(a, b).await { Left((.., _)) => .., Right((.., _)) => .. }`.
fn of_call(program: &Program, call: Place, found: &mut Vec<Polled>) {
    let Fate::Awaited(awaited) = program.fate(call) else { return };
    let Fate::Matched(at) = program.fate(Place { expr: awaited, ..call }) else { return };
    let ExprKind::Match { arms, .. } = &program.expr(Place { expr: at, ..call }).kind else { return };
    let [left, right] = program.arguments(call)[..] else { return };
    for (future, other) in [(left, "Right"), (right, "Left")] {
        let on = arms.iter().find(|arm| drops_other(program, call.body, arm.pat, other));
        let looped = on.and_then(|arm| program.with_order(call.body, |order| goes_on(order, call.expr, arm.body)));
        if let (Some(arm), Some(looped)) = (on, looped) {
            let looped = Place { expr: looped, ..call };
            let other = program.span_in(call.body, program.body(call.body).pats[arm.pat].span);
            let made = program.made_in_turn(future, looped);
            found.extend(made.map(|made| Polled { made, looped, other, by: By::Branch }));
        }
    }
}

fn goes_on(order: Order<'_>, call: ExprId, handler: ExprId) -> Option<ExprId> {
    order.enclosing_loop(call).filter(|_| !order.exits_loop(handler))
}

/// `Either::Right((value, _))`: the other future is not kept.
fn drops_other(program: &Program, body: BodyId, pat: PatId, side: &str) -> bool {
    let pats = &program.body(body).pats;
    match program.constructor(body, pat) {
        Some((name, [inner])) if name == side => match &pats[*inner].kind {
            PatKind::Tuple(parts) => parts.last().is_some_and(|rest| match &pats[*rest].kind {
                PatKind::Wild | PatKind::Rest => true,
                PatKind::Bind { local, .. } => program.mentions(body, *local).is_empty(),
                _ => false,
            }),
            PatKind::Wild | PatKind::Rest => true,
            _ => false,
        },
        _ => false,
    }
}
