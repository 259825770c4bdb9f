//! Which temporaries of a `let` live to the end of the block.
//!
//! The rules of the Rust reference ("temporary lifetime extension"), by syntax alone: operands of extending borrows and of the places
//! they are made of, through tuples, arrays, struct literals, tuple constructors, casts and the tails of blocks, `if` and `match`;
//! and whatever a `ref` binding of the pattern points into.

use super::pattern::binds_by_ref;
use crate::facts::expr::MacroShape;
use crate::facts::{Body, ExprId, ExprKind, PatId};

/// Calls `extend` with each expression whose temporary lives to the end of the block.
pub(super) fn for_each_extended(body: &Body, pat: PatId, init: ExprId, extend: &mut impl FnMut(ExprId)) {
    if binds_by_ref(body, pat) {
        place(body, init, extend);
    }
    value(body, init, extend);
}

/// `e` is an extending expression: borrows in it are extended.
fn value(body: &Body, e: ExprId, extend: &mut impl FnMut(ExprId)) {
    match &body.expr(e).kind {
        ExprKind::Ref { expr, .. } => {
            value(body, *expr, extend);
            place(body, *expr, extend);
        }
        ExprKind::Tuple(es) | ExprKind::Array(es) => es.iter().for_each(|e| value(body, *e, extend)),
        ExprKind::Struct { fields, .. } => fields.iter().for_each(|(_, e)| value(body, *e, extend)),
        ExprKind::Call { callee, args } if is_constructor(body, *callee) => {
            args.iter().for_each(|e| value(body, *e, extend));
        }
        ExprKind::Cast(inner, _) => value(body, *inner, extend),
        ExprKind::Block(block) => block.tail.iter().for_each(|e| value(body, *e, extend)),
        ExprKind::If { then, else_, .. } => {
            value(body, *then, extend);
            else_.iter().for_each(|e| value(body, *e, extend));
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| value(body, arm.body, extend)),
        // `pin!(x)` keeps `x` for the rest of the block.
        ExprKind::Macro(call) if call.shape == MacroShape::Pin => {
            call.args.iter().for_each(|e| place(body, *e, extend))
        }
        ExprKind::Call { .. }
        | ExprKind::Macro(_)
        | ExprKind::Lit(_)
        | ExprKind::Local(_)
        | ExprKind::Path { .. }
        | ExprKind::QualifiedPath { .. }
        | ExprKind::MethodCall { .. }
        | ExprKind::Select(_)
        | ExprKind::Await(_)
        | ExprKind::Try(_)
        | ExprKind::Field { .. }
        | ExprKind::Index { .. }
        | ExprKind::Deref(_)
        | ExprKind::Unary(..)
        | ExprKind::Binary { .. }
        | ExprKind::Assign { .. }
        | ExprKind::AssignOp { .. }
        | ExprKind::Repeat { .. }
        | ExprKind::Range { .. }
        | ExprKind::Async(_)
        | ExprKind::Closure(_)
        | ExprKind::Let { .. }
        | ExprKind::Loop { .. }
        | ExprKind::Return(_)
        | ExprKind::Break { .. }
        | ExprKind::Continue(_)
        | ExprKind::Yield(_)
        | ExprKind::Opaque(_)
        | ExprKind::Item(_) => {}
    }
}

/// `e` is borrowed for the rest of the block: its value, and what it is a place in, lives that long.
fn place(body: &Body, e: ExprId, extend: &mut impl FnMut(ExprId)) {
    let mut e = e;
    loop {
        extend(e);
        let (ExprKind::Ref { expr: inner, .. }
        | ExprKind::Deref(inner)
        | ExprKind::Field { base: inner, .. }
        | ExprKind::Index { base: inner, .. }) = &body.expr(e).kind
        else {
            return;
        };
        e = *inner;
    }
}

/// `Some`, `Wrapper`: by Rust's naming a tuple constructor.
pub(super) fn is_constructor(body: &Body, callee: ExprId) -> bool {
    let ExprKind::Path { path, .. } = &body.expr(callee).kind else { return false };
    body.paths.paths[*path].last().as_str().starts_with(char::is_uppercase)
}
