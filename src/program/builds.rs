//! Which builds hold a place: the conditions around it, and whether two places can be compiled together.
//!
//! Features are unknown one by one; that one place asks for what another forbids is known all the same.

use crate::facts::{Cfg, ItemKind, ScopeId, ScopeKind};
use crate::hir::names::{BodyId, ModuleId, Place};
use crate::link::cfg::{Literal, contradicts, flatten};

use super::Program;

impl Program {
    /// Two places that no build holds together.
    pub fn excludes(&self, one: Place, other: Place) -> bool {
        self.are_apart(&[one, other])
    }

    /// No build holds all of these places.
    pub fn are_apart(&self, places: &[Place]) -> bool {
        let mut literals: Vec<Literal<'_>> = Vec::new();
        let mut seen: Vec<BodyId> = Vec::new();
        for place in places {
            self.conditions(*place, &mut literals);
            if !seen.contains(&place.body) {
                seen.push(place.body);
                self.conditions_around(place.body, &mut literals);
            }
        }
        literals.iter().any(|literal| contradicts(*literal, &literals))
    }

    /// Conditions of the statements, arms and fields around a place.
    fn conditions<'a>(&'a self, place: Place, out: &mut Vec<Literal<'a>>) {
        let body = self.body(place.body);
        let around = body.cfgs.iter().filter(|(guarded, _)| body.is_inside(place.expr, *guarded));
        around.for_each(|(_, cfg)| flatten(cfg, true, out));
    }

    /// Conditions of the item of a body, of its impl and of the modules around.
    fn conditions_around<'a>(&'a self, body: BodyId, out: &mut Vec<Literal<'a>>) {
        let owner = self.names.body_owner(body);
        let own = [Some(owner), self.names.parent(owner)];
        let of_items = own.into_iter().flatten().filter_map(|def| self.names.item(def).cfg.as_ref());
        of_items.for_each(|cfg| flatten(cfg, true, out));
        let mut module = Some(self.names.module_of(owner));
        while let Some(at) = module {
            if let Some(cfg) = self.condition_of_module(at) {
                flatten(cfg, true, out);
            }
            module = self.names.module(at).parent;
        }
    }

    /// The condition of the `mod` item behind a module; none when several declare it.
    fn condition_of_module(&self, module: ModuleId) -> Option<&Cfg> {
        let node = self.names.module(module);
        let facts = &self.facts[node.file];
        if let ScopeKind::Module(item) = facts.scopes[node.scope].kind {
            return facts.items[item].cfg.as_ref();
        }
        let around = self.names.module(node.parent?);
        let facts = &self.facts[around.file];
        let scope: ScopeId = around.scope;
        let declared = facts.scopes[scope].items.iter().map(|item| &facts.items[*item]);
        let mut declared = declared.filter(|item| item.name == node.name && matches!(item.kind, ItemKind::Module(_)));
        let first = declared.next()?;
        first.cfg.as_ref().filter(|_| declared.next().is_none())
    }
}
