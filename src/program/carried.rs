//! Which values belong to a class: those whose type is a wanted one of the catalogue, or wraps one by value.
//!
//! Never looks through references or shared pointers: those only lend it.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::base::Name;
use crate::base::id::Id;
use crate::catalog::TypeEntry;
use crate::hir::known::known;
use crate::hir::names::DefId;
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

/// The catalogued types in each struct and enum of the workspace, in the order of a walk through the fields, with how deep they lie.
///
/// Made when first asked for: the classes of all rules look through the same structs, body after body.
#[derive(Debug)]
pub struct Holdings(Vec<OnceLock<Held>>);

/// How deep each lies, and what it is.
type Held = Box<[(u32, Carried)]>;

impl Holdings {
    /// Room for `defs` items.
    pub fn new(defs: usize) -> Self {
        Self((0..defs).map(|_| OnceLock::new()).collect())
    }
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
                args.first().filter(|_| is_wrapper(*path)).and_then(inner)
            }
            TyKind::Tuple(parts) => parts.iter().find_map(inner),
            TyKind::Array(part, _) => inner(part),
            TyKind::Adt(def, _) if wanted.in_structs => {
                let held = self.holdings_of(*def).iter();
                held.filter(|(at, _)| depth + at <= MAX_DEPTH)
                    .map(|(_, carried)| *carried)
                    .find(|c| (wanted.is)(c.entry))
            }
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

    fn holdings_of(&self, def: DefId) -> &[(u32, Carried)] {
        self.holdings.0[def.index()].get_or_init(|| {
            let mut walk = Walk { program: self, seen: FxHashMap::default(), found: Vec::new() };
            walk.fields(def, 0);
            walk.found.into_boxed_slice()
        })
    }
}

/// One walk through the fields of a struct.
struct Walk<'a> {
    program: &'a Program,
    /// Where a type was met: what it holds need not be looked for again as deep or deeper.
    seen: FxHashMap<Ty, u32>,
    found: Vec<(u32, Carried)>,
}

impl Walk<'_> {
    fn ty(&mut self, ty: Ty, depth: u32) {
        if depth > MAX_DEPTH || self.seen.get(&ty).is_some_and(|before| *before <= depth) {
            return;
        }
        match ty.kind() {
            TyKind::Foreign(path, _, args) => {
                self.seen.insert(ty, depth);
                if let Some(entry) = self.program.catalog.ty(*path) {
                    self.found.push((depth, Carried { ty, entry }));
                }
                if let Some(inner) = args.first().filter(|_| is_wrapper(*path)) {
                    self.ty(*inner, depth + 1);
                }
            }
            TyKind::Tuple(parts) => parts.iter().for_each(|part| self.ty(*part, depth + 1)),
            TyKind::Array(part, _) => self.ty(*part, depth + 1),
            TyKind::Adt(def, _) => {
                self.seen.insert(ty, depth);
                self.fields(*def, depth);
            }
            TyKind::Unknown
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
            | TyKind::Never => {}
        }
    }

    fn fields(&mut self, def: DefId, depth: u32) {
        let program = self.program;
        match program.sigs.get(program.names.item_ref(def)) {
            ItemSig::Struct(fields) => fields.fields.iter().for_each(|(_, ty)| self.ty(*ty, depth + 1)),
            ItemSig::Enum(variants) => {
                variants.iter().flat_map(|fields| &fields.fields).for_each(|(_, ty)| self.ty(*ty, depth + 1));
            }
            ItemSig::Fn(_) | ItemSig::Const(_) | ItemSig::Impl(_) | ItemSig::None => {}
        }
    }
}

/// Wrappers whose first argument is there by value.
fn is_wrapper(path: Name) -> bool {
    let known = known();
    [known.option, known.result, known.poll, known.boxed, known.pin].contains(&path)
}
