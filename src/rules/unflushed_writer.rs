//! unflushed-writer: a writer that keeps bytes back goes out of scope after a write, without a flush on the way.
//!
//! Only ways that end normally count. Whatever else is done with the writer after the last write (a borrow, a move, a macro) is taken
//! as handing it over.

use super::findings::{Draft, Findings};
use super::{Check, Rule, fixes};
use crate::catalog::{Role, TypeEntry, TypeRole};
use crate::diagnostic::Applicability;
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind};
use crate::hir::flow::{DeathKind, TrackedValue};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::TyKind;
use crate::program::flow::{Follows, Order, Until};
use crate::program::{Program, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "unflushed-writer", check: Check::Body(check) };

const WRITERS: Wanted = Wanted { is: is_writer, in_structs: false };

fn is_writer(entry: &TypeEntry) -> bool {
    entry.role == Some(TypeRole::BufferedWriter) || entry.path == "tokio::io::Stdout"
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    if !program.has_suspensions(body) {
        return;
    }
    program.with_lives(body, WRITERS, |order, lives, class| {
        for value in lives.values() {
            let Some((place, local)) = held(program, body, value) else { continue };
            let Some(carried) = class.carried(program.ty(place)) else { continue };
            if !dies_here(value) {
                continue;
            }
            let Some(write) = unflushed(program, order, body, local) else { continue };
            let name = program.body(body).locals[local].name;
            let call = program.making_call(place);
            let draft = out
                .at(kind_of(carried.entry), call)
                .fill("writer", &format!("`{name}`"))
                .fill("loss", loss(carried.entry))
                .subject(carried.entry.path)
                .why(program.call_span(write), "the last write");
            advise(program, order, local, write, draft);
        }
    });
    taken_by_value(program, body, out);
}

/// What makes a writer, and the local that holds it last: `let file = ..; let out = BufWriter::new(file);` is held by `out`.
fn held(program: &Program, body: BodyId, value: &TrackedValue) -> Option<(Place, LocalId)> {
    let made = Place { body, expr: value.created_by()? };
    match value.holders[..] {
        [local] => Some((made, local)),
        [.., last] => Some((program.initialiser(body, last)?, last)),
        [] => None,
    }
}

fn kind_of(entry: &TypeEntry) -> &'static str {
    match entry.path.as_str() {
        "tokio::io::Stdout" => "stdout",
        "async_std::fs::File" | "async_fs::File" | "smol::fs::File" => "drop-blocks",
        _ => "default",
    }
}

fn loss(entry: &TypeEntry) -> &'static str {
    match entry.path.as_str() {
        "tokio::fs::File" => "the last write may not be on disk yet and its error is lost",
        "async_std::fs::File" | "async_fs::File" | "smol::fs::File" => "the drop writes the rest and blocks the thread",
        "tokio::io::Stdout" => "the program may end before the last write is out",
        _ => "its buffer is discarded",
    }
}

fn dies_here(value: &TrackedValue) -> bool {
    value.deaths.iter().any(|death| death.kind == DeathKind::ScopeEnd)
}

/// A write after which some normal way to the end of the scope has nothing but writes.
fn unflushed(program: &Program, order: Order<'_>, body: BodyId, local: LocalId) -> Option<Place> {
    let mentions = program.mentions(body, local);
    let own = program.body(body).locals[local].region;
    if program.in_unknown_macro(body, local) || mentions.iter().any(|m| order.region_of(*m) != own) {
        return None;
    }
    let written: Vec<(ExprId, Place)> =
        mentions.iter().filter_map(|m| Some((*m, write_of(program, Place { body, expr: *m })?))).collect();
    let is_other = |e: ExprId| {
        matches!(program.body(body).exprs[e].kind, ExprKind::Local(l) if l == local)
            && !written.iter().any(|(mention, _)| *mention == e)
    };
    let lost = |call: &Place| {
        order.runs(call.expr) && order.followed_by(call.expr, Until::ScopeEnd(local), is_other) != Follows::Always
    };
    written.iter().rev().map(|(_, call)| *call).find(lost)
}

/// The call that writes through this mention of a local.
fn write_of(program: &Program, mention: Place) -> Option<Place> {
    let parent = program.parent(mention)?;
    let at = match program.expr(parent).kind {
        ExprKind::Ref { .. } => program.parent(parent)?,
        _ => parent,
    };
    let ExprKind::MethodCall { recv, name, .. } = &program.expr(at).kind else { return None };
    let receiver = *recv == mention.expr || *recv == parent.expr;
    let writes = match program.api(at) {
        Some(entry) => entry.role == Some(Role::Write),
        None => matches!(program.ty(mention).kind(), TyKind::Param(..)) && name.as_str().starts_with("write"),
    };
    (receiver && writes).then_some(at)
}

/// A writer of generic type that is given by value: nobody else can flush it.
fn taken_by_value(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (local, decl) in program.body(body).locals.iter_ids() {
        let generic = matches!(program.local_ty(body, local).kind(), TyKind::Param(..) | TyKind::Opaque(_));
        if decl.kind != LocalKind::Param || decl.region.0 != 0 || !generic || !program.is_async_writer(body, local) {
            continue;
        }
        let write = program.with_order(body, |order| unflushed(program, order, body, local));
        if let Some(write) = write {
            out.spanning("by-value", body, program.span_in(body, decl.span))
                .fill("writer", &format!("`{}`", decl.name))
                .fill("loss", "what it keeps back is lost")
                .why(program.call_span(write), "the last write")
                .help(format!("flush it: `{}.flush().await?;`", decl.name));
        }
    }
}

fn advise(program: &Program, order: Order<'_>, local: LocalId, write: Place, draft: Draft<'_, '_>) {
    let body = program.body(write.body);
    let name = body.locals[local].name;
    let draft = draft.help(format!("flush it after the last write: `{name}.flush().await?;`"));
    let Some(scope) = program.initialiser(write.body, local).and_then(|init| program.statement(init)) else { return };
    let mut at = write;
    let mut direct = true;
    let found = loop {
        let Some((block, index, span)) = program.statement(at) else { return };
        if block == scope.0 {
            break (block, index, span);
        }
        direct = false;
        at = block;
    };
    let ExprKind::Block(block) = &body.exprs[found.0.expr].kind else { return };
    if found.1 >= block.stmts.len() {
        return;
    }
    // `write.await?` and nothing between: only then is it known that `?` takes this error.
    let mut outer = order.body.ancestors(write.expr).skip(1).map(|e| &body.exprs[e].kind);
    let awaited = matches!(outer.next(), Some(ExprKind::Await(_)));
    let tried = awaited && matches!(outer.next(), Some(ExprKind::Try(_)));
    let safe = if direct && tried { Applicability::Safe } else { Applicability::Unsafe };
    let text = format!("\n{}{name}.flush().await?;", program.indent(found.2));
    draft.fix("flush the writer", safe, vec![fixes::after(found.2, text)]);
}
