//! What the blocking rules tell people to write instead, for the runtime in use.
//!
//! Words and edits only; whether a call is reported is decided elsewhere.

use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::hir::effect::Source;
use crate::hir::names::{BodyId, Place};
use crate::program::Program;
use crate::rules::findings::Draft;
use crate::rules::fixes;

/// The async replacement that the catalogue knows; with several runtimes, one for each.
pub(super) fn replacement<'f, 'a>(program: &'a Program, source: &Source, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let Some(instead) = source.instead else { return draft };
    let body = source.place.body;
    let by_runtime = [("tokio", instead.tokio), ("async_std", instead.async_std), ("smol", instead.smol)];
    let known: Vec<String> = by_runtime
        .into_iter()
        .filter_map(|(krate, text)| text.filter(|_| program.depends_on(body, krate)))
        .map(|text| quoted(text.as_str()))
        .take(if program.is_lone(body) { 1 } else { 3 })
        .collect();
    match (known.is_empty(), instead.text) {
        (false, _) => draft.help(format!("use {}", known.join(" or "))),
        (true, Some(text)) => draft.help(format!("use {}", quoted(text.as_str()))),
        (true, None) => draft,
    }
}

fn quoted(text: &str) -> String {
    if text.contains('`') { text.to_owned() } else { format!("`{text}`") }
}

/// "run it on the blocking pool", in the words of the runtime in use.
pub(super) fn pool(program: &Program, body: BodyId, call: &str) -> String {
    let wrapped = if program.depends_on(body, "tokio") {
        format!("tokio::task::spawn_blocking(move || {call}).await")
    } else if program.depends_on(body, "async_std") {
        format!("async_std::task::spawn_blocking(move || {call}).await")
    } else if program.depends_on(body, "smol") {
        format!("smol::unblock(move || {call}).await")
    } else {
        return "run it on a pool made for blocking work".to_owned();
    };
    format!("run it on the blocking pool: `{wrapped}`")
}

/// Helps for a call without a fix of its own: the async twin, else the blocking pool.
pub(super) fn plain<'f, 'a>(
    program: &'a Program,
    source: &Source,
    _kind: &'static str,
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    replacement(program, source, draft).help(pool(program, source.place.body, ".."))
}

/// Swaps the path of a call for its async twin and awaits it; `feature` is the one of tokio that the twin needs.
pub(super) fn twin<'f, 'a>(
    program: &'a Program,
    place: Place,
    twin: &str,
    feature: &str,
    draft: Draft<'f, 'a>,
) -> Draft<'f, 'a> {
    let ExprKind::Call { callee, .. } = program.expr(place).kind else { return draft };
    let path = Place { expr: callee, ..place };
    let named = matches!(program.expr(path).kind, ExprKind::Path { .. }) && !program.source(path).contains('<');
    let (Some(class), Some(tokio)) = (program.can_await(place), program.extern_name(place.body, "tokio")) else {
        return draft;
    };
    if !named {
        return draft;
    }
    let class = if program.has_feature(place.body, "tokio", feature) { class } else { Applicability::Unsafe };
    let twin = twin.strip_prefix("tokio::").map_or_else(|| twin.to_owned(), |rest| format!("{tokio}::{rest}"));
    let edits = vec![fixes::replace(program.span(path), twin.as_str()), fixes::after(program.span(place), ".await")];
    draft.fix(format!("await `{twin}`"), class, edits)
}
