//! The four questions by position, as text: what the annotations of `fixtures/_program` compare with.
//!
//! A view for tests and the dump. Rules ask by place and get values.

use crate::base::Span;
use crate::facts::{ExprId, ExprKind, LocalId};
use crate::hir::body::Target;
use crate::hir::context::{ContextKind, Entry};
use crate::hir::effect::Effect;
use crate::hir::names::{BodyId, Place, Res};
use crate::hir::ty::{Bound, Ty, TyKind};

use super::Program;

impl Program {
    /// The answer to `type`, `is`, `runs` or `blocks` about the text at `span`; `None` when nothing stands there.
    pub fn answer(&self, span: Span, key: &str) -> Option<String> {
        let bodies = self.bodies().filter(|b| self.file_of(*b) == span.file);
        bodies.into_iter().find_map(|body| self.answer_in(body, span, key))
    }

    fn answer_in(&self, id: BodyId, span: Span, key: &str) -> Option<String> {
        let body = self.body(id);
        let bytes = (span.start, span.end);
        if key == "type"
            && let Some((local, _)) = body.locals.iter_ids().find(|(_, l)| l.span == bytes)
        {
            return Some(self.plain(self.local_ty(id, local)));
        }
        let exact = body.exprs.iter_ids().find(|(_, e)| e.span == bytes).map(|(e, _)| e);
        // The call itself comes after the path that names its callee.
        let named = body.exprs.ids().rfind(|e| body.call_bytes(*e) == bytes);
        match key {
            "type" => exact.or(named).map(|e| self.plain(self.ty(Place { body: id, expr: e }))),
            "is" => named.or(exact).map(|e| self.names_at(Place { body: id, expr: e })),
            "runs" => self.innermost(id, bytes).map(|e| self.runs_at(Place { body: id, expr: e }).to_owned()),
            "blocks" => named.or(exact).map(|e| self.blocks_at(Place { body: id, expr: e })),
            _ => None,
        }
    }

    fn innermost(&self, id: BodyId, bytes: (u32, u32)) -> Option<ExprId> {
        let around = |e: &ExprId| {
            let span = self.body(id).exprs[*e].span;
            span.0 <= bytes.0 && bytes.1 <= span.1
        };
        self.body(id).exprs.ids().filter(around).min_by_key(|e| {
            let span = self.body(id).exprs[*e].span;
            (span.1 - span.0, *e)
        })
    }

    fn names_at(&self, place: Place) -> String {
        let expr = self.expr(place);
        if let (ExprKind::QualifiedPath { .. }, TyKind::FnDef(res)) = (&expr.kind, self.ty(place).kind()) {
            return self.res_text(*res);
        }
        match &expr.kind {
            ExprKind::Local(local) => self.local_text(place.body, *local),
            ExprKind::Call { callee, .. } => self.names_at(Place { expr: *callee, ..place }),
            ExprKind::Path { path, .. } => match self.ty(place).kind() {
                TyKind::FnDef(res) => self.res_text(*res),
                _ => {
                    let found = self.types_of(place.body).values[*path];
                    if found.rest == 0 { self.res_text(found.res) } else { "Unknown".to_owned() }
                }
            },
            ExprKind::Macro(call) => self.res_text(self.types_of(place.body).values[call.path].res),
            ExprKind::Select(select) => self.res_text(self.types_of(place.body).values[select.path].res),
            _ => match self.target(place) {
                Target::Fn(def) | Target::TraitFn(def) => self.names.def_path(def),
                Target::Api(entry) => entry.path.to_string(),
                Target::Foreign(path) => path.to_string(),
                Target::Ctor(res) => self.res_text(res),
                Target::Local(local) => self.local_text(place.body, local),
                Target::Closure(_) => "closure".to_owned(),
                Target::Unknown => "Unknown".to_owned(),
            },
        }
    }

    fn local_text(&self, body: BodyId, local: LocalId) -> String {
        format!("local {}", self.body(body).locals[local].name)
    }

    fn res_text(&self, res: Res) -> String {
        match res {
            Res::Unknown => "Unknown".to_owned(),
            Res::Variant(def, at) => {
                let variants = match &self.world().item(def).1.kind {
                    crate::facts::ItemKind::Enum(e) => &e.variants[..],
                    _ => &[],
                };
                let name = variants.get(at as usize).map_or_else(String::new, |v| v.name.to_string());
                format!("{}::{name}", self.names.def_path(def))
            }
            _ => self.describe_res(res),
        }
    }

    fn runs_at(&self, place: Place) -> &'static str {
        let context = self.context_at(place);
        match (context.kind, context.entry) {
            (ContextKind::Async, Entry::No | Entry::Once) => "async",
            (ContextKind::Async, Entry::OwnThread | Entry::MultiThread | Entry::CurrentThread | Entry::Command) => {
                if self.is_harmless_entry(place) {
                    "entry"
                } else {
                    "async"
                }
            }
            (ContextKind::Sync, _) => "sync",
            (ContextKind::Offloaded, _) => "blocking-pool",
            (ContextKind::Thread, _) => "thread",
            (ContextKind::Unknown, _) => "unknown",
        }
    }

    fn blocks_at(&self, place: Place) -> String {
        let region = self.region_at(place);
        let own = self.sources(region).find(|(e, s)| s.place == place && matches!(e, Effect::Blocks { .. }));
        if let Some((_, source)) = own {
            return source.path.to_string();
        }
        let edges = self.inline_calls(region).filter(|e| e.place == place);
        for edge in edges {
            for effect in self.effects.kinds().filter(|e| matches!(e, Effect::Blocks { .. })) {
                if let Some(chain) = self.chain_through(edge, effect) {
                    let hops: Vec<String> = self.hops(&chain).into_iter().map(|h| h.function).collect();
                    return hops.join(" -> ");
                }
            }
        }
        "no".to_owned()
    }

    /// A type as annotations write it: futures as `impl Future<Output = T>`, closures as `closure`, holes as `_`.
    fn plain(&self, ty: Ty) -> String {
        if ty.is_unknown() { "Unknown".to_owned() } else { self.inner(ty) }
    }

    fn inner(&self, ty: Ty) -> String {
        let list = |tys: &[Ty]| tys.iter().map(|t| self.inner(*t)).collect::<Vec<_>>().join(", ");
        let generic =
            |head: String, args: &[Ty]| if args.is_empty() { head } else { format!("{head}<{}>", list(args)) };
        match ty.kind() {
            TyKind::Future(output, _) => format!("impl Future<Output = {}>", self.inner(*output)),
            TyKind::Foreign(path, tag, args) => {
                let tag = tag.map_or_else(String::new, |t| format!("#{t}"));
                generic(format!("{path}{tag}"), args)
            }
            TyKind::Adt(def, args) => generic(self.names.def_path(*def), args),
            TyKind::Ref(true, inner) => format!("&mut {}", self.inner(*inner)),
            TyKind::Ref(false, inner) => format!("&{}", self.inner(*inner)),
            TyKind::Tuple(elems) if elems.len() == 1 => format!("({},)", self.inner(elems[0])),
            TyKind::Tuple(elems) => format!("({})", list(elems)),
            TyKind::Slice(inner) => format!("[{}]", self.inner(*inner)),
            TyKind::Array(inner, Some(len)) => format!("[{}; {len}]", self.inner(*inner)),
            TyKind::Opaque(bounds) => format!("impl {}", self.bound_list(bounds)),
            TyKind::Dyn(bounds) => format!("dyn {}", self.bound_list(bounds)),
            TyKind::Unknown
            | TyKind::Prim(_)
            | TyKind::Ptr(_)
            | TyKind::Array(_, None)
            | TyKind::FnPtr(..)
            | TyKind::FnDef(_)
            | TyKind::Closure(_)
            | TyKind::Param(..)
            | TyKind::TraitSelf(_)
            | TyKind::Projection(..)
            | TyKind::Never => self.describe(ty),
        }
    }

    fn bound_list(&self, bounds: &[Bound]) -> String {
        bounds.iter().map(|b| self.describe_res(b.trait_)).collect::<Vec<_>>().join(" + ")
    }
}
