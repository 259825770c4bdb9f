//! Fields of workspace structs over the whole program: who reads them, what is put into them.
//!
//! Counts by name where the base's type is not known, so that a doubtful field counts as read.

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::facts::item::Visibility;
use crate::facts::{ExprId, ExprKind, ItemKind, PatKind};
use crate::hir::names::{BodyId, CrateKind, DefId, Place};
use crate::hir::ty::{Ty, TyKind};

use super::Program;

/// Mentions of fields by name: `x.name`, patterns that name it with the struct that they name, and struct literals with the value they give it.
#[derive(Debug, Default)]
pub struct FieldUses {
    mentions: FxHashMap<Name, Vec<Place>>,
    patterns: FxHashMap<Name, Vec<(BodyId, Name)>>,
    literals: FxHashMap<Name, Vec<(Place, ExprId)>>,
}

impl Program {
    fn field_uses(&self) -> &FieldUses {
        self.fields.get_or_init(|| {
            let mut uses = FieldUses::default();
            for body in self.bodies() {
                for (expr, node) in self.body(body).exprs.iter_ids() {
                    match &node.kind {
                        ExprKind::Field { name, .. } => {
                            uses.mentions.entry(*name).or_default().push(Place { body, expr });
                        }
                        ExprKind::Struct { fields, .. } => {
                            for (name, value) in fields {
                                uses.literals.entry(*name).or_default().push((Place { body, expr }, *value));
                            }
                        }
                        _ => {}
                    }
                }
                for pat in self.body(body).pats.iter() {
                    if let PatKind::Struct { path, fields, .. } = &pat.kind {
                        let of = self.body(body).paths.paths[*path].last();
                        fields.iter().for_each(|(name, _)| uses.patterns.entry(*name).or_default().push((body, of)));
                    }
                }
            }
            uses
        })
    }

    /// Mentions of the field `name` of a struct: `x.name` where `x` is known to be one, or is not known.
    pub fn field_mentions(&self, def: DefId, name: Name) -> Vec<Place> {
        let all = self.field_uses().mentions.get(&name).map_or(&[][..], Vec::as_slice);
        let private = self.is_private_field(def, name);
        all.iter().copied().filter(|place| self.may_be_of(*place, def, private)).collect()
    }

    fn may_be_of(&self, field: Place, def: DefId, private: bool) -> bool {
        let ExprKind::Field { base, .. } = &self.expr(field).kind else { return false };
        match self.ty(Place { expr: *base, ..field }).peel_refs().kind() {
            TyKind::Adt(other, _) => *other == def,
            TyKind::Tuple(_) | TyKind::Prim(_) => false,
            _ => !private || self.is_in_module_of(field.body, def),
        }
    }

    /// Nothing is written before the field: its module and those inside can name it.
    fn is_private_field(&self, def: DefId, name: Name) -> bool {
        let (file, item) = self.world().item(def);
        let ItemKind::Struct(decl) = &item.kind else { return false };
        let text = &self.sources.files[file].text;
        decl.fields.iter().find(|field| field.name == name).is_some_and(|field| {
            let own = text.get(field.span.0 as usize..field.span.1 as usize).unwrap_or_default();
            let before = text.get(..field.span.0 as usize).unwrap_or_default().trim_end();
            !own.starts_with("pub") && !before.ends_with("pub") && !is_restricted(before)
        })
    }

    /// The body stands in the module of an item, or in one inside it.
    fn is_in_module_of(&self, body: BodyId, def: DefId) -> bool {
        let wanted = self.names.module_of(def);
        let mut at = Some(self.names.module_of(self.names.body_owner(body)));
        while let Some(module) = at.filter(|module| *module != wanted) {
            at = self.names.module(module).parent;
        }
        at.is_some()
    }

    /// Nothing in the workspace reads the field, and nobody outside can.
    pub fn is_unread_field(&self, def: DefId, name: Name) -> bool {
        let (_, item) = self.world().item(def);
        let ItemKind::Struct(_) = &item.kind else { return false };
        let read = |place: &Place| !self.is_assigned(*place);
        !self.is_exported_field(def, name)
            && !self.is_matched_field(def, name)
            && !self.field_mentions(def, name).iter().any(read)
    }

    /// Code outside of the workspace can reach the field.
    pub fn is_exported_field(&self, def: DefId, name: Name) -> bool {
        let (_, item) = self.world().item(def);
        let (kind, ..) = self.names.krate(self.names.crate_of(def));
        kind == CrateKind::Lib && item.visibility == Visibility::Public && self.is_public_name(def, name)
    }

    /// Some pattern that may name the field names one like it.
    pub fn is_matched_field(&self, def: DefId, name: Name) -> bool {
        let private = self.is_private_field(def, name);
        let own = self.world().item(def).1.name;
        let may_name = |(body, of): &(BodyId, Name)| {
            (*of == own || of.as_str() == "Self") && (!private || self.is_in_module_of(*body, def))
        };
        self.field_uses().patterns.get(&name).is_some_and(|patterns| patterns.iter().any(may_name))
    }

    /// What struct literals of the workspace put into the field; a literal of unknown type counts.
    pub fn field_values(&self, def: DefId, name: Name) -> Vec<Place> {
        let all = self.field_uses().literals.get(&name).map_or(&[][..], Vec::as_slice);
        let is_other = |literal: Place| matches!(self.ty(literal).peel_refs().kind(), TyKind::Adt(d, _) if *d != def);
        let ours = all.iter().filter(|(literal, _)| !is_other(*literal));
        ours.map(|(literal, value)| Place { expr: *value, ..*literal }).collect()
    }

    /// All structs of the workspace.
    pub fn structs(&self) -> impl Iterator<Item = (DefId, &crate::facts::Item)> {
        self.facts.iter().flat_map(move |file| {
            let items = file.items.iter_ids().filter(|(_, item)| matches!(item.kind, ItemKind::Struct(_)));
            items.map(move |(id, item)| (self.world().def(file.file, id), item))
        })
    }

    /// Fields of a struct with their types.
    pub fn field_types(&self, def: DefId) -> Vec<(Name, Ty)> {
        match self.sigs.get(self.names.item_ref(def)) {
            crate::link::types::signatures::ItemSig::Struct(fields) => fields.fields.clone(),
            _ => Vec::new(),
        }
    }

    /// A comment right before the field says `assume(what)`.
    pub fn assumes_before(&self, field: crate::base::Span, what: &str) -> bool {
        let text = &self.sources.files[field.file].text;
        self.facts[field.file].directives.iter().any(|directive| {
            let Ok(content) = &directive.content else { return false };
            let says =
                content.verb == crate::facts::Verb::Assume && content.args.iter().any(|(name, _)| &**name == what);
            let between = text.get(directive.span.1 as usize..field.start as usize).map(str::trim);
            says && between.is_some_and(|text| text.is_empty() || text.starts_with("pub") && text.len() < 20)
        })
    }

    /// The file of an item.
    pub fn file_of_def(&self, def: DefId) -> crate::base::FileId {
        self.names.item_ref(def).file
    }

    fn is_public_name(&self, def: DefId, name: Name) -> bool {
        let (file, item) = self.world().item(def);
        let ItemKind::Struct(decl) = &item.kind else { return true };
        let Some(field) = decl.fields.iter().find(|f| f.name == name) else { return true };
        let text = &self.sources.files[file].text;
        let before = text.get(..field.span.0 as usize).unwrap_or("").trim_end();
        before.ends_with("pub") || (before.ends_with(')') && !is_restricted(before))
    }

    fn is_assigned(&self, place: Place) -> bool {
        let parent = self.parent(place).map(|p| &self.expr(p).kind);
        matches!(parent, Some(ExprKind::Assign { target: Some(t), .. }) if *t == place.expr)
    }

    /// Fields of a workspace struct with their types.
    pub fn fields_of(&self, ty: Ty) -> Vec<(Name, Ty)> {
        let TyKind::Adt(def, _) = ty.peel_refs().kind() else { return Vec::new() };
        self.field_types(*def)
    }
}

/// The text ends in `pub(crate)` and the like.
fn is_restricted(before: &str) -> bool {
    before.ends_with(')') && before.rsplit_once('(').is_some_and(|(head, _)| head.trim_end().ends_with("pub"))
}
