//! Why an async fn or block of the workspace cannot be dropped half-way: it reads or writes in several steps, or holds what it took
//! out of a channel or queue while it waits again.

use crate::catalog::{Cancel, FnEntry};
use crate::facts::ExprKind;
use crate::hir::body::Target;
use crate::hir::names::{DefId, Place, RegionRef};
use crate::program::Program;
use crate::program::owner::Scope;

use super::{held, innermost};

/// Workspace fns followed at most.
const MAX_DEPTH: u32 = 4;

/// The place that shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reason {
    /// The call that reads, writes or takes.
    pub place: Place,
    /// What it does.
    pub why: &'static str,
    /// A later await over which the value is held.
    pub later: Option<Place>,
    /// The reader, writer, channel or queue, in the code that was asked about.
    pub owner: Place,
}

/// What makes the future of a call of the workspace unsafe to drop, for something that lives longer than `scope`.
pub(super) fn of_call(program: &Program, call: Place, scope: Scope, depth: u32) -> Option<Reason> {
    if depth > MAX_DEPTH {
        return None;
    }
    match program.target(call) {
        Target::Fn(def) => of_fn(program, call, def, scope, depth),
        Target::TraitFn(def) => {
            let mut found = None;
            let all = program.implementations(def);
            for one in &all {
                found = Some(of_fn(program, call, *one, scope, depth)?);
            }
            found
        }
        _ => None,
    }
}

fn of_fn(program: &Program, call: Place, def: DefId, scope: Scope, depth: u32) -> Option<Reason> {
    let body = program.body_of(def)?;
    let region = program.run_by(body)?;
    let reason = of_region(program, region, depth)?;
    let owner = program.place_root(reason.owner).filter(|local| program.is_parameter(body, *local))?;
    let given = program.given_for(call, body, owner)?;
    let owner = program.lasting(given, scope)?;
    Some(Reason { owner, ..reason })
}

/// What makes an async fn or block unsafe to drop.
pub(super) fn of_region(program: &Program, region: RegionRef, depth: u32) -> Option<Reason> {
    let run = Scope::Run(region);
    let in_steps = polled_calls(program, region).find_map(|call| {
        let call = innermost(program, call);
        if let Some(owner) = loses_data(program, call).and_then(|at| program.lasting(at, run)) {
            let why = "not cancel safe: what it has read or written so far is lost";
            return Some(Reason { place: call, why, later: None, owner });
        }
        of_call(program, call, run, depth + 1)
    });
    in_steps.or_else(|| held::of_region(program, region))
}

/// The futures that are polled in a region: awaited, or in an arm of `select!`.
pub(super) fn polled_calls(program: &Program, region: RegionRef) -> impl Iterator<Item = Place> {
    program.exprs_of(region).flat_map(|(at, expr)| {
        let polled: Vec<Place> = match &expr.kind {
            ExprKind::Await(inner) => vec![Place { expr: *inner, ..at }],
            ExprKind::Select(select) => select.arms.iter().map(|arm| Place { expr: arm.future, ..at }).collect(),
            _ => Vec::new(),
        };
        polled
    })
}

/// The reader or writer of a call that loses data when it is dropped.
fn loses_data(program: &Program, call: Place) -> Option<Place> {
    let entry: &FnEntry = program.api(call).filter(|entry| entry.cancel == Some(Cancel::LosesData))?;
    let (recv, args) = program.operands(call, entry);
    recv.or_else(|| args.first().copied())
}
