//! What futures need to be driven: drivers of tokio, tokio itself, another runtime.
//!
//! The catalogue says it of single calls; a search over awaited and plain calls says it of workspace futures.

use crate::base::Span;
use crate::catalog::{FnEntry, Needs};
use crate::facts::item::ConstKind;
use crate::facts::{ExprKind, ItemKind};
use crate::hir::body::Target;
use crate::hir::context::{ContextKind, Reason};
use crate::hir::effect::{Chain, Source};
use crate::hir::graph::{EdgeKind, Node};
use crate::hir::names::{BodyId, DefId, Place};
use crate::hir::ty::Ty;
use crate::link::types::signatures::ItemSig;

use super::constants::Known;
use super::reach::{Along, Reach};
use super::{Fate, Program};

impl Program {
    /// Where workspace code comes to calls of APIs with `wanted`, through code along edges that the asker chooses.
    pub fn reach_of_needs(
        &self,
        wanted: fn(Needs) -> bool,
        follows: fn(EdgeKind) -> bool,
        barred: &dyn Fn(BodyId) -> bool,
    ) -> Reach {
        let mut sources: Vec<(Node, Source)> = Vec::new();
        for body in self.bodies() {
            for (place, entry) in self.api_calls(body) {
                let polled = !entry.is_async || !self.is_put_by(place);
                if entry.needs.is_some_and(wanted) && !is_made_anywhere(entry) && polled && self.counts(place) {
                    sources.push((self.node(self.region_at(place)), self.source_of(place, entry)));
                }
            }
        }
        self.reach(&sources, &Along { follows, barred })
    }

    /// A future that goes into a list is not polled there.
    fn is_put_by(&self, place: Place) -> bool {
        let Fate::Argument(call, _) = self.fate(place) else { return false };
        let call = Place { expr: call, ..place };
        self.api(call).is_some_and(|entry| {
            entry.path.as_str().starts_with("std::") && matches!(entry.name.as_str(), "push" | "push_back" | "insert")
        })
    }

    fn counts(&self, place: Place) -> bool {
        let context = self.context_at(place);
        matches!(context.kind, ContextKind::Async | ContextKind::Sync) && context.reason != Reason::Macro
    }

    /// A call as the source of an effect.
    pub fn source_of(&self, place: Place, entry: &'static FnEntry) -> Source {
        let likely = self.confidence(place) == crate::diagnostic::Confidence::Likely;
        Source { place, api: Some(entry), path: entry.path, instead: None, likely, within: None }
    }

    /// The way from the future at `place` to what it needs: the future of an API itself, or the code behind it.
    pub fn need_of_future(&self, place: Place, wanted: fn(Needs) -> bool, reach: &Reach) -> Option<Chain> {
        if let Some(entry) = self.api(place)
            && entry.needs.is_some_and(wanted)
        {
            return Some(Chain { hops: Vec::new(), source: self.source_of(place, entry), likely: false });
        }
        let region = self.work_of(place).region.or_else(|| self.work_of(self.made_for(place)?).region)?;
        let chain = reach.chain(self, region)?;
        let told = match self.target(place) {
            Target::Fn(def) => self.body_of(def).map(|body| self.told_by(place, body, &Known::default(), 0)),
            _ => None,
        };
        (!self.is_apart_from(place, &chain) && self.can_be_taken_with(&chain, told.unwrap_or_default()))
            .then_some(chain)
    }

    /// The value of a local whose written type says less than its initialiser: `let f: Pin<Box<dyn Future>> = Box::pin(work());`.
    fn made_for(&self, place: Place) -> Option<Place> {
        let ExprKind::Local(local) = self.expr(place).kind else { return None };
        let only = self.mentions(place.body, local).len() == 1;
        self.initialiser(place.body, local).filter(|_| only)
    }

    /// No build holds the place and all steps of the chain.
    pub fn is_apart_from(&self, place: Place, chain: &Chain) -> bool {
        let steps = chain.hops.iter().map(|hop| hop.place);
        let places: Vec<Place> = [place, chain.source.place].into_iter().chain(steps).collect();
        self.are_apart(&places)
    }
}

/// Standard streams may be made anywhere; only polling them needs a runtime.
fn is_made_anywhere(entry: &FnEntry) -> bool {
    entry.path.as_str().starts_with("tokio::io::std")
}

/// Code that the same runtime runs: of the same task, or spawned.
pub const fn on_same_runtime(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Spawn) || in_same_task(kind)
}

/// Code that the same task runs.
pub const fn in_same_task(kind: EdgeKind) -> bool {
    match kind {
        EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent => true,
        EdgeKind::Spawn | EdgeKind::BlockOn | EdgeKind::Offload | EdgeKind::Thread | EdgeKind::Later => false,
    }
}

impl Program {
    /// Statics that keep a value bound to the runtime in which it was made, with the bytes of their names.
    pub fn bound_statics(&self) -> Vec<(DefId, Span)> {
        let statics = self.names.defs().filter(|def| match &self.names.item(*def).kind {
            // Each thread has its own of a thread local.
            ItemKind::Const(item) => matches!(item.kind, ConstKind::Static | ConstKind::LazyStatic),
            _ => false,
        });
        let bound = statics.filter(|def| match self.sigs.get(self.names.item_ref(*def)) {
            ItemSig::Const(ty) => self.is_runtime_bound(*ty, 0),
            ItemSig::Fn(_) | ItemSig::Struct(_) | ItemSig::Enum(_) | ItemSig::Impl(_) | ItemSig::None => false,
        });
        bound
            .map(|def| {
                let (file, item) = self.world().item(def);
                (def, Span::new(file, item.name_span.0, item.name_span.1))
            })
            .collect()
    }

    /// The type, or one that it wraps, is bound to a runtime; each thread has its own of a thread local.
    fn is_runtime_bound(&self, ty: Ty, depth: u32) -> bool {
        let ty = ty.peel_refs();
        if ty.path().is_some_and(|path| path == "std::thread::LocalKey") || depth > 4 {
            return false;
        }
        self.type_entry(ty).is_some_and(|entry| entry.runtime_bound)
            || (ty.path().is_some() && ty.args().iter().any(|arg| self.is_runtime_bound(*arg, depth + 1)))
    }
}
