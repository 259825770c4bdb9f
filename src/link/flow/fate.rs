//! Where a value that is not yet named goes: into a call, a pattern, a place, or nowhere (then it is a temporary).
//!
//! The way up the tree is fixed by syntax, except through calls, where a `Class` decides.

use crate::facts::expr::MacroShape;
use crate::facts::{Body, ExprId, ExprKind, LocalId};
use crate::hir::flow::{Class, DeathKind, Flow, Oracle, Passing, TempScope};

use super::role::{Role, break_target, role};

/// What becomes of the value that an expression makes or moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It stays a temporary to the end of the scope.
    Temp(TempScope),
    /// It is the initialiser or scrutinee `at`, or a part of it; what no pattern takes stays to the end of the scope.
    Bound {
        /// The whole initialiser or scrutinee.
        at: ExprId,
        /// Where the rest dies.
        scope: TempScope,
    },
    /// It becomes the value of a local.
    Into {
        /// The local.
        local: LocalId,
        /// The assignment.
        by: ExprId,
    },
    /// It is gone when `by` takes effect.
    Gone {
        /// The expression that takes it.
        by: ExprId,
        /// How.
        how: DeathKind,
    },
}

/// Follows the value of `source` up the tree.
pub(crate) fn fate(body: &Body, flow: &Flow, oracle: &dyn Oracle, class: &dyn Class, source: ExprId) -> Fate {
    let mut e = source;
    loop {
        let Some(by) = body.expr(e).parent else {
            return Fate::Gone { by: e, how: DeathKind::Returned(e) };
        };
        let temp = Fate::Temp(flow.temp_scope(e));
        let moved = Fate::Gone { by, how: DeathKind::Moved(by) };
        e = match role(body, e) {
            Role::Tail | Role::Tried | Role::Element => by,
            Role::Argument if oracle.is_drop_call(by) => return Fate::Gone { by, how: DeathKind::Dropped(by) },
            Role::Argument | Role::Receiver => match class.passing(by, e) {
                Passing::Forwards => by,
                Passing::Consumes => return moved,
                Passing::Borrows => return temp,
            },
            Role::BreakValue => match break_target(body, by) {
                Some(target) => target,
                None => return moved,
            },
            Role::MacroArgument(MacroShape::Unknown) | Role::Opaque => {
                return Fate::Gone { by, how: DeathKind::Unknown(by) };
            }
            Role::MacroArgument(shape) => match macro_fate(body, shape, by) {
                Passing::Forwards => by,
                Passing::Consumes => return moved,
                Passing::Borrows => return temp,
            },
            Role::PlaceBase | Role::Borrowed { .. } | Role::Compared | Role::Statement | Role::Assigned(None) => {
                return temp;
            }
            // The iterator lives until the loop is left.
            Role::Iterated => return temp,
            Role::Initialiser(_) | Role::Scrutinee(_) => return Fate::Bound { at: e, scope: flow.temp_scope(e) },
            Role::Assigned(Some(target)) => {
                let ExprKind::Local(local) = &body.expr(target).kind else { return moved };
                return Fate::Into { local: *local, by };
            }
            Role::RegionBody => return Fate::Gone { by: e, how: DeathKind::Returned(e) },
            Role::Returned => return Fate::Gone { by, how: DeathKind::Returned(by) },
            Role::Callee
            | Role::Awaited
            | Role::Operand
            | Role::Condition
            | Role::Turn
            | Role::Target
            | Role::Updated
            | Role::Yielded
            | Role::Polled => return moved,
        };
    }
}

fn macro_fate(body: &Body, shape: MacroShape, by: ExprId) -> Passing {
    match shape {
        MacroShape::Join | MacroShape::TryJoin | MacroShape::Unknown => Passing::Consumes,
        MacroShape::Vec | MacroShape::Repeat | MacroShape::Pin => Passing::Forwards,
        MacroShape::Print => {
            let is_dbg =
                matches!(&body.expr(by).kind, ExprKind::Macro(call) if body.paths.paths[call.path].last() == "dbg");
            if is_dbg { Passing::Forwards } else { Passing::Borrows }
        }
        MacroShape::Format
        | MacroShape::Log
        | MacroShape::Span
        | MacroShape::Assert
        | MacroShape::Panic
        | MacroShape::Matches
        | MacroShape::Bail
        | MacroShape::Ensure
        | MacroShape::Pure => Passing::Borrows,
    }
}
