//! select-eager-precondition: an arm unwraps what its condition tests, but the expression is evaluated first.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::facts::expr::UnaryOp;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "select-eager-precondition", check: Check::Body(check) };

/// What a condition says about a value, by its text.
struct Tested {
    text: String,
    collection: bool,
    at: Place,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (_, select) in program.selects(body).filter(|(_, select)| program.is_tokio_select(select)) {
        for arm in &select.arms {
            let Some(guard) = arm.guard else { continue };
            let tested = tests(program, Place { body, expr: guard });
            let future = Place { body, expr: arm.future };
            let Some((at, test)) = program.inside(future).find_map(|p| relies(program, p, &tested)) else { continue };
            let wrapped =
                vec![fixes::before(program.span(future), "async { "), fixes::after(program.span(future), ".await }")];
            out.at("default", at)
                .label("evaluated even when the condition is false")
                .why(program.span(test), "the condition only decides whether the future is polled")
                .help("make the expression lazy: `async { .. .await }`")
                .fix("evaluate it inside an async block", Applicability::Unsafe, wrapped);
        }
    }
}

/// `x.is_some()`, `x.is_ok()`, `!x.is_none()`, `!x.is_empty()`, `x.len() > 0`.
fn tests(program: &Program, guard: Place) -> Vec<Tested> {
    let found = program.inside(guard).filter_map(|at| {
        let ExprKind::MethodCall { recv, name, .. } = &program.expr(at).kind else { return None };
        let negated =
            program.parent(at).is_some_and(|p| matches!(program.expr(p).kind, ExprKind::Unary(UnaryOp::Not, _)));
        let collection = match (name.as_str(), negated) {
            ("is_some" | "is_ok", false) | ("is_none" | "is_err", true) => false,
            ("is_empty", true) | ("len", _) => true,
            _ => return None,
        };
        let text = program.source(Place { expr: *recv, ..at }).to_owned();
        Some(Tested { text, collection, at })
    });
    found.collect()
}

/// `x.unwrap()`, `x.as_mut().expect(..)`, `x[0]` of a tested `x`.
fn relies(program: &Program, at: Place, tested: &[Tested]) -> Option<(Place, Place)> {
    let (base, by_index) = match &program.expr(at).kind {
        ExprKind::MethodCall { recv, name, .. } if name == "unwrap" || name == "expect" => (*recv, false),
        ExprKind::Index { base, .. } => (*base, true),
        _ => return None,
    };
    let base = stripped(program, Place { expr: base, ..at });
    let text = program.source(base);
    let test = tested.iter().find(|t| t.text == text && (t.collection || !by_index))?;
    Some((at, test.at))
}

fn stripped(program: &Program, place: Place) -> Place {
    const VIEWS: [&str; 10] =
        ["as_ref", "as_mut", "as_deref", "as_deref_mut", "take", "clone", "first", "first_mut", "last_mut", "iter_mut"];
    let mut at = place;
    while let ExprKind::MethodCall { recv, name, .. } = &program.expr(at).kind
        && VIEWS.contains(&name.as_str())
    {
        at = Place { expr: *recv, ..at };
    }
    at
}
