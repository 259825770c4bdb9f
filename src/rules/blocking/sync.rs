//! blocking-sync: the thread waits for another thread: channels, condition variables, barriers, joins.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::diagnostic::Applicability;
use crate::facts::{ExprId, ExprKind};
use crate::hir::effect::Source;
use crate::hir::graph::Edge;
use crate::hir::names::Place;
use crate::program::Program;
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::{Spec, advice};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Sync, kind, exempt, advise };

fn kind(_: &Program, _: &Source, kind: Option<Name>, tier: Tier) -> Option<&'static str> {
    match kind {
        Some(kind) if kind == "panics" => Some("panics"),
        _ => (tier == Tier::Default).then_some("blocks"),
    }
}

/// A thread that somebody asked before whether it has ended; a channel with room for all that is sent.
fn exempt(program: &Program, source: &Source, _: &[Edge]) -> bool {
    match source.api {
        Some(entry) if entry.name == "join" => has_ended(program, source),
        Some(entry) if matches!(entry.name.as_str(), "send" | "send_blocking") => program.has_room(source.place),
        _ => false,
    }
}

fn has_ended(program: &Program, source: &Source) -> bool {
    let place = source.place;
    // The scope around it waits too, and is reported.
    if source.path.as_str() == "std::thread::ScopedJoinHandle::join" {
        return true;
    }
    let body = program.body(place.body);
    (0..place.expr.0)
        .map(ExprId)
        .any(|e| matches!(&body.exprs[e].kind, ExprKind::MethodCall { name, .. } if name == "is_finished"))
}

/// Awaited methods with the same arguments and result.
fn awaited(source: &Source) -> Option<&'static str> {
    let path = source.path.as_str();
    let name = path.rsplit("::").next().unwrap_or_default();
    if path.starts_with("tokio::sync::") {
        return match name {
            "blocking_recv" if path.starts_with("tokio::sync::oneshot") => Some(""),
            "blocking_recv" => Some("recv"),
            "blocking_recv_many" => Some("recv_many"),
            "blocking_send" => Some("send"),
            "blocking_lock" => Some("lock"),
            "blocking_lock_owned" => Some("lock_owned"),
            "blocking_read" => Some("read"),
            "blocking_write" => Some("write"),
            _ => None,
        };
    }
    match path {
        "kanal::Receiver::recv" => Some("as_async().recv"),
        "kanal::Sender::send" => Some("as_async().send"),
        "flume::Receiver::recv" => Some("recv_async"),
        "flume::Sender::send" => Some("send_async"),
        "async_channel::Receiver::recv_blocking" => Some("recv"),
        "async_channel::Sender::send_blocking" => Some("send"),
        _ => None,
    }
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = advice::plain(program, source, kind, draft);
    let place = source.place;
    let (Some(name), Some(class)) = (awaited(source), program.can_await(place)) else { return draft };
    let ExprKind::MethodCall { recv, name_span, .. } = program.expr(place).kind else { return draft };
    if name.is_empty() {
        let recv = program.source(Place { expr: recv, ..place });
        let edits = vec![fixes::replace(program.span(place), format!("{recv}.await"))];
        return draft.fix("await the receiver", Applicability::Unsafe, edits);
    }
    let edits =
        vec![fixes::replace(program.span_in(place.body, name_span), name), fixes::after(program.span(place), ".await")];
    let class = if name.contains('(') { Applicability::Unsafe } else { class };
    draft.fix(format!("await `{name}`"), class, edits)
}
