//! Imports to a fixed point: every `use`, `pub use`, glob and `extern crate` of the run.
//!
//! In each round all open imports are looked up against the tables as they stand, in parallel; the answers are put in
//! afterwards. An import that waits for another one stays open. When a round settles nothing, the open ones form
//! circles: they are looked up once more as if the others did not exist.

use rayon::prelude::*;

use crate::base::FileId;
use crate::facts::item::UseBinding;
use crate::facts::{ItemKind, PathId};
use crate::program::names::{Namespace, Res};

use super::defs::{GlobState, Import, ImportState, Wanted};
use super::names::Names;
use super::resolve::{Site, Steps, Walk};
use super::tables::{Asker, Pass};

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

impl Names {
    fn round(&self, file: FileId, imports: &[u32], globs: &[u32], waits: bool) -> Settled {
        let mut settled = Settled::default();
        for at in globs {
            let glob = &self.files[file].globs[*at as usize];
            let scope = self.facts[file].items[glob.item].scope;
            let site = Site { file, scope, pass: Pass { waits, asker: Asker::Glob(file, *at) } };
            if let Some(found) = self.imported(site, glob.path, Namespace::Type) {
                let target = found.0.filter(|res| !matches!(res, Res::Unknown));
                // In a circle only a real answer counts: the others may still come.
                if waits || target.is_some() {
                    settled.globs.push((*at, GlobState::Done(target)));
                }
            }
        }
        for at in imports {
            let import = &self.files[file].imports[*at as usize];
            let pass = Pass { waits, asker: Asker::Import(file, *at) };
            if let Some(state) = self.import_round(file, import, pass)
                && (waits || state != ImportState::Done([None; 3], false))
            {
                settled.imports.push((*at, state));
            }
        }
        settled
    }

    fn import_round(&self, file: FileId, import: &Import, pass: Pass) -> Option<ImportState> {
        let site = Site { file, scope: import.scope, pass };
        let path = match import.wanted {
            Wanted::Path(path) => path,
            Wanted::Crate(name) => {
                let module = self.module_at(file, import.scope);
                let krate = self.tree.modules[module].krate;
                let res = match name.as_str() {
                    "self" => Some(Res::Module(self.tree.roots[krate])),
                    _ => self.extern_crate(krate, name),
                };
                return Some(ImportState::Done([res, None, None], false));
            }
        };
        let (ty, mut likely) = self.imported(site, path, Namespace::Type)?;
        if let Some(Res::Foreign(foreign)) = ty {
            // Nobody knows what it is, unless the catalogue says that it is a module.
            let other = if self.foreign.is_module(foreign) { None } else { ty };
            return Some(ImportState::Done([ty, other, other], likely));
        }
        let (value, hazy) = self.imported(site, path, Namespace::Value)?;
        likely |= hazy;
        let (mac, hazy) = self.imported(site, path, Namespace::Macro)?;
        likely |= hazy;
        let only_types = self.ends_in_self(file, import);
        let keep = |res: Option<Res>| if only_types { None } else { res };
        Some(ImportState::Done([ty, keep(value), keep(mac)], likely))
    }

    /// `use a::b::{self}` brings the module only.
    fn ends_in_self(&self, file: FileId, import: &Import) -> bool {
        let facts = &self.facts[file];
        match &facts.items[import.item].kind {
            ItemKind::Use(used) => {
                matches!(used.binding, UseBinding::Name(_)) && facts.paths.paths[used.path].last() == "self"
            }
            _ => false,
        }
    }

    /// One namespace of an import; outer `None` while it waits.
    fn imported(&self, site: Site, path: PathId, ns: Namespace) -> Option<(Option<Res>, bool)> {
        let path = &self.facts[site.file].paths.paths[path];
        let mut segments = &path.segments[..];
        if segments.len() > 1 && path.last() == "self" {
            segments = &segments[..segments.len() - 1];
        }
        let steps = Steps { global: path.global, segments };
        let krate = self.tree.modules[self.module_at(site.file, site.scope)].krate;
        let walk = if self.tree.crates[krate].rooted_imports && !path.global {
            self.walk_rooted(site, steps, ns)
        } else {
            self.walk(site, steps, ns)
        };
        match walk {
            Walk::Wait => None,
            Walk::Done(found) if found.rest > 0 => Some((None, false)),
            Walk::Done(found) => Some(match found.res {
                Res::Unknown => (None, false),
                res => (Some(res), found.likely),
            }),
        }
    }

    /// Edition 2015: paths of imports start at the crate root, where all crates are names too.
    fn walk_rooted(&self, site: Site, steps: Steps<'_>, ns: Namespace) -> Walk {
        let first = steps.segments.first().map(|s| s.as_str());
        if matches!(first, Some("crate" | "$crate" | "self" | "super")) {
            return self.walk(site, steps, ns);
        }
        let module = self.module_at(site.file, site.scope);
        let root = &self.tree.modules[self.tree.roots[self.tree.modules[module].krate]];
        let site = Site { file: root.file, scope: root.scope, pass: site.pass };
        self.walk(site, steps, ns)
    }
}
