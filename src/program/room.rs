//! Channels with room for all that is sent: `sync_channel(1)` for one answer.
//!
//! The sender is followed from the call that made the channel to the sends, into closures that run once and fns that it is given to.
//! A sender that is cloned, kept in a struct or sent from a loop may fill any channel.

use crate::facts::expr::Lit;
use crate::facts::{ExprId, ExprKind, LocalId, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::context::{ContextKind, Reason};
use crate::hir::names::{BodyId, Place, Res};

use super::Program;

/// Fns that hand the sender on, one to the other.
const MAX_DEPTH: u32 = 4;

impl Program {
    /// A send into a channel that takes all that is ever sent into it.
    pub fn has_room(&self, send: Place) -> bool {
        let ExprKind::MethodCall { recv, .. } = self.expr(send).kind else { return false };
        match self.expr(Place { expr: recv, ..send }).kind {
            ExprKind::Local(sender) => self.has_room_for(send.body, sender, 0),
            _ => false,
        }
    }

    fn has_room_for(&self, body: BodyId, sender: LocalId, depth: u32) -> bool {
        if let Some(made) = self.made_in_a_pair(body, sender) {
            let room = self.room_of(made);
            let sends = room.and_then(|_| self.most_sends(body, sender, Some(made), 0));
            return room.zip(sends).is_some_and(|(room, sends)| sends <= room);
        }
        if depth >= MAX_DEPTH || !self.is_parameter(body, sender) {
            return false;
        }
        // Each caller is asked anew: what one channel takes is no room in another.
        let mut callers = self.graph.calls_to(self.node(Self::whole(body))).peekable();
        callers.peek().is_some()
            && callers.all(|edge| {
                let given = self.given_for(edge.place, body, sender);
                given.is_some_and(|given| match self.expr(given).kind {
                    ExprKind::Local(own) => self.has_room_for(given.body, own, depth + 1),
                    _ => false,
                })
            })
    }

    /// The number of values that the channel made here takes.
    fn room_of(&self, made: Place) -> Option<usize> {
        let ExprKind::Call { args, .. } = &self.expr(made).kind else { return None };
        let room = Place { expr: *args.first()?, ..made };
        let said = match self.expr(room).kind {
            ExprKind::Path { path, .. } => match self.types_of(room.body).values[path].res {
                Res::Def(def) => self.constant(def)?,
                _ => return None,
            },
            _ => room,
        };
        match self.expr(said).kind {
            ExprKind::Lit(Lit::Int(room)) => usize::try_from(room).ok(),
            _ => None,
        }
    }

    /// How many values one way through the code sends at most; `None` where that is not known.
    fn most_sends(&self, body: BodyId, sender: LocalId, made: Option<Place>, depth: u32) -> Option<usize> {
        let mut found: Vec<(Place, usize)> = Vec::new();
        for expr in self.mentions(body, sender) {
            let at = Place { body, expr };
            let sends = self.sends_at(at, depth)?;
            if sends > 0 {
                found.push((at, sends));
            }
        }
        if !found.iter().all(|(at, _)| self.happens_once(*at, made)) {
            return None;
        }
        let apart = found.iter().enumerate().all(|(nth, (first, _))| {
            let mut later = found[nth + 1..].iter();
            later.all(|(second, _)| self.excludes_later(*first, *second))
        });
        let counts = found.iter().map(|(_, sends)| *sends);
        Some(if apart { counts.max().unwrap_or(0) } else { counts.sum() })
    }

    /// What one mention of a sender sends.
    fn sends_at(&self, mention: Place, depth: u32) -> Option<usize> {
        let call = self.parent(mention)?;
        match (&self.expr(call).kind, self.target(call)) {
            (ExprKind::MethodCall { recv, name, .. }, Target::Api(_)) if *recv == mention.expr => {
                matches!(name.as_str(), "send" | "send_blocking" | "blocking_send").then_some(1)
            }
            (_, Target::Api(entry)) => (entry.path == "std::mem::drop").then_some(0),
            (_, Target::Fn(def)) if depth < MAX_DEPTH => {
                let callee = self.body_of(def)?;
                let taken = self.parameter_for(call, callee, mention)?;
                self.most_sends(callee, taken, None, depth + 1)
            }
            _ => None,
        }
    }

    /// No loop, and no closure that may be called again, between the place and the channel it belongs to.
    fn happens_once(&self, at: Place, made: Option<Place>) -> bool {
        let body = self.body(at.body);
        let mut around = body.ancestors(at.expr).take_while(|e| made.is_none_or(|made| !body.is_inside(made.expr, *e)));
        around.all(|e| match body.exprs[e].kind {
            ExprKind::Loop { .. } => false,
            ExprKind::Closure(region) => self.runs_once(at.body, region),
            _ => true,
        })
    }

    /// A closure that is the work of one thread or one job of a pool.
    fn runs_once(&self, body: BodyId, region: RegionId) -> bool {
        let context = self.context(crate::hir::names::RegionRef { body, region });
        let elsewhere = matches!(context.kind, ContextKind::Thread | ContextKind::Offloaded);
        let Reason::HandedTo(call) = context.reason else { return false };
        let plain = self.body(body).regions[region].kind == RegionKind::Closure;
        plain
            && elsewhere
            && match self.target(Place { body, expr: call }) {
                Target::Api(entry) => entry.name.as_str().starts_with("spawn"),
                Target::Fn(_) => true,
                _ => false,
            }
    }

    /// Whoever comes to the first place does not come to the second: another branch, or one that leaves.
    fn excludes_later(&self, first: Place, second: Place) -> bool {
        let body = self.body(first.body);
        let inner: Vec<ExprId> =
            body.ancestors(first.expr).take_while(|around| !body.is_inside(second.expr, *around)).collect();
        let left = inner.iter().any(|around| {
            let block = matches!(body.exprs[*around].kind, ExprKind::Block(_));
            block && self.is_left_at(Place { expr: *around, ..first })
        });
        left || !crate::link::graph::serving::comes_before(body, first.expr, second.expr)
    }
}
