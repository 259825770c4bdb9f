//! What to do about a lost handle: helps by what is in scope, and the edit that puts the task under supervision.

use crate::catalog::TypeRole;
use crate::diagnostic::{Applicability, Writes};
use crate::program::{Loss, Program, Starter, Task, Work};
use crate::rules::findings::Draft;
use crate::rules::supervised::{self, Form};

use super::classify::Ending;

/// Adds notes, helps and the fix.
pub(super) fn add<'f, 'a>(
    program: &'a Program,
    task: &Task,
    loss: Loss,
    (work, ending): (&Work, &Ending),
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    let mut draft = draft;
    if matches!(ending.kind, "service" | "may-panic") {
        draft = draft.note("a panic in a task is printed by the panic hook and otherwise ignored");
    }
    if ending.kind == "service" {
        draft = draft.note("at shutdown the runtime drops the task at its next await");
    }
    draft = supervised(program, task, loss, work, draft);
    draft = in_scope(program, task, draft);
    if program.nearest_loop(task.call).is_some() {
        draft = draft.help("collect the tasks in a `JoinSet` and look at each outcome: `while let Some(done) = set.join_next().await { .. }`");
    } else if ending.kind == "lost-error" {
        draft = draft.help("or handle the error inside the task: `async move { if let Err(error) = .. { .. } }`");
    } else if ending.endless || ending.kind == "service" {
        draft = draft.help("or keep the handle and add it to the `select!` or `try_join!` on which the program ends");
    }
    draft.help("if nobody needs to know, say so: `// asynclint: allow(untracked-spawn): why`")
}

/// A tracker or a set that the code can reach.
fn in_scope<'f, 'a>(program: &'a Program, task: &Task, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let mut draft = draft;
    if let Some(own) = program.visible(task.call, TypeRole::Supervisor) {
        let (path, name) = (own.path, program.spawn_method(own.ty));
        draft = draft.help(format!("`{path}.{name}(..)` puts the task under the project's own supervisor"));
    }
    if let Some(tracker) = program.visible(task.call, TypeRole::TaskTracker) {
        let path = tracker.path;
        draft =
            draft.help(format!("`{path}.spawn(..)` makes shutdown wait for it; it does not report errors or panics"));
    }
    if let Some(set) = program.visible(task.call, TypeRole::TaskSet) {
        let path = set.path;
        draft = draft.help(format!("`{path}.spawn(..)` keeps the task; dropping the set aborts it"));
    }
    draft
}

/// `tokio::spawn(fut);` becomes `asynclint_supervisor::spawn!("name", fut);`.
fn supervised<'f, 'a>(
    program: &'a Program,
    task: &Task,
    loss: Loss,
    work: &Work,
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    const KEEP: &str = "keep the handle and look at what it says when the task ends";
    let Starter::Api(entry) = task.starter else { return draft.help(KEEP) };
    let typed = matches!(loss, Loss::Let { typed: true });
    let edits = supervised::statement(program, task.call, entry, Form::Plain);
    let (Some(edits), true, false) = (edits, task.value == task.call, typed) else { return draft.help(KEEP) };
    // The author chose to let it go, so to be told is a change (decision H20).
    let chosen = matches!(loss, Loss::Drop(_) | Loss::Forget(_) | Loss::AbortOnly(_) | Loss::Field(..));
    let class = if chosen { Applicability::Unsafe } else { supervised::class(program, task.call, work, entry) };
    let draft = draft.help("keep the handle, or let a supervisor report how the task ends and wait for it at shutdown");
    let draft = draft.fix_with(Writes::Companion, "put the task under supervision", class, edits);
    match supervised::through_tracker(program, task.call, entry) {
        Some((tracker, edits)) => {
            draft.fix_with(Writes::Tracker, format!("spawn it through `{tracker}`"), Applicability::Unsafe, edits)
        }
        None => draft,
    }
}
