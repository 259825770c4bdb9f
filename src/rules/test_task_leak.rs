//! test-task-leak: a task of a test asserts something, and the test ends without hearing from it.

use crate::catalog::Role;
use crate::diagnostic::{Applicability, COMPANION, Edit, Writes};
use crate::facts::expr::Stmt;
use crate::facts::{ExprKind, LocalId, RegionId, RegionKind};
use crate::hir::known::known;
use crate::hir::names::{BodyId, EntryKind, Place, RegionRef};
use crate::program::{Loss, Program, Shape, Task};

use super::findings::{Draft, Findings};
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "test-task-leak", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let Some(attr) = program.entry_attr(body).filter(|attr| attr.kind == EntryKind::Test) else { return };
    let is_async = program.body(body).regions[RegionId(0)].kind == RegionKind::AsyncFn;
    let is_told = attr.args.contains("unhandled_panic") || attr.path.as_str().starts_with(COMPANION);
    // An executor that simulates a cluster passes the panic of any task on to the test.
    let is_simulated = program.runs_simulated(body);
    if !is_async || is_told || is_simulated || program.should_panic(body) {
        return;
    }
    for task in program.detached_tasks(body) {
        let Some(loss) = program.loss_of_task(&task) else { continue };
        let work = program.work_of_task(&task);
        let Some(region) = work.spawned.region.filter(|_| !work.catches) else { continue };
        let shape = program.deep_shape(region);
        if shape.catches.is_some() {
            continue;
        }
        // A check in the code under test is no assertion of the test.
        let asserts = shape.asserts.filter(|at| program.in_test(at.body));
        let (kind, shows) = match (asserts, shape.unwraps.or(shape.asserts)) {
            (Some(asserts), _) => ("asserts", asserts),
            (None, Some(unwraps)) => ("unwrap", unwraps),
            (None, None) => continue,
        };
        if !reports_back(program, &task, shows, region) {
            report(program, &task, loss, &shape, (kind, shows), out);
        }
    }
}

fn report(
    program: &Program,
    task: &Task,
    loss: Loss,
    shape: &Shape,
    (kind, shows): (&'static str, Place),
    out: &mut Findings<'_>,
) {
    let what =
        if kind == "asserts" { "a failure here is printed, and the test stays green" } else { "a panic here too" };
    let draft = out.at(kind, task.call).confidence(task.confidence).why(program.call_span(shows), what);
    let draft = if let Some(name) = program.fn_name_span(task.call.body) {
        draft.context(name, "this test does not wait for the task")
    } else {
        draft
    };
    let draft = match supervised_test(program, task.call.body) {
        Some(edit) => draft.fix_with(
            Writes::Companion,
            "let a failure in a task fail the test",
            Applicability::Unsafe,
            vec![edit],
        ),
        None => draft,
    };
    if shape.endless.is_some() || shape.events.is_some() {
        draft.help("let the task end, and await its handle at the end of the test; or send what it saw to the test and assert there");
        return;
    }
    fix(program, task, loss, draft).help("await the handle at the end of the test: `task.await.unwrap();`");
}

/// `#[tokio::test(..)]` becomes `#[asynclint_supervisor::test(..)]`, which knows these arguments.
fn supervised_test(program: &Program, body: BodyId) -> Option<Edit> {
    const KNOWN: [&str; 3] = ["flavor", "worker_threads", "start_paused"];
    let (span, args) = program.attribute(body, "tokio::test")?;
    let args = args.trim();
    let key = |arg: &str| arg.split('=').next().unwrap_or("").trim().to_owned();
    let plain = args.split(',').filter(|arg| !arg.trim().is_empty()).all(|arg| KNOWN.contains(&key(arg).as_str()));
    let text = if args.is_empty() { format!("#[{COMPANION}::test]") } else { format!("#[{COMPANION}::test({args})]") };
    plain.then(|| fixes::replace(span, text))
}

/// `tokio::spawn(..);` becomes `let task = tokio::spawn(..);` and the test ends with `task.await.unwrap();`.
fn fix<'f, 'a>(program: &'a Program, task: &Task, loss: Loss, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let body = program.body(task.call.body);
    let (ExprKind::Block(block), true) = (&body.exprs[body.root].kind, loss == Loss::Statement) else { return draft };
    let is_own = |stmt: &&Stmt| matches!(stmt, Stmt::Expr { expr, .. } if *expr == task.call.expr);
    let free = body.locals.iter().all(|local| local.name.as_str() != "task");
    let (Some(_), true) = (block.stmts.iter().find(is_own), free && task.value == task.call) else { return draft };
    let call = program.span(task.call);
    let end = match block.tail {
        Some(tail) => {
            fixes::before(program.span_in(task.call.body, body.exprs[tail].span), end_line(program, task, true))
        }
        None => {
            let Some(last) = block.stmts.last() else { return draft };
            let (Stmt::Expr { span, .. } | Stmt::Let { span, .. }) = last else { return draft };
            fixes::after(program.span_in(task.call.body, *span), end_line(program, task, false))
        }
    };
    draft.fix("await the task", Applicability::Unsafe, vec![fixes::before(call, "let task = "), end])
}

fn end_line(program: &Program, task: &Task, before: bool) -> String {
    let indent = program.indent(program.span(task.call));
    let output = program.output(program.ty(task.value)).and_then(|ty| ty.path());
    // The handles of some runtimes raise the panic again by themselves.
    let unwrap = if output == Some(known().result) { ".unwrap()" } else { "" };
    if before { format!("task.await{unwrap};\n{indent}") } else { format!("\n{indent}task.await{unwrap};") }
}

/// After the assertion the task sends something, and the test holds the other end of that channel; or it counts itself.
fn reports_back(program: &Program, task: &Task, shows: Place, region: RegionRef) -> bool {
    let Some(after) = step_of(program, region, shows) else { return false };
    program.exprs_of(region).any(|(place, _)| {
        if place.expr <= after.expr {
            return false;
        }
        is_counted(program, place) || {
            let entry = program.api(place).filter(|entry| entry.role == Some(Role::Send));
            let recv = entry.and_then(|entry| program.operands(place, entry).0);
            let sender = recv.and_then(|recv| program.local_at(recv));
            sender
                .and_then(|tx| in_test(program, task, region, tx))
                .is_some_and(|tx| is_received(program, task, region, tx))
        }
    })
}

/// The assertion, or the call in the task whose callee holds it.
fn step_of(program: &Program, region: RegionRef, shows: Place) -> Option<Place> {
    if shows.body == region.body {
        return Some(shows);
    }
    let leads = |callee: RegionRef| {
        let shape = program.deep_shape(callee);
        shape.asserts == Some(shows) || shape.unwraps == Some(shows)
    };
    let edges = program.calls_from(region).iter();
    edges.filter(|edge| leads(program.callee_of(edge))).map(|edge| edge.place).min_by_key(|place| place.expr)
}

/// The test's own name for a sender: that of the block, or the argument that the spawned fn is given for its parameter.
fn in_test(program: &Program, task: &Task, region: RegionRef, tx: LocalId) -> Option<LocalId> {
    if region.body == task.call.body {
        return Some(tx);
    }
    let at = program.param_position(region.body, tx)?;
    let calls = program.arguments(task.call);
    let given = calls.iter().find(|arg| matches!(program.expr(**arg).kind, ExprKind::Call { .. }))?;
    program.local_at(*program.arguments(*given).get(at)?)
}

/// A counter, a flag or a waiter that the test looks at.
fn is_counted(program: &Program, place: Place) -> bool {
    let words =
        ["fetch_add", "fetch_sub", "store", "notify_one", "notify_waiters", "cancel", "add_permits", "count_down"];
    program.method_name(place).is_some_and(|name| words.contains(&name))
}

/// The other end of the channel is mentioned in the test itself.
fn is_received(program: &Program, task: &Task, region: RegionRef, tx: LocalId) -> bool {
    let body = program.body(task.call.body);
    let own = region.body == task.call.body;
    let inside = |e| own && body.is_inside(e, body.regions[region.region].body);
    let ends = program.other_ends(task.call.body, tx).into_iter();
    ends.flat_map(|rx| program.mentions(task.call.body, rx)).any(|mention| !inside(mention))
}
