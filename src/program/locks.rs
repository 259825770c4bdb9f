//! Locks that calls take: which lock, how, and whether the caller waits; by an API, or through workspace functions.
//!
//! Locks are told apart by the place of the receiver (`program::origin`). A lock that cannot be written as a place of the caller is not
//! seen. Nothing here knows what is held meanwhile.

use crate::catalog::{FnEntry, GuardKind, Role, TypeEntry};
use crate::facts::expr::MacroShape;
use crate::facts::{ExprKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::context::Reason;
use crate::hir::graph::{Edge, EdgeKind};
use crate::hir::names::{BodyId, DefId, Place};

use super::constants::Known;
use super::origin::{Origin, Root};
use super::{Fate, Program, Wanted};

/// How a lock is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Beside other readers.
    Read,
    /// Alone.
    Write,
}

/// A call that takes a lock.
#[derive(Clone, Debug)]
pub struct Taking {
    /// The call of the API.
    pub call: Place,
    /// Where it is waited for: the call itself, or the future that it gave, bound to a local, further down.
    pub at: Place,
    /// The lock, in words of the caller.
    pub lock: Origin,
    /// How.
    pub mode: Mode,
    /// The caller goes on only with the lock.
    pub waits: bool,
    /// Each call comes to it.
    pub sure: bool,
}

/// Guards of locks that are held alone or beside readers, and can be waited for by their own holder.
pub const LOCK_GUARDS: Wanted = Wanted { is: is_guard, in_structs: true };

fn is_guard(entry: &TypeEntry) -> bool {
    let kind = matches!(entry.guard, Some(GuardKind::Sync | GuardKind::Map | GuardKind::Async));
    kind && !entry.name.as_str().contains("Reentrant")
}

/// Calls that are followed inwards.
const MAX_DEPTH: usize = 3;

impl Program {
    /// Locks whose guards the calls of a body give: calls of APIs, and of workspace fns that hand the guard back.
    pub fn locks_taken(&self, body: BodyId) -> Vec<Taking> {
        let targets = self.types_of(body).targets.iter();
        let taken = targets.filter_map(|(expr, target)| {
            let call = Place { body, expr: *expr };
            match target {
                Target::Api(entry) => self.lock_of_api(call, entry),
                Target::Fn(def) => self.lock_of_helper(call, *def, 0),
                _ => None,
            }
        });
        taken.collect()
    }

    fn lock_of_api(&self, call: Place, entry: &FnEntry) -> Option<Taking> {
        let (mode, waits) = taken_by(entry)?;
        let lock = self.origin(self.operands(call, entry).0?)?;
        let waited = if entry.is_async { self.waited_at(call) } else { Some(call) };
        let at = waited.unwrap_or(call);
        Some(Taking { call, at, lock, mode, waits: waits && waited.is_some(), sure: true })
    }

    /// A workspace fn that takes one lock and gives its guard to the caller.
    fn lock_of_helper(&self, call: Place, def: DefId, depth: usize) -> Option<Taking> {
        let body = self.body_of(def).filter(|body| *body != call.body && depth < MAX_DEPTH)?;
        let given = self.output(self.ty(call)).unwrap_or_else(|| self.ty(call));
        self.carried(given, LOCK_GUARDS)?;
        let mut inner: Vec<Taking> = Vec::new();
        for (expr, target) in &self.types_of(body).targets {
            let place = Place { body, expr: *expr };
            match target {
                // A lock that has no name, such as one of many in a map, may be the one whose guard is handed back.
                Target::Api(entry) if taken_by(entry).is_some() => inner.push(self.lock_of_api(place, entry)?),
                Target::Fn(next) => inner.extend(self.lock_of_helper(place, *next, depth + 1)),
                _ => {}
            }
        }
        let only = inner.first()?.clone();
        if inner.iter().any(|other| other.lock != only.lock) {
            return None;
        }
        let asynchronous = self.body(body).regions[RegionId(0)].kind == RegionKind::AsyncFn;
        let waited = if asynchronous { self.waited_at(call) } else { Some(call) };
        let lock = self.seen_by_caller(call, body, only.lock)?;
        Some(Taking { call, at: waited.unwrap_or(call), lock, waits: only.waits && waited.is_some(), ..only })
    }

    /// Locks that the fn called here waits for before it returns, itself or through fns that it calls.
    pub fn locks_within(&self, call: Place, callee: DefId) -> Vec<Taking> {
        self.within(call, callee, &Known::default(), &mut vec![call.body])
    }

    fn within(&self, call: Place, callee: DefId, known: &Known, open: &mut Vec<BodyId>) -> Vec<Taking> {
        let Some(body) = self.body_of(callee).filter(|body| !open.contains(body)) else { return Vec::new() };
        let asynchronous = self.body(body).regions[RegionId(0)].kind == RegionKind::AsyncFn;
        if open.len() > MAX_DEPTH || (asynchronous && self.waited_at(call).is_none()) {
            return Vec::new();
        }
        let known = self.known_in_callee(self.plain_edge(call, body), known);
        open.push(body);
        let mut found = Vec::new();
        for (expr, target) in &self.types_of(body).targets {
            let place = Place { body, expr: *expr };
            if self.place_outside(place).is_none_or(|at| self.expr(at).region != RegionId(0))
                || self.is_cut_off(place, &known)
            {
                continue;
            }
            let taken = match target {
                Target::Api(entry) => self.lock_of_api(place, entry).filter(|taken| taken.waits).into_iter().collect(),
                Target::Fn(next) => self.within(place, *next, &known, open),
                _ => Vec::new(),
            };
            found.extend(taken.into_iter().filter_map(|taken| {
                let lock = self.seen_by_caller(call, body, taken.lock)?;
                Some(Taking { lock, sure: taken.sure && self.always_runs(place), ..taken })
            }));
        }
        open.pop();
        found
    }

    /// Where in the code around its closures a place runs, when all of them are called on the spot.
    pub fn place_outside(&self, place: Place) -> Option<Place> {
        let mut at = place;
        loop {
            let region = self.region_at(at);
            if self.body(at.body).regions[region.region].kind != RegionKind::Closure {
                return Some(at);
            }
            match self.context(region).reason {
                Reason::InlineAt(call) if call > at.expr => at.expr = call,
                _ => return None,
            }
        }
    }

    fn plain_edge(&self, call: Place, callee: BodyId) -> Edge {
        let caller = self.node(self.region_at(call));
        Edge { caller, place: call, callee: self.node(Self::whole(callee)), kind: EdgeKind::Inline, likely: false }
    }

    /// A place of the callee as the caller names it.
    pub(super) fn seen_by_caller(&self, call: Place, callee: BodyId, inner: Origin) -> Option<Origin> {
        match inner.root {
            Root::Static(_) => Some(inner),
            Root::Local(local) => Some(self.origin(self.given_for(call, callee, local)?)?.join(&inner)),
        }
    }

    /// Where the task waits for the future made here: on the spot, or where the only mention of the local stands that holds it.
    pub fn waited_at(&self, place: Place) -> Option<Place> {
        if self.is_waited_for(place) {
            return Some(place);
        }
        let Fate::Bound(local) = self.fate(place) else { return None };
        let [only] = self.mentions(place.body, local)[..] else { return None };
        let mention = Place { expr: only, ..place };
        let same_region = self.expr(mention).region == self.expr(place).region;
        (same_region && self.is_waited_for(mention)).then_some(mention)
    }

    /// The task goes on only when the future made here is done: awaited on the spot, perhaps with others or for a limited time.
    pub fn is_waited_for(&self, place: Place) -> bool {
        let Some(parent) = self.parent(place) else { return false };
        match &self.expr(parent).kind {
            ExprKind::Await(_) => true,
            ExprKind::Macro(call) => matches!(call.shape, MacroShape::Join | MacroShape::TryJoin),
            ExprKind::Select(select) => select.arms.iter().any(|arm| arm.future == place.expr),
            ExprKind::Call { .. } => {
                let with_others = |path: &str| {
                    path.starts_with("futures::future::join") || path.starts_with("futures::future::try_join")
                };
                let passes = self.api(parent).is_some_and(|entry| {
                    entry.name.as_str().starts_with("timeout") || with_others(entry.path.as_str())
                });
                (passes || self.is_adaptor(parent)) && self.is_waited_for(parent)
            }
            ExprKind::MethodCall { recv, .. } => {
                *recv == place.expr && self.is_adaptor(parent) && self.is_waited_for(parent)
            }
            _ => false,
        }
    }
}

/// How an API takes the lock it is called on, and whether it waits.
fn taken_by(entry: &FnEntry) -> Option<(Mode, bool)> {
    let owner = entry.owner?.as_str();
    if owner == "dashmap::DashMap" || owner == "dashmap::DashSet" {
        return match entry.name.as_str() {
            "get" | "contains_key" | "contains" | "iter" | "len" | "is_empty" | "view" => Some((Mode::Read, true)),
            "get_mut" | "insert" | "entry" | "remove" | "remove_if" | "remove_if_mut" | "iter_mut" | "clear"
            | "retain" | "alter" | "alter_all" => Some((Mode::Write, true)),
            _ => None,
        };
    }
    let is_cell = owner.contains("RefCell") || owner.contains("Reentrant");
    let recursive = entry.name.as_str().contains("recursive");
    if is_cell || recursive || owner.starts_with("std::io::") {
        return None;
    }
    match entry.role? {
        Role::Lock => Some((Mode::Write, true)),
        Role::LockRead => Some((Mode::Read, true)),
        Role::TryLock => Some((Mode::Write, false)),
        _ => None,
    }
}
