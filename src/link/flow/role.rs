//! The role an expression plays in the one around it: is its value moved, looked at, or dropped?
//!
//! Purely syntactic. Whether a call borrows or forwards its receiver is a question for a `Class`.

use crate::facts::expr::{Block, LoopKind, MacroShape, Stmt};
use crate::facts::{Body, ExprId, ExprKind, PatId, RegionId, RegionKind};

/// The role of an expression in its parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The body of a function or constant, a closure or an async block: its value leaves the region.
    RegionBody,
    /// `e(..)`.
    Callee,
    /// `f(e)`, `x.f(e)`.
    Argument,
    /// `e.f()`.
    Receiver,
    /// `e.await`.
    Awaited,
    /// `e?`.
    Tried,
    /// `e.x`, `e[i]`, `*e`: a place is made of it.
    PlaceBase,
    /// `&e`, `&mut e`.
    Borrowed {
        /// `&mut`.
        mutable: bool,
    },
    /// An operand of an operator, a cast, an index: a plain value that holds nothing.
    Operand,
    /// An operand of `==` or `<`: only looked at.
    Compared,
    /// Element of a tuple, array, `vec!`, struct literal, range: becomes part of the parent's value.
    Element,
    /// The parent's value: tail of a block, branch, arm, handler.
    Tail,
    /// A statement of its own: the value is dropped.
    Statement,
    /// The initialiser of a `let`.
    Initialiser(PatId),
    /// Condition of `if` or `while`, match guard.
    Condition,
    /// The scrutinee of `match` (no pattern) or `let` in a condition.
    Scrutinee(Option<PatId>),
    /// `for x in e`.
    Iterated,
    /// The body of a loop, the `else` of a `let`.
    Turn,
    /// `x = e`; the target, `None` for `_`.
    Assigned(Option<ExprId>),
    /// `e = x`, also inside a tuple there.
    Target,
    /// `e += x`.
    Updated,
    /// `return e`.
    Returned,
    /// `break e`: becomes the value of that loop or block.
    BreakValue,
    /// `yield e`.
    Yielded,
    /// A future of `select!` or `join!`.
    Polled,
    /// An argument of another macro.
    MacroArgument(MacroShape),
    /// Inside a syntax that is not modelled.
    Opaque,
}

/// The region that really runs: arguments of unknown macros stand in the region around them.
pub fn flow_region(body: &Body, region: RegionId) -> RegionId {
    let mut r = region;
    while body.regions[r].kind == RegionKind::Opaque {
        let Some(parent) = body.regions[r].parent else { break };
        r = parent;
    }
    r
}

/// The role of `e` in its parent.
pub fn role(body: &Body, e: ExprId) -> Role {
    let Some(parent) = body.expr(e).parent else { return Role::RegionBody };
    match &body.expr(parent).kind {
        ExprKind::Call { callee, .. } if *callee == e => Role::Callee,
        ExprKind::Call { .. } => Role::Argument,
        ExprKind::MethodCall { recv, .. } if *recv == e => Role::Receiver,
        ExprKind::MethodCall { .. } => Role::Argument,
        ExprKind::Macro(call) => match call.shape {
            MacroShape::Join | MacroShape::TryJoin => Role::Polled,
            MacroShape::Vec => Role::Element,
            shape => Role::MacroArgument(shape),
        },
        ExprKind::Select(select) => {
            if select.arms.iter().any(|a| a.future == e) {
                Role::Polled
            } else if select.arms.iter().any(|a| a.guard == Some(e)) {
                Role::Condition
            } else {
                Role::Tail
            }
        }
        ExprKind::Await(_) => Role::Awaited,
        ExprKind::Try(_) => Role::Tried,
        ExprKind::Index { index, .. } if *index == e => Role::Operand,
        ExprKind::Field { .. } | ExprKind::Index { .. } | ExprKind::Deref(_) => Role::PlaceBase,
        ExprKind::Ref { mutable, .. } => Role::Borrowed { mutable: *mutable },
        ExprKind::Unary(..) | ExprKind::Cast(..) => Role::Operand,
        ExprKind::Binary { op, .. } => binary_role(*op),
        ExprKind::Assign { target, value } if *value == e => Role::Assigned(*target),
        ExprKind::Assign { .. } => Role::Target,
        ExprKind::AssignOp { target, .. } if *target == e => Role::Updated,
        ExprKind::AssignOp { .. } => Role::Operand,
        ExprKind::Tuple(_) | ExprKind::Array(_) if is_target(body, parent) => Role::Target,
        ExprKind::Tuple(_) | ExprKind::Array(_) | ExprKind::Struct { .. } | ExprKind::Range { .. } => Role::Element,
        ExprKind::Repeat { value, .. } if *value == e => Role::Element,
        ExprKind::Repeat { .. } => Role::Operand,
        ExprKind::Block(block) => block_role(block, e),
        ExprKind::Async(_) | ExprKind::Closure(_) => Role::RegionBody,
        ExprKind::Let { pat, .. } => Role::Scrutinee(Some(*pat)),
        ExprKind::If { cond, .. } if *cond == e => Role::Condition,
        ExprKind::If { .. } => Role::Tail,
        ExprKind::Match { scrutinee, .. } if *scrutinee == e => Role::Scrutinee(None),
        ExprKind::Match { arms, .. } if arms.iter().any(|a| a.guard == Some(e)) => Role::Condition,
        ExprKind::Match { .. } => Role::Tail,
        ExprKind::Loop { body: turn, .. } if *turn == e => Role::Turn,
        ExprKind::Loop { kind: LoopKind::While(_) | LoopKind::Loop, .. } => Role::Condition,
        ExprKind::Loop { kind: LoopKind::For { .. }, .. } => Role::Iterated,
        ExprKind::Return(_) => Role::Returned,
        ExprKind::Break { .. } => Role::BreakValue,
        ExprKind::Yield(_) => Role::Yielded,
        ExprKind::Opaque(_) => Role::Opaque,
        ExprKind::Lit(_)
        | ExprKind::Local(_)
        | ExprKind::Path { .. }
        | ExprKind::QualifiedPath { .. }
        | ExprKind::Continue(_)
        | ExprKind::Item(_) => Role::Opaque,
    }
}

fn binary_role(op: crate::facts::expr::BinaryOp) -> Role {
    use crate::facts::expr::BinaryOp;
    match op {
        BinaryOp::Equal | BinaryOp::Compare => Role::Compared,
        BinaryOp::And | BinaryOp::Or => Role::Condition,
        BinaryOp::Arithmetic => Role::Operand,
    }
}

/// A tuple or array on the left of `=`.
fn is_target(body: &Body, e: ExprId) -> bool {
    let mut e = e;
    while let Some(parent) = body.expr(e).parent {
        let kind = &body.expr(parent).kind;
        if let ExprKind::Assign { target, .. } = kind {
            return *target == Some(e);
        }
        if !matches!(kind, ExprKind::Tuple(_) | ExprKind::Array(_)) {
            return false;
        }
        e = parent;
    }
    false
}

fn block_role(block: &Block, e: ExprId) -> Role {
    if block.tail == Some(e) {
        return Role::Tail;
    }
    match stmt_index(block, e).map(|i| &block.stmts[i]) {
        Some(Stmt::Let { pat, init, .. }) if *init == Some(e) => Role::Initialiser(*pat),
        Some(Stmt::Let { .. }) => Role::Turn,
        Some(Stmt::Expr { .. }) => Role::Statement,
        Some(Stmt::Item(_)) | None => Role::Opaque,
    }
}

/// The last expression of a statement; statements are in order of it.
fn stmt_key(stmt: &Stmt) -> Option<ExprId> {
    match stmt {
        Stmt::Let { init, else_, .. } => else_.or(*init),
        Stmt::Expr { expr, .. } => Some(*expr),
        Stmt::Item(_) => None,
    }
}

/// Position of the statement of `block` that `e`, a child of the block or anything inside one, belongs to; the length for the tail.
pub fn stmt_index(block: &Block, e: ExprId) -> Option<usize> {
    let (mut low, mut high) = (0, block.stmts.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // Items and `let x;` have no expression: go on to the next statement that has one.
        let keyed = (middle..high).find_map(|i| stmt_key(&block.stmts[i]).map(|k| (i, k)));
        match keyed {
            Some((i, key)) if key < e => low = i + 1,
            Some(_) | None => high = middle,
        }
    }
    let found = (low..block.stmts.len()).find(|i| stmt_key(&block.stmts[*i]).is_some());
    found.or_else(|| block.tail.is_some_and(|tail| e <= tail).then_some(block.stmts.len()))
}

/// The loop or labelled block that a `break` or `continue` at `e` belongs to.
pub fn break_target(body: &Body, e: ExprId) -> Option<ExprId> {
    let (ExprKind::Break { label, .. } | ExprKind::Continue(label)) = &body.expr(e).kind else { return None };
    let region = flow_region(body, body.expr(e).region);
    body.ancestors(e).skip(1).take_while(|a| flow_region(body, body.expr(*a).region) == region).find(|a| {
        let kind = &body.expr(*a).kind;
        if let ExprKind::Loop { label: own, .. } = kind {
            label.is_none() || own == label
        } else if let ExprKind::Block(block) = kind {
            label.is_some() && block.label == *label
        } else {
            false
        }
    })
}
