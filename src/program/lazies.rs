//! Lazy statics: what their initialisers do, and who asks for them first.

use crate::facts::item::ConstKind;
use crate::facts::{ExprKind, ItemKind, RegionKind};
use crate::hir::effect::{Effect, Source};
use crate::hir::graph::EdgeKind;
use crate::hir::names::{BodyId, DefId, Place, RegionRef, Res};

use super::Program;

impl Program {
    /// For the body of a lazy static: the static, and the region that makes its value when it is first asked for.
    pub fn lazy_initialiser(&self, body: BodyId) -> Option<(DefId, RegionRef)> {
        if self.fn_of(body).is_some() {
            return None;
        }
        let def = self.names.body_owner(body);
        let ItemKind::Const(item) = &self.names.item(def).kind else { return None };
        let facts = self.body(body);
        match item.kind {
            ConstKind::LazyStatic => Some((def, Self::whole(body))),
            ConstKind::Static => {
                let ExprKind::Call { args, .. } = &facts.exprs[facts.root].kind else { return None };
                let lazy = matches!(
                    self.api(Place { body, expr: facts.root })?.path.as_str().rsplit("::").nth(1)?,
                    "LazyLock" | "Lazy"
                );
                let [init] = args[..] else { return None };
                match facts.exprs[init].kind {
                    ExprKind::Closure(region) if lazy && facts.regions[region].kind == RegionKind::Closure => {
                        Some((def, RegionRef { body, region }))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The first source of an effect in a region whose own context is not known, or in the plain code that it calls.
    pub fn blocks_first(&self, region: RegionRef, effect: Effect) -> Option<Source> {
        let role = crate::catalog::Role::BlockOn;
        let direct = self.calls_with_role(region.body, role).find(|(place, _)| self.region_at(*place) == region);
        if let Some((place, entry)) = direct {
            return Some(self.source_of(place, entry));
        }
        let calls = self.calls_from(region).iter().filter(|edge| edge.kind == EdgeKind::Inline);
        calls.into_iter().find_map(|edge| self.chain_through(*edge, effect)).map(|chain| chain.source)
    }

    /// Where a static is named, in order.
    pub fn mentions_of(&self, def: DefId) -> Vec<Place> {
        let mut found = Vec::new();
        for body in self.bodies() {
            let types = self.types_of(body);
            let named = types.values.iter().any(|target| target.res == Res::Def(def));
            for (expr, e) in self.body(body).exprs.iter_ids().filter(|_| named) {
                let ExprKind::Path { path, .. } = e.kind else { continue };
                if types.values[path].res == Res::Def(def) {
                    found.push(Place { body, expr });
                }
            }
        }
        found
    }

    /// The place stands in what fills a static the first time somebody asks: it runs once in a process.
    pub fn fills_a_static(&self, place: Place) -> bool {
        const FILLS: [&str; 4] = ["get_or_init", "get_or_try_init", "call_once", "call_once_force"];
        self.is_in_closure_given(place, &|recv, name| FILLS.contains(&name) && self.names_a_static(recv))
    }

    /// The place stands in what makes an entry of a table or cell the first time it is asked for: `or_insert_with(|| ..)`.
    pub fn fills_an_entry(&self, place: Place) -> bool {
        const FILLS: [&str; 6] = [
            "or_insert_with",
            "or_insert_with_key",
            "or_try_insert_with",
            "get_or_insert_with",
            "get_or_init",
            "get_or_try_init",
        ];
        self.is_in_closure_given(place, &|_, name| FILLS.contains(&name))
    }

    fn is_in_closure_given(&self, place: Place, method: &dyn Fn(Place, &str) -> bool) -> bool {
        let body = self.body(place.body);
        body.region_chain(body.exprs[place.expr].region).any(|region| {
            let decl = &body.regions[region];
            let call = body.exprs[decl.expr].parent.filter(|_| decl.kind == RegionKind::Closure);
            call.is_some_and(|call| match &body.exprs[call].kind {
                ExprKind::MethodCall { recv, name, .. } => method(Place { expr: *recv, ..place }, name.as_str()),
                _ => false,
            })
        })
    }

    fn names_a_static(&self, at: Place) -> bool {
        let ExprKind::Path { path, .. } = self.expr(at).kind else { return false };
        matches!(self.types_of(at.body).values[path].res, Res::Def(def) if self.is_static(def))
    }
}
