//! `observe!` around an outcome that is thrown away: it logs every error in it.
//!
//! A discard that the author wrote out (`let _ =`, `drop`, `.ok()`) was a decision, so its rewrite is unsafe; what is merely not looked
//! at is not.

use crate::base::Span;
use crate::diagnostic::{Applicability, COMPANION, Edit};
use crate::facts::expr::LoopKind;
use crate::facts::{ExprId, ExprKind, PatKind};
use crate::hir::names::Place;
use crate::program::{Discard, Fate, Program};
use crate::rules::fixes;
use crate::rules::supervised;

use super::outcome::Joined;
use super::payload;

/// The rewrite of the place where an outcome is lost.
pub(super) fn edits(program: &Program, joined: &Joined) -> Option<(Applicability, Vec<Edit>)> {
    let value = joined.value;
    let macro_call = format!("{COMPANION}::observe!(\"{}\", ", joined.name(program));
    let known = |class| if supervised::is_known(joined.output, 0) { class } else { Applicability::Unsafe };
    if let Some(mut edits) = supervised::bare(program, value) {
        let plain = program.fate(value) == Fate::Discarded(Discard::Statement);
        edits.push(fixes::before(program.span(value), macro_call));
        edits.push(fixes::after(program.span(value), ")"));
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        return Some((if plain { known(Applicability::Safe) } else { Applicability::Unsafe }, edits));
    }
    let parent = program.parent(value)?;
    match &program.expr(parent).kind {
        ExprKind::MethodCall { name, args, .. } if args.is_empty() => match name.as_str() {
            "ok" | "err" => closing(program, value, parent, &macro_call).map(|edits| (Applicability::Unsafe, edits)),
            "is_some" => {
                let edits = counted(program, value, parent, &macro_call)?;
                Some((known(Applicability::Safe), edits))
            }
            _ => None,
        },
        ExprKind::Let { pat, expr } if *expr == value.expr => {
            let inner = payload(program, value, *pat, "Some")?;
            let inner = &program.body(value.body).pats[inner];
            let body = loop_of(program, parent)?;
            let (PatKind::Wild, true) = (&inner.kind, is_free(program, body)) else { return None };
            let at = program.span_in(value.body, inner.span);
            let edits = vec![fixes::replace(at, "outcome"), first(program, body, &macro_call)];
            Some((known(Applicability::Safe), edits))
        }
        _ => None,
    }
}

/// `value.ok();`
fn closing(program: &Program, value: Place, call: Place, macro_call: &str) -> Option<Vec<Edit>> {
    let nothing_else = supervised::bare(program, call)?.is_empty();
    let tail = Span { start: program.span(value).end, ..program.span(call) };
    let plain = matches!(program.text(tail), ".ok()" | ".err()");
    (nothing_else && plain).then(|| vec![fixes::before(program.span(value), macro_call), fixes::replace(tail, ")")])
}

/// `while set.join_next().await.is_some() { .. }`
fn counted(program: &Program, value: Place, call: Place, macro_call: &str) -> Option<Vec<Edit>> {
    let body = loop_of(program, call)?;
    let tail = Span { start: program.span(value).end, ..program.span(call) };
    (program.text(tail) == ".is_some()" && is_free(program, body)).then(|| {
        vec![
            fixes::before(program.span(value), "let Some(outcome) = "),
            fixes::replace(tail, ""),
            first(program, body, macro_call),
        ]
    })
}

/// The body of the `while` with this condition.
fn loop_of(program: &Program, cond: Place) -> Option<Place> {
    let parent = program.parent(cond)?;
    match &program.expr(parent).kind {
        ExprKind::Loop { kind: LoopKind::While(c), body, .. } if *c == cond.expr => Some(Place { expr: *body, ..cond }),
        _ => None,
    }
}

/// Nothing in the loop is called `outcome`.
fn is_free(program: &Program, body: Place) -> bool {
    let inside = program.expr(body).first.0..=body.expr.0;
    let name = |at| match program.expr(Place { expr: ExprId(at), ..body }).kind {
        ExprKind::Local(local) => Some(program.body(body.body).locals[local].name),
        _ => None,
    };
    inside.filter_map(name).all(|name| name.as_str() != "outcome")
}

/// The call as first statement of a block.
fn first(program: &Program, block: Place, macro_call: &str) -> Edit {
    fixes::first_in_block(program, block, &format!("{macro_call}outcome);"))
}
