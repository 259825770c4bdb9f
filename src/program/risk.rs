//! What can end a task before its time: a step that is known to be able to do so, or one that cannot be read.
//!
//! A task is harmless only when all that it runs was read, down through the functions of the workspace, and is of the simplest kind: timers, channels,
//! locks, atomics, plain values. What cannot be read is no evidence of anything: it makes a task neither harmless nor a risk.

mod fixed;
mod others;
mod plain;
mod reading;
mod steps;

use crate::base::Name;
use crate::catalog::Role;
use crate::facts::expr::{Block, MacroShape, Stmt};
use crate::facts::{ExprId, ExprKind, RegionKind};
use crate::hir::known::known;
use crate::hir::names::{Place, RegionRef};
use crate::hir::ty::TyKind;

use super::Program;

/// What may end a task before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Risk {
    /// All was read, and nothing can.
    None,
    /// Nothing that was read; some of it was not.
    Unread,
    /// This step.
    Step(Place, Hazard),
}

/// How a step can end a task, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Hazard {
    /// It panics when something is wrong, out of range or missing.
    Panics,
    /// A loop ends after an error of its own, and tells nobody.
    GivesUp,
    /// A timer whose period nothing keeps from being zero.
    Period,
    /// It runs code that somebody else gave.
    RunsOthers,
    /// The error of a fn of the workspace is thrown away, and with it what the fn gave up.
    DropsError,
    /// It works on files, sockets, processes or databases.
    Outside,
}

impl Program {
    /// What may end a task before its time.
    pub fn risk_of(&self, region: RegionRef) -> Risk {
        reading::read(self, region)
    }

    /// A call in a loop, in a closure, or in a fn that is given a connection or a request: made once for each item or client.
    pub fn is_one_of_many(&self, call: Place) -> bool {
        const OF_A_CLIENT: [&str; 9] = [
            "TcpStream",
            "UnixStream",
            "TlsStream",
            "WebSocket",
            "WebSocketStream",
            "Request",
            "HttpRequest",
            "Response",
            "Incoming",
        ];
        let body = self.body(call.body);
        let in_closure = body.regions[body.exprs[call.expr].region].kind == RegionKind::Closure;
        let of_a_client = || {
            body.locals.ids().filter(|local| self.is_parameter(call.body, *local)).any(|local| {
                let ty = self.local_ty(call.body, local).peel_refs();
                let name = match ty.kind() {
                    TyKind::Adt(def, _) => Some(self.world().item(*def).1.name),
                    _ => ty.path(),
                };
                let last = |name: Name| OF_A_CLIENT.contains(&name.as_str().rsplit("::").next().unwrap_or_default());
                name.is_some_and(last)
            })
        };
        in_closure || self.nearest_loop(call).is_some() || of_a_client()
    }

    /// No `Result` of an awaited fn of the workspace is thrown away in this region.
    pub fn hears_results(&self, region: RegionRef) -> bool {
        self.exprs_of(region).all(|(at, expr)| match expr.kind {
            ExprKind::Await(inner) => {
                let own = self.is_async_workspace_call(Place { expr: inner, ..at });
                !(own && self.ty(at).path() == Some(known().result) && self.loss(at).is_some())
            }
            _ => true,
        })
    }

    /// A message or a line of a log stands before an exit, in the branch that leads to it.
    pub fn is_told_before(&self, exit: Place) -> bool {
        let body = self.body(exit.body);
        let mut child = exit.expr;
        for at in body.ancestors(exit.expr).skip(1) {
            match &body.exprs[at].kind {
                ExprKind::Match { arms, .. } if arms.iter().any(|arm| arm.body == child) => {
                    return self.tells(Place { expr: child, ..exit });
                }
                ExprKind::Block(block) if has_else(block, child) => return self.tells(Place { expr: child, ..exit }),
                ExprKind::If { then, .. } if *then == child => return self.tells(Place { expr: child, ..exit }),
                ExprKind::Loop { .. } | ExprKind::Async(_) | ExprKind::Closure(_) => return false,
                _ => child = at,
            }
        }
        false
    }

    /// All that a region awaits is the next of something, and that somebody takes it.
    fn passes_on(&self, region: RegionRef) -> bool {
        let is_end = |call: Place| self.is_source(call) || self.is_sink(call);
        let all = self.exprs_of(region).all(|(at, expr)| match &expr.kind {
            ExprKind::Await(inner) => is_end(Place { expr: *inner, ..at }),
            ExprKind::Select(select) => select.arms.iter().all(|arm| {
                let future = Place { expr: arm.future, ..at };
                is_end(future) || self.is_end_of_sink(future)
            }),
            _ => true,
        });
        let sources = || self.exprs_of(region).any(|(at, _)| self.is_source(at));
        let sinks = || self.exprs_of(region).any(|(at, _)| self.is_sink(at));
        all && sources() && sinks()
    }

    /// All that a region awaits is the time, or the word to stop: a loop that samples, sets gauges and tidies up.
    fn only_ticks(&self, region: RegionRef) -> bool {
        let is_time = |call: Place| {
            matches!(self.method_name(call), Some("tick" | "cancelled"))
                || self.api(call).is_some_and(|entry| entry.role == Some(Role::Sleep))
        };
        let mut awaits = false;
        let all = self.exprs_of(region).all(|(at, expr)| match &expr.kind {
            ExprKind::Await(inner) => {
                awaits = true;
                is_time(Place { expr: *inner, ..at })
            }
            ExprKind::Select(select) => {
                awaits = true;
                select.arms.iter().all(|arm| is_time(Place { expr: arm.future, ..at }))
            }
            _ => true,
        });
        all && awaits
    }

    /// A loop whose turns come with the time, and with nothing else.
    pub fn comes_with_the_time(&self, looped: Place) -> bool {
        let body = self.body(looped.body);
        let inside = (body.exprs[looped.expr].first.0..looped.expr.0).map(|at| Place { expr: ExprId(at), ..looped });
        let (mut time, mut events) = (false, false);
        for at in inside {
            let by_api =
                |roles: &[Role]| self.api(at).and_then(|entry| entry.role).is_some_and(|role| roles.contains(&role));
            time |= self.method_name(at) == Some("tick") || by_api(&[Role::Sleep]);
            events |= self.is_source(at)
                || self.method_name(at) == Some("accept")
                || by_api(&[Role::Recv, Role::Next, Role::Accept]);
        }
        time && !events
    }

    fn is_source(&self, call: Place) -> bool {
        matches!(
            self.method_name(call),
            Some("next" | "recv" | "try_next" | "changed" | "recv_many" | "select_next_some")
        )
    }

    fn is_sink(&self, call: Place) -> bool {
        matches!(
            self.method_name(call),
            Some("send" | "try_send" | "feed" | "send_replace" | "unbounded_send" | "start_send")
        )
    }

    fn is_end_of_sink(&self, call: Place) -> bool {
        matches!(self.method_name(call), Some("closed" | "cancelled" | "tick"))
            || matches!(self.expr(call).kind, ExprKind::Local(_) | ExprKind::Ref { .. })
    }

    fn tells(&self, part: Place) -> bool {
        let body = self.body(part.body);
        (body.exprs[part.expr].first.0..=part.expr.0).any(|at| match &body.exprs[ExprId(at)].kind {
            ExprKind::Macro(call) => matches!(call.shape, MacroShape::Log | MacroShape::Print),
            _ => false,
        })
    }
}

/// `let .. else { branch }`
fn has_else(block: &Block, branch: ExprId) -> bool {
    block.stmts.iter().any(|stmt| matches!(stmt, Stmt::Let { else_: Some(other), .. } if *other == branch))
}
