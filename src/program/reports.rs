//! Does anybody hear how a task ends by another way than its handle?
//!
//! A dropped sender of one message or one value is an error at the other end. A queue that ends early looks like one that ended, so
//! there only the last message of a task counts, to a receiver that is seen.

use crate::catalog::Role;
use crate::facts::{ExprId, ExprKind, LocalId, PatKind};
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};

use super::{Fate, Program, Task};

/// Senders whose drop the receiver takes for an error.
const ANSWERS: [&str; 4] = [
    "tokio::sync::oneshot::Sender",
    "futures::channel::oneshot::Sender",
    "oneshot::Sender",
    "tokio::sync::watch::Sender",
];

/// Senders of queues: an answer only as the very last message of a task, to a receiver that is seen.
const QUEUES: [&str; 8] = [
    "tokio::sync::mpsc::Sender",
    "tokio::sync::mpsc::UnboundedSender",
    "futures::channel::mpsc::Sender",
    "futures::channel::mpsc::UnboundedSender",
    "async_channel::Sender",
    "flume::Sender",
    "async_std::channel::Sender",
    "smol::channel::Sender",
];

impl Program {
    /// The last thing that the task does is to send an answer, and the code that starts it waits for the answer or hands the
    /// receiver on.
    pub fn answers_its_starter(&self, task: &Task, region: RegionRef) -> bool {
        self.exprs_of(region).any(|(send, _)| {
            let Some(recv) = self.sending_on(send) else { return false };
            let Some(path) = self.ty(recv).peel_refs().path() else { return false };
            let is_answer = ANSWERS.contains(&path.as_str());
            if !(is_answer || QUEUES.contains(&path.as_str())) || !self.is_last_step(send) {
                return false;
            }
            match self.local_at(recv) {
                Some(sender) => self.is_heard(task, region, sender, is_answer),
                // A field: whoever filled it has kept the other end.
                None => is_answer && matches!(self.expr(recv).kind, ExprKind::Field { .. }),
            }
        })
    }

    /// A loop that passes items on to somebody who listens: its end is the end of what the listener gets.
    pub fn feeds_its_starter(&self, task: &Task, looped: Place) -> bool {
        let region = self.region_at(looped);
        let inside = |send: Place| self.body(send.body).is_inside(send.expr, looped.expr);
        region.body == task.call.body
            && self.exprs_of(region).filter(|(send, _)| inside(*send)).any(|(send, _)| {
                let sender = self.sending_on(send).and_then(|recv| self.local_at(recv));
                sender.is_some_and(|sender| self.is_heard(task, region, sender, false))
            })
    }

    /// Whoever starts the task listens to what it sends, or to a stream that it got from the thing that runs: when the task ends for whatever
    /// reason, so does what the listener gets.
    pub fn end_is_heard(&self, task: &Task, region: RegionRef) -> bool {
        self.is_lone_source(task, region)
            || self.gives_a_stream(task)
            || self.lent_a_stream(task)
            || self.tells_its_end(region)
            || self.keeps_a_watch(task, region)
    }

    /// The very last thing is a message on a queue that somebody gave to the task.
    fn tells_its_end(&self, region: RegionRef) -> bool {
        self.exprs_of(region).any(|(send, _)| {
            let Some(sender) = self.sending_on(send) else { return false };
            let is_queue = self.ty(sender).peel_refs().path().is_some_and(|path| QUEUES.contains(&path.as_str()));
            let given = self.local_at(sender).is_some_and(|local| self.made_in_a_pair(region.body, local).is_none());
            is_queue && given && self.is_last_step(send)
        })
    }

    /// The task owns the sender of a watch whose receiver is returned to code that asks for changes, or read here.
    fn keeps_a_watch(&self, task: &Task, region: RegionRef) -> bool {
        let body = task.call.body;
        let payload = self.arguments(task.call).first().copied();
        let inside = |expr: ExprId| {
            payload.is_some_and(|at| (self.expr(at).first.0..=at.expr.0).contains(&expr.0))
                || (region.body == body && self.is_in_region(region, expr))
        };
        let mut senders = self.body(body).locals.ids().filter(|l| {
            self.local_ty(body, *l).path().is_some_and(|path| path.as_str() == "tokio::sync::watch::Sender")
                && self.made_in_a_pair(body, *l).is_some()
        });
        senders.any(|sender| {
            let mentions = self.mentions(body, sender);
            let owned = !mentions.is_empty() && mentions.iter().all(|at| inside(*at));
            owned && self.asks_for_changes(body)
        })
    }

    /// The task owns the only sender of a queue, whose receiver the starter reads or hands on.
    fn is_lone_source(&self, task: &Task, region: RegionRef) -> bool {
        let body = task.call.body;
        let Some(payload) = self.arguments(task.call).first().copied() else { return false };
        let given = self.expr(payload).first.0..=payload.expr.0;
        let inside = |expr: ExprId| given.contains(&expr.0) || (region.body == body && self.is_in_region(region, expr));
        let ends = self.body(body).locals.ids().filter(|l| {
            let ty = self.local_ty(body, *l).path();
            ty.is_some_and(|path| QUEUES.contains(&path.as_str())) && self.made_in_a_pair(body, *l).is_some()
        });
        ends.into_iter().any(|sender| {
            let mentions = self.mentions(body, sender);
            let moved = mentions.iter().any(|at| inside(*at));
            let receivers = self.other_ends(body, sender);
            let heard = || {
                let outside = receivers.iter().flat_map(|end| self.mentions(body, *end)).filter(|at| !inside(*at));
                outside.map(|expr| Place { body, expr }).any(|at| self.is_listening(at))
            };
            moved && mentions.iter().all(|at| inside(*at)) && heard()
        })
    }

    fn is_in_region(&self, region: RegionRef, expr: ExprId) -> bool {
        let body = self.body(region.body);
        body.is_inside(expr, body.regions[region.region].body)
    }

    /// The helper that starts the task gives a stream beside its handle, and the stream is used.
    fn gives_a_stream(&self, task: &Task) -> bool {
        if task.part.is_none() {
            return false;
        }
        let TyKind::Tuple(parts) = self.ty(task.value).kind() else { return false };
        parts.iter().any(|part| self.is_listened_to(*part))
    }

    /// A queue's receiver or any other stream of events: its end says that whoever fed it is gone.
    fn is_listened_to(&self, ty: Ty) -> bool {
        let named = ty.path().is_some_and(|path| {
            let path = path.as_str();
            path.ends_with("::mpsc::Receiver")
                || path.ends_with("::mpsc::UnboundedReceiver")
                || path.ends_with("_channel::Receiver")
        });
        named || self.stream_item(ty).is_some()
    }

    /// `let mut events = service.events(); service.spawn(); while let Some(event) = events.next().await { .. }`
    fn lent_a_stream(&self, task: &Task) -> bool {
        let body = task.call.body;
        let moved: Vec<LocalId> = self.owned_by(task);
        let lent = self.body(body).locals.ids().filter(|l| self.is_listened_to(self.local_ty(body, *l)));
        lent.into_iter().any(|stream| {
            let from = self.initialiser(body, stream).and_then(|init| match &self.expr(init).kind {
                ExprKind::MethodCall { recv, .. } => self.local_at(Place { expr: *recv, ..init }),
                _ => None,
            });
            // `let (service, mut events) = Service::new();` makes both ends at once.
            let beside = || self.other_ends(body, stream).iter().any(|other| moved.contains(other));
            (from.is_some_and(|from| moved.contains(&from)) || beside())
                && self.mentions(body, stream).into_iter().any(|expr| {
                    let at = Place { body, expr };
                    expr > task.call.expr && self.is_polled_for_events(at)
                })
        })
    }

    /// Locals of the starter that the task takes: those mentioned in what it is given, and the receiver of a helper's call.
    fn owned_by(&self, task: &Task) -> Vec<LocalId> {
        let whole = self.expr(task.call);
        let parts = (whole.first.0..=task.call.expr.0).map(ExprId);
        let locals = parts.filter_map(|expr| match self.expr(Place { expr, ..task.call }).kind {
            ExprKind::Local(local) => Some(local),
            _ => None,
        });
        locals.collect()
    }

    /// `stream.next()`, awaited or polled by a `select!`.
    fn is_polled_for_events(&self, mention: Place) -> bool {
        let Fate::Receiver(call) = self.fate(mention) else { return false };
        let call = Place { expr: call, ..mention };
        matches!(self.method_name(call), Some("next" | "recv" | "try_next" | "select_next_some"))
            && matches!(self.fate(call), Fate::Awaited(_) | Fate::Selected(_))
    }

    /// The fn, one that calls it, or one that its callers call, waits for changes.
    fn asks_for_changes(&self, body: BodyId) -> bool {
        let asks = |at: BodyId| self.mentions_method(at, "changed") || self.mentions_method(at, "wait_for");
        let callers = self.graph.calls_to(self.node(Self::whole(body))).map(|edge| self.graph.region(edge.caller));
        asks(body)
            || callers.into_iter().any(|caller| {
                let beside = self.graph.calls_from(self.node(caller)).iter();
                asks(caller.body) || beside.map(|edge| self.graph.region(edge.callee).body).any(asks)
            })
    }

    /// Nothing of its region is awaited after the send and its own `.await`, and it stands in no loop.
    fn is_last_step(&self, send: Place) -> bool {
        let own = self.parent(send).filter(|up| matches!(self.expr(*up).kind, ExprKind::Await(_)));
        self.with_order(send.body, |order| {
            let later = order.awaits_after(send.expr);
            later.into_iter().all(|at| own.is_some_and(|own| own.expr == at))
                && order.enclosing_loop(send.expr).is_none()
        })
    }

    /// The other end of a channel is used outside of the task, or was kept by whoever gave the sender.
    fn is_heard(&self, task: &Task, region: RegionRef, sender: LocalId, is_answer: bool) -> bool {
        let is_given =
            self.made_in_a_pair(region.body, sender).is_none() && self.other_ends(region.body, sender).is_empty();
        if is_given && is_answer {
            return true;
        }
        let own = region.body == task.call.body;
        let Some(sender) = (if own { Some(sender) } else { self.given_at_start(task, region.body, sender) }) else {
            return false;
        };
        let body = task.call.body;
        let inside = |expr| own && self.body(body).is_inside(expr, self.body(body).regions[region.region].body);
        let ends = self.other_ends(body, sender).into_iter();
        let mut mentions = ends.flat_map(|end| self.mentions(body, end)).filter(|expr| !inside(*expr));
        mentions.any(|expr| self.is_listening(Place { body, expr }))
    }

    /// What the code that starts the task gives for a parameter of the fn that the task runs.
    fn given_at_start(&self, task: &Task, callee: BodyId, param: LocalId) -> Option<LocalId> {
        let payload = self.arguments(task.call).into_iter();
        let mut calls = payload.map(|arg| self.inner_future(arg));
        calls.find_map(|call| self.local_at(self.given_for(call, callee, param)?))
    }

    /// What a call sends on.
    fn sending_on(&self, call: Place) -> Option<Place> {
        let entry = self.api(call).filter(|entry| entry.role == Some(Role::Send))?;
        self.operands(call, entry).0
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
