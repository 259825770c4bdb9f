//! Which values belong to a class: those whose type is a wanted one of the catalogue, or wraps one by value.
//!
//! Never looks through references or shared pointers: those only lend it.

use crate::catalog::TypeEntry;
use crate::hir::known::known;
use crate::hir::ty::{Ty, TyKind};
use crate::link::types::signatures::ItemSig;

use super::Program;

/// How deep structs in structs are looked into.
const MAX_DEPTH: u32 = 4;

/// Which values a question is about.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// The catalogued types.
    pub is: fn(&TypeEntry) -> bool,
    /// Structs of the workspace that hold one count as well.
    pub in_structs: bool,
}

/// The type inside another that makes it a value of a class.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// The type itself, arguments included.
    pub ty: Ty,
    /// Its entry.
    pub entry: &'static TypeEntry,
}

impl Program {
    /// The wanted type in a value of type `ty`, references not looked through.
    pub fn carried(&self, ty: Ty, wanted: Wanted) -> Option<Carried> {
        self.carried_in(ty, wanted, 0)
    }

    fn carried_in(&self, ty: Ty, wanted: Wanted, depth: u32) -> Option<Carried> {
        if depth > MAX_DEPTH {
            return None;
        }
        let inner = |part: &Ty| self.carried_in(*part, wanted, depth + 1);
        match ty.kind() {
            TyKind::Foreign(path, _, args) => {
                if let Some(entry) = self.catalog.ty(*path)
                    && (wanted.is)(entry)
                {
                    return Some(Carried { ty, entry });
                }
                let known = known();
                let wraps = [known.option, known.result, known.poll, known.boxed, known.pin].contains(path);
                args.first().filter(|_| wraps).and_then(inner)
            }
            TyKind::Tuple(parts) => parts.iter().find_map(inner),
            TyKind::Array(part, _) => inner(part),
            TyKind::Adt(def, _) if wanted.in_structs => match self.sigs.get(self.names.item_ref(*def)) {
                ItemSig::Struct(fields) => fields.fields.iter().find_map(|(_, ty)| inner(ty)),
                ItemSig::Enum(variants) => {
                    variants.iter().flat_map(|fields| &fields.fields).find_map(|(_, ty)| inner(ty))
                }
                ItemSig::Fn(_) | ItemSig::Const(_) | ItemSig::Impl(_) | ItemSig::None => None,
            },
            TyKind::Unknown
            | TyKind::Adt(..)
            | TyKind::Prim(_)
            | TyKind::Ref(..)
            | TyKind::Ptr(_)
            | TyKind::Slice(_)
            | TyKind::FnPtr(..)
            | TyKind::FnDef(_)
            | TyKind::Closure(_)
            | TyKind::Future(..)
            | TyKind::Opaque(_)
            | TyKind::Dyn(_)
            | TyKind::Param(..)
            | TyKind::TraitSelf(_)
            | TyKind::Projection(..)
            | TyKind::Never => None,
        }
    }
}
