//! unawaited-future: a future is built and dropped without ever being polled, in the forms on which rustc is silent.

use crate::catalog::{FnForm, Role, TypeRole};
use crate::diagnostic::{Applicability, Confidence};
use crate::facts::expr::Stmt;
use crate::facts::{ExprKind, PatId, PatKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, Place};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};
use crate::program::{Loss, Program};

use super::findings::{Draft, Findings};
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "unawaited-future", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (expr, node) in program.body(body).exprs.iter_ids() {
        let place = Place { body, expr };
        if !matches!(node.kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Async(_)) {
            continue;
        }
        let Some(kind) = lost_future(program, place) else { continue };
        report(program, place, kind, out);
    }
    lost_parts(program, body, out);
}

/// `let (client, _connection) = connect(..).await?;`: the future that drives a connection, which nothing mentions.
fn lost_parts(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let facts = program.body(body);
    let blocks = facts.exprs.iter().filter_map(|e| match &e.kind {
        ExprKind::Block(block) => Some(block),
        _ => None,
    });
    for stmt in blocks.flat_map(|block| &block.stmts) {
        let Stmt::Let { pat, init: Some(init), .. } = stmt else { continue };
        let PatKind::Tuple(pats) = &facts.pats[*pat].kind else { continue };
        let TyKind::Tuple(types) = program.ty(Place { body, expr: *init }).kind() else { continue };
        // A driver holds a connection. Any other future in a tuple is an offer that may be turned down.
        let is_driver = |ty: Ty| {
            let entry = program.type_entry(ty).filter(|_| ty.path().is_some());
            entry.is_some_and(|e| e.role == Some(TypeRole::Future) && e.runtime_bound && e.output.is_some())
        };
        let is_lost = |pat: PatId| match facts.pats[pat].kind {
            PatKind::Wild => true,
            PatKind::Bind { local, sub: None, .. } => {
                program.mentions(body, local).is_empty() && !program.in_unknown_macro(body, local)
            }
            _ => false,
        };
        let lost =
            pats.iter().zip(types).find(|(pat, ty)| pats.len() == types.len() && is_driver(**ty) && is_lost(**pat));
        if let Some((pat, ty)) = lost {
            let span = program.span_in(body, facts.pats[*pat].span);
            out.spanning("dropped", body, span)
                .fill("name", &format!("`{}`", program.short_type(*ty)))
                .label("never polled")
                .help("spawn it, or poll it beside what uses the other part; keep its handle");
        }
    }
}

/// The kind of the loss of the future that is made here.
fn lost_future(program: &Program, place: Place) -> Option<&'static str> {
    let ty = program.ty(place);
    let wrapped = in_result(program, place, ty);
    let is_made_here =
        (is_future(program, ty) || is_future_of_caller(program, place, ty)) && makes_future(program, place);
    if !wrapped && !is_made_here {
        return None;
    }
    if !wrapped && yields_future(program, place) {
        return Some("yields-future");
    }
    if is_adapted(program, place) {
        return None;
    }
    let kind = match program.loss(place)? {
        // rustc warns about the bare statement.
        Loss::Statement | Loss::Let { typed: true } | Loss::AbortOnly(_) | Loss::Field(..) => return None,
        Loss::Closure(call) if is_lazy_statement(program, Place { expr: call, ..place }) => return None,
        Loss::Closure(_) => "mapped",
        Loss::Container(_) if is_in_closure(program, place) => "mapped",
        Loss::Container(_) => "dropped",
        Loss::Let { typed: false } | Loss::Assign | Loss::Drop(_) | Loss::Forget(_) | Loss::Unused(_) => "dropped",
    };
    if wrapped && !matches!(program.loss(place), Some(Loss::Let { .. } | Loss::Assign | Loss::Drop(_))) {
        return None;
    }
    if kind == "dropped" && is_lock(program, place) {
        return Some("lock-not-taken");
    }
    if starts_at_once(program, maker(program, place)) {
        return None;
    }
    if works_first(program, maker(program, place)) {
        return Some("eager");
    }
    Some(kind)
}

/// The call makes the future, or wraps one that is made in the same expression; it does not only hand one over.
fn makes_future(program: &Program, place: Place) -> bool {
    match program.target(place) {
        Target::Api(entry) => {
            // What gives back a timer that was there already (`mem::replace`, `Option::take`) makes none.
            let is_std = entry.path.as_str().starts_with("std::");
            let is_timer = !is_std && program.type_role(program.ty(place)) == Some(TypeRole::Timer);
            let is_wait = entry.role == Some(Role::Notified);
            // `Abortable::new(future, registration)`
            let wraps = entry.form == FnForm::Associated
                && entry.name.as_str() == "new"
                && program.type_role(program.ty(place)) == Some(TypeRole::Future);
            entry.is_async || is_timer || is_wait || wraps || maker(program, place) != place
        }
        Target::Fn(_) | Target::TraitFn(_) | Target::Closure(_) | Target::Local(_) => true,
        Target::Foreign(_) | Target::Ctor(_) => false,
        // `(self.hook)(job)`: a closure or a pointer to a fn in a field.
        Target::Unknown => matches!(program.expr(place).kind, ExprKind::Async(_) | ExprKind::Call { .. }),
    }
}

/// The outermost adaptor is reported, not what it wraps.
fn is_adapted(program: &Program, place: Place) -> bool {
    use crate::program::Fate;
    match program.fate(place) {
        Fate::Receiver(call) | Fate::Argument(call, _) => {
            let call = Place { expr: call, ..place };
            matches!(program.target(call), Target::Api(_)) && is_future(program, program.ty(call))
        }
        _ => false,
    }
}

/// `make(job)` of a parameter `make: impl Fn(Job) -> Fut`, where `Fut` is a future that whoever gives `make` chooses.
fn is_future_of_caller(program: &Program, place: Place, ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Param(..))
        && matches!(program.target(place), Target::Local(_) | Target::Unknown)
        && program.output(ty).is_some()
}

/// Some future that does nothing until it is polled; handles of tasks, ends of channels and the like are none.
fn is_future(program: &Program, ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Future(..) => true,
        TyKind::Opaque(bounds) | TyKind::Dyn(bounds) => {
            bounds.iter().any(|b| b.trait_ == crate::hir::names::Res::Foreign(known().future))
        }
        TyKind::Foreign(path, _, args) if (*path == known().boxed || *path == known().pin) && args.len() == 1 => {
            is_future(program, args[0])
        }
        TyKind::Foreign(..) => {
            let entry = program.type_entry(ty);
            entry.is_some_and(|e| e.output.is_some() && matches!(e.role, Some(TypeRole::Timer | TypeRole::Future)))
        }
        _ => false,
    }
}

/// `Result<impl Future, E>` of a workspace fn.
fn in_result(program: &Program, place: Place, ty: Ty) -> bool {
    let own = matches!(program.target(place), Target::Fn(_) | Target::TraitFn(_));
    own && ty.path() == Some(known().result) && ty.args().first().is_some_and(|t| is_future(program, *t))
}

fn is_lock(program: &Program, place: Place) -> bool {
    let role = program.api(place).filter(|entry| entry.is_async).and_then(|entry| entry.role);
    matches!(role, Some(Role::Lock | Role::LockRead | Role::Acquire | Role::AcquireMany))
}

/// `iter.map(..);`: nothing runs at all, and rustc says so.
fn is_lazy_statement(program: &Program, call: Place) -> bool {
    let ExprKind::MethodCall { recv, name, .. } = &program.expr(call).kind else { return false };
    let recv = program.ty(Place { expr: *recv, ..call });
    let recv = recv.peel_refs();
    let is_flag = matches!(recv.kind(), TyKind::Prim(name) if name.as_str() == "bool");
    let at_once = is_flag || recv.path().is_some_and(|p| p == known().option || p == known().result);
    let counted = matches!(name.as_str(), "for_each" | "inspect");
    let consumed = matches!(program.fate(call), crate::program::Fate::Receiver(_));
    !at_once && !counted && !consumed
}

/// The call at the bottom of a chain of adaptors: `save(..).map(..).boxed()`.
fn maker(program: &Program, place: Place) -> Place {
    match &program.expr(place).kind {
        ExprKind::MethodCall { recv, .. } if matches!(program.target(place), Target::Api(_)) => {
            let recv = Place { expr: *recv, ..place };
            if is_future(program, program.ty(recv)) { maker(program, recv) } else { place }
        }
        ExprKind::Call { args, .. } if args.len() == 1 && matches!(program.target(place), Target::Api(_)) => {
            let arg = Place { expr: args[0], ..place };
            if is_future(program, program.ty(arg)) { maker(program, arg) } else { place }
        }
        _ => place,
    }
}

/// The value of a closure, such as that of `.map(|x| ..)`.
fn is_in_closure(program: &Program, place: Place) -> bool {
    let crate::program::Fate::Returned(region) = program.fate(place) else { return false };
    program.body(place.body).regions[region].kind == RegionKind::Closure
}

/// `runtime.spawn_blocking(..)` of a runtime of the workspace, which is no async fn: the work has begun, whatever becomes of the future.
fn starts_at_once(program: &Program, call: Place) -> bool {
    let (Target::Fn(def) | Target::TraitFn(def)) = program.target(call) else { return false };
    let name = program.text(program.call_span(call));
    let last = name.rsplit("::").next().unwrap_or(name);
    let is_async =
        program.body_of(def).is_some_and(|body| program.body(body).regions[RegionId(0)].kind == RegionKind::AsyncFn);
    last.starts_with("spawn") && !is_async
}

/// A plain fn that does something before it makes its future, or that cannot be seen.
fn works_first(program: &Program, call: Place) -> bool {
    match program.target(call) {
        Target::Fn(def) => works_before(program, def),
        Target::TraitFn(_) => !matches!(program.ty(call).kind(), TyKind::Future(_, FutureOrigin::Fn(_))),
        _ => false,
    }
}

fn works_before(program: &Program, def: DefId) -> bool {
    let Some(body) = program.body_of(def) else { return false };
    let facts = program.body(body);
    if facts.regions[RegionId(0)].kind == RegionKind::AsyncFn {
        return false;
    }
    let ExprKind::Block(block) = &facts.exprs[facts.root].kind else { return false };
    let tail = block.tail.map(|expr| program.ty(Place { body, expr }));
    !block.stmts.is_empty() || tail.is_some_and(|ty| !is_lazy(ty, 0))
}

/// An async block or the call of an async fn, boxed or not: it has done nothing yet. A future of another kind may have.
fn is_lazy(ty: Ty, depth: u32) -> bool {
    match ty.kind() {
        TyKind::Future(..) => true,
        TyKind::Foreign(_, _, args) => depth < 4 && args.iter().any(|arg| is_lazy(*arg, depth + 1)),
        _ => false,
    }
}

/// An async block whose value is a future of the workspace, and whoever gets that value drops it.
fn yields_future(program: &Program, place: Place) -> bool {
    let crate::program::Fate::Returned(region) = program.fate(place) else { return false };
    let regions = &program.body(place.body).regions;
    if regions[region].kind != RegionKind::AsyncBlock || matches!(program.expr(place).kind, ExprKind::Async(_)) {
        return false;
    }
    let block = Place { expr: regions[region].expr, ..place };
    match program.fate(block) {
        crate::program::Fate::Awaited(awaited) => drops_value(program, Place { expr: awaited, ..place }, 0),
        crate::program::Fate::Argument(call, _) => {
            let call = Place { expr: call, ..place };
            let spawns = program
                .api(call)
                .is_some_and(|entry| matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn)));
            spawns && drops_joined(program, call)
        }
        _ => false,
    }
}

/// The handle is lost, or what it gives is.
fn drops_joined(program: &Program, call: Place) -> bool {
    use crate::program::Fate;
    if program.loss(call).is_some() {
        return true;
    }
    match program.fate(call) {
        Fate::Awaited(awaited) => drops_value(program, Place { expr: awaited, ..call }, 0),
        Fate::Bound(local) => {
            program.reads(call.body, local).into_iter().all(|expr| match program.fate(Place { expr, ..call }) {
                Fate::Awaited(awaited) => drops_value(program, Place { expr: awaited, ..call }, 0),
                _ => false,
            })
        }
        _ => false,
    }
}

/// The value is unwrapped, mapped to something without it, or thrown away.
fn drops_value(program: &Program, value: Place, depth: u32) -> bool {
    use crate::program::Fate;
    if depth > 6 {
        return false;
    }
    match program.fate(value) {
        Fate::Discarded(_) | Fate::Unused(_) => true,
        Fate::Tried(outer) => drops_value(program, Place { expr: outer, ..value }, depth + 1),
        Fate::Receiver(call) => {
            let call = Place { expr: call, ..value };
            match program.method_name(call) {
                Some("unwrap" | "expect" | "ok" | "map_err") => drops_value(program, call, depth + 1),
                Some("is_ok" | "is_err") => true,
                Some("map") => program.arguments(call).first().is_some_and(|f| ignores_argument(program, *f)),
                _ => false,
            }
        }
        _ => false,
    }
}

fn ignores_argument(program: &Program, closure: Place) -> bool {
    let ExprKind::Closure(region) = program.expr(closure).kind else { return false };
    let body = program.body(closure.body);
    let params = &body.regions[region].params;
    params.iter().all(|p| matches!(body.pats[p.pat].kind, PatKind::Wild))
}

fn report(program: &Program, place: Place, kind: &'static str, out: &mut Findings<'_>) {
    let name = name_of(program, maker(program, place));
    let mut draft = match program.expr(place).kind {
        ExprKind::Async(_) => out.spanning(kind, place.body, program.head_span(place)),
        _ => out.at(kind, place),
    };
    draft = draft.fill("name", &name);
    if kind == "lock-not-taken" {
        let permit = program.api(place).is_some_and(|e| matches!(e.role, Some(Role::Acquire | Role::AcquireMany)));
        draft = draft.fill("lock", if permit { "permit" } else { "lock" });
    }
    if kind == "eager" {
        draft = draft.confidence(Confidence::Likely);
    }
    if matches!(program.loss(place), Some(Loss::Let { .. })) {
        draft = draft.clippy("let_underscore_future");
    }
    if kind == "yields-future" {
        draft = draft.clippy("async_yields_async");
    }
    advise(program, place, kind, draft);
}

/// What is lost, as a message names it.
fn name_of(program: &Program, maker: Place) -> String {
    match program.expr(maker).kind {
        ExprKind::Async(_) => "the block".to_owned(),
        _ => {
            let text = program.text(program.call_span(maker));
            format!("`{}`", text.rsplit("::").next().unwrap_or(text))
        }
    }
}

fn advise<'f, 'a>(program: &'a Program, place: Place, kind: &str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    match kind {
        "yields-future" => {
            let edit = fixes::after(program.span(place), ".await");
            draft.label("this is not awaited").fix("await it", Applicability::Unsafe, vec![edit])
        }
        "mapped" => {
            draft.help("collect the futures and await them: `futures::future::join_all(..).await`, or write a loop")
        }
        "eager" => draft.help("await it, or split the part that must run at once from the part that is async"),
        _ if program.allows_await(place) && program.output(program.ty(place)).is_some() => {
            let edit = fixes::after(program.span(place), ".await");
            draft.label("never polled").fix("await it", Applicability::Unsafe, vec![edit])
        }
        _ => draft
            .label("never polled")
            .help("only async code can await it: make this function async, or spawn the future"),
    }
}
