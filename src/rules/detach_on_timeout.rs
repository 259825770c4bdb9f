//! detach-on-timeout: a handle is given away to something that may drop it, and the task goes on.
//!
//! Only owned handles: one that is lent (`&mut task`) is still there when the other side wins.

use crate::catalog::Role;
use crate::diagnostic::{Applicability, Edit};
use crate::facts::expr::{MacroShape, Select};
use crate::facts::{ExprId, ExprKind, LocalKind, PatKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::Ty;
use crate::program::{Fate, Program};

use super::findings::Findings;
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "detach-on-timeout", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (expr, node) in program.body(body).exprs.iter_ids() {
        let at = Place { body, expr };
        match &node.kind {
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } => call(program, at, out),
            ExprKind::Select(select) => arms(program, body, select, out),
            ExprKind::Macro(call) if call.shape == MacroShape::TryJoin => {
                let args = call.args.iter().map(|arg| Place { body, expr: *arg });
                if let Some(arg) = args.into_iter().find(|arg| is_given(program, *arg)) {
                    report(program, "try-join", at, arg, out);
                }
            }
            _ => {}
        }
    }
}

fn call(program: &Program, at: Place, out: &mut Findings<'_>) {
    let Some(entry) = program.api(at) else { return };
    let (recv, args) = program.operands(at, entry);
    match entry.role {
        Some(Role::Timeout) => {
            if let Some(given) = args.last().copied().into_iter().chain(recv).find(|arg| is_given(program, *arg)) {
                let kind = if is_blocking(program, given) { "spawn-blocking" } else { "timeout" };
                report(program, kind, at, given, out);
            }
        }
        // The other functions of this role give the rest back.
        Some(Role::SelectFn) if matches!(entry.name.as_str(), "select" | "select_all" | "try_select") => {
            let given = args.iter().copied().find(|arg| is_given(program, *arg) || holds(program, *arg));
            if let Some(given) = given.filter(|_| loses_the_rest(program, at)) {
                report(program, "select", at, given, out);
            }
        }
        Some(Role::SelectFn) if entry.name.as_str().contains("race") => {
            if let Some(given) = args.iter().copied().find(|arg| is_given(program, *arg) || holds(program, *arg)) {
                report(program, "try-join", at, given, out);
            }
        }
        Some(Role::JoinAll) if entry.name.as_str().starts_with("try_") => {
            if let Some(given) = args.iter().copied().find(|arg| is_given(program, *arg) || holds(program, *arg)) {
                report(program, "try-join", at, given, out);
            }
        }
        _ => {}
    }
}

fn arms(program: &Program, body: BodyId, select: &Select, out: &mut Findings<'_>) {
    for (index, arm) in select.arms.iter().enumerate() {
        let future = Place { body, expr: arm.future };
        if !is_given(program, future) {
            continue;
        }
        let mut others = select.arms.iter().enumerate().filter(|(other, _)| *other != index);
        let ends = others.all(|(_, other)| exits(program, Place { body, expr: other.handler }));
        if !ends {
            report(program, "select", future, future, out);
        }
    }
}

/// An owned handle whose drop lets the task go on, and of which no other handle is left.
fn is_given(program: &Program, arg: Place) -> bool {
    if !is_handle(program, program.ty(arg)) {
        return false;
    }
    let ExprKind::Local(local) = program.expr(arg).kind else { return true };
    let takes_abort = |expr| {
        let parent = program.parent(Place { expr, ..arg });
        parent.and_then(|p| program.api(p)).is_some_and(|entry| entry.role == Some(Role::AbortHandle))
    };
    !program.reads(arg.body, local).into_iter().any(takes_abort)
}

fn is_handle(program: &Program, ty: Ty) -> bool {
    program.is_detaching_handle(ty) && program.output(ty).is_some()
}

/// A list of owned handles.
fn holds(program: &Program, arg: Place) -> bool {
    let ty = program.ty(arg);
    program.item_of(ty).is_some_and(|item| is_handle(program, item))
}

/// Who awaits the first of several futures throws away what it gives back of the others.
fn loses_the_rest(program: &Program, call: Place) -> bool {
    let Fate::Awaited(outer) = program.fate(call) else { return false };
    let value = Place { expr: outer, ..call };
    match program.fate(value) {
        Fate::Discarded(_) | Fate::Unused(_) => true,
        Fate::Matched(_) => program.loss_of_part(value, 2).is_some(),
        _ => false,
    }
}

/// Leaves the process.
fn exits(program: &Program, handler: Place) -> bool {
    let first = program.expr(handler).first;
    (first.0..=handler.expr.0).any(|at| {
        let at = Place { expr: ExprId(at), ..handler };
        match program.target(at) {
            Target::Api(entry) => matches!(entry.path.as_str(), "std::process::exit" | "std::process::abort"),
            Target::Foreign(path) => matches!(path.as_str(), "std::process::exit" | "std::process::abort"),
            _ => false,
        }
    })
}

/// The task runs on the pool for blocking work.
fn is_blocking(program: &Program, given: Place) -> bool {
    let made = match program.expr(given).kind {
        ExprKind::Local(local) => program.initialiser(given.body, local),
        _ => Some(given),
    };
    made.and_then(|call| program.api(call)).is_some_and(|entry| entry.role == Some(Role::SpawnBlocking))
}

fn report(program: &Program, kind: &'static str, at: Place, given: Place, out: &mut Findings<'_>) {
    // Joined handles fail early only when a task panics.
    if kind == "try-join" && program.panic_ends_process(at.body) {
        return;
    }
    let mut draft = out.at(kind, at);
    if given != at {
        draft = draft.also(program.call_span(given), "this handle is given away");
    }
    if let ("timeout", Some(edits)) = (kind, lent(program, at, given)) {
        draft = draft.fix("lend the handle and abort the task in the end", Applicability::Unsafe, edits);
    }
    match kind {
        "spawn-blocking" => {
            draft.help(
                "a blocking closure cannot be aborted once it runs: let it look at a flag, or bound the work itself",
            );
        }
        "try-join" => {
            draft.help("keep the tasks in a `JoinSet`: dropping it aborts those that are left");
        }
        _ if program.depends_on(at.body, "tokio_util") => {
            draft
                .help("lend it: `&mut handle`, and call `handle.abort()` when the other side wins")
                .help("or wrap it: `tokio_util::task::AbortOnDropHandle::new(handle)`");
        }
        _ => {
            draft.help("lend it: `&mut handle`, and call `handle.abort()` when the other side wins");
        }
    }
}

/// `timeout(d, handle)` becomes `timeout(d, &mut handle)`, and the branch for the elapsed time begins with `handle.abort();`.
fn lent(program: &Program, call: Place, given: Place) -> Option<Vec<Edit>> {
    let ExprKind::Local(local) = program.expr(given).kind else { return None };
    let body = program.body(call.body);
    let decl = &body.locals[local];
    let plain = matches!(decl.kind, LocalKind::Let | LocalKind::Param)
        && decl.pat.is_some_and(|pat| matches!(body.pats[pat].kind, PatKind::Bind { .. }));
    let branch = elapsed_branch(program, call)?;
    if !plain || program.reads(call.body, local).len() != 1 {
        return None;
    }
    let abort = format!("{}.abort();", decl.name);
    let mut edits = vec![fixes::before(program.span(given), "&mut ")];
    if !decl.mutable {
        edits.push(fixes::before(program.span_in(call.body, decl.span), "mut "));
    }
    if matches!(program.expr(branch).kind, ExprKind::Block(_)) {
        edits.push(fixes::first_in_block(program, branch, &abort));
    } else {
        edits.push(fixes::before(program.span(branch), format!("{{ {abort} ")));
        edits.push(fixes::after(program.span(branch), " }"));
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Some(edits)
}

/// The arm or branch that runs when the time is over: `Err(..) =>`, `if let Err(..) = timeout(..).await`.
fn elapsed_branch(program: &Program, call: Place) -> Option<Place> {
    let at = |expr: ExprId| Place { expr, ..call };
    let body = program.body(call.body);
    let is_err = |pat| match &body.pats[pat].kind {
        PatKind::TupleStruct { path, .. } => body.paths.paths[*path].last().as_str() == "Err",
        _ => false,
    };
    let awaited = program.parent(call).filter(|p| matches!(program.expr(*p).kind, ExprKind::Await(_)))?;
    let outer = program.parent(awaited)?;
    match &program.expr(outer).kind {
        ExprKind::Match { scrutinee, arms } if *scrutinee == awaited.expr => {
            let mut last = arms.iter().filter(|arm| is_err(arm.pat) && arm.guard.is_none());
            last.next().filter(|_| last.next().is_none()).map(|arm| at(arm.body))
        }
        ExprKind::Let { pat, expr } if *expr == awaited.expr && is_err(*pat) => {
            let parent = program.parent(outer)?;
            match program.expr(parent).kind {
                ExprKind::If { cond, then, .. } if cond == outer.expr => Some(at(then)),
                _ => None,
            }
        }
        _ => None,
    }
}
