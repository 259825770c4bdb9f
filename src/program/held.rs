//! Fields of structs of which the value is the same on every way to a place: those of a literal, a constructor, a derived `Default`.
//!
//! Only values that nothing can have changed since: locals without `mut`, arguments by value or by shared reference.

use crate::base::Name;
use crate::facts::{ExprKind, ItemKind, RegionId};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, DefId, Place, Res};
use crate::hir::ty::{Ty, TyKind};

use super::Program;
use super::constants::{Constant, Known};

/// Constructors that call constructors.
const MAX_DEPTH: u32 = 6;

impl Program {
    /// What is known of the fields of the value at a place.
    pub(super) fn held_by(&self, place: Place, known: &Known, depth: u32) -> Vec<(Name, Constant)> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let on = |expr| self.held_by(Place { expr, ..place }, known, depth + 1);
        match &self.expr(place).kind {
            ExprKind::Struct { fields, rest, .. } => {
                // Another build gives the same field another value.
                let once = |name: &Name| fields.iter().filter(|(other, _)| other == name).count() == 1;
                let own = fields.iter().filter(|(name, _)| once(name)).filter_map(|(name, expr)| {
                    Some((*name, self.constant_of(Place { expr: *expr, ..place }, known, depth + 1)?))
                });
                let mut held: Vec<_> = own.collect();
                let others = rest.map(on).unwrap_or_default().into_iter();
                held.extend(others.filter(|(name, _)| fields.iter().all(|(given, _)| given != name)));
                held
            }
            ExprKind::Local(local) => {
                let told: Vec<_> = known.fields_of(*local).collect();
                let unchanged = !self.body(place.body).locals[*local].mutable && told.is_empty();
                match self.initialiser(place.body, *local).filter(|_| unchanged) {
                    Some(init) => self.held_by(init, known, depth + 1),
                    None => told,
                }
            }
            ExprKind::Ref { mutable: false, expr } | ExprKind::Deref(expr) => on(*expr),
            ExprKind::MethodCall { recv, name, .. } if name == "clone" => on(*recv),
            ExprKind::Call { .. } => match self.target(place) {
                Target::Fn(def) => self.held_by_constructor(place, def, known, depth),
                Target::TraitFn(_)
                | Target::Api(_)
                | Target::Foreign(_)
                | Target::Ctor(_)
                | Target::Closure(_)
                | Target::Local(_)
                | Target::Unknown => self.held_by_default(place),
            },
            _ => Vec::new(),
        }
    }

    /// A fn that ends in a struct and leaves in no other way.
    fn held_by_constructor(&self, call: Place, def: DefId, known: &Known, depth: u32) -> Vec<(Name, Constant)> {
        let Some(callee) = self.body_of(def).filter(|callee| !self.leaves_early(*callee)) else { return Vec::new() };
        let body = self.body(callee);
        let ExprKind::Block(block) = &body.exprs[body.regions[RegionId(0)].body].kind else { return Vec::new() };
        let Some(expr) = block.tail else { return Vec::new() };
        let tail = Place { body: callee, expr };
        if !matches!(self.expr(tail).kind, ExprKind::Struct { .. } | ExprKind::Call { .. }) {
            return Vec::new();
        }
        let told = self.told_by(call, callee, known, depth + 1);
        self.held_by(tail, &told, depth + 1)
    }

    fn leaves_early(&self, body: BodyId) -> bool {
        let exprs = self.body(body).exprs.iter();
        exprs.into_iter().any(|e| matches!(e.kind, ExprKind::Return(_) | ExprKind::Try(_)))
    }

    /// `T::default()` that is derived: what is off, absent or the first of its kind.
    fn held_by_default(&self, call: Place) -> Vec<(Name, Constant)> {
        let ExprKind::Call { callee, args } = &self.expr(call).kind else { return Vec::new() };
        let path = self.source(Place { expr: *callee, ..call });
        let TyKind::Adt(def, _) = self.ty_of_rest(call).kind() else { return Vec::new() };
        if !args.is_empty() || !path.ends_with("default") || !self.derives_default(*def) {
            return Vec::new();
        }
        let fields = self.field_types(*def).into_iter();
        fields.filter_map(|(name, ty)| Some((name, default_of(ty)?))).collect()
    }

    /// What stands behind `..` is of the type of the struct, even where it does not say so: `Default::default()`.
    fn ty_of_rest(&self, value: Place) -> Ty {
        let around = self.parent(value).filter(
            |at| matches!(&self.expr(*at).kind, ExprKind::Struct { rest: Some(rest), .. } if *rest == value.expr),
        );
        self.ty(around.unwrap_or(value))
    }

    fn derives_default(&self, def: DefId) -> bool {
        let (file, item) = self.world().item(def);
        matches!(item.kind, ItemKind::Struct(_))
            && crate::link::derived::derives(&self.facts[file], item).any(|one| one == "Default")
    }
}

fn default_of(ty: Ty) -> Option<Constant> {
    match ty.kind() {
        TyKind::Prim(name) if *name == "bool" => Some(Constant::Bool(false)),
        TyKind::Foreign(path, ..) if *path == "std::option::Option" => {
            Some(Constant::Unit(Res::Foreign(Name::new("std::option::Option::None"))))
        }
        _ => None,
    }
}
