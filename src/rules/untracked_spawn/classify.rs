//! How a lost task can end: what decides the kind of the finding.
//!
//! A task that watches another one is not reported at all: it is there to see how the other ends.

use crate::base::Span;
use crate::catalog::Role;
use crate::facts::ExprKind;
use crate::facts::expr::LoopKind;
use crate::hir::known::known;
use crate::hir::names::{Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Hazard, Program, Risk, Shape, Task, Work};

/// How a task ends.
pub(super) struct Ending {
    /// The kind, unless the way in which the handle is lost has a kind of its own.
    pub kind: &'static str,
    /// What shows it.
    pub why: Option<(Span, String)>,
    /// The task never ends by itself.
    pub endless: bool,
}

/// How the task ends; `None` for a task that nobody needs to wait for.
pub(super) fn ending(program: &Program, task: &Task, work: &Work) -> Option<Ending> {
    let aborts = program.panic_ends_process(task.call.body);
    let Some(region) = work.spawned.region else {
        return unseen(work).filter(|ending| !aborts || ending.kind == "lost-error");
    };
    let shape = program.deep_shape(region);
    if shape.joins.is_some() || shape.catches.is_some() || program.answers_its_starter(task, region) {
        return None;
    }
    let endless = shape.endless.is_some();
    let fails = is_result(work) && !ends_with_send(program, region);
    let (kind, why) = if fails || ends_by_question_mark(program, work, &shape) {
        ("lost-error", Some(source_of_error(program, region, &shape)))
    } else if aborts {
        // Such a task can only die of an error that it meets: a panic takes everything down, and its events end with the program.
        let given_up = shape.endless.or(shape.events).and_then(|looped| program.gives_up(looped));
        let given_up = given_up.filter(|_| !program.is_one_of_many(task.call));
        let given_up = given_up.filter(|exit| !program.is_told_before(*exit) && !is_answered(program, region, *exit));
        ("service", Some((program.head_span(given_up?), "here the task gives up for good".to_owned())))
    } else if let Some(looped) = shape.endless.or(shape.events).filter(|looped| !is_pump(program, task, *looped)) {
        match program.risk_of(region) {
            _ if program.end_is_heard(task, region) => ("best-effort", None),
            Risk::None => ("best-effort", None),
            Risk::Unread => ("unclassified", None),
            // Files, sockets and others' clients fail by a `Result`, which was read; what comes again with the time tries again.
            Risk::Step(_, Hazard::Outside) if program.comes_with_the_time(looped) => ("unclassified", None),
            // One of many, for one client or item: it ends with that, in whatever way.
            Risk::Step(_, Hazard::Outside | Hazard::GivesUp) if program.is_one_of_many(task.call) => {
                ("unclassified", None)
            }
            Risk::Step(at, hazard) => ("service", Some((hazard_span(program, at), hazard_text(hazard).to_owned()))),
        }
    } else if let Some(serving) = shape.serves {
        ("service", Some((program.call_span(serving), "this serves until the program ends".to_owned())))
    } else if let Some(panics) = program.panic_of(region) {
        ("may-panic", Some((panic_span(program, panics), "this can panic".to_owned())))
    } else if work.spawned.output.is_unknown() || is_open(work) || hides_flow(program, &shape) {
        ("unclassified", None)
    } else {
        ("best-effort", None)
    };
    Some(Ending { kind, why, endless })
}

fn unseen(work: &Work) -> Option<Ending> {
    let kind = if is_result(work) { "lost-error" } else { "unclassified" };
    Some(Ending { kind, why: None, endless: false })
}

/// A `Result` whose error says something: whoever returns `Err(())` has said what there was to say.
fn is_result(work: &Work) -> bool {
    let output = work.spawned.output;
    output.path() == Some(known().result) && output.args().get(1).is_none_or(|error| !says_nothing(*error))
}

/// `()`, or that the other end of a channel is gone.
fn says_nothing(error: Ty) -> bool {
    match error.kind() {
        TyKind::Tuple(parts) => parts.is_empty(),
        TyKind::Never => true,
        _ => error.path().is_some_and(|path| {
            path.as_str() == "std::convert::Infallible" || path.as_str().ends_with("oneshot::error::RecvError")
        }),
    }
}

/// `while let Some(item) = items.next().await { tx.send(item) .. }`: ends with the items, and whoever takes them sees the end.
fn is_pump(program: &Program, task: &Task, looped: Place) -> bool {
    let ExprKind::Loop { kind: LoopKind::While(cond), .. } = program.expr(looped).kind else { return false };
    let ExprKind::Let { expr, .. } = program.expr(Place { expr: cond, ..looped }).kind else { return false };
    let ExprKind::Await(call) = program.expr(Place { expr, ..looped }).kind else { return false };
    let call = Place { expr: call, ..looped };
    matches!(program.method_name(call), Some("next" | "try_next")) && program.feeds_its_starter(task, looped)
}

/// The value of the task is that of `tx.send(..)`: an Err says that nobody listens any more.
fn ends_with_send(program: &Program, region: RegionRef) -> bool {
    let body = Place { body: region.body, expr: program.body(region.body).regions[region.region].body };
    let mut sends = false;
    let all = ends_well(program, body, &mut sends);
    all && sends
}

/// In every branch an `Ok(..)`, or a send.
fn ends_well(program: &Program, at: Place, sends: &mut bool) -> bool {
    let here = |expr| Place { expr, ..at };
    match &program.expr(at).kind {
        ExprKind::Block(block) => block.tail.is_some_and(|tail| ends_well(program, here(tail), sends)),
        ExprKind::Await(inner) => ends_well(program, here(*inner), sends),
        ExprKind::Match { arms, .. } => arms.iter().all(|arm| ends_well(program, here(arm.body), sends)),
        ExprKind::If { then, else_: Some(other), .. } => {
            ends_well(program, here(*then), sends) && ends_well(program, here(*other), sends)
        }
        ExprKind::Select(select) => select.arms.iter().all(|arm| ends_well(program, here(arm.handler), sends)),
        _ => {
            let send = program.api(at).is_some_and(|entry| entry.role == Some(Role::Send));
            *sends |= send;
            send || program.source(at).starts_with("Ok(")
        }
    }
}

/// A `?` in a block whose output is not known: a block that ends with an `Option` is rare.
fn ends_by_question_mark(program: &Program, work: &Work, shape: &Shape) -> bool {
    let Some(question) = shape.question.filter(|_| work.spawned.output.is_unknown()) else { return false };
    let ExprKind::Try(inner) = program.expr(question).kind else { return false };
    program.ty(Place { expr: inner, ..question }).path() != Some(known().option)
}

/// A macro that is not understood holds an await or a jump.
fn hides_flow(program: &Program, shape: &Shape) -> bool {
    shape.unknown.is_some_and(|place| match &program.expr(place).kind {
        ExprKind::Macro(call) => call.hidden_flow,
        _ => false,
    })
}

/// An output that stands for any type.
fn is_open(work: &Work) -> bool {
    matches!(work.spawned.output.kind(), TyKind::Param(..) | TyKind::Projection(..) | TyKind::TraitSelf(_))
}

/// The error that ends a loop of a called fn comes back to the task, which does something with it.
fn is_answered(program: &Program, region: RegionRef, exit: Place) -> bool {
    exit.body != region.body
        && !matches!(program.expr(exit).kind, ExprKind::Break { .. } | ExprKind::Return(None))
        && program.hears_results(region)
}

fn hazard_text(hazard: Hazard) -> &'static str {
    match hazard {
        Hazard::Panics => "this can panic",
        Hazard::GivesUp => "this loop gives up after an error, without a word",
        Hazard::DropsError => "the error of this is thrown away, and with it what it gave up",
        Hazard::Period => "this panics when the period is zero",
        Hazard::RunsOthers => "this runs code that was given from elsewhere",
        Hazard::Outside => "this may fail, or wait for ever",
    }
}

fn hazard_span(program: &Program, at: Place) -> Span {
    match &program.expr(at).kind {
        ExprKind::Loop { .. } => program.head_span(at),
        _ => panic_span(program, at),
    }
}

fn panic_span(program: &Program, place: Place) -> Span {
    match &program.expr(place).kind {
        ExprKind::Index { index, .. } => program.span(Place { expr: *index, ..place }),
        _ => program.call_span(place),
    }
}

fn source_of_error(program: &Program, region: RegionRef, shape: &Shape) -> (Span, String) {
    if region.region.0 == 0
        && let Some(name) = program.fn_name_span(region.body)
    {
        return (name, format!("`{}` returns a Result", program.text(name)));
    }
    if let Some(question) = shape.question {
        let span = program.span(question);
        return (Span { start: span.end.saturating_sub(1), ..span }, "this `?` ends the task with an Err".to_owned());
    }
    let body = program.body(region.body);
    let mut at = body.regions[region.region].body;
    while let ExprKind::Block(block) = &body.exprs[at].kind
        && let Some(tail) = block.tail
    {
        at = tail;
    }
    (program.head_span(Place { body: region.body, expr: at }), "the task ends with this Result".to_owned())
}
