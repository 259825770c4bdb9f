//! untracked-spawn: the handle of a detached task is lost, and with it how the task ends.

mod advice;
mod classify;
mod unmanaged;

use crate::diagnostic::{Confidence, Severity};
use crate::hir::context::Entry;
use crate::hir::names::BodyId;
use crate::program::{Loss, Program, Task, Work};

use super::findings::{Draft, Findings};
use super::{Check, Rule};

use classify::{Ending, ending};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "untracked-spawn", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    unmanaged::check(program, body, out);
    for task in program.detached_tasks(body) {
        let Some(loss) = program.loss_of_task(&task) else { continue };
        let work = program.work_of_task(&task);
        if work.catches || work.detached_ok {
            continue;
        }
        if let Some(ending) = ending(program, &task, &work) {
            report(program, &task, loss, (&work, &ending), out);
        }
    }
}

fn report(program: &Program, task: &Task, loss: Loss, (work, ending): (&Work, &Ending), out: &mut Findings<'_>) {
    let kind = kind_of(loss, ending);
    let mut draft = out.at(kind, task.call).confidence(task.confidence);
    if kind == "unclassified" {
        draft = draft.confidence(Confidence::Likely);
        if !matches!(program.context_at(task.call).entry, Entry::No | Entry::Once) {
            draft = draft.at_most(Severity::Note);
        }
    }
    if program.is_for_show(task.call.body) {
        draft = draft.at_most(Severity::Note);
    }
    draft = where_lost(program, task, loss, draft);
    if let Some((span, text)) = ending.why.clone() {
        draft = draft.why(span, text);
    }
    if matches!(loss, Loss::Let { .. }) {
        draft = draft.clippy("let_underscore_future");
    }
    advice::add(program, task, loss, (work, ending), draft);
}

fn kind_of(loss: Loss, ending: &Ending) -> &'static str {
    match loss {
        Loss::Drop(_) | Loss::Forget(_) => "explicit-discard",
        Loss::AbortOnly(_) => "abort-only",
        Loss::Field(..) => "stored-never-joined",
        Loss::Statement | Loss::Let { .. } | Loss::Assign | Loss::Closure(_) | Loss::Unused(_) | Loss::Container(_) => {
            ending.kind
        }
    }
}

/// Says where the handle goes, unless the call itself shows it.
fn where_lost<'f, 'a>(program: &'a Program, task: &Task, loss: Loss, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let body = task.call.body;
    let at = |expr| program.call_span(crate::hir::names::Place { body, expr });
    let local = |local| {
        let decl = &program.body(body).locals[local];
        (program.span_in(body, decl.span), decl.name)
    };
    match loss {
        Loss::Statement | Loss::Let { .. } | Loss::Assign => draft.label("the JoinHandle is dropped here"),
        Loss::Drop(call) | Loss::Forget(call) => draft.label("the task is detached").also(at(call), "by this call"),
        Loss::Closure(call) => draft.label("gives a JoinHandle").also(at(call), "which this call throws away"),
        Loss::AbortOnly(call) => draft.label("gives a JoinHandle").also(at(call), "which is only used here"),
        Loss::Unused(name) => {
            let (span, name) = local(name);
            draft.label("gives a JoinHandle").also(span, format!("`{name}` is never used"))
        }
        Loss::Container(name) => {
            let (span, name) = local(name);
            draft.label("gives a JoinHandle").also(span, format!("`{name}` is filled and never read"))
        }
        Loss::Field(_, field) => draft.fill("field", field.as_str()).label("gives a JoinHandle"),
    }
}
