//! The guard ends before the await: its statements go into a block of their own, or it is dropped there.
//!
//! Only for a guard with a name whose last mention stands in an earlier statement than the first await it sees.

use crate::diagnostic::Edit;
use crate::facts::expr::{Block, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, PatKind};
use crate::hir::names::Place;
use crate::program::Program;
use crate::rules::fixes;

use super::{Held, is_owned};

/// The statements of a block that a guard needs.
struct Range<'a> {
    block: &'a Block,
    first: usize,
    last: usize,
    guard: LocalId,
}

/// The block form; `None` when something in it is needed later and cannot be handed out.
pub(super) fn into_block(held: &Held<'_>) -> Option<Vec<Edit>> {
    let range = range(held)?;
    let mut later = locals_of(held, &range).into_iter().filter(|local| is_used_later(held, &range, *local));
    match (later.next(), later.next()) {
        (None, _) => wrapped(held, &range, None),
        (Some(only), None) => wrapped(held, &range, Some(only)),
        (Some(_), Some(_)) => None,
    }
}

/// `drop(guard);` before the await; right only for guards that the compiler lets across it (decision H8).
pub(super) fn dropped(held: &Held<'_>) -> Option<Vec<Edit>> {
    let range = range(held)?;
    let span = held.program.span_in(held.body, bytes(&range.block.stmts[range.last])?);
    let name = held.order.body.locals[range.guard].name;
    Some(vec![fixes::after(span, format!("\n{}drop({name});", held.program.indent(span)))])
}

fn range<'a>(held: &Held<'a>) -> Option<Range<'a>> {
    let (program, body) = (held.program, held.order.body);
    let [guard] = held.value.holders[..] else { return None };
    let declared = body.locals[guard].pat?;
    let block = body.exprs.iter_ids().find_map(|(_, node)| match &node.kind {
        ExprKind::Block(block) => {
            let first = block.stmts.iter().position(|s| matches!(s, Stmt::Let { pat, .. } if *pat == declared))?;
            Some((block, first))
        }
        _ => None,
    });
    let (block, first) = block?;
    let holds = |stmt: &Stmt, expr: ExprId| root_of(stmt).is_some_and(|root| body.is_inside(expr, root));
    let at = |expr| block.stmts.iter().position(|stmt| holds(stmt, expr));
    let mentions: Option<Vec<usize>> = program.mentions(held.body, guard).into_iter().map(at).collect();
    // A guard that nothing names protects what follows; to end it early would protect nothing.
    let last = mentions?.into_iter().max().filter(|last| *last > first)?;
    let waits = held.value.suspensions.iter().filter_map(|wait| at(*wait)).min();
    let ends_before = waits.is_none_or(|wait| wait > last);
    (ends_before && (waits.is_some() || block.tail.is_some())).then_some(Range { block, first, last, guard })
}

const fn root_of(stmt: &Stmt) -> Option<ExprId> {
    match stmt {
        Stmt::Let { init, .. } => *init,
        Stmt::Expr { expr, .. } => Some(*expr),
        Stmt::Item(_) => None,
    }
}

const fn bytes(stmt: &Stmt) -> Option<(u32, u32)> {
    match stmt {
        Stmt::Let { span, .. } | Stmt::Expr { span, .. } => Some(*span),
        Stmt::Item(_) => None,
    }
}

/// Locals that the statements after the guard's own declare.
fn locals_of(held: &Held<'_>, range: &Range<'_>) -> Vec<LocalId> {
    let spans = range.block.stmts[range.first..=range.last].iter().filter_map(|stmt| match stmt {
        Stmt::Let { pat, .. } => Some(held.order.body.pats[*pat].span),
        Stmt::Expr { .. } | Stmt::Item(_) => None,
    });
    let spans: Vec<_> = spans.collect();
    let inside = |at: (u32, u32)| spans.iter().any(|span| span.0 <= at.0 && at.1 <= span.1);
    held.order.body.locals.iter_ids().filter(|(_, l)| inside(l.span)).map(|(id, _)| id).collect()
}

fn is_used_later(held: &Held<'_>, range: &Range<'_>, local: LocalId) -> bool {
    let end = range.block.stmts[range.first..=range.last].iter().filter_map(root_of).max();
    held.program.in_unknown_macro(held.body, local)
        || held.program.mentions(held.body, local).into_iter().any(|expr| end.is_none_or(|end| expr > end))
}

/// `{ .. }` around the statements; with `value`, which the last of them declares, as its value.
fn wrapped(held: &Held<'_>, range: &Range<'_>, value: Option<LocalId>) -> Option<Vec<Edit>> {
    let (program, body) = (held.program, held.order.body);
    let first = program.span_in(held.body, bytes(&range.block.stmts[range.first])?);
    let last = program.span_in(held.body, bytes(&range.block.stmts[range.last])?);
    let indent = program.indent(first).to_owned();
    let mut edits = Vec::new();
    match value {
        None => {
            edits.push(fixes::before(first, format!("{{\n{indent}    ")));
            edits.push(fixes::after(last, format!("\n{indent}}}")));
        }
        Some(value) => {
            let Stmt::Let { pat, init: Some(init), ty: None, else_: None, .. } = range.block.stmts[range.last] else {
                return None;
            };
            let place = Place { body: held.body, expr: init };
            let plain = matches!(body.pats[pat].kind, PatKind::Bind { local, .. } if local == value);
            if !plain || range.last == range.first || !is_owned(program.ty(place)) {
                return None;
            }
            let init = program.span(place);
            let head = crate::base::Span { end: init.start, ..last };
            let text = program.text(head).to_owned();
            edits.push(fixes::before(first, format!("{text}{{\n{indent}    ")));
            edits.push(fixes::replace(head, ""));
            edits.push(fixes::replace(crate::base::Span { start: init.end, ..last }, format!("\n{indent}}};")));
        }
    }
    edits.extend(indented(program, first.to(last)));
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Some(edits)
}

/// Four more spaces before each further line; none where a literal might span lines.
fn indented(program: &Program, span: crate::base::Span) -> Vec<Edit> {
    let text = program.text(span);
    if text.contains('"') || text.contains("/*") {
        return Vec::new();
    }
    let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    let filled = breaks.filter(|at| !text[*at..].trim_start_matches([' ', '\t']).starts_with(['\n', '\r']));
    filled
        .map(|at| {
            let at = span.start + at as u32;
            Edit { span: crate::base::Span { start: at, end: at, ..span }, text: "    ".to_owned() }
        })
        .collect()
}
