//! never-yields: an endless loop without an await keeps its thread and can never be cancelled.

use super::findings::Findings;
use super::{Check, Rule};
use crate::catalog::{Category, Tier};
use crate::facts::ExprKind;
use crate::facts::expr::MacroShape;
use crate::hir::effect::Effect;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "never-yields", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let loops = program.body(body).exprs.iter_ids().filter(|(_, e)| matches!(e.kind, ExprKind::Loop { .. }));
    for (expr, _) in loops {
        let place = Place { body, expr };
        if !program.is_async_at(place) || program.is_driven_alone(place) || lets_go(program, place) {
            continue;
        }
        if !program.with_order(body, |order| order.runs(expr) && order.never_ends(expr)) || blocks(program, place) {
            continue;
        }
        let span = program.head_span(place);
        out.spanning("default", body, span)
            .label("no `.await`, `break` or `return` inside")
            .help("run it on a thread of its own, or await something in each turn, such as `tokio::task::yield_now()`");
    }
}

/// Something inside suspends, or may: macros that are not understood, closures that might.
fn lets_go(program: &Program, looped: Place) -> bool {
    program.inside(looped).any(|at| match &program.expr(at).kind {
        ExprKind::Await(_) | ExprKind::Select(_) | ExprKind::Yield(_) | ExprKind::Opaque(_) => true,
        ExprKind::Macro(call) => {
            call.hidden_flow
                || matches!(
                    call.shape,
                    MacroShape::Unknown | MacroShape::Join | MacroShape::TryJoin | MacroShape::Panic
                )
        }
        _ => false,
    }) || program.body(looped.body).has_unknown_macro
}

/// A call inside blocks the thread: the rule that names the call owns it.
fn blocks(program: &Program, looped: Place) -> bool {
    let body = program.body(looped.body);
    let region = program.region_at(looped);
    program
        .sources(region)
        .any(|(effect, source)| is_reported(effect) && body.is_inside(source.place.expr, looped.expr))
}

/// A rule names the call unless it is asked not to: printing is left to those who ask.
fn is_reported(effect: Effect) -> bool {
    matches!(effect, Effect::Blocks { tier: Tier::Default, category, .. } if category != Category::Stdio)
}
