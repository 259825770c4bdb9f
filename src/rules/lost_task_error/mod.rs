//! lost-task-error: a task is joined, and its outcome thrown away.
//!
//! Looks at every value that says how a task ended (a `Result` with a join error, in an `Option` or a list where a set gives it)
//! and follows it until something looks at it. Waiting for a task that was told to stop loses nothing.

mod observe;
mod outcome;
mod outer;
mod tested;
mod told;

use crate::diagnostic::{Confidence, Severity, Writes};
use crate::facts::expr::{LoopKind, MacroShape};
use crate::facts::{ExprKind, PatId, PatKind};
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Discard, Fate, Program};

use super::findings::Findings;
use super::{Check, Rule};

use outcome::{Joined, Outcome, join_result, joins};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "lost-task-error", check: Check::Body(check) };

/// What is lost of an outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lost {
    /// All of it.
    All,
    /// What the task returned.
    Inner,
    /// Everything after the first failure.
    Rest,
    /// The panic.
    Panic,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for joined in joins(program, body) {
        if let Some(lost) = lost(program, &joined, joined.value, 0) {
            // A set whose `join_all` raises panics again loses what the tasks returned.
            report(program, &joined, if joined.raises { Lost::Inner } else { lost }, out);
        }
    }
    select_arms(program, body, out);
}

/// Arms of `select!` that ignore how a task ended: `_ = &mut task => ..`.
fn select_arms(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (_, node) in program.body(body).exprs.iter_ids() {
        let ExprKind::Select(select) = &node.kind else { continue };
        for arm in &select.arms {
            let future = Place { body, expr: arm.future };
            let Some(joined) = outcome::polled(program, future) else { continue };
            let is_wild = |pat: PatId| matches!(program.body(body).pats[pat].kind, PatKind::Wild);
            let inner = payload(program, future, arm.pat, "Some");
            if is_wild(arm.pat) || joined.many && inner.is_some_and(is_wild) {
                report(program, &joined, Lost::All, out);
                continue;
            }
            let named = outer::name_of(program, future, inner.filter(|_| joined.many).unwrap_or(arm.pat));
            if let Some(lost) = named.and_then(|local| outer::by_name(program, &joined, future, local, 0)) {
                report(program, &joined, lost, out);
            }
        }
    }
}

fn report(program: &Program, joined: &Joined, lost: Lost, out: &mut Findings<'_>) {
    if lost != Lost::Rest && told::to_stop(program, joined) {
        return;
    }
    let outcome = joined.outcome(program);
    // Where a panic ends the process, a task fails by what it returns or not at all.
    let cannot_fail = !is_result(joined.output) && !joined.output.is_unknown();
    if program.panic_ends_process(joined.place.body) && (cannot_fail || lost == Lost::Panic) {
        return;
    }
    let (kind, confidence) = match (lost, outcome) {
        (Lost::Rest, _) => ("stops-at-first", Confidence::Certain),
        (Lost::Inner, _) => ("outer-only", Confidence::Certain),
        (Lost::Panic, _) => ("panic-ignored", Confidence::Certain),
        (Lost::All, Outcome::Nothing) => ("harmless", Confidence::Likely),
        (Lost::All, Outcome::Unseen) if told::is_teardown(program, joined.place.body) && joined.gives_nothing() => {
            ("harmless", Confidence::Likely)
        }
        (Lost::All, Outcome::Error | Outcome::Panic) => ("discarded", Confidence::Certain),
        (Lost::All, Outcome::Unseen) => ("discarded", Confidence::Likely),
    };
    let mut draft = out.at(kind, joined.place).confidence(confidence);
    if kind == "harmless" {
        draft = draft.at_most(Severity::Note);
    }
    if kind == "discarded" && outcome == Outcome::Error {
        draft = draft.message("the outcome of this task is discarded: a panic or an Err in it goes unnoticed");
    }
    if let Some((span, text)) = joined.source(program) {
        draft = draft.why(span, text);
    }
    if kind == "discarded"
        && let Some((class, edits)) = observe::edits(program, joined)
    {
        draft = draft.fix_with(Writes::Companion, "look at the outcome", class, edits);
    }
    match kind {
        "stops-at-first" => {
            draft
                .note("dropping a set aborts the tasks that are left in it")
                .help("look at each outcome: `while let Some(done) = set.join_next().await { match done { .. } }`");
        }
        "outer-only" => {
            draft.help("look at both: `??`, or `match` on the inner `Result`");
        }
        _ if joined.many => {
            draft.help("look at each outcome, or use `JoinSet::join_all`, which raises a panic again");
        }
        _ if program.depends_on(joined.place.body, "tracing") => {
            draft.help("`if let Err(error) = .. { tracing::error!(%error, \"task failed\"); }`");
        }
        _ => {
            draft.help("look at the outcome, and say what happened when it is an error");
        }
    }
}

/// What the fate of the value at `place`, an outcome or something made of it, loses.
fn lost(program: &Program, joined: &Joined, place: Place, depth: u32) -> Option<Lost> {
    if depth > 6 {
        return None;
    }
    let at = |expr| Place { expr, ..place };
    match program.fate(place) {
        Fate::Discarded(Discard::Statement) => {
            let nothing = joined.raises && !is_result(joined.output);
            (!nothing && !is_must_use(program.ty(place))).then_some(Lost::All)
        }
        Fate::Discarded(Discard::Let { typed: true } | Discard::Closure(_)) => None,
        Fate::Discarded(_) => Some(Lost::All),
        Fate::Unused(_) => Some(Lost::All),
        Fate::Tried(outer) => opened(program, joined, at(outer)),
        Fate::Receiver(call) => by_method(program, joined, place, at(call), depth),
        Fate::Matched(outer) => by_pattern(program, joined, place, at(outer), depth)
            .or_else(|| outer::by_match(program, joined, place, at(outer)))
            .or_else(|| blind_match(program, place, at(outer))),
        Fate::Used(outer) => {
            condition(program, place, at(outer)).or_else(|| outer::by_loop(program, joined, place, at(outer), depth))
        }
        Fate::Bound(local) => outer::by_name(program, joined, place, local, depth),
        Fate::Awaited(_)
        | Fate::Argument(..)
        | Fate::Returned(_)
        | Fate::Stored(_)
        | Fate::Macro(_)
        | Fate::Selected(_) => None,
    }
}

fn by_method(program: &Program, joined: &Joined, place: Place, call: Place, depth: u32) -> Option<Lost> {
    let statement = || matches!(program.fate(call), Fate::Discarded(_) | Fate::Unused(_));
    match program.method_name(call)? {
        "ok" | "err" | "unwrap_or_default" | "unwrap_or" => statement().then_some(Lost::All),
        "is_ok" | "is_err" | "is_some" | "is_none" if statement() => Some(Lost::All),
        "into_iter" if joined.many && flattened(program, call) > 0 => {
            let inner = is_result(joined.output);
            Some(if inner && flattened(program, call) > 1 { Lost::All } else { Lost::Panic })
        }
        "into_iter" | "iter" if program.is_counted_away(call) => Some(Lost::All),
        "into_iter" | "iter" if joined.many && !joined.raises => tested::by_filter(program, joined, call),
        "len" | "is_empty" if joined.raises => Some(Lost::All),
        "map_or" | "map_or_else" | "is_some_and" | "is_ok_and" if tested::by_test(program, call) => {
            let Fate::Used(outer) = program.fate(call) else { return None };
            let all = condition(program, call, Place { expr: outer, ..place })?;
            let looped = matches!(program.expr(Place { expr: outer, ..place }).kind, ExprKind::Loop { .. });
            Some(if looped && joined.many { Lost::Rest } else { all })
        }
        "is_ok" => match program.fate(call) {
            Fate::Used(outer) => condition(program, call, Place { expr: outer, ..place }),
            _ => None,
        },
        "is_some" if is_option(program.ty(place)) => match program.fate(call) {
            Fate::Used(outer) => condition(program, call, Place { expr: outer, ..place }),
            _ => None,
        },
        "is_err" if is_result(joined.output) && !is_option(program.ty(place)) => match program.fate(call) {
            Fate::Used(outer) => condition(program, call, Place { expr: outer, ..place }).map(|_| Lost::Inner),
            _ => None,
        },
        "map_err" | "inspect_err" | "context" | "with_context" | "wrap_err" | "wrap_err_with"
            if !is_option(program.ty(place)) =>
        {
            lost(program, joined, call, depth + 1).and_then(|_| is_result(joined.output).then_some(Lost::Inner))
        }
        "unwrap" | "expect" if is_option(program.ty(place)) => lost(program, joined, call, depth + 1),
        "unwrap" | "expect" => opened(program, joined, call),
        _ => None,
    }
}

fn blind_match(program: &Program, place: Place, outer: Place) -> Option<Lost> {
    let ExprKind::Match { arms, .. } = &program.expr(outer).kind else { return None };
    tested::by_blind_match(program, place, arms).then_some(Lost::All)
}

/// How many times `flatten` follows: each lets the errors of one level vanish.
fn flattened(program: &Program, call: Place) -> u32 {
    let Fate::Receiver(next) = program.fate(call) else { return 0 };
    let next = Place { expr: next, ..call };
    if program.method_name(next) == Some("flatten") { 1 + flattened(program, next) } else { 0 }
}

/// The join error was looked at; what is left is what the task returned.
fn opened(program: &Program, joined: &Joined, value: Place) -> Option<Lost> {
    if is_option(program.ty(joined.value)) && join_result(program, program.ty(value)).is_some() {
        return lost(program, joined, value, 1);
    }
    if !is_result(joined.output) {
        return None;
    }
    match program.fate(value) {
        Fate::Discarded(Discard::Let { typed: false } | Discard::Assign | Discard::DropCall(_)) => Some(Lost::Inner),
        Fate::Unused(_) => Some(Lost::Inner),
        Fate::Receiver(call) => {
            let method = program.method_name(Place { expr: call, ..value });
            let dead = matches!(program.fate(Place { expr: call, ..value }), Fate::Discarded(_));
            (matches!(method, Some("ok" | "unwrap_or_default")) && dead).then_some(Lost::Inner)
        }
        _ => None,
    }
}

/// `if outcome.is_ok() { .. }` without an else, `while set.join_next().await.is_some() { .. }`.
fn condition(program: &Program, cond: Place, outer: Place) -> Option<Lost> {
    match &program.expr(outer).kind {
        ExprKind::If { cond: c, else_: None, .. } if *c == cond.expr => Some(Lost::All),
        ExprKind::Loop { kind: LoopKind::While(c), .. } if *c == cond.expr => Some(Lost::All),
        _ => None,
    }
}

fn by_pattern(program: &Program, joined: &Joined, place: Place, outer: Place, depth: u32) -> Option<Lost> {
    let ExprKind::Let { pat, .. } = program.expr(outer).kind else { return None };
    let parent = program.parent(outer)?;
    let in_while = matches!(program.expr(parent).kind, ExprKind::Loop { kind: LoopKind::While(_), .. });
    let alone = matches!(program.expr(parent).kind, ExprKind::If { else_: None, .. });
    if !in_while && !alone {
        return None;
    }
    let of_option = is_option(program.ty(place));
    if tested::by_blind_pattern(program, place, pat) {
        return Some(Lost::All);
    }
    let inner = if of_option { payload(program, place, pat, "Some")? } else { pat };
    let is_wild = |pat: PatId| matches!(program.body(place.body).pats[pat].kind, PatKind::Wild);
    if of_option && is_wild(inner) {
        return Some(Lost::All);
    }
    if let Some(local) = outer::name_of(program, place, inner).filter(|_| of_option) {
        return outer::by_name(program, joined, place, local, depth);
    }
    if let Some(lost) = outer::by_err_pattern(program, joined, place, inner).filter(|_| alone && !of_option) {
        return Some(lost);
    }
    let ok = payload(program, place, inner, "Ok")?;
    if in_while {
        return of_option.then_some(Lost::Rest);
    }
    if is_wild(ok) || payload(program, place, ok, "Ok").is_some_and(is_wild) {
        return Some(Lost::All);
    }
    if is_result(joined.output) && payload(program, place, ok, "Ok").is_some() {
        return Some(Lost::All);
    }
    payload(program, place, ok, "Err").map(|_| Lost::Panic)
}

/// The only element of `Name(..)`.
fn payload(program: &Program, place: Place, pat: PatId, name: &str) -> Option<PatId> {
    let body = program.body(place.body);
    match &body.pats[pat].kind {
        PatKind::TupleStruct { path, elems } if elems.len() == 1 => {
            (body.paths.paths[*path].last().as_str() == name).then(|| elems[0])
        }
        _ => None,
    }
}

fn is_option(ty: Ty) -> bool {
    ty.path() == Some(known().option)
}

fn is_result(ty: Ty) -> bool {
    ty.path() == Some(known().result)
}

/// rustc warns about an unused value of this type.
fn is_must_use(ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Tuple(elems) => elems.iter().any(|t| is_must_use(*t)),
        _ => is_result(ty),
    }
}

/// Macros that await handles and give their outcomes.
const fn awaits(shape: MacroShape) -> bool {
    matches!(shape, MacroShape::Join | MacroShape::TryJoin)
}
