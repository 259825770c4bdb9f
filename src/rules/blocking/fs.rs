//! blocking-fs and blocking-fs-meta: the thread waits for a disk.
//!
//! Data and walks without bound are one rule, constant-time metadata calls another. `/proc` and `/sys` are no disks.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, Tier};
use crate::facts::ExprKind;
use crate::facts::expr::Lit;
use crate::hir::names::Place;
use crate::program::Program;

use super::Spec;

/// blocking-fs.
pub(super) const DATA: Spec = Spec { category: Category::Fs, kind: data, exempt, advise: super::advise };
/// blocking-fs-meta.
pub(super) const META: Spec = Spec { category: Category::FsMeta, kind: meta, exempt, advise: super::advise };

fn data(_kind: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

fn meta(_kind: Option<Name>, _tier: Tier) -> Option<&'static str> {
    Some("default")
}

/// A literal path below `/proc`, `/sys` or `/dev`.
fn exempt(program: &Program, place: Place, _entry: &FnEntry) -> bool {
    let args = match &program.expr(place).kind {
        ExprKind::Call { args, .. } | ExprKind::MethodCall { args, .. } => args,
        _ => return false,
    };
    args.first().is_some_and(|first| match &program.expr(Place { expr: *first, ..place }).kind {
        ExprKind::Lit(Lit::Str(text)) => ["/proc/", "/sys/", "/dev/"].iter().any(|p| text.as_str().starts_with(p)),
        _ => false,
    })
}
