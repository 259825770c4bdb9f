//! What can end a task before its time: a step that can panic, an error that makes it give up, or something that cannot be read.
//!
//! A task is harmless only when all that it runs was read, down through the functions of the workspace, and is of the simplest kind: timers, channels,
//! locks, atomics, plain values. Files, sockets and databases are never harmless, foreign code only between the ticks of a task that waits for
//! nothing but the time.

mod plain;

use rustc_hash::FxHashSet;

use crate::catalog::Role;
use crate::facts::expr::{LoopKind, MacroCall, MacroShape};
use crate::facts::{ExprId, ExprKind, PatKind, RegionId};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::Program;

/// Bodies read for one task at most.
const BODIES: usize = 8;
impl Program {
    /// The first step of a task that may end it before its time, or of which that is not known; `None` for a task that was read whole
    /// and can only end when what it serves is gone.
    pub fn risk_of(&self, region: RegionRef) -> Option<Place> {
        let (passes_on, ticks) = (self.passes_on(region), self.only_ticks(region));
        let mut reading = Reading { program: self, seen: FxHashSet::default(), passes_on, ticks };
        reading.region(region)
    }

    /// No `Result` of an awaited fn of the workspace is thrown away in this region.
    pub fn hears_results(&self, region: RegionRef) -> bool {
        self.exprs_of(region).all(|(at, expr)| match expr.kind {
            ExprKind::Await(inner) => {
                let own = self.is_async_workspace_call(Place { expr: inner, ..at });
                !(own && self.ty(at).path() == Some(known().result) && self.loss(at).is_some())
            }
            _ => true,
        })
    }

    /// A message or a line of a log stands before an exit, in the branch that leads to it.
    pub fn is_told_before(&self, exit: Place) -> bool {
        let body = self.body(exit.body);
        let mut child = exit.expr;
        for at in body.ancestors(exit.expr).skip(1) {
            match &body.exprs[at].kind {
                ExprKind::Match { arms, .. } if arms.iter().any(|arm| arm.body == child) => {
                    return self.tells(Place { expr: child, ..exit });
                }
                ExprKind::If { then, .. } if *then == child => return self.tells(Place { expr: child, ..exit }),
                ExprKind::Loop { .. } | ExprKind::Async(_) | ExprKind::Closure(_) => return false,
                _ => child = at,
            }
        }
        false
    }

    /// All that a region awaits is the next of something, and that somebody takes it.
    fn passes_on(&self, region: RegionRef) -> bool {
        let is_end = |call: Place| self.is_source(call) || self.is_sink(call);
        let all = self.exprs_of(region).all(|(at, expr)| match &expr.kind {
            ExprKind::Await(inner) => is_end(Place { expr: *inner, ..at }),
            ExprKind::Select(select) => select.arms.iter().all(|arm| {
                let future = Place { expr: arm.future, ..at };
                is_end(future) || self.is_end_of_sink(future)
            }),
            _ => true,
        });
        let sources = || self.exprs_of(region).any(|(at, _)| self.is_source(at));
        let sinks = || self.exprs_of(region).any(|(at, _)| self.is_sink(at));
        all && sources() && sinks()
    }

    /// All that a region awaits is the time, or the word to stop: a loop that samples, sets gauges and tidies up.
    fn only_ticks(&self, region: RegionRef) -> bool {
        let is_time = |call: Place| {
            matches!(self.method_name(call), Some("tick" | "cancelled"))
                || self.api(call).is_some_and(|entry| entry.role == Some(Role::Sleep))
        };
        let mut awaits = false;
        let all = self.exprs_of(region).all(|(at, expr)| match &expr.kind {
            ExprKind::Await(inner) => {
                awaits = true;
                is_time(Place { expr: *inner, ..at })
            }
            ExprKind::Select(select) => {
                awaits = true;
                select.arms.iter().all(|arm| is_time(Place { expr: arm.future, ..at }))
            }
            _ => true,
        });
        all && awaits
    }

    fn is_source(&self, call: Place) -> bool {
        matches!(
            self.method_name(call),
            Some("next" | "recv" | "try_next" | "changed" | "recv_many" | "select_next_some")
        )
    }

    fn is_sink(&self, call: Place) -> bool {
        matches!(
            self.method_name(call),
            Some("send" | "try_send" | "feed" | "send_replace" | "unbounded_send" | "start_send")
        )
    }

    fn is_end_of_sink(&self, call: Place) -> bool {
        matches!(self.method_name(call), Some("closed" | "cancelled" | "tick"))
            || matches!(self.expr(call).kind, ExprKind::Local(_) | ExprKind::Ref { .. })
    }

    fn tells(&self, part: Place) -> bool {
        let body = self.body(part.body);
        (body.exprs[part.expr].first.0..=part.expr.0).any(|at| match &body.exprs[ExprId(at)].kind {
            ExprKind::Macro(call) => matches!(call.shape, MacroShape::Log | MacroShape::Print),
            _ => false,
        })
    }
}

struct Reading<'a> {
    program: &'a Program,
    seen: FxHashSet<BodyId>,
    /// The task waits for its source and its sink alone: what it does to an item between them is no work of its own.
    passes_on: bool,
    /// The task waits for the time alone: what others' code does between two ticks is as plain as what it calls.
    ticks: bool,
}

impl Reading<'_> {
    fn body(&mut self, body: BodyId) -> Option<Place> {
        if !self.seen.insert(body) {
            return None;
        }
        let root = Place { body, expr: self.program.body(body).root };
        if self.seen.len() > BODIES { Some(root) } else { self.region(Program::whole(body)) }
    }

    /// All that stands in a region, closures and blocks inside it too: they run in it, or are what it gives to others to run.
    fn region(&mut self, region: RegionRef) -> Option<Place> {
        let program = self.program;
        let body = program.body(region.body);
        let root = body.regions[region.region].body;
        let parts = (body.exprs[root].first.0..=root.0).map(ExprId);
        parts.map(|expr| Place { expr, body: region.body }).find_map(|at| self.step(at))
    }

    fn step(&mut self, at: Place) -> Option<Place> {
        let program = self.program;
        let risky = match &program.expr(at).kind {
            ExprKind::Macro(call) => self.is_risky_macro(at, call),
            ExprKind::Index { index, .. } => {
                !matches!(program.expr(Place { expr: *index, ..at }).kind, ExprKind::Range { start: None, end: None })
            }
            ExprKind::Opaque(_) | ExprKind::Yield(_) => true,
            ExprKind::Binary { left, right, .. } => self.divides(at, *left, *right),
            ExprKind::AssignOp { target, value } => self.divides(at, *target, *value),
            ExprKind::Await(inner) => !self.is_readable(Place { expr: *inner, ..at }),
            ExprKind::Loop { kind, .. } => self.stops_early(at, kind),
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } => return self.call(at),
            _ => false,
        };
        risky.then_some(at)
    }

    fn is_risky_macro(&self, at: Place, call: &MacroCall) -> bool {
        match call.shape {
            MacroShape::Panic => true,
            MacroShape::Unknown => {
                let path = &self.program.body(at.body).paths.paths[call.path];
                call.hidden_flow || !plain::is_telling(path.last().as_str())
            }
            MacroShape::Assert => {
                let path = &self.program.body(at.body).paths.paths[call.path];
                !path.last().as_str().starts_with("debug_")
            }
            MacroShape::Join
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
            | MacroShape::Pure => false,
        }
    }

    /// A division or remainder of whole numbers by something that may be zero.
    fn divides(&self, at: Place, left: ExprId, right: ExprId) -> bool {
        let body = self.program.body(at.body);
        let between = self.program.span_in(at.body, (body.exprs[left].span.1, body.exprs[right].span.0));
        let text = self.program.text(between);
        let is_literal = matches!(body.exprs[right].kind, ExprKind::Lit(_));
        let float = |expr| matches!(self.program.ty(Place { expr, ..at }).kind(), TyKind::Prim(name) if name.as_str().starts_with('f'));
        (text.contains('/') || text.contains('%'))
            && !text.contains("//")
            && !is_literal
            && !float(left)
            && !float(right)
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

    /// An error that is not the end of what is read: a lag, a line that is no text.
    fn fails_for_a_while(&self, awaited: Place) -> bool {
        let call = match self.program.expr(awaited).kind {
            ExprKind::Await(inner) => Place { expr: inner, ..awaited },
            _ => awaited,
        };
        self.program
            .api(call)
            .is_some_and(|entry| entry.path.as_str().contains("broadcast") || entry.path.as_str().contains("::io::"))
    }

    /// The error leaves a fn as its value, and the fn's callers are a part of what is read: whoever drops it is asked there.
    fn is_answered(&self, exit: Place) -> bool {
        let is_own = self.program.expr(exit).region == RegionId(0);
        is_own && !matches!(self.program.expr(exit).kind, ExprKind::Break { .. })
    }

    fn call(&mut self, at: Place) -> Option<Place> {
        let program = self.program;
        let name = program.method_name(at);
        if matches!(name, Some("unwrap" | "expect")) {
            return (!program.fails_only_after_others(at)).then_some(at);
        }
        let risky = match program.target(at) {
            Target::Fn(def) => return self.callee(at, def),
            Target::TraitFn(def) => {
                let all = program.implementations(def);
                return if all.is_empty() { Some(at) } else { all.into_iter().find_map(|def| self.callee(at, def)) };
            }
            Target::Api(entry) => {
                !(plain::is_plain_api(entry) || self.is_step_between(at))
                    || plain::panics_on_misfit(entry.path, entry.name.as_str())
            }
            Target::Foreign(path) => {
                let last = path.as_str().rsplit("::").next().unwrap_or_default();
                !(plain::is_plain(path) || self.is_step_between(at)) || plain::panics_on_misfit(path, last)
            }
            Target::Ctor(_) | Target::Closure(_) => false,
            Target::Local(_) => true,
            Target::Unknown => !(self.is_plain_by_type(at) || self.is_step_between(at)),
        };
        risky.then_some(at)
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

    fn callee(&mut self, at: Place, def: crate::hir::names::DefId) -> Option<Place> {
        let Some(body) = self.program.body_of(def) else { return Some(at) };
        if self.drops_error(at) {
            return Some(at);
        }
        self.body(body)
    }

    /// A fn of the workspace returns a Result that is thrown away: whatever it gave up is given up unseen.
    fn drops_error(&self, call: Place) -> bool {
        let program = self.program;
        // In a loop it is one turn that failed, and the next follows.
        if program.nearest_loop(call).is_some() {
            return false;
        }
        let awaited = program.parent(call).filter(|up| matches!(program.expr(*up).kind, ExprKind::Await(_)));
        let value = awaited.unwrap_or(call);
        program.ty(value).path() == Some(known().result) && program.loss(value).is_some()
    }

    /// What is awaited is a call that was read, or a catalogued thing: not the future of somebody else.
    fn is_readable(&self, at: Place) -> bool {
        let program = self.program;
        let inner = program.inner_future(at);
        match &program.expr(inner).kind {
            ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Async(_) | ExprKind::Macro(_) => {
                return true;
            }
            _ => {}
        }
        self.is_own_future(program.ty(inner))
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

fn is_wrapper(path: &str) -> bool {
    path.starts_with("std::pin::") || path.starts_with("std::boxed::") || path.starts_with("std::option::")
}
