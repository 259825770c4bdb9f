//! cancelled-on-drop: a task that dies with its handle, and the handle is dropped at once.

use crate::catalog::{OnDrop, Role, TypeRole};
use crate::diagnostic::Applicability;
use crate::facts::expr::Stmt;
use crate::facts::{ExprKind, LocalId};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Discard, Fate, Loss, Program};

use super::findings::Findings;
use super::{Check, Rule, fixes, supervised};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "cancelled-on-drop", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (expr, target) in &program.types_of(body).targets {
        let call = Place { body, expr: *expr };
        let is_call = matches!(program.expr(call).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. });
        let starts = match target {
            Target::Api(entry) => {
                matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking))
                    || entry.name.as_str() == "new"
            }
            Target::Fn(_) => true,
            Target::Ctor(_) => program.aborts_on_drop(program.ty(call)),
            _ => false,
        };
        if is_call && let Some((at, handle)) = part(program, call) {
            if part_is_lost(program, call, at) {
                report(program, call, handle, out);
            }
            continue;
        }
        let Some(handle) = cancelling(program, program.ty(call)).filter(|_| is_call && starts) else { continue };
        if is_lost(program, call, handle) {
            report(program, call, handle, out);
        }
    }
}

/// The handle's type, when dropping it cancels the task.
fn cancelling(program: &Program, ty: Ty) -> Option<Ty> {
    let inner = match ty.path() {
        Some(path) if path == known().result || path == known().option => *ty.args().first()?,
        _ => ty,
    };
    if program.aborts_on_drop(inner) {
        return Some(inner);
    }
    let entry = inner.path().and_then(|_| program.type_entry(inner))?;
    (entry.role == Some(TypeRole::TaskHandle) && entry.on_drop == Some(OnDrop::Cancel)).then_some(inner)
}

/// The only such handle in a tuple: `let (work, handle) = job.remote_handle();`.
fn part(program: &Program, call: Place) -> Option<(usize, Ty)> {
    let TyKind::Tuple(parts) = program.ty(call).kind() else { return None };
    let mut found = parts.iter().enumerate().filter(|(_, ty)| cancelling(program, **ty).is_some());
    let (at, ty) = found.next()?;
    found.next().is_none().then_some((at, *ty))
}

fn part_is_lost(program: &Program, call: Place, at: usize) -> bool {
    match program.loss_of_part(call, at) {
        Some(Loss::Let { .. } | Loss::Assign) => true,
        Some(Loss::Unused(local)) => !waits_in_scope(program, call.body, local),
        _ => false,
    }
}

fn is_lost(program: &Program, call: Place, handle: Ty) -> bool {
    match program.loss(call) {
        // rustc warns about a bare statement of a type that must be used.
        Some(Loss::Statement) => !program.type_entry(handle).is_some_and(|entry| entry.must_use),
        Some(Loss::Let { .. } | Loss::Assign) => true,
        // What a local holds lives as long as the local.
        Some(Loss::Closure(by)) => {
            !matches!(program.fate(Place { expr: by, ..call }), Fate::Bound(_) | Fate::Unused(_))
        }
        // `drop(task)` later on is a cancellation on purpose.
        Some(Loss::Drop(_)) => matches!(program.fate(call), Fate::Discarded(Discard::DropCall(_))),
        Some(Loss::Unused(local) | Loss::Container(local)) => !waits_in_scope(program, call.body, local),
        Some(Loss::Forget(_) | Loss::AbortOnly(_) | Loss::Field(..)) | None => false,
    }
}

/// After the local is declared, its block awaits or blocks: the task runs meanwhile.
fn waits_in_scope(program: &Program, id: BodyId, local: LocalId) -> bool {
    let body = program.body(id);
    let decl = body.locals[local].span;
    let around = |span: (u32, u32)| span.0 <= decl.0 && decl.1 <= span.1;
    let blocks = body.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Block(_)) && around(e.span));
    let Some(block) = blocks.min_by_key(|e| e.span.1 - e.span.0) else { return true };
    let ExprKind::Block(stmts) = &block.kind else { return true };
    let after = stmts.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Let { span, .. } if around(*span) => Some(span.1),
        _ => None,
    });
    let Some(after) = after else { return true };
    body.exprs.iter_ids().any(|(expr, node)| {
        let inside = node.span.0 >= after && node.span.1 <= block.span.1;
        inside && waits(program, Place { body: id, expr })
    })
}

fn waits(program: &Program, at: Place) -> bool {
    match &program.expr(at).kind {
        ExprKind::Await(_) | ExprKind::Select(_) | ExprKind::Macro(_) | ExprKind::Loop { .. } => {
            !matches!(&program.expr(at).kind, ExprKind::Macro(call) if is_quiet(call.shape))
        }
        ExprKind::Call { .. } | ExprKind::MethodCall { .. } => match program.target(at) {
            Target::Api(entry) => entry.blocks.is_some() || entry.role == Some(Role::BlockOn),
            Target::Fn(_) | Target::TraitFn(_) | Target::Local(_) | Target::Closure(_) | Target::Unknown => true,
            Target::Foreign(_) | Target::Ctor(_) => false,
        },
        _ => false,
    }
}

const fn is_quiet(shape: crate::facts::expr::MacroShape) -> bool {
    use crate::facts::expr::MacroShape;
    matches!(
        shape,
        MacroShape::Print
            | MacroShape::Format
            | MacroShape::Log
            | MacroShape::Assert
            | MacroShape::Vec
            | MacroShape::Pure
    )
}

fn report(program: &Program, call: Place, handle: Ty, out: &mut Findings<'_>) {
    let name = program.short_type(handle);
    let mut draft = out.at("default", call).fill("type", &name);
    if let Some(Loss::Unused(local) | Loss::Container(local)) = program.loss(call) {
        let decl = &program.body(call.body).locals[local];
        let span = program.span_in(call.body, decl.span);
        draft = draft.also(span, format!("`{}` is dropped at the end of this block", decl.name));
    }
    draft = draft
        .help("await it, or keep it where the task should live: in a field, or in a binding that outlives the work");
    if matches!(program.fate(call), Fate::Discarded(Discard::Let { .. } | Discard::Assign)) && name == "Task" {
        let mut edits = supervised::bare(program, call).unwrap_or_default();
        edits.push(fixes::after(program.span(call), ".detach()"));
        draft.fix("let the task go on", Applicability::Unsafe, edits);
    }
}
