//! ineffective-permit: a permit is released before the task that it should bound has finished.

use crate::catalog::Role;
use crate::diagnostic::{Applicability, Edit};
use crate::facts::expr::{LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, PatId, PatKind};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Discard, Fate, Program};

use super::findings::Findings;
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "ineffective-permit", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    // Most bodies start no task, and then what their calls give need not be looked at.
    let starts = program.api_calls(body).any(|(_, entry)| is_spawn(entry.role));
    for (expr, target) in &program.types_of(body).targets {
        let call = Place { body, expr: *expr };
        let takes = match target {
            // A place in a channel is a permit, too, but no bound on tasks.
            Target::Api(entry) => {
                matches!(entry.role, Some(Role::Acquire | Role::TryAcquire))
                    && entry.owner.is_some_and(|owner| owner.as_str().ends_with("::Semaphore"))
            }
            Target::Fn(_) | Target::TraitFn(_) => starts && gives_permit(program, call),
            Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => false,
        };
        if takes {
            check_permit(program, call, out);
        }
    }
}

fn check_permit(program: &Program, call: Place, out: &mut Findings<'_>) {
    if let Some(spawn) = acquired_inside(program, call) {
        out.at("acquired-inside", call)
            .also(program.call_span(spawn), "a task is started for each event, permit or not")
            .help("acquire an owned permit before the spawn and move it into the task");
        return;
    }
    let Some(Held { local, kept, scope }) = bound(program, call) else { return };
    let is_kept = kept.is_some() && !only_ends_here(program, call, local);
    if let (false, Some(spawn)) = (is_kept, not_moved(program, call, &scope)) {
        let draft = out
            .at("not-moved", call)
            .also(program.call_span(spawn), "this task does not hold the permit")
            .help("move an owned permit into the task: `let _permit = permit;` as its first statement");
        if let Some(edit) = moved_in(program, spawn, local) {
            draft.fix("move the permit into the task", Applicability::Unsafe, vec![edit]);
        }
    } else if let Some(drop) = dropped_early(program, call.body, local) {
        out.at("dropped-early", call)
            .also(program.call_span(drop), "released here, before the work")
            .help("drop the permit after the work, or let it end with the task");
    }
}

/// A fn of the workspace that gives a permit, at once or when it is awaited, perhaps in a `Result` or an `Option`, or in a type of its own that
/// holds nothing else.
fn gives_permit(program: &Program, call: Place) -> bool {
    let ty = program.ty(call);
    is_permit(program, program.output(ty).unwrap_or(ty), 0)
}

fn is_permit(program: &Program, ty: Ty, depth: u32) -> bool {
    let known = known();
    match ty.kind() {
        TyKind::Foreign(path, _, args) if *path == known.option || *path == known.result => {
            depth < 4 && args.first().is_some_and(|inner| is_permit(program, *inner, depth + 1))
        }
        TyKind::Foreign(path, ..) => path.as_str().ends_with("SemaphorePermit"),
        TyKind::Adt(def, _) => {
            let fields = program.field_types(*def);
            matches!(fields[..], [(_, only)] if depth < 4 && is_permit(program, only, depth + 1))
        }
        _ => false,
    }
}

/// A permit in a local.
struct Held {
    local: LocalId,
    /// Its first mention.
    kept: Option<ExprId>,
    /// What runs while the local lives.
    scope: Vec<ExprId>,
}

/// The permit never leaves the code that takes it: it is dropped there by name, asked whether it is there, or thrown at a `_`.
fn only_ends_here(program: &Program, call: Place, local: LocalId) -> bool {
    const ASKS: [&str; 5] = ["is_ok", "is_some", "is_err", "is_none", "num_permits"];
    let region = program.expr(call).region;
    program.reads(call.body, local).into_iter().all(|expr| {
        let mention = Place { expr, ..call };
        let here = program.expr(mention).region == region;
        match program.fate(mention) {
            // `let _ = permit;` takes nothing, so a block that says no more does not capture it.
            Fate::Discarded(Discard::Let { .. }) if !here => program.captures_what_is_used(call.body),
            Fate::Discarded(how) => here && !matches!(how, Discard::ForgetCall(_)),
            Fate::Receiver(asked) => {
                here && program.method_name(Place { expr: asked, ..call }).is_some_and(|name| ASKS.contains(&name))
            }
            _ => false,
        }
    })
}

/// The local that gets the permit: through `.await`, `?`, `unwrap()`, `let Ok(permit) = .. else`, a pattern of `match`, `if let` or
/// `while let`, the arm of a `select!`.
fn bound(program: &Program, call: Place) -> Option<Held> {
    let mut at = call;
    let held = |local: LocalId, scope: Vec<ExprId>| {
        let kept = program.reads(call.body, local).first().copied();
        Some(Held { local, kept, scope })
    };
    for _ in 0..8 {
        let place = |expr| Place { expr, ..call };
        let next = match program.fate(at) {
            Fate::Unused(local) => return held(local, later(program, at)?),
            Fate::Bound(local) => match program.reads(call.body, local)[..] {
                [only] if matches!(program.fate(place(only)), Fate::Matched(_)) => only,
                _ => return held(local, later(program, at)?),
            },
            Fate::Matched(around) => {
                if let Some(local) = taken_out(program, at, place(around)) {
                    return held(local, later(program, at)?);
                }
                let (local, scope) = opened_by(program, at, place(around))?;
                return held(local, vec![scope]);
            }
            Fate::Stored(tuple) => {
                let (local, scope) = opened_in_tuple(program, at, place(tuple))?;
                return held(local, vec![scope]);
            }
            Fate::Selected(select) => given_by_arm(program, at, place(select)).then_some(select)?,
            Fate::Awaited(next) | Fate::Tried(next) => next,
            Fate::Receiver(next) => {
                let name = program.method_name(place(next))?;
                matches!(name, "unwrap" | "expect" | "ok" | "map_err" | "context").then_some(next)?
            }
            _ => return None,
        };
        at = place(next);
    }
    None
}

/// `Ok(permit) => ..`, `if let Ok(permit) = .. { .. }`: the local, and what runs while it lives.
fn opened_by(program: &Program, value: Place, around: Place) -> Option<(LocalId, ExprId)> {
    if let ExprKind::Match { arms, .. } = &program.expr(around).kind {
        return arms.iter().find_map(|arm| Some((opened(program, value.body, arm.pat)?, arm.body)));
    }
    let ExprKind::Let { pat, .. } = program.expr(around).kind else { return None };
    Some((opened(program, value.body, pat)?, guarded_by(program, around)?))
}

/// `while let (Some(job), Ok(permit)) = (jobs.recv().await, limit.acquire().await) { .. }`
fn opened_in_tuple(program: &Program, value: Place, tuple: Place) -> Option<(LocalId, ExprId)> {
    let ExprKind::Tuple(parts) = &program.expr(tuple).kind else { return None };
    let at = parts.iter().position(|part| *part == value.expr)?;
    let Fate::Matched(around) = program.fate(tuple) else { return None };
    let around = Place { expr: around, ..value };
    let ExprKind::Let { pat, .. } = program.expr(around).kind else { return None };
    let PatKind::Tuple(pats) = &program.body(value.body).pats[pat].kind else { return None };
    Some((opened(program, value.body, *pats.get(at)?)?, guarded_by(program, around)?))
}

/// What runs when the condition holds: the block of an `if`, or a turn of a `while`.
fn guarded_by(program: &Program, condition: Place) -> Option<ExprId> {
    let mut at = condition;
    for _ in 0..6 {
        let parent = program.parent(at)?;
        match program.expr(parent).kind {
            ExprKind::If { cond, then, .. } if cond == at.expr => return Some(then),
            ExprKind::Loop { kind: LoopKind::While(cond), body, .. } if cond == at.expr => return Some(body),
            ExprKind::Binary { .. } => at = parent,
            _ => return None,
        }
    }
    None
}

/// The local of `Ok(permit)` or `Some(permit)`.
fn opened(program: &Program, body: BodyId, pat: PatId) -> Option<LocalId> {
    match program.constructor(body, pat)? {
        ("Ok" | "Some", [inner]) => match program.body(body).pats[*inner].kind {
            PatKind::Bind { local, .. } => Some(local),
            _ => None,
        },
        _ => None,
    }
}

/// `permit` of `let Ok(permit) = value else { .. };`
fn taken_out(program: &Program, value: Place, block: Place) -> Option<LocalId> {
    let ExprKind::Block(block) = &program.expr(block).kind else { return None };
    let pat = block.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Let { pat, init, .. } if *init == Some(value.expr) => Some(*pat),
        _ => None,
    })?;
    opened(program, value.body, pat)
}

/// `permit = acquire() => permit`: the value of the `select!`.
fn given_by_arm(program: &Program, future: Place, select: Place) -> bool {
    let ExprKind::Select(all) = &program.expr(select).kind else { return false };
    let Some(arm) = all.arms.iter().find(|arm| arm.future == future.expr) else { return false };
    let body = program.body(future.body);
    let PatKind::Bind { local, .. } = body.pats[arm.pat].kind else { return false };
    matches!(body.exprs[arm.handler].kind, ExprKind::Local(given) if given == local)
}

/// What follows a statement in its block.
fn later(program: &Program, declared: Place) -> Option<Vec<ExprId>> {
    let (block, index, _) = program.statement(declared)?;
    let ExprKind::Block(stmts) = &program.expr(block).kind else { return None };
    let later = stmts.stmts.iter().skip(index + 1).filter_map(|stmt| match stmt {
        Stmt::Let { init, .. } => *init,
        Stmt::Expr { expr, .. } => Some(*expr),
        Stmt::Item(_) => None,
    });
    Some(later.chain(stmts.tail).collect())
}

/// A spawn that does not wait for its task, while the permit lives.
fn not_moved(program: &Program, call: Place, scope: &[ExprId]) -> Option<Place> {
    let inside = |expr: ExprId| scope.iter().any(|outer| program.body(call.body).is_inside(expr, *outer));
    let calls: Vec<_> = program.api_calls(call.body).filter(|(at, _)| inside(at.expr)).collect();
    if calls.iter().any(|(_, entry)| matches!(entry.role, Some(Role::TaskSetDrain | Role::JoinAll))) {
        return None;
    }
    let region = program.expr(call).region;
    let spawns = calls.into_iter().filter(|(_, entry)| is_spawn(entry.role));
    let mut spawns = spawns.map(|(at, _)| at).filter(|at| program.expr(*at).region == region);
    spawns.find(|at| !is_waited_for(program, *at))
}

const fn is_spawn(role: Option<Role>) -> bool {
    matches!(role, Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking | Role::TaskSetSpawn))
}

/// `let _permit = permit;` as first statement of the task, for a permit that owns its place.
fn moved_in(program: &Program, spawn: Place, permit: LocalId) -> Option<Edit> {
    let is_owned = program.local_ty(spawn.body, permit).path()?.as_str().ends_with("OwnedSemaphorePermit");
    let work = program.inner_future(program.payload(spawn, program.api(spawn)?)?);
    let (ExprKind::Async(region) | ExprKind::Closure(region)) = program.expr(work).kind else { return None };
    let body = program.body(spawn.body);
    let decl = &body.regions[region];
    let is_block = matches!(body.exprs[decl.body].kind, ExprKind::Block(_));
    let statement = format!("let _permit = {};", body.locals[permit].name);
    (is_owned && decl.is_move && is_block)
        .then(|| fixes::first_in_block(program, Place { expr: decl.body, ..spawn }, &statement))
}

fn is_waited_for(program: &Program, spawn: Place) -> bool {
    match program.fate(spawn) {
        Fate::Awaited(_) | Fate::Macro(_) | Fate::Selected(_) => true,
        Fate::Bound(local) => program.reads(spawn.body, local).into_iter().any(|expr| {
            matches!(
                program.fate(Place { expr, ..spawn }),
                Fate::Awaited(_) | Fate::Macro(_) | Fate::Selected(_) | Fate::Used(_)
            )
        }),
        _ => false,
    }
}

/// The permit is taken in a task that an event-driven loop starts.
fn acquired_inside(program: &Program, call: Place) -> Option<Place> {
    let body = program.body(call.body);
    let region = body.exprs[call.expr].region;
    let block = Place { expr: body.regions[region].expr, ..call };
    let Fate::Argument(spawn, _) = program.fate(block) else { return None };
    let spawn = Place { expr: spawn, ..call };
    let role = program.api(spawn)?.role;
    if !matches!(role, Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn)) {
        return None;
    }
    let looped = program.nearest_loop(spawn)?;
    let ExprKind::Loop { kind, body: inner, .. } = &program.expr(looped).kind else { return None };
    let by_events = program.is_endless(looped, kind) || program.waits_for_events(Place { expr: *inner, ..looped });
    by_events.then_some(spawn)
}

/// `drop(permit)` in a task before its first await.
fn dropped_early(program: &Program, body: BodyId, local: LocalId) -> Option<Place> {
    let facts = program.body(body);
    let declared = facts.locals[local].region;
    program.reads(body, local).into_iter().find_map(|expr| {
        let mention = Place { body, expr };
        let Fate::Discarded(Discard::DropCall(call)) = program.fate(mention) else { return None };
        let region = facts.exprs[call].region;
        let awaits = |e: &(ExprId, &crate::facts::Expr)| e.1.region == region && matches!(e.1.kind, ExprKind::Await(_));
        let all: Vec<ExprId> = facts.exprs.iter_ids().filter(awaits).map(|(e, _)| e).collect();
        let (before, after) = (all.iter().any(|e| *e < call), all.iter().any(|e| *e > call));
        (region != declared && !before && after).then_some(Place { body, expr: call })
    })
}
