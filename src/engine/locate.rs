//! Function, package and test code of a place in a file.

use crate::base::{FileId, Span};
use crate::facts::ScopeId;
use crate::hir::names::{BodyId, CrateKind};
use crate::program::Program;
use crate::suppress::Where;

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
