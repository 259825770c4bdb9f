//! Why a receiver has no type: the first thing in its making that is not known, for statistics only.
//!
//! A chain is followed to its first unknown link, a local to what binds it. Nothing here answers a rule.

use rustc_hash::FxHashMap;

use crate::facts::expr::{LoopKind, Stmt};
use crate::facts::{Body, ExprId, ExprKind, LocalId, PatId, PatKind, RegionId, TypeExpr};
use crate::hir::names::{BodyId, Place, Res};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::Program;

/// Locals bound to locals are followed this far.
const MAX_HOPS: u8 = 16;

/// What gives a local its value.
#[derive(Clone, Copy)]
enum Source {
    /// The initialiser or scrutinee that its pattern takes apart; false when the pattern is the name alone.
    Value(ExprId, bool),
    /// The iterator of a loop.
    Loop(ExprId),
    /// The call that the closure is an argument of; `None` for a closure that stands elsewhere.
    Closure(Option<ExprId>),
    /// The future of a `select!` arm.
    Select(ExprId),
}

/// The reasons in one body.
pub(super) struct Reasons<'a> {
    program: &'a Program,
    id: BodyId,
    body: &'a Body,
    sources: FxHashMap<LocalId, Source>,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(program: &'a Program, id: BodyId) -> Self {
        let body = program.body(id);
        let mut reasons = Self { program, id, body, sources: FxHashMap::default() };
        for (_, expr) in body.exprs.iter_ids() {
            reasons.note(&expr.kind);
        }
        reasons
    }

    fn note(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Block(block) => {
                for stmt in &block.stmts {
                    if let Stmt::Let { pat, init: Some(init), .. } = stmt {
                        self.bind(*pat, Source::Value(*init, false));
                    }
                }
            }
            ExprKind::Let { pat, expr } => self.bind(*pat, Source::Value(*expr, false)),
            ExprKind::Match { scrutinee, arms } => {
                for arm in arms {
                    self.bind(arm.pat, Source::Value(*scrutinee, false));
                }
            }
            ExprKind::Loop { kind: LoopKind::For { pat, iter, .. }, .. } => self.bind(*pat, Source::Loop(*iter)),
            ExprKind::Select(select) => {
                for arm in &select.arms {
                    self.bind(arm.pat, Source::Select(arm.future));
                }
            }
            ExprKind::Closure(region) => {
                let region = &self.body.regions[*region];
                let call = self.body.ancestors(region.expr).nth(1);
                for param in &region.params {
                    self.bind(param.pat, Source::Closure(call));
                }
            }
            _ => {}
        }
    }

    fn bind(&mut self, pat: PatId, source: Source) {
        let part = match source {
            Source::Value(expr, _) => Source::Value(expr, true),
            other => other,
        };
        match &self.body.pats[pat].kind {
            PatKind::Bind { local, sub, .. } => {
                self.sources.insert(*local, source);
                sub.iter().for_each(|sub| self.bind(*sub, source));
            }
            PatKind::TupleStruct { elems, .. } | PatKind::Tuple(elems) | PatKind::Slice(elems) => {
                elems.iter().for_each(|elem| self.bind(*elem, part));
            }
            PatKind::Or(elems) => elems.iter().for_each(|elem| self.bind(*elem, source)),
            PatKind::Struct { fields, .. } => fields.iter().for_each(|(_, pat)| self.bind(*pat, part)),
            PatKind::Ref(inner) => self.bind(*inner, source),
            PatKind::Wild | PatKind::Path(_) | PatKind::Literal | PatKind::Rest | PatKind::Opaque => {}
        }
    }

    /// What makes the value of `expr`, whose type is not known.
    pub(super) fn of(&self, expr: ExprId) -> String {
        self.reason(expr, MAX_HOPS)
    }

    fn ty(&self, expr: ExprId) -> Ty {
        self.program.ty(Place { body: self.id, expr }).peel_refs()
    }

    fn unknown(&self, expr: ExprId) -> bool {
        matches!(self.ty(expr).kind(), TyKind::Unknown | TyKind::Projection(..))
    }

    fn reason(&self, expr: ExprId, hops: u8) -> String {
        match &self.body.exprs[expr].kind {
            ExprKind::MethodCall { recv, name, .. } if !self.unknown(*recv) => {
                if let Some(inside) = self.inside(*recv, name.as_str(), hops) {
                    return inside;
                }
                format!(".{name}() of {}", self.head(self.ty(*recv)))
            }
            ExprKind::MethodCall { recv, .. } => self.reason(*recv, hops),
            ExprKind::Await(e) | ExprKind::Try(e) | ExprKind::Ref { expr: e, .. } | ExprKind::Deref(e)
                if self.unknown(*e) =>
            {
                self.reason(*e, hops)
            }
            ExprKind::Await(e) => {
                self.inside(*e, "await", hops).unwrap_or_else(|| format!("await of {}", self.head(self.ty(*e))))
            }
            ExprKind::Try(e) => {
                self.inside(*e, "?", hops).unwrap_or_else(|| format!("? of {}", self.head(self.ty(*e))))
            }
            ExprKind::Deref(e) => format!("deref of {}", self.head(self.ty(*e))),
            ExprKind::Field { base, .. } | ExprKind::Index { base, .. } if self.unknown(*base) => {
                self.reason(*base, hops)
            }
            ExprKind::Index { base, .. } => format!("index of {}", self.head(self.ty(*base))),
            ExprKind::Field { base, name } => format!("field {name} of {}", self.head(self.ty(*base))),
            ExprKind::Call { callee, .. } => self.call(*callee),
            ExprKind::Local(local) if hops > 0 => self.local(*local, hops - 1),
            ExprKind::Path { path, .. } => format!("path {}", self.body.paths.paths[*path].text()),
            ExprKind::Struct { path, .. } => format!("struct {}", self.body.paths.paths[*path].text()),
            ExprKind::Binary { left, .. } if self.unknown(*left) => self.reason(*left, hops),
            ExprKind::Macro(call) => format!("macro {}!", self.body.paths.paths[call.path].text()),
            ExprKind::Block(block) => match block.tail {
                Some(tail) if self.unknown(tail) => self.reason(tail, hops),
                _ => "a block".to_owned(),
            },
            ExprKind::If { then, .. } if self.unknown(*then) => self.reason(*then, hops),
            ExprKind::Match { arms, .. } => match arms.iter().find(|arm| self.unknown(arm.body)) {
                Some(arm) => self.reason(arm.body, hops),
                None => "a match".to_owned(),
            },
            other => {
                let text = format!("{other:?}");
                text.split(['(', ' ', '{']).next().unwrap_or("").to_owned()
            }
        }
    }

    /// `x.unwrap()` of an `Option<_>`: why the option's inside is not known.
    fn inside(&self, expr: ExprId, step: &str, hops: u8) -> Option<String> {
        const STEPS: [&str; 12] = [
            "unwrap",
            "expect",
            "unwrap_or_default",
            "as_ref",
            "as_mut",
            "await",
            "?",
            "context",
            "clone",
            "next",
            "iter",
            "map_err",
        ];
        let ty = self.ty(expr);
        let open = match ty.kind() {
            TyKind::Future(output, _) => output.is_unknown(),
            _ => ty.args().first().is_some_and(|arg| arg.peel_refs().is_unknown()),
        };
        if !open || !STEPS.contains(&step) {
            return None;
        }
        match &self.body.exprs[expr].kind {
            ExprKind::MethodCall { .. }
            | ExprKind::Call { .. }
            | ExprKind::Await(_)
            | ExprKind::Try(_)
            | ExprKind::Ref { .. }
            | ExprKind::Field { .. } => Some(self.reason(expr, hops)),
            ExprKind::Local(local) if hops > 0 => Some(self.local(*local, hops - 1)),
            _ => None,
        }
    }

    fn call(&self, callee: ExprId) -> String {
        match &self.body.exprs[callee].kind {
            ExprKind::Path { path, .. } => {
                let written = self.body.paths.paths[*path].text();
                match self.program.types_of(self.id).values[*path].res {
                    Res::Foreign(name) => format!("call of {name}"),
                    Res::Def(_) => format!("call of workspace {written}"),
                    _ => format!("call of unknown {written}"),
                }
            }
            _ => "call of a value".to_owned(),
        }
    }

    fn local(&self, local: LocalId, hops: u8) -> String {
        let name = self.body.locals[local].kind;
        match self.sources.get(&local) {
            Some(Source::Value(expr, _) | Source::Loop(expr) | Source::Select(expr)) if self.unknown(*expr) => {
                self.reason(*expr, hops)
            }
            Some(Source::Value(expr, true)) => format!("part of {}", self.describe(self.ty(*expr))),
            Some(Source::Value(expr, false)) => format!("local of {}", self.head(self.ty(*expr))),
            Some(Source::Loop(expr)) => format!("item of {}", self.describe(self.ty(*expr))),
            Some(Source::Select(expr)) => format!("output of {}", self.describe(self.ty(*expr))),
            Some(Source::Closure(Some(call))) => match &self.body.exprs[*call].kind {
                ExprKind::MethodCall { recv, .. } if self.unknown(*recv) => self.reason(*recv, hops),
                ExprKind::MethodCall { recv, name, .. } => {
                    format!("closure in .{name}() of {}", self.describe(self.ty(*recv)))
                }
                ExprKind::Call { callee, .. } => format!("closure in {}", self.call(*callee)),
                _ => "closure elsewhere".to_owned(),
            },
            Some(Source::Closure(None)) => "closure elsewhere".to_owned(),
            None => match self.written(local) {
                Some(ty) => format!("parameter of type {ty}"),
                None => format!("local ({name:?})"),
            },
        }
    }

    /// The type written for a parameter of the function.
    fn written(&self, local: LocalId) -> Option<String> {
        let pat = self.body.locals[local].pat?;
        let param = self.body.regions[RegionId(0)].params.iter().find(|p| p.pat == pat)?;
        Some(self.type_text(&self.body.types[param.ty?]))
    }

    fn type_text(&self, ty: &TypeExpr) -> String {
        match ty {
            TypeExpr::Path(path) => self.body.paths.paths[path.path].text(),
            TypeExpr::Ref { inner, .. } => self.type_text(inner),
            TypeExpr::Impl(bounds) | TypeExpr::Dyn(bounds) => {
                bounds.first().map_or_else(String::new, |b| format!("impl {}", self.body.paths.paths[b.path].text()))
            }
            other => {
                let text = format!("{other:?}");
                text.split(['(', ' ', '{']).next().unwrap_or("").to_owned()
            }
        }
    }

    fn describe(&self, ty: Ty) -> String {
        self.program.describe(ty).chars().take(60).collect()
    }

    fn head(&self, ty: Ty) -> String {
        match ty.kind() {
            TyKind::Foreign(path, ..) => path.to_string(),
            TyKind::Adt(..) => "a workspace type".to_owned(),
            TyKind::Future(_, FutureOrigin::Api(path)) => format!("future of {path}"),
            TyKind::Future(..) => "a future".to_owned(),
            _ => self.describe(ty),
        }
    }
}
