//! orphan-child: a child process is started and its handle lost, so that nobody waits for it and nobody ends it.
//!
//! Only handles of async crates; clippy knows the one of std.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::catalog::{FnEntry, Role};
use crate::diagnostic::Applicability;
use crate::facts::expr::Stmt;
use crate::facts::{ExprId, ExprKind, LocalId, PatId, PatKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};
use crate::program::{Fate, Program};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "orphan-child", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.calls_with_role(body, Role::ChildSpawn) {
        if !entry.path.as_str().starts_with("std::") && is_left_alone(program, place) && is_lost(program, place) {
            found(program, place, entry, out);
        }
    }
    for (place, entry) in program.calls_with_role(body, Role::ChildWait) {
        // `timeout(limit, command.output())`: the child is started and waited for by one future.
        let of_command = entry.owner.is_some_and(|owner| owner.as_str().ends_with("::Command"));
        if of_command && entry.is_async && gives_up(program, place) && is_left_alone(program, place) {
            found(program, place, entry, out);
        }
    }
}

fn found(program: &Program, place: Place, entry: &'static FnEntry, out: &mut Findings<'_>) {
    if program.should_panic(place.body) || program.is_asserted_to_fail(place) {
        return;
    }
    let edit = fixes::before(program.call_span(place), "kill_on_drop(true).");
    out.at("default", place)
        .subject(entry.path)
        .help("keep the `Child` and call `wait().await`, or end it with its handle: `.kill_on_drop(true)`")
        .fix("kill the child when its handle is dropped", Applicability::Unsafe, vec![edit]);
}

/// The command is seen from its start, and nothing says that the drop kills the child.
fn is_left_alone(program: &Program, spawn: Place) -> bool {
    let mut at = spawn;
    loop {
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, .. } => {
                if program.api(at).is_none_or(|entry| entry.role == Some(Role::KillOnDrop)) {
                    return false;
                }
                at = Place { expr: *recv, ..at };
            }
            ExprKind::Call { .. } => return program.api(at).is_some() || is_made_plainly(program, at),
            ExprKind::Local(local) => return is_plain_local(program, at.body, *local),
            _ => return false,
        }
    }
}

/// A command in a local that is only ever the receiver of its own methods.
fn is_plain_local(program: &Program, body: BodyId, local: LocalId) -> bool {
    let Some(init) = program.initialiser(body, local) else { return false };
    let plain = program.mentions(body, local).into_iter().all(|mention| {
        let Fate::Receiver(call) = program.fate(Place { body, expr: mention }) else { return false };
        program.api(Place { body, expr: call }).is_some_and(|entry| entry.role != Some(Role::KillOnDrop))
    });
    plain && !matches!(program.expr(init).kind, ExprKind::Local(_)) && is_left_alone(program, init)
}

/// A fn of the workspace that makes a command and does not say so either.
fn is_made_plainly(program: &Program, call: Place) -> bool {
    let Target::Fn(def) = program.target(call) else { return false };
    program.body_of(def).is_some_and(|body| {
        let own_call = |(_, target): &(ExprId, Target)| !matches!(target, Target::Fn(_) | Target::TraitFn(_));
        !program.mentions_method(body, "kill_on_drop") && program.types_of(body).targets.iter().all(own_call)
    })
}

/// The handle is dropped, perhaps after its number or its pipes were taken, or after a wait that gave up.
fn is_lost(program: &Program, spawn: Place) -> bool {
    let mut at = spawn;
    loop {
        match program.fate(at) {
            Fate::Tried(next) => at = Place { expr: next, ..at },
            Fate::Receiver(next) => {
                let next = Place { expr: next, ..at };
                match &program.expr(next).kind {
                    ExprKind::MethodCall { name, .. } => match name.as_str() {
                        "unwrap" | "expect" | "map_err" | "context" | "with_context" | "ok" => at = next,
                        "id" | "is_ok" | "is_err" => return true,
                        _ => return false,
                    },
                    _ => return false,
                }
            }
            Fate::Discarded(_) | Fate::Unused(_) => return true,
            Fate::Matched(by) => return is_lost_in_match(program, Place { expr: by, ..at }, at.expr),
            Fate::Bound(local) => return is_left(program, at.body, local),
            _ => return false,
        }
    }
}

/// Every arm that gets the child lets it go: `Ok(_) =>`, `if let Err(e) = ..`.
fn is_lost_in_match(program: &Program, by: Place, value: ExprId) -> bool {
    let pats: Vec<PatId> = match &program.expr(by).kind {
        ExprKind::Match { arms, .. } => arms.iter().map(|arm| arm.pat).collect(),
        ExprKind::Let { pat, .. } => vec![*pat],
        ExprKind::Block(block) => {
            let pat = block.stmts.iter().find_map(|stmt| match stmt {
                Stmt::Let { pat, init: Some(init), .. } if *init == value => Some(*pat),
                _ => None,
            });
            pat.into_iter().collect()
        }
        _ => return false,
    };
    !pats.is_empty()
        && pats.into_iter().all(|pat| match program.constructor(by.body, pat) {
            Some(("Err", _)) | Some(("None", _)) => true,
            Some(("Ok" | "Some", [inner])) => match &program.body(by.body).pats[*inner].kind {
                PatKind::Wild => true,
                PatKind::Bind { local, sub: None, .. } => is_left(program, by.body, *local),
                _ => false,
            },
            _ => matches!(program.body(by.body).pats[pat].kind, PatKind::Wild),
        })
}

/// Nobody waits for the child to its end: every mention takes a part, or waits only so long.
fn is_left(program: &Program, body: BodyId, local: LocalId) -> bool {
    let fine = |mention| {
        let place = Place { body, expr: mention };
        is_part(program, place) || gives_up_after(program, place)
    };
    !program.in_unknown_macro(body, local) && program.mentions(body, local).into_iter().all(fine)
}

/// Takes a pipe, asks for the number, or asks whether it was started.
fn is_part(program: &Program, mention: Place) -> bool {
    let Some(parent) = program.parent(mention) else { return false };
    match &program.expr(parent).kind {
        ExprKind::Field { name, .. } => matches!(name.as_str(), "stdin" | "stdout" | "stderr"),
        ExprKind::MethodCall { recv, name, .. } => {
            *recv == mention.expr && matches!(name.as_str(), "id" | "is_ok" | "is_err")
        }
        _ => false,
    }
}

/// `child.wait()` in a wait that may give up.
fn gives_up_after(program: &Program, mention: Place) -> bool {
    let Fate::Receiver(wait) = program.fate(mention) else { return false };
    let wait = Place { expr: wait, ..mention };
    let waits = program.api(wait).is_some_and(|entry| entry.role == Some(Role::ChildWait) && entry.is_async);
    waits && gives_up(program, wait)
}

/// `timeout(limit, child.wait())`, or one arm of a `select!` that is polled once: the child outlives the wait.
fn gives_up(program: &Program, wait: Place) -> bool {
    let is_timeout = |call| {
        let entry = program.api(Place { expr: call, ..wait });
        entry.is_some_and(|entry| entry.role == Some(Role::Timeout))
    };
    match program.fate(wait) {
        Fate::Argument(call, _) | Fate::Receiver(call) => is_timeout(call),
        Fate::Selected(select) => program.with_order(wait.body, |order| order.enclosing_loop(select).is_none()),
        _ => false,
    }
}
