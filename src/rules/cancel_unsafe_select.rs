//! cancel-unsafe-select: a `select!` loop drops a future half-way that cannot be dropped without loss.

mod inferred;

use super::findings::{Draft, Findings};
use super::{Check, Rule};
use crate::catalog::{Cancel, FnEntry, Place as Ground, Role};
use crate::facts::expr::{Lit, SelectArm};
use crate::facts::{ExprKind, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::TyKind;
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "cancel-unsafe-select", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, select) in program.selects(body) {
        let stays: Option<Vec<bool>> = program.with_order(body, |order| {
            order.enclosing_loop(place.expr)?;
            Some(select.arms.iter().map(|arm| !order.exits_loop(arm.handler)).collect())
        });
        let Some(stays) = stays else { continue };
        for (at, arm) in select.arms.iter().enumerate() {
            let other = (0..stays.len()).find(|other| *other != at && stays[*other]);
            if let Some(other) = other.filter(|_| program.is_made_in_arm(body, arm)) {
                judge(program, body, arm, &select.arms[other], out);
            }
        }
    }
}

fn judge(program: &Program, body: BodyId, arm: &SelectArm, other: &SelectArm, out: &mut Findings<'_>) {
    let future = innermost(program, Place { body, expr: arm.future });
    if let ExprKind::Async(region) = program.expr(future).kind {
        // A block made in the arm loses what it did to readers and writers outside.
        let decl = &program.body(body).regions[region];
        if decl.kind == RegionKind::AsyncBlock
            && let Some((call, entry)) = inferred::loses(program, Place { body, expr: decl.body })
        {
            found(program, call, entry, "loses-data", other, out);
        }
        return;
    }
    match program.target(future) {
        Target::Api(entry) => {
            if let Some(kind) = entry.cancel.and_then(|cancel| kind_of(program, future, entry, cancel)) {
                found(program, future, entry, kind, other, out);
            }
        }
        Target::Fn(def) | Target::TraitFn(def) => {
            let Some(reason) = inferred::of_fn(program, def, 0) else { return };
            let name = program.text(program.call_span(future)).rsplit("::").next().unwrap_or_default().to_owned();
            let span = program.call_span(reason.place);
            let draft = out.at("inferred", future).fill("name", &name).why(span, reason.why);
            finish(program, body, other, draft);
        }
        Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => {}
    }
}

/// The future below `timeout(..)` and adaptors such as `.map(..)`: they are as safe to drop as what they wrap.
fn innermost(program: &Program, future: Place) -> Place {
    let mut at = future;
    for _ in 0..8 {
        let Some(entry) = program.api(at).filter(|entry| entry.cancel == Some(Cancel::Depends)) else { break };
        let (recv, args) = program.operands(at, entry);
        let polled = entry.runs.iter().find(|runs| runs.place == Ground::Async).and_then(|runs| args.get(runs.arg));
        match polled.copied().filter(|_| entry.role == Some(Role::Timeout)).or(recv) {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

fn kind_of(program: &Program, call: Place, entry: &FnEntry, cancel: Cancel) -> Option<&'static str> {
    match cancel {
        Cancel::Safe | Cancel::Resumable | Cancel::Depends => None,
        Cancel::LosesData => Some("loses-data"),
        Cancel::LosesValue => {
            let (_, args) = program.operands(call, entry);
            let lost = args.last().is_some_and(|value| is_lost(program, *value));
            Some(if lost { "loses-value" } else { "rebuilt" })
        }
        Cancel::Restarts => Some("restarts"),
        Cancel::Undocumented => Some("undocumented"),
    }
}

/// The value cannot be made again: it is moved out of a local, or taken out of something.
fn is_lost(program: &Program, value: Place) -> bool {
    match &program.expr(value).kind {
        ExprKind::Local(local) => {
            let ty = program.local_ty(value.body, *local);
            !matches!(ty.kind(), TyKind::Prim(_) | TyKind::Ref(false, _) | TyKind::Unknown)
        }
        ExprKind::MethodCall { recv, name, .. } => match name.as_str() {
            "take" | "pop" | "pop_front" | "pop_back" | "remove" => true,
            "unwrap" | "expect" | "into" => is_lost(program, Place { expr: *recv, ..value }),
            _ => false,
        },
        ExprKind::Lit(Lit::Bool(_) | Lit::Int(_) | Lit::Str(_) | Lit::Other) => false,
        _ => false,
    }
}

fn found(
    program: &Program,
    call: Place,
    entry: &'static FnEntry,
    kind: &'static str,
    other: &SelectArm,
    out: &mut Findings<'_>,
) {
    let draft = out.at(kind, call).fill("name", entry.name.as_str()).subject(entry.path);
    finish(program, call.body, other, draft);
}

fn finish(program: &Program, body: BodyId, other: &SelectArm, draft: Draft<'_, '_>) {
    let bytes = program.body(body).pats[other.pat].span;
    draft
        .label("dropped when another branch wins")
        .context(program.span_in(body, bytes), "this branch can win, and the loop goes on")
        .help("make the future once before the loop, pin it and poll `&mut future` in the branch; make it anew when it has ended")
        .help("or give the work to a task of its own and select on a channel or its handle");
}
