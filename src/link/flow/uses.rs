//! Every place where a local is mentioned, and what happens to it there.
//!
//! One walk over a body's arena; no order, no paths. Mentions inside closures, async blocks and macros count.

use crate::base::{IndexVec, Name};
use crate::facts::expr::MacroShape;
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatId, RegionId};

use super::pattern::binds_by_value;
use super::role::{Role, flow_region, role};
use crate::hir::flow::Oracle;

/// What happens to a local where it is mentioned. The `ExprId` is the expression that does it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UseKind {
    /// `&l`, `&mut l`.
    Ref {
        /// `&mut`.
        mutable: bool,
        /// The reference.
        by: ExprId,
    },
    /// `l.name(..)`; by value or by reference is a question of types.
    Receiver {
        /// The method.
        name: Name,
        /// The call.
        by: ExprId,
    },
    /// `l.x`, `l[i]`, `*l`: a part of it, or what it points to.
    Part(ExprId),
    /// Only read: operand, condition, format argument, scrutinee that moves nothing.
    Read(ExprId),
    /// `f(l)`, `x.f(l)`.
    Argument(ExprId),
    /// `drop(l)`.
    Dropped(ExprId),
    /// `l(..)`.
    Called(ExprId),
    /// `l.await`.
    Awaited(ExprId),
    /// `l?`.
    Tried(ExprId),
    /// A future of `select!` or `join!`, by value.
    Polled(ExprId),
    /// `return l`, `break l` out of the body, or the value of a region's body.
    Returned(ExprId),
    /// Part of a tuple, array, `vec!`, struct literal, range; `yield l`; assigned to something else.
    Stored(ExprId),
    /// `let p = l`, `match l { p => .. }` with a binding by value.
    Bound {
        /// The pattern of a `let`; `None` for `match`.
        pat: Option<PatId>,
        /// The block or construct.
        by: ExprId,
    },
    /// `for x in l`.
    Iterated(ExprId),
    /// `pin!(l)`.
    Pinned(ExprId),
    /// `l;` or `_ = l` (the latter moves nothing).
    Discarded(ExprId),
    /// `l = ..`: not a use of the old value.
    Overwritten(ExprId),
    /// `l += ..`.
    Updated(ExprId),
    /// In a macro or syntax that is not understood: anything may happen.
    Unknown(ExprId),
}

impl UseKind {
    /// The old value is read, moved or may be; false only where it is overwritten.
    pub const fn needs_value(self) -> bool {
        !matches!(self, Self::Overwritten(_))
    }

    /// A local that is not `Copy` is moved out here. Receivers count as not moved.
    pub const fn moves(self) -> bool {
        match self {
            Self::Argument(_)
            | Self::Dropped(_)
            | Self::Awaited(_)
            | Self::Tried(_)
            | Self::Polled(_)
            | Self::Returned(_)
            | Self::Stored(_)
            | Self::Bound { .. }
            | Self::Iterated(_) => true,
            Self::Ref { .. }
            | Self::Receiver { .. }
            | Self::Part(_)
            | Self::Read(_)
            | Self::Called(_)
            | Self::Pinned(_)
            | Self::Discarded(_)
            | Self::Overwritten(_)
            | Self::Updated(_)
            | Self::Unknown(_) => false,
        }
    }
}

/// One mention of a local.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Use {
    /// The `Local` expression, or the macro whose tokens hold the name.
    pub expr: ExprId,
    /// The flow region in which it stands.
    pub region: RegionId,
    /// What happens.
    pub kind: UseKind,
}

/// Mentions of all locals of a body.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    by_local: IndexVec<LocalId, Vec<Use>>,
}

impl Uses {
    /// Walks `body` once.
    pub fn new(body: &Body, oracle: &dyn Oracle) -> Self {
        let mut by_local: IndexVec<LocalId, Vec<Use>> = IndexVec::filled(Vec::new(), body.locals.len());
        for (id, expr) in body.exprs.iter_ids() {
            let region = flow_region(body, expr.region);
            if let ExprKind::Local(local) = &expr.kind {
                by_local[*local].push(Use { expr: id, region, kind: use_kind(body, oracle, id) });
            } else if let ExprKind::Macro(call) = &expr.kind {
                for local in &call.uses {
                    by_local[*local].push(Use { expr: id, region, kind: UseKind::Unknown(id) });
                }
            }
        }
        Self { by_local }
    }

    /// All mentions of `l`, in arena order.
    pub fn of(&self, l: LocalId) -> &[Use] {
        self.by_local.get(l).map_or(&[], Vec::as_slice)
    }
}

/// What happens to the local that `e` names.
pub fn use_kind(body: &Body, oracle: &dyn Oracle, e: ExprId) -> UseKind {
    let mut e = e;
    // `if c { l } else { m }` hands the value on.
    while role(body, e) == Role::Tail {
        let Some(parent) = body.expr(e).parent else { break };
        e = parent;
    }
    let by = body.expr(e).parent.unwrap_or(e);
    match role(body, e) {
        Role::RegionBody | Role::Returned => UseKind::Returned(by),
        Role::Callee => UseKind::Called(by),
        Role::Argument if oracle.is_drop_call(by) => UseKind::Dropped(by),
        Role::Argument => UseKind::Argument(by),
        Role::Receiver => receiver(body, by),
        Role::Awaited => UseKind::Awaited(by),
        Role::Tried => UseKind::Tried(by),
        Role::PlaceBase => UseKind::Part(by),
        Role::Borrowed { mutable } => UseKind::Ref { mutable, by },
        Role::Operand | Role::Compared | Role::Condition | Role::Turn => UseKind::Read(by),
        Role::Element | Role::Yielded | Role::BreakValue | Role::Assigned(Some(_)) => UseKind::Stored(by),
        Role::Statement | Role::Assigned(None) => UseKind::Discarded(by),
        Role::Initialiser(pat) | Role::Scrutinee(Some(pat)) if binds_by_value(body, pat).is_empty() => {
            UseKind::Read(by)
        }
        Role::Initialiser(pat) | Role::Scrutinee(Some(pat)) => UseKind::Bound { pat: Some(pat), by },
        Role::Scrutinee(None) => matched(body, by),
        Role::Iterated => UseKind::Iterated(by),
        Role::Target => UseKind::Overwritten(by),
        Role::Updated => UseKind::Updated(by),
        Role::Polled => UseKind::Polled(by),
        Role::MacroArgument(shape) => macro_use(shape, by),
        Role::Tail | Role::Opaque => UseKind::Unknown(by),
    }
}

/// Naming the local at `e` moves it out (method receivers are left to a `Class`).
pub fn moves_local(body: &Body, oracle: &dyn Oracle, e: ExprId) -> bool {
    let ExprKind::Local(local) = &body.expr(e).kind else { return false };
    // The tail of a block is a value of its own, whatever happens to it then.
    (role(body, e) == Role::Tail || use_kind(body, oracle, e).moves()) && !oracle.is_copy_local(*local)
}

fn receiver(body: &Body, by: ExprId) -> UseKind {
    if let ExprKind::MethodCall { name, .. } = &body.expr(by).kind {
        UseKind::Receiver { name: *name, by }
    } else {
        UseKind::Read(by)
    }
}

fn matched(body: &Body, by: ExprId) -> UseKind {
    if let ExprKind::Match { arms, .. } = &body.expr(by).kind
        && arms.iter().any(|arm| !binds_by_value(body, arm.pat).is_empty())
    {
        return UseKind::Bound { pat: None, by };
    }
    UseKind::Read(by)
}

fn macro_use(shape: MacroShape, by: ExprId) -> UseKind {
    match shape {
        MacroShape::Join | MacroShape::TryJoin => UseKind::Polled(by),
        MacroShape::Vec | MacroShape::Repeat => UseKind::Stored(by),
        MacroShape::Pin => UseKind::Pinned(by),
        MacroShape::Print
        | MacroShape::Format
        | MacroShape::Log
        | MacroShape::Span
        | MacroShape::Assert
        | MacroShape::Panic
        | MacroShape::Matches
        | MacroShape::Bail
        | MacroShape::Ensure
        | MacroShape::Pure => UseKind::Read(by),
        MacroShape::Unknown => UseKind::Unknown(by),
    }
}
