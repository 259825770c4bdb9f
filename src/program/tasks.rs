//! Tasks: the calls that start one and give a handle, and the work that each of them runs.
//!
//! A helper of the workspace that returns the handle it made counts as such a call.

use crate::base::Name;
use crate::catalog::{FnEntry, OnDrop, Place as Where, Role, TypeRole};
use crate::diagnostic::Confidence;
use crate::facts::{ExprId, ExprKind, LocalId, PatKind, RegionId};
use crate::hir::body::Target;
use crate::hir::graph::EdgeKind;
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};
use crate::link::graph::edges::implementations;

use super::{Program, Shape, Spawned};

/// Who starts the task.
#[derive(Clone, Copy, Debug)]
pub enum Starter {
    /// An API.
    Api(&'static FnEntry),
    /// A workspace fn that returns the handle.
    Helper(DefId),
    /// `.spawn(async ..)` on something called `rt`, `runtime` or `handle`.
    Name,
}

/// A call that starts a task.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The call.
    pub call: Place,
    /// The expression whose value is the handle: the call, or its `.await`.
    pub value: Place,
    /// Where the handle is in the value, when that is a tuple or a struct.
    pub part: Option<Name>,
    /// Who starts it.
    pub starter: Starter,
    /// How sure that is.
    pub confidence: Confidence,
}

/// What a task runs.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Its code and output.
    pub spawned: Spawned,
    /// Panics are caught around it.
    pub catches: bool,
    /// Its author says that it may be lost.
    pub detached_ok: bool,
}

/// Receivers that are believed to be runtimes by name (decision X11).
const RUNTIMES: [&str; 6] = ["rt", "runtime", "handle", "tokio_handle", "runtime_handle", "rt_handle"];
/// Runs a future and gives what it caught to a handle of its own.
const REMOTE: &str = "futures::future::Remote";
/// Helpers followed at most.
const DEPTH: u32 = 3;

impl Program {
    /// The calls of a body that start a task whose handle, when dropped, lets it go on.
    pub fn detached_tasks(&self, body: BodyId) -> Vec<Task> {
        let mut found: Vec<Task> = Vec::new();
        for (expr, target) in &self.types_of(body).targets {
            let call = Place { body, expr: *expr };
            if !matches!(self.expr(call).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. }) {
                continue;
            }
            let (starter, value, part) = match target {
                Target::Api(entry) if self.is_detaching_api(call, entry) => (Starter::Api(entry), call, None),
                Target::Fn(def) | Target::TraitFn(def) => {
                    let whole = self.handle_of_helper(call, *def).map(|value| (value, None));
                    let given = whole.or_else(|| Some((call, Some(self.handle_in_part(call, *def)?))));
                    let Some((value, part)) = given else { continue };
                    (Starter::Helper(*def), value, part)
                }
                _ => continue,
            };
            found.push(Task { call, value, part, starter, confidence: self.confidence(call) });
        }
        found.extend(self.tasks_by_name(body));
        found
    }

    fn is_detaching_api(&self, call: Place, entry: &FnEntry) -> bool {
        matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking))
            && !entry.is_async
            && self.is_detaching_handle(self.ty(call))
            && entry.on_drop.is_none_or(|on_drop| on_drop == OnDrop::Detach)
    }

    /// A handle, perhaps in a `Result` or `Option`, whose drop lets the task go on.
    pub fn is_detaching_handle(&self, ty: Ty) -> bool {
        let inner = match ty.path() {
            Some(path) if path == known().result || path == known().option => ty.args().first().copied(),
            _ => Some(ty),
        };
        inner.is_some_and(|ty| {
            ty.path().is_some()
                && self
                    .type_entry(ty)
                    .is_some_and(|e| e.role == Some(TypeRole::TaskHandle) && e.on_drop == Some(OnDrop::Detach))
        })
    }

    /// Where the handle appears that a workspace fn makes: at the call, or at its `.await`.
    fn handle_of_helper(&self, call: Place, def: DefId) -> Option<Place> {
        let ty = self.ty(call);
        let value = if self.is_detaching_handle(ty) {
            call
        } else {
            let parent = self.parent(call)?;
            let is_await = matches!(self.expr(parent).kind, ExprKind::Await(inner) if inner == call.expr);
            (is_await && self.is_detaching_handle(self.ty(parent))).then_some(parent)?
        };
        self.makes_handle(def, 0).then_some(value)
    }

    /// The fn starts a task itself (a getter does not).
    pub(super) fn makes_handle(&self, def: DefId, depth: u32) -> bool {
        let Some(body) = self.world().body_of(def) else {
            let (_, item) = self.world().item(def);
            return item.name.as_str().contains("spawn");
        };
        self.types_of(body).targets.iter().any(|(expr, target)| match target {
            Target::Api(entry) => self.is_detaching_api(Place { body, expr: *expr }, entry),
            Target::Fn(inner) => {
                depth < DEPTH
                    && *inner != def
                    && self.gives_handle(self.ty(Place { body, expr: *expr }))
                    && self.makes_handle(*inner, depth + 1)
            }
            _ => false,
        })
    }

    fn tasks_by_name(&self, body: BodyId) -> Vec<Task> {
        if !self.depends_on(body, "tokio") {
            return Vec::new();
        }
        let exprs = self.body(body).exprs.iter_ids();
        let by_name = exprs.filter_map(|(expr, node)| {
            let ExprKind::MethodCall { recv, name, args, .. } = &node.kind else { return None };
            let call = Place { body, expr };
            let recv = Place { body, expr: *recv };
            let named = name.as_str() == "spawn" && args.len() == 1 && RUNTIMES.contains(&self.last_name(recv)?);
            let is_async = || matches!(self.expr(Place { body, expr: args[0] }).kind, ExprKind::Async(_));
            let unknown = || matches!(self.target(call), Target::Unknown) && self.ty(recv).peel_refs().is_unknown();
            (named && is_async() && unknown()).then_some(Task {
                call,
                value: call,
                part: None,
                starter: Starter::Name,
                confidence: Confidence::Likely,
            })
        });
        by_name.collect()
    }

    /// The name that an expression ends in: of a local, a field or a method without arguments.
    pub fn last_name(&self, place: Place) -> Option<&'static str> {
        match &self.expr(place).kind {
            ExprKind::Local(local) => Some(self.body(place.body).locals[*local].name.as_str()),
            ExprKind::Field { name, .. } | ExprKind::MethodCall { name, .. } => Some(name.as_str()),
            ExprKind::Ref { expr, .. } => self.last_name(Place { expr: *expr, ..place }),
            _ => None,
        }
    }

    /// What a task runs.
    pub fn work_of_task(&self, task: &Task) -> Work {
        self.work_of_call(task.call, task.starter, 0)
    }

    fn work_of_call(&self, call: Place, starter: Starter, depth: u32) -> Work {
        match starter {
            Starter::Api(entry) => self.work_of_argument(self.payload(call, entry)),
            Starter::Name => self.work_of_argument(self.arguments(call).first().copied()),
            Starter::Helper(def) => self.work_of_helper(call, def, depth),
        }
    }

    /// The future or closure that an API is given to run.
    pub fn payload(&self, call: Place, entry: &FnEntry) -> Option<Place> {
        let (_, args) = self.operands(call, entry);
        let given = entry.runs.iter().find(|r| matches!(r.place, Where::Task | Where::Offloaded));
        args.get(given.map_or(0, |r| r.arg)).copied()
    }

    /// Arguments as written, receiver of a method not counted.
    pub fn arguments(&self, call: Place) -> Vec<Place> {
        match &self.expr(call).kind {
            ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. } => {
                args.iter().map(|expr| Place { expr: *expr, ..call }).collect()
            }
            _ => Vec::new(),
        }
    }

    fn work_of_argument(&self, arg: Option<Place>) -> Work {
        let Some(arg) = arg else {
            let spawned = Spawned { region: None, output: Ty::unknown() };
            return Work { spawned, catches: false, detached_ok: false };
        };
        let spawned = self.work_of(arg);
        let (detached_ok, catches) = (self.is_detached_ok(arg), self.catches_panics(arg));
        Work { spawned, catches, detached_ok }
    }

    /// `fut.catch_unwind()` or the part of `fut.remote_handle()` that runs, with or without adaptors after it.
    fn catches_panics(&self, arg: Place) -> bool {
        let mut at = arg;
        for _ in 0..16 {
            if self.ty(at).path().is_some_and(|path| path == REMOTE) {
                return true;
            }
            let by_role = self.api(at).is_some_and(|entry| entry.role == Some(Role::CatchUnwind));
            match &self.expr(at).kind {
                ExprKind::MethodCall { recv, name, .. } => {
                    if by_role || name.as_str() == "catch_unwind" {
                        return true;
                    }
                    at = Place { expr: *recv, ..at };
                }
                _ => return by_role,
            }
        }
        false
    }

    fn is_detached_ok(&self, arg: Place) -> bool {
        self.first_region(arg).is_some_and(|first| {
            self.delegates(first).iter().any(|region| self.detached_ok.contains(&region.body) && region.region.0 == 0)
        })
    }

    /// The work of a helper: what it spawns, or the argument that it forwards.
    fn work_of_helper(&self, call: Place, def: DefId, depth: u32) -> Work {
        let nothing = self.work_of_argument(None);
        let Some(body) = self.world().body_of(def) else {
            let mut work = self.work_of_argument(self.arguments(call).into_iter().find(|a| self.is_work(*a)));
            let impls = implementations(self.linked(), def);
            work.catches |=
                impls.into_iter().any(|def| self.body_of(def).is_some_and(|body| self.catches_inside(body, 0)));
            return work;
        };
        if depth > DEPTH {
            return nothing;
        }
        let inner = self.detached_tasks(body).into_iter().next();
        let Some(inner) = inner else { return nothing };
        let payload = match inner.starter {
            Starter::Api(entry) => self.payload(inner.call, entry),
            Starter::Helper(_) | Starter::Name => {
                let mut args = self.arguments(inner.call).into_iter();
                args.find(|a| self.is_work(*a) || self.param_inside(*a).is_some())
            }
        };
        let mut work = self.work_of_call(inner.call, inner.starter, depth + 1);
        let forwarded = payload.and_then(|p| self.forwarded(p, work.spawned.region));
        if let Some(at) = forwarded
            && let Some(given) = self.arguments(call).get(at)
        {
            work = self.work_of_argument(Some(*given));
        }
        work.detached_ok |= self.detached_ok.contains(&body);
        work.catches |= self.catches_inside(body, 0);
        work
    }

    /// A helper that catches the panics of what it spawns, itself or by another helper: it is there to tell somebody.
    fn catches_inside(&self, body: BodyId, depth: u32) -> bool {
        let by_helper = |(expr, target): (&ExprId, &Target)| match target {
            Target::Fn(def) if self.is_detaching_handle(self.ty(Place { body, expr: *expr })) => {
                self.body_of(*def).is_some_and(|inner| inner != body && self.catches_inside(inner, depth + 1))
            }
            _ => false,
        };
        // What is caught is often a parameter, of which only the method's name is known.
        self.calls_with_role(body, Role::CatchUnwind).next().is_some()
            || self.mentions_method(body, "catch_unwind")
            || (depth < DEPTH && self.types_of(body).targets.iter().any(|(expr, target)| by_helper((expr, target))))
    }

    fn is_work(&self, arg: Place) -> bool {
        let ty = self.ty(arg);
        self.output(ty).is_some() || matches!(ty.kind(), TyKind::Closure(_))
    }

    /// The position of the parameter that a payload is, or that the block given as payload awaits.
    fn forwarded(&self, payload: Place, region: Option<RegionRef>) -> Option<usize> {
        if let Some(at) = self.param_inside(payload) {
            return Some(at);
        }
        let region = region.filter(|r| r.body == payload.body && r.region.0 != 0)?;
        self.exprs_of(region).find_map(|(place, expr)| match expr.kind {
            ExprKind::Await(inner) => self.param_inside(Place { expr: inner, ..place }),
            _ => None,
        })
    }

    /// The parameter below any adaptors: `job.instrument(span)`, `Box::pin(job)`.
    fn param_inside(&self, payload: Place) -> Option<usize> {
        let mut at = payload;
        for _ in 0..16 {
            let inner = match &self.expr(at).kind {
                ExprKind::Local(local) if self.may_be_work(at) => return self.param_position(at.body, *local),
                ExprKind::MethodCall { recv, .. } => *recv,
                ExprKind::Call { args, .. } if args.len() == 1 && self.is_adaptor(at) => args[0],
                _ => return None,
            };
            at = Place { expr: inner, ..at };
            if !self.may_be_work(at) {
                return None;
            }
        }
        None
    }

    /// A future, a closure, or a value of a type that the caller chooses.
    fn may_be_work(&self, at: Place) -> bool {
        self.is_work(at) || matches!(self.ty(at).kind(), TyKind::Param(..) | TyKind::Opaque(_) | TyKind::FnPtr(..))
    }

    /// The position of the parameter that a local is, `self` not counted.
    pub fn param_position(&self, body: BodyId, local: LocalId) -> Option<usize> {
        let body = self.body(body);
        let params = &body.regions[RegionId(0)].params;
        params.iter().position(|p| matches!(body.pats[p.pat].kind, PatKind::Bind { local: l, .. } if l == local))
    }

    /// The shape of a region with those of the workspace futures that it awaits: a loop in a callee is a loop of the task.
    pub fn deep_shape(&self, region: RegionRef) -> Shape {
        let mut shape = self.shape(region);
        self.add_callees(region, &mut shape, 2);
        shape
    }

    fn add_callees(&self, region: RegionRef, shape: &mut Shape, depth: u32) {
        if depth == 0 {
            return;
        }
        for edge in self.graph.calls_from(self.node(region)) {
            if edge.kind != EdgeKind::Await || edge.likely {
                continue;
            }
            let callee = self.graph.region(edge.callee);
            let mut inner = self.shape(callee);
            self.add_callees(callee, &mut inner, depth - 1);
            // A helper that waits for some events and comes back is a step of the task; the last step is what the task is for.
            let is_last = self.with_order(edge.place.body, |order| !order.something_follows(edge.place.expr));
            shape.endless =
                shape.endless.or(inner.endless.filter(|looped| is_last || !self.ends_with_its_events(*looped)));
            if is_last {
                shape.events = shape.events.or(inner.events);
                shape.catches = shape.catches.or(inner.catches);
            }
            shape.serves = shape.serves.or(inner.serves);
            shape.panics = shape.panics.or(inner.panics);
            shape.unwraps = shape.unwraps.or(inner.unwraps);
            shape.asserts = shape.asserts.or(inner.asserts);
        }
    }
}
