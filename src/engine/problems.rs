//! Problems of all stages in the one form that outputs take.

use crate::base::Span;
use crate::cli;
use crate::diagnostic::{Problem, ProblemKind};
use crate::program::Program;
use crate::source::{self, Origin};

/// A failure of discovery, for the command line.
pub(super) fn edge(error: crate::error::Error) -> cli::Error {
    let text = error.to_string();
    match error {
        crate::error::Error::NothingFound { problems } => {
            // They are the reason, and there is no report to show them.
            let why = problems.iter().map(|problem| {
                format!("\n  {}{}", path(problem).map_or_else(String::new, |path| format!("{path}: ")), problem.message)
            });
            cli::Error::Nothing(text + &why.collect::<String>())
        }
        crate::error::Error::MissingPath { .. }
        | crate::error::Error::BadPattern { .. }
        | crate::error::Error::UnknownPackage { .. }
        | crate::error::Error::Usage(_)
        | crate::error::Error::Output { .. } => cli::Error::Usage(text),
    }
}

/// The path of a problem of discovery, which is about something that is no source.
pub(super) fn path(problem: &source::Problem) -> Option<&str> {
    match &problem.place.as_ref()?.origin {
        Origin::Other { path, .. } => Some(path),
        Origin::File(_) => None,
    }
}

/// Problems of discovery and extraction.
pub(super) fn all(program: &Program) -> Vec<Problem> {
    let discovered = program.sources.problems.iter().map(|p| of_source(program, p));
    let extracted = program.facts.iter().flat_map(|facts| {
        facts.problems.iter().map(|problem| Problem {
            kind: problem.kind,
            message: problem.message.clone(),
            path: Some(program.sources.files[facts.file].path.clone()),
            span: Some(Span::new(facts.file, problem.span.0, problem.span.1)),
        })
    });
    let caught = program.types.iter_ids().filter(|(_, types)| types.caught).map(|(body, _)| Problem {
        kind: ProblemKind::InternalError,
        message: format!("inference of `{}` failed; please report it", program.function_name(body)),
        path: Some(program.sources.files[program.file_of(body)].path.clone()),
        span: program.fn_name_span(body),
    });
    discovered.chain(extracted).chain(caught).collect()
}

fn of_source(program: &Program, problem: &source::Problem) -> Problem {
    let place = problem.place.as_ref();
    let path = place.map(|place| match &place.origin {
        Origin::File(file) => program.sources.files[*file].path.clone(),
        Origin::Other { path, .. } => path.clone(),
    });
    let span = place.and_then(|place| match (&place.origin, place.bytes) {
        (Origin::File(file), Some((start, end))) => Some(Span::new(*file, start, end)),
        _ => None,
    });
    Problem { kind: problem.kind, message: problem.message.clone(), path, span }
}
