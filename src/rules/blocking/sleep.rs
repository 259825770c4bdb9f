//! blocking-sleep: the thread sleeps, and with it every task that it would poll.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::facts::expr::Lit;
use crate::hir::effect::Source;
use crate::hir::names::Place;
use crate::program::{Discard, Fate, Program};
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::{Spec, advice, never};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Sleep, kind, exempt: never, advise };

/// A sleep of no time yields the thread; in a helper that is nobody's business.
fn kind(program: &Program, source: &Source, _kind: Option<Name>, _tier: Tier) -> Option<&'static str> {
    if !is_zero(program, source.place) {
        return Some("default");
    }
    program.is_async_at(source.place).then_some("zero")
}

/// `Duration::ZERO`, `Duration::from_millis(0)`, `0`.
fn is_zero(program: &Program, place: Place) -> bool {
    let ExprKind::Call { args, .. } = &program.expr(place).kind else { return false };
    let Some(time) = args.first().map(|e| Place { expr: *e, ..place }) else { return false };
    match &program.expr(time).kind {
        ExprKind::Lit(Lit::Int(0)) => true,
        ExprKind::Path { .. } => {
            let text = program.source(time);
            text == "Duration::ZERO" || text.ends_with("::Duration::ZERO")
        }
        ExprKind::Call { args, .. } => match &**args {
            [only] => matches!(program.expr(Place { expr: *only, ..place }).kind, ExprKind::Lit(Lit::Int(0))),
            _ => false,
        },
        _ => false,
    }
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    if kind == "zero" {
        return draft.help("give other tasks a turn with `tokio::task::yield_now().await`");
    }
    let draft = advice::replacement(program, source, draft);
    let place = source.place;
    match source.path.as_str() {
        "std::thread::sleep" => {}
        "std::thread::sleep_ms" => return milliseconds(program, place, draft),
        _ => return draft,
    }
    if program.depends_on(place.body, "tokio") {
        return advice::twin(program, place, "tokio::time::sleep", "time", draft);
    }
    let path = if program.depends_on(place.body, "async_std") {
        "async_std::task::sleep"
    } else if program.depends_on(place.body, "smol") {
        "smol::Timer::after"
    } else {
        return draft;
    };
    let is_statement = matches!(program.fate(place), Fate::Discarded(Discard::Statement));
    let ExprKind::Call { callee, .. } = program.expr(place).kind else { return draft };
    match program.can_await(place) {
        Some(class) => {
            let class = if is_statement { class } else { Applicability::Unsafe };
            let edits = vec![
                fixes::replace(program.span(Place { expr: callee, ..place }), path),
                fixes::after(program.span(place), ".await"),
            ];
            draft.fix(format!("await `{path}`"), class, edits)
        }
        None => draft,
    }
}

/// The old form takes a bare number.
fn milliseconds<'f, 'a>(program: &'a Program, place: Place, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let ExprKind::Call { callee, args } = &program.expr(place).kind else { return draft };
    let at = |expr| Place { expr, ..place };
    let ([time], Some(class), Some(tokio)) =
        (&**args, program.can_await(place), program.extern_name(place.body, "tokio"))
    else {
        return draft;
    };
    let is_number = matches!(program.expr(at(*time)).kind, ExprKind::Lit(Lit::Int(_)));
    let sure = is_number && program.has_feature(place.body, "tokio", "time");
    let class = if sure { class } else { Applicability::Unsafe };
    let (open, close) = if is_number { ("", ")") } else { ("u64::from(", "))") };
    let time = program.span(at(*time));
    let edits = vec![
        fixes::replace(program.span(at(*callee)), format!("{tokio}::time::sleep")),
        fixes::before(time, format!("std::time::Duration::from_millis({open}")),
        fixes::after(time, close),
        fixes::after(program.span(place), ".await"),
    ];
    draft.fix(format!("await `{tokio}::time::sleep`"), class, edits)
}
