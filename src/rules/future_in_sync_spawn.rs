//! future-in-sync-spawn: a thread or a pool for blocking work is given a closure that only builds a future.

use crate::base::Span;
use crate::catalog::{FnEntry, Place as Where, Role};
use crate::diagnostic::{Applicability, Edit};
use crate::facts::expr::MacroShape;
use crate::facts::{ExprKind, PatKind, RegionId};
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Discard, Fate, Program};

use super::findings::Findings;
use super::{Check, Rule, fixes};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "future-in-sync-spawn", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        let Some(closure) = sync_closure(program, call, entry) else { continue };
        let ExprKind::Closure(region) = program.expr(closure).kind else { continue };
        let decl = &program.body(body).regions[region];
        if decl.ret.is_some() || !builds_future(program, body, region) {
            continue;
        }
        let kind = match polled_again(program, call, 0) {
            Some(true) => "not-offloaded",
            Some(false) => "never-runs",
            None => continue,
        };
        report(program, call, (closure, region), kind, out);
    }
}

/// The closure that runs on a thread or a blocking pool.
fn sync_closure(program: &Program, call: Place, entry: &FnEntry) -> Option<Place> {
    let (_, args) = program.operands(call, entry);
    let by_runs = entry.runs.iter().find(|r| matches!(r.place, Where::Offloaded | Where::Thread));
    let at = match (by_runs, entry.role) {
        (Some(runs), _) => runs.arg,
        // A builder of executors may take what gives the future that its thread drives.
        (None, Some(Role::SpawnThread)) if !entry.runs.is_empty() => return None,
        (None, Some(Role::SpawnBlocking | Role::BlockInPlace | Role::SpawnThread)) => 0,
        (None, _) => return None,
    };
    args.get(at).copied()
}

fn builds_future(program: &Program, body: BodyId, region: RegionId) -> bool {
    let is_async = program.body(body).regions[region].kind == crate::facts::RegionKind::AsyncClosure;
    let gives = program.types_of(body).returns.get(region).copied().unwrap_or_else(Ty::unknown);
    is_async || matches!(gives.kind(), TyKind::Future(..))
}

/// Whether the future that comes back is awaited; `None` when it leaves the body.
fn polled_again(program: &Program, value: Place, depth: u32) -> Option<bool> {
    if depth > 10 {
        return None;
    }
    let at = |expr| Place { expr, ..value };
    let is_future = matches!(program.ty(value).kind(), TyKind::Future(..));
    match program.fate(value) {
        Fate::Discarded(Discard::Closure(_)) => None,
        Fate::Discarded(_) | Fate::Unused(_) => Some(false),
        // The call itself may be that of an async fn: then the first await is that of the pool.
        Fate::Awaited(_) if is_future && depth > 0 => Some(true),
        Fate::Awaited(outer) | Fate::Tried(outer) => polled_again(program, at(outer), depth + 1),
        Fate::Receiver(outer) => match program.method_name(at(outer)) {
            Some("unwrap" | "expect" | "join" | "map_err" | "context" | "unwrap_or_else") => {
                polled_again(program, at(outer), depth + 1)
            }
            Some("map" | "is_ok" | "is_err" | "ok") => {
                matches!(program.fate(at(outer)), Fate::Discarded(_) | Fate::Receiver(_)).then_some(false)
            }
            _ => None,
        },
        Fate::Bound(local) => {
            let uses: Vec<Option<bool>> = program
                .reads(value.body, local)
                .into_iter()
                .map(|expr| polled_again(program, at(expr), depth + 1))
                .collect();
            if uses.contains(&Some(true)) { Some(true) } else { uses.into_iter().find(Option::is_some).flatten() }
        }
        Fate::Matched(outer) => payload_is_polled(program, value, at(outer)),
        Fate::Argument(..)
        | Fate::Returned(_)
        | Fate::Stored(_)
        | Fate::Macro(_)
        | Fate::Selected(_)
        | Fate::Used(_) => None,
    }
}

/// `Ok(future) => .. future.await`: what comes back is awaited in the arm that gets it.
fn payload_is_polled(program: &Program, value: Place, outer: Place) -> Option<bool> {
    let ExprKind::Match { scrutinee, arms } = &program.expr(outer).kind else { return None };
    let body = program.body(value.body);
    let given = arms.iter().filter(|_| *scrutinee == value.expr).find_map(|arm| {
        match program.constructor(value.body, arm.pat)? {
            ("Ok", [inner]) => match body.pats[*inner].kind {
                PatKind::Bind { local, .. } => Some(local),
                _ => None,
            },
            _ => None,
        }
    })?;
    let awaited = |expr| matches!(program.fate(Place { expr, ..value }), Fate::Awaited(_));
    program.reads(value.body, given).into_iter().any(awaited).then_some(true)
}

fn report(
    program: &Program,
    call: Place,
    (closure, region): (Place, RegionId),
    kind: &'static str,
    out: &mut Findings<'_>,
) {
    let text = program.text(program.call_span(call)).to_owned();
    let name = text.rsplit("::").next().unwrap_or(&text).to_owned();
    let body = program.body(call.body);
    let mut tail = body.regions[region].body;
    while let ExprKind::Block(block) = &body.exprs[tail].kind
        && let Some(inner) = block.tail
    {
        tail = inner;
    }
    let made = Place { expr: tail, ..closure };
    let span = match body.exprs[tail].kind {
        ExprKind::Async(_) => program.head_span(made),
        _ => program.call_span(made),
    };
    let draft = out.at(kind, call).fill("spawn", &name).why(span, "the closure gives this future back");
    if kind == "never-runs" {
        let draft = match without_async(program, call, region) {
            Some(edits) => draft.fix("run the block as plain code", Applicability::Unsafe, edits),
            None => draft,
        };
        draft.help(
            "drive it inside the closure: `Handle::current().block_on(async { .. })`, or give it to `tokio::spawn`",
        );
    } else {
        draft.help("await it directly: the pool only built the future, which now runs on the async worker");
    }
}

/// `|| async move { .. }` without an await inside is as `move || { .. }`.
fn without_async(program: &Program, call: Place, region: RegionId) -> Option<Vec<Edit>> {
    let body = program.body(call.body);
    let closure = &body.regions[region];
    let ExprKind::Async(inner) = body.exprs[closure.body].kind else { return None };
    let block = body.regions[inner].body;
    let suspends = program.exprs_of(RegionRef { body: call.body, region: inner }).any(|(_, expr)| match &expr.kind {
        ExprKind::Await(_) | ExprKind::Select(_) => true,
        ExprKind::Macro(call) => matches!(call.shape, MacroShape::Join | MacroShape::TryJoin | MacroShape::Unknown),
        _ => false,
    });
    let start = program.span(Place { expr: closure.body, ..call });
    let word = Span { end: program.span(Place { expr: block, ..call }).start, ..start };
    let plain = program.text(word).split_whitespace().all(|part| matches!(part, "async" | "move"));
    if suspends || !plain {
        return None;
    }
    let mut edits = Vec::new();
    if body.regions[inner].is_move && !closure.is_move {
        edits.push(fixes::before(program.span(Place { expr: closure.expr, ..call }), "move "));
    }
    edits.push(fixes::replace(word, ""));
    Some(edits)
}
