//! accept-error-exit: one failed accept ends the server, or is tried again at once for ever.

use super::findings::Findings;
use super::loop_error::{Failing, OnError, Shape, on_error};
use super::{Check, Rule};
use crate::catalog::Role;
use crate::facts::ExprKind;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "accept-error-exit", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.calls_with_role(body, Role::Accept) {
        let listener = entry.owner.is_some_and(|owner| {
            let owner = owner.as_str();
            owner.ends_with("::TcpListener") || owner.ends_with("::UnixListener")
        });
        if !listener || !entry.is_async || !program.is_async_at(place) {
            continue;
        }
        let failing = Failing { call: place, shape: Shape::Result, variant: None };
        match program.with_order(body, |order| on_error(program, order, failing)) {
            Some(OnError::Leaves(at)) => {
                out.at("exit", place)
                    .label("fails when file descriptors run out or a peer gives up")
                    .also(program.head_span(Place { expr: at, ..place }), "and that ends the loop")
                    .help("log the error, `sleep` for 100 ms and accept again");
            }
            Some(OnError::Stays(arm)) if !waits(program, Place { expr: arm, ..place }) => {
                out.at("spin", place)
                    .label("fails again at once while file descriptors are out")
                    .also(program.head_span(Place { expr: arm, ..place }), "nothing waits here")
                    .help("`sleep` for 100 ms before the next accept");
            }
            Some(OnError::Stays(_) | OnError::Unclear) | None => {}
        }
    }
}

fn waits(program: &Program, arm: Place) -> bool {
    program.inside(arm).any(|p| match &program.expr(p).kind {
        ExprKind::Await(_) | ExprKind::Select(_) => true,
        ExprKind::Macro(call) => call.hidden_flow || call.shape == crate::facts::expr::MacroShape::Unknown,
        _ => false,
    })
}
