//! What one step of a task may do to it. Never looks further than the step and the fn around it.

use crate::catalog::Role;
use crate::facts::expr::{LoopKind, MacroCall, MacroShape};
use crate::facts::{ExprKind, PatKind, RegionId};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::Place;
use crate::hir::ty::TyKind;

use super::Hazard;
use super::others::is_given;
use super::plain;
use super::reading::{Reading, Step, Way};

impl Reading<'_> {
    pub(super) fn step(&mut self, at: Place, way: Way) -> Step {
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
        is_own && !matches!(self.program.expr(exit).kind, ExprKind::Break { .. } | ExprKind::Return(None))
    }

    fn call(&mut self, at: Place, way: Way) -> Step {
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

    /// A fn of the workspace returns a Result that is thrown away: whatever it gave up is given up unseen.
    pub(super) fn drops_error(&self, call: Place) -> bool {
        let program = self.program;
        // In a loop it is one turn that failed, and the next follows.
        if program.nearest_loop(call).is_some() {
            return false;
        }
        let up = |place| program.parent(place).map(|up| (up, &program.expr(up).kind));
        // What is not awaited is no work of its own.
        let Some((value, ExprKind::Await(_))) = up(call) else { return false };
        !matches!(up(value), Some((_, ExprKind::Try(_))))
            && program.ty(value).path() == Some(known().result)
            && program.loss(value).is_some()
    }

    /// What is awaited is a call that was read, or a catalogued thing: not the future of somebody else.
    fn awaited(&mut self, at: Place, way: Way) -> Step {
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
        if self.is_own_future(ty) && !is_given(ty.peel_refs()) {
            Step::Plain
        } else if is_given(ty.peel_refs()) {
            Step::Hazard(Hazard::RunsOthers)
        } else {
            Step::Unread
        }
    }
}

fn panics(can: bool) -> Step {
    if can { Step::Hazard(Hazard::Panics) } else { Step::Plain }
}

fn unread(is_unread: bool) -> Step {
    if is_unread { Step::Unread } else { Step::Plain }
}
