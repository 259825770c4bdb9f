//! The edits that put a task under the supervision of the companion crate, for every rule that offers them.
//!
//! Only whole statements are rewritten, and no comment is ever removed. The work itself stays as it is written.

use crate::base::Span;
use crate::catalog::{FnEntry, Role, TypeRole};
use crate::diagnostic::{Applicability, COMPANION, Edit};
use crate::facts::expr::{LoopKind, Stmt};
use crate::facts::{ExprKind, PatKind};
use crate::hir::names::{Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Fate, Program, Work};

use super::fixes;

/// Longer names make no line of a log better.
const MAX_NAME: usize = 48;

/// How a supervised task is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// By the API and the work: `spawn!`, `spawn_daemon!`, `spawn_on!`, ..
    Plain,
    /// `spawn_cleanup!`, for destructors.
    Cleanup,
    /// `spawn_bounded!(.., max = 1024, ..).await`.
    Bounded,
}

/// The edits that rewrite the statement around a spawn call; `None` where it is not such a statement.
pub(super) fn statement(program: &Program, call: Place, entry: &FnEntry, form: Form) -> Option<Vec<Edit>> {
    let mut edits = bare(program, call)?;
    edits.extend(rewritten(program, call, entry, form)?);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Some(edits)
}

/// `tracker.spawn(..)` in the place of the spawn function, where a tracker can be named.
pub(super) fn through_tracker(program: &Program, call: Place, entry: &FnEntry) -> Option<(String, Vec<Edit>)> {
    let tracker = program.visible(call, TypeRole::TaskTracker)?;
    let method = match entry.path.as_str() {
        "tokio::task::spawn" => "spawn",
        "tokio::task::spawn_local" => "spawn_local",
        "tokio::task::spawn_blocking" => "spawn_blocking",
        _ => return None,
    };
    let ExprKind::Call { callee, .. } = program.expr(call).kind else { return None };
    let mut edits = bare(program, call)?;
    edits.push(fixes::replace(program.span(Place { expr: callee, ..call }), format!("{}.{method}", tracker.path)));
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Some((tracker.path, edits))
}

/// The call itself in the words of the companion crate.
fn rewritten(program: &Program, call: Place, entry: &FnEntry, form: Form) -> Option<Vec<Edit>> {
    let work = program.payload(call, entry)?;
    let name = name_of(program, call, work);
    let named = |name: &str| format!("\"{name}\", ");
    if let ExprKind::MethodCall { recv, .. } = program.expr(call).kind {
        return on_handle(program, Place { expr: recv, ..call }, (work, &name), form);
    }
    let ExprKind::Call { callee, .. } = program.expr(call).kind else { return None };
    let callee = program.span(Place { expr: callee, ..call });
    let macro_name = match (entry.path.as_str(), form) {
        ("tokio::task::spawn", Form::Cleanup) => "spawn_cleanup",
        ("tokio::task::spawn", Form::Bounded) => {
            let end = program.span(call);
            return Some(vec![
                fixes::replace(callee, format!("{COMPANION}::spawn_bounded!")),
                fixes::before(program.span(work), format!("\"{name}\", max = 1024, ")),
                fixes::after(end, ".await"),
            ]);
        }
        ("asynclint_supervisor::spawn", Form::Bounded) => return bounded(program, call, callee, work),
        (_, Form::Cleanup | Form::Bounded) => return None,
        ("tokio::task::spawn", Form::Plain) if is_daemon(program, work) => "spawn_daemon",
        ("tokio::task::spawn", Form::Plain) => "spawn",
        ("tokio::task::spawn_local" | "actix_rt::spawn", Form::Plain) => "spawn_local",
        ("tokio::task::spawn_blocking", Form::Plain) => "spawn_blocking",
        ("async_std::task::spawn" | "async_std::task::spawn_local", Form::Plain) => {
            let work = program.span(work);
            return Some(vec![
                fixes::before(work, format!("{COMPANION}::track!({}", named(&name))),
                fixes::after(work, ")"),
            ]);
        }
        _ => return None,
    };
    Some(vec![
        fixes::replace(callee, format!("{COMPANION}::{macro_name}!")),
        fixes::before(program.span(work), named(&name)),
    ])
}

/// `spawn!("name", work)` becomes `spawn_bounded!("name", max = 1024, work).await`.
fn bounded(program: &Program, call: Place, callee: Span, work: Place) -> Option<Vec<Edit>> {
    let work = program.span(work);
    let named = program.text(Span { start: callee.end, end: work.start, ..work }).contains('"');
    let path = program.text(callee).strip_suffix("spawn")?;
    named.then(|| {
        vec![
            fixes::replace(callee, format!("{path}spawn_bounded")),
            fixes::before(work, "max = 1024, "),
            fixes::after(program.span(call), ".await"),
        ]
    })
}

/// `handle.spawn(work)` becomes `spawn_on!(handle, "name", work)`; in a destructor the supervisor knows where to spawn.
fn on_handle(program: &Program, recv: Place, (work, name): (Place, &str), form: Form) -> Option<Vec<Edit>> {
    let is_runtime = matches!(
        program.ty(recv).peel_refs().path()?.as_str(),
        "tokio::runtime::Handle" | "tokio::runtime::Runtime" | "std::sync::Arc"
    );
    let (recv, work) = (program.span(recv), program.span(work));
    let between = Span { start: recv.end, end: work.start, ..recv };
    let plain: String = program.text(between).chars().filter(|c| !c.is_whitespace()).collect();
    if !is_runtime || plain != ".spawn(" {
        return None;
    }
    match form {
        Form::Plain => Some(vec![
            fixes::before(recv, format!("{COMPANION}::spawn_on!(")),
            fixes::replace(between, format!(", \"{name}\", ")),
        ]),
        Form::Cleanup => {
            let head = Span { end: work.start, ..recv };
            let current = program.text(head).replace(char::is_whitespace, "").ends_with("Handle::current().spawn(");
            current.then(|| vec![fixes::replace(head, format!("{COMPANION}::spawn_cleanup!(\"{name}\", "))])
        }
        Form::Bounded => None,
    }
}

/// The edits that leave nothing of a statement but this expression: `let _ =`, `_ =`, `let task =` and `drop( )` go.
pub(super) fn bare(program: &Program, call: Place) -> Option<Vec<Edit>> {
    let (block, index, _) = program.statement(call)?;
    let ExprKind::Block(block) = &program.expr(block).kind else { return None };
    let inner = program.span(call);
    match block.stmts.get(index)? {
        Stmt::Expr { expr, semi: true, .. } if *expr == call.expr => Some(Vec::new()),
        Stmt::Expr { expr, semi: true, .. } => {
            let outer = Place { expr: *expr, ..call };
            let whole = program.span(outer);
            match &program.expr(outer).kind {
                ExprKind::Assign { target: None, value } if *value == call.expr => {
                    Some(vec![head(program, Span { end: inner.start, ..whole }, "=")?])
                }
                ExprKind::Call { args, .. } if **args == [call.expr] && is_drop(program, outer) => {
                    let tail = Span { start: inner.end, ..whole };
                    let closes = program.text(tail).trim_start().trim_start_matches(',').trim() == ")";
                    let opens = head(program, Span { end: inner.start, ..whole }, "(")?;
                    closes.then(|| vec![opens, fixes::replace(tail, "")])
                }
                _ => None,
            }
        }
        Stmt::Let { pat, init: Some(init), else_: None, span, .. } if *init == call.expr => {
            let is_unused = match program.body(call.body).pats[*pat].kind {
                PatKind::Wild => true,
                PatKind::Bind { local, .. } => program.mentions(call.body, local).is_empty(),
                _ => false,
            };
            let head = head(program, Span { start: span.0, end: inner.start, ..inner }, "=")?;
            is_unused.then(|| vec![head])
        }
        Stmt::Let { .. } | Stmt::Expr { .. } | Stmt::Item(_) => None,
    }
}

fn is_drop(program: &Program, call: Place) -> bool {
    program.api(call).is_some_and(|entry| {
        entry.role == Some(Role::Drop) || matches!(entry.path.as_str(), "std::mem::drop" | "std::mem::forget")
    })
}

/// Removes what stands before the call, unless it says more than it must.
fn head(program: &Program, span: Span, end: &str) -> Option<Edit> {
    let text = program.text(span);
    let plain = text.trim_end().ends_with(end) && !text.contains("//") && !text.contains("/*") && !text.contains('#');
    plain.then(|| fixes::replace(span, ""))
}

/// The class of a rewrite: safe when the compiler can tell what the task gives, and nothing is left over that it warns about.
pub(super) fn class(program: &Program, call: Place, work: &Work, entry: &FnEntry) -> Applicability {
    let foreign = entry.path.as_str().starts_with("async_std");
    let endless = work.spawned.region.is_some_and(|region| endless(program, region).is_some());
    let known = endless || is_known(work.spawned.output, 0);
    let deliberate = matches!(program.fate(call), Fate::Discarded(how) if !matches!(how,
        crate::program::Discard::Statement | crate::program::Discard::Let { .. } | crate::program::Discard::Assign));
    let clean = match program.expr(call).kind {
        ExprKind::Call { callee, .. } => !program.leaves_unused_import(Place { expr: callee, ..call }),
        _ => true,
    };
    if known && !foreign && !deliberate && clean { Applicability::Safe } else { Applicability::Unsafe }
}

/// No part of the type is open.
pub(super) fn is_known(ty: Ty, depth: u32) -> bool {
    depth < 8
        && match ty.kind() {
            TyKind::Unknown | TyKind::Param(..) | TyKind::Projection(..) | TyKind::TraitSelf(_) => false,
            TyKind::Tuple(elems) => elems.iter().all(|t| is_known(*t, depth + 1)),
            _ => ty.args().iter().all(|t| is_known(*t, depth + 1)),
        }
}

/// The task runs a `loop` that has no way out.
fn is_daemon(program: &Program, work: Place) -> bool {
    program.work_of(work).region.is_some_and(|region| endless(program, region).is_some())
}

/// A `loop` of the region itself without a way out.
pub(super) fn endless(program: &Program, region: RegionRef) -> Option<Place> {
    program.exprs_of(region).find_map(|(place, expr)| match &expr.kind {
        ExprKind::Loop { kind: kind @ LoopKind::Loop, .. } if program.is_endless(place, kind) => Some(place),
        _ => None,
    })
}

/// The task is under the companion crate's supervision already.
pub(super) fn is_supervised(entry: &FnEntry) -> bool {
    entry.path.as_str().starts_with("asynclint_supervisor::")
}

/// The fn of the workspace that the task calls, else the fn around it; with a number from the second on.
pub(super) fn name_of(program: &Program, call: Place, work: Place) -> String {
    let name = plain_name(program, call, work);
    let earlier = program.api_calls(call.body).filter(|(other, entry)| {
        other.expr < call.expr
            && matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking))
            && program.payload(*other, entry).is_some_and(|work| plain_name(program, *other, work) == name)
    });
    match earlier.count() {
        0 => name,
        n => format!("{name}-{}", n + 1),
    }
}

fn plain_name(program: &Program, call: Place, work: Place) -> String {
    let name = called_name(program, work).unwrap_or_else(|| own_name(program, call));
    name.chars().take(MAX_NAME - 4).collect()
}

/// `start`, `Server::start`.
pub(super) fn own_name(program: &Program, call: Place) -> String {
    let path = program.function_name(call.body);
    let mut parts = path.rsplit("::");
    let last = parts.next().unwrap_or("task").to_owned();
    match parts.next().filter(|owner| owner.starts_with(char::is_uppercase)) {
        Some(owner) => format!("{}::{last}", owner.split('<').next().unwrap_or(owner)),
        None => last,
    }
}

fn called_name(program: &Program, work: Place) -> Option<String> {
    let work = program.inner_future(work);
    if let Some(name) = callee_name(program, work) {
        return Some(name);
    }
    let (ExprKind::Async(region) | ExprKind::Closure(region)) = program.expr(work).kind else { return None };
    // What the workspace calls is what the task is about; `recv`, `sleep` and the like say nothing.
    program.exprs_of(RegionRef { body: work.body, region }).find_map(|(place, expr)| {
        let called = match expr.kind {
            ExprKind::Await(inner) => Place { expr: inner, ..place },
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } => place,
            _ => return None,
        };
        let is_own = program.is_async_workspace_call(called);
        is_own.then(|| callee_name(program, called)).flatten()
    })
}

fn callee_name(program: &Program, call: Place) -> Option<String> {
    let is_call = matches!(program.expr(call).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. });
    let text = program.text(program.call_span(call)).rsplit("::").next()?.to_owned();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_call && plain).then_some(text)
}
