//! Can an `.await` be written here, and which features of a dependency are on?
//!
//! For fixes only: an added await can make a future `!Send` or hold a guard, so anything in doubt is `Unsafe` or no edit at all.

use crate::base::Name;
use crate::catalog::{GuardKind, TypeEntry};
use crate::diagnostic::Applicability;
use crate::facts::expr::{LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, RegionKind};
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{Ty, TyKind};
use crate::source::Dependency;

use super::Program;

/// Crates whose presence says that futures are run.
const RUNTIMES: [&str; 16] = [
    "tokio",
    "async_std",
    "smol",
    "actix_rt",
    "actix_web",
    "axum",
    "hyper",
    "tonic",
    "warp",
    "rocket",
    "poem",
    "salvo",
    "async_executor",
    "glommio",
    "monoio",
    "compio",
];

impl Program {
    /// Some package of the run depends on an async runtime or a framework that brings one (also a lone file).
    pub fn has_runtime(&self) -> bool {
        *self.has_runtime.get_or_init(|| self.finds_runtime())
    }

    fn finds_runtime(&self) -> bool {
        let mut packages = self.sources.packages.iter().peekable();
        packages.peek().is_none()
            || packages.any(|package| {
                package.assume_all_dependencies
                    || package.dependencies.iter().any(|d| {
                        let name = d.package.as_str().replace('-', "_");
                        RUNTIMES.contains(&name.as_str())
                    })
            })
    }

    /// A file without a package.
    pub fn is_lone(&self, body: BodyId) -> bool {
        self.package(body).is_none_or(|package| package.assume_all_dependencies)
    }

    fn dependency(&self, body: BodyId, krate: &str) -> Option<&Dependency> {
        self.package(body)?.dependencies.iter().find(|d| d.package.as_str() == krate)
    }

    /// The name that `krate` has in the code of a body: renames applied.
    pub fn extern_name(&self, body: BodyId, krate: &str) -> Option<Name> {
        if self.is_lone(body) {
            return Some(Name::new(krate));
        }
        self.dependency(body, krate).map(|d| d.extern_name)
    }

    /// A feature of a dependency is on, by itself or with `full`. Unknown: no.
    pub fn has_feature(&self, body: BodyId, krate: &str, feature: &str) -> bool {
        self.dependency(body, krate).is_some_and(|d| {
            let features = if self.in_test(body) { &d.test_features } else { &d.features };
            features.iter().any(|f| f == feature || f == "full")
        })
    }

    /// When the path at `callee` is rewritten, an import may be left unused, and this package makes that an error.
    pub fn leaves_unused_import(&self, callee: Place) -> bool {
        let written = self.source(callee);
        let first = written.trim_start_matches("::").split("::").next().unwrap_or("").trim();
        let is_crate = written.contains("::")
            && self
                .package(callee.body)
                .is_some_and(|p| p.dependencies.iter().any(|d| d.extern_name.as_str() == first));
        !is_crate && first != "std" && self.denies_unused(callee.body)
    }

    /// The package of a body makes errors of names that are not used.
    pub fn denies_unused(&self, body: BodyId) -> bool {
        let package = self.sources.files[self.file_of(body)].package;
        let denies = |text: &str| {
            text.match_indices("deny(").chain(text.match_indices("forbid(")).any(|(at, _)| {
                let list = text[at..].split(')').next().unwrap_or("");
                list.contains("warnings") || list.contains("unused")
            })
        };
        self.sources.files.iter().any(|file| file.package == package && denies(&file.text))
    }

    /// How far an `.await` behind the expression at `place` can be trusted (rules.md B0.10); `None`: it cannot stand there.
    pub fn can_await(&self, place: Place) -> Option<Applicability> {
        if !self.allows_await(place) || self.sees_a_guard(self.region_at(place)) {
            return None;
        }
        let lives_on = self.awaits_later(place) || (self.locals_last(place) && self.heads_send(place));
        let sure = lives_on && !self.is_in_macro(place) && self.siblings_send(place);
        Some(if sure { Applicability::Safe } else { Applicability::Unsafe })
    }

    /// An `.await` may be written here: the code belongs to an async fn or block itself.
    pub fn allows_await(&self, place: Place) -> bool {
        let region = self.region_at(place);
        let is_async = match self.body(place.body).regions[region.region].kind {
            RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::AsyncClosure | RegionKind::Stream => true,
            RegionKind::Fn | RegionKind::Const | RegionKind::Closure | RegionKind::Opaque => false,
        };
        is_async && !self.is_polled_in_place(place)
    }

    /// Part of the future or guard of a `select!` arm.
    fn is_polled_in_place(&self, place: Place) -> bool {
        let body = self.body(place.body);
        self.ancestors(place).any(|at| match &self.expr(at).kind {
            ExprKind::Select(select) => select.arms.iter().any(|arm| {
                body.is_inside(place.expr, arm.future) || arm.guard.is_some_and(|g| body.is_inside(place.expr, g))
            }),
            _ => false,
        })
    }

    fn is_in_macro(&self, place: Place) -> bool {
        let region = self.expr(place).region;
        let around = self.ancestors(place).skip(1).take_while(|at| self.expr(*at).region == region);
        around.into_iter().any(|at| matches!(self.expr(at).kind, ExprKind::Macro(_)))
    }

    /// A guard of any kind lives somewhere in the region; where exactly is not asked.
    fn sees_a_guard(&self, region: RegionRef) -> bool {
        let of_exprs = self.exprs_of(region).any(|(place, _)| self.holds_guard(self.ty(place), 0));
        let of_locals = || self.types_of(region.body).locals.iter().any(|ty| self.holds_guard(*ty, 0));
        of_exprs || of_locals()
    }

    /// Async guards and permits are made to live across an await.
    fn holds_guard(&self, ty: Ty, depth: u32) -> bool {
        let is_async = |guard| matches!(guard, GuardKind::Async | GuardKind::Permit);
        let is_bad = |entry: &TypeEntry| entry.guard.is_some_and(|guard| !is_async(guard));
        depth < 4
            && (self.type_entry(ty).is_some_and(is_bad)
                || ty.peel_refs().args().iter().any(|arg| self.holds_guard(*arg, depth + 1)))
    }

    /// Another await follows in the same block: what is in scope here is in scope there.
    fn awaits_later(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let Some((block, ..)) = self.statement(place) else { return false };
        let region = self.expr(place).region;
        let later = place.expr.0 + 1..block.expr.0;
        later.map(ExprId).any(|e| {
            let expr = &body.exprs[e];
            expr.region == region && matches!(expr.kind, ExprKind::Await(_)) && !body.is_inside(place.expr, e)
        })
    }

    /// What the statement evaluated before this place, and still needs, is known to be Send.
    fn siblings_send(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let Some((block, ..)) = self.statement(place) else { return false };
        let around: Vec<ExprId> = body.ancestors(place.expr).take_while(|at| *at != block.expr).collect();
        around.windows(2).all(|pair| {
            let [inner, outer] = pair else { return true };
            let mut fine = true;
            body.exprs[*outer].kind.for_each_child(&body.regions, |child| {
                let before = child < *inner;
                let is_place =
                    matches!(body.exprs[child].kind, ExprKind::Path { .. } | ExprKind::Local(_) | ExprKind::Lit(_));
                fine &= !before || is_place || is_send(self.ty(Place { expr: child, ..place }), 0);
            });
            fine
        })
    }

    /// The same for the heads of branches and loops around, whose temporaries may live as long as their bodies.
    fn heads_send(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let is_awaited = |part: ExprId| {
            let outer = body.exprs[part].parent;
            outer.is_some_and(|outer| matches!(body.exprs[outer].kind, ExprKind::Await(inner) if inner == part))
        };
        body.ancestors(place.expr).all(|at| {
            let head = match &body.exprs[at].kind {
                ExprKind::Match { scrutinee, .. } => *scrutinee,
                ExprKind::If { cond, .. } => *cond,
                ExprKind::Loop { kind: LoopKind::While(cond), .. } => *cond,
                ExprKind::Loop { kind: LoopKind::For { iter, .. }, .. } => *iter,
                _ => return true,
            };
            let parts = (body.exprs[head].first.0..=head.0).map(ExprId);
            body.is_inside(place.expr, head)
                || parts.into_iter().all(|part| match body.exprs[part].kind {
                    // The future itself is gone once it was awaited.
                    ExprKind::Call { .. } | ExprKind::MethodCall { .. } if is_awaited(part) => true,
                    ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Await(_) => {
                        is_send(self.ty(Place { expr: part, ..place }), 0)
                    }
                    _ => true,
                })
        })
    }

    /// All locals declared before are known to be Send, or are there at another await already.
    fn locals_last(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let (start, region) = (self.expr(place).span.0, self.expr(place).region);
        body.locals.iter_ids().filter(|(_, local)| local.span.0 < start).all(|(id, local)| {
            // What an async block takes from around it is a part of its future in any case.
            local.region != region
                || is_send(self.local_ty(place.body, id), 0)
                || self.scope_at(place, local.span).is_some_and(|scope| self.awaits_in(scope, local.span.1, place))
        })
    }

    /// The expression to whose end a local lives that is declared before `place` and around it; `None` where that is not seen.
    fn scope_at(&self, place: Place, (start, end): (u32, u32)) -> Option<ExprId> {
        let body = self.body(place.body);
        let mut inner = place.expr;
        for at in body.ancestors(place.expr).skip(1) {
            let span = body.exprs[at].span;
            if span.0 <= start && end <= span.1 {
                let ExprKind::Block(block) = &body.exprs[at].kind else { return Some(inner) };
                let declares = |stmt: &Stmt| match stmt {
                    Stmt::Let { init, span, .. } => {
                        let pattern_ends = init.map_or(span.1, |init| body.exprs[init].span.0);
                        span.0 <= start && end <= pattern_ends
                    }
                    Stmt::Expr { .. } | Stmt::Item(_) => false,
                };
                return block.stmts.iter().any(declares).then_some(at);
            }
            inner = at;
        }
        Some(inner)
    }

    /// The code awaits something in `scope`, behind `from`, besides what is at `place`.
    fn awaits_in(&self, scope: ExprId, from: u32, place: Place) -> bool {
        let body = self.body(place.body);
        let region = self.expr(place).region;
        (body.exprs[scope].first.0..=scope.0).map(ExprId).any(|e| {
            let expr = &body.exprs[e];
            let awaits = expr.region == region && matches!(expr.kind, ExprKind::Await(_));
            awaits && expr.span.0 >= from && !body.is_inside(place.expr, e)
        })
    }
}

/// Send beyond doubt. Shared references only to types without interior mutability.
fn is_send(ty: Ty, depth: u32) -> bool {
    const PLAIN: [&str; 16] = [
        "std::string::String",
        "std::path::PathBuf",
        "std::path::Path",
        "std::time::Duration",
        "std::time::Instant",
        "std::time::SystemTime",
        "std::net::SocketAddr",
        "std::io::Error",
        "std::fs::File",
        "std::fs::Metadata",
        "std::process::Output",
        "std::process::ExitStatus",
        "std::ffi::OsString",
        "std::ffi::OsStr",
        "std::net::IpAddr",
        "std::process::Command",
    ];
    const PARTS: [&str; 9] = [
        "std::option::Option",
        "std::result::Result",
        "std::vec::Vec",
        "std::boxed::Box",
        "std::collections::HashMap",
        "std::collections::HashSet",
        "std::collections::BTreeMap",
        "std::collections::BTreeSet",
        "std::collections::VecDeque",
    ];
    let all = |tys: &[Ty]| depth < 6 && tys.iter().all(|t| is_send(*t, depth + 1));
    match ty.kind() {
        TyKind::Prim(_) | TyKind::Never => true,
        TyKind::Ref(_, inner) | TyKind::Slice(inner) | TyKind::Array(inner, _) => all(&[*inner]),
        TyKind::Tuple(elems) => all(elems),
        TyKind::Foreign(path, _, args) => {
            PLAIN.contains(&path.as_str()) || (PARTS.contains(&path.as_str()) && all(args))
        }
        TyKind::Unknown
        | TyKind::Adt(..)
        | TyKind::Ptr(_)
        | TyKind::FnPtr(..)
        | TyKind::FnDef(_)
        | TyKind::Closure(_)
        | TyKind::Future(..)
        | TyKind::Opaque(_)
        | TyKind::Dyn(_)
        | TyKind::Param(..)
        | TyKind::TraitSelf(_)
        | TyKind::Projection(..) => false,
    }
}
