//! Small programs whose paths are annotated with what they name.
//!
//! `//  ^^^^ is: tokio::task::spawn` under a line asks for the path above the carets. A line `//- path` opens a file.
//! `?` means unknown, `+1` that one segment needs a type, `~` that builds or unseen globs may differ.

mod items;
mod made;
mod modules;
mod paths;

use std::sync::Arc;

use crate::base::{FileId, IndexVec, Name};
use crate::catalog::Catalog;
use crate::extract;
use crate::facts::{ExprKind, FileFacts, Path};
use crate::hir::names::{DefId, Namespace, Res, Resolution};
use crate::source::{Sources, from_memory};

use super::cfg::Profile;
use super::crates::Layout;
use super::foreign::ForeignNames;
use super::names::Names;

/// The built-in catalogue; a test depends on few of its names.
struct Known;

impl ForeignNames for Known {
    fn canonical(&self, path: Name) -> Name {
        Catalog::builtin().canonical(path)
    }
    fn aliased(&self, path: Name) -> Name {
        ForeignNames::aliased(Catalog::builtin(), path)
    }
    fn module_has(&self, module: Name, item: Name) -> bool {
        Catalog::builtin().module_has(module, item)
    }
    fn is_module(&self, path: Name) -> bool {
        Catalog::builtin().is_module(path)
    }
    fn has_crate(&self, name: Name) -> bool {
        Catalog::builtin().is_module(name)
    }
    fn has_fn(&self, path: Name) -> bool {
        Catalog::builtin().func(path).is_some()
    }
    fn paths_of(&self, krate: Name) -> Vec<(Name, Namespace)> {
        ForeignNames::paths_of(Catalog::builtin(), krate)
    }
}

pub(super) struct Linked {
    pub(super) sources: Sources,
    pub(super) names: Names,
}

/// Links a program of several files.
pub(super) fn link(program: &str) -> Linked {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in program.lines() {
        if let Some(path) = line.strip_prefix("//- ") {
            files.push((path.trim().to_owned(), String::new()));
        } else {
            if files.is_empty() {
                files.push(("lib.rs".to_owned(), String::new()));
            }
            let (_, text) = files.last_mut().expect("a value");
            text.push_str(line);
            text.push('\n');
        }
    }
    let sources = from_memory(files);
    let facts: IndexVec<FileId, FileFacts> =
        sources.files.iter_ids().map(|(id, file)| extract::file(id, &file.text)).collect();
    let names = Names::build(&Layout::from(&sources), Arc::new(facts), Arc::new(Known), Profile::default());
    Linked { sources, names }
}

/// Links and compares every annotation.
pub(super) fn check(program: &str) -> Linked {
    let linked = link(program);
    let mut wrong = Vec::new();
    let mut count = 0;
    for (id, file) in linked.sources.files.iter_ids() {
        let mut above = (0, 0);
        let mut start = 0;
        for line in file.text.split_inclusive('\n') {
            let Some((carets, expected)) = line.split_once(" is: ").filter(|(c, _)| c.trim_end().ends_with('^')) else {
                above = (start, line.len());
                start += line.len();
                continue;
            };
            let (first, last) = (carets.find('^').expect("a value"), carets.rfind('^').expect("a value") + 1);
            let span = ((above.0 + first) as u32, (above.0 + last) as u32);
            let actual = linked.at(id, span, &file.text);
            count += 1;
            if actual != expected.trim() {
                let code = &file.text[above.0..above.0 + above.1];
                wrong.push(format!(
                    "{}: {}\n    expected {}\n    actual   {actual}",
                    file.path,
                    code.trim(),
                    expected.trim()
                ));
            }
            start += line.len();
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(count > 0, "no annotation was found");
    linked
}

impl Linked {
    fn at(&self, file: FileId, span: (u32, u32), text: &str) -> String {
        let facts = &self.names.facts()[file];
        for body in facts.bodies.iter() {
            for expr in body.exprs.iter() {
                let (found, ns, path) = match &expr.kind {
                    ExprKind::Path { path, .. } => (expr.span, Namespace::Value, path),
                    ExprKind::Struct { path, .. } => ((expr.span.0, expr.span.0), Namespace::Type, path),
                    ExprKind::Macro(call) => (call.path_span, Namespace::Macro, &call.path),
                    ExprKind::Select(call) => (call.path_span, Namespace::Macro, &call.path),
                    _ => continue,
                };
                if found == span {
                    return self.show(self.names.resolve(file, &body.paths.paths[*path], ns));
                }
            }
        }
        let words: Vec<&str> = text[span.0 as usize..span.1 as usize].split("::").map(str::trim).collect();
        let inside = facts.bodies.iter().filter(|b| {
            let owner = facts.items[b.owner].span;
            owner.0 <= span.0 && span.1 <= owner.1
        });
        let tables = inside.map(|b| &b.paths).chain(std::iter::once(&facts.paths));
        let mut paths = tables.flat_map(|t| t.paths.iter());
        let fits = |p: &&Path| p.segments.len() == words.len() && p.segments.iter().zip(&words).all(|(a, b)| *a == **b);
        let Some(path) = paths.find(fits) else { return format!("no path {words:?}") };
        let answers = [Namespace::Type, Namespace::Value].map(|ns| self.names.resolve(file, path, ns));
        let known = answers.iter().find(|a| a.res != Res::Unknown);
        self.show(*known.unwrap_or(&Resolution::UNKNOWN))
    }

    fn show(&self, found: Resolution) -> String {
        let names = &self.names;
        let text = match found.res {
            Res::Def(def) => names.def_path(def),
            Res::Module(module) => names.module_path(module),
            Res::Variant(def, at) => match &names.item(def).kind {
                crate::facts::ItemKind::Enum(data) => {
                    format!("{}::{}", names.def_path(def), data.variants[at as usize].name)
                }
                _ => "a variant of no enum".to_owned(),
            },
            Res::Foreign(path) => path.to_string(),
            Res::Prim(name) => format!("prim {name}"),
            Res::Param(def, at) => format!("param {at} of {}", names.def_path(def)),
            Res::SelfType(def) => format!("Self of {}", names.def_path(def)),
            Res::Unknown => "?".to_owned(),
        };
        let rest = if found.rest > 0 { format!("+{}", found.rest) } else { String::new() };
        let likely = if found.likely && found.res != Res::Unknown { "~" } else { "" };
        format!("{text}{rest}{likely}")
    }

    /// The item with this path; the first one of several.
    pub(super) fn def(&self, path: &str) -> DefId {
        self.names.defs().find(|d| self.names.def_path(*d) == path).unwrap_or_else(|| panic!("no item {path}"))
    }

    /// All items with this path.
    pub(super) fn defs(&self, path: &str) -> Vec<DefId> {
        self.names.defs().filter(|d| self.names.def_path(*d) == path).collect()
    }
}
