//! blocking-fs: the thread waits for a disk.
//!
//! Data and walks without bound are this rule, constant-time metadata calls are `fs_meta`; both share exceptions and fixes. `/proc` and `/sys` are no disks.

mod kernel;

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::hir::effect::Source;
use crate::hir::graph::Edge;
use crate::hir::names::Place;
use crate::hir::ty::{Ty, TyKind};
use crate::program::Program;
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::{Spec, advice};

/// blocking-fs.
pub(super) const DATA: Spec = Spec { category: Category::Fs, kind: data, exempt, advise };

fn data(_: &Program, _: &Source, _: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

/// A path below `/proc`, `/sys` or `/dev`: written at the call, or given by the caller on the way there. A step that touches no disk.
pub(super) fn exempt(program: &Program, source: &Source, hops: &[Edge]) -> bool {
    touches_no_disk(program, source) || kernel::names_kernel_file(program, source.place, hops)
}

/// Moving the position of a file that has no buffer of writes, and flushing a file itself, are no I/O.
fn touches_no_disk(program: &Program, source: &Source) -> bool {
    let path = source.path.as_str();
    let (seeks, flushes) = (path.starts_with("std::io::Seek::"), path == "std::io::Write::flush");
    if source.within.is_some() {
        return seeks;
    }
    let Some(entry) = source.api.filter(|_| seeks || flushes) else { return false };
    let Some(recv) = program.operands(source.place, entry).0 else { return false };
    let is_file = |ty: Ty| ty.peel_refs().path().is_some_and(|path| path == "std::fs::File");
    // Guards and boxes around it change nothing.
    let mut ty = Some(program.ty(recv).peel_refs());
    for _ in 0..4 {
        match ty.map(Ty::kind) {
            Some(TyKind::Foreign(path, _, args)) if seeks && path.as_str() == "std::io::BufReader" => {
                return args.first().is_some_and(|inner| is_file(*inner));
            }
            _ if ty.is_some_and(is_file) => return true,
            _ => ty = ty.and_then(|ty| program.deref(ty)).map(Ty::peel_refs),
        }
    }
    false
}

pub(super) fn advise<'f, 'a>(
    program: &'a Program,
    source: &Source,
    kind: &'static str,
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
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
