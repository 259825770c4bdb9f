//! broadcast-lag-exit: a loop ends because its receiver lagged, although the channel is open.

use super::findings::Findings;
use super::loop_error::{Failing, OnError, Shape, on_error};
use super::{Check, Rule, fixes, relay};
use crate::catalog::FnEntry;
use crate::diagnostic::Applicability;
use crate::facts::expr::LoopKind;
use crate::facts::{ExprId, ExprKind, LocalKind, PatKind};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::Program;
use crate::program::flow::Order;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "broadcast-lag-exit", check: Check::Body(check) };

const RECV: &str = "tokio::sync::broadcast::Receiver::recv";
const RECEIVER: &str = "tokio::sync::broadcast::Receiver";
const STREAM: &str = "tokio_stream::wrappers::BroadcastStream";

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.api_calls(body) {
        let Some(shape) = result_of(program, place, entry) else { continue };
        let failing = Failing { call: place, shape, variant: Some("Lagged"), in_for: !program.in_test(body) };
        let ends = program.with_order(body, |order| {
            let Some(OnError::Leaves(at)) = on_error(program, order, failing) else { return None };
            (!is_made_again(program, order, place)).then(|| program.head_span(Place { expr: at, ..place }))
        });
        let Some(exit) = ends else { continue };
        let mut draft = out
            .at("default", place)
            .label("gives `Err(Lagged)` when messages were missed")
            .also(exit, "and that ends the loop")
            .subject(entry.path)
            .help("match the error: go on after `RecvError::Lagged(_)`, end after `RecvError::Closed`");
        if shape == Shape::Result
            && let Some(edits) = rewrite(program, place)
        {
            draft = draft.fix("go on after a lag", Applicability::Unsafe, edits);
        }
        let _ = draft;
    }
    by_helpers(program, body, out);
    by_adaptors(program, body, out);
}

/// `while let Some(event) = self.next().await` of a helper that turns every error into the end.
fn by_helpers(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let wanted = |place: Place, entry: &FnEntry| entry.path == RECV && !is_own_receiver(program, place);
    for (call, inner, shape) in relay::calls(program, body, wanted) {
        let failing = Failing { call, shape, variant: None, in_for: false };
        if let Some(OnError::Leaves(at)) = program.with_order(body, |order| on_error(program, order, failing)) {
            out.at("default", call)
                .label("ends when messages were missed")
                .why(program.call_span(inner), "gives `Err(Lagged)` when messages were missed")
                .also(program.head_span(Place { expr: at, ..call }), "and that ends the loop")
                .help("tell the errors apart in the helper: go on after `RecvError::Lagged(_)`, end after `RecvError::Closed`");
        }
    }
}

/// `stream.take_while(|item| ready(item.is_ok()))`: the stream ends at the first lag.
fn by_adaptors(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        let is_stream = || program.ty(program.receiver(call)).peel_refs().path().is_some_and(|path| path == STREAM);
        let at_first_error = relay::ENDS_AT_FIRST_ERROR.contains(&entry.name.as_str());
        let ends = matches!(entry.name.as_str(), "take_while" | "map_while");
        if !(ends || at_first_error) || !is_stream() {
            continue;
        }
        if at_first_error {
            out.at("default", call)
                .label("ends at the first `Err(Lagged)`, when messages were missed")
                .help("leave out what was missed: `.filter_map(|item| async { item.ok() })`, and `for_each` behind it");
            continue;
        }
        let asks = |at: Place| match &program.expr(at).kind {
            ExprKind::Closure(region) => {
                let decl = &program.body(body).regions[*region];
                program.inside(Place { body, expr: decl.body }).any(|p| match &program.expr(p).kind {
                    ExprKind::MethodCall { name, .. } => name == "is_ok" || name == "ok",
                    _ => false,
                })
            }
            _ => false,
        };
        if program.arguments(call).into_iter().any(asks) {
            out.at("default", call)
                .label("ends the stream when messages were missed")
                .help("leave out what was missed: `.filter_map(|item| async { item.ok() })`");
        }
    }
}

/// What the await of a call on a broadcast channel gives.
fn result_of(program: &Program, call: Place, entry: &FnEntry) -> Option<Shape> {
    if entry.path == RECV {
        return Some(Shape::Result);
    }
    let ExprKind::MethodCall { recv, .. } = program.expr(call).kind else { return None };
    let is_broadcast = || program.ty(Place { expr: recv, ..call }).peel_refs().path().is_some_and(|p| p == STREAM);
    match entry.name.as_str() {
        "next" if is_broadcast() => Some(Shape::Item),
        "try_next" if is_broadcast() => Some(Shape::Result),
        _ => None,
    }
}

/// The loop, or one around it, subscribes anew: a receiver that takes one message is never behind.
fn is_made_again(program: &Program, order: Order<'_>, call: Place) -> bool {
    let at = program.receiver(call);
    let is_owned = |ty: Ty| !matches!(ty.kind(), TyKind::Ref(..) | TyKind::Unknown);
    if matches!(program.expr(at).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. }) && is_owned(program.ty(at))
    {
        return program.ty(at).path().is_some_and(|path| path == RECEIVER);
    }
    let Some(local) = program.place_root(at) else { return false };
    let mut loops = order.enclosing_loops(call.expr);
    let declares = |looped: ExprId| program.is_declared_in(Place { expr: looped, ..call }, local);
    let own = loops.next().is_some_and(declares)
        && program.local_ty(call.body, local).path().is_some_and(|path| path == RECEIVER);
    own || loops.next().is_some_and(declares)
}

/// The helper subscribes at each call, and takes one message.
fn is_own_receiver(program: &Program, call: Place) -> bool {
    let ExprKind::Local(local) = program.expr(program.receiver(call)).kind else { return false };
    program.body(call.body).locals[local].kind == LocalKind::Let
        && program.local_ty(call.body, local).path().is_some_and(|path| path == RECEIVER)
}

fn while_let(program: &Program, looped: Place) -> Option<(ExprId, crate::facts::PatId)> {
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
