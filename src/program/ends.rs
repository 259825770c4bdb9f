//! How a loop that waits for events ends: with its events, or because it gives up.
//!
//! Looks at the level of the loop only. The end of a channel is an end of events, never a failure.

use crate::facts::{ExprId, ExprKind, PatId, PatKind};
use crate::hir::names::Place;

use super::Program;

/// Calls whose error says that the other end is gone.
const CHANNELS: [&str; 12] = [
    "send",
    "try_send",
    "send_timeout",
    "blocking_send",
    "reserve",
    "recv",
    "try_recv",
    "changed",
    "wait_for",
    "recv_many",
    "feed",
    "flush",
];

impl Program {
    /// The exit by which a loop ends when something fails: `break`, `return` or `?` on an error that is not the end of a channel.
    pub fn gives_up(&self, looped: Place) -> Option<Place> {
        let body = self.body(looped.body);
        let ExprKind::Loop { body: inner, .. } = &body.exprs[looped.expr].kind else { return None };
        let region = body.exprs[looped.expr].region;
        let range = (body.exprs[*inner].first.0..inner.0).map(ExprId);
        let exits = range.filter(|e| body.exprs[*e].region == region && self.leaves(looped, *e));
        exits.map(|expr| Place { expr, ..looped }).find(|exit| self.is_after_failure(looped, *exit))
    }

    fn leaves(&self, looped: Place, expr: ExprId) -> bool {
        let at = Place { expr, ..looped };
        match &self.expr(at).kind {
            ExprKind::Return(_) | ExprKind::Try(_) => true,
            ExprKind::Break { label: None, .. } => self.nearest_loop(at) == Some(looped),
            _ => false,
        }
    }

    /// `?` on something that fails, or an exit in the arm of an `Err`.
    fn is_after_failure(&self, looped: Place, exit: Place) -> bool {
        let body = self.body(exit.body);
        if let ExprKind::Try(inner) = &self.expr(exit).kind {
            return !self.is_of_channel(Place { expr: *inner, ..exit });
        }
        let mut child = exit.expr;
        for at in body.ancestors(exit.expr).skip(1).take_while(|at| *at != looped.expr) {
            let failed = match &body.exprs[at].kind {
                ExprKind::Match { scrutinee, arms, .. } => {
                    arms.iter().any(|arm| arm.body == child && self.is_err(exit, arm.pat)).then_some(*scrutinee)
                }
                ExprKind::If { cond, then, .. } if *then == child => match &body.exprs[*cond].kind {
                    ExprKind::Let { pat, expr, .. } if self.is_err(exit, *pat) => Some(*expr),
                    _ => None,
                },
                _ => None,
            };
            if let Some(scrutinee) = failed {
                return !self.is_of_channel(Place { expr: scrutinee, ..exit });
            }
            child = at;
        }
        false
    }

    fn is_err(&self, place: Place, pat: PatId) -> bool {
        let body = self.body(place.body);
        match &body.pats[pat].kind {
            PatKind::TupleStruct { path, elems } => match body.paths.paths[*path].last().as_str() {
                "Err" => true,
                "Some" | "Ok" => elems.iter().any(|inner| self.is_err(place, *inner)),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_of_channel(&self, value: Place) -> bool {
        let mut at = value;
        for _ in 0..6 {
            match &self.expr(at).kind {
                ExprKind::Await(inner) | ExprKind::Try(inner) => at = Place { expr: *inner, ..at },
                ExprKind::MethodCall { recv, name, .. } => {
                    if CHANNELS.contains(&name.as_str()) {
                        return true;
                    }
                    at = Place { expr: *recv, ..at };
                }
                _ => return false,
            }
        }
        false
    }
}
