//! Values that are addresses already: asking for their socket address looks nothing up at a name server.
//!
//! Looks at types, literals, locals, format strings and what callers on the way give; never at values of the run.

use std::net::{IpAddr, SocketAddr};

use crate::facts::ExprKind;
use crate::facts::expr::{Lit, MacroShape};
use crate::hir::graph::Edge;
use crate::hir::names::Place;
use crate::hir::ty::{Ty, TyKind};
use crate::program::Program;

/// Steps from the receiver to the text behind it at most.
const MAX_STEPS: u32 = 8;

/// The value holds or spells an address, not a name.
pub(super) fn is_address(program: &Program, place: Place, hops: &[Edge]) -> bool {
    is_numeric(program, place, hops, 0)
}

fn is_numeric(program: &Program, place: Place, hops: &[Edge], steps: u32) -> bool {
    if is_address_type(program.ty(place)) {
        return true;
    }
    if steps > MAX_STEPS {
        return false;
    }
    let at = |expr| Place { expr, ..place };
    let on = |expr| is_numeric(program, at(expr), hops, steps + 1);
    match &program.expr(place).kind {
        ExprKind::Lit(Lit::Str(text)) => {
            text.as_str().parse::<SocketAddr>().is_ok() || text.as_str().parse::<IpAddr>().is_ok()
        }
        ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => on(*expr),
        // An address and a port.
        ExprKind::Tuple(parts) if parts.len() == 2 => on(parts[0]),
        ExprKind::MethodCall { recv, name, .. } => {
            matches!(name.as_str(), "as_str" | "as_ref" | "to_owned" | "to_string" | "clone" | "into") && on(*recv)
        }
        ExprKind::Local(local) => {
            let known = !program.body(place.body).locals[*local].mutable;
            let init = program.initialiser(place.body, *local).filter(|_| known).map(|init| (init, hops));
            let value = init.or_else(|| program.given_on_way(place.body, *local, hops));
            value.is_some_and(|(value, hops)| is_numeric(program, value, hops, steps + 1))
        }
        ExprKind::Macro(call) if call.shape == MacroShape::Format => {
            let Some(text) = program.source(place).split('"').nth(1) else { return false };
            let host = text.strip_prefix('[').unwrap_or(text);
            match host.strip_prefix('{') {
                Some(_) => {
                    let mut given = call.args.iter().map(|arg| at(*arg));
                    let first = given.find(|arg| !matches!(program.expr(*arg).kind, ExprKind::Lit(Lit::Str(_))));
                    // What is not known may be an address as well.
                    let unknown = |at| matches!(program.ty(at).kind(), TyKind::Unknown);
                    first.is_some_and(|first| unknown(first) || is_numeric(program, first, hops, steps + 1))
                }
                None => host.split(['{', ']']).next().is_some_and(|host| {
                    host.parse::<IpAddr>().is_ok() || host.trim_end_matches(':').parse::<IpAddr>().is_ok()
                }),
            }
        }
        _ => false,
    }
}

fn is_address_type(ty: Ty) -> bool {
    const ADDRESSES: [&str; 6] = [
        "std::net::IpAddr",
        "std::net::Ipv4Addr",
        "std::net::Ipv6Addr",
        "std::net::SocketAddr",
        "std::net::SocketAddrV4",
        "std::net::SocketAddrV6",
    ];
    let ty = ty.peel_refs();
    match ty.kind() {
        TyKind::Tuple(parts) => parts.first().is_some_and(|first| is_address_type(*first)),
        _ => ty.path().is_some_and(|path| ADDRESSES.contains(&path.as_str())),
    }
}
