//! Function, package and test code of a place in a file.

use crate::base::Span;
use crate::hir::names::BodyId;
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
