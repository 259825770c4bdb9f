//! span-across-await: a span or another context of the thread stays set while the task is suspended.
//!
//! The same analysis as lock-across-await, on guards that change what the thread records or runs.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::base::Span;
use crate::catalog::{GuardKind, TypeEntry};
use crate::diagnostic::{Applicability, Edit, Severity};
use crate::facts::expr::Stmt;
use crate::facts::{ExprKind, RegionId, RegionKind};
use crate::hir::context::Entry;
use crate::hir::flow::{Origin, TrackedValue};
use crate::hir::names::{BodyId, Place};
use crate::program::{Carried, Program, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "span-across-await", check: Check::Body(check) };

const GUARDS: Wanted = Wanted { is: is_guard, in_structs: true };

fn is_guard(entry: &TypeEntry) -> bool {
    matches!(entry.guard, Some(GuardKind::Span | GuardKind::Enter))
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    if !program.has_suspensions(body) {
        return;
    }
    program.with_lives(body, GUARDS, |order, lives, class| {
        for value in lives.values().iter().filter(|value| !value.suspensions.is_empty()) {
            let (ty, region) = match value.origin {
                Origin::Expr(e) => (program.ty(Place { body, expr: e }), order.body.exprs[e].region),
                Origin::Local(l) => (program.local_ty(body, l), order.body.locals[l].region),
            };
            if let Some(carried) = class.carried(ty)
                && order.body.regions[region].kind != RegionKind::Opaque
            {
                report(program, body, value, carried, out);
            }
        }
    });
}

fn report(program: &Program, body: BodyId, value: &TrackedValue, carried: Carried, out: &mut Findings<'_>) {
    let place = |expr| Place { body, expr };
    let made = value.created_by().map(|e| program.making_call(place(e)));
    let span = match (made, value.origin) {
        (Some(made), _) => program.call_span(made),
        (None, Origin::Local(l)) => program.span_in(body, program.body(body).locals[l].span),
        (None, Origin::Expr(e)) => program.span(place(e)),
    };
    // The thread polls nothing else while the main future of a multi-threaded runtime waits, and in test code, its helpers
    // included, a default subscriber or runtime is meant for all tasks.
    let thread_wide = is_thread_wide(carried.entry);
    let entry = value.suspensions.first().map_or(Entry::No, |at| program.context_at(place(*at)).entry);
    let own_thread = entry == Entry::MultiThread;
    let of_test = program.in_test(body) && value.region.0 == 0;
    if thread_wide && (!matches!(entry, Entry::No | Entry::Once) || program.in_test(body)) {
        return;
    }
    let mut draft = out.spanning("default", body, span).subject(carried.entry.path);
    if let Some(made) = made {
        draft = draft.confidence(program.confidence(made));
    }
    if carried.entry.guard == Some(GuardKind::Enter) {
        draft = draft.message(
            "this runtime stays entered while the task is suspended: other tasks on the thread run with the wrong runtime",
        );
    } else if thread_wide {
        draft = draft.message(
            "this default stays set while the task is suspended: other tasks' events go to it, and this task's events elsewhere",
        );
    }
    if own_thread {
        draft = draft
            .at_most(Severity::Note)
            .note("this runs on the thread that started the runtime, which polls no other task");
    }
    if of_test {
        draft = draft.at_most(Severity::Note).note("only tasks of this test run on the thread");
    }
    for at in &value.suspensions {
        draft = draft.also(program.suspension_span(body, *at), "the task may be suspended here");
    }
    if carried.entry.path.as_str().starts_with("tracing::span") {
        let draft = match instrumented(program, body, value) {
            Some(edits) => draft.fix("enter the span at each poll", Applicability::Unsafe, edits),
            None => draft,
        };
        draft
            .help("enter the span at each poll instead: `async move { .. }.instrument(span).await`")
            .help("or put `#[tracing::instrument]` on the function");
    } else {
        draft.help("end the guard before the await");
    }
}

/// Set for a whole thread on purpose: a default subscriber, an entered runtime.
fn is_thread_wide(entry: &TypeEntry) -> bool {
    entry.guard == Some(GuardKind::Enter) || entry.path == "tracing::subscriber::DefaultGuard"
}

/// `let _entered = SPAN.entered();` as first statement of an async fn: the rest becomes an instrumented block.
fn instrumented(program: &Program, body: BodyId, value: &TrackedValue) -> Option<Vec<Edit>> {
    let facts = program.body(body);
    let whole = &facts.regions[RegionId(0)];
    let ExprKind::Block(block) = &facts.exprs[facts.root].kind else { return None };
    let made = value.created_by()?;
    let ExprKind::MethodCall { recv, args, .. } = &facts.exprs[made].kind else { return None };
    let (head, span) = match &facts.exprs[*recv].kind {
        ExprKind::Local(local) => {
            let init = program.initialiser(body, *local)?.expr;
            let is_first = matches!(block.stmts.first()?, Stmt::Let { init: Some(first), .. } if *first == init);
            (is_first && program.mentions(body, *local).len() == 1).then_some((2, init))?
        }
        _ => (1, *recv),
    };
    let entered = block.stmts.get(head - 1)?;
    let Stmt::Let { init: Some(init), span: last, .. } = entered else { return None };
    let [guard] = value.holders[..] else { return None };
    let unused = program.mentions(body, guard).is_empty();
    if *init != made || !args.is_empty() || !unused || whole.kind != RegionKind::AsyncFn {
        return None;
    }
    let (Stmt::Let { span: first, .. } | Stmt::Expr { span: first, .. }) = block.stmts.first()? else { return None };
    let head = program.span_in(body, (first.0, last.1));
    let end = program.span(Place { body, expr: facts.root });
    let close = Span { start: end.end - 1, end: end.end - 1, ..end };
    if program.text(head).contains("//") {
        return None;
    }
    let span = program.source(Place { body, expr: span });
    Some(vec![
        fixes::replace(head, "tracing::Instrument::instrument(async move {"),
        fixes::before(close, format!("}}, {span}).await\n{}", program.indent(close))),
    ])
}
