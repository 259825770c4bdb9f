//! Where a task's outcome becomes known, and what it can be.

use crate::base::Span;
use crate::catalog::{FnEntry, Role, TypeRole};
use crate::facts::{ExprKind, LocalId};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::{Program, Starter, Task, Work};

use super::super::supervised;
use super::awaits;

/// A value that says how one or several tasks ended.
pub(super) struct Joined {
    /// Where a finding points.
    pub place: Place,
    /// The value.
    pub value: Place,
    /// What is waited for: the handle or the set.
    pub source: Option<Place>,
    /// What the task returns; may be Unknown.
    pub output: Ty,
    /// The value stands for several tasks, or one after the other.
    pub many: bool,
    /// A panic was raised again on the way: only what the tasks returned can be lost.
    pub raises: bool,
}

/// What can be lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// The task returns a `Result`.
    Error,
    /// The task was read and can panic.
    Panic,
    /// The task was read and cannot fail, or it is no code of its own.
    Nothing,
    /// The task is not seen.
    Unseen,
}

/// Every place of a body that learns how a task ended.
pub(super) fn joins(program: &Program, body: BodyId) -> Vec<Joined> {
    let mut found = Vec::new();
    for (expr, node) in program.body(body).exprs.iter_ids() {
        let value = Place { body, expr };
        match &node.kind {
            ExprKind::Await(inner) => found.extend(awaited(program, value, Place { body, expr: *inner })),
            ExprKind::MethodCall { recv, .. } => {
                let drains = program.api(value).is_some_and(|e| e.role == Some(Role::TaskSetDrain) && !e.is_async);
                if let (true, Some(output)) = (drains, join_result(program, program.ty(value))) {
                    let source = Some(Place { body, expr: *recv });
                    found.push(Joined { place: value, value, source, output, many: true, raises: false });
                }
            }
            ExprKind::Macro(call) if awaits(call.shape) => {
                for arg in &call.args {
                    let arg = Place { body, expr: *arg };
                    if let Some(output) = handle_output(program, program.ty(arg)) {
                        found.push(Joined {
                            place: value,
                            value,
                            source: Some(arg),
                            output,
                            many: false,
                            raises: false,
                        });
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn awaited(program: &Program, value: Place, inner: Place) -> Option<Joined> {
    if let Some(output) = handle_output(program, program.ty(inner)) {
        return Some(Joined { place: inner, value, source: Some(inner), output, many: false, raises: false });
    }
    let Some(entry) = program.api(inner) else { return of_workspace(program, value, inner) };
    match entry.role {
        Some(Role::TaskSetDrain) if entry.name.as_str() == "join_all" => {
            let output = program.item_of(program.ty(value)).filter(|output| output.path() == Some(known().result))?;
            let (source, _) = program.operands(inner, entry);
            Some(Joined { place: inner, value, source, output, many: true, raises: true })
        }
        Some(Role::TaskSetDrain) => {
            let output = join_result(program, program.ty(value))?;
            let (source, _) = program.operands(inner, entry);
            Some(Joined { place: inner, value, source, output, many: true, raises: false })
        }
        Some(Role::Next) => {
            let (source, _) = program.operands(inner, entry);
            let set = program.ty(source?);
            let handle = set.peel_refs().args().first().copied()?;
            let output =
                (program.type_role(set) == Some(TypeRole::FutureSet)).then(|| handle_output(program, handle))??;
            Some(Joined { place: inner, value, source, output, many: true, raises: false })
        }
        Some(Role::JoinAll) => all(program, value, inner, entry),
        _ => None,
    }
}

/// An async fn of the workspace that gives the outcome of a handle as it is: `async fn join(self) -> Result<T, JoinError>`.
fn of_workspace(program: &Program, value: Place, inner: Place) -> Option<Joined> {
    let own = matches!(program.target(inner), Target::Fn(_) | Target::TraitFn(_));
    let output = join_result(program, program.ty(value)).filter(|_| own)?;
    Some(Joined { place: inner, value, source: None, output, many: is_many(program.ty(value)), raises: false })
}

/// The next outcome of several.
fn is_many(ty: Ty) -> bool {
    ty.path() == Some(known().option)
}

/// A handle or a set's next outcome that an arm of `select!` polls.
pub(super) fn polled(program: &Program, future: Place) -> Option<Joined> {
    if let Some(output) = handle_output(program, program.ty(future)) {
        return Some(Joined { place: future, value: future, source: Some(future), output, many: false, raises: false });
    }
    let entry = program.api(future).filter(|entry| entry.role == Some(Role::TaskSetDrain))?;
    let output = join_result(program, program.output(program.ty(future))?)?;
    let (source, _) = program.operands(future, entry);
    Some(Joined { place: future, value: future, source, output, many: true, raises: false })
}

fn all(program: &Program, value: Place, call: Place, entry: &'static FnEntry) -> Option<Joined> {
    let (_, args) = program.operands(call, entry);
    let list = *args.first()?;
    let handle = program.item_of(program.ty(list))?;
    let output = handle_output(program, handle)?;
    Some(Joined { place: call, value, source: Some(list), output, many: true, raises: false })
}

/// What the task behind a handle returns; `None` when it is no handle, or one whose await does not tell of panics.
fn handle_output(program: &Program, ty: Ty) -> Option<Ty> {
    if program.type_role(ty) != Some(TypeRole::TaskHandle) {
        return None;
    }
    let output = program.output(ty)?;
    join_result(program, output).or_else(|| (output.path() == Some(known().result)).then_some(output))
}

/// `T` of `Result<T, JoinError>`, also in an `Option` or beside an id.
pub(super) fn join_result(_program: &Program, ty: Ty) -> Option<Ty> {
    let is = |ty: Ty, path| ty.path() == Some(path);
    let inner = if is(ty, known().option) { *ty.args().first()? } else { ty };
    if !is(inner, known().result) {
        // `JoinMap::join_next` gives the key beside it.
        let TyKind::Tuple(elems) = inner.kind() else { return None };
        return elems.iter().find_map(|t| if is(*t, known().result) { join_result(_program, *t) } else { None });
    }
    let error = inner.args().get(1)?.path()?;
    if !error.as_str().ends_with("::JoinError") {
        return None;
    }
    inner.args().first().copied()
}

impl Joined {
    /// The task returns `()`.
    pub(super) fn gives_nothing(&self) -> bool {
        self.output.is_unit()
    }

    /// What can be lost.
    pub(super) fn outcome(&self, program: &Program) -> Outcome {
        if self.is_set_of_foreign_futures(program) {
            return Outcome::Nothing;
        }
        if self.output.path() == Some(known().result) {
            return Outcome::Error;
        }
        let works = self.works(program);
        if works.is_empty() {
            return Outcome::Unseen;
        }
        let mut outcome = Outcome::Nothing;
        for work in &works {
            match (work.spawned.region, work.catches) {
                (_, true) => {}
                (None, false) => return Outcome::Unseen,
                (Some(region), false) => {
                    let shape = program.deep_shape(region);
                    if shape.panics.is_some() {
                        outcome = Outcome::Panic;
                    } else if shape.unknown.is_some() {
                        return Outcome::Unseen;
                    }
                }
            }
        }
        outcome
    }

    /// Where the task is started, for a label.
    pub(super) fn source(&self, program: &Program) -> Option<(Span, String)> {
        let task = self.tasks(program).into_iter().next()?;
        (task.call != self.place).then(|| (program.call_span(task.call), "the task is started here".to_owned()))
    }

    /// What the task is called in reports: as where it is started, else after the fn that waits for it.
    pub(super) fn name(&self, program: &Program) -> String {
        let started = self.tasks(program).into_iter().next().and_then(|task| match task.starter {
            Starter::Api(entry) => Some(supervised::name_of(program, task.call, program.payload(task.call, entry)?)),
            Starter::Helper(_) | Starter::Name => None,
        });
        started.unwrap_or_else(|| supervised::own_name(program, self.place))
    }

    fn works(&self, program: &Program) -> Vec<Work> {
        self.tasks(program).iter().map(|task| program.work_of_task(task)).collect()
    }

    /// The calls that start what is waited for, when all of them stand in this body.
    fn tasks(&self, program: &Program) -> Vec<Task> {
        let Some(source) = self.source.map(|s| peel(program, s)) else { return Vec::new() };
        if let Some(task) = starts(program, source) {
            return vec![task];
        }
        let ExprKind::Local(local) = program.expr(source).kind else { return Vec::new() };
        if program.type_role(program.ty(source)) == Some(TypeRole::TaskSet) {
            return set_spawns(program, source.body, local);
        }
        program
            .initialiser(source.body, local)
            .and_then(|init| starts(program, peel(program, init)))
            .into_iter()
            .collect()
    }

    /// A set filled with receivers and the like: its items are no tasks' results.
    fn is_set_of_foreign_futures(&self, program: &Program) -> bool {
        let Some(ExprKind::Local(local)) = self.source.map(|s| program.expr(peel(program, s)).kind.clone()) else {
            return false;
        };
        let spawns = set_spawns(program, self.place.body, local);
        let foreign = |task: &Task| {
            let Starter::Api(entry) = task.starter else { return false };
            let given = program.payload(task.call, entry);
            given.map(|arg| program.ty(arg)).is_some_and(|ty| {
                matches!(ty.kind(), TyKind::Foreign(..)) && program.type_role(ty) != Some(TypeRole::TaskHandle)
            })
        };
        !spawns.is_empty() && spawns.iter().all(foreign)
    }
}

fn set_spawns(program: &Program, body: BodyId, local: LocalId) -> Vec<Task> {
    let calls = program.calls_with_role(body, Role::TaskSetSpawn);
    let own = calls.filter(|(call, entry)| {
        let (recv, _) = program.operands(*call, entry);
        recv.is_some_and(|r| matches!(program.expr(peel(program, r)).kind, ExprKind::Local(l) if l == local))
    });
    own.map(|(call, entry)| Task {
        call,
        value: call,
        part: None,
        starter: Starter::Api(entry),
        confidence: crate::diagnostic::Confidence::Certain,
    })
    .collect()
}

fn starts(program: &Program, call: Place) -> Option<Task> {
    let is_call = matches!(program.target(call), Target::Api(_) | Target::Fn(_) | Target::TraitFn(_));
    let mut tasks = is_call.then(|| program.detached_tasks(call.body))?.into_iter();
    tasks.find(|task| task.value == call)
}

/// Through references.
pub(super) fn peel(program: &Program, place: Place) -> Place {
    match program.expr(place).kind {
        ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => peel(program, Place { expr, ..place }),
        _ => place,
    }
}
