//! What kind of code a place stands in: the async fn around it, build scripts, crates without a runtime.

use crate::base::Span;
use crate::facts::{Cfg, RegionKind};
use crate::hir::names::{BodyId, CrateKind, Place, RegionRef, Truth};
use crate::link::cfg::{Profile, contradict};

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
        let profile = Profile::default();
        let never = self.body(body).cfgs.iter().filter(|(_, cfg)| profile.state(cfg).truth == Truth::False);
        never.map(|(expr, _)| self.span(Place { body, expr: *expr })).collect()
    }

    /// Two places that no build holds together: one stands under a condition, the other under its negation.
    pub fn excludes(&self, one: Place, other: Place) -> bool {
        let (ones, others) = (self.conditions(one), self.conditions(other));
        ones.iter().any(|a| others.iter().any(|b| contradict(a, b)))
    }

    /// Conditions of the statements, arms and fields around a place.
    fn conditions(&self, place: Place) -> Vec<&Cfg> {
        let body = self.body(place.body);
        let around = body.cfgs.iter().filter(|(guarded, _)| body.is_inside(place.expr, *guarded));
        around.map(|(_, cfg)| cfg).collect()
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
