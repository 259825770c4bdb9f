//! blocking-net: the thread waits for a socket or a name server.

use crate::base::Name;
use crate::catalog::{Category, Role, Tier};
use crate::hir::effect::Source;
use crate::hir::graph::Edge;
use crate::hir::names::BodyId;
use crate::program::Program;

use super::{Spec, advice};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Net, kind, exempt, advise: advice::plain };

fn kind(_: &Program, _: &Source, _: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

/// An address needs no name server; a socket that the same body makes non-blocking waits for nothing.
fn exempt(program: &Program, source: &Source, _: &[Edge]) -> bool {
    let place = source.place;
    let Some(entry) = source.api else { return false };
    if entry.name == "to_socket_addrs" {
        let (recv, _) = program.operands(place, entry);
        return recv.is_some_and(|r| {
            let path = program.ty(r).peel_refs().path();
            path.is_some_and(|p| p.as_str().starts_with("std::net::SocketAddr"))
        });
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
