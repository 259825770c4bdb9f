//! Signatures of all items, lowered once and frozen.

use rayon::prelude::*;

use crate::base::{FileId, IndexVec, Name};
use crate::facts::item::{FieldDef, FnItem, SelfParam};
use crate::facts::{Item, ItemId, ItemKind};
use crate::hir::names::{DefId, ItemRef};
use crate::hir::ty::{FutureOrigin, Ty, TyKind};

use super::World;
use super::lower::Lower;
use super::project;

/// A function's types.
#[derive(Clone, Debug)]
pub struct FnSig {
    /// Type of `self` as a parameter, when there is one.
    pub receiver: Option<Ty>,
    /// Types of the other parameters.
    pub params: Vec<Ty>,
    /// Type of the value a call gives: for an `async fn` a future.
    pub value: Ty,
    /// Type of what the body gives: for an `async fn` the output.
    pub body: Ty,
}

/// Fields of a struct, or of one variant.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Names and types in order.
    pub fields: Vec<(Name, Ty)>,
}

/// The types that an item declares.
#[derive(Clone, Debug)]
pub enum ItemSig {
    /// A function.
    Fn(Box<FnSig>),
    /// A struct.
    Struct(Fields),
    /// An enum, by variant.
    Enum(Vec<Fields>),
    /// A constant or static; for lazies and thread locals the wrapper is in the type.
    Const(Ty),
    /// An impl: its self type.
    Impl(Ty),
    /// Nothing with a type.
    None,
}

/// Signatures of the whole program.
#[derive(Debug, Default)]
pub struct Signatures {
    files: IndexVec<FileId, IndexVec<ItemId, ItemSig>>,
}

impl Signatures {
    /// Lowers all headers, in parallel by file.
    pub fn build(world: World<'_>) -> Self {
        let files: Vec<_> = (0..world.facts.len())
            .into_par_iter()
            .map(|at| {
                let file = FileId(at as u32);
                let lower = Lower::headers(world, file);
                let items = &world.facts[file].items;
                items.iter_ids().map(|(id, item)| signature(world, &lower, ItemRef { file, item: id }, item)).collect()
            })
            .collect();
        Self { files: IndexVec::from_vec(files) }
    }

    /// The signature of an item.
    pub fn get(&self, at: ItemRef) -> &ItemSig {
        self.files.get(at.file).and_then(|items| items.get(at.item)).unwrap_or(&ItemSig::None)
    }

    /// The signature of a function.
    pub fn func(&self, at: ItemRef) -> Option<&FnSig> {
        match self.get(at) {
            ItemSig::Fn(sig) => Some(sig),
            ItemSig::Struct(_) | ItemSig::Enum(_) | ItemSig::Const(_) | ItemSig::Impl(_) | ItemSig::None => None,
        }
    }
}

fn signature(world: World<'_>, lower: &Lower<'_>, at: ItemRef, item: &Item) -> ItemSig {
    match &item.kind {
        ItemKind::Fn(f) => ItemSig::Fn(Box::new(function(world, lower, at, item, f))),
        ItemKind::Struct(s) => ItemSig::Struct(fields(lower, &s.fields)),
        ItemKind::Enum(e) => ItemSig::Enum(e.variants.iter().map(|v| fields(lower, &v.fields)).collect()),
        ItemKind::Const(c) => ItemSig::Const(lower.ty(&c.ty)),
        ItemKind::Impl(i) => ItemSig::Impl(lower.ty(&i.self_ty)),
        ItemKind::Trait(_)
        | ItemKind::TypeAlias(_)
        | ItemKind::Module(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => ItemSig::None,
    }
}

fn fields(lower: &Lower<'_>, fields: &[FieldDef]) -> Fields {
    Fields { fields: fields.iter().map(|f| (f.name, lower.ty(&f.ty))).collect() }
}

fn function(world: World<'_>, lower: &Lower<'_>, at: ItemRef, item: &Item, f: &FnItem) -> FnSig {
    let def = world.def(at.file, at.item);
    let body = lower.ty(&f.ret);
    let value = if f.is_async { project::future_of(body, def) } else { with_origin(body, def) };
    let self_ty = || item.parent.map_or_else(Ty::unknown, |p| lower.self_type(world.def(at.file, p)));
    let receiver = f.receiver.as_ref().map(|param| match param {
        SelfParam::Value => self_ty(),
        SelfParam::Ref => Ty::new(TyKind::Ref(false, self_ty())),
        SelfParam::RefMut => Ty::new(TyKind::Ref(true, self_ty())),
        SelfParam::Typed(ty) => lower.ty(ty),
    });
    FnSig { receiver, params: lower.tys(&f.params), value, body }
}

/// A future returned by a plain fn remembers which fn made it.
fn with_origin(ty: Ty, def: DefId) -> Ty {
    match ty.kind() {
        TyKind::Future(output, FutureOrigin::Opaque) => project::future_of(*output, def),
        _ => ty,
    }
}
