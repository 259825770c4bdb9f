//! What one catalogued call waits on: the category that its receiver and arguments decide.
//!
//! Looks at types only; where the call stands and who reaches it is decided elsewhere.

use crate::base::Name;
use crate::catalog::{Category, FnEntry, FnForm};
use crate::facts::{ExprId, ExprKind};
use crate::hir::effect::Effect;
use crate::hir::names::BodyId;
use crate::hir::ty::{Ty, TyKind};

use super::Linked;
use super::io::io_category;

/// What the call blocks on, as far as its receiver and arguments decide.
pub fn blocks(linked: Linked<'_>, id: BodyId, expr: ExprId, entry: &FnEntry) -> Option<Effect> {
    let types = &linked.types[id];
    let (receiver, args) = operands(linked, id, expr, entry);
    let receiver = receiver.map_or_else(Ty::unknown, |r| types.exprs[r]);
    let args: Vec<Ty> = args.into_iter().map(|a| types.exprs[a]).collect();
    blocks_on(linked, entry, receiver, &args)
}

/// A value of which only a trait of std is known: what some types do there says nothing about it.
fn is_known_by_std_trait(entry: &FnEntry, receiver: Ty) -> bool {
    let Some(owner) = entry.owner.filter(|owner| owner.as_str().starts_with("std::")) else { return false };
    let receiver = receiver.peel_refs();
    entry.form == FnForm::TraitMethod
        && (receiver.path() == Some(owner)
            || matches!(receiver.kind(), TyKind::Opaque(_) | TyKind::Dyn(_) | TyKind::Param(..)))
}

pub(super) fn blocks_on(linked: Linked<'_>, entry: &FnEntry, receiver_ty: Ty, args: &[Ty]) -> Option<Effect> {
    let blocks = entry.blocks.as_ref()?;
    if is_known_by_std_trait(entry, receiver_ty) {
        return None;
    }
    if let Some(tag) = blocks.tag
        && tag_of(receiver_ty) != Some(tag)
    {
        return None;
    }
    let mut category = blocks.category;
    if !blocks.io_args.is_empty() {
        let found = blocks.io_args.iter().filter_map(|at| args.get(*at)).find_map(|a| io_category(linked, *a));
        category = found?;
    } else if category == Category::Receiver {
        category = io_category(linked, receiver_ty)?;
    }
    Some(Effect::Blocks { category, kind: blocks.kind, tier: blocks.tier })
}

/// Receiver and other arguments of a call, however it is written.
pub fn operands(linked: Linked<'_>, id: BodyId, expr: ExprId, entry: &FnEntry) -> (Option<ExprId>, Vec<ExprId>) {
    match &linked.body(id).exprs[expr].kind {
        ExprKind::MethodCall { recv, args, .. } => (Some(*recv), args.to_vec()),
        ExprKind::Call { args, .. } => match (entry.form, args.split_first()) {
            (FnForm::Method | FnForm::TraitMethod, Some((first, rest))) => (Some(*first), rest.to_vec()),
            _ => (None, args.to_vec()),
        },
        _ => (None, Vec::new()),
    }
}

pub(super) fn tag_of(ty: Ty) -> Option<Name> {
    match ty.peel_refs().kind() {
        TyKind::Foreign(_, tag, _) => *tag,
        _ => None,
    }
}
