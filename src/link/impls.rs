//! Impl blocks by type and by trait, and the members of types.
//!
//! The index knows the outermost part of a type only. Whether an impl fits a type with its arguments is not asked here.

use rustc_hash::FxHashMap;

use crate::base::{FileId, Name};
use crate::facts::item::ImplItem;
use crate::facts::types::PathType;
use crate::facts::{Item, ItemId, ItemKind, TypeExpr};
use crate::hir::names::{DefId, ImplInfo, ItemRef, Namespace, Res, Truth, TypeHead};

use super::names::Names;

/// All impls.
#[derive(Debug, Default)]
pub(super) struct Impls {
    infos: FxHashMap<DefId, ImplInfo>,
    /// Functions and constants of impls, inherent ones first, then in the order of their ids.
    members: FxHashMap<(TypeHead, Name), Vec<DefId>>,
    of_trait: FxHashMap<Res, Vec<DefId>>,
    of_head: FxHashMap<TypeHead, Vec<DefId>>,
}

/// What one file adds.
pub(super) type FileImpls = Vec<(ImplInfo, Vec<(Name, DefId)>)>;

impl Impls {
    /// Puts the impls of all files together, in the order of the files.
    pub(super) fn collect(files: Vec<FileImpls>) -> Self {
        let mut impls = Self::default();
        let mut of_traits = Vec::new();
        for (info, members) in files.into_iter().flatten() {
            impls.of_head.entry(info.head).or_default().push(info.def);
            match info.trait_ {
                Some(trait_) => {
                    impls.of_trait.entry(trait_).or_default().push(info.def);
                    of_traits.extend(members.into_iter().map(|(name, def)| (info.head, name, def)));
                }
                None => {
                    for (name, def) in members {
                        impls.members.entry((info.head, name)).or_default().push(def);
                    }
                }
            }
            impls.infos.insert(info.def, info);
        }
        for (head, name, def) in of_traits {
            impls.members.entry((head, name)).or_default().push(def);
        }
        impls
    }

    pub(super) fn info(&self, def: DefId) -> Option<&ImplInfo> {
        self.infos.get(&def)
    }

    pub(super) fn members(&self, head: TypeHead, name: Name) -> &[DefId] {
        self.members.get(&(head, name)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of_trait(&self, trait_: Res) -> &[DefId] {
        self.of_trait.get(&trait_).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of_head(&self, head: TypeHead) -> &[DefId] {
        self.of_head.get(&head).map_or(&[], Vec::as_slice)
    }
}

impl Names {
    /// The impls of one file; imports are settled by then, the index is not there yet.
    pub(super) fn file_impls(&self, file: FileId) -> FileImpls {
        let facts = &self.facts[file];
        let impls = facts.items.iter_ids().filter_map(|(id, item)| match &item.kind {
            ItemKind::Impl(data) => Some((self.read_impl(file, id, data), self.named_members(file, &data.items))),
            _ => None,
        });
        impls.collect()
    }

    fn named_members(&self, file: FileId, items: &[ItemId]) -> Vec<(Name, DefId)> {
        let all = &self.facts[file].items;
        let named = items.iter().filter(|id| matches!(all[**id].kind, ItemKind::Fn(_) | ItemKind::Const(_)));
        named.map(|id| (all[*id].name, self.def(file, *id))).collect()
    }

    fn read_impl(&self, file: FileId, id: ItemId, data: &ImplItem) -> ImplInfo {
        let def = self.def(file, id);
        let (head, by_ref) = self.type_head(file, &data.self_ty);
        let trait_ = data.trait_.as_ref().map(|t| self.file_type_res(file, t));
        let mock = self.written_name(file, &data.self_ty).is_some_and(|name| is_stand_in(name.as_str()));
        let forwarding = trait_.is_some() && (by_ref && head == TypeHead::Blanket || self.wraps_anything(file, data));
        ImplInfo { def, head, by_ref, trait_, test: self.state(def).test, mock, forwarding }
    }

    /// The last segment of the type as written.
    fn written_name(&self, file: FileId, ty: &TypeExpr) -> Option<Name> {
        match ty {
            TypeExpr::Path(path) => Some(self.facts[file].paths.paths[path.path].last()),
            TypeExpr::Ref { inner, .. } => self.written_name(file, inner),
            _ => None,
        }
    }

    /// `Box<T>`, `Arc<T>`, `Box<dyn Trait>`, where `T` is a parameter of the impl.
    fn wraps_anything(&self, file: FileId, data: &ImplItem) -> bool {
        let TypeExpr::Path(ty) = &data.self_ty else { return false };
        let Res::Foreign(path) = self.file_type_res(file, ty) else { return false };
        let wrapper = matches!(
            path.as_str(),
            "std::boxed::Box" | "std::sync::Arc" | "std::rc::Rc" | "std::pin::Pin" | "std::borrow::Cow"
        );
        wrapper
            && ty.args.iter().any(|arg| match arg {
                TypeExpr::Path(inner) => matches!(self.file_type_res(file, inner), Res::Param(..)),
                TypeExpr::Dyn(_) => true,
                TypeExpr::Ref { inner, .. } => self.type_head(file, inner).0 == TypeHead::Blanket,
                TypeExpr::Qualified { .. }
                | TypeExpr::Ptr(_)
                | TypeExpr::Tuple(_)
                | TypeExpr::Slice(_)
                | TypeExpr::Array(..)
                | TypeExpr::FnPtr(..)
                | TypeExpr::Impl(_)
                | TypeExpr::Never
                | TypeExpr::Infer
                | TypeExpr::Opaque => false,
            })
    }

    /// What a named type of an item header stands for, aliases followed.
    fn file_type_res(&self, file: FileId, ty: &PathType) -> Res {
        let resolution = self.resolve(file, &self.facts[file].paths.paths[ty.path], Namespace::Type);
        match resolution.res {
            _ if resolution.rest > 0 => Res::Unknown,
            Res::Def(def) => self.follow_alias(def),
            res => res,
        }
    }

    /// The outermost part of a type of an item header; true when it stands behind a reference.
    pub(super) fn type_head(&self, file: FileId, ty: &TypeExpr) -> (TypeHead, bool) {
        let head = match ty {
            TypeExpr::Path(path) => match self.file_type_res(file, path) {
                Res::Def(def) => TypeHead::Def(def),
                Res::Foreign(path) => TypeHead::Foreign(self.foreign.aliased(path)),
                Res::Prim(name) => TypeHead::Prim(name),
                Res::Param(..) => TypeHead::Blanket,
                Res::Module(_) | Res::Variant(..) | Res::SelfType(_) | Res::Unknown => TypeHead::Unknown,
            },
            TypeExpr::Ref { inner, .. } => return (self.type_head(file, inner).0, true),
            TypeExpr::Dyn(bounds) => match bounds.first().map(|b| self.file_type_res(file, b)) {
                Some(Res::Def(def)) => TypeHead::Def(def),
                Some(Res::Foreign(path)) => TypeHead::Foreign(path),
                _ => TypeHead::Unknown,
            },
            TypeExpr::Slice(_) | TypeExpr::Array(..) => TypeHead::Slice,
            TypeExpr::Tuple(_) => TypeHead::Tuple,
            TypeExpr::Ptr(_) | TypeExpr::FnPtr(..) | TypeExpr::Never => TypeHead::Pointer,
            TypeExpr::Qualified { .. } | TypeExpr::Impl(_) | TypeExpr::Infer | TypeExpr::Opaque => TypeHead::Unknown,
        };
        (head, false)
    }

    /// A member of a type or trait: variant, associated function, constant or type, when there is exactly one.
    pub(super) fn member(&self, res: Res, name: Name, ns: Namespace) -> Option<Res> {
        let head = match res {
            Res::Def(def) => {
                if let Some(found) = self.variant(def, name).or_else(|| self.trait_item(def, name, ns)) {
                    return Some(found);
                }
                TypeHead::Def(def)
            }
            Res::SelfType(def) => match self.impls.info(def) {
                Some(info) => {
                    if let TypeHead::Def(ty) = info.head
                        && let Some(variant) = self.variant(ty, name)
                    {
                        return Some(variant);
                    }
                    let own = self.impl_item(def, name, ns);
                    let own = own.or_else(|| match info.trait_ {
                        Some(Res::Def(trait_)) if ns == Namespace::Value => self.trait_item(trait_, name, ns),
                        _ => None,
                    });
                    if own.is_some() {
                        return own;
                    }
                    info.head
                }
                None => return self.trait_item(def, name, ns),
            },
            Res::Prim(prim) => TypeHead::Prim(prim),
            Res::Foreign(path) => TypeHead::Foreign(path),
            Res::Module(_) | Res::Variant(..) | Res::Param(..) | Res::Unknown => return None,
        };
        if ns != Namespace::Value || matches!(head, TypeHead::Unknown | TypeHead::Blanket) {
            return None;
        }
        self.member_of_head(head, name)
    }

    fn member_of_head(&self, head: TypeHead, name: Name) -> Option<Res> {
        let all = self.impls.members(head, name);
        if let [one] = all {
            return Some(Res::Def(*one));
        }
        let built: Vec<DefId> = all.iter().copied().filter(|def| self.state(*def).truth != Truth::False).collect();
        let usable = if built.is_empty() { all.to_vec() } else { built };
        let production: Vec<DefId> = usable.iter().copied().filter(|def| !self.state(*def).test).collect();
        let usable = if production.is_empty() { usable } else { production };
        let inherent: Vec<DefId> = usable.iter().copied().filter(|def| self.impl_trait(*def).is_none()).collect();
        let candidates = if inherent.is_empty() { usable } else { inherent };
        match candidates[..] {
            [one] => Some(Res::Def(one)),
            // Builds choose: `twins` lists the others.
            [first, ..] if candidates.iter().all(|def| self.is_conditional(*def)) => Some(Res::Def(first)),
            _ => None,
        }
    }

    /// The trait of the impl that holds a member.
    pub(super) fn impl_trait(&self, member: DefId) -> Option<Res> {
        self.impls.info(self.parent(member)?)?.trait_
    }

    /// The member of a trait's default methods that a type gets without writing it, when exactly one trait offers it.
    pub(super) fn default_member(&self, head: TypeHead, name: Name) -> Option<DefId> {
        let traits = self.impls.of_head(head).iter().filter_map(|def| match self.impls.info(*def)?.trait_ {
            Some(Res::Def(trait_)) => match self.trait_item(trait_, name, Namespace::Value) {
                Some(Res::Def(item)) => Some(item),
                _ => None,
            },
            _ => None,
        });
        let mut found: Vec<DefId> = traits.collect();
        found.sort_unstable();
        found.dedup();
        match found[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// A variant of an enum.
    pub(super) fn variant(&self, def: DefId, name: Name) -> Option<Res> {
        let ItemKind::Enum(data) = &self.item(def).kind else { return None };
        let position = data.variants.iter().position(|v| v.name == name)?;
        Some(Res::Variant(def, position as u32))
    }

    /// An item of a trait or of its supertraits.
    pub(super) fn trait_item(&self, def: DefId, name: Name, ns: Namespace) -> Option<Res> {
        self.trait_item_within(def, name, ns, 4)
    }

    fn trait_item_within(&self, def: DefId, name: Name, ns: Namespace, depth: u8) -> Option<Res> {
        let at = self.item_ref(def);
        let ItemKind::Trait(data) = &self.item(def).kind else { return None };
        if let Some(found) = self.among(at, &data.items, name, ns) {
            return Some(found);
        }
        if depth == 0 {
            return None;
        }
        data.supertraits.iter().find_map(|bound| match self.file_type_res(at.file, bound) {
            Res::Def(upper) => self.trait_item_within(upper, name, ns, depth - 1),
            _ => None,
        })
    }

    fn impl_item(&self, def: DefId, name: Name, ns: Namespace) -> Option<Res> {
        let ItemKind::Impl(data) = &self.item(def).kind else { return None };
        self.among(self.item_ref(def), &data.items, name, ns)
    }

    fn among(&self, at: ItemRef, items: &[ItemId], name: Name, ns: Namespace) -> Option<Res> {
        let all = &self.facts[at.file].items;
        let fits = |item: &Item| match &item.kind {
            ItemKind::Fn(_) | ItemKind::Const(_) => ns == Namespace::Value,
            ItemKind::TypeAlias(_) => ns == Namespace::Type,
            ItemKind::Struct(_)
            | ItemKind::Enum(_)
            | ItemKind::Trait(_)
            | ItemKind::Impl(_)
            | ItemKind::Module(_)
            | ItemKind::Use(_)
            | ItemKind::ExternCrate(_)
            | ItemKind::MacroRules(_)
            | ItemKind::Other => false,
        };
        let found = items.iter().filter(|id| all[**id].name == name && fits(&all[**id]));
        let mut found: Vec<ItemId> = found.copied().collect();
        if found.iter().any(|id| self.own_truth(&all[*id]) != Truth::False) {
            found.retain(|id| self.own_truth(&all[*id]) != Truth::False);
        }
        Some(Res::Def(self.def(at.file, *found.first()?)))
    }

    /// True where a value, type or trait can have members that a path names.
    pub(super) fn has_members(&self, def: DefId) -> bool {
        match self.item(def).kind {
            ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Trait(_) | ItemKind::TypeAlias(_) => true,
            ItemKind::Fn(_)
            | ItemKind::Impl(_)
            | ItemKind::Const(_)
            | ItemKind::Module(_)
            | ItemKind::Use(_)
            | ItemKind::ExternCrate(_)
            | ItemKind::MacroRules(_)
            | ItemKind::Other => false,
        }
    }
}

/// `MockClient`, `FakeClock`, `NoopMetrics`.
fn is_stand_in(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["mock", "fake", "noop"].iter().any(|word| lower.contains(word))
}
