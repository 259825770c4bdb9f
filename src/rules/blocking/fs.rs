//! blocking-fs and blocking-fs-meta: the thread waits for a disk.
//!
//! Data and walks without bound are one rule, constant-time metadata calls another. `/proc` and `/sys` are no disks.

mod kernel;

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::hir::effect::Source;
use crate::hir::graph::Edge;
use crate::hir::names::Place;
use crate::hir::ty::TyKind;
use crate::program::Program;
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::{Spec, advice};

/// blocking-fs.
pub(super) const DATA: Spec = Spec { category: Category::Fs, kind: data, exempt, advise };
/// blocking-fs-meta.
pub(super) const META: Spec = Spec { category: Category::FsMeta, kind: meta, exempt, advise };

fn data(_: &Program, _: &Source, _: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

fn meta(_: &Program, _: &Source, _: Option<Name>, _: Tier) -> Option<&'static str> {
    Some("default")
}

/// A path below `/proc`, `/sys` or `/dev`: written at the call, or given by the caller on the way there.
fn exempt(program: &Program, source: &Source, hops: &[Edge]) -> bool {
    kernel::names_kernel_file(program, source.place, hops)
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let place = source.place;
    let draft = advice::plain(program, source, kind, draft);
    let Some(entry) = source.api else { return draft };
    if let Some(twin) = entry.twin {
        return advice::twin(program, place, twin.as_str(), "fs", draft);
    }
    if matches!(entry.path.as_str(), "std::path::Path::exists") { exists(program, place, draft) } else { draft }
}

/// `path.exists()` becomes `tokio::fs::try_exists(&path).await.unwrap_or(false)`.
fn exists<'f, 'a>(program: &'a Program, place: Place, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let ExprKind::MethodCall { recv, .. } = program.expr(place).kind else { return draft };
    let (Some(_), Some(tokio)) = (program.can_await(place), program.extern_name(place.body, "tokio")) else {
        return draft;
    };
    let recv = Place { expr: recv, ..place };
    let is_place = matches!(program.expr(recv).kind, ExprKind::Local(_) | ExprKind::Field { .. });
    let borrowed = matches!(program.ty(recv).kind(), TyKind::Ref(..)) || !is_place;
    let sign = if borrowed { "" } else { "&" };
    let text = format!("{tokio}::fs::try_exists({sign}{}).await.unwrap_or(false)", program.source(recv));
    let edits = vec![fixes::replace(program.span(place), text)];
    draft.fix("await `tokio::fs::try_exists`", Applicability::Unsafe, edits)
}
