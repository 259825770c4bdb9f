//! Paths and types as written, each distinct path stored once per owner.
//!
//! Items of a file share one table, each body has its own, so that link resolves what it needs and nothing twice.
//! No path is looked up here.

use proc_macro2::TokenStream;
use rustc_hash::FxHashMap;
use syn::punctuated::Punctuated;

use crate::base::{IndexVec, Name};
use crate::facts::item::{GenericParam, Generics};
use crate::facts::types::PathType;
use crate::facts::{Path, PathId, PathTable, ScopeId, TypeExpr};

use super::position::{Bytes, Positions};

/// A path table under construction.
#[derive(Default)]
pub(super) struct Paths {
    paths: IndexVec<PathId, Path>,
    /// Content hash to id; a clash moves on to the next key.
    index: FxHashMap<u64, PathId>,
    segments: Vec<Name>,
}

impl Paths {
    /// A table that reuses the memory of another index.
    pub(super) fn with_index(mut index: FxHashMap<u64, PathId>) -> Self {
        index.clear();
        Self { paths: IndexVec::new(), index, segments: Vec::new() }
    }

    /// The finished table, and the index for reuse.
    pub(super) fn finish(self) -> (PathTable, FxHashMap<u64, PathId>) {
        (PathTable { paths: self.paths }, self.index)
    }

    /// The id of a path; `segments` must not be empty.
    pub(super) fn intern(&mut self, scope: ScopeId, global: bool, segments: &[Name]) -> PathId {
        let mut key = u64::from(scope.0) << 1 | u64::from(global);
        for segment in segments {
            key = (key.rotate_left(5) ^ segment.as_str().as_ptr() as u64).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
        while let Some(id) = self.index.get(&key) {
            let path = &self.paths[*id];
            if path.scope == scope && path.global == global && *path.segments == *segments {
                return *id;
            }
            key = key.wrapping_add(1);
        }
        let id = self.paths.push(Path { scope, global, segments: segments.into() });
        self.index.insert(key, id);
        id
    }
}

/// Where paths and types of one place go.
pub(super) struct TypeCx<'a, 't> {
    pub(super) pos: &'a Positions<'t>,
    pub(super) paths: &'a mut Paths,
    pub(super) scope: ScopeId,
}

impl TypeCx<'_, '_> {
    /// Interns a path without its generic arguments.
    pub(super) fn path(&mut self, path: &syn::Path) -> PathId {
        let mut segments = std::mem::take(&mut self.paths.segments);
        segments.clear();
        segments.extend(path.segments.iter().map(|s| self.pos.name(&s.ident)));
        if segments.is_empty() {
            segments.push(Name::new("_"));
        }
        let id = self.paths.intern(self.scope, path.leading_colon.is_some(), &segments);
        self.paths.segments = segments;
        id
    }

    /// A type.
    pub(super) fn ty(&mut self, ty: &syn::Type) -> TypeExpr {
        match ty {
            syn::Type::Path(t) => match &t.qself {
                Some(qself) => self.qualified(qself, &t.path),
                None => TypeExpr::Path(self.path_type(&t.path)),
            },
            syn::Type::Reference(t) => {
                TypeExpr::Ref { mutable: t.mutability.is_some(), inner: Box::new(self.ty(&t.elem)) }
            }
            syn::Type::Tuple(t) => TypeExpr::Tuple(t.elems.iter().map(|t| self.ty(t)).collect()),
            syn::Type::Paren(t) => self.ty(&t.elem),
            syn::Type::Group(t) => self.ty(&t.elem),
            syn::Type::ImplTrait(t) => TypeExpr::Impl(self.bounds(&t.bounds)),
            syn::Type::TraitObject(t) => TypeExpr::Dyn(self.bounds(&t.bounds)),
            syn::Type::Slice(t) => TypeExpr::Slice(Box::new(self.ty(&t.elem))),
            syn::Type::Array(t) => TypeExpr::Array(Box::new(self.ty(&t.elem)), literal_len(&t.len)),
            syn::Type::Ptr(t) => TypeExpr::Ptr(Box::new(self.ty(&t.elem))),
            syn::Type::FnPtr(t) => {
                let params = t.inputs.iter().map(|arg| self.ty(&arg.ty)).collect();
                TypeExpr::FnPtr(params, Box::new(self.ret(&t.output)))
            }
            syn::Type::Never(_) => TypeExpr::Never,
            syn::Type::Infer(_) => TypeExpr::Infer,
            _ => TypeExpr::Opaque,
        }
    }

    /// A return type, `()` when nothing is written.
    pub(super) fn ret(&mut self, ret: &syn::ReturnType) -> TypeExpr {
        match ret {
            syn::ReturnType::Default => TypeExpr::UNIT,
            syn::ReturnType::Type(_, ty) => self.ty(ty),
        }
    }

    /// Type arguments among generic arguments.
    pub(super) fn type_args(&mut self, args: &syn::AngleBracketedGenericArguments) -> Vec<TypeExpr> {
        let mut out = Vec::new();
        for arg in &args.args {
            if let syn::GenericArgument::Type(ty) = arg {
                out.push(self.ty(ty));
            }
        }
        out
    }

    /// A path with its type arguments, as a type or bound.
    pub(super) fn path_type(&mut self, path: &syn::Path) -> PathType {
        let mut out = PathType { path: self.path(path), args: Vec::new(), bindings: Vec::new(), call: None };
        let with_args = path.segments.iter().rev().find(|s| !s.arguments.is_none());
        match with_args.map(|s| &s.arguments) {
            None | Some(syn::PathArguments::None) => {}
            Some(syn::PathArguments::AngleBracketed(args)) => {
                out.args = self.type_args(args);
                for arg in &args.args {
                    self.binding(arg, &mut out.bindings);
                }
            }
            Some(syn::PathArguments::Parenthesized(args)) => {
                let params = args.inputs.iter().map(|arg| self.ty(&arg.ty)).collect();
                out.call = Some(Box::new((params, self.ret(&args.output))));
            }
        }
        out
    }

    fn binding(&mut self, arg: &syn::GenericArgument, out: &mut Vec<(Name, TypeExpr)>) {
        match arg {
            syn::GenericArgument::AssocType(assoc) => {
                let name = self.pos.name(&assoc.ident);
                let ty = self.ty(&assoc.ty);
                out.push((name, ty));
            }
            // `Iterator<Item: Future>` says as much as `Item = impl Future`.
            syn::GenericArgument::Constraint(assoc) => {
                let name = self.pos.name(&assoc.ident);
                let bounds = self.bounds(&assoc.bounds);
                out.push((name, TypeExpr::Impl(bounds)));
            }
            _ => {}
        }
    }

    fn qualified(&mut self, qself: &syn::QSelf, path: &syn::Path) -> TypeExpr {
        let base = Box::new(self.ty(&qself.ty));
        let trait_ = self.qself_trait(qself, path);
        let rest = path.segments.iter().skip(qself.position).map(|s| self.pos.name(&s.ident)).collect();
        TypeExpr::Qualified { base, trait_, rest }
    }

    fn qself_trait(&mut self, qself: &syn::QSelf, path: &syn::Path) -> Option<PathType> {
        if qself.position == 0 {
            return None;
        }
        let segments: Vec<Name> = path.segments.iter().take(qself.position).map(|s| self.pos.name(&s.ident)).collect();
        let id = self.paths.intern(self.scope, path.leading_colon.is_some(), &segments);
        let args = match path.segments.iter().take(qself.position).last().map(|s| &s.arguments) {
            Some(syn::PathArguments::AngleBracketed(args)) => self.type_args(args),
            _ => Vec::new(),
        };
        Some(PathType { path: id, args, bindings: Vec::new(), call: None })
    }

    /// The trait of `<T as Trait>::name`.
    pub(super) fn qself_trait_path(&mut self, qself: &syn::QSelf, path: &syn::Path) -> Option<PathId> {
        self.qself_trait(qself, path).map(|t| t.path)
    }

    /// Trait bounds; lifetimes and `use<..>` are left out.
    pub(super) fn bounds<P>(&mut self, bounds: &Punctuated<syn::TypeParamBound, P>) -> Vec<PathType> {
        let mut out = Vec::new();
        for bound in bounds {
            if let syn::TypeParamBound::Trait(bound) = bound
                && bound.maybe.is_none()
            {
                out.push(self.path_type(&bound.path));
            }
        }
        out
    }

    /// Generic parameters with the bounds of their `where` clauses.
    pub(super) fn generics(&mut self, generics: &syn::Generics) -> Generics {
        let mut out = Generics::default();
        for param in generics.type_params() {
            let name = self.pos.name(&param.ident);
            let bounds = self.bounds(&param.bounds);
            let default = param.default.as_ref().map(|(_, ty)| self.ty(ty));
            out.params.push(GenericParam { name, bounds, default });
        }
        let Some(clause) = &generics.where_clause else { return out };
        for predicate in &clause.predicates {
            if let syn::WherePredicate::Type(predicate) = predicate {
                let bounds = self.bounds(&predicate.bounds);
                match self.plain_param(&predicate.bounded_ty, &mut out) {
                    Some(param) => param.bounds.extend(bounds),
                    None => {
                        let ty = self.ty(&predicate.bounded_ty);
                        out.clauses.push((ty, bounds));
                    }
                }
            }
        }
        out
    }

    fn plain_param<'g>(&self, ty: &syn::Type, generics: &'g mut Generics) -> Option<&'g mut GenericParam> {
        let syn::Type::Path(path) = ty else { return None };
        let name = self.pos.name(path.path.get_ident()?);
        generics.params.iter_mut().find(|p| p.name == name)
    }
}

fn literal_len(len: &syn::Expr) -> Option<u64> {
    match len {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(n), .. }) => n.base10_parse().ok(),
        _ => None,
    }
}

/// Bytes of a path with its generic arguments.
pub(super) fn path_bytes(pos: &Positions<'_>, path: &syn::Path) -> Bytes {
    let (Some(first), Some(last)) = (path.segments.first(), path.segments.last()) else { return (0, 0) };
    let start = match &path.leading_colon {
        Some(colons) => pos.start(colons.spans[0]),
        None => pos.start(first.ident.span()),
    };
    (start, segment_end(pos, last))
}

/// End of a path segment with its arguments.
pub(super) fn segment_end(pos: &Positions<'_>, segment: &syn::PathSegment) -> u32 {
    match &segment.arguments {
        syn::PathArguments::None => pos.ident(&segment.ident).1.1,
        syn::PathArguments::AngleBracketed(args) => pos.end(args.gt_token.spans[0]),
        syn::PathArguments::Parenthesized(args) => {
            ret_end(pos, &args.output).unwrap_or_else(|| pos.close(&args.paren_token.span))
        }
    }
}

fn ret_end(pos: &Positions<'_>, ret: &syn::ReturnType) -> Option<u32> {
    match ret {
        syn::ReturnType::Default => None,
        syn::ReturnType::Type(_, ty) => Some(type_end(pos, ty)),
    }
}

/// Offset past a type.
pub(super) fn type_end(pos: &Positions<'_>, ty: &syn::Type) -> u32 {
    match ty {
        syn::Type::Path(t) => t.path.segments.last().map_or(0, |s| segment_end(pos, s)),
        syn::Type::Reference(t) => type_end(pos, &t.elem),
        syn::Type::Ptr(t) => type_end(pos, &t.elem),
        syn::Type::Group(t) => type_end(pos, &t.elem),
        syn::Type::Tuple(t) => pos.close(&t.paren_token.span),
        syn::Type::Paren(t) => pos.close(&t.paren_token.span),
        syn::Type::Slice(t) => pos.close(&t.bracket_token.span),
        syn::Type::Array(t) => pos.close(&t.bracket_token.span),
        syn::Type::Infer(t) => pos.end(t.underscore_token.spans[0]),
        syn::Type::Never(t) => pos.end(t.bang_token.spans[0]),
        syn::Type::FnPtr(t) => ret_end(pos, &t.output).unwrap_or_else(|| pos.close(&t.paren_token.span)),
        syn::Type::Macro(t) => pos.close(t.mac.delimiter.span()),
        syn::Type::ImplTrait(t) => bounds_end(pos, &t.bounds),
        syn::Type::TraitObject(t) => bounds_end(pos, &t.bounds),
        syn::Type::Verbatim(tokens) => tokens_bytes(pos, tokens).1,
        _ => 0,
    }
}

fn bounds_end(pos: &Positions<'_>, bounds: &Punctuated<syn::TypeParamBound, syn::Token![+]>) -> u32 {
    match bounds.last() {
        Some(syn::TypeParamBound::Trait(bound)) => match &bound.paren_token {
            Some(paren) => pos.close(&paren.span),
            None => path_bytes(pos, &bound.path).1,
        },
        Some(syn::TypeParamBound::Lifetime(lifetime)) => pos.end(lifetime.ident.span()),
        Some(syn::TypeParamBound::PreciseCapture(capture)) => pos.end(capture.gt_token.spans[0]),
        Some(syn::TypeParamBound::Verbatim(tokens)) => tokens_bytes(pos, tokens).1,
        _ => 0,
    }
}

/// Bytes from the first token to the last; empty at 0 for no tokens.
pub(super) fn tokens_bytes(pos: &Positions<'_>, tokens: &TokenStream) -> Bytes {
    let mut trees = tokens.clone().into_iter();
    let Some(first) = trees.next() else { return (0, 0) };
    let start = pos.start(first.span());
    let last = trees.last().map_or_else(|| pos.end(first.span()), |t| pos.end(t.span()));
    (start, last)
}
