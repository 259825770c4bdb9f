//! The shape of a region: endless, fallible, able to panic, asserting.
//!
//! Only the region's own level counts: closures and async blocks inside have shapes of their own.

use crate::catalog::Role;
use crate::facts::expr::{Lit, LoopKind, MacroCall, MacroShape};
use crate::facts::{ExprId, ExprKind};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{Place, RegionRef};
use crate::hir::ty::TyKind;

use super::Program;

/// The shape of a region; each answer is the place that shows it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Shape {
    /// A `?`.
    pub question: Option<Place>,
    /// A loop that waits for events or never ends by itself.
    pub endless: Option<Place>,
    /// A loop that waits for events and has a way out.
    pub events: Option<Place>,
    /// A server call.
    pub serves: Option<Place>,
    /// `unwrap`, `expect`, `panic!`, `assert!`, an index that is no literal.
    pub panics: Option<Place>,
    /// `unwrap` or `expect`.
    pub unwraps: Option<Place>,
    /// `assert*!`, `panic!`, `unreachable!`, mock checks.
    pub asserts: Option<Place>,
    /// Awaits a task's handle: a monitor.
    pub joins: Option<Place>,
    /// Any await.
    pub awaits: Option<Place>,
    /// Catches panics.
    pub catches: Option<Place>,
    /// Holds a macro that is not understood.
    pub unknown: Option<Place>,
}

impl Program {
    /// The shape of a region.
    pub fn shape(&self, region: RegionRef) -> Shape {
        let mut shape = Shape::default();
        for (place, expr) in self.exprs_of(region) {
            self.note(&mut shape, place, &expr.kind);
        }
        shape
    }

    fn note(&self, shape: &mut Shape, place: Place, kind: &ExprKind) {
        match kind {
            ExprKind::Try(_) => set(&mut shape.question, place),
            ExprKind::Await(inner) => {
                set(&mut shape.awaits, place);
                let awaited = self.ty(Place { expr: *inner, ..place });
                if self.type_role(awaited) == Some(crate::catalog::TypeRole::TaskHandle) {
                    set(&mut shape.joins, place);
                }
            }
            ExprKind::Select(_) => set(&mut shape.awaits, place),
            ExprKind::Macro(call) => self.note_macro(shape, place, call),
            ExprKind::Index { index, .. } if !self.is_literal_index(place, *index) => set(&mut shape.panics, place),
            ExprKind::MethodCall { name, .. } => self.note_method(shape, place, name.as_str()),
            ExprKind::Call { .. } => self.note_role(shape, place),
            ExprKind::Loop { kind, .. } if self.is_endless(place, kind) => set(&mut shape.endless, place),
            ExprKind::Loop { body, kind, .. }
                if self.waits_for_events(Place { expr: *body, ..place }) || self.asks_for_events(place, kind) =>
            {
                set(&mut shape.events, place);
            }
            _ => {}
        }
    }

    fn note_macro(&self, shape: &mut Shape, place: Place, call: &MacroCall) {
        match call.shape {
            MacroShape::Assert => {
                // Nothing that is shipped holds a `debug_assert!`.
                if !self.body(place.body).paths.paths[call.path].last().as_str().starts_with("debug_") {
                    set(&mut shape.panics, place);
                }
                set(&mut shape.asserts, place);
            }
            MacroShape::Panic => {
                set(&mut shape.panics, place);
                // A panic with `todo!` is no assertion, but nobody spawns those for long.
                set(&mut shape.asserts, place);
            }
            MacroShape::Join | MacroShape::TryJoin => set(&mut shape.awaits, place),
            MacroShape::Unknown => set(&mut shape.unknown, place),
            MacroShape::Vec
            | MacroShape::Repeat
            | MacroShape::Pin
            | MacroShape::Print
            | MacroShape::Format
            | MacroShape::Log
            | MacroShape::Span
            | MacroShape::Matches
            | MacroShape::Bail
            | MacroShape::Ensure
            | MacroShape::Pure => {}
        }
    }

    fn note_method(&self, shape: &mut Shape, place: Place, name: &str) {
        match name {
            "unwrap" | "expect" if self.fails_only_after_others(place) => {}
            "unwrap" | "expect" | "unwrap_err" | "expect_err" => {
                set(&mut shape.panics, place);
                set(&mut shape.unwraps, place);
            }
            // What is caught is often wrapped, and then only the method's name is known.
            "catch_unwind" => set(&mut shape.catches, place),
            "checkpoint" | "verify" | "assert" => set(&mut shape.asserts, place),
            _ => {}
        }
        self.note_role(shape, place);
    }

    /// The result of a lock, an Err only after another holder panicked, or of a permit, an Err only after somebody closed the semaphore.
    pub(super) fn fails_only_after_others(&self, unwrap: Place) -> bool {
        let ExprKind::MethodCall { recv, .. } = self.expr(unwrap).kind else { return false };
        let mut taken = Place { expr: recv, ..unwrap };
        if let ExprKind::Await(inner) = self.expr(taken).kind {
            taken.expr = inner;
        }
        let role = self.api(taken).and_then(|entry| entry.role);
        matches!(role, Some(Role::Lock | Role::LockRead | Role::Acquire | Role::AcquireMany))
    }

    fn note_role(&self, shape: &mut Shape, place: Place) {
        if let Target::Api(entry) = self.target(place) {
            match entry.role {
                Some(Role::Serve) if !self.serves_a_few(place) => set(&mut shape.serves, place),
                Some(Role::CatchUnwind) => set(&mut shape.catches, place),
                _ => {}
            }
        }
    }

    /// `serve_with_incoming(stream::iter([connection]))`: over when these connections are.
    fn serves_a_few(&self, place: Place) -> bool {
        self.arguments(place).into_iter().any(|arg| {
            let ExprKind::Call { callee, .. } = self.expr(arg).kind else { return false };
            let path = self.source(Place { expr: callee, ..arg });
            let name = path.split("::<").next().unwrap_or(path);
            ["stream::iter", "stream::once", "iter::once"].iter().any(|known| name.ends_with(known))
        })
    }

    pub(super) fn is_literal_index(&self, place: Place, index: ExprId) -> bool {
        let index = Place { expr: index, ..place };
        matches!(self.expr(index).kind, ExprKind::Lit(_) | ExprKind::Range { .. }) || self.is_map(place)
    }

    /// Indexing a map or by a key panics too, but says so by its type; only sequences are judged.
    fn is_map(&self, place: Place) -> bool {
        let ExprKind::Index { base, .. } = self.expr(place).kind else { return false };
        let mut ty = self.ty(Place { expr: base, ..place }).peel_refs();
        while ty.path().is_some_and(|path| SHARED.contains(&path.as_str()))
            && let [inner, ..] = ty.args()
        {
            ty = inner.peel_refs();
        }
        match ty.kind() {
            TyKind::Slice(_) | TyKind::Array(..) => false,
            TyKind::Foreign(path, ..) => *path != known().vec,
            _ => true,
        }
    }

    /// `loop` without a way out, `while let .. = <recv|next|accept|tick>.await`.
    pub fn is_endless(&self, place: Place, kind: &LoopKind) -> bool {
        match kind {
            LoopKind::Loop => !self.has_exit(place),
            LoopKind::While(cond) => match &self.expr(Place { expr: *cond, ..place }).kind {
                ExprKind::Lit(Lit::Bool(true)) => !self.has_exit(place),
                ExprKind::Let { expr, .. } => self.is_event_wait(Place { expr: *expr, ..place }),
                _ => false,
            },
            LoopKind::For { is_await, .. } => *is_await,
        }
    }

    /// `while rx.changed().await.is_ok()`.
    fn asks_for_events(&self, place: Place, kind: &LoopKind) -> bool {
        matches!(kind, LoopKind::While(cond) if self.is_event_wait(Place { expr: *cond, ..place }))
    }

    /// `while let` and `for await`: over when the events are, or sooner.
    pub fn ends_with_its_events(&self, looped: Place) -> bool {
        match &self.expr(looped).kind {
            ExprKind::Loop { kind: LoopKind::While(cond), .. } => {
                matches!(self.expr(Place { expr: *cond, ..looped }).kind, ExprKind::Let { .. })
            }
            ExprKind::Loop { kind: LoopKind::For { .. }, .. } => true,
            _ => false,
        }
    }

    /// A turn of the loop awaits the next event, by itself or in a `select!`.
    pub fn waits_for_events(&self, inner: Place) -> bool {
        let body = self.body(inner.body);
        let region = body.exprs[inner.expr].region;
        let range = body.exprs[inner.expr].first.0..inner.expr.0;
        range.map(ExprId).filter(|e| body.exprs[*e].region == region).any(|expr| {
            let at = Place { expr, ..inner };
            match &body.exprs[expr].kind {
                ExprKind::Await(_) => self.is_event_wait(at),
                ExprKind::Select(select) => {
                    select.arms.iter().any(|arm| self.is_event_call(Place { expr: arm.future, ..inner }))
                }
                _ => false,
            }
        })
    }

    fn is_event_call(&self, call: Place) -> bool {
        self.method_name(call).is_some_and(|name| EVENTS.contains(&name)) && !self.is_finite_source(call)
    }

    /// An await of something that gives the next event.
    pub fn is_event_wait(&self, place: Place) -> bool {
        let mut at = place;
        for _ in 0..4 {
            match &self.expr(at).kind {
                ExprKind::Await(inner) => {
                    let inner = Place { expr: *inner, ..at };
                    return self.is_event_call(inner);
                }
                ExprKind::Try(inner) => at = Place { expr: *inner, ..at },
                ExprKind::MethodCall { recv, .. } => at = Place { expr: *recv, ..at },
                _ => return false,
            }
        }
        false
    }

    /// A `break` of this loop, a `return`, or `?` at its level.
    pub fn has_exit(&self, looped: Place) -> bool {
        let body = self.body(looped.body);
        let ExprKind::Loop { body: inner, label, .. } = &body.exprs[looped.expr].kind else { return false };
        let region = body.exprs[looped.expr].region;
        let range = body.exprs[*inner].first.0..inner.0;
        range.map(ExprId).filter(|e| body.exprs[*e].region == region).any(|e| match &body.exprs[e].kind {
            ExprKind::Return(_) | ExprKind::Try(_) => true,
            ExprKind::Break { label: target, .. } => match target {
                Some(target) => Some(*target) == *label || !self.is_label_inside(looped, e),
                None => self.nearest_loop(Place { expr: e, ..looped }) == Some(looped),
            },
            _ => false,
        })
    }

    fn is_label_inside(&self, looped: Place, from: ExprId) -> bool {
        let body = self.body(looped.body);
        let ExprKind::Break { label: Some(wanted), .. } = &body.exprs[from].kind else { return false };
        body.ancestors(from).take_while(|e| *e != looped.expr).any(|e| match &body.exprs[e].kind {
            ExprKind::Loop { label, .. } => *label == Some(*wanted),
            ExprKind::Block(block) => block.label == Some(*wanted),
            _ => false,
        })
    }

    /// The innermost loop around a place, within its region.
    pub fn nearest_loop(&self, place: Place) -> Option<Place> {
        let body = self.body(place.body);
        let region = body.exprs[place.expr].region;
        let mut child = place.expr;
        for at in body.ancestors(place.expr).skip(1) {
            if body.exprs[at].region != region {
                return None;
            }
            if let ExprKind::Loop { body: inner, .. } = &body.exprs[at].kind
                && *inner == child
            {
                return Some(Place { expr: at, ..place });
            }
            child = at;
        }
        None
    }
}

/// Pointers that an index looks through.
const SHARED: [&str; 3] = ["std::sync::Arc", "std::rc::Rc", "std::boxed::Box"];
/// Methods whose await gives the next event.
const EVENTS: [&str; 11] = [
    "recv",
    "next",
    "accept",
    "tick",
    "try_next",
    "changed",
    "recv_many",
    "recv_from",
    "poll",
    "next_event",
    "select_next_some",
];

fn set(slot: &mut Option<Place>, place: Place) {
    slot.get_or_insert(place);
}
