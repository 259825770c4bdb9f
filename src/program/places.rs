//! What kind of code a place stands in: the async fn around it, build scripts, crates without a runtime.

use crate::base::Span;
use crate::facts::{RegionKind, ScopeKind};
use crate::hir::names::{BodyId, CrateKind, Place, RegionRef, Res, Truth};

use super::Program;

impl Program {
    /// The async code around a place: a small span and what it is ("fn `load`", "block").
    pub fn enclosing_async(&self, place: Place) -> Option<(Span, String)> {
        let body = self.body(place.body);
        let region = body.region_chain(body.exprs[place.expr].region).find(|r| {
            matches!(
                body.regions[*r].kind,
                RegionKind::AsyncFn
                    | RegionKind::AsyncBlock
                    | RegionKind::AsyncClosure
                    | RegionKind::Stream
                    | RegionKind::Fn
            )
        })?;
        let span = self.region_span(RegionRef { body: place.body, region });
        let what = match body.regions[region].kind {
            RegionKind::AsyncFn | RegionKind::Fn => format!("fn `{}`", self.text(span)),
            RegionKind::AsyncClosure => "closure".to_owned(),
            RegionKind::AsyncBlock
            | RegionKind::Stream
            | RegionKind::Const
            | RegionKind::Closure
            | RegionKind::Opaque => "block".to_owned(),
        };
        Some((span, what))
    }

    /// Build scripts, proc-macro crates and items for other platforms: nothing that blocks is reported there.
    pub fn skips_blocking(&self, body: BodyId) -> bool {
        let def = self.names.body_owner(body);
        let (kind, ..) = self.names.krate(self.names.crate_of(def));
        kind == CrateKind::Build || self.is_never_built(body) || self.package(body).is_some_and(|p| p.proc_macro)
    }

    /// Code for other platforms, by its own condition or one around it.
    pub fn is_never_built(&self, body: BodyId) -> bool {
        self.names.state(self.names.body_owner(body)).truth == Truth::False
    }

    /// The statements, arms and fields of a body that are for other platforms.
    pub fn unbuilt_parts(&self, body: BodyId) -> Vec<Span> {
        let never = self.body(body).cfgs.iter().filter(|(_, cfg)| self.names.cfg(cfg).truth == Truth::False);
        never.map(|(expr, _)| self.span(Place { body, expr: *expr })).collect()
    }

    /// A public fn of a library: callers may be anywhere.
    pub fn is_offered(&self, body: BodyId) -> bool {
        self.fn_of(body).is_some_and(|def| self.world().is_exported(def))
    }

    /// A fn inside another that no code names: it is there to be compiled.
    pub fn is_never_called(&self, body: BodyId) -> bool {
        let Some(def) = self.fn_of(body) else { return false };
        let (file, item) = self.world().item(def);
        let scopes = &self.facts[file].scopes;
        let inside = std::iter::successors(Some(item.scope), |scope| scopes[*scope].parent);
        let nested = item.parent.is_none() && inside.into_iter().any(|s| scopes[s].kind == ScopeKind::Block);
        let named =
            || self.bodies().any(|other| self.types_of(other).values.iter().any(|found| found.res == Res::Def(def)));
        nested && self.entry_attr(body).is_none() && !named()
    }

    /// True when some body is async.
    pub fn has_async_code(&self) -> bool {
        self.bodies().any(|id| {
            self.body(id).regions.iter().any(|r| {
                matches!(
                    r.kind,
                    RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::AsyncClosure | RegionKind::Stream
                )
            })
        })
    }
}
