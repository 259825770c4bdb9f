//! Reads a task, body by body, nearest first, until a step is found that can end it. Never judges what it cannot read.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Role;
use crate::facts::expr::{LoopKind, MacroCall, MacroShape};
use crate::facts::{ExprId, ExprKind, LocalKind, PatKind, RegionId};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, Place, RegionRef};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::super::Program;
use super::plain;
use super::{Hazard, Risk};

/// Bodies read for one task at most.
const BODIES: usize = 24;
/// Functions between a task and a step that still says something about the task.
const HOPS: u32 = 3;
/// The same for an `unwrap`, and for what is told by less: an explicit panic, code of others, an unwrapped option.
const NEAR: (u32, u32) = (2, 1);
/// Methods that run what somebody else wrote, whatever trait they are of.
const RUNS: [&str; 12] = [
    "next", "try_next", "select_next_some", "poll", "poll_next", "poll_unpin", "call", "oneshot", "ready", "handle", "run",
    "accept",
];

/// Boxes of whatever future or stream.
const BOXED: [&str; 4] = [
    "futures::stream::BoxStream",
    "futures::stream::LocalBoxStream",
    "futures::future::BoxFuture",
    "futures::future::LocalBoxFuture",
];

/// What a step is.
enum Step {
    Plain,
    Unread,
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
    passes_on: bool,
    /// The task waits for the time alone: what others' code does between two ticks is as plain as what it calls.
    ticks: bool,
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

    /// A trait object or a function that is kept: no caller that is read says what it is.
    fn is_chosen_later(&self, at: Place) -> bool {
        let program = self.program;
        let ty = |expr: ExprId| program.ty(Place { expr, ..at }).peel_refs();
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, .. } | ExprKind::Await(recv) => {
                let ty = ty(*recv);
                let is_object = |ty: Ty| matches!(ty.kind(), TyKind::Dyn(_) | TyKind::Future(..));
                is_object(ty) || ty.args().iter().any(|inner| is_object(inner.peel_refs()))
            }
            ExprKind::Call { callee, .. } => match &program.expr(Place { expr: *callee, ..at }).kind {
                ExprKind::Local(local) => program.body(at.body).locals[*local].kind != LocalKind::Param,
                ExprKind::MethodCall { .. } | ExprKind::Deref(_) => true,
                // `F: Fn()`, which whoever makes the value chooses.
                _ => !matches!(ty(*callee).kind(), TyKind::FnPtr(..) | TyKind::Param(..) | TyKind::Closure(_)),
            },
            _ => false,
        }
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

    fn step(&mut self, at: Place, way: (u32, bool)) -> Step {
        let program = self.program;
        match &program.expr(at).kind {
            ExprKind::Macro(call) => self.macro_step(at, call),
            ExprKind::Index { .. } => panics(program.index_can_panic(at)),
            ExprKind::Opaque(_) | ExprKind::Yield(_) => Step::Unread,
            ExprKind::Binary { left, right, .. } => panics(program.division_can_panic(at, *left, *right)),
            ExprKind::AssignOp { target, value } => panics(program.division_can_panic(at, *target, *value)),
            ExprKind::Await(inner) => self.awaited(Place { expr: *inner, ..at }, way),
            ExprKind::Loop { kind, .. } if self.stops_early(at, kind) => Step::Hazard(Hazard::GivesUp),
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } => self.call(at, way),
            _ => Step::Plain,
        }
    }

    fn macro_step(&self, at: Place, call: &MacroCall) -> Step {
        match call.shape {
            MacroShape::Panic => panics(self.program.macro_can_panic(at, call)),
            MacroShape::Unknown => {
                let path = &self.program.body(at.body).paths.paths[call.path];
                unread(call.hidden_flow || !plain::is_telling(path.last().as_str()))
            }
            MacroShape::Assert
            | MacroShape::Join
            | MacroShape::TryJoin
            | MacroShape::Vec
            | MacroShape::Repeat
            | MacroShape::Pin
            | MacroShape::Print
            | MacroShape::Format
            | MacroShape::Log
            | MacroShape::Span
            | MacroShape::Matches
            | MacroShape::Bail
            | MacroShape::Ensure
            | MacroShape::Pure => Step::Plain,
        }
    }

    /// A loop that one failure ends, and nobody is told.
    fn stops_early(&self, at: Place, kind: &LoopKind) -> bool {
        let on_lag = match kind {
            LoopKind::While(cond) => match &self.program.expr(Place { expr: *cond, ..at }).kind {
                ExprKind::Let { pat, expr } => {
                    let ok = matches!(&self.program.body(at.body).pats[*pat].kind, PatKind::TupleStruct { path, .. }
                        if self.program.body(at.body).paths.paths[*path].last().as_str() == "Ok");
                    ok && self.fails_for_a_while(Place { expr: *expr, ..at })
                }
                _ => false,
            },
            LoopKind::Loop | LoopKind::For { .. } => false,
        };
        on_lag
            || self
                .program
                .gives_up(at)
                .is_some_and(|exit| !self.program.is_told_before(exit) && !self.is_answered(exit))
    }

    /// An error that is not the end of what is read: a lag, a line that is no text, a connection that was gone before it was accepted.
    fn fails_for_a_while(&self, awaited: Place) -> bool {
        let call = match self.program.expr(awaited).kind {
            ExprKind::Await(inner) => Place { expr: inner, ..awaited },
            _ => awaited,
        };
        self.program.api(call).is_some_and(|entry| {
            entry.role == Some(Role::Accept)
                || entry.path.as_str().contains("broadcast")
                || entry.path.as_str().contains("::io::")
        })
    }

    /// The error leaves a fn as its value, and the fn's callers are a part of what is read: whoever drops it is asked there.
    fn is_answered(&self, exit: Place) -> bool {
        let is_own = self.program.expr(exit).region == RegionId(0);
        is_own && !matches!(self.program.expr(exit).kind, ExprKind::Break { .. })
    }

    fn call(&mut self, at: Place, way: (u32, bool)) -> Step {
        let program = self.program;
        if matches!(program.method_name(at), Some("unwrap" | "expect" | "unwrap_err" | "expect_err")) {
            return panics(program.can_panic(at));
        }
        if self.has_open_period(at) {
            return Step::Hazard(Hazard::Period);
        }
        if let Some(step) = self.polled(at, way) {
            return step;
        }
        match program.target(at) {
            Target::Fn(def) => self.callee(at, def, way),
            Target::TraitFn(def) => {
                let all = program.implementations(def);
                if all.is_empty() {
                    return Step::Hazard(Hazard::RunsOthers);
                }
                let steps: Vec<Step> = all.into_iter().map(|def| self.callee(at, def, way)).collect();
                steps.into_iter().find(|step| !matches!(step, Step::Plain)).unwrap_or(Step::Plain)
            }
            Target::Api(entry) => {
                if plain::panics_on_misfit(entry.path, entry.name.as_str()) {
                    return self.misfit(at);
                }
                if plain::is_outside(entry) {
                    return Step::Hazard(Hazard::Outside);
                }
                if self.is_of_others(at) {
                    return Step::Hazard(Hazard::RunsOthers);
                }
                unread(!(plain::is_plain_api(entry) || self.is_step_between(at)))
            }
            Target::Foreign(path) => {
                let last = path.as_str().rsplit("::").next().unwrap_or_default();
                if plain::panics_on_misfit(path, last) {
                    return self.misfit(at);
                }
                if self.is_of_others(at) {
                    return Step::Hazard(Hazard::RunsOthers);
                }
                if self.drives(at) {
                    return Step::Hazard(Hazard::Outside);
                }
                unread(!(plain::is_plain(path) || self.is_step_between(at)))
            }
            Target::Ctor(_) | Target::Closure(_) => Step::Plain,
            Target::Local(_) => Step::Hazard(Hazard::RunsOthers),
            Target::Unknown if self.is_of_others(at) => Step::Hazard(Hazard::RunsOthers),
            Target::Unknown if self.drives(at) => Step::Hazard(Hazard::Outside),
            Target::Unknown => unread(!(self.is_plain_by_type(at) || self.is_step_between(at))),
        }
    }

    /// `items.remove(at)`: the place may not be there, unless it is written down or asked for.
    fn misfit(&self, at: Place) -> Step {
        let program = self.program;
        let fits = |arg: Place| matches!(program.expr(arg).kind, ExprKind::Lit(_) | ExprKind::Range { .. });
        let args = program.arguments(at);
        let named = matches!(program.method_name(at), Some("remove" | "swap_remove" | "insert" | "split_off"));
        if !named {
            return Step::Unread;
        }
        panics(!args.iter().any(|arg| fits(*arg) || program.is_bounded_number(*arg, at)))
    }

    /// What is called, or what it is called on, was given by somebody who is not known: a generic parameter, a trait object, a callback.
    fn is_of_others(&self, at: Place) -> bool {
        let program = self.program;
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, name, .. } => {
                let recv = Place { expr: *recv, ..at };
                RUNS.contains(&name.as_str()) && is_given(self.type_of_start(recv)) && !self.is_made_here(recv)
            }
            // `(self.callback)(event)`: a value, no fn.
            ExprKind::Call { callee, .. } => matches!(
                program.expr(Place { expr: *callee, ..at }).kind,
                ExprKind::Field { .. } | ExprKind::MethodCall { .. } | ExprKind::Deref(_) | ExprKind::Index { .. }
            ),
            _ => false,
        }
    }

    /// Waits for the next event of something that is no channel and no timer: a connection, a consumer, a swarm.
    fn drives(&self, at: Place) -> bool {
        let program = self.program;
        let ExprKind::MethodCall { recv, name, .. } = &program.expr(at).kind else { return false };
        let ty = program.ty(Place { expr: *recv, ..at }).peel_refs();
        RUNS.contains(&name.as_str())
            && program.is_event_call(at)
            && ty.path().is_some_and(|path| !plain::is_plain(path))
    }

    /// What a fn of the workspace made, whatever box it is in.
    fn is_made_here(&self, value: Place) -> bool {
        let program = self.program;
        let ExprKind::Local(local) = program.expr(value).kind else { return false };
        let made =
            program.initialiser(value.body, local).or_else(|| program.made_in_a_pair(value.body, local));
        made.is_some_and(|made| matches!(program.target(made), Target::Fn(_) | Target::TraitFn(_)))
    }

    /// The type of a value; where that is not known, of what it was made from: `given.into_stream().boxed()`.
    fn type_of_start(&self, value: Place) -> Ty {
        let program = self.program;
        let mut at = value;
        for _ in 0..6 {
            let ty = program.ty(at).peel_refs();
            if !ty.is_unknown() {
                return ty;
            }
            at = match &program.expr(at).kind {
                ExprKind::MethodCall { recv, .. } => Place { expr: *recv, ..at },
                ExprKind::Local(local) => match program.initialiser(at.body, *local) {
                    Some(init) => init,
                    None => return ty,
                },
                _ => return ty,
            };
        }
        Ty::unknown()
    }

    fn is_step_between(&self, at: Place) -> bool {
        let awaited =
            || self.program.parent(at).is_some_and(|up| matches!(self.program.expr(up).kind, ExprKind::Await(_)));
        let between = self.ticks && !awaited() && !self.leaves_process(at);
        between || self.passes_on && (!awaited() || self.program.is_sink(at) || self.program.is_source(at))
    }

    /// Files, sockets, processes and databases may fail in ways that nobody thought of.
    fn leaves_process(&self, at: Place) -> bool {
        self.program.api(at).is_some_and(|entry| entry.blocks.is_some() || entry.is_async)
    }

    /// A method of a plain type that the catalogue does not list, a conversion, the next item of whatever stream, a variant's constructor.
    fn is_plain_by_type(&self, at: Place) -> bool {
        let program = self.program;
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, name, .. } => {
                let ty = program.ty(Place { expr: *recv, ..at }).peel_refs();
                let by_type = match ty.kind() {
                    TyKind::Prim(_) | TyKind::Slice(_) | TyKind::Array(..) | TyKind::Tuple(_) => true,
                    TyKind::Foreign(path, ..) => plain::is_plain(*path),
                    _ => false,
                };
                let misfit = ty.path().is_some_and(|path| plain::panics_on_misfit(path, name.as_str()));
                plain::is_conversion(name.as_str()) || (by_type && !misfit)
            }
            ExprKind::Call { callee, .. } => {
                let last = program.source(Place { expr: *callee, ..at }).rsplit("::").next().unwrap_or_default();
                last.starts_with(char::is_uppercase)
            }
            _ => false,
        }
    }

    fn callee(&mut self, at: Place, def: DefId, (hops, is_turn): (u32, bool)) -> Step {
        let Some(body) = self.program.body_of(def) else { return Step::Unread };
        if self.drops_error(at) {
            return Step::Hazard(Hazard::DropsError);
        }
        self.enter(at, body, (hops, is_turn))
    }

    fn enter(&mut self, at: Place, body: BodyId, (hops, is_turn): (u32, bool)) -> Step {
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
    fn polled(&mut self, at: Place, way: (u32, bool)) -> Option<Step> {
        let ExprKind::MethodCall { recv, name, .. } = &self.program.expr(at).kind else { return None };
        if !matches!(name.as_str(), "next" | "try_next" | "select_next_some") {
            return None;
        }
        let ty = self.program.ty(Place { expr: *recv, ..at });
        let body = self.program.poll_of(ty, "poll_next")?;
        Some(self.enter(at, body, way))
    }

    /// A fn of the workspace returns a Result that is thrown away: whatever it gave up is given up unseen.
    fn drops_error(&self, call: Place) -> bool {
        let program = self.program;
        // In a loop it is one turn that failed, and the next follows.
        if program.nearest_loop(call).is_some() {
            return false;
        }
        let up = |place| program.parent(place).map(|up| (up, &program.expr(up).kind));
        // What is not awaited is no work of its own.
        let Some((value, ExprKind::Await(_))) = up(call) else { return false };
        !matches!(up(value), Some((_, ExprKind::Try(_))))
            && program.ty(value).path() == Some(known().result) && program.loss(value).is_some()
    }

    /// What is awaited is a call that was read, or a catalogued thing: not the future of somebody else.
    fn awaited(&mut self, at: Place, way: (u32, bool)) -> Step {
        let program = self.program;
        let inner = program.inner_future(at);
        match &program.expr(inner).kind {
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Async(_) | ExprKind::Macro(_) => {
                return Step::Plain;
            }
            _ => {}
        }
        let ty = program.ty(inner);
        if let Some(body) = program.poll_of(ty, "poll") {
            return self.enter(inner, body, way);
        }
        if self.is_own_future(ty) {
            Step::Plain
        } else if is_given(ty.peel_refs()) {
            Step::Hazard(Hazard::RunsOthers)
        } else {
            Step::Unread
        }
    }

    fn is_own_future(&self, ty: Ty) -> bool {
        match ty.peel_refs().kind() {
            TyKind::Future(_, FutureOrigin::Region(_) | FutureOrigin::Fn(_)) => true,
            TyKind::Foreign(path, _, args) => {
                self.program.catalog.ty(*path).is_some_and(|_| !is_wrapper(path.as_str()))
                    || args.iter().any(|arg| self.is_own_future(*arg))
            }
            _ => false,
        }
    }
}

fn panics(can: bool) -> Step {
    if can { Step::Hazard(Hazard::Panics) } else { Step::Plain }
}

fn unread(is_unread: bool) -> Step {
    if is_unread { Step::Unread } else { Step::Plain }
}

fn is_wrapper(path: &str) -> bool {
    path.starts_with("std::pin::") || path.starts_with("std::boxed::") || path.starts_with("std::option::")
}

/// A type that the user of this code chooses.
fn is_given(ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Param(..)
        | TyKind::Projection(..)
        | TyKind::Dyn(_)
        | TyKind::Opaque(_)
        | TyKind::Future(_, FutureOrigin::Opaque) => true,
        TyKind::Foreign(path, _, args) => {
            let path = path.as_str();
            let holds = is_wrapper(path) || path == "std::sync::Arc";
            BOXED.contains(&path) || holds && args.first().is_some_and(|inner| is_given(inner.peel_refs()))
        }
        _ => false,
    }
}
