//! Function, package, test code and modules of a place in a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{FileId, Span};
use crate::facts::ScopeId;
use crate::hir::names::{BodyId, CrateKind};
use crate::program::Program;
use crate::suppress::{Suppressions, Where};

/// The innermost fn around a span.
pub(super) fn at(program: &Program, span: Span) -> Where {
    let around = |id: &BodyId| {
        let at = program.names.body_ref(*id);
        let item = &program.facts[at.file].items[program.facts[at.file].bodies[at.body].owner];
        at.file == span.file && item.span.0 <= span.start && span.end <= item.span.1
    };
    let size = |id: &BodyId| {
        let body = program.body(*id);
        let bytes = body.exprs[body.root].span;
        bytes.1 - bytes.0
    };
    let body = program.bodies().filter(around).min_by_key(size);
    let package = program.sources.package_of(span.file);
    Where {
        function: body.map(|b| program.function_name(b)).unwrap_or_default(),
        package: if package.lone { String::new() } else { package.name.to_string() },
        in_test: body.map_or_else(|| program.names.is_test_file(span.file), |b| program.in_test(b)),
    }
}

/// False for files that no target mounts and that lie where tests keep their data (decision M7).
pub(super) fn is_reported(program: &Program, file: FileId) -> bool {
    let names = &program.names;
    let (kind, ..) = names.krate(names.module(names.module_of_scope(file, ScopeId(0))).krate);
    kind != CrateKind::Lone || program.sources.reported_when_unreached(file)
}

/// The files with an attribute at their top whose modules hold the module of a file (of its first mount).
pub(super) fn modules_around(program: &Program, suppressions: &Suppressions<'_>) -> BTreeMap<FileId, Vec<FileId>> {
    let trees: BTreeSet<FileId> = suppressions.trees().collect();
    if trees.is_empty() {
        return BTreeMap::new();
    }
    let names = &program.names;
    let around = |file: FileId| {
        let own = names.module(names.module_of_scope(file, ScopeId(0)));
        let above = std::iter::successors(own.parent, |module| names.module(*module).parent);
        let files = above.map(|module| names.module(module).file).filter(|above| *above != file);
        files.filter(|above| trees.contains(above)).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    program.sources.files.ids().map(|file| (file, around(file))).filter(|(_, around)| !around.is_empty()).collect()
}
