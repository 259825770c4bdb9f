//! accept-error-exit: one failed accept ends the server, or is tried again at once for ever.

use super::findings::Findings;
use super::loop_error::{Failing, OnError, Shape, on_error};
use super::{Check, Rule, relay};
use crate::catalog::{FnEntry, Role};
use crate::facts::ExprKind;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "accept-error-exit", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.api_calls(body) {
        if let Some(shape) = accepts(program, place, entry) {
            judge(
                program,
                Failing { call: place, shape, variant: None, in_for: false },
                entry.role == Some(Role::Accept),
                out,
            );
        }
    }
    let wanted = |at: Place, entry: &FnEntry| accepts(program, at, entry) == Some(Shape::Result);
    for (call, _, shape) in relay::calls(program, body, wanted) {
        judge(program, Failing { call, shape, variant: None, in_for: false }, true, out);
    }
    by_adaptors(program, body, out);
}

/// `stream.try_for_each(..)` over accepted connections.
fn by_adaptors(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        let path = || program.ty(program.receiver(call)).peel_refs().path();
        let is_stream = || path().is_some_and(|path| STREAMS.contains(&path.as_str()));
        if relay::ENDS_AT_FIRST_ERROR.contains(&entry.name.as_str()) && is_stream() {
            out.at("exit", call)
                .label("ends at the first error: when file descriptors run out, or a peer gives up")
                .help("take the error out of the stream first: log it, `sleep` for 100 ms and go on");
        }
    }
}

/// Listeners as streams.
const STREAMS: [&str; 2] = ["tokio_stream::wrappers::TcpListenerStream", "tokio_stream::wrappers::UnixListenerStream"];

/// What the await of a call gives that takes the next connection of a listener.
fn accepts(program: &Program, call: Place, entry: &FnEntry) -> Option<Shape> {
    if !entry.is_async || !program.is_async_at(call) {
        return None;
    }
    if entry.role == Some(Role::Accept) {
        let owner = entry.owner?.as_str();
        return (owner.ends_with("::TcpListener") || owner.ends_with("::UnixListener")).then_some(Shape::Result);
    }
    let stream = program.ty(program.receiver(call)).peel_refs().path().filter(|p| STREAMS.contains(&p.as_str()));
    match (entry.name.as_str(), stream) {
        ("next", Some(_)) => Some(Shape::Item),
        ("try_next", Some(_)) => Some(Shape::Result),
        _ => None,
    }
}

fn judge(program: &Program, failing: Failing, by_listener: bool, out: &mut Findings<'_>) {
    let place = failing.call;
    match program.with_order(place.body, |order| on_error(program, order, failing)) {
        Some(OnError::Leaves(at)) => {
            out.at("exit", place)
                .label("fails when file descriptors run out or a peer gives up")
                .also(program.head_span(Place { expr: at, ..place }), "and that ends the loop")
                .help("log the error, `sleep` for 100 ms and accept again");
        }
        Some(OnError::Stays(arm)) if by_listener && !waits(program, Place { expr: arm, ..place }) => {
            out.at("spin", place)
                .label("fails again at once while file descriptors are out")
                .also(program.head_span(Place { expr: arm, ..place }), "nothing waits here")
                .help("`sleep` for 100 ms before the next accept");
        }
        Some(OnError::Stays(_) | OnError::Unclear) | None => {}
    }
}

fn waits(program: &Program, arm: Place) -> bool {
    program.inside(arm).any(|p| match &program.expr(p).kind {
        ExprKind::Await(_) | ExprKind::Select(_) => true,
        ExprKind::Macro(call) => call.hidden_flow || call.shape == crate::facts::expr::MacroShape::Unknown,
        _ => false,
    })
}
