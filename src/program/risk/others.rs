//! Code of somebody else that a task runs: callbacks, trait objects, given streams, what drives a connection. Never says what such code does.

use crate::facts::{ExprId, ExprKind, LocalKind};
use crate::hir::body::Target;
use crate::hir::names::Place;
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::plain;
use super::reading::Reading;

/// Methods that run what somebody else wrote, whatever trait they are of.
const RUNS: [&str; 12] = [
    "next",
    "try_next",
    "select_next_some",
    "poll",
    "poll_next",
    "poll_unpin",
    "call",
    "oneshot",
    "ready",
    "handle",
    "run",
    "accept",
];
/// Boxes of whatever future or stream.
const BOXED: [&str; 4] = [
    "futures::stream::BoxStream",
    "futures::stream::LocalBoxStream",
    "futures::future::BoxFuture",
    "futures::future::LocalBoxFuture",
];

impl Reading<'_> {
    /// A trait object or a function that is kept: no caller that is read says what it is.
    pub(super) fn is_chosen_later(&self, at: Place) -> bool {
        let program = self.program;
        let ty = |expr: ExprId| program.ty(Place { expr, ..at }).peel_refs();
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, .. } | ExprKind::Await(recv) => {
                let ty = ty(*recv);
                let is_object = |ty: Ty| matches!(ty.kind(), TyKind::Dyn(_) | TyKind::Future(..));
                is_object(ty) || ty.args().iter().any(|inner| is_object(inner.peel_refs()))
            }
            ExprKind::Call { callee, .. } => match &program.expr(Place { expr: *callee, ..at }).kind {
                ExprKind::Local(local) => program.body(at.body).locals[*local].kind != LocalKind::Param,
                ExprKind::MethodCall { .. } | ExprKind::Deref(_) => true,
                // `F: Fn()`, which whoever makes the value chooses.
                _ => !matches!(ty(*callee).kind(), TyKind::FnPtr(..) | TyKind::Param(..) | TyKind::Closure(_)),
            },
            _ => false,
        }
    }

    /// What is called, or what it is called on, was given by somebody who is not known: a generic parameter, a trait object, a callback.
    pub(super) fn is_of_others(&self, at: Place) -> bool {
        let program = self.program;
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, name, .. } => {
                let recv = Place { expr: *recv, ..at };
                RUNS.contains(&name.as_str()) && is_given(self.type_of_start(recv)) && !self.is_made_here(recv)
            }
            // `(self.callback)(event)`: a value, no fn.
            ExprKind::Call { callee, .. } => matches!(
                program.expr(Place { expr: *callee, ..at }).kind,
                ExprKind::Field { .. } | ExprKind::MethodCall { .. } | ExprKind::Deref(_) | ExprKind::Index { .. }
            ),
            _ => false,
        }
    }

    /// Waits for something of somebody else's that is no channel, lock or timer: a connection, a consumer, a client.
    pub(super) fn drives(&self, at: Place) -> bool {
        let program = self.program;
        let ExprKind::MethodCall { recv, .. } = &program.expr(at).kind else { return false };
        let ty = program.ty(Place { expr: *recv, ..at }).peel_refs();
        let is_awaited = || program.parent(at).is_some_and(|up| matches!(program.expr(up).kind, ExprKind::Await(_)));
        is_awaited() && ty.path().is_some_and(|path| !plain::is_plain(path))
    }

    /// What a fn of the workspace made, whatever box it is in.
    pub(super) fn is_made_here(&self, value: Place) -> bool {
        let program = self.program;
        let ExprKind::Local(local) = program.expr(value).kind else { return false };
        let made = program.initialiser(value.body, local).or_else(|| program.made_in_a_pair(value.body, local));
        made.is_some_and(|made| matches!(program.target(made), Target::Fn(_) | Target::TraitFn(_)))
    }

    /// The type of a value; where that is not known, of what it was made from: `given.into_stream().boxed()`.
    pub(super) fn type_of_start(&self, value: Place) -> Ty {
        let program = self.program;
        let mut at = value;
        for _ in 0..6 {
            let ty = program.ty(at).peel_refs();
            if !ty.is_unknown() {
                return ty;
            }
            at = match &program.expr(at).kind {
                ExprKind::MethodCall { recv, .. } => Place { expr: *recv, ..at },
                ExprKind::Local(local) => match program.initialiser(at.body, *local) {
                    Some(init) => init,
                    None => return ty,
                },
                _ => return ty,
            };
        }
        Ty::unknown()
    }

    pub(super) fn is_own_future(&self, ty: Ty) -> bool {
        match ty.peel_refs().kind() {
            TyKind::Future(_, FutureOrigin::Region(_) | FutureOrigin::Fn(_)) => true,
            TyKind::Foreign(path, _, args) => {
                self.program.catalog.ty(*path).is_some_and(|_| !is_wrapper(path.as_str()))
                    || args.iter().any(|arg| self.is_own_future(*arg))
            }
            _ => false,
        }
    }
}

/// A type that the user of this code chooses.
pub(super) fn is_given(ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Param(..)
        | TyKind::Projection(..)
        | TyKind::Dyn(_)
        | TyKind::Opaque(_)
        | TyKind::Future(_, FutureOrigin::Opaque) => true,
        TyKind::Foreign(path, _, args) => {
            let path = path.as_str();
            let holds = is_wrapper(path) || path == "std::sync::Arc";
            BOXED.contains(&path) || holds && args.first().is_some_and(|inner| is_given(inner.peel_refs()))
        }
        _ => false,
    }
}

fn is_wrapper(path: &str) -> bool {
    path.starts_with("std::pin::") || path.starts_with("std::boxed::") || path.starts_with("std::option::")
}
