//! blocking-net: the thread waits for a socket or a name server.

use crate::base::Name;
use crate::catalog::{Category, Role, Tier};
use crate::hir::effect::Source;
use crate::hir::graph::Edge;
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
    entry.owner.is_some() && program.calls_with_role(place.body, Role::SetNonblocking).next().is_some()
}
