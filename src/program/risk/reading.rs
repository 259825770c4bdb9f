//! Reads a task, body by body, nearest first, until a step is found that can end it. Never judges what it cannot read.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Role;
use crate::facts::{ExprId, ExprKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, DefId, Place, RegionRef};

use super::super::Program;
use super::{Hazard, Risk};

/// Bodies read for one task at most.
const BODIES: usize = 24;
/// Functions between a task and a step that still says something about the task.
const HOPS: u32 = 3;
/// The same for an `unwrap`, and for what is told by less: an explicit panic, code of others, an unwrapped option.
const NEAR: (u32, u32) = (2, 1);

/// How many functions away a step is, and whether it is one turn of a loop.
pub(super) type Way = (u32, bool);

/// What a step is.
pub(super) enum Step {
    /// Does what it says.
    Plain,
    /// Cannot be read.
    Unread,
    /// Can end the task.
    Hazard(Hazard),
}

/// Reads what a task runs.
pub(super) fn read(program: &Program, region: RegionRef) -> Risk {
    let (passes_on, ticks) = (program.passes_on(region), program.only_ticks(region));
    let mut reading = Reading {
        program,
        seen: FxHashSet::from_iter([region.body]),
        open: VecDeque::from([(region, 0, false)]),
        calls: FxHashMap::default(),
        passes_on,
        ticks,
        unread: false,
        found: None,
    };
    reading.run();
    match reading.found {
        Some((at, hazard)) => Risk::Step(at, hazard),
        None if reading.unread => Risk::Unread,
        None => Risk::None,
    }
}

pub(super) struct Reading<'a> {
    pub program: &'a Program,
    seen: FxHashSet<BodyId>,
    /// Regions to read: how many functions away they are, and whether they are one turn of a loop.
    open: VecDeque<(RegionRef, u32, bool)>,
    /// The call by which a body was reached.
    pub calls: FxHashMap<BodyId, Place>,
    /// The task waits for its source and its sink alone: what it does to an item between them is no work of its own.
    pub passes_on: bool,
    /// The task waits for the time alone: what others' code does between two ticks is as plain as what it calls.
    pub ticks: bool,
    unread: bool,
    found: Option<(Place, Hazard)>,
}

impl Reading<'_> {
    fn run(&mut self) {
        while let Some((region, hops, is_turn)) = self.open.pop_front() {
            self.region(region, hops, is_turn);
            if self.found.is_some_and(|(_, hazard)| hazard < Hazard::DropsError) {
                return;
            }
        }
    }

    /// All that stands in a region, closures and blocks inside it too: they run in it, or are what it gives to others to run. Other tasks
    /// that it starts end alone.
    fn region(&mut self, region: RegionRef, hops: u32, is_turn: bool) {
        let program = self.program;
        let body = program.body(region.body);
        let root = body.regions[region.region].body;
        let apart = self.apart(region);
        let parts = (body.exprs[root].first.0..=root.0).map(ExprId);
        for expr in parts.filter(|expr| !apart.iter().any(|other| body.is_inside(*expr, *other))) {
            let at = Place { expr, body: region.body };
            match self.step(at, (hops, is_turn)) {
                Step::Plain => {}
                Step::Hazard(hazard) if self.counts(at, hazard, hops, is_turn) => {
                    if self.found.is_none_or(|(_, before)| hazard < before) {
                        self.found = Some((at, hazard));
                    }
                }
                Step::Unread | Step::Hazard(_) => self.unread = true,
            }
        }
    }

    /// A hazard says something about the task when it is near. What gives up or throws an error away in one turn of a loop is followed by the next.
    fn counts(&self, at: Place, hazard: Hazard, hops: u32, is_turn: bool) -> bool {
        let near = match hazard {
            Hazard::Panics if self.program.unwraps_an_option(at) => hops == 0,
            Hazard::Panics if matches!(self.program.expr(at).kind, ExprKind::MethodCall { .. }) => hops <= NEAR.0,
            Hazard::Panics => hops <= NEAR.1,
            // A generic helper runs what its caller gave, and that was read.
            Hazard::RunsOthers => hops == 0 || (hops <= NEAR.0 && self.is_chosen_later(at)),
            Hazard::GivesUp | Hazard::DropsError => !is_turn,
            Hazard::Period | Hazard::Outside => hops <= HOPS,
        };
        let calls_back = hazard == Hazard::RunsOthers && matches!(self.program.expr(at).kind, ExprKind::Call { .. });
        near && (!self.passes_on || hops == 0 && (hazard <= Hazard::GivesUp || calls_back))
    }

    /// Blocks and closures that are given to another task or thread.
    fn apart(&self, region: RegionRef) -> Vec<ExprId> {
        let program = self.program;
        let body = program.body(region.body);
        let root = body.regions[region.region].body;
        let starts = |call: Place| match program.target(call) {
            Target::Api(entry) => matches!(
                entry.role,
                Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking | Role::SpawnThread | Role::TaskSetSpawn)
            ),
            Target::Fn(def) => program.makes_handle(def, 0),
            _ => false,
        };
        let mut found = Vec::new();
        for expr in (body.exprs[root].first.0..=root.0).map(ExprId) {
            let at = Place { expr, body: region.body };
            if matches!(body.exprs[expr].kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. }) && starts(at) {
                found.extend(program.arguments(at).into_iter().map(|arg| arg.expr));
            }
        }
        found
    }

    pub(super) fn callee(&mut self, at: Place, def: DefId, (hops, is_turn): Way) -> Step {
        let Some(body) = self.program.body_of(def) else { return Step::Unread };
        if self.drops_error(at) {
            return Step::Hazard(Hazard::DropsError);
        }
        self.enter(at, body, (hops, is_turn))
    }

    pub(super) fn enter(&mut self, at: Place, body: BodyId, (hops, is_turn): Way) -> Step {
        if self.seen.contains(&body) {
            return Step::Plain;
        }
        if self.seen.len() >= BODIES || hops >= HOPS {
            return Step::Unread;
        }
        self.seen.insert(body);
        self.calls.insert(body, at);
        let is_turn = is_turn || self.program.nearest_loop(at).is_some();
        self.open.push_back((Program::whole(body), hops + 1, is_turn));
        Step::Plain
    }

    /// `events.next()` of a stream that the workspace implements runs its `poll_next`.
    pub(super) fn polled(&mut self, at: Place, way: Way) -> Option<Step> {
        let ExprKind::MethodCall { recv, name, .. } = &self.program.expr(at).kind else { return None };
        if !matches!(name.as_str(), "next" | "try_next" | "select_next_some") {
            return None;
        }
        let ty = self.program.ty(Place { expr: *recv, ..at });
        let body = self.program.poll_of(ty, "poll_next")?;
        Some(self.enter(at, body, way))
    }
}
