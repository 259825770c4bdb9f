//! Can the value that is given to a `send` be made again? Not when it was taken out of something.

use crate::catalog::Role;
use crate::facts::{ExprKind, LocalKind};
use crate::hir::names::Place;
use crate::hir::ty::TyKind;
use crate::program::Program;
use crate::program::owner::Source;

/// Steps through locals at most.
const DEPTH: u32 = 4;

/// Methods that take something out of what they are called on.
const TAKES: [&str; 17] = [
    "take",
    "pop",
    "pop_front",
    "pop_back",
    "pop_first",
    "pop_last",
    "remove",
    "swap_remove",
    "drain",
    "split_off",
    "split_to",
    "split",
    "try_recv",
    "dequeue",
    "pop_front_if",
    "pop_if",
    "remove_entry",
];

/// The value is lost with the future that it was given to: it was taken out of something, or moved into the turn.
pub(super) fn is_lost(program: &Program, value: Place, looped: Place) -> bool {
    lost(program, value, looped, 0)
}

fn lost(program: &Program, value: Place, looped: Place, depth: u32) -> bool {
    if depth > DEPTH {
        return false;
    }
    let at = |expr| Place { expr, ..value };
    let any =
        |mut parts: std::slice::Iter<'_, crate::facts::ExprId>| parts.any(|e| lost(program, at(*e), looped, depth));
    if taken(program, value).is_some() {
        return true;
    }
    match &program.expr(value).kind {
        ExprKind::Local(local) => {
            let ty = program.local_ty(value.body, *local);
            if matches!(ty.kind(), TyKind::Ref(..) | TyKind::Unknown) || ty.is_unit() {
                return false;
            }
            if !program.is_declared_in(looped, *local) {
                return !matches!(ty.kind(), TyKind::Prim(_));
            }
            match (program.body(value.body).locals[*local].kind, program.source_of_local(value.body, *local)) {
                (LocalKind::For, _) => true,
                (_, Some(Source::Value(from) | Source::Item(from))) => lost(program, at(from), looped, depth + 1),
                (_, None) => false,
            }
        }
        ExprKind::MethodCall { recv, name, .. } => {
            matches!(
                name.as_str(),
                "unwrap" | "expect" | "into" | "unwrap_or_default" | "ok" | "context" | "map_err" | "into_inner"
            ) && lost(program, at(*recv), looped, depth)
        }
        ExprKind::Await(inner) | ExprKind::Try(inner) => lost(program, at(*inner), looped, depth),
        ExprKind::Call { args, .. } => any(args.iter()),
        ExprKind::Tuple(parts) | ExprKind::Array(parts) => any(parts.iter()),
        ExprKind::Struct { fields, .. } => fields.iter().any(|(_, e)| lost(program, at(*e), looped, depth)),
        ExprKind::Match { scrutinee, .. } => lost(program, at(*scrutinee), looped, depth),
        ExprKind::Block(block) => block.tail.is_some_and(|tail| lost(program, at(tail), looped, depth)),
        _ => false,
    }
}

/// What a call takes its value out of: `rx` of `rx.recv()`, `self.queue` of `self.queue.pop_front()`.
pub(super) fn taken(program: &Program, call: Place) -> Option<Place> {
    let future = super::innermost(program, call);
    if let Some(entry) = program.api(future) {
        let by_role = matches!(entry.role, Some(Role::Recv | Role::Next | Role::Accept))
            || (entry.is_async && entry.name.as_str().starts_with("join_next"));
        if by_role && entry.is_async {
            let (recv, args) = program.operands(future, entry);
            return recv.or_else(|| args.first().copied());
        }
        if matches!(entry.path.as_str(), "std::mem::take" | "std::mem::replace") {
            return program.arguments(future).first().copied();
        }
    }
    match &program.expr(call).kind {
        ExprKind::MethodCall { recv, name, args, .. } => {
            let recv = Place { expr: *recv, ..call };
            let takes = TAKES.contains(&name.as_str()) && (name != "take" || args.is_empty());
            (takes && is_container(program, recv)).then_some(recv)
        }
        ExprKind::Call { callee, .. } => {
            let name = program.source(Place { expr: *callee, ..call });
            let is_take = matches!(name, "std::mem::take" | "mem::take" | "std::mem::replace" | "mem::replace");
            is_take.then(|| program.arguments(call).first().copied()).flatten()
        }
        _ => None,
    }
}

fn is_container(program: &Program, at: Place) -> bool {
    const CONTAINERS: [&str; 14] = [
        "std::option::Option",
        "std::vec::Vec",
        "std::string::String",
        "std::collections::VecDeque",
        "std::collections::HashMap",
        "std::collections::HashSet",
        "std::collections::BTreeMap",
        "std::collections::BTreeSet",
        "std::collections::BinaryHeap",
        "bytes::BytesMut",
        "bytes::Bytes",
        "tokio::sync::mpsc::Receiver",
        "tokio::sync::mpsc::UnboundedReceiver",
        "indexmap::IndexMap",
    ];
    let mut ty = program.ty(at).peel_refs();
    for _ in 0..3 {
        if ty.path().is_some_and(|path| CONTAINERS.contains(&path.as_str())) {
            return true;
        }
        match program.deref(ty) {
            Some(inner) => ty = inner.peel_refs(),
            None => return false,
        }
    }
    false
}
