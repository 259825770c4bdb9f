//! Helpers of the workspace that hand on what an awaited call gives: `async fn next(&mut self) -> .. { self.rx.recv().await }`.
//!
//! Only a call that runs at most once in its fn, and whose error becomes that of the fn.

use crate::catalog::FnEntry;
use crate::facts::{ExprKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};
use crate::program::{Fate, Program};

use super::loop_error::Shape;

/// Adaptors that run a stream of results until it gives an error.
pub(super) const ENDS_AT_FIRST_ERROR: [&str; 3] = ["try_for_each", "try_for_each_concurrent", "try_fold"];

/// The calls of a body that run such a helper: the call, the awaited one in the helper, and what the helper gives.
pub(super) fn calls(
    program: &Program,
    body: BodyId,
    wanted: impl Fn(Place, &FnEntry) -> bool,
) -> Vec<(Place, Place, Shape)> {
    let targets = program.types_of(body).targets.iter().filter_map(|(expr, target)| match target {
        Target::Fn(def) => Some((Place { body, expr: *expr }, program.body_of(*def).filter(|callee| *callee != body)?)),
        _ => None,
    });
    let found = targets.filter_map(|(call, callee)| {
        if program.body(callee).regions[RegionId(0)].kind != RegionKind::AsyncFn {
            return None;
        }
        let mut inner = program.api_calls(callee).filter(|(at, entry)| wanted(*at, entry));
        let (at, _) = inner.next().filter(|(at, _)| at.body == callee)?;
        let once = inner.next().is_none() && program.nearest_loop(at).is_none();
        once.then(|| handed_on(program, at)).flatten().map(|shape| (call, at, shape))
    });
    found.collect()
}

/// How the result of the awaited call leaves its fn.
fn handed_on(program: &Program, call: Place) -> Option<Shape> {
    let Fate::Awaited(awaited) = program.fate(call) else { return None };
    let mut at = Place { expr: awaited, ..call };
    let mut shape = Shape::Result;
    for _ in 0..4 {
        match program.fate(at) {
            Fate::Returned(RegionId(0)) | Fate::Tried(_) => return Some(shape),
            Fate::Receiver(next) => {
                let next = Place { expr: next, ..at };
                let ExprKind::MethodCall { name, .. } = &program.expr(next).kind else { return None };
                match name.as_str() {
                    "ok" => shape = Shape::Option,
                    "map" | "map_err" | "inspect_err" | "context" | "with_context" => {}
                    _ => return None,
                }
                at = next;
            }
            _ => return None,
        }
    }
    None
}
