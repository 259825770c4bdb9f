//! ineffective-permit: a permit is released before the task that it should bound has finished.

use crate::catalog::Role;
use crate::diagnostic::{Applicability, Edit};
use crate::facts::expr::Stmt;
use crate::facts::{ExprId, ExprKind, LocalId, PatKind};
use crate::hir::names::{BodyId, Place};
use crate::program::{Discard, Fate, Program};

use super::findings::Findings;
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "ineffective-permit", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        if !matches!(entry.role, Some(Role::Acquire | Role::TryAcquire)) {
            continue;
        }
        // A place in a channel is a permit, too, but no bound on tasks.
        if !entry.owner.is_some_and(|owner| owner.as_str().ends_with("::Semaphore")) {
            continue;
        }
        if let Some(spawn) = acquired_inside(program, call) {
            out.at("acquired-inside", call)
                .also(program.call_span(spawn), "a task is started for each event, permit or not")
                .help("acquire an owned permit before the spawn and move it into the task");
            continue;
        }
        let Some(Held { local, kept, declared }) = bound(program, call) else { continue };
        let is_kept = kept.is_some() && !only_ends_here(program, call, local);
        if let (false, Some(spawn)) = (is_kept, not_moved(program, declared)) {
            let draft = out
                .at("not-moved", call)
                .also(program.call_span(spawn), "this task does not hold the permit")
                .help("move an owned permit into the task: `let _permit = permit;` as its first statement");
            if let Some(edit) = moved_in(program, spawn, local) {
                draft.fix("move the permit into the task", Applicability::Unsafe, vec![edit]);
            }
        } else if let Some(drop) = dropped_early(program, body, local) {
            out.at("dropped-early", call)
                .also(program.call_span(drop), "released here, before the work")
                .help("drop the permit after the work, or let it end with the task");
        }
    }
}

/// A permit in a local.
struct Held {
    local: LocalId,
    /// Its first mention.
    kept: Option<ExprId>,
    /// The value in the statement that declares the local.
    declared: Place,
}

/// The permit never leaves the code that takes it: it is dropped there by name, asked whether it is there, or thrown at a `_`.
fn only_ends_here(program: &Program, call: Place, local: LocalId) -> bool {
    let region = program.expr(call).region;
    program.reads(call.body, local).into_iter().all(|expr| {
        let mention = Place { expr, ..call };
        let ends = match program.fate(mention) {
            Fate::Discarded(how) => !matches!(how, Discard::ForgetCall(_)),
            Fate::Receiver(asked) => {
                let name = program.method_name(Place { expr: asked, ..call });
                matches!(name, Some("is_ok" | "is_some" | "is_err" | "is_none"))
            }
            _ => false,
        };
        ends && program.expr(mention).region == region
    })
}

/// The local that gets the permit: through `.await`, `?`, `unwrap()`, `let Ok(permit) = .. else`, the arm of a `select!`.
fn bound(program: &Program, call: Place) -> Option<Held> {
    let mut at = call;
    for _ in 0..8 {
        let place = |expr| Place { expr, ..call };
        let next = match program.fate(at) {
            Fate::Unused(local) => return Some(Held { local, kept: None, declared: at }),
            Fate::Bound(local) => match program.reads(call.body, local)[..] {
                [only] if matches!(program.fate(place(only)), Fate::Matched(_)) => only,
                ref reads => return Some(Held { local, kept: reads.first().copied(), declared: at }),
            },
            Fate::Matched(around) => {
                let local = taken_out(program, at, place(around))?;
                let kept = program.reads(call.body, local).first().copied();
                return Some(Held { local, kept, declared: at });
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

/// `permit` of `let Ok(permit) = value else { .. };`
fn taken_out(program: &Program, value: Place, block: Place) -> Option<LocalId> {
    let ExprKind::Block(block) = &program.expr(block).kind else { return None };
    let pat = block.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Let { pat, init, .. } if *init == Some(value.expr) => Some(*pat),
        _ => None,
    })?;
    match program.constructor(value.body, pat)? {
        ("Ok" | "Some", [inner]) => match program.body(value.body).pats[*inner].kind {
            PatKind::Bind { local, .. } => Some(local),
            _ => None,
        },
        _ => None,
    }
}

/// `permit = acquire() => permit`: the value of the `select!`.
fn given_by_arm(program: &Program, future: Place, select: Place) -> bool {
    let ExprKind::Select(all) = &program.expr(select).kind else { return false };
    let Some(arm) = all.arms.iter().find(|arm| arm.future == future.expr) else { return false };
    let body = program.body(future.body);
    let PatKind::Bind { local, .. } = body.pats[arm.pat].kind else { return false };
    matches!(body.exprs[arm.handler].kind, ExprKind::Local(given) if given == local)
}

/// A spawn that does not wait for its task, later in the block that declares the permit.
fn not_moved(program: &Program, call: Place) -> Option<Place> {
    let (block, index, _) = program.statement(call)?;
    let ExprKind::Block(stmts) = &program.expr(block).kind else { return None };
    let later = stmts.stmts.iter().skip(index + 1).filter_map(|stmt| match stmt {
        Stmt::Let { init, .. } => *init,
        Stmt::Expr { expr, .. } => Some(*expr),
        Stmt::Item(_) => None,
    });
    let later: Vec<ExprId> = later.chain(stmts.tail).collect();
    let inside = |expr: ExprId| later.iter().any(|outer| program.body(call.body).is_inside(expr, *outer));
    let calls: Vec<_> = program.api_calls(call.body).filter(|(at, _)| inside(at.expr)).collect();
    if calls.iter().any(|(_, entry)| matches!(entry.role, Some(Role::TaskSetDrain | Role::JoinAll))) {
        return None;
    }
    let region = program.expr(call).region;
    let spawns = calls.into_iter().filter(|(at, entry)| {
        let spawn =
            matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking | Role::TaskSetSpawn));
        spawn && program.expr(*at).region == region
    });
    spawns.map(|(at, _)| at).find(|at| !is_waited_for(program, *at))
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
