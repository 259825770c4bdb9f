//! double-lock: a task takes a lock whose guard it holds already, and waits for itself.
//!
//! Locks are told apart by the place of the receiver: a local or static and fields of it. What cannot be written so (an index, a call)
//! is left alone.

use super::findings::Findings;
use super::{Check, Rule};
use crate::catalog::{FnEntry, GuardKind, Role, TypeEntry};
use crate::diagnostic::Confidence;
use crate::facts::expr::MacroShape;
use crate::facts::{ExprId, ExprKind, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, DefId, Place};
use crate::program::lives::is_asserted_absent;
use crate::program::origin::{Origin, Root};
use crate::program::{Program, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "double-lock", check: Check::Body(check) };

const GUARDS: Wanted = Wanted { is: is_guard, in_structs: false };

fn is_guard(entry: &TypeEntry) -> bool {
    let kind = matches!(entry.guard, Some(GuardKind::Sync | GuardKind::Map | GuardKind::Async));
    kind && !entry.name.as_str().contains("Reentrant")
}

/// How a lock is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Beside other readers.
    Read,
    /// Alone.
    Write,
}

/// A call that takes a lock.
struct Taking {
    call: Place,
    lock: Origin,
    mode: Mode,
    waits: bool,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let taken: Vec<Taking> =
        program.api_calls(body).filter_map(|(place, entry)| taking(program, place, entry)).collect();
    if taken.is_empty() {
        return;
    }
    at_once(program, body, &taken, out);
    let calls: Vec<(Place, DefId)> = workspace_calls(program, body);
    if taken.len() < 2 && calls.is_empty() {
        return;
    }
    program.with_lives(body, GUARDS, |order, lives, _| {
        let holds = |at: ExprId, lock: &Origin| {
            let live = lives.live_at(at);
            live.into_iter().filter(|value| !is_asserted_absent(order, value, at)).find_map(|value| {
                let made = program.lock_call(Place { body, expr: value.created_by()? });
                let built_together = !program.excludes(made, Place { body, expr: at });
                taken.iter().find(|t| t.call == made && t.lock == *lock && built_together)
            })
        };
        for second in taken.iter().filter(|t| t.waits) {
            if order.body.regions[order.body.exprs[second.call.expr].region].kind == RegionKind::Opaque {
                continue;
            }
            if let Some(first) = holds(second.call.expr, &second.lock) {
                report(program, first, second.call, second.mode, out);
            }
        }
        for (call, callee) in calls {
            let Some(inner) = taken_by(program, call, callee) else { continue };
            if let Some(first) = holds(call.expr, &inner.lock) {
                report_call(program, first, call, &inner, out);
            }
        }
    });
}

fn taking(program: &Program, call: Place, entry: &FnEntry) -> Option<Taking> {
    let (recv, _) = program.operands(call, entry);
    let recv = recv?;
    let owner = entry.owner?;
    let (mode, waits) = if owner == "dashmap::DashMap" || owner == "dashmap::DashSet" {
        match entry.name.as_str() {
            "get" | "contains_key" | "contains" | "iter" => (Mode::Read, true),
            "get_mut" | "insert" | "entry" | "remove" | "remove_if" | "iter_mut" | "clear" | "retain" | "alter"
            | "alter_all" => (Mode::Write, true),
            _ => return None,
        }
    } else {
        match entry.role? {
            Role::Lock => (Mode::Write, true),
            Role::LockRead => (Mode::Read, true),
            Role::TryLock => (Mode::Write, false),
            _ => return None,
        }
    };
    let is_cell = owner.as_str().contains("RefCell") || owner.as_str().contains("Reentrant");
    let recursive = entry.name.as_str().contains("recursive");
    if is_cell || recursive || owner.as_str().starts_with("std::io::") {
        return None;
    }
    let lock = program.origin(recv)?;
    Some(Taking { call, lock, mode, waits })
}

/// `join!(m.lock(), m.lock())`: the first guard waits in the macro for the second.
fn at_once(program: &Program, body: BodyId, taken: &[Taking], out: &mut Findings<'_>) {
    for expr in program.body(body).exprs.iter() {
        let ExprKind::Macro(call) = &expr.kind else { continue };
        if !matches!(call.shape, MacroShape::Join | MacroShape::TryJoin) {
            continue;
        }
        let args: Vec<&Taking> =
            call.args.iter().filter_map(|arg| taken.iter().find(|t| t.call.expr == *arg && t.waits)).collect();
        for (at, second) in args.iter().enumerate() {
            if let Some(first) = args[..at].iter().find(|first| first.lock == second.lock) {
                report(program, first, second.call, second.mode, out);
            }
        }
    }
}

/// Calls of workspace methods that run now: plain ones, and async ones that are awaited on the spot.
fn workspace_calls(program: &Program, body: BodyId) -> Vec<(Place, DefId)> {
    let targets = program.types_of(body).targets.iter();
    let calls = targets.filter_map(|(expr, target)| match target {
        Target::Fn(def) => Some((Place { body, expr: *expr }, *def)),
        _ => None,
    });
    calls
        .filter(|(place, _)| matches!(program.expr(*place).kind, ExprKind::MethodCall { .. } | ExprKind::Call { .. }))
        .filter(|(place, def)| {
            let callee = program.body_of(*def);
            let asynchronous = callee
                .is_some_and(|id| program.body(id).regions[crate::facts::RegionId(0)].kind == RegionKind::AsyncFn);
            let awaited = program.parent(*place).is_some_and(|p| matches!(program.expr(p).kind, ExprKind::Await(_)));
            callee.is_some() && (!asynchronous || awaited)
        })
        .collect()
}

/// The first lock that a callee is sure to take, seen from its caller.
fn taken_by(program: &Program, call: Place, callee: DefId) -> Option<Taking> {
    let body = program.body_of(callee)?;
    if body == call.body {
        return None;
    }
    program.api_calls(body).find_map(|(place, entry)| {
        let mut inner = taking(program, place, entry)?;
        if !inner.waits || !program.always_runs(place) {
            return None;
        }
        if let Root::Local(local) = inner.lock.root {
            let given = program.given_for(call, body, local)?;
            inner.lock = program.origin(given)?.join(&inner.lock);
        }
        Some(inner)
    })
}

fn kind_of(first: Mode, second: Mode) -> &'static str {
    if first == Mode::Read && second == Mode::Read { "read-read" } else { "deadlock" }
}

fn report(program: &Program, first: &Taking, second: Place, mode: Mode, out: &mut Findings<'_>) {
    let draft = out
        .at(kind_of(first.mode, mode), second)
        .why(program.call_span(first.call), "the lock acquired here is still held")
        .confidence(program.confidence(first.call));
    let upgrade = first.mode == Mode::Read && mode == Mode::Write;
    if upgrade {
        draft.help(
            "end the read guard first: clone what is needed, drop it, then write (parking_lot has `upgradable_read`)",
        );
    } else {
        draft.help("use the guard that is held, or drop it first");
    }
}

fn report_call(program: &Program, first: &Taking, call: Place, inner: &Taking, out: &mut Findings<'_>) {
    let confidence = program.confidence(inner.call).min(program.confidence(first.call));
    out.at(kind_of(first.mode, inner.mode), call)
        .why(program.call_span(first.call), "the lock acquired here is still held")
        .also(program.call_span(inner.call), "and is taken again here")
        .confidence(if confidence == Confidence::Certain { Confidence::Certain } else { Confidence::Likely })
        .help("drop the guard before the call, or give the callee what the guard protects");
}
