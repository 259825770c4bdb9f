//! Functions: signatures of free, associated and foreign ones.
//!
//! What a signature says stands in the item; parameter patterns and types stand once more in the body, with the body's own paths.

use crate::facts::item::{FnItem, ItemKind, SelfParam};
use crate::facts::{ItemId, ScopeId, TypeExpr};

use super::body;
use super::builder::{Builder, Head, Place};
use super::path::TypeCx;

impl Builder<'_> {
    /// `fn` in a module or block.
    pub(super) fn free_fn(&mut self, f: &syn::ItemFn, place: Place<'_>) -> ItemId {
        let head = self.fn_head(&f.sig, &f.attrs, &f.vis, self.pos.close(&f.block.brace_token.span));
        self.function(&head, &f.sig, Some(&f.block), place)
    }

    /// `fn` in an impl.
    pub(super) fn impl_fn(&mut self, f: &syn::ImplItemFn, place: Place<'_>) -> ItemId {
        let head = self.fn_head(&f.sig, &f.attrs, &f.vis, self.pos.close(&f.block.brace_token.span));
        self.function(&head, &f.sig, Some(&f.block), place)
    }

    /// `fn` in a trait, with or without a body.
    pub(super) fn trait_fn(&mut self, f: &syn::TraitItemFn, place: Place<'_>) -> ItemId {
        let end = match (&f.default, &f.semi_token) {
            (Some(block), _) => self.pos.close(&block.brace_token.span),
            (None, Some(semi)) => self.pos.end(semi.spans[0]),
            (None, None) => self.pos.close(&f.sig.paren_token.span),
        };
        let head = self.fn_head(&f.sig, &f.attrs, &syn::Visibility::Inherited, end);
        self.function(&head, &f.sig, f.default.as_ref(), place)
    }

    /// Functions of an `extern` block.
    pub(super) fn foreign(&mut self, f: &syn::ItemForeignMod, place: Place<'_>) -> Option<ItemId> {
        let mut last = None;
        for item in &f.items {
            if let syn::ForeignItem::Fn(f) = item {
                let head = self.fn_head(&f.sig, &f.attrs, &f.vis, self.pos.end(f.semi_token.spans[0]));
                let id = self.function(&head, &f.sig, None, place);
                if let ItemKind::Fn(item) = &mut self.items[id].kind {
                    item.is_extern = true;
                }
                last = Some(id);
            }
        }
        last
    }

    fn fn_head<'a>(
        &self,
        sig: &syn::Signature,
        attrs: &'a [syn::Attribute],
        vis: &syn::Visibility,
        end: u32,
    ) -> Head<'a> {
        let first = match (&sig.constness, &sig.asyncness, &sig.safety, &sig.abi) {
            (Some(token), ..) => token.span,
            (None, Some(token), ..) => token.span,
            (None, None, syn::Safety::Unsafe(token), _) => token.span,
            (None, None, syn::Safety::Safe(token), _) => token.span,
            (None, None, syn::Safety::Default, Some(abi)) => abi.extern_token.span,
            (None, None, syn::Safety::Default, None) => sig.fn_token.span,
        };
        self.head(&sig.ident, attrs, vis, first, end)
    }

    fn function(
        &mut self,
        head: &Head<'_>,
        sig: &syn::Signature,
        block: Option<&syn::Block>,
        place: Place<'_>,
    ) -> ItemId {
        let id = self.open(head, place);
        let inner_scope = self.generics_scope(id, &sig.generics, place.scope);
        let mut item = self.signature(sig, inner_scope);
        item.body = block
            .filter(|b| self.lost_bodies.is_empty() || !self.lost_bodies.contains(&self.pos.open(&b.brace_token.span)))
            .map(|block| body::function(self, id, inner_scope, sig, block));
        self.close(id, ItemKind::Fn(Box::new(item)));
        id
    }

    fn signature(&mut self, sig: &syn::Signature, inner_scope: ScopeId) -> FnItem {
        let mut types = self.types(inner_scope);
        let generics = types.generics(&sig.generics);
        let mut receiver = None;
        let mut params = Vec::with_capacity(sig.inputs.len());
        for input in &sig.inputs {
            match input {
                syn::FnArg::Receiver(r) => receiver = Some(self_param(&mut types, r)),
                syn::FnArg::Typed(typed) => params.push(types.ty(&typed.ty)),
            }
        }
        let ret: TypeExpr = types.ret(&sig.output);
        FnItem {
            is_async: sig.asyncness.is_some(),
            is_const: sig.constness.is_some(),
            is_extern: sig.abi.is_some(),
            generics,
            receiver,
            params,
            ret,
            body: None,
            inner_scope,
        }
    }
}

fn self_param(types: &mut TypeCx<'_, '_>, receiver: &syn::Receiver) -> SelfParam {
    match &receiver.kind {
        syn::ReceiverKind::Reference(_, _, Some(_)) => SelfParam::RefMut,
        syn::ReceiverKind::Reference(_, _, None) => SelfParam::Ref,
        syn::ReceiverKind::Typed(_, ty) => SelfParam::Typed(types.ty(ty)),
        _ => SelfParam::Value,
    }
}
