//! Readers and writers behind generics: fns that wait on whatever they are given, and the calls that give them a file or a socket.
//!
//! A fn is known by the parameter type that it reads from or writes to (`R`, `impl Read`, `dyn Write`); a call that puts a known
//! type in its place waits there. Values kept behind a trait object elsewhere are not followed.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::catalog::{Category, FnEntry, FnForm};
use crate::facts::{ExprId, ExprKind, RegionId};
use crate::hir::body::Target;
use crate::hir::context::ContextKind;
use crate::hir::names::{BodyId, DefId, Place};
use crate::hir::ty::{Ty, TyKind};

use super::super::types::project;
use super::super::types::signatures::FnSig;
use super::Linked;
use super::effects::operands;
use super::entry::Contexts;
use super::io::io_category;

/// A wait on something of a parameter's type.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// The parameter type: `R`, `dyn Read`.
    pub on: Ty,
    /// The call of the standard library or of a crate, in the fn or below it.
    pub place: Place,
    /// What is called there.
    pub path: Name,
}

/// Fns that wait on what they are given.
pub type Readers = FxHashMap<DefId, Vec<Waits>>;

/// A call of a workspace fn that hands on a value of a parameter's type.
struct Call {
    caller: DefId,
    callee: DefId,
    body: BodyId,
    expr: ExprId,
}

/// Helpers that hand a reader to helpers; deeper ones are rare.
const MAX_ROUNDS: usize = 6;

/// Collects all of them.
pub fn build(linked: Linked<'_>, contexts: &Contexts) -> Readers {
    let own: Vec<(DefId, Waits)> = (0..linked.types.len())
        .into_par_iter()
        .flat_map_iter(|at| waits_in(linked, contexts, BodyId(at as u32)))
        .collect();
    let mut readers = Readers::default();
    for (def, waits) in own {
        add(&mut readers, def, waits);
    }
    if readers.is_empty() {
        return readers;
    }
    let calls: Vec<Call> = (0..linked.types.len())
        .into_par_iter()
        .flat_map_iter(|at| generic_calls(linked, contexts, BodyId(at as u32)))
        .collect();
    for _ in 0..MAX_ROUNDS {
        let found: Vec<(DefId, Waits)> = calls.iter().flat_map(|call| passed_on(linked, &readers, call)).collect();
        let grown = found.into_iter().fold(false, |grown, (def, waits)| add(&mut readers, def, waits) || grown);
        if !grown {
            break;
        }
    }
    readers
}

fn add(readers: &mut Readers, def: DefId, waits: Waits) -> bool {
    let known = readers.entry(def).or_default();
    let is_new = known.iter().all(|other| other.on != waits.on);
    if is_new {
        known.push(waits);
    }
    is_new
}

/// The fn of a region that runs as part of it.
fn runs_as_part(contexts: &Contexts, body: BodyId, region: RegionId) -> bool {
    let context = contexts[body][region];
    context.kind == ContextKind::Sync || (context.kind == ContextKind::Async && region == RegionId(0))
}

fn waits_in(linked: Linked<'_>, contexts: &Contexts, id: BodyId) -> Vec<(DefId, Waits)> {
    let Some(def) = linked.world.fn_of(id) else { return Vec::new() };
    let body = linked.body(id);
    let types = &linked.types[id];
    let mut found = Vec::new();
    for (expr, target) in &types.targets {
        let Target::Api(entry) = target else { continue };
        if !runs_as_part(contexts, id, body.exprs[*expr].region) || !linked.is_built(id, *expr) {
            continue;
        }
        let (recv, args) = operands(linked, id, *expr, entry);
        let io_args = entry.blocks.as_ref().map_or(&[][..], |blocks| &blocks.io_args);
        let recv = recv.filter(|_| waits_by_receiver(linked, entry));
        let on = recv.into_iter().chain(io_args.iter().filter_map(|at| args.get(*at).copied()));
        let on = on.filter_map(|expr| parameter_of(linked, types.exprs[expr]));
        found.extend(on.map(|on| (def, Waits { on, place: Place { body: id, expr: *expr }, path: entry.path })));
    }
    found
}

/// A method of the byte traits that waits on a reader or writer.
fn waits_by_receiver(linked: Linked<'_>, entry: &FnEntry) -> bool {
    const WAITING: [&str; 3] = ["std::io::BufReader", "std::io::BufWriter", "std::fs::File"];
    let of_trait =
        entry.form == FnForm::TraitMethod && entry.owner.is_some_and(|o| o.as_str().starts_with("std::io::"));
    of_trait
        && WAITING.iter().any(|ty| {
            let method = linked.world.catalog.method(Name::new(ty), entry.name);
            method.is_some_and(|method| method.blocks.is_some())
        })
}

/// The parameter type at the bottom of wrappers: `R` of `&mut BufReader<R>`.
fn parameter_of(linked: Linked<'_>, ty: Ty) -> Option<Ty> {
    let mut ty = ty.peel_refs();
    for _ in 0..8 {
        if is_parameter(ty) {
            return Some(ty);
        }
        let through = ty.path().and_then(|p| linked.world.catalog.ty(p)).and_then(|entry| entry.io_through.as_ref());
        ty = match through {
            Some(through) => project::eval(linked.world, through, project::Holes::of(ty)).peel_refs(),
            None => project::deref(linked.world, ty)?.peel_refs(),
        };
    }
    None
}

fn is_parameter(ty: Ty) -> bool {
    matches!(ty.kind(), TyKind::Param(..) | TyKind::Opaque(_) | TyKind::Dyn(_))
}

fn generic_calls(linked: Linked<'_>, contexts: &Contexts, id: BodyId) -> Vec<Call> {
    let Some(caller) = linked.world.fn_of(id) else { return Vec::new() };
    let body = linked.body(id);
    let calls = linked.types[id].targets.iter().filter_map(|(expr, target)| match target {
        Target::Fn(callee) if runs_as_part(contexts, id, body.exprs[*expr].region) => {
            let sig = linked.sigs.func(linked.world.names.item_ref(*callee))?;
            let generic = sig.receiver.iter().chain(&sig.params).any(|ty| mentions_parameter(*ty, 0));
            generic.then_some(Call { caller, callee: *callee, body: id, expr: *expr })
        }
        _ => None,
    });
    calls.collect()
}

fn mentions_parameter(ty: Ty, depth: u32) -> bool {
    let any = |tys: &[Ty]| tys.iter().any(|ty| mentions_parameter(*ty, depth + 1));
    depth < 6
        && match ty.peel_refs().kind() {
            TyKind::Adt(_, args) | TyKind::Foreign(_, _, args) | TyKind::Tuple(args) => any(args),
            _ => is_parameter(ty.peel_refs()),
        }
}

/// The caller gives a value of one of its own parameter types.
fn passed_on(linked: Linked<'_>, readers: &Readers, call: &Call) -> Vec<(DefId, Waits)> {
    let Some(known) = readers.get(&call.callee) else { return Vec::new() };
    let given = given(linked, call.callee, call.body, call.expr);
    let passed = known.iter().filter_map(|waits| {
        let on = parameter_of(linked, stands_for(&given, waits.on)?)?;
        Some((call.caller, Waits { on, ..*waits }))
    });
    passed
        .filter(|(_, waits)| linked.body(call.body).exprs.get(call.expr).is_some() && is_parameter(waits.on))
        .collect()
}

/// What a call waits on because of what it gives to a generic fn.
pub fn waits_at(
    linked: Linked<'_>,
    readers: &Readers,
    id: BodyId,
    expr: ExprId,
    callee: DefId,
) -> Vec<(Category, Waits)> {
    let Some(known) = readers.get(&callee) else { return Vec::new() };
    let given = given(linked, callee, id, expr);
    let found = known.iter().filter_map(|waits| {
        let category = io_category(linked, stands_for(&given, waits.on)?)?;
        Some((category, *waits))
    });
    found.collect()
}

/// Types of the parameters of a fn, and of what a call gives for them.
fn given(linked: Linked<'_>, callee: DefId, id: BodyId, expr: ExprId) -> Vec<(Ty, Ty)> {
    let Some(sig) = linked.sigs.func(linked.world.names.item_ref(callee)) else { return Vec::new() };
    let FnSig { receiver, params, .. } = sig;
    let types = &linked.types[id].exprs;
    let wanted = receiver.iter().chain(params).copied();
    match &linked.body(id).exprs[expr].kind {
        ExprKind::MethodCall { recv, args, .. } => {
            wanted.zip(std::iter::once(recv).chain(args).map(|arg| types[*arg])).collect()
        }
        ExprKind::Call { args, .. } => wanted.zip(args.iter().map(|arg| types[*arg])).collect(),
        _ => Vec::new(),
    }
}

/// The type in the place of a parameter type.
fn stands_for(given: &[(Ty, Ty)], parameter: Ty) -> Option<Ty> {
    given.iter().find_map(|(wanted, actual)| matched(*wanted, *actual, parameter, 0))
}

fn matched(wanted: Ty, actual: Ty, parameter: Ty, depth: u32) -> Option<Ty> {
    let (wanted, actual) = (wanted.peel_refs(), actual.peel_refs());
    if wanted == parameter {
        return (!actual.is_unknown()).then_some(actual);
    }
    let among = |wanted: &[Ty], actual: &[Ty]| {
        wanted.iter().zip(actual).find_map(|(w, a)| matched(*w, *a, parameter, depth + 1))
    };
    if depth > 6 {
        return None;
    }
    match (wanted.kind(), actual.kind()) {
        (TyKind::Adt(w, wanted), TyKind::Adt(a, actual)) if w == a => among(wanted, actual),
        (TyKind::Foreign(w, _, wanted), TyKind::Foreign(a, _, actual)) if w == a => among(wanted, actual),
        (TyKind::Tuple(wanted), TyKind::Tuple(actual)) => among(wanted, actual),
        _ => None,
    }
}
