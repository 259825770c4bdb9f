//! blocking-net: the thread waits for a socket or a name server.

mod address;

use crate::base::Name;
use crate::catalog::{Category, Role, Tier};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::hir::effect::Source;
use crate::hir::graph::Edge;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::TyKind;
use crate::program::Program;
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::{Spec, advice};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Net, kind, exempt, advise };

fn kind(_: &Program, _: &Source, _: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = advice::plain(program, source, kind, draft);
    match source.api.filter(|entry| entry.name == "to_socket_addrs") {
        Some(_) => lookup(program, source.place, draft),
        None => draft,
    }
}

/// `host.to_socket_addrs()` becomes `tokio::net::lookup_host(&host).await`, which gives the same items.
fn lookup<'f, 'a>(program: &'a Program, place: Place, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let ExprKind::MethodCall { recv, .. } = program.expr(place).kind else { return draft };
    let (Some(_), Some(tokio)) = (program.can_await(place), program.extern_name(place.body, "tokio")) else {
        return draft;
    };
    let recv = Place { expr: recv, ..place };
    let is_place = matches!(program.expr(recv).kind, ExprKind::Local(_) | ExprKind::Field { .. });
    let sign = if is_place && !matches!(program.ty(recv).kind(), TyKind::Ref(..)) { "&" } else { "" };
    let text = format!("{tokio}::net::lookup_host({sign}{}).await", program.source(recv));
    let edits = vec![fixes::replace(program.span(place), text)];
    draft.fix("await `tokio::net::lookup_host`", Applicability::Unsafe, edits)
}

/// An address needs no name server; a socket that the same body makes non-blocking waits for nothing.
fn exempt(program: &Program, source: &Source, hops: &[Edge]) -> bool {
    let place = source.place;
    let Some(entry) = source.api else {
        return program.calls_with_role(place.body, Role::SetNonblocking).next().is_some();
    };
    if entry.name == "to_socket_addrs" {
        let (recv, _) = program.operands(place, entry);
        return recv.is_some_and(|recv| address::is_address(program, recv, hops));
    }
    // A connection under way is an answer for those sockets only that wait for nothing, however they were made.
    if entry.path == "socket2::Socket::connect" && expects_no_wait(program, place.body) {
        return true;
    }
    entry.owner.is_some() && program.calls_with_role(place.body, Role::SetNonblocking).next().is_some()
}

/// The body deals with the error of a connection that goes on by itself.
fn expects_no_wait(program: &Program, body: BodyId) -> bool {
    const SIGNS: [&str; 3] = ["EINPROGRESS", "WouldBlock", "InProgress"];
    let paths = program.body(body).paths.paths.iter();
    let mut last = paths.filter_map(|path| path.segments.last());
    last.any(|name| SIGNS.contains(&name.as_str()) || name.as_str().ends_with("in_progress"))
}
