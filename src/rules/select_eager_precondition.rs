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
    for (_, select) in program.selects(body).filter(|(place, select)| program.is_tokio_select(*place, select)) {
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

/// `x.is_some()`, `x.is_ok()`, `!x.is_none()`, `!x.is_empty()`, `x.len() > 0`, `x.contains_key(k)`, `matches!(x, Some(_))`; also
/// by the name of what was asked before.
fn tests(program: &Program, guard: Place) -> Vec<Tested> {
    let named = program.inside(guard).filter_map(|at| match program.expr(at).kind {
        ExprKind::Local(local) if !program.body(at.body).locals[local].mutable => program.initialiser(at.body, local),
        _ => None,
    });
    let mut found: Vec<Tested> = asked(program, guard);
    let named: Vec<Place> = named.collect();
    found.extend(named.into_iter().flat_map(|init| asked(program, init)));
    found
}

fn asked(program: &Program, cond: Place) -> Vec<Tested> {
    program.inside(cond).filter_map(|at| question(program, at)).collect()
}

fn question(program: &Program, at: Place) -> Option<Tested> {
    let tested = |subject, collection| {
        let text = program.source(Place { expr: subject, ..at }).to_owned();
        Some(Tested { text, collection, at })
    };
    match &program.expr(at).kind {
        ExprKind::MethodCall { recv, name, .. } => {
            let not = |p: Place| matches!(program.expr(p).kind, ExprKind::Unary(UnaryOp::Not, _));
            match (name.as_str(), program.parent(at).is_some_and(not)) {
                ("is_some" | "is_ok", false) | ("is_none" | "is_err", true) => tested(*recv, false),
                ("is_empty", true) | ("len", _) | ("contains_key" | "contains", false) => tested(*recv, true),
                _ => None,
            }
        }
        // `matches!`.
        ExprKind::Match { scrutinee, arms } => {
            let wanted = arms.first().and_then(|arm| program.constructor(at.body, arm.pat));
            let is_there = wanted.is_some_and(|(name, _)| matches!(name, "Some" | "Ok"));
            is_there.then(|| tested(*scrutinee, false)).flatten()
        }
        _ => None,
    }
}

/// `x.unwrap()`, `x.as_mut().expect(..)`, `x[0]`, `x.remove(0)` of a tested `x`.
fn relies(program: &Program, at: Place, tested: &[Tested]) -> Option<(Place, Place)> {
    let (base, of_collection) = match &program.expr(at).kind {
        ExprKind::MethodCall { recv, name, .. } if name == "unwrap" || name == "expect" => (*recv, false),
        ExprKind::MethodCall { recv, name, .. } if name == "remove" || name == "swap_remove" => {
            let ty = program.ty(Place { expr: *recv, ..at }).peel_refs();
            if ty.path().is_none_or(|path| path != "std::vec::Vec") {
                return None;
            }
            (*recv, true)
        }
        ExprKind::Index { base, .. } => (*base, true),
        _ => return None,
    };
    let base = stripped(program, Place { expr: base, ..at });
    let text = program.source(base);
    let test = tested.iter().find(|t| t.text == text && (t.collection || !of_collection))?;
    Some((at, test.at))
}

fn stripped(program: &Program, place: Place) -> Place {
    const VIEWS: [&str; 22] = [
        "as_ref",
        "as_mut",
        "as_deref",
        "as_deref_mut",
        "take",
        "clone",
        "first",
        "first_mut",
        "last",
        "last_mut",
        "iter",
        "iter_mut",
        "front",
        "front_mut",
        "back",
        "back_mut",
        "pop",
        "pop_front",
        "pop_back",
        "get",
        "get_mut",
        "next",
    ];
    let mut at = place;
    while let ExprKind::MethodCall { recv, name, .. } = &program.expr(at).kind
        && VIEWS.contains(&name.as_str())
    {
        at = Place { expr: *recv, ..at };
    }
    at
}
