//! Imports to a fixed point: every `use`, `pub use`, glob and `extern crate` of the run.
//!
//! In each round all open imports are looked up against the tables as they stand, in parallel; the answers are put in
//! afterwards. An import that waits for another one stays open. When a round settles nothing, the open ones form
//! circles: they are looked up once more as if the others did not exist.

use rayon::prelude::*;

use crate::base::{FileId, Name};
use crate::facts::PathId;
use crate::hir::names::{ModuleId, Namespace, Res};

use super::defs::{GlobState, ImportState, Wanted, slot};
use super::names::Names;
use super::resolve::{Site, Steps, Walk};
use super::tables::{Asker, Found, Pass};

/// Far more than any chain of re-exports needs; then the rest stays unknown.
const MAX_ROUNDS: usize = 64;

/// What one round found in one file.
#[derive(Default)]
struct Settled {
    imports: Vec<(u32, ImportState)>,
    globs: Vec<(u32, GlobState)>,
}

/// Settles all imports.
pub(super) fn settle(names: &mut Names) {
    let mut open: Vec<(FileId, Vec<u32>, Vec<u32>)> = names
        .files
        .iter_ids()
        .filter(|(_, f)| !(f.imports.is_empty() && f.globs.is_empty()))
        .map(|(file, f)| (file, (0..f.imports.len() as u32).collect(), (0..f.globs.len() as u32).collect()))
        .collect();
    let mut waits = true;
    for _ in 0..MAX_ROUNDS {
        let frozen = &*names;
        let found: Vec<Settled> =
            open.par_iter().map(|(file, imports, globs)| frozen.round(*file, imports, globs, waits)).collect();
        let mut any = false;
        for ((file, imports, globs), settled) in open.iter_mut().zip(&found) {
            any |= !(settled.imports.is_empty() && settled.globs.is_empty());
            put_in(names, *file, settled);
            let file = &names.files[*file];
            imports.retain(|at| file.imports[*at as usize].state == ImportState::Pending);
            globs.retain(|at| file.globs[*at as usize].state == GlobState::Pending);
        }
        open.retain(|(_, imports, globs)| !(imports.is_empty() && globs.is_empty()));
        if open.is_empty() || !(any || waits) {
            break;
        }
        waits = any;
    }
    // What is still open names nothing.
    for (file, imports, globs) in open {
        let imports = imports.into_iter().map(|at| (at, ImportState::Done([None; 3], false))).collect();
        let globs = globs.into_iter().map(|at| (at, GlobState::Done(None))).collect();
        put_in(names, file, &Settled { imports, globs });
    }
}

fn put_in(names: &mut Names, file: FileId, settled: &Settled) {
    let file = &mut names.files[file];
    for (at, state) in &settled.imports {
        file.imports[*at as usize].state = *state;
    }
    for (at, state) in &settled.globs {
        file.globs[*at as usize].state = *state;
    }
}

/// What a path names in each namespace, and whether builds or unseen globs may differ.
type Imported = ([Option<Res>; 3], bool);

const NAMESPACES: [Namespace; 3] = [Namespace::Type, Namespace::Value, Namespace::Macro];

const NOTHING: Imported = ([None; 3], false);

impl Names {
    fn round(&self, file: FileId, imports: &[u32], globs: &[u32], waits: bool) -> Settled {
        let mut settled = Settled::default();
        // Among imports that wait for each other only a real answer counts: the others may still come.
        let counts = |found: &[Option<Res>]| waits || found.iter().any(Option::is_some);
        for at in globs {
            let glob = &self.files[file].globs[*at as usize];
            let scope = self.facts[file].items[glob.item].scope;
            let from = self.module_at(file, scope);
            let site = Site { file, scope, pass: Pass { waits, asker: Asker::Glob(file, *at), from } };
            let Walk::Done(found) = self.walk_import(site, self.import_steps(file, glob.path), Namespace::Type) else {
                continue;
            };
            let target = known(found.res).filter(|_| found.rest == 0);
            if counts(&[target]) {
                settled.globs.push((*at, GlobState::Done(target)));
            }
        }
        for at in imports {
            let import = &self.files[file].imports[*at as usize];
            let from = self.module_at(file, import.scope);
            let site = Site { file, scope: import.scope, pass: Pass { waits, asker: Asker::Import(file, *at), from } };
            let found = match import.wanted {
                Wanted::Path(path) => self.imported(site, path),
                Wanted::Crate(name) => Some(self.imported_crate(site, name)),
            };
            if let Some((found, likely)) = found
                && counts(&found)
            {
                settled.imports.push((*at, ImportState::Done(found, likely)));
            }
        }
        settled
    }

    fn imported_crate(&self, site: Site, name: Name) -> Imported {
        let krate = self.tree.modules[self.module_at(site.file, site.scope)].krate;
        let found = match name.as_str() {
            "self" => Some(Res::Module(self.tree.roots[krate])),
            _ => self.extern_crate(krate, name),
        };
        ([found, None, None], false)
    }

    /// The last segment in each namespace of what the others name; `None` while it waits.
    fn imported(&self, site: Site, path: PathId) -> Option<Imported> {
        let steps = self.import_steps(site.file, path);
        let Some((last, before)) = steps.segments.split_last() else { return Some(NOTHING) };
        if before.is_empty() {
            let mut all = NOTHING;
            for ns in NAMESPACES {
                let Walk::Done(found) = self.walk_import(site, steps, ns) else { return None };
                all.0[slot(ns)] = known(found.res);
                all.1 |= found.likely && found.res != Res::Unknown;
            }
            return Some(all);
        }
        let Walk::Done(holder) = self.walk_import(site, Steps { segments: before, ..steps }, Namespace::Type) else {
            return None;
        };
        if holder.rest > 0 {
            return Some(NOTHING);
        }
        match holder.res {
            Res::Module(module) => self.imported_member(site, module, *last, holder.likely),
            Res::Foreign(path) => Some((self.foreign_everywhere(path.join(*last)), holder.likely)),
            Res::Def(def) => {
                let variant = self.variant(def, *last);
                Some(([variant, variant, None], holder.likely))
            }
            Res::Variant(..) | Res::Prim(_) | Res::Param(..) | Res::SelfType(_) | Res::Unknown => Some(NOTHING),
        }
    }

    fn imported_member(&self, site: Site, module: ModuleId, name: Name, mut likely: bool) -> Option<Imported> {
        let mut found = [None; 3];
        for ns in NAMESPACES {
            match self.in_module(module, name, ns, site.pass) {
                Found::Yes(res) => found[slot(ns)] = known(res),
                Found::Likely(res) => (found[slot(ns)], likely) = (known(res), true),
                Found::No => {}
                Found::Wait | Found::WaitForGlob => return None,
            }
        }
        if found == [None; 3] {
            return match self.re_exported_unseen(module, name, site.pass) {
                Found::Yes(res) | Found::Likely(res) => Some(([Some(res); 3], true)),
                Found::No => Some(NOTHING),
                Found::Wait | Found::WaitForGlob => None,
            };
        }
        Some((found, likely))
    }

    /// Nobody knows what a foreign name is, unless the catalogue says that it is a module.
    fn foreign_everywhere(&self, path: Name) -> [Option<Res>; 3] {
        let path = self.foreign.canonical(path);
        let res = Some(Res::Foreign(path));
        let text = path.as_str();
        if self.foreign.is_module(path) {
            [res, None, None]
        } else if text.split_once("::").is_some_and(|(krate, item)| krate == item) {
            // `use anyhow::anyhow`: the macro; `anyhow::Result` is still the crate's.
            [None, res, res]
        } else {
            [res; 3]
        }
    }

    /// The path of an import without a `self` at its end.
    fn import_steps(&self, file: FileId, path: PathId) -> Steps<'_> {
        let path = &self.facts[file].paths.paths[path];
        let mut segments = &path.segments[..];
        if segments.len() > 1 && path.last() == "self" {
            segments = &segments[..segments.len() - 1];
        }
        Steps { global: path.global, segments }
    }

    /// Edition 2015: paths of imports start at the crate root, where all crates are names too.
    fn walk_import(&self, site: Site, steps: Steps<'_>, ns: Namespace) -> Walk {
        let module = &self.tree.modules[self.module_at(site.file, site.scope)];
        let first = steps.segments.first().map(|s| s.as_str());
        if !self.tree.crates[module.krate].rooted_imports
            || steps.global
            || matches!(first, Some("crate" | "$crate" | "self" | "super"))
        {
            return self.walk(site, steps, ns);
        }
        let root = &self.tree.modules[self.tree.roots[module.krate]];
        self.walk(Site { file: root.file, scope: root.scope, pass: site.pass }, steps, ns)
    }
}

fn known(res: Res) -> Option<Res> {
    (res != Res::Unknown).then_some(res)
}
