//! spawn-in-drop: a destructor starts a task, which may panic, and for which nothing waits.

use crate::catalog::{FnEntry, FnForm, Needs, Role};
use crate::diagnostic::{Applicability, Writes};
use crate::facts::{ExprKind, RegionId, RegionKind};
use crate::hir::effect::Effect;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place, Res};
use crate::program::Program;

use super::findings::Findings;
use super::supervised::{self, Form};
use super::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "spawn-in-drop", check: Check::Body(check) };

/// Plain functions that stand in for a destructor.
const TEARDOWN: [&str; 4] = ["shutdown", "stop", "close", "terminate"];

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    if is_destructor(program, body) {
        direct(program, body, out);
        indirect(program, body, out);
    } else {
        teardown(program, body, out);
    }
}

fn is_destructor(program: &Program, body: BodyId) -> bool {
    program.impl_trait_of(body) == Some(Res::Foreign(known().drop)) && program.function_name(body).ends_with("::drop")
}

fn direct(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        if program.expr(call).region != RegionId(0) || !starts(program, call, entry) {
            continue;
        }
        let kind = match () {
            () if is_guarded(program, call) => "guarded",
            () if needs_runtime(program, call, entry) => "may-panic-outside-runtime",
            () => "handle-spawn",
        };
        let draft = out.at(kind, call).subject(entry.path);
        let draft = match program.fn_name_span(body) {
            Some(name) => draft.context(name, "in this destructor"),
            None => draft,
        };
        let draft = draft
            .help("offer an explicit `async fn close(self)` for the orderly end")
            .help("or send what is to be cleaned up to a task that owns the cleanup");
        let edits = if kind == "guarded" { None } else { supervised::statement(program, call, entry, Form::Cleanup) };
        if let Some(edits) = edits {
            draft.fix_with(Writes::Companion, "clean up under supervision", Applicability::Unsafe, edits);
        }
    }
}

/// A spawn, or `Handle::current()` that is not itself the receiver of one, nor of a `block_on`, which has a rule of its own.
fn starts(program: &Program, call: Place, entry: &FnEntry) -> bool {
    match entry.role {
        Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking) => true,
        Some(Role::HandleCurrent) => {
            let outer = program.parent(call).filter(|p| matches!(program.expr(*p).kind, ExprKind::MethodCall { .. }));
            let role = outer.and_then(|p| program.api(p)).and_then(|entry| entry.role);
            !matches!(role, Some(Role::Spawn | Role::BlockOn))
        }
        _ => false,
    }
}

/// Panics where no runtime is entered.
fn needs_runtime(program: &Program, call: Place, entry: &FnEntry) -> bool {
    if entry.role == Some(Role::HandleCurrent) {
        return true;
    }
    if matches!(entry.form, FnForm::Method | FnForm::TraitMethod) {
        let (recv, _) = program.operands(call, entry);
        let of_current = |recv| program.api(recv).is_some_and(|e| e.role == Some(Role::HandleCurrent));
        return recv.is_some_and(of_current);
    }
    matches!(entry.needs, Some(Needs::Tokio | Needs::TokioTime | Needs::TokioIo | Needs::TokioLocal | Needs::Actix))
}

/// Every way here asked for the current runtime, and the answer decided something.
fn is_guarded(program: &Program, call: Place) -> bool {
    let asks = |expr| program.api(Place { expr, ..call }).is_some_and(|e| e.role == Some(Role::HandleTryCurrent));
    is_in_guarded_branch(program, call) || program.with_order(call.body, |order| order.dominated_by(call.expr, asks))
}

/// Inside a branch whose condition asks for the current runtime.
fn is_in_guarded_branch(program: &Program, call: Place) -> bool {
    program.ancestors(call).any(|outer| {
        let asked = match &program.expr(outer).kind {
            ExprKind::If { cond, .. } => *cond,
            ExprKind::Match { scrutinee, .. } => *scrutinee,
            _ => return false,
        };
        let first = program.expr(Place { expr: asked, ..call }).first;
        (first.0..=asked.0).any(|at| {
            let at = Place { expr: crate::facts::ExprId(at), ..call };
            program.api(at).is_some_and(|entry| entry.role == Some(Role::HandleTryCurrent))
        })
    })
}

fn indirect(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for edge in program.inline_calls(Program::whole(body)) {
        let Some(chain) = program.chain_through(edge, Effect::Spawns) else { continue };
        let source = chain.source.place;
        let Some(entry) = chain.source.api else { continue };
        let kind = match () {
            () if is_guarded(program, source) || is_guarded(program, edge.place) => "guarded",
            () if needs_runtime(program, source, entry) => "may-panic-outside-runtime",
            () => "handle-spawn",
        };
        out.at(kind, edge.place)
            .chain(&chain)
            .why(program.call_span(source), "the task is started here")
            .help("offer an explicit `async fn close(self)` for the orderly end");
    }
}

/// A plain `shutdown(&self)` that starts the work and returns.
fn teardown(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let is_plain = program.body(body).regions[RegionId(0)].kind == RegionKind::Fn;
    let is_method = program.body(body).locals.iter().any(|l| l.kind == crate::facts::LocalKind::SelfValue);
    if !is_plain || !is_method {
        return;
    }
    let name = program.function_name(body);
    let name = name.rsplit("::").next().unwrap_or_default();
    if !TEARDOWN.contains(&name) {
        return;
    }
    for task in program.detached_tasks(body) {
        let is_own = program.expr(task.call).region == RegionId(0);
        if is_own && program.loss_of_task(&task).is_some() {
            out.at("sync-teardown", task.call).fill("name", name).help("make it an `async fn`, and await the work");
        }
    }
}
