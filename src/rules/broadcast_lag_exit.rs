//! broadcast-lag-exit: a loop ends because its receiver lagged, although the channel is open.

use super::findings::Findings;
use super::loop_error::{OnError, on_error};
use super::{Check, Rule, fixes};
use crate::base::Name;
use crate::diagnostic::Applicability;
use crate::facts::expr::LoopKind;
use crate::facts::{ExprKind, PatKind};
use crate::hir::names::{BodyId, Place};
use crate::program::flow::Order;
use crate::program::{Fate, Program};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "broadcast-lag-exit", check: Check::Body(check) };

const RECV: &str = "tokio::sync::broadcast::Receiver::recv";
const STREAM: &str = "tokio_stream::wrappers::BroadcastStream";

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.api_calls(body) {
        let is_recv = entry.path == RECV;
        if !is_recv && entry.name != "next" {
            continue;
        }
        let ends = program.with_order(body, |order| {
            if is_recv { by_error(program, order, place) } else { by_stream(program, order, place, entry.path) }
        });
        let Some(exit) = ends else { continue };
        let mut draft = out
            .at("default", place)
            .label("gives `Err(Lagged)` when messages were missed")
            .also(exit, "and that ends the loop")
            .subject(entry.path)
            .help("match the error: go on after `RecvError::Lagged(_)`, end after `RecvError::Closed`");
        if is_recv && let Some(edits) = rewrite(program, place) {
            draft = draft.fix("go on after a lag", Applicability::Unsafe, edits);
        }
        let _ = draft;
    }
}

fn by_error(program: &Program, order: Order<'_>, call: Place) -> Option<crate::base::Span> {
    match on_error(program, order, call)? {
        OnError::Leaves(at) => Some(program.head_span(Place { expr: at, ..call })),
        OnError::Stays(_) | OnError::Unclear => None,
    }
}

/// `while let Some(Ok(x)) = stream.next().await`.
fn by_stream(program: &Program, order: Order<'_>, call: Place, _path: Name) -> Option<crate::base::Span> {
    let ExprKind::MethodCall { recv, .. } = program.expr(call).kind else { return None };
    let is_broadcast = program.ty(Place { expr: recv, ..call }).peel_refs().path().is_some_and(|p| p == STREAM);
    let around = order.enclosing_loop(call.expr).filter(|_| is_broadcast)?;
    let (let_, pat) = while_let(program, Place { expr: around, ..call })?;
    let Fate::Awaited(awaited) = program.fate(call) else { return None };
    let held = program.fate(Place { expr: awaited, ..call }) == Fate::Matched(let_);
    let (some, inner) = program.constructor(call.body, pat).filter(|_| held)?;
    let ok = inner.first().and_then(|p| program.constructor(call.body, *p));
    (some == "Some" && ok.is_some_and(|(name, _)| name == "Ok"))
        .then(|| program.head_span(Place { expr: around, ..call }))
}

fn while_let(program: &Program, looped: Place) -> Option<(crate::facts::ExprId, crate::facts::PatId)> {
    let ExprKind::Loop { kind: LoopKind::While(cond), .. } = program.expr(looped).kind else { return None };
    match program.expr(Place { expr: cond, ..looped }).kind {
        ExprKind::Let { pat, .. } => Some((cond, pat)),
        _ => None,
    }
}

/// `while let Ok(x) = rx.recv().await {` becomes a `loop` that tells the errors apart.
fn rewrite(program: &Program, call: Place) -> Option<Vec<crate::diagnostic::Edit>> {
    let looped = program.ancestors(call).find(|at| matches!(program.expr(*at).kind, ExprKind::Loop { .. }))?;
    let ExprKind::Loop { body, label: None, .. } = program.expr(looped).kind else { return None };
    let (let_, pat) = while_let(program, looped)?;
    let (constructor, elems) = program.constructor(call.body, pat)?;
    let [inner] = elems else { return None };
    let always = matches!(program.body(call.body).pats[*inner].kind, PatKind::Bind { .. } | PatKind::Wild);
    if !always {
        return None;
    }
    let ExprKind::Let { expr, .. } = program.expr(Place { expr: let_, ..call }).kind else { return None };
    let bytes = program.body(call.body).pats[*inner].span;
    let name = program.text(program.span_in(call.body, bytes));
    let value = match (constructor, &program.expr(Place { expr, ..call }).kind) {
        ("Ok", ExprKind::Await(_)) => expr,
        // `while let Some(x) = rx.recv().await.ok()`
        ("Some", ExprKind::MethodCall { recv, name, .. }) if name.as_str() == "ok" => *recv,
        _ => return None,
    };
    let value = program.source(Place { expr: value, ..call });
    let start = program.span(looped).start;
    let open = program.span(Place { expr: body, ..call }).start + 1;
    let head = program.span_in(call.body, (start, open));
    let pad = program.indent(head);
    let text = format!(
        "loop {{\n{pad}    let {name} = match {value} {{\n{pad}        Ok(value) => value,\n\
         {pad}        Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => continue,\n\
         {pad}        Err(tokio::sync::broadcast::error::RecvError::Closed) => break,\n{pad}    }};"
    );
    Some(vec![fixes::replace(head, text)])
}
