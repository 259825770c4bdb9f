//! Patterns give their locals types.

use crate::base::Name;
use crate::facts::{PatId, PatKind, PathId};
use crate::hir::names::{Namespace, Res};
use crate::hir::ty::{Ty, TyKind};

use super::super::types::project::{self, Holes};
use super::super::types::signatures::{Fields, ItemSig};
use super::super::types::subst::{self, Subst};
use super::Infer;

impl Infer<'_> {
    /// Binds the names of `pat` against a value of type `ty`.
    pub(super) fn bind(&mut self, pat: PatId, ty: Ty, likely: bool) {
        match &self.body.pats[pat].kind {
            PatKind::Bind { local, by_ref, sub } => {
                let bound = if *by_ref { Ty::new(TyKind::Ref(false, ty)) } else { ty };
                self.locals[*local] = super::refine::fill(bound, self.locals[*local]);
                self.local_likely[local.0 as usize] |= likely;
                if let Some(sub) = sub {
                    self.bind(*sub, ty, likely);
                }
            }
            PatKind::TupleStruct { path, elems } => {
                let fields = self.payload(*path, ty);
                self.bind_list(elems, &fields, ty, likely);
            }
            PatKind::Tuple(elems) => {
                let fields = match ty.peel_refs().kind() {
                    TyKind::Tuple(fields) => fields.clone(),
                    _ => Vec::new(),
                };
                self.bind_list(elems, &fields, ty, likely);
            }
            PatKind::Struct { path, fields } => {
                let known = self.named_payload(*path, ty);
                for (name, pat) in fields {
                    let field = known.iter().find(|(n, _)| n == name).map_or_else(Ty::unknown, |(_, t)| *t);
                    self.bind(*pat, through(ty, field), likely);
                }
            }
            PatKind::Slice(elems) => {
                let item = match ty.peel_refs().kind() {
                    TyKind::Slice(t) | TyKind::Array(t, _) => *t,
                    _ => project::item_of(self.world, ty.peel_refs()).unwrap_or_else(Ty::unknown),
                };
                for elem in elems {
                    self.bind(*elem, through(ty, item), likely);
                }
            }
            PatKind::Or(alternatives) => {
                for alternative in alternatives {
                    self.bind(*alternative, ty, likely);
                }
            }
            PatKind::Ref(inner) => {
                let behind = match ty.kind() {
                    TyKind::Ref(_, t) => *t,
                    _ => ty,
                };
                self.bind(*inner, behind, likely);
            }
            PatKind::Path(path) => {
                self.value_path(*path);
            }
            PatKind::Wild | PatKind::Literal | PatKind::Rest | PatKind::Opaque => {}
        }
    }

    /// Positional elements; a rest pattern takes what the others leave.
    fn bind_list(&mut self, elems: &[PatId], fields: &[Ty], whole: Ty, likely: bool) {
        let rest = elems.iter().position(|e| matches!(self.body.pats[*e].kind, PatKind::Rest));
        for (at, elem) in elems.iter().enumerate() {
            let from = match rest {
                Some(rest) if at > rest => (fields.len() + at).checked_sub(elems.len()),
                _ => Some(at),
            };
            let field = from.and_then(|at| fields.get(at)).copied().unwrap_or_else(Ty::unknown);
            self.bind(*elem, through(whole, field), likely);
        }
    }

    /// The payload of a tuple struct or variant, its parameters taken from the matched type.
    fn payload(&mut self, path: PathId, ty: Ty) -> Vec<Ty> {
        self.named_payload(path, ty).into_iter().map(|(_, t)| t).collect()
    }

    fn named_payload(&mut self, path: PathId, ty: Ty) -> Vec<(Name, Ty)> {
        let mut resolution = self.value_path(path);
        if matches!(resolution.res, Res::Unknown) || resolution.rest > 0 {
            resolution = self.world.names.resolve(self.file, &self.body.paths.paths[path], Namespace::Type);
        }
        match resolution.res {
            Res::Foreign(name) => self.foreign_payload(name, ty),
            res => self.own_payload(res, ty),
        }
    }

    fn foreign_payload(&self, name: Name, ty: Ty) -> Vec<(Name, Ty)> {
        let Some((entry, fields)) = self.world.catalog.variant(name) else { return self.foreign_fields(name, ty) };
        let matched = ty.peel_refs();
        let receiver = match matched.kind() {
            TyKind::Foreign(path, ..) if *path == entry.path => matched,
            _ => Ty::foreign(entry.path, Vec::new()),
        };
        let eval = |expr| project::eval(self.world, expr, Holes::of(receiver));
        fields.iter().enumerate().map(|(at, expr)| (Name::new(&at.to_string()), eval(expr))).collect()
    }

    /// Public fields of a foreign struct, by position or name: `State(app)` of a handler.
    fn foreign_fields(&self, name: Name, ty: Ty) -> Vec<(Name, Ty)> {
        let matched = ty.peel_refs();
        match (matched.kind(), self.world.catalog.ty(name)) {
            // `Reverse(x)`, `Extractor(pool)`: a wrapper of which nothing else is known holds its arguments.
            (TyKind::Foreign(path, _, args), entry) if *path == name && entry.is_none_or(|e| e.fields.is_empty()) => {
                args.iter().enumerate().map(|(at, ty)| (Name::new(&at.to_string()), *ty)).collect()
            }
            (TyKind::Foreign(path, ..), Some(entry)) if *path == entry.path => {
                let eval = |expr| project::eval(self.world, expr, Holes::of(matched));
                entry.fields.iter().map(|(field, expr)| (*field, eval(expr))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Fields of a workspace struct or variant for a value of type `ty`.
    pub(super) fn own_payload(&self, res: Res, ty: Ty) -> Vec<(Name, Ty)> {
        let (def, variant) = match res {
            Res::Def(def) | Res::SelfType(def) => (def, None),
            Res::Variant(def, at) => (def, Some(at)),
            Res::Module(_) | Res::Foreign(_) | Res::Prim(_) | Res::Param(..) | Res::Unknown => return Vec::new(),
        };
        let matched = ty.peel_refs();
        let sig = match (self.sigs.get(self.world.names.item_ref(def)), matched.kind()) {
            (ItemSig::Impl(_), TyKind::Adt(adt, _)) => self.sigs.get(self.world.names.item_ref(*adt)),
            (sig, _) => sig,
        };
        let fields: &Fields = match (sig, variant) {
            (ItemSig::Struct(fields), None) => fields,
            (ItemSig::Enum(variants), Some(at)) if (at as usize) < variants.len() => &variants[at as usize],
            _ => return Vec::new(),
        };
        let mut subst = Subst::default();
        if let TyKind::Adt(adt, args) = matched.kind() {
            subst.bind_all(*adt, args);
        }
        fields.fields.iter().map(|(name, t)| (*name, subst::apply(self.world, *t, &subst))).collect()
    }
}

/// Default binding modes: matching through a reference binds references.
fn through(whole: Ty, part: Ty) -> Ty {
    match whole.kind() {
        TyKind::Ref(mutable, _) if !part.is_unknown() && !matches!(part.kind(), TyKind::Ref(..)) => {
            Ty::new(TyKind::Ref(*mutable, part))
        }
        _ => part,
    }
}
