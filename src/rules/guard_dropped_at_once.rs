//! guard-dropped-at-once: a guard is bound to `_`, and the code below runs without it.
//!
//! The last statement of a function may take a guard only to wait until it is free; that is never reported.

use crate::catalog::{GuardKind, Role};
use crate::diagnostic::Applicability;
use crate::facts::expr::{Block, Lit, Stmt};
use crate::facts::{ExprId, ExprKind, PatId, PatKind};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::Program;

use super::findings::Findings;
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "guard-dropped-at-once", check: Check::Body(check) };

/// A statement that throws a value away.
struct Thrown {
    value: Place,
    ty: Ty,
    /// The `_`, where a name would keep the value.
    wild: Option<PatId>,
    is_statement: bool,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let blocks = program.body(body).exprs.iter_ids().filter_map(|(id, e)| match &e.kind {
        ExprKind::Block(block) => Some((id, block)),
        _ => None,
    });
    for (id, block) in blocks {
        for (at, stmt) in block.stmts.iter().enumerate() {
            let Some(thrown) = thrown(program, body, stmt) else { continue };
            let Some(what) = guard(program, &thrown) else { continue };
            let here = follows(program, body, block, at + 1);
            let follows = here || follows_around(program, Place { body, expr: id });
            if follows && !is_gate(program, &thrown) {
                report(program, &thrown, what, here, out);
            }
        }
        tested(program, Place { body, expr: id }, block, out);
    }
}

/// `if limit.acquire().await.is_err() { return; }`: the permit is gone when the answer is there.
fn tested(program: &Program, place: Place, block: &Block, out: &mut Findings<'_>) {
    for (at, stmt) in block.stmts.iter().enumerate() {
        let Stmt::Expr { expr, .. } = stmt else { continue };
        let ExprKind::If { cond, then, else_: None } = program.expr(Place { expr: *expr, ..place }).kind else {
            continue;
        };
        let ExprKind::MethodCall { recv, name, .. } = &program.expr(Place { expr: cond, ..place }).kind else {
            continue;
        };
        let value = Place { expr: *recv, ..place };
        let asks = matches!(name.as_str(), "is_err" | "is_none") && leaves(program, Place { expr: then, ..place });
        let Some(call) = maker(program, value).filter(|_| asks) else { continue };
        let is_permit = guard_kind(program, program.ty(value)) == Some(GuardKind::Permit);
        let waits = matches!(program.expr(value).kind, ExprKind::Await(_) | ExprKind::MethodCall { .. })
            && program.api(call).is_none_or(|entry| entry.role == Some(Role::Acquire));
        let own = matches!(program.target(call), Target::Api(_) | Target::Fn(_) | Target::TraitFn(_));
        if is_permit && waits && own && follows(program, place.body, block, at + 1) {
            out.at("default", call)
                .fill("guard", "permit")
                .label("takes the permit")
                .message("this test drops its permit at once; the code below runs without it")
                .help("keep what is tested: `let Ok(_permit) = .. else { .. };`");
        }
    }
}

/// The block ends by a jump.
fn leaves(program: &Program, block: Place) -> bool {
    let ExprKind::Block(inner) = &program.expr(block).kind else { return false };
    let last = inner.tail.or_else(|| match inner.stmts.last() {
        Some(Stmt::Expr { expr, .. }) => Some(*expr),
        _ => None,
    });
    last.is_some_and(|expr| {
        matches!(
            program.expr(Place { expr, ..block }).kind,
            ExprKind::Return(_) | ExprKind::Break { .. } | ExprKind::Continue(_)
        )
    })
}

/// A lock around nothing, taken where no await follows: the code waits at a gate and has nothing left to keep others from.
fn is_gate(program: &Program, thrown: &Thrown) -> bool {
    let guarded = inner_of(thrown.ty);
    let is_lock = guard_kind(program, thrown.ty) == Some(GuardKind::Async);
    is_lock
        && guarded.args().last().is_some_and(|ty| ty.is_unit())
        && program.with_order(thrown.value.body, |order| order.awaits_after(thrown.value.expr).is_empty())
}

fn thrown(program: &Program, body: BodyId, stmt: &Stmt) -> Option<Thrown> {
    let at = |expr| Place { body, expr };
    let facts = program.body(body);
    match stmt {
        Stmt::Let { pat, ty: None, init: Some(init), else_: None, .. } => {
            let ty = program.ty(at(*init));
            match (&facts.pats[*pat].kind, ty.kind()) {
                (PatKind::Wild, _) => Some(Thrown { value: at(*init), ty, wild: Some(*pat), is_statement: false }),
                (PatKind::Tuple(pats), TyKind::Tuple(tys)) => {
                    let mut parts = pats.iter().zip(tys);
                    let is_lost = |(p, t): &(&PatId, &Ty)| {
                        matches!(facts.pats[**p].kind, PatKind::Wild)
                            && guard_kind(program, **t) == Some(GuardKind::Flush)
                    };
                    let (pat, ty) = parts.find(is_lost)?;
                    Some(Thrown { value: at(*init), ty: *ty, wild: Some(*pat), is_statement: false })
                }
                _ => None,
            }
        }
        Stmt::Expr { expr, semi: true, .. } => match facts.exprs[*expr].kind {
            ExprKind::Assign { target: None, value } => {
                Some(Thrown { value: at(value), ty: program.ty(at(value)), wild: None, is_statement: false })
            }
            _ => Some(Thrown { value: at(*expr), ty: program.ty(at(*expr)), wild: None, is_statement: true }),
        },
        Stmt::Let { .. } | Stmt::Expr { .. } | Stmt::Item(_) => None,
    }
}

fn inner_of(ty: Ty) -> Ty {
    match ty.path() {
        Some(path) if path == known().result || path == known().option => ty.args().first().copied().unwrap_or(ty),
        _ => ty,
    }
}

fn guard_kind(program: &Program, ty: Ty) -> Option<GuardKind> {
    let ty = inner_of(ty);
    // A struct that holds a guard and nothing else is one.
    if let TyKind::Adt(def, _) = ty.kind() {
        return match program.field_types(*def)[..] {
            [(_, only)] => program.type_entry(only).filter(|_| only.path().is_some())?.guard,
            _ => None,
        };
    }
    ty.path().and_then(|_| program.type_entry(ty))?.guard
}

/// The word for the guard, when it protects something.
fn guard(program: &Program, thrown: &Thrown) -> Option<&'static str> {
    let kind = guard_kind(program, thrown.ty)?;
    let wrapped = inner_of(thrown.ty) != thrown.ty;
    let must_use = wrapped || program.type_entry(thrown.ty).is_some_and(|entry| entry.must_use);
    let call = maker(program, thrown.value)?;
    // A fn of the workspace that gives a guard gives it as well as the call that takes the lock.
    let entry = match program.target(call) {
        Target::Api(entry) => Some(entry),
        Target::Fn(_) | Target::TraitFn(_) => None,
        _ => return None,
    };
    let (marked, many) = entry.map_or((false, false), |e| (e.must_use, e.role == Some(Role::AcquireMany)));
    // Guards of locks and permits must be used: rustc warns about the bare statement.
    let said = !matches!(kind, GuardKind::Cancel | GuardKind::Flush | GuardKind::Scope);
    if thrown.is_statement && (said || must_use || marked) || many {
        return None;
    }
    match kind {
        GuardKind::Permit => Some("permit"),
        GuardKind::Async
        | GuardKind::Span
        | GuardKind::Enter
        | GuardKind::Cancel
        | GuardKind::Flush
        | GuardKind::Scope => Some("guard"),
        // Errors of rustc (std), or clippy's business.
        GuardKind::Sync
        | GuardKind::Refcell
        | GuardKind::Map
        | GuardKind::WatchRef
        | GuardKind::Epoch
        | GuardKind::Stdio => None,
    }
}

/// The call below `.await`, `?` and `.unwrap()`.
fn maker(program: &Program, place: Place) -> Option<Place> {
    let inner = match &program.expr(place).kind {
        ExprKind::Await(inner) | ExprKind::Try(inner) => *inner,
        ExprKind::MethodCall { recv, name, .. }
            if matches!(name.as_str(), "unwrap" | "expect" | "ok" | "map_err" | "context" | "unwrap_or_else") =>
        {
            *recv
        }
        ExprKind::Call { .. } | ExprKind::MethodCall { .. } => return Some(place),
        _ => return None,
    };
    maker(program, Place { expr: inner, ..place })
}

/// A statement or tail from `from` on does something.
fn follows(program: &Program, body: BodyId, block: &Block, from: usize) -> bool {
    let exprs = block.stmts.iter().skip(from).filter_map(|stmt| match stmt {
        Stmt::Let { init, .. } => *init,
        Stmt::Expr { expr, .. } => Some(*expr),
        Stmt::Item(_) => None,
    });
    exprs.chain(block.tail).any(|expr| does_something(program, Place { body, expr }))
}

/// Blocks around it, up to the end of its region.
fn follows_around(program: &Program, inner: Place) -> bool {
    let body = program.body(inner.body);
    let region = body.exprs[inner.expr].region;
    let mut child: ExprId = inner.expr;
    for at in body.ancestors(inner.expr).skip(1) {
        if body.exprs[at].region != region {
            return false;
        }
        if let ExprKind::Block(block) = &body.exprs[at].kind {
            let holds = |stmt: &Stmt| match stmt {
                Stmt::Let { init, else_, .. } => *init == Some(child) || *else_ == Some(child),
                Stmt::Expr { expr, .. } => *expr == child,
                Stmt::Item(_) => false,
            };
            let from = block.stmts.iter().position(holds).map_or(block.stmts.len() + 1, |at| at + 1);
            if block.tail != Some(child) && follows(program, inner.body, block, from) {
                return true;
            }
        }
        child = at;
    }
    false
}

fn does_something(program: &Program, place: Place) -> bool {
    match &program.expr(place).kind {
        ExprKind::Lit(Lit::Bool(_) | Lit::Int(_) | Lit::Str(_) | Lit::Other)
        | ExprKind::Local(_)
        | ExprKind::Path { .. } => false,
        ExprKind::Tuple(elems) => elems.iter().any(|e| does_something(program, Place { expr: *e, ..place })),
        ExprKind::Call { args, .. } if matches!(program.target(place), Target::Ctor(_)) => {
            args.iter().any(|e| does_something(program, Place { expr: *e, ..place }))
        }
        ExprKind::Return(value) => value.is_some_and(|e| does_something(program, Place { expr: e, ..place })),
        ExprKind::Break { value, .. } => value.is_some(),
        ExprKind::Continue(_) => false,
        _ => true,
    }
}

fn report(program: &Program, thrown: &Thrown, what: &str, here: bool, out: &mut Findings<'_>) {
    let Some(call) = maker(program, thrown.value) else { return };
    let mut draft = out.at("default", call).fill("guard", what).label(format!("takes the {what}"));
    if thrown.is_statement {
        draft = draft.message(format!("this statement drops its {what} at once; the code below runs without it"));
    }
    let name = if what == "permit" { "_permit" } else { "_guard" };
    match thrown.wild.filter(|_| here) {
        Some(pat) => {
            let span = program.span_in(call.body, program.body(call.body).pats[pat].span);
            let edit = fixes::replace(span, name);
            draft.fix(format!("keep the {what} to the end of the block"), Applicability::Unsafe, vec![edit]);
        }
        None => {
            draft.help(format!("bind it where it should live: `let {name} = ..;`"));
        }
    }
}
