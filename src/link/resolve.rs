//! From a path to what it names.
//!
//! One walk: the first segment lexically (blocks, generic parameters, module, crates, prelude), the others inside what
//! was found so far. The same walk serves imports, which may have to wait for one another, and everything later, which
//! never waits. A path that names nothing is `Unknown`: nothing is guessed, and nothing is stored.

use crate::base::id::Id;
use crate::base::{FileId, Name};
use crate::facts::{ItemKind, ScopeId, ScopeKind};
use crate::hir::names::{DefId, ModuleId, Namespace, Res, Resolution, TypeHead};

use super::crates::Extern;
use super::names::Names;
use super::prelude;
use super::tables::{Found, Pass};

/// A place from which names are looked up.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) file: FileId,
    pub(super) scope: ScopeId,
    pub(super) pass: Pass,
}

/// A path to walk.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    pub(super) global: bool,
    pub(super) segments: &'a [Name],
}

/// How the walk ended.
pub(super) enum Walk {
    /// An import on the way is not settled.
    Wait,
    /// The answer.
    Done(Resolution),
}

const UNKNOWN: Walk = Walk::Done(Resolution::UNKNOWN);

/// Aliases that lead to aliases.
const MAX_HOPS: usize = 8;

impl Names {
    /// Walks a whole path.
    pub(super) fn walk(&self, site: Site, steps: Steps<'_>, ns: Namespace) -> Walk {
        let segments = steps.segments;
        let (found, used, unseen) = self.start(site, steps, ns);
        let (res, likely) = match found {
            Found::Yes(res) => (res, false),
            Found::Likely(res) => (res, true),
            Found::No => return Walk::Done(Resolution { likely: unseen, ..Resolution::UNKNOWN }),
            Found::Wait | Found::WaitForGlob => return Walk::Wait,
        };
        self.go_on(site, res, &segments[used..], ns, likely)
    }

    /// The segments after a known start.
    pub(super) fn go_on(&self, site: Site, start: Res, segments: &[Name], ns: Namespace, mut likely: bool) -> Walk {
        let (mut res, mut at, mut hops) = (self.seen_from(site, start), 0, 0);
        while at < segments.len() {
            let last = at + 1 == segments.len();
            let wanted = if last { ns } else { Namespace::Type };
            let name = segments[at];
            let settled = |res| Walk::Done(Resolution { res, rest: (segments.len() - at).min(255) as u8, likely });
            match res {
                Res::Unknown | Res::Variant(..) => return UNKNOWN,
                Res::Foreign(path) => {
                    let own = if last { self.unlisted_member(path, name, wanted) } else { None };
                    let res = own.unwrap_or_else(|| self.foreign_path(path, &segments[at..]));
                    return Walk::Done(Resolution { res, rest: 0, likely });
                }
                Res::Module(module) => match self.in_module(module, name, wanted, site.pass) {
                    Found::Yes(next) => res = next,
                    Found::Likely(next) => (res, likely) = (next, true),
                    Found::No => match self.re_exported_unseen(module, name, site.pass) {
                        Found::Yes(next) | Found::Likely(next) => (res, likely) = (next, true),
                        Found::No => match self.unseen_in(site, module, &segments[at..]) {
                            Some(known) => return Walk::Done(Resolution { res: known, rest: 0, likely }),
                            None => return UNKNOWN,
                        },
                        Found::Wait | Found::WaitForGlob => return Walk::Wait,
                    },
                    Found::Wait | Found::WaitForGlob => return Walk::Wait,
                },
                Res::Def(def) => match self.alias_target(def) {
                    Some(target) if hops < MAX_HOPS => {
                        hops += 1;
                        res = target;
                        continue;
                    }
                    Some(_) => return settled(res),
                    None => match self.member(res, name, wanted) {
                        Some(next) => res = next,
                        None if self.has_members(def) => return settled(res),
                        None => return UNKNOWN,
                    },
                },
                Res::SelfType(def) => match self.member(res, name, wanted) {
                    Some(next) => res = next,
                    None => match self.impls.info(def).map(|info| info.head) {
                        // `Self::new()` in an impl for a foreign type.
                        Some(TypeHead::Foreign(path)) if wanted == Namespace::Value => {
                            res = Res::Foreign(path);
                            continue;
                        }
                        _ => return settled(res),
                    },
                },
                Res::Prim(_) | Res::Param(..) => match self.member(res, name, wanted) {
                    Some(next) => res = next,
                    None => return settled(res),
                },
            }
            at += 1;
            res = self.seen_from(site, res);
        }
        Walk::Done(Resolution { res, rest: 0, likely })
    }

    /// A function of a published type of the run that the catalogue does not list.
    fn unlisted_member(&self, path: Name, name: Name, ns: Namespace) -> Option<Res> {
        let def = self.behind(path)?;
        if self.foreign.has_fn(path.join(name)) { None } else { self.member(Res::Def(def), name, ns) }
    }

    /// `path::segments`, by the name that the catalogue uses.
    fn foreign_path(&self, path: Name, segments: &[Name]) -> Res {
        let mut text = String::with_capacity(path.as_str().len() + 24);
        text.push_str(path.as_str());
        for segment in segments {
            text.push_str("::");
            text.push_str(segment.as_str());
        }
        Res::Foreign(self.foreign.canonical(Name::new(&text)))
    }

    /// What the first segments name, how many were used, and whether something invisible may define the name.
    fn start(&self, site: Site, steps: Steps<'_>, ns: Namespace) -> (Found, usize, bool) {
        let segments = steps.segments;
        let Some(first) = segments.first().copied() else { return (Found::No, 0, false) };
        let module = self.module_at(site.file, site.scope);
        if steps.global {
            let krate = self.tree.modules[module].krate;
            let found = self.extern_crate(krate, first).map_or(Found::No, Found::Yes);
            return match found {
                Found::No => (self.in_module(self.tree.roots[krate], first, Namespace::Type, site.pass), 1, false),
                found => (found, 1, false),
            };
        }
        match first.as_str() {
            "crate" | "$crate" => {
                let root = self.tree.roots[self.tree.modules[module].krate];
                (Found::Yes(Res::Module(root)), 1, false)
            }
            "self" => self.supers(module, segments, 1),
            "super" => self.supers(module, segments, 0),
            "Self" => (self.self_type(site).map_or(Found::No, Found::Yes), 1, false),
            _ => {
                let wanted = if segments.len() == 1 { ns } else { Namespace::Type };
                let (found, unseen) = self.lexical(site, first, wanted);
                (found, 1, unseen)
            }
        }
    }

    fn supers(&self, from: ModuleId, segments: &[Name], mut used: usize) -> (Found, usize, bool) {
        let mut module = from;
        while segments.get(used).is_some_and(|s| *s == "super") {
            let Some(parent) = self.tree.modules[module].parent else { return (Found::No, used, false) };
            module = parent;
            used += 1;
        }
        (Found::Yes(Res::Module(module)), used, false)
    }

    /// `Self` of the impl, trait or type around a scope.
    fn self_type(&self, site: Site) -> Option<Res> {
        let facts = &self.facts[site.file];
        let mut scope = Some(site.scope);
        while let Some(id) = scope {
            let node = &facts.scopes[id];
            if let ScopeKind::Generics(item) = node.kind {
                let def = self.def(site.file, item);
                match &facts.items[item].kind {
                    ItemKind::Impl(_) | ItemKind::Trait(_) => return Some(Res::SelfType(def)),
                    ItemKind::Struct(_) | ItemKind::Enum(_) => return Some(Res::Def(def)),
                    ItemKind::Fn(_)
                    | ItemKind::TypeAlias(_)
                    | ItemKind::Const(_)
                    | ItemKind::Module(_)
                    | ItemKind::Use(_)
                    | ItemKind::ExternCrate(_)
                    | ItemKind::MacroRules(_)
                    | ItemKind::Other => {}
                }
            }
            scope = node.parent;
        }
        None
    }

    /// A single name, from the innermost scope outwards.
    fn lexical(&self, site: Site, name: Name, ns: Namespace) -> (Found, bool) {
        let facts = &self.facts[site.file];
        let (mut scope, mut outer_item, mut unseen) = (Some(site.scope), false, false);
        while let Some(id) = scope {
            let node = &facts.scopes[id];
            match node.kind {
                ScopeKind::Generics(item) => {
                    if !outer_item
                        && ns == Namespace::Type
                        && let Some(position) = self.param_position(site.file, item, name)
                    {
                        return (Found::Yes(Res::Param(self.def(site.file, item), position)), false);
                    }
                    // A method sees the parameters of its impl; any other item inside a body sees none from outside.
                    outer_item |= facts.items[item].parent.is_none();
                }
                ScopeKind::Block | ScopeKind::Module(_) | ScopeKind::File => {
                    match self.in_table(site.file, id, name, ns, site.pass) {
                        Found::No => {}
                        Found::WaitForGlob if self.is_extern(site, name, ns) => {}
                        found => return (found, false),
                    }
                    unseen |= self.is_opaque(site.file, id);
                    if !matches!(node.kind, ScopeKind::Block) {
                        break;
                    }
                }
            }
            scope = node.parent;
        }
        match self.outermost(site, name, ns, unseen) {
            Found::No if !site.pass.waits => (self.only_glob(site, name, ns), unseen),
            found => (found, unseen),
        }
    }

    /// Generic parameters of an item, by name.
    fn param_position(&self, file: FileId, item: crate::facts::ItemId, name: Name) -> Option<u32> {
        let generics = match &self.facts[file].items[item].kind {
            ItemKind::Fn(item) => &item.generics,
            ItemKind::Struct(item) => &item.generics,
            ItemKind::Enum(item) => &item.generics,
            ItemKind::Trait(item) => &item.generics,
            ItemKind::Impl(item) => &item.generics,
            ItemKind::TypeAlias(item) => &item.generics,
            ItemKind::Const(_)
            | ItemKind::Module(_)
            | ItemKind::Use(_)
            | ItemKind::ExternCrate(_)
            | ItemKind::MacroRules(_)
            | ItemKind::Other => return None,
        };
        generics.params.iter().position(|p| p.name == name).map(|p| p as u32)
    }

    /// Names that no scope of the file declares: macros of the crate, other crates, the prelude, primitive types.
    fn outermost(&self, site: Site, name: Name, ns: Namespace, unseen: bool) -> Found {
        let krate = self.tree.modules[self.module_at(site.file, site.scope)].krate;
        let prelude = || match prelude::name(name, ns) {
            // `use anyhow::*` and its like bring a `Result` of their own.
            Some(path) if unseen && name == "Result" => Found::Likely(Res::Foreign(path)),
            Some(path) => Found::Yes(Res::Foreign(path)),
            None => Found::No,
        };
        match ns {
            Namespace::Macro => match (self.macros.visible(self, krate, name, site.pass), prelude()) {
                (Some(res), _) => Found::Yes(res),
                (None, Found::No) => self.macros.only_source(krate, name).map_or(Found::No, Found::Likely),
                (None, found) => found,
            },
            Namespace::Value => prelude(),
            Namespace::Type => match self.extern_crate(krate, name) {
                Some(res) => Found::Yes(res),
                None if prelude::is_primitive(name) => Found::Yes(Res::Prim(name)),
                None => prelude(),
            },
        }
    }

    fn is_extern(&self, site: Site, name: Name, ns: Namespace) -> bool {
        let krate = self.tree.modules[self.module_at(site.file, site.scope)].krate;
        ns == Namespace::Type && self.extern_crate(krate, name).is_some()
    }

    /// A crate by the name that `krate` has for it.
    pub(super) fn extern_crate(&self, krate: crate::hir::names::CrateId, name: Name) -> Option<Res> {
        let node = &self.tree.crates[krate];
        match node.externs.get(&name) {
            Some(Extern::Crate(krate)) => Some(Res::Module(self.tree.roots[*krate])),
            Some(Extern::Foreign(name)) => Some(Res::Foreign(self.foreign.canonical(*name))),
            None if node.any_extern && self.foreign.has_crate(name) => Some(Res::Foreign(name)),
            None => None,
        }
    }

    /// The module that a scope belongs to.
    pub(super) fn module_at(&self, file: FileId, scope: ScopeId) -> ModuleId {
        self.tree.of_scope[file][scope.index()]
    }

    /// What a type alias stands for, when it is known.
    fn alias_target(&self, def: DefId) -> Option<Res> {
        self.aliases.get(&def).copied()
    }
}
