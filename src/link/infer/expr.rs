//! One expression: its children first, then its own type.

use crate::base::Name;
use crate::facts::expr::{BinaryOp, Lit, UnaryOp};
use crate::facts::{ExprId, ExprKind, PathId, TypeIx};
use crate::hir::known::known;
use crate::hir::names::Res;
use crate::hir::ty::{Ty, TyKind};

use super::super::types::project;
use super::super::types::signatures::ItemSig;
use super::super::types::subst;
use super::refine::{fill, join};
use super::{Infer, derived};

impl Infer<'_> {
    /// Infers `id` and everything inside; `expected` only helps closures and literals of unknown type.
    pub(super) fn expr(&mut self, id: ExprId, expected: Ty) -> Ty {
        let body = self.body;
        let ty = self.kind(id, &body.exprs[id].kind, expected);
        self.exprs[id] = ty;
        ty
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn kind(&mut self, id: ExprId, kind: &ExprKind, expected: Ty) -> Ty {
        match kind {
            ExprKind::Lit(lit) => literal(lit, self.text(id)),
            ExprKind::Local(local) => {
                self.mark_likely(id, self.local_likely[local.0 as usize]);
                self.locals[*local]
            }
            ExprKind::Path { path, args } => self.path_value(id, *path, args),
            ExprKind::QualifiedPath { ty, trait_: _, name } => self.qualified(*ty, *name),
            ExprKind::Call { callee, args } => self.call(id, *callee, args),
            ExprKind::MethodCall { recv, name, turbofish, args, .. } => {
                self.method_call(id, *recv, *name, turbofish, args)
            }
            ExprKind::Macro(call) => self.macro_call(call),
            ExprKind::Select(select) => self.select(select),
            ExprKind::Await(inner) => {
                let ty = self.child(id, *inner);
                project::output_of(self.world, ty).unwrap_or_else(Ty::unknown)
            }
            ExprKind::Try(inner) => {
                let ty = self.child(id, *inner);
                inner_value(ty)
            }
            ExprKind::Field { base, name } => {
                let ty = self.child(id, *base);
                self.field(ty, *name)
            }
            ExprKind::Index { base, index } => {
                let ty = self.child(id, *base);
                let index = self.expr(*index, Ty::unknown());
                self.element(ty, index)
            }
            ExprKind::Ref { mutable, expr } => {
                let inner = self.expr(*expr, expected.peel_refs());
                self.mark_likely(id, self.is_likely(*expr));
                if inner.is_unknown() { inner } else { Ty::new(TyKind::Ref(*mutable, inner)) }
            }
            ExprKind::Deref(inner) => {
                let ty = self.child(id, *inner);
                project::deref(self.world, ty).unwrap_or_else(Ty::unknown)
            }
            ExprKind::Unary(UnaryOp::Not | UnaryOp::Neg, inner) => self.child(id, *inner),
            ExprKind::Binary { op, left, right } => self.binary(*op, *left, *right),
            ExprKind::Cast(inner, ty) => {
                self.expr(*inner, Ty::unknown());
                self.written(*ty)
            }
            ExprKind::Assign { target, value } => self.assign(*target, *value),
            ExprKind::AssignOp { target, value } => {
                self.expr(*value, Ty::unknown());
                self.expr(*target, Ty::unknown());
                Ty::unit()
            }
            ExprKind::Tuple(elems) => Ty::new(TyKind::Tuple(self.all(elems))),
            ExprKind::Array(elems) => {
                let tys = self.all(elems);
                let elem = tys.iter().fold(Ty::unknown(), |a, b| fill(a, *b));
                Ty::new(TyKind::Array(elem, Some(elems.len() as u64)))
            }
            ExprKind::Repeat { value, len } => {
                let elem = self.expr(*value, Ty::unknown());
                self.expr(*len, Ty::unknown());
                Ty::new(TyKind::Array(elem, None))
            }
            ExprKind::Struct { path, fields, rest } => self.struct_literal(*path, fields, *rest),
            ExprKind::Range { start, end } => self.range(*start, *end),
            ExprKind::Block(block) => self.block(block, expected),
            ExprKind::Async(region) => self.async_block(*region),
            ExprKind::Closure(region) => self.closure(*region, expected),
            ExprKind::Let { pat, expr } => {
                let ty = self.expr(*expr, Ty::unknown());
                self.bind(*pat, ty, self.is_likely(*expr));
                Ty::new(TyKind::Prim(known().bool))
            }
            ExprKind::If { cond, then, else_ } => self.if_(*cond, *then, *else_, expected),
            ExprKind::Match { scrutinee, arms } => self.match_(id, *scrutinee, arms, expected),
            ExprKind::Loop { kind, body, .. } => self.loop_(kind, *body),
            ExprKind::Return(value) => {
                let ty = value.map_or_else(Ty::unit, |v| self.expr(v, Ty::unknown()));
                let region = self.returning(self.body.exprs[id].region);
                if ty.is_unknown() {
                    self.open_returns.push(region);
                }
                self.set_return(region, ty);
                Ty::new(TyKind::Never)
            }
            ExprKind::Break { value, .. } => {
                let ty = value.map_or_else(Ty::unit, |v| self.expr(v, Ty::unknown()));
                if let Some(last) = self.breaks.last_mut() {
                    *last = join(*last, ty);
                }
                Ty::new(TyKind::Never)
            }
            ExprKind::Continue(_) => Ty::new(TyKind::Never),
            ExprKind::Yield(value) => {
                if let Some(value) = value {
                    self.expr(*value, Ty::unknown());
                }
                Ty::unit()
            }
            ExprKind::Opaque(children) => {
                self.all(children);
                Ty::unknown()
            }
            ExprKind::Item(_) => Ty::unit(),
        }
    }

    /// The only operand of `id`: its doubts are the doubts of `id`.
    pub(super) fn child(&mut self, id: ExprId, inner: ExprId) -> Ty {
        let ty = self.expr(inner, Ty::unknown());
        self.mark_likely(id, self.is_likely(inner));
        ty
    }

    pub(super) fn all(&mut self, exprs: &[ExprId]) -> Vec<Ty> {
        exprs.iter().map(|e| self.expr(*e, Ty::unknown())).collect()
    }

    /// A type written in the body.
    pub(super) fn written(&self, ty: TypeIx) -> Ty {
        self.lower.ty(&self.body.types[ty])
    }

    fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> Ty {
        let left = self.expr(left, Ty::unknown());
        self.expr(right, Ty::unknown());
        match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Equal | BinaryOp::Compare => Ty::new(TyKind::Prim(known().bool)),
            BinaryOp::Arithmetic => left.peel_refs(),
        }
    }

    fn assign(&mut self, target: Option<ExprId>, value: ExprId) -> Ty {
        let ty = self.expr(value, Ty::unknown());
        if let Some(target) = target {
            self.expr(target, Ty::unknown());
            if let ExprKind::Local(local) = self.body.exprs[target].kind {
                self.locals[local] = fill(self.locals[local], ty);
            }
        }
        Ty::unit()
    }

    fn range(&mut self, start: Option<ExprId>, end: Option<ExprId>) -> Ty {
        let start = start.map_or_else(Ty::unknown, |e| self.expr(e, Ty::unknown()));
        let end = end.map_or_else(Ty::unknown, |e| self.expr(e, Ty::unknown()));
        Ty::foreign(Name::new("std::ops::Range"), vec![fill(start, end)])
    }

    fn struct_literal(&mut self, path: PathId, fields: &[(Name, ExprId)], rest: Option<ExprId>) -> Ty {
        let mut resolution = self.type_path(path);
        if matches!(resolution.res, Res::Unknown) || resolution.rest > 0 {
            resolution = self.value_path(path);
        }
        let (whole, owner) = self.constructed(resolution.res);
        let declared = self.own_payload(resolution.res, Ty::unknown());
        let mut subst = subst::Subst::default();
        for (name, value) in fields {
            let field = declared.iter().find(|(n, _)| n == name).map_or_else(Ty::unknown, |(_, t)| *t);
            let ty = self.expr(*value, field);
            subst::unify(field, ty, &mut subst);
        }
        if let Some(rest) = rest {
            self.expr(rest, Ty::unknown());
        }
        match owner {
            Some(_) => forget_params(subst::apply(self.world, whole, &subst)),
            None => whole,
        }
    }

    /// The type that a constructor makes, its parameters open, and whose they are.
    pub(super) fn constructed(&self, res: Res) -> (Ty, Option<crate::hir::names::DefId>) {
        match res {
            Res::Def(def) => match self.sigs.get(self.world.names.item_ref(def)) {
                ItemSig::Impl(ty) => (*ty, Some(def)),
                ItemSig::Fn(_) | ItemSig::Const(_) => (Ty::unknown(), None),
                ItemSig::Struct(_) | ItemSig::Enum(_) | ItemSig::None => (self.lower.self_type(def), Some(def)),
            },
            Res::SelfType(def) | Res::Variant(def, _) => (self.lower.self_type(def), Some(def)),
            Res::Foreign(path) => match self.world.catalog.variant(path) {
                Some((entry, _)) => (Ty::foreign(entry.path, Vec::new()), None),
                None => (Ty::foreign(path, Vec::new()), None),
            },
            Res::Module(_) | Res::Prim(_) | Res::Param(..) | Res::Unknown => (Ty::unknown(), None),
        }
    }

    /// The value of a path that is not a local.
    fn path_value(&mut self, id: ExprId, path: PathId, args: &[TypeIx]) -> Ty {
        let resolution = self.value_path(path);
        self.mark_likely(id, resolution.likely);
        if resolution.rest > 0 {
            return self.relative_value(id, path, resolution.rest);
        }
        let turbofish: Vec<Ty> = args.iter().map(|t| self.written(*t)).collect();
        match resolution.res {
            Res::Def(def) => match self.sigs.get(self.world.names.item_ref(def)) {
                ItemSig::Const(ty) => *ty,
                ItemSig::Fn(_) => Ty::new(TyKind::FnDef(Res::Def(def))),
                ItemSig::Struct(fields) if fields.fields.is_empty() => self.constructed(resolution.res).0,
                ItemSig::Struct(_) => Ty::new(TyKind::FnDef(resolution.res)),
                ItemSig::Enum(_) | ItemSig::Impl(_) | ItemSig::None => Ty::unknown(),
            },
            Res::Variant(def, at) => match self.sigs.get(self.world.names.item_ref(def)) {
                ItemSig::Enum(variants) if variants.get(at as usize).is_some_and(|v| v.fields.is_empty()) => {
                    forget_params(self.constructed(resolution.res).0)
                }
                _ => Ty::new(TyKind::FnDef(resolution.res)),
            },
            Res::SelfType(_) => self.constructed(resolution.res).0,
            Res::Foreign(path) => self.foreign_value(id, path, turbofish),
            Res::Module(_) | Res::Prim(_) | Res::Param(..) | Res::Unknown => Ty::unknown(),
        }
    }

    fn foreign_value(&self, id: ExprId, path: Name, turbofish: Vec<Ty>) -> Ty {
        match self.world.catalog.variant(path) {
            Some((entry, [])) => return Ty::foreign(entry.path, turbofish),
            Some(_) => return Ty::new(TyKind::FnDef(Res::Foreign(path))),
            None => {}
        }
        let called = self.body.exprs[id].parent.is_some_and(
            |parent| matches!(self.body.exprs[parent].kind, ExprKind::Call { callee, .. } if callee == id),
        );
        if called || self.world.catalog.func(path).is_some() {
            return Ty::new(TyKind::FnDef(Res::Foreign(path)));
        }
        derived::foreign_constant(path).unwrap_or_else(|| Ty::new(TyKind::FnDef(Res::Foreign(path))))
    }

    fn qualified(&mut self, ty: TypeIx, name: Name) -> Ty {
        let base = self.written(ty);
        match self.associated_fn(base, name) {
            Some((res, _)) => Ty::new(TyKind::FnDef(res)),
            None => derived::made(self.world, base, name)
                .map_or_else(Ty::unknown, |(ret, _)| Ty::new(TyKind::FnPtr(Vec::new(), ret))),
        }
    }

    /// The field of a value, looking through references and `Deref`.
    pub(super) fn field(&self, ty: Ty, name: Name) -> Ty {
        let mut ty = ty;
        for _ in 0..8 {
            match ty.kind() {
                TyKind::Tuple(elems) => {
                    let at: Option<usize> = name.as_str().parse().ok();
                    return at.and_then(|at| elems.get(at)).copied().unwrap_or_else(Ty::unknown);
                }
                TyKind::Adt(def, _) => {
                    let fields = self.own_payload(Res::Def(*def), ty);
                    if let Some((_, field)) = fields.iter().find(|(n, _)| *n == name) {
                        return *field;
                    }
                }
                TyKind::Foreign(path, ..) => {
                    let entry = self.world.catalog.ty(*path);
                    if let Some(field) = entry.and_then(|entry| entry.fields.get(&name)) {
                        return project::eval(self.world, field, project::Holes::of(ty));
                    }
                    let own = self.world.declared.definition(*path).map(|def| self.own_payload(Res::Def(def), ty));
                    if let Some((_, field)) = own.iter().flatten().find(|(n, _)| *n == name) {
                        return *field;
                    }
                }
                _ => {}
            }
            match project::deref(self.world, ty) {
                Some(next) => ty = next,
                None => break,
            }
        }
        Ty::unknown()
    }

    fn element(&self, ty: Ty, index: Ty) -> Ty {
        let mut ty = ty.peel_refs();
        let ranged = index.path().is_some_and(|p| p.as_str().starts_with("std::ops::Range"));
        for _ in 0..8 {
            match ty.kind() {
                TyKind::Slice(elem) | TyKind::Array(elem, _) if ranged => return Ty::new(TyKind::Slice(*elem)),
                TyKind::Slice(elem) | TyKind::Array(elem, _) => return *elem,
                TyKind::Adt(..) => {
                    let output = project::projection(self.world, ty, known().output);
                    if !matches!(output.kind(), TyKind::Unknown | TyKind::Projection(..)) {
                        return output;
                    }
                }
                TyKind::Foreign(path, _, args) => {
                    if let Some(index) = self.world.catalog.ty(*path).and_then(|entry| entry.index.as_ref()) {
                        return project::eval(self.world, index, project::Holes::of(ty));
                    }
                    let text = path.as_str();
                    if text.ends_with("Map") && args.len() >= 2 {
                        return args[1];
                    }
                    if text == "std::vec::Vec" || text == "std::collections::VecDeque" {
                        let elem = args.first().copied().unwrap_or_else(Ty::unknown);
                        return if ranged { Ty::new(TyKind::Slice(elem)) } else { elem };
                    }
                }
                _ => {}
            }
            match project::deref(self.world, ty) {
                Some(next) => ty = next.peel_refs(),
                None => break,
            }
        }
        Ty::unknown()
    }
}

const SUFFIXES: [&str; 12] = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "u128", "i128", "usize", "isize"];

fn literal(lit: &Lit, text: &str) -> Ty {
    let k = known();
    match lit {
        Lit::Bool(_) => Ty::new(TyKind::Prim(k.bool)),
        Lit::Int(_) => {
            let suffix = SUFFIXES.iter().find(|s| text.ends_with(**s));
            Ty::new(TyKind::Prim(suffix.map_or(k.integer, |s| Name::new(s))))
        }
        Lit::Str(_) => Ty::new(TyKind::Ref(false, Ty::new(TyKind::Prim(k.str)))),
        Lit::Other => other_literal(text),
    }
}

/// Characters, bytes and fractions.
fn other_literal(text: &str) -> Ty {
    let prim = |name: &str| Ty::new(TyKind::Prim(Name::new(name)));
    match text.as_bytes() {
        [b'\'', ..] => prim("char"),
        [b'b', b'\'', ..] => prim("u8"),
        [b'b', ..] => Ty::new(TyKind::Ref(false, Ty::new(TyKind::Array(prim("u8"), None)))),
        [b'c', ..] => Ty::new(TyKind::Ref(false, Ty::foreign(Name::new("std::ffi::CStr"), Vec::new()))),
        [first, ..] if first.is_ascii_digit() => {
            let suffix = ["f32", "f64"].into_iter().chain(SUFFIXES).find(|s| text.ends_with(s));
            // Integers that do not fit sixty-four bits come here too.
            let fraction = !text.starts_with("0x") && text.contains(['.', 'e', 'E']);
            prim(suffix.unwrap_or(if fraction { "f64" } else { "i32" }))
        }
        _ => Ty::unknown(),
    }
}

/// What `?` gives.
fn inner_value(ty: Ty) -> Ty {
    let k = known();
    match ty.kind() {
        TyKind::Foreign(path, _, args) if *path == k.option || *path == k.result || *path == k.poll => {
            args.first().copied().unwrap_or_else(Ty::unknown)
        }
        _ => Ty::unknown(),
    }
}

/// Parameters that nothing settled are Unknown, not parameters of somebody else.
pub(super) fn forget_params(ty: Ty) -> Ty {
    match ty.kind() {
        TyKind::Adt(def, args) => {
            let args = args.iter().map(|a| if matches!(a.kind(), TyKind::Param(..)) { Ty::unknown() } else { *a });
            Ty::new(TyKind::Adt(*def, args.collect()))
        }
        _ => ty,
    }
}
