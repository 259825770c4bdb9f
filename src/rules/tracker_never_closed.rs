//! tracker-never-closed: waiting for a task tracker that nothing closes never ends.

use crate::catalog::Role;
use crate::diagnostic::Applicability;
use crate::facts::{ExprKind, LocalId, LocalKind};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::TyKind;
use crate::program::{Fate, Program};

use super::findings::Findings;
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "tracker-never-closed", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.calls_with_role(body, Role::TrackerWait) {
        let Some(tracker) = program.operands(call, entry).0 else { continue };
        let open = match &program.expr(tracker).kind {
            ExprKind::Local(local) => is_open_local(program, call, *local),
            ExprKind::Field { base, name } => match program.ty(Place { expr: *base, ..tracker }).peel_refs().kind() {
                TyKind::Adt(def, _) => is_open_field(program, *def, *name),
                _ => false,
            },
            _ => false,
        };
        if open {
            let close = format!("{}.close();", program.source(tracker));
            let draft = out
                .at("default", call)
                .label("waits for a tracker that is still open")
                .help(format!("close it first: `{close}`"));
            if let Some((_, _, statement)) = program.statement(call) {
                let edit = fixes::before(statement, format!("{close}\n{}", program.indent(statement)));
                draft.fix("close the tracker first", class(program, call, tracker), vec![edit]);
            }
        }
    }
}

/// Nobody adds a task to a tracker of this fn after its last wait.
fn class(program: &Program, wait: Place, tracker: Place) -> Applicability {
    let ExprKind::Local(local) = program.expr(tracker).kind else { return Applicability::Unsafe };
    let is_last = program.reads(wait.body, local).into_iter().all(|expr| expr < wait.expr);
    let is_plain = program.nearest_loop(wait).is_none() && program.is_unconditional(wait);
    if is_last && is_plain { Applicability::Safe } else { Applicability::Unsafe }
}

/// Made here, never given away, and not closed before the wait.
fn is_open_local(program: &Program, wait: Place, local: LocalId) -> bool {
    let body = wait.body;
    let is_own = program.body(body).locals[local].kind == LocalKind::Let
        && program.initialiser(body, local).is_some_and(|init| is_new(program, init));
    is_own
        && !program.in_unknown_macro(body, local)
        && program.reads(body, local).into_iter().all(|expr| match role_of_use(program, Place { body, expr }) {
            Use::Closes(at) => at.expr > wait.expr && waits_here(program, wait),
            Use::Looks => true,
            Use::Escapes => false,
        })
}

/// The wait is over before anything below it runs; a future that is made now may be awaited after the tracker is closed.
fn waits_here(program: &Program, wait: Place) -> bool {
    matches!(program.fate(wait), Fate::Awaited(_))
}

/// Made by its struct, and nothing in the program closes it or gives it away.
fn is_open_field(program: &Program, def: crate::hir::names::DefId, name: crate::base::Name) -> bool {
    !program.is_exported_field(def, name)
        && program.field_values(def, name).into_iter().all(|value| is_new(program, value))
        && program
            .field_mentions(def, name)
            .into_iter()
            .all(|mention| matches!(role_of_use(program, mention), Use::Looks))
}

fn is_new(program: &Program, value: Place) -> bool {
    program.api(value).is_some_and(|entry| matches!(entry.name.as_str(), "new" | "default"))
}

enum Use {
    Closes(Place),
    Looks,
    Escapes,
}

fn role_of_use(program: &Program, mention: Place) -> Use {
    let Fate::Receiver(call) = program.fate(mention) else { return Use::Escapes };
    let call = Place { expr: call, ..mention };
    match program.api(call) {
        Some(entry) if entry.role == Some(Role::TrackerClose) => Use::Closes(call),
        Some(entry) if matches!(entry.name.as_str(), "clone" | "token" | "reopen") => Use::Escapes,
        Some(_) => Use::Looks,
        None => Use::Escapes,
    }
}
