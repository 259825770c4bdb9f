//! What to do about a lost handle: helps by what is in scope, and the edit that puts the task under supervision.

use crate::catalog::TypeRole;
use crate::diagnostic::{Applicability, Edit};
use crate::facts::{ExprKind, RegionId};
use crate::hir::names::Place;
use crate::program::{Loss, Program, Starter, Task};
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::classify::Ending;
use super::is_blocking;

const SUPERVISOR: &str = "asynclint_supervisor";

/// Adds notes, helps and the fix.
pub(super) fn add<'f, 'a>(
    program: &'a Program,
    task: &Task,
    loss: Loss,
    ending: &Ending,
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    let mut draft = draft;
    if matches!(ending.kind, "service" | "may-panic") {
        draft = draft.note("a panic in a task is printed by the panic hook and otherwise ignored");
    }
    if ending.kind == "service" {
        draft = draft.note("at shutdown the runtime drops the task at its next await");
    }
    draft = supervised(program, task, loss, ending, draft);
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
    ending: &Ending,
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    let Some(edits) = edits(program, task, loss) else {
        return draft.help("keep the handle and look at what it says when the task ends");
    };
    let here = program.depends_on(task.call.body, SUPERVISOR);
    let known = ending.kind != "unclassified";
    let class = if here && known { Applicability::Safe } else { Applicability::Unsafe };
    let draft = draft.help("keep the handle, or let a supervisor report how the task ends and wait for it at shutdown");
    draft.fix("put the task under supervision", class, edits)
}

/// Only plain calls in statement position are rewritten.
fn edits(program: &Program, task: &Task, loss: Loss) -> Option<Vec<Edit>> {
    let Starter::Api(entry) = task.starter else { return None };
    if !matches!(loss, Loss::Statement | Loss::Let { typed: false } | Loss::Assign) {
        return None;
    }
    let macro_name = match entry.path.as_str() {
        "tokio::task::spawn" => "spawn",
        "tokio::task::spawn_local" => "spawn_local",
        "tokio::task::spawn_blocking" => "spawn_blocking",
        _ => return None,
    };
    debug_assert!(macro_name != "spawn_blocking" || is_blocking(entry.role), "the catalogue says what it is");
    let ExprKind::Call { callee, args } = &program.expr(task.call).kind else { return None };
    let arg = Place { expr: *args.first()?, ..task.call };
    let callee = program.span(Place { expr: *callee, ..task.call });
    let mut edits = vec![
        fixes::replace(callee, format!("{SUPERVISOR}::{macro_name}!")),
        fixes::before(program.span(arg), format!("\"{}\", ", name_of(program, task, arg))),
    ];
    if !matches!(loss, Loss::Statement) {
        let (_, _, statement) = program.statement(task.call)?;
        let head = crate::base::Span { end: callee.start, ..statement };
        if !program.text(head).trim_end().ends_with('=') {
            return None;
        }
        edits.insert(0, fixes::replace(head, ""));
    }
    Some(edits)
}

/// The fn that the task calls, else the fn around it; snake case, with a number from the second on.
fn name_of(program: &Program, task: &Task, arg: Place) -> String {
    let own = || program.function_name(task.call.body).rsplit("::").next().unwrap_or("task").to_owned();
    let name = called_name(program, arg).unwrap_or_else(own);
    let earlier = |other: &&Task| other.call.expr < task.call.expr;
    let tasks = program.detached_tasks(task.call.body);
    let same = tasks.iter().filter(earlier).filter(|other| {
        let given = program.arguments(other.call).first().and_then(|arg| called_name(program, *arg));
        given.unwrap_or_else(own) == name
    });
    let name: String = name.chars().take(44).collect();
    match same.count() {
        0 => name,
        n => format!("{name}-{}", n + 1),
    }
}

fn called_name(program: &Program, arg: Place) -> Option<String> {
    let called = |place: Place| {
        let is_call = matches!(program.expr(place).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. });
        let text = program.text(program.call_span(place)).rsplit("::").next()?.to_owned();
        let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_call && plain).then_some(text)
    };
    if let Some(name) = called(arg) {
        return Some(name);
    }
    let ExprKind::Async(region) = program.expr(arg).kind else { return None };
    if region == RegionId(0) {
        return None;
    }
    let region = crate::hir::names::RegionRef { body: arg.body, region };
    program.exprs_of(region).find_map(|(place, expr)| match expr.kind {
        ExprKind::Await(inner) => called(Place { expr: inner, ..place }),
        _ => None,
    })
}
