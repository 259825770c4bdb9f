//! Fields of workspace structs over the whole program: who reads them.
//!
//! Counts by name where the base's type is not known, so that a doubtful field counts as read.

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::facts::item::Visibility;
use crate::facts::{ExprKind, ItemKind, PatKind};
use crate::hir::names::{CrateKind, DefId, Place};
use crate::hir::ty::{Ty, TyKind};

use super::Program;

/// Mentions of fields by name: `x.name`, and the number of patterns that name it.
#[derive(Debug, Default)]
pub struct FieldUses {
    mentions: FxHashMap<Name, Vec<Place>>,
    patterns: FxHashMap<Name, u32>,
}

impl Program {
    fn field_uses(&self) -> &FieldUses {
        self.fields.get_or_init(|| {
            let mut uses = FieldUses::default();
            for body in self.bodies() {
                for (expr, node) in self.body(body).exprs.iter_ids() {
                    if let ExprKind::Field { name, .. } = &node.kind {
                        uses.mentions.entry(*name).or_default().push(Place { body, expr });
                    }
                }
                for pat in self.body(body).pats.iter() {
                    if let PatKind::Struct { fields, .. } = &pat.kind {
                        fields.iter().for_each(|(name, _)| *uses.patterns.entry(*name).or_default() += 1);
                    }
                }
            }
            uses
        })
    }

    /// Mentions of the field `name` of a struct: `x.name` where `x` is known to be one, or is not known.
    pub fn field_mentions(&self, def: DefId, name: Name) -> Vec<Place> {
        let all = self.field_uses().mentions.get(&name).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|place| self.may_be_of(*place, def)).collect()
    }

    fn may_be_of(&self, field: Place, def: DefId) -> bool {
        let ExprKind::Field { base, .. } = &self.expr(field).kind else { return false };
        match self.ty(Place { expr: *base, ..field }).peel_refs().kind() {
            TyKind::Adt(other, _) => *other == def,
            _ => true,
        }
    }

    /// Nothing in the workspace reads the field, and nobody outside can.
    pub fn is_unread_field(&self, def: DefId, name: Name) -> bool {
        let (_, item) = self.world().item(def);
        let ItemKind::Struct(_) = &item.kind else { return false };
        let (kind, ..) = self.names.krate(self.names.crate_of(def));
        let exported = kind == CrateKind::Lib && item.visibility == Visibility::Public;
        let in_pattern = self.field_uses().patterns.contains_key(&name);
        let read = |place: &Place| !self.is_assigned(*place);
        !(exported && self.is_public_name(def, name)) && !in_pattern && !self.field_mentions(def, name).iter().any(read)
    }

    fn is_public_name(&self, def: DefId, name: Name) -> bool {
        let (file, item) = self.world().item(def);
        let ItemKind::Struct(decl) = &item.kind else { return true };
        let Some(field) = decl.fields.iter().find(|f| f.name == name) else { return true };
        let text = &self.sources.files[file].text;
        let before = text.get(..field.span.0 as usize).unwrap_or("").trim_end();
        before.ends_with("pub") || before.ends_with(')')
    }

    fn is_assigned(&self, place: Place) -> bool {
        let parent = self.parent(place).map(|p| &self.expr(p).kind);
        matches!(parent, Some(ExprKind::Assign { target: Some(t), .. }) if *t == place.expr)
    }

    /// Fields of a workspace struct with their types.
    pub fn fields_of(&self, ty: Ty) -> Vec<(Name, Ty)> {
        let TyKind::Adt(def, _) = ty.peel_refs().kind() else { return Vec::new() };
        match self.sigs.get(self.names.item_ref(*def)) {
            crate::link::types::signatures::ItemSig::Struct(fields) => fields.fields.clone(),
            _ => Vec::new(),
        }
    }
}
