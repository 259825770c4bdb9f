//! The futures that a runtime drives, from the call that builds it: through locals, handles, helper functions and fields.
//!
//! What leaves that trail (an argument, a container, a field that several places fill) is not seen.

use crate::catalog::{FnEntry, Role};
use crate::facts::{ExprKind, RegionId};
use crate::hir::body::Target;
use crate::hir::graph::EdgeKind;
use crate::hir::names::Place;

use super::{Fate, Program};

/// Steps from the runtime to the call that is given a future.
const MAX_STEPS: u32 = 12;

impl Program {
    /// Futures given to the runtime whose value is made at `build`.
    pub fn futures_driven_by(&self, build: Place) -> Vec<Place> {
        let mut found = Vec::new();
        self.follow_runtime(build, 0, &mut found);
        found
    }

    fn follow_runtime(&self, at: Place, steps: u32, found: &mut Vec<Place>) {
        if steps > MAX_STEPS {
            return;
        }
        let here = |expr| Place { expr, ..at };
        match self.fate(at) {
            Fate::Tried(next) => self.follow_runtime(here(next), steps + 1, found),
            Fate::Receiver(call) if self.passes_runtime_on(here(call)) => {
                self.follow_runtime(here(call), steps + 1, found);
            }
            Fate::Receiver(call) => found.extend(self.future_given(here(call))),
            Fate::Bound(local) => {
                for mention in self.mentions(at.body, local) {
                    self.follow_runtime(here(mention), steps + 1, found);
                }
            }
            Fate::Used(outer) if matches!(self.expr(here(outer)).kind, ExprKind::Ref { .. }) => {
                self.follow_runtime(here(outer), steps + 1, found);
            }
            Fate::Argument(call, 0) if matches!(self.target(here(call)), Target::Ctor(_)) => {
                self.follow_runtime(here(call), steps + 1, found);
            }
            Fate::Argument(call, 0) if self.is_put_behind_a_pointer(here(call)) => {
                self.follow_runtime(here(call), steps + 1, found);
            }
            Fate::Argument(call, 0) => found.extend(self.future_of_local_set(here(call))),
            Fate::Returned(region) if region != RegionId(0) => {
                let lazy = self.lazy_initialiser(at.body).filter(|(_, made_by)| made_by.region == region);
                for mention in lazy.map(|(def, _)| self.mentions_of(def)).unwrap_or_default() {
                    self.follow_runtime(mention, steps + 1, found);
                }
            }
            Fate::Returned(RegionId(0)) => {
                let callers = self.graph.calls_to(self.node(Self::whole(at.body)));
                let plain = callers.filter(|edge| edge.kind == EdgeKind::Inline && !edge.likely);
                for edge in plain.copied().collect::<Vec<_>>() {
                    self.follow_runtime(edge.place, steps + 4, found);
                }
            }
            Fate::Stored(literal) => self.follow_runtime_field(here(literal), at, steps, found),
            _ => {}
        }
    }

    /// `Arc::new(rt)`, `Box::new(rt)`.
    fn is_put_behind_a_pointer(&self, call: Place) -> bool {
        let pointer = |path: &str| matches!(path, "std::sync::Arc::new" | "std::rc::Rc::new" | "std::boxed::Box::new");
        self.api(call).is_some_and(|entry| pointer(entry.path.as_str()))
    }

    /// `x.rt` over the whole workspace, when only one place fills the field.
    fn follow_runtime_field(&self, literal: Place, value: Place, steps: u32, found: &mut Vec<Place>) {
        let ExprKind::Struct { fields, .. } = &self.expr(literal).kind else { return };
        let holds = |expr| self.body(value.body).is_inside(value.expr, expr);
        let Some((name, _)) = fields.iter().find(|(_, expr)| holds(*expr)) else { return };
        let Some(def) = self.struct_of(literal) else { return };
        if self.is_exported_field(def, *name) || self.field_values(def, *name).len() != 1 {
            return;
        }
        for mention in self.field_mentions(def, *name) {
            self.follow_runtime(mention, steps + 1, found);
        }
    }

    /// What unwraps the result of `build()`, and what gives a handle or a reference to the same runtime.
    fn passes_runtime_on(&self, call: Place) -> bool {
        let handle = |entry: &FnEntry| matches!(entry.name.as_str(), "handle" | "clone");
        self.api(call).is_some_and(handle)
            || self.method_name(call).is_some_and(|name| {
                matches!(
                    name,
                    "unwrap"
                        | "expect"
                        | "map_err"
                        | "context"
                        | "with_context"
                        | "unwrap_or_else"
                        | "as_ref"
                        | "as_mut"
                )
            })
    }

    /// The future of `block_on` or `spawn`.
    fn future_given(&self, call: Place) -> Option<Place> {
        let entry = self.api(call)?;
        let drives = matches!(entry.role, Some(Role::BlockOn | Role::Spawn))
            && entry.path.as_str().starts_with("tokio::runtime::");
        self.operands(call, entry).1.first().copied().filter(|future| drives && !self.is_wrapped_for_another(*future))
    }

    /// `local.block_on(&rt, future)`.
    fn future_of_local_set(&self, call: Place) -> Option<Place> {
        let entry = self.api(call).filter(|entry| entry.path == "tokio::task::LocalSet::block_on")?;
        self.operands(call, entry).1.get(1).copied().filter(|future| !self.is_wrapped_for_another(*future))
    }

    /// `other.wrap(..)` of `tokio_util::context`: the future finds the drivers of the other runtime.
    fn is_wrapped_for_another(&self, future: Place) -> bool {
        self.method_name(future) == Some("wrap")
    }
}
