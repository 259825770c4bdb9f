//! Why a path names nothing: for statistics and `dump`, never for a rule.

use crate::base::{FileId, Name};
use crate::facts::{Path, ScopeId, ScopeKind};
use crate::hir::names::{ModuleId, Namespace, Res, UnknownReason};

use super::defs::{GlobState, ImportState, NONE, Wanted};
use super::names::Names;
use super::resolve::{Site, Steps, Walk};
use super::tables::Pass;

/// Imports of imports.
const MAX_DEPTH: u8 = 8;

impl Names {
    /// Why `resolve` answers `Unknown` to a path.
    pub fn why_unknown(&self, file: FileId, path: &Path) -> UnknownReason {
        self.why(file, path, MAX_DEPTH)
    }

    fn why(&self, file: FileId, path: &Path, depth: u8) -> UnknownReason {
        let pass = Pass::last(self.module_at(file, path.scope));
        let site = Site { file, scope: path.scope, pass };
        for used in (1..path.segments.len()).rev() {
            let steps = Steps { global: path.global, segments: &path.segments[..used] };
            if let Walk::Done(found) = self.walk(site, steps, Namespace::Type)
                && found.rest == 0
                && found.res != Res::Unknown
            {
                return match found.res {
                    Res::Module(module) => self.why_not_in(module, path.segments[used], &mut Vec::new(), depth),
                    _ => UnknownReason::NoSuchName,
                };
            }
        }
        let Some(first) = path.segments.first() else { return UnknownReason::NoSuchName };
        let facts = &self.facts[file];
        let mut scope = Some(path.scope);
        while let Some(id) = scope {
            let node = &facts.scopes[id];
            let found = self.why_not_here(file, id, *first, &mut Vec::new(), depth);
            if found != UnknownReason::NoSuchName || matches!(node.kind, ScopeKind::File | ScopeKind::Module(_)) {
                return found;
            }
            scope = node.parent;
        }
        UnknownReason::NoSuchName
    }

    fn why_not_in(&self, module: ModuleId, name: Name, seen: &mut Vec<ModuleId>, depth: u8) -> UnknownReason {
        if seen.contains(&module) {
            return UnknownReason::NoSuchName;
        }
        seen.push(module);
        let node = &self.tree.modules[module];
        self.why_not_here(node.file, node.scope, name, seen, depth)
    }

    fn why_not_here(
        &self,
        file: FileId,
        scope: ScopeId,
        name: Name,
        seen: &mut Vec<ModuleId>,
        depth: u8,
    ) -> UnknownReason {
        let names = &self.files[file];
        let Some(table) = names.table(scope) else { return UnknownReason::NoSuchName };
        if let Some(slots) = table.names.get(&name) {
            let import = names.imports.get(slots.import as usize).filter(|_| slots.import != NONE);
            return match import {
                Some(import) if import.state == ImportState::Done([None; 3], false) && depth > 0 => {
                    match import.wanted {
                        Wanted::Path(path) => self.why(file, &self.facts[file].paths.paths[path], depth - 1),
                        Wanted::Crate(_) => UnknownReason::NoSuchName,
                    }
                }
                // A `mod` that led to no file.
                _ if slots.items[0] != NONE => UnknownReason::MissingFile,
                _ => UnknownReason::NoSuchName,
            };
        }
        if table.opaque {
            return UnknownReason::Generated;
        }
        for at in &table.globs {
            let found = match names.globs[*at as usize].state {
                GlobState::Done(Some(Res::Module(module))) => self.why_not_in(module, name, seen, depth),
                GlobState::Done(Some(Res::Foreign(_)) | None) | GlobState::Pending => UnknownReason::UnseenGlob,
                GlobState::Done(Some(_)) => UnknownReason::NoSuchName,
            };
            if found != UnknownReason::NoSuchName {
                return found;
            }
        }
        UnknownReason::NoSuchName
    }
}
