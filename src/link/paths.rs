//! Paths for people: `crate_a::x::Type::method`, the crate's name first.
//!
//! Only for messages: two items may have the same text, and nothing is looked up by it.

use crate::base::FileId;
use crate::facts::{ItemId, ItemKind, ScopeId, ScopeKind, TypeExpr};
use crate::hir::names::{DefId, ModuleId, TypeHead};

use super::names::Names;

impl Names {
    /// The path of an item.
    pub fn def_path(&self, def: DefId) -> String {
        let at = self.item_ref(def);
        let item = self.item(def);
        let around = match item.parent {
            Some(parent) => self.holder_path(at.file, parent),
            None => self.scope_path(at.file, item.scope, item.span),
        };
        match &item.kind {
            ItemKind::Impl(data) => format!("{around}::{}", self.type_word(at.file, &data.self_ty)),
            _ => format!("{around}::{}", item.name),
        }
    }

    /// The path of a module.
    pub fn module_path(&self, module: ModuleId) -> String {
        let node = self.module(module);
        match node.parent {
            Some(parent) => format!("{}::{}", self.module_path(parent), node.name),
            None => node.name.as_str().to_owned(),
        }
    }

    /// The impl's type, or the trait.
    fn holder_path(&self, file: FileId, holder: ItemId) -> String {
        self.def_path(self.def(file, holder))
    }

    /// Inside a body the function's path, else the module's.
    fn scope_path(&self, file: FileId, scope: ScopeId, span: (u32, u32)) -> String {
        let facts = &self.facts[file];
        let in_block = std::iter::successors(Some(scope), |s| facts.scopes[*s].parent)
            .map(|s| facts.scopes[s].kind)
            .take_while(|kind| !matches!(kind, ScopeKind::File | ScopeKind::Module(_)))
            .any(|kind| kind == ScopeKind::Block);
        if in_block {
            let mut items = facts.items.iter_ids().rev();
            let holder = items.find(|(_, item)| {
                let inside = item.span.0 < span.0 && span.1 <= item.span.1;
                inside && matches!(item.kind, ItemKind::Fn(_) | ItemKind::Const(_))
            });
            if let Some((id, _)) = holder {
                return self.def_path(self.def(file, id));
            }
        }
        self.module_path(self.module_at(file, scope))
    }

    /// One word for the type of an impl.
    fn type_word(&self, file: FileId, ty: &TypeExpr) -> String {
        match self.head_of(file, ty).0 {
            TypeHead::Def(def) => self.item(def).name.as_str().to_owned(),
            TypeHead::Foreign(path) => path.as_str().rsplit("::").next().unwrap_or_default().to_owned(),
            TypeHead::Prim(name) => name.as_str().to_owned(),
            TypeHead::Slice => "[_]".to_owned(),
            TypeHead::Tuple => "(..)".to_owned(),
            TypeHead::Pointer | TypeHead::Blanket | TypeHead::Unknown => match ty {
                TypeExpr::Path(path) => self.facts[file].paths.paths[path.path].last().as_str().to_owned(),
                _ => "_".to_owned(),
            },
        }
    }
}
