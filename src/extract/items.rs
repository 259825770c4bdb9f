//! Items other than functions and imports: types, traits, impls, modules, constants.
//!
//! Every item gets its id before its inside is read, so that ids follow the source. Bodies are left to `body`.

use crate::base::Name;
use crate::facts::attr::Cfg;
use crate::facts::item::{
    AliasItem, ConstItem, ConstKind, EnumItem, ExternCrateItem, FieldDef, ImplItem, ItemKind, ModItem, ScopeKind,
    StructItem, TraitItem, VariantDef, Visibility,
};
use crate::facts::{ItemId, ScopeId};

use super::builder::{Builder, Head, Place};
use super::path::tokens_bytes;
use super::position::{Bytes, Positions};
use super::{attr, body};

impl Builder<'_> {
    /// Items in source order.
    pub(super) fn read_items(&mut self, items: &[syn::Item], place: Place<'_>) {
        for item in items {
            self.item(item, place);
        }
    }

    /// One item; answers the last id it made.
    pub(super) fn item(&mut self, item: &syn::Item, place: Place<'_>) -> Option<ItemId> {
        match item {
            syn::Item::Fn(f) => Some(self.free_fn(f, place)),
            syn::Item::Use(u) => self.use_item(u, place),
            syn::Item::Mod(m) => Some(self.module(m, place)),
            syn::Item::Struct(s) => Some(self.struct_item(s, place)),
            syn::Item::Union(u) => Some(self.union_item(u, place)),
            syn::Item::Enum(e) => Some(self.enum_item(e, place)),
            syn::Item::Impl(i) => Some(self.impl_item(i, place)),
            syn::Item::Trait(t) => Some(self.trait_item(t, place)),
            syn::Item::Const(c) => Some(self.const_item(c, place)),
            syn::Item::Static(s) => Some(self.static_item(s, place)),
            syn::Item::Type(t) => Some(self.alias(t, place)),
            syn::Item::Macro(m) => self.item_macro(m, place),
            syn::Item::ExternCrate(e) => Some(self.extern_crate(e, place)),
            syn::Item::ForeignMod(f) => self.foreign(f, place),
            syn::Item::TraitAlias(t) => {
                let head =
                    self.head(&t.ident, &t.attrs, &t.vis, t.trait_token.span, self.pos.end(t.semi_token.spans[0]));
                Some(self.open(&head, place))
            }
            syn::Item::Verbatim(tokens) => Some(self.other(tokens_bytes(self.pos, tokens), &[], Name::new(""), place)),
            _ => None,
        }
    }

    /// An item whose inside is not known.
    pub(super) fn other(&mut self, span: Bytes, attrs: &[syn::Attribute], name: Name, place: Place<'_>) -> ItemId {
        let head = Head { name, name_span: span, start: span.0, end: span.1, visibility: Visibility::Private, attrs };
        self.open(&head, place)
    }

    /// What is known of an item with a name and a keyword.
    pub(super) fn head<'a>(
        &self,
        ident: &syn::Ident,
        attrs: &'a [syn::Attribute],
        vis: &syn::Visibility,
        keyword: proc_macro2::Span,
        end: u32,
    ) -> Head<'a> {
        let (name, name_span) = self.pos.ident(ident);
        let (visibility, vis_start) = visibility(self.pos, vis);
        let start = vis_start.unwrap_or_else(|| self.pos.start(keyword));
        Head { name, name_span, start, end, visibility, attrs }
    }

    fn module(&mut self, m: &syn::ItemMod, place: Place<'_>) -> ItemId {
        let end = match (&m.content, &m.semi) {
            (Some((brace, _)), _) => self.pos.close(&brace.span),
            (None, Some(semi)) => self.pos.end(semi.spans[0]),
            (None, None) => self.pos.end(m.ident.span()),
        };
        let id = self.open(&self.head(&m.ident, &m.attrs, &m.vis, m.mod_token.span, end), place);
        let inline = m.content.as_ref().map(|_| self.scope(ScopeKind::Module(id), place.scope));
        let path_attr = m.attrs.iter().find_map(|a| string_value(a, "path")).map(String::into_boxed_str);
        let macro_use = m.attrs.iter().any(|a| a.path().is_ident("macro_use"));
        self.close(id, ItemKind::Module(ModItem { inline, path_attr, included: false, macro_use }));
        if let (Some((_, items)), Some(scope)) = (&m.content, inline) {
            self.read_items(items, Place::of(scope));
        }
        id
    }

    /// A scope for generic parameters, or the scope around when there is nothing to see in it.
    pub(super) fn generics_scope(&mut self, id: ItemId, generics: &syn::Generics, around: ScopeId) -> ScopeId {
        let named = generics.params.iter().any(|p| !matches!(p, syn::GenericParam::Lifetime(_)));
        if named { self.scope(ScopeKind::Generics(id), around) } else { around }
    }

    /// As `generics_scope`, for types, where `Self` can stand too.
    fn type_scope(&mut self, id: ItemId, generics: &syn::Generics, around: ScopeId) -> ScopeId {
        let span = self.items[id].span;
        if self.pos.slice(span).contains("Self") {
            return self.scope(ScopeKind::Generics(id), around);
        }
        self.generics_scope(id, generics, around)
    }

    fn struct_item(&mut self, s: &syn::ItemStruct, place: Place<'_>) -> ItemId {
        let end = match (&s.semi_token, &s.fields) {
            (Some(semi), _) => self.pos.end(semi.spans[0]),
            (None, syn::Fields::Named(fields)) => self.pos.close(&fields.brace_token.span),
            (None, syn::Fields::Unnamed(_) | syn::Fields::Unit) => self.pos.end(s.ident.span()),
        };
        let id = self.open(&self.head(&s.ident, &s.attrs, &s.vis, s.struct_token.span, end), place);
        let inner_scope = self.type_scope(id, &s.generics, place.scope);
        let generics = self.types(inner_scope).generics(&s.generics);
        let fields = self.fields(&s.fields, inner_scope);
        let tuple = matches!(s.fields, syn::Fields::Unnamed(_));
        self.close(id, ItemKind::Struct(Box::new(StructItem { generics, fields, tuple, inner_scope })));
        id
    }

    fn union_item(&mut self, u: &syn::ItemUnion, place: Place<'_>) -> ItemId {
        let end = self.pos.close(&u.fields.brace_token.span);
        let id = self.open(&self.head(&u.ident, &u.attrs, &u.vis, u.union_token.span, end), place);
        let inner_scope = self.type_scope(id, &u.generics, place.scope);
        let generics = self.types(inner_scope).generics(&u.generics);
        let fields = u.fields.named.iter().map(|f| self.field(f, 0, inner_scope)).collect();
        self.close(id, ItemKind::Struct(Box::new(StructItem { generics, fields, tuple: false, inner_scope })));
        id
    }

    fn enum_item(&mut self, e: &syn::ItemEnum, place: Place<'_>) -> ItemId {
        let end = self.pos.close(&e.brace_token.span);
        let id = self.open(&self.head(&e.ident, &e.attrs, &e.vis, e.enum_token.span, end), place);
        let inner_scope = self.type_scope(id, &e.generics, place.scope);
        let generics = self.types(inner_scope).generics(&e.generics);
        let mut variants = Vec::with_capacity(e.variants.len());
        for variant in &e.variants {
            let name = self.pos.name(&variant.ident);
            let fields = self.fields(&variant.fields, inner_scope);
            variants.push(VariantDef { name, fields, tuple: matches!(variant.fields, syn::Fields::Unnamed(_)) });
        }
        self.close(id, ItemKind::Enum(Box::new(EnumItem { generics, variants, inner_scope })));
        id
    }

    fn fields(&mut self, fields: &syn::Fields, scope: ScopeId) -> Vec<FieldDef> {
        match fields {
            syn::Fields::Named(named) => named.named.iter().map(|f| self.field(f, 0, scope)).collect(),
            syn::Fields::Unnamed(unnamed) => {
                let open = self.pos.open(&unnamed.paren_token.span) + 1;
                let close = self.pos.close(&unnamed.paren_token.span) - 1;
                let mut start = open;
                let mut out = Vec::with_capacity(unnamed.unnamed.len());
                for (i, pair) in unnamed.unnamed.pairs().enumerate() {
                    let end = pair.punct().map_or(close, |comma| self.pos.start(comma.spans[0]));
                    let mut field = self.field(pair.value(), i, scope);
                    field.span = tuple_field_bytes(self.pos, pair.value(), (start, end));
                    out.push(field);
                    start = end + 1;
                }
                out
            }
            syn::Fields::Unit => Vec::new(),
        }
    }

    fn field(&mut self, field: &syn::Field, index: usize, scope: ScopeId) -> FieldDef {
        let (name, span) = match &field.ident {
            Some(ident) => self.pos.ident(ident),
            None => (index_name(index), (0, 0)),
        };
        FieldDef { name, span, ty: self.types(scope).ty(&field.ty), cfg: attr::cfg_of(self.pos, &field.attrs) }
    }

    fn impl_item(&mut self, i: &syn::ItemImpl, place: Place<'_>) -> ItemId {
        let keyword = self.pos.bytes(i.impl_token.span);
        let start = match (&i.modifiers.defaultness, &i.unsafety) {
            (Some(token), _) => self.pos.start(token.span),
            (None, Some(token)) => self.pos.start(token.span),
            (None, None) => keyword.0,
        };
        let head = Head {
            name: Name::new(""),
            name_span: keyword,
            start,
            end: self.pos.close(&i.brace_token.span),
            visibility: Visibility::Private,
            attrs: &i.attrs,
        };
        let id = self.open(&head, place);
        let inner_scope = self.scope(ScopeKind::Generics(id), place.scope);
        let mut types = self.types(inner_scope);
        let generics = types.generics(&i.generics);
        let trait_ = i.trait_.as_ref().map(|(path, _)| types.path_type(path));
        let self_ty = types.ty(&i.self_ty);
        let mut items = Vec::with_capacity(i.items.len());
        let inside = Place { scope: inner_scope, parent: Some(id), branch: None };
        for member in &i.items {
            items.extend(self.impl_member(member, inside));
        }
        self.close(id, ItemKind::Impl(Box::new(ImplItem { generics, trait_, self_ty, items, inner_scope })));
        id
    }

    /// A member of an impl.
    pub(super) fn impl_member(&mut self, member: &syn::ImplItem, place: Place<'_>) -> Option<ItemId> {
        match member {
            syn::ImplItem::Fn(f) => Some(self.impl_fn(f, place)),
            syn::ImplItem::Const(c) => {
                let end = self.pos.end(c.semi_token.spans[0]);
                let head = self.head(&c.ident, &c.attrs, &c.vis, c.const_token.span, end);
                Some(self.constant(&head, ConstKind::Const, &c.ty, Some(&c.expr), place))
            }
            syn::ImplItem::Type(t) => {
                let head =
                    self.head(&t.ident, &t.attrs, &t.vis, t.type_token.span, self.pos.end(t.semi_token.spans[0]));
                let id = self.open(&head, place);
                let inner_scope = self.generics_scope(id, &t.generics, place.scope);
                let mut types = self.types(inner_scope);
                let (generics, ty) = (types.generics(&t.generics), Some(types.ty(&t.ty)));
                let item = AliasItem { generics, ty, bounds: Vec::new(), inner_scope };
                self.close(id, ItemKind::TypeAlias(Box::new(item)));
                Some(id)
            }
            syn::ImplItem::Macro(m) => Some(self.member_macro(&m.mac, &m.attrs, place)),
            syn::ImplItem::Verbatim(tokens) => {
                Some(self.other(tokens_bytes(self.pos, tokens), &[], Name::new(""), place))
            }
            _ => None,
        }
    }

    fn trait_item(&mut self, t: &syn::ItemTrait, place: Place<'_>) -> ItemId {
        let end = self.pos.close(&t.brace_token.span);
        let id = self.open(&self.head(&t.ident, &t.attrs, &t.vis, t.trait_token.span, end), place);
        let inner_scope = self.scope(ScopeKind::Generics(id), place.scope);
        let mut types = self.types(inner_scope);
        let generics = types.generics(&t.generics);
        let supertraits = types.bounds(&t.supertraits);
        let mut items = Vec::with_capacity(t.items.len());
        let inside = Place { scope: inner_scope, parent: Some(id), branch: None };
        for member in &t.items {
            items.extend(self.trait_member(member, inside));
        }
        self.close(id, ItemKind::Trait(Box::new(TraitItem { generics, supertraits, items, inner_scope })));
        id
    }

    /// A member of a trait.
    pub(super) fn trait_member(&mut self, member: &syn::TraitItem, place: Place<'_>) -> Option<ItemId> {
        let private = syn::Visibility::Inherited;
        match member {
            syn::TraitItem::Fn(f) => Some(self.trait_fn(f, place)),
            syn::TraitItem::Const(c) => {
                let end = self.pos.end(c.semi_token.spans[0]);
                let head = self.head(&c.ident, &c.attrs, &private, c.const_token.span, end);
                let value = c.default.as_ref().map(|(_, expr)| expr);
                Some(self.constant(&head, ConstKind::Const, &c.ty, value, place))
            }
            syn::TraitItem::Type(t) => {
                let end = self.pos.end(t.semi_token.spans[0]);
                let id = self.open(&self.head(&t.ident, &t.attrs, &private, t.type_token.span, end), place);
                let inner_scope = self.generics_scope(id, &t.generics, place.scope);
                let mut types = self.types(inner_scope);
                let generics = types.generics(&t.generics);
                let bounds = types.bounds(&t.bounds);
                let ty = t.default.as_ref().map(|(_, ty)| types.ty(ty));
                self.close(id, ItemKind::TypeAlias(Box::new(AliasItem { generics, ty, bounds, inner_scope })));
                Some(id)
            }
            syn::TraitItem::Macro(m) => Some(self.member_macro(&m.mac, &m.attrs, place)),
            syn::TraitItem::Verbatim(tokens) => {
                Some(self.other(tokens_bytes(self.pos, tokens), &[], Name::new(""), place))
            }
            _ => None,
        }
    }

    fn member_macro(&mut self, mac: &syn::Macro, attrs: &[syn::Attribute], place: Place<'_>) -> ItemId {
        let name = mac.path.segments.last().map_or_else(|| Name::new(""), |s| self.pos.name(&s.ident));
        let span = (super::path::path_bytes(self.pos, &mac.path).0, self.pos.close(mac.delimiter.span()));
        self.other(span, attrs, name, place)
    }

    fn const_item(&mut self, c: &syn::ItemConst, place: Place<'_>) -> ItemId {
        let head = self.head(&c.ident, &c.attrs, &c.vis, c.const_token.span, self.pos.end(c.semi_token.spans[0]));
        self.constant(&head, ConstKind::Const, &c.ty, Some(&c.expr), place)
    }

    fn static_item(&mut self, s: &syn::ItemStatic, place: Place<'_>) -> ItemId {
        let head = self.head(&s.ident, &s.attrs, &s.vis, s.static_token.span, self.pos.end(s.semi_token.spans[0]));
        self.constant(&head, ConstKind::Static, &s.ty, Some(&s.expr), place)
    }

    /// A constant, static or entry of a macro that declares statics.
    pub(super) fn constant(
        &mut self,
        head: &Head<'_>,
        kind: ConstKind,
        ty: &syn::Type,
        value: Option<&syn::Expr>,
        place: Place<'_>,
    ) -> ItemId {
        let id = self.open(head, place);
        let ty = self.types(place.scope).ty(ty);
        let body = value.map(|expr| body::constant(self, id, place.scope, expr));
        self.close(id, ItemKind::Const(Box::new(ConstItem { kind, ty, body })));
        id
    }

    fn alias(&mut self, t: &syn::ItemType, place: Place<'_>) -> ItemId {
        let head = self.head(&t.ident, &t.attrs, &t.vis, t.type_token.span, self.pos.end(t.semi_token.spans[0]));
        let id = self.open(&head, place);
        let inner_scope = self.generics_scope(id, &t.generics, place.scope);
        let mut types = self.types(inner_scope);
        let (generics, ty) = (types.generics(&t.generics), Some(types.ty(&t.ty)));
        self.close(id, ItemKind::TypeAlias(Box::new(AliasItem { generics, ty, bounds: Vec::new(), inner_scope })));
        id
    }

    fn extern_crate(&mut self, e: &syn::ItemExternCrate, place: Place<'_>) -> ItemId {
        let end = self.pos.end(e.semi_token.spans[0]);
        let named = e.rename.as_ref().map_or(&e.ident, |(_, alias)| alias);
        let id = self.open(&self.head(named, &e.attrs, &e.vis, e.extern_token.span, end), place);
        let (krate, alias) = (self.pos.name(&e.ident), self.pos.name(named));
        self.close(id, ItemKind::ExternCrate(ExternCrateItem { krate, alias }));
        id
    }
}

/// Visibility and where it begins, when something is written.
pub(super) fn visibility(pos: &Positions<'_>, vis: &syn::Visibility) -> (Visibility, Option<u32>) {
    match vis {
        syn::Visibility::Public(token) => (Visibility::Public, Some(pos.start(token.span))),
        syn::Visibility::Restricted(vis) => (Visibility::Restricted, Some(pos.start(vis.pub_token.span))),
        syn::Visibility::Inherited => (Visibility::Private, None),
    }
}

/// `0`, `1`, ...
pub(super) fn index_name(index: usize) -> Name {
    const SMALL: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];
    match SMALL.get(index) {
        Some(text) => Name::new(text),
        None => Name::new(&index.to_string()),
    }
}

/// Bytes of a tuple field's type: what lies between the commas, without attributes and visibility.
fn tuple_field_bytes(pos: &Positions<'_>, field: &syn::Field, between: Bytes) -> Bytes {
    let after_attrs = field.attrs.last().map_or(between.0, |a| pos.close(&a.bracket_token.span));
    let start = match &field.vis {
        syn::Visibility::Public(token) => pos.end(token.span),
        syn::Visibility::Restricted(vis) => pos.close(&vis.paren_token.span),
        syn::Visibility::Inherited => after_attrs,
    };
    let text = pos.slice((start, between.1));
    let start = start + (text.len() - text.trim_start().len()) as u32;
    (start, start + text.trim().len() as u32)
}

fn string_value(attr: &syn::Attribute, name: &str) -> Option<String> {
    match &attr.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            path,
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) if path.is_ident(name) => Some(text.value()),
        _ => None,
    }
}

/// The condition of a `cfg_if!` branch after others that did not hold.
pub(super) fn branch_cfg(own: Option<Cfg>, before: &[Cfg]) -> Cfg {
    let mut all: Vec<Cfg> = before.iter().map(|c| Cfg::Not(Box::new(c.clone()))).collect();
    all.extend(own);
    if all.len() == 1 { all.swap_remove(0) } else { Cfg::All(all) }
}
