//! Locks that a workspace fn holds while it calls a closure that was given to it: `self.state.with(|state| ..)`.
//!
//! The closure is followed into the fn it is given to and one that this hands it on to. Nothing here knows what the closure does.

use crate::facts::{ExprId, LocalId, RegionId};
use crate::hir::body::{Callable, Target};
use crate::hir::names::{BodyId, Place};

use super::Program;
use super::locks::{LOCK_GUARDS, Taking};

/// Fns that hand the closure on.
const MAX_DEPTH: u32 = 2;

impl Program {
    /// The closures of a body that a workspace fn calls under a lock: each with the lock, in words of the body, taken by the call.
    pub fn closures_under_locks(&self, body: BodyId) -> Vec<(RegionId, Taking)> {
        let handovers = self.types_of(body).handovers.iter();
        let found = handovers.flat_map(|handover| {
            let Callable::Closure(region) = handover.callable else { return Vec::new() };
            let held = self.held_for(Place { body, expr: handover.call }, handover.arg_expr, 0);
            held.into_iter().map(|taking| (region, taking)).collect()
        });
        found.collect()
    }

    /// What the fn called here holds while it calls the given argument.
    fn held_for(&self, call: Place, argument: ExprId, depth: u32) -> Vec<Taking> {
        let Target::Fn(def) = self.target(call) else { return Vec::new() };
        let Some(callee) = self.body_of(def).filter(|callee| *callee != call.body && depth < MAX_DEPTH) else {
            return Vec::new();
        };
        let given = Place { expr: argument, ..call };
        let Some(param) = self.parameter_for(call, callee, given) else { return Vec::new() };
        let mut held = self.held_at_calls_of(callee, param);
        for handover in &self.types_of(callee).handovers {
            if handover.callable == Callable::Param(param) {
                held.extend(self.held_for(Place { body: callee, expr: handover.call }, handover.arg_expr, depth + 1));
            }
        }
        let seen = |taking: Taking| {
            Some(Taking { call, at: call, lock: self.seen_by_caller(call, callee, taking.lock)?, ..taking })
        };
        held.into_iter().filter_map(seen).collect()
    }

    /// Locks whose guards are alive where a parameter is called.
    fn held_at_calls_of(&self, body: BodyId, param: LocalId) -> Vec<Taking> {
        let targets = self.types_of(body).targets.iter();
        let calls: Vec<ExprId> = targets
            .filter(|(_, target)| matches!(target, Target::Local(local) if *local == param))
            .map(|(expr, _)| *expr)
            .collect();
        let taken = if calls.is_empty() { Vec::new() } else { self.locks_taken(body) };
        if taken.is_empty() {
            return Vec::new();
        }
        let held = self.with_lives(body, LOCK_GUARDS, |_, lives, _| {
            let live = calls.iter().flat_map(|call| lives.live_at(*call));
            let made = live.filter_map(|value| Some(self.lock_call(Place { body, expr: value.created_by()? })));
            made.filter_map(|made| taken.iter().find(|taking| taking.call == made).cloned()).collect()
        });
        held.unwrap_or_default()
    }
}
