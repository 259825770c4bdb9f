//! blocking-fs and blocking-fs-meta: the thread waits for a disk.
//!
//! Data and walks without bound are one rule, constant-time metadata calls another. `/proc` and `/sys` are no disks.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::facts::expr::Lit;
use crate::hir::effect::Source;
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

/// A literal path below `/proc`, `/sys` or `/dev`: as the first argument, or the receiver `Path::new("/proc/..")`.
fn exempt(program: &Program, source: &Source) -> bool {
    let place = source.place;
    match &program.expr(place).kind {
        ExprKind::Call { args, .. } => {
            args.first().is_some_and(|e| is_kernel_file(program, Place { expr: *e, ..place }))
        }
        ExprKind::MethodCall { recv, args, .. } => {
            std::iter::once(recv).chain(args.first()).any(|e| is_kernel_file(program, Place { expr: *e, ..place }))
        }
        _ => false,
    }
}

fn is_kernel_file(program: &Program, place: Place) -> bool {
    const ROOTS: [&str; 3] = ["/proc/", "/sys/", "/dev/"];
    match &program.expr(place).kind {
        ExprKind::Lit(Lit::Str(text)) => ROOTS.iter().any(|root| text.as_str().starts_with(root)),
        ExprKind::Ref { expr, .. } => is_kernel_file(program, Place { expr: *expr, ..place }),
        ExprKind::Call { args, .. } => match &**args {
            [only] => is_kernel_file(program, Place { expr: *only, ..place }),
            _ => false,
        },
        ExprKind::Macro(call) => match program.source(place).split_once('"') {
            Some((_, text)) => call.args.len() < 8 && ROOTS.iter().any(|root| text.starts_with(root)),
            None => false,
        },
        _ => false,
    }
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
