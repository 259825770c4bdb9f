//! double-lock: a task takes a lock whose guard it holds already, and waits for itself.
//!
//! Which lock a call takes, itself or through workspace functions, is asked of the program; here only what is held meanwhile decides.

use super::findings::Findings;
use super::{Check, Rule};
use crate::diagnostic::Confidence;
use crate::facts::expr::MacroShape;
use crate::facts::{ExprId, ExprKind, RegionKind};
use crate::hir::body::Target;
use crate::hir::flow::TrackedValue;
use crate::hir::names::{BodyId, DefId, Place};
use crate::program::Program;
use crate::program::lives::is_asserted_absent;
use crate::program::locks::{LOCK_GUARDS, Mode, Taking};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "double-lock", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let taken = program.locks_taken(body);
    in_closures(program, body, &taken, out);
    if taken.is_empty() {
        return;
    }
    at_once(program, body, &taken, out);
    let calls: Vec<(Place, DefId)> = workspace_calls(program, body, &taken);
    if taken.len() < 2 && calls.is_empty() {
        return;
    }
    program.with_lives(body, LOCK_GUARDS, |order, lives, _| {
        let among = |live: Vec<&TrackedValue>, at: ExprId| -> Vec<&Taking> {
            let held = live.into_iter().filter(|value| !is_asserted_absent(order, value, at)).filter_map(|value| {
                let made = program.lock_call(Place { body, expr: value.created_by()? });
                let built_together = !program.excludes(made, Place { body, expr: at });
                taken.iter().find(|t| t.call == made && built_together)
            });
            held.collect()
        };
        let held_at = |at: ExprId| among(lives.live_at(at), at);
        // A closure that is called on the spot runs while its surroundings hold what they hold, the call itself included.
        let held_around = |at: Place| -> Vec<&Taking> {
            let Some(outer) = program.place_outside(at).filter(|outer| *outer != at) else { return Vec::new() };
            let live = if runs_without(program, outer) { lives.live_at(outer.expr) } else { lives.live_in(outer.expr) };
            among(live, outer.expr)
        };
        for second in taken.iter().filter(|t| t.waits) {
            if order.body.regions[order.body.exprs[second.call.expr].region].kind == RegionKind::Opaque {
                continue;
            }
            let held = held_at(second.at.expr).into_iter().chain(held_around(second.call));
            if let Some(first) = held.into_iter().find(|first| first.lock == second.lock && first.call != second.call) {
                report(program, first, second.call, second.mode, out);
            }
        }
        for (call, callee) in calls {
            let mut held = held_at(program.waited_at(call).unwrap_or(call).expr);
            held.extend(held_around(call));
            if held.is_empty() {
                continue;
            }
            let within = program.locks_within(call, callee);
            let again = |first: &&Taking| within.iter().filter(|t| t.lock == first.lock).max_by_key(|t| rank(first, t));
            if let Some((first, inner)) = held.iter().find_map(|first| Some((*first, again(first)?))) {
                report_call(program, first, call, inner, out);
            }
        }
    });
}

/// `self.state.with(|state| self.sum())`: the closure runs under the lock that `with` takes.
fn in_closures(program: &Program, body: BodyId, taken: &[Taking], out: &mut Findings<'_>) {
    for (region, first) in program.closures_under_locks(body) {
        let runs_in = |place: Place| {
            let outermost = program.body(body).region_chain(program.expr(place).region).any(|r| r == region);
            outermost && program.place_outside(place).is_some()
        };
        for second in taken.iter().filter(|t| t.waits && t.lock == first.lock && runs_in(t.call)) {
            report(program, &first, second.call, second.mode, out);
        }
        for (call, callee) in workspace_calls(program, body, taken).into_iter().filter(|(call, _)| runs_in(*call)) {
            let within = program.locks_within(call, callee);
            if let Some(inner) = within.iter().filter(|t| t.lock == first.lock).max_by_key(|t| rank(&first, t)) {
                report_call(program, &first, call, inner, out);
            }
        }
    }
}

/// `found.unwrap_or_else(|| ..)`: the closure runs where the receiver holds nothing.
fn runs_without(program: &Program, call: Place) -> bool {
    let by_name = program.method_name(call).is_some_and(|name| name.ends_with("or_else"));
    by_name
        && program
            .ty(program.receiver(call))
            .path()
            .is_some_and(|path| matches!(path.as_str(), "std::option::Option" | "std::result::Result"))
}

/// What is sure first, and what stops at once before what a writer is needed for.
fn rank(first: &Taking, inner: &Taking) -> (bool, bool) {
    (kind_of(first.mode, inner.mode) == "deadlock", inner.sure)
}

/// `join!(m.lock(), m.lock())`: the first guard waits in the macro for the second.
fn at_once(program: &Program, body: BodyId, taken: &[Taking], out: &mut Findings<'_>) {
    for expr in program.body(body).exprs.iter() {
        let ExprKind::Macro(call) = &expr.kind else { continue };
        if !matches!(call.shape, MacroShape::Join | MacroShape::TryJoin) {
            continue;
        }
        let args: Vec<&Taking> =
            call.args.iter().filter_map(|arg| taken.iter().find(|t| t.call.expr == *arg && t.waits)).collect();
        for (at, second) in args.iter().enumerate() {
            if let Some(first) = args[..at].iter().find(|first| first.lock == second.lock) {
                report(program, first, second.call, second.mode, out);
            }
        }
    }
}

/// Calls of workspace fns that do not hand a guard back.
fn workspace_calls(program: &Program, body: BodyId, taken: &[Taking]) -> Vec<(Place, DefId)> {
    let targets = program.types_of(body).targets.iter();
    let calls = targets.filter_map(|(expr, target)| match target {
        Target::Fn(def) => Some((Place { body, expr: *expr }, *def)),
        _ => None,
    });
    calls
        .filter(|(place, _)| matches!(program.expr(*place).kind, ExprKind::MethodCall { .. } | ExprKind::Call { .. }))
        .filter(|(place, _)| !taken.iter().any(|t| t.call == *place && t.waits))
        .collect()
}

fn kind_of(first: Mode, second: Mode) -> &'static str {
    if first == Mode::Read && second == Mode::Read { "read-read" } else { "deadlock" }
}

fn report(program: &Program, first: &Taking, second: Place, mode: Mode, out: &mut Findings<'_>) {
    if program.expects_no_end(second) {
        return;
    }
    let draft = out
        .at(kind_of(first.mode, mode), second)
        .why(program.call_span(first.call), "the lock acquired here is still held")
        .confidence(program.confidence(first.call));
    let upgrade = first.mode == Mode::Read && mode == Mode::Write;
    if upgrade {
        draft.help(
            "end the read guard first: clone what is needed, drop it, then write (parking_lot has `upgradable_read`)",
        );
    } else {
        draft.help("use the guard that is held, or drop it first");
    }
}

fn report_call(program: &Program, first: &Taking, call: Place, inner: &Taking, out: &mut Findings<'_>) {
    if program.expects_no_end(call) {
        return;
    }
    let confidence = program.confidence(inner.call).min(program.confidence(first.call));
    let sure = inner.sure && confidence == Confidence::Certain;
    out.at(kind_of(first.mode, inner.mode), call)
        .why(program.call_span(first.call), "the lock acquired here is still held")
        .also(program.call_span(inner.call), "and is taken again here")
        .confidence(if sure { Confidence::Certain } else { Confidence::Likely })
        .help("drop the guard before the call, or give the callee what the guard protects");
}
