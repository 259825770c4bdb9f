//! What a pattern binds, and whether it can hold what a tracked value is wrapped in.

use crate::facts::{Body, LocalId, Pat, PatId, PatKind};

/// Calls `f` with every local that the pattern binds, and whether it is bound by `ref`.
fn for_each_binding(body: &Body, pat: PatId, f: &mut impl FnMut(LocalId, bool)) {
    let Pat { kind, .. } = &body.pats[pat];
    match kind {
        PatKind::Bind { local, by_ref, sub } => {
            f(*local, *by_ref);
            if let Some(sub) = sub {
                for_each_binding(body, *sub, f);
            }
        }
        PatKind::TupleStruct { elems, .. } | PatKind::Tuple(elems) | PatKind::Slice(elems) | PatKind::Or(elems) => {
            elems.iter().for_each(|p| for_each_binding(body, *p, f));
        }
        PatKind::Struct { fields, .. } => fields.iter().for_each(|(_, p)| for_each_binding(body, *p, f)),
        PatKind::Ref(inner) => for_each_binding(body, *inner, f),
        PatKind::Wild | PatKind::Path(_) | PatKind::Literal | PatKind::Rest | PatKind::Opaque => {}
    }
}

/// Locals that the pattern binds, alternatives of `|` included, in source order.
pub fn bound_locals(body: &Body, pat: PatId) -> Vec<LocalId> {
    let mut locals = Vec::new();
    for_each_binding(body, pat, &mut |l, _| locals.push(l));
    locals
}

/// Locals that the pattern binds without `ref`.
pub fn binds_by_value(body: &Body, pat: PatId) -> Vec<LocalId> {
    let mut locals = Vec::new();
    for_each_binding(body, pat, &mut |l, by_ref| {
        if !by_ref {
            locals.push(l);
        }
    });
    locals
}

/// The pattern holds a `ref` binding.
pub fn binds_by_ref(body: &Body, pat: PatId) -> bool {
    let mut found = false;
    for_each_binding(body, pat, &mut |_, by_ref| found |= by_ref);
    found
}

/// `Some(p)` or `Ok(p)` with a `p` that always matches: a value that does not match it holds nothing that was put into `Some` or `Ok`.
pub fn is_irrefutable_payload(body: &Body, pat: PatId) -> bool {
    match &body.pats[pat].kind {
        PatKind::TupleStruct { path, elems } => {
            let name = body.paths.paths[*path].last();
            (name == "Some" || name == "Ok") && elems.iter().all(|p| always_matches(body, *p))
        }
        PatKind::Bind { sub: Some(sub), .. } => is_irrefutable_payload(body, *sub),
        PatKind::Or(pats) => pats.iter().any(|p| is_irrefutable_payload(body, *p)),
        PatKind::Wild
        | PatKind::Bind { sub: None, .. }
        | PatKind::Path(_)
        | PatKind::Struct { .. }
        | PatKind::Tuple(_)
        | PatKind::Slice(_)
        | PatKind::Ref(_)
        | PatKind::Literal
        | PatKind::Rest
        | PatKind::Opaque => false,
    }
}

/// `None`, `Err(..)`, a literal: what matches it holds no tracked value.
pub(super) fn excludes_payload(body: &Body, pat: PatId) -> bool {
    match &body.pats[pat].kind {
        PatKind::Path(path) => body.paths.paths[*path].last() == "None",
        PatKind::TupleStruct { path, .. } => body.paths.paths[*path].last() == "Err",
        PatKind::Literal => true,
        PatKind::Or(pats) => pats.iter().all(|p| excludes_payload(body, *p)),
        PatKind::Wild
        | PatKind::Bind { .. }
        | PatKind::Struct { .. }
        | PatKind::Tuple(_)
        | PatKind::Slice(_)
        | PatKind::Ref(_)
        | PatKind::Rest
        | PatKind::Opaque => false,
    }
}

fn always_matches(body: &Body, pat: PatId) -> bool {
    match &body.pats[pat].kind {
        PatKind::Wild | PatKind::Rest | PatKind::Bind { sub: None, .. } => true,
        PatKind::Bind { sub: Some(p), .. } | PatKind::Ref(p) => always_matches(body, *p),
        PatKind::Tuple(pats) => pats.iter().all(|p| always_matches(body, *p)),
        PatKind::Or(pats) => pats.iter().any(|p| always_matches(body, *p)),
        PatKind::Path(_)
        | PatKind::TupleStruct { .. }
        | PatKind::Struct { .. }
        | PatKind::Slice(_)
        | PatKind::Literal
        | PatKind::Opaque => false,
    }
}
