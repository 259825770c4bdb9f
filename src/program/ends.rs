//! How a loop that waits for events ends: with its events, or because it gives up.
//!
//! Looks at the level of the loop only. The end of a channel is an end of events, never a failure.

use crate::catalog::TypeRole;
use crate::facts::expr::{Block, LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, PatId, PatKind};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place};

use super::Program;

/// Methods whose error says that the other end is gone.
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

/// Methods that look at a `Result` and make none.
const OPENS: [&str; 6] = ["map_err", "context", "with_context", "ok", "unwrap_or_else", "inspect_err"];

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

    /// A `loop` without `break` and `return`: only a `?` leaves it.
    pub fn ends_by_error_alone(&self, looped: Place) -> bool {
        let body = self.body(looped.body);
        let ExprKind::Loop { body: inner, kind: LoopKind::Loop, .. } = &body.exprs[looped.expr].kind else {
            return false;
        };
        let region = body.exprs[looped.expr].region;
        let range = (body.exprs[*inner].first.0..inner.0).map(ExprId);
        range.filter(|e| body.exprs[*e].region == region).all(|e| match &body.exprs[e].kind {
            ExprKind::Return(_) | ExprKind::Break { label: Some(_), .. } => false,
            ExprKind::Break { .. } => self.nearest_loop(Place { expr: e, ..looped }) != Some(looped),
            _ => true,
        })
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
            let inner = Place { expr: *inner, ..exit };
            return self.ty(inner).path() == Some(known().result) && self.is_own_failure(inner);
        }
        let mut child = exit.expr;
        for at in body.ancestors(exit.expr).skip(1).take_while(|at| *at != looped.expr) {
            let failed = match &body.exprs[at].kind {
                ExprKind::Match { scrutinee, arms, .. } => {
                    arms.iter().any(|arm| arm.body == child && self.is_err(exit, arm.pat)).then_some(*scrutinee)
                }
                ExprKind::If { cond, then, .. } if *then == child => match &body.exprs[*cond].kind {
                    ExprKind::Let { pat, expr, .. } if self.is_err(exit, *pat) => Some(*expr),
                    // Without `await` it is most often the way to tell somebody, who is gone.
                    ExprKind::MethodCall { recv, name, .. } => {
                        let awaited = matches!(body.exprs[*recv].kind, ExprKind::Await(_));
                        (name.as_str() == "is_err" && awaited).then_some(*recv)
                    }
                    _ => None,
                },
                ExprKind::Block(block) => self.refused_by(exit, block, child),
                _ => None,
            };
            if let Some(scrutinee) = failed {
                return self.is_own_failure(Place { expr: scrutinee, ..exit });
            }
            child = at;
        }
        false
    }

    /// What `let Ok(..) = value else { .. }` looks at, for its `else`.
    fn refused_by(&self, place: Place, block: &Block, branch: ExprId) -> Option<ExprId> {
        block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { pat, init, else_: Some(other), .. } if *other == branch => {
                let is_ok = self.constructor(place.body, *pat).is_some_and(|(name, _)| name == "Ok");
                init.filter(|_| is_ok)
            }
            _ => None,
        })
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

    /// A call that can fail for another reason than that somebody went away.
    fn is_own_failure(&self, value: Place) -> bool {
        let mut at = value;
        for _ in 0..6 {
            match &self.expr(at).kind {
                ExprKind::Await(inner) | ExprKind::Try(inner) => at = Place { expr: *inner, ..at },
                ExprKind::MethodCall { recv, name, .. }
                    if self.is_of_result(Place { expr: *recv, ..at }) || OPENS.contains(&name.as_str()) =>
                {
                    at = Place { expr: *recv, ..at };
                }
                ExprKind::MethodCall { name, .. } => return !CHANNELS.contains(&name.as_str()),
                ExprKind::Call { .. } => return true,
                _ => return false,
            }
        }
        false
    }

    pub(super) fn is_of_result(&self, place: Place) -> bool {
        self.ty(place).path() == Some(known().result)
    }

    /// A `next` that gives the items of something bounded: the futures of a set, a file's lines, an iterator of the workspace.
    pub(super) fn is_finite_source(&self, call: Place) -> bool {
        let ExprKind::MethodCall { recv, name, .. } = &self.expr(call).kind else { return false };
        if !matches!(name.as_str(), "next" | "try_next" | "next_event" | "poll" | "select_next_some") {
            return false;
        }
        if self.type_role(self.ty(Place { expr: *recv, ..call })) == Some(TypeRole::FutureSet) {
            return true;
        }
        match self.target(call) {
            Target::Fn(def) => self.body_of(def).is_some_and(|body| !self.awaits_events(body)),
            _ => false,
        }
    }

    /// Some await of the body is that of a channel, a timer or a socket.
    fn awaits_events(&self, body: BodyId) -> bool {
        let facts = self.body(body);
        let named = |expr: ExprId| {
            self.method_name(Place { body, expr })
                .is_some_and(|name| matches!(name, "recv" | "accept" | "tick" | "changed" | "recv_from" | "next"))
        };
        facts.exprs.iter().any(|e| match &e.kind {
            ExprKind::Await(inner) => named(*inner),
            ExprKind::Select(select) => select.arms.iter().any(|arm| named(arm.future)),
            _ => false,
        })
    }
}
