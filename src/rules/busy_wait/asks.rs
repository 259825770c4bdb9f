//! What a turn of the loop asks: state of this process that other code changes and could announce.
//!
//! Looks at reads only; an answer from a remote side does not count, and code that does something is no question.

use crate::catalog::{FnEntry, Role, TypeRole};
use crate::facts::expr::{LoopKind, MacroShape, Stmt, UnaryOp};
use crate::facts::{ExprKind, PatKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{DefId, Place, RegionRef};
use crate::program::Program;

/// What is known of an expression that only asks.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    /// An atomic, a handle, a lock or a queue is among what is asked.
    pub state: bool,
    /// An atomic is changed where it has a certain value: without a pause that is a retry, no wait.
    pub swaps: bool,
}

/// Workspace functions that compare for their callers are followed so far.
const MAX_CALLS: u32 = 2;

/// What an expression asks; `None` where it does more than that.
pub(super) fn asks(program: &Program, cond: Place) -> Option<Asked> {
    let mut asked = Asked::default();
    for at in program.inside(cond) {
        if drains(program, cond, at) {
            return None;
        }
        let own = of_part(program, at, 0)?;
        asked = Asked { state: asked.state || own.state, swaps: asked.swaps || own.swaps };
    }
    Some(asked)
}

fn of_part(program: &Program, at: Place, depth: u32) -> Option<Asked> {
    let state = |state: bool| Some(Asked { state, swaps: false });
    match &program.expr(at).kind {
        ExprKind::MethodCall { recv, name, .. } => {
            let recv = Place { expr: *recv, ..at };
            let swaps = matches!(name.as_str(), "swap" | "compare_exchange" | "compare_exchange_weak");
            if (swaps || name == "load") && is_atomic(program, recv) {
                return Some(Asked { state: true, swaps });
            }
            state(is_state(program, at) || compares(program, at, depth))
        }
        ExprKind::Call { .. } => {
            let counts =
                matches!(program.target(at), Target::Api(entry) if entry.path == "std::sync::Arc::strong_count");
            state(counts || is_state(program, at) || compares(program, at, depth))
        }
        ExprKind::Macro(call) if call.shape == MacroShape::Matches => state(false),
        ExprKind::Macro(_) | ExprKind::Select(_) | ExprKind::Assign { .. } | ExprKind::AssignOp { .. } => None,
        ExprKind::Await(inner) => {
            let call = Place { expr: *inner, ..at };
            let role = program.api(call).and_then(|entry| entry.role);
            (matches!(role, Some(Role::Lock | Role::LockRead)) || compares(program, call, depth)).then(Asked::default)
        }
        _ => state(false),
    }
}

/// A call of the catalogue that tells the state of a lock, a handle, a set or a channel.
fn is_state(program: &Program, call: Place) -> bool {
    program.api(call).is_some_and(|entry| tries(entry) || tells(entry))
}

/// Takes something, or gives up at once.
fn tries(entry: &FnEntry) -> bool {
    matches!(entry.role, Some(Role::TryLock | Role::TryAcquire)) || entry.name == "try_recv"
}

fn tells(entry: &FnEntry) -> bool {
    const CRATES: [&str; 6] =
        ["tokio::", "tokio_util::", "async_channel::", "flume::", "crossbeam_channel::", "std::sync::mpsc::"];
    const STATES: [&str; 9] = [
        "is_empty",
        "is_full",
        "len",
        "is_closed",
        "is_cancelled",
        "has_changed",
        "capacity",
        "available_permits",
        "receiver_count",
    ];
    matches!(entry.role, Some(Role::IsFinished | Role::Lock | Role::LockRead))
        || (STATES.contains(&entry.name.as_str()) && CRATES.iter().any(|krate| entry.path.as_str().starts_with(krate)))
}

/// A workspace fn that does nothing but ask: `fn is_ready(&self) -> bool { self.state.load(..) == READY }`.
fn compares(program: &Program, call: Place, depth: u32) -> bool {
    let Target::Fn(def) = program.target(call) else { return false };
    depth < MAX_CALLS && only_asks(program, def, depth + 1).is_some_and(|asked| asked.state)
}

fn only_asks(program: &Program, def: DefId, depth: u32) -> Option<Asked> {
    let body = program.body_of(def)?;
    let facts = program.body(body);
    let decl = &facts.regions[RegionId(0)];
    let ExprKind::Block(block) = &facts.exprs[decl.body].kind else { return None };
    let plain = matches!(decl.kind, RegionKind::Fn | RegionKind::AsyncFn);
    let only = block.stmts.iter().all(|stmt| matches!(stmt, Stmt::Let { else_: None, .. }));
    if !plain || !only || block.tail.is_none() {
        return None;
    }
    let mut asked = Asked::default();
    for (at, expr) in program.exprs_of(RegionRef { body, region: RegionId(0) }) {
        let does_more = match &expr.kind {
            ExprKind::Loop { .. } => true,
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } => {
                matches!(program.target(at), Target::Fn(_) | Target::TraitFn(_) | Target::Closure(_))
                    && !compares(program, at, depth)
            }
            _ => false,
        };
        let own = of_part(program, at, depth).filter(|_| !does_more)?;
        asked = Asked { state: asked.state || own.state, swaps: asked.swaps || own.swaps };
    }
    Some(asked)
}

/// `while rx.try_recv().is_ok()`, `while let Some(x) = queue.lock().pop()`: goes on as long as there is something, and ends when it
/// would have to wait.
fn drains(program: &Program, cond: Place, at: Place) -> bool {
    let is_while = program.parent(cond).is_some_and(
        |p| matches!(&program.expr(p).kind, ExprKind::Loop { kind: LoopKind::While(own), .. } if *own == cond.expr),
    );
    if !is_while {
        return false;
    }
    if let ExprKind::Let { pat, .. } = &program.expr(at).kind {
        return matches!(&program.body(at.body).pats[*pat].kind, PatKind::TupleStruct { path, .. }
            if matches!(program.body(at.body).paths.paths[*path].last().as_str(), "Some" | "Ok"));
    }
    if !program.api(at).is_some_and(tries) {
        return false;
    }
    let Some(next) = program.parent(at) else { return false };
    match &program.expr(next).kind {
        ExprKind::MethodCall { name, .. } if name == "is_ok" || name == "is_some" => {
            !program.parent(next).is_some_and(|p| matches!(program.expr(p).kind, ExprKind::Unary(UnaryOp::Not, _)))
        }
        ExprKind::MethodCall { name, .. } => name != "is_err" && name != "is_none",
        ExprKind::Let { .. } => false,
        _ => true,
    }
}

/// The receiver is an atomic, also behind shared pointers.
fn is_atomic(program: &Program, recv: Place) -> bool {
    let mut ty = Some(program.ty(recv));
    (0..4).any(|_| {
        let here = ty;
        ty = ty.and_then(|t| program.deref(t));
        here.and_then(|t| program.type_role(t)) == Some(TypeRole::Atomic)
    })
}
