//! cancel-unsafe-select: a loop drops a future half-way that cannot be dropped without loss.
//!
//! `select!`, `futures::future::select` and `timeout` in a loop that goes on when the future does not end first.

mod arms;
mod held;
mod inferred;
mod reads;
mod value;

use super::findings::{Draft, Findings};
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::{Cancel, FnEntry, Place as Ground, Role};
use crate::facts::ExprKind;
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;
use crate::program::owner::Scope;
use inferred::Reason;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "cancel-unsafe-select", check: Check::Body(check) };

/// A future that is polled in a turn of a loop, and may be dropped before it ends while the loop goes on.
#[derive(Clone, Copy, Debug)]
struct Polled {
    /// The call or block that makes it.
    made: Place,
    /// The loop.
    looped: Place,
    /// What is shown as the way on.
    other: Span,
    by: By,
}

/// Who drops it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    /// Another branch that wins.
    Branch,
    /// The time that is over.
    Timeout,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for polled in arms::all(program, body) {
        judge(program, polled, out);
    }
}

fn judge(program: &Program, polled: Polled, out: &mut Findings<'_>) {
    let future = innermost(program, polled.made);
    let turn = Scope::Turn(polled.looped);
    if let ExprKind::Async(_) = program.expr(future).kind {
        // A block made in the turn loses what it did to readers, writers and channels outside.
        let Some(region) = program.polled_region(future) else { return };
        let lives_on = |reason: &Reason| program.outlives(reason.owner, turn);
        if let Some(reason) = inferred::of_region(program, region, 0).filter(lives_on) {
            in_block(program, polled, &reason, out);
        }
        return;
    }
    match program.target(future) {
        Target::Api(_) if held::is_joined(program, future) => {
            let mut parts = program.arguments(future).into_iter();
            let taken = parts.find(|part| value::taken(program, *part).is_some_and(|at| program.outlives(at, turn)));
            if let Some(place) = taken {
                let reason = Reason { place, why: "taken out here", later: None, owner: place };
                in_block(program, polled, &reason, out);
            }
        }
        Target::Api(entry) => {
            if let Some(kind) = entry.cancel.and_then(|cancel| kind_of(program, future, entry, cancel, polled)) {
                found(future, entry, kind, polled, out);
            }
        }
        Target::Fn(_) | Target::TraitFn(_) => {
            if let Some(reason) = inferred::of_call(program, future, turn, 0) {
                let name = program.text(program.call_span(future)).rsplit("::").next().unwrap_or_default().to_owned();
                let draft = out.at("inferred", future).fill("name", &name).fill("by", polled.by.text());
                finish(polled, explained(program, &reason, draft));
            }
        }
        Target::Foreign(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => {}
    }
}

/// The future below `timeout(..)` and adaptors such as `.map(..)`: they are as safe to drop as what they wrap.
fn innermost(program: &Program, future: Place) -> Place {
    let mut at = future;
    for _ in 0..8 {
        let Some(entry) = program.api(at).filter(|entry| entry.cancel == Some(Cancel::Depends)) else { break };
        let (recv, args) = program.operands(at, entry);
        let polled = entry.runs.iter().find(|runs| runs.place == Ground::Async).and_then(|runs| args.get(runs.arg));
        match polled.copied().filter(|_| entry.role == Some(Role::Timeout)).or(recv) {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

fn kind_of(program: &Program, call: Place, entry: &FnEntry, cancel: Cancel, polled: Polled) -> Option<&'static str> {
    let (recv, args) = program.operands(call, entry);
    let lives_on =
        || recv.or_else(|| args.first().copied()).is_some_and(|at| program.outlives(at, Scope::Turn(polled.looped)));
    let in_select = polled.by == By::Branch;
    match cancel {
        Cancel::Safe | Cancel::Resumable | Cancel::Depends => None,
        Cancel::LosesData => lives_on().then_some("loses-data"),
        // Who bounds a send gives up the value.
        Cancel::LosesValue => in_select.then(|| {
            let lost = args.last().is_some_and(|at| value::is_lost(program, *at, polled.looped));
            if lost { "loses-value" } else { "rebuilt" }
        }),
        // A wake-up that comes while nobody waits is kept.
        Cancel::Restarts => (in_select && entry.role != Some(Role::Notified)).then_some("restarts"),
        Cancel::Undocumented => (in_select && lives_on()).then_some("undocumented"),
    }
}

/// What a block loses, shown at the call in it.
fn in_block(program: &Program, polled: Polled, reason: &Reason, out: &mut Findings<'_>) {
    match program.api(reason.place).filter(|entry| entry.cancel == Some(Cancel::LosesData)) {
        Some(entry) => found(reason.place, entry, "loses-data", polled, out),
        None => {
            let name = program.text(program.call_span(reason.place)).rsplit("::").next().unwrap_or_default().to_owned();
            let draft = out.at("inferred", reason.place).fill("name", &name).fill("by", polled.by.text());
            finish(polled, explained(program, reason, draft));
        }
    }
}

fn found(call: Place, entry: &'static FnEntry, kind: &'static str, polled: Polled, out: &mut Findings<'_>) {
    let draft = out.at(kind, call).fill("name", entry.name.as_str()).fill("by", polled.by.text()).subject(entry.path);
    finish(polled, draft);
}

fn explained<'f, 'a>(program: &Program, reason: &Reason, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = draft.why(program.call_span(reason.place), reason.why);
    match reason.later {
        Some(later) => draft
            .why(program.suspension_span(later.body, later.expr), "here it is still held, and dropped with this wait"),
        None => draft,
    }
}

fn finish(polled: Polled, draft: Draft<'_, '_>) {
    let (label, way) = match polled.by {
        By::Branch => ("dropped when another branch wins", "this branch can win, and the loop goes on"),
        By::Timeout => ("dropped when the time is over", "then the loop goes on"),
    };
    draft
        .label(label)
        .context(polled.other, way)
        .help("make the future once before the loop, pin it and poll `&mut future` in the loop; make it anew when it has ended")
        .help("or give the work to a task of its own and wait for a channel or its handle");
}

impl By {
    const fn text(self) -> &'static str {
        match self {
            Self::Branch => "another branch wins",
            Self::Timeout => "the time is over",
        }
    }
}
