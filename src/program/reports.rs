//! Does anybody hear how a task ends by another way than its handle?
//!
//! Only channels that tell a lost task from a finished one count: a dropped sender of one message or one value is an error at the
//! other end. A queue that ends early looks like one that ended.

use crate::catalog::Role;
use crate::facts::{ExprKind, LocalId, LocalKind, PatKind};
use crate::hir::names::{BodyId, Place, RegionRef};

use super::{Fate, Program, Task};

/// Senders whose drop the receiver takes for an error.
const ANSWERS: [&str; 4] = [
    "tokio::sync::oneshot::Sender",
    "futures::channel::oneshot::Sender",
    "oneshot::Sender",
    "tokio::sync::watch::Sender",
];

impl Program {
    /// The last thing that the task does is to send an answer, and the code that starts it waits for the answer or hands the
    /// receiver on.
    pub fn answers_its_starter(&self, task: &Task, region: RegionRef) -> bool {
        if region.body != task.call.body {
            return false;
        }
        let inside = self.body(region.body).regions[region.region].body;
        self.exprs_of(region).any(|(send, _)| {
            let Some(sender) = self.sender(send) else { return false };
            let is_answer = self.local_ty(send.body, sender).path().is_some_and(|p| ANSWERS.contains(&p.as_str()));
            let is_last = || {
                self.with_order(send.body, |order| {
                    order.awaits_after(send.expr).is_empty() && order.enclosing_loop(send.expr).is_none()
                })
            };
            let outside = |expr| !self.body(region.body).is_inside(expr, inside);
            // Whoever gave the sender has kept the other end.
            let is_given = self.body(send.body).locals[sender].kind == LocalKind::Param;
            let is_heard = || {
                let ends = self.other_ends(send.body, sender).into_iter();
                let mut mentions = ends.flat_map(|end| self.mentions(send.body, end)).filter(|expr| outside(*expr));
                mentions.any(|expr| self.is_listening(Place { expr, ..send }))
            };
            is_answer && is_last() && (is_given || is_heard())
        })
    }

    /// The local on which a call sends.
    fn sender(&self, call: Place) -> Option<LocalId> {
        let entry = self.api(call).filter(|entry| entry.role == Some(Role::Send))?;
        let (recv, _) = self.operands(call, entry);
        self.local_at(recv?)
    }

    /// The local at the start of a chain of methods: `tx` of `tx.clone()`.
    pub fn local_at(&self, place: Place) -> Option<LocalId> {
        match &self.expr(place).kind {
            ExprKind::Local(local) => Some(*local),
            ExprKind::MethodCall { recv, .. } => self.local_at(Place { expr: *recv, ..place }),
            _ => None,
        }
    }

    /// What is bound beside `local` by `let (local, other) = ..`. A local of the same name counts as its clone.
    pub fn other_ends(&self, body: BodyId, local: LocalId) -> Vec<LocalId> {
        let facts = self.body(body);
        let same = |l: &LocalId| facts.locals[*l].name == facts.locals[local].name;
        let pairs = facts.pats.iter().filter_map(|pat| match &pat.kind {
            PatKind::Tuple(elems) => {
                let locals = elems.iter().filter_map(|p| match facts.pats[*p].kind {
                    PatKind::Bind { local, .. } => Some(local),
                    _ => None,
                });
                Some(locals.collect::<Vec<_>>())
            }
            _ => None,
        });
        pairs.filter(|locals| locals.iter().any(same)).flatten().filter(|l| !same(l)).collect()
    }

    /// Waited for, or given to somebody who may.
    fn is_listening(&self, mention: Place) -> bool {
        match self.fate(mention) {
            Fate::Awaited(_) | Fate::Selected(_) | Fate::Macro(_) | Fate::Argument(..) | Fate::Returned(_) => true,
            Fate::Receiver(call) => {
                self.method_name(Place { expr: call, ..mention }).is_some_and(|name| name != "close")
            }
            Fate::Used(outer) => {
                let outer = Place { expr: outer, ..mention };
                matches!(self.expr(outer).kind, ExprKind::Ref { .. }) && self.is_listening(outer)
            }
            Fate::Discarded(_)
            | Fate::Unused(_)
            | Fate::Bound(_)
            | Fate::Tried(_)
            | Fate::Matched(_)
            | Fate::Stored(_) => false,
        }
    }
}
