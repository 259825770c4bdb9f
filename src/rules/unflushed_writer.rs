//! unflushed-writer: a writer that keeps bytes back goes out of scope after a write, without a flush on the way.
//!
//! Only ways that end normally count. Whatever else is done with the writer after the last write (a borrow, a move, a macro) is taken
//! as handing it over.

use super::findings::{Draft, Findings};
use super::{Check, Rule, fixes};
use crate::catalog::{FnEntry, Role, TypeEntry, TypeRole};
use crate::diagnostic::Applicability;
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::flow::{DeathKind, TrackedValue};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::TyKind;
use crate::program::flow::{Follows, Order, Until};
use crate::program::{Fate, Program, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "unflushed-writer", check: Check::Body(check) };

/// Fns of the workspace followed at most.
const MAX_DEPTH: u32 = 3;

const WRITERS: Wanted = Wanted { is: is_writer, in_structs: false };

fn is_writer(entry: &TypeEntry) -> bool {
    entry.role == Some(TypeRole::BufferedWriter)
        || matches!(entry.path.as_str(), "tokio::io::Stdout" | "tokio_util::codec::Framed")
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
            let ends = Ends::of(carried.entry);
            let Some(write) = unflushed(program, order, local, body, ends) else { continue };
            let name = program.body(body).locals[local].name;
            let call = program.making_call(place);
            let draft = out
                .at(kind_of(carried.entry), call)
                .fill("writer", &format!("`{name}`"))
                .fill("loss", loss(carried.entry))
                .subject(carried.entry.path)
                .why(program.call_span(write), "the last write");
            advise(program, order, local, write, ends, draft);
        }
    });
    temporaries(program, body, out);
    taken_by_value(program, body, out);
}

/// What brings out the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// A flush does, and so does a read: the file waits for its last write first.
    Flush,
    /// A flush does; a read from the other half brings nothing out.
    FlushAlone,
    /// As `FlushAlone`, of a sink of items: which `Sink` is meant may have to be said, so no fix is written.
    Sink,
    /// Only the shutdown or close writes the end of the compressed data.
    Shutdown,
}

impl Ends {
    fn of(entry: &TypeEntry) -> Self {
        match entry.path.as_str() {
            path if path.starts_with("async_compression::") => Self::Shutdown,
            "tokio::io::BufStream" => Self::FlushAlone,
            "tokio_util::codec::Framed" | "tokio_util::codec::FramedWrite" => Self::Sink,
            _ => Self::Flush,
        }
    }

    /// A call that leaves what is kept back where it is.
    fn ignores(self, entry: &FnEntry) -> bool {
        match self {
            Self::Flush => false,
            Self::FlushAlone | Self::Sink => matches!(entry.role, Some(Role::Read | Role::Next)),
            Self::Shutdown => entry.name == "flush",
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Flush | Self::FlushAlone | Self::Sink => "flush",
            Self::Shutdown => "shutdown",
        }
    }
}

/// A writer that no name holds: `File::create(path).await?.write_all(data).await`.
fn temporaries(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, _) in program.calls_with_role(body, Role::Write) {
        let ExprKind::MethodCall { recv, .. } = program.expr(call).kind else { continue };
        let made = Place { expr: recv, ..call };
        let is_temporary =
            matches!(program.expr(made).kind, ExprKind::Try(_) | ExprKind::Await(_) | ExprKind::Call { .. });
        let entry = program.ty(made).path().and_then(|_| program.type_entry(program.ty(made)));
        let entry = entry.filter(|entry| is_temporary && entry.role == Some(TypeRole::BufferedWriter));
        let Some(entry) = entry.filter(|_| program.is_async_at(call)) else { continue };
        out.at(kind_of(entry), program.making_call(made))
            .fill("writer", "this writer")
            .fill("loss", loss(entry))
            .subject(entry.path)
            .why(program.call_span(call), "the last write")
            .help(format!("keep it in a local, and call `{}().await?` after the last write", Ends::of(entry).method()));
    }
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
        path if path.starts_with("async_compression::") => "the end of the compressed data is never written",
        _ => "its buffer is discarded",
    }
}

fn dies_here(value: &TrackedValue) -> bool {
    value.deaths.iter().any(|death| death.kind == DeathKind::ScopeEnd)
}

/// A write after which some normal way to the end of the scope has nothing but writes.
fn unflushed(program: &Program, order: Order<'_>, local: LocalId, body: BodyId, ends: Ends) -> Option<Place> {
    let mentions = program.mentions(body, local);
    let own = program.body(body).locals[local].region;
    if program.in_unknown_macro(body, local) {
        return None;
    }
    let mut written: Vec<(ExprId, Place)> = Vec::new();
    for mention in &mentions {
        let write = write_of(program, Place { body, expr: *mention }, ends, 0);
        if order.region_of(*mention) == own {
            written.extend(write.map(|call| (*mention, call)));
        } else {
            // A block that is lent the writer, only writes with it and is awaited here is one write.
            let block = lent_to_block(program, Place { body, expr: *mention }, own).filter(|_| write.is_some())?;
            written.push((*mention, block));
        }
    }
    let ignored = |m: &ExprId| is_ignored(program, Place { body, expr: *m }, ends);
    let is_other = |e: ExprId| {
        matches!(program.body(body).exprs[e].kind, ExprKind::Local(l) if l == local)
            && !written.iter().any(|(mention, _)| *mention == e)
            && !ignored(&e)
    };
    let lost = |call: &Place| {
        order.runs(call.expr) && order.followed_by(call.expr, Until::ScopeEnd(local), is_other) != Follows::Always
    };
    written.iter().rev().map(|(_, call)| *call).find(lost)
}

/// The async block around a mention that borrows what it uses and is awaited in the region around it.
fn lent_to_block(program: &Program, mention: Place, own: RegionId) -> Option<Place> {
    let body = program.body(mention.body);
    let inner = &body.regions[body.exprs[mention.expr].region];
    let lends = inner.kind == RegionKind::AsyncBlock && !inner.is_move && inner.parent == Some(own);
    let block = program.ancestors(mention).find(|at| matches!(program.expr(*at).kind, ExprKind::Async(_)))?;
    let awaited = match program.fate(block) {
        Fate::Bound(local) => match program.mentions(mention.body, local)[..] {
            [only] => program.is_waited_for(Place { expr: only, ..mention }),
            _ => false,
        },
        _ => program.is_waited_for(block),
    };
    (lends && awaited).then_some(block)
}

/// The call of which this mention of a local is the receiver or an argument, perhaps by reference.
fn call_around(program: &Program, mention: Place) -> Option<(Place, Place)> {
    let parent = program.parent(mention)?;
    match program.expr(parent).kind {
        ExprKind::Ref { .. } => Some((program.parent(parent)?, parent)),
        _ => Some((parent, mention)),
    }
}

fn is_ignored(program: &Program, mention: Place, ends: Ends) -> bool {
    call_around(program, mention)
        .filter(|(call, operand)| program.receiver(*call) == *operand)
        .and_then(|(call, _)| program.api(call))
        .is_some_and(|entry| ends.ignores(entry))
}

/// The call that writes through this mention of a local, itself or in a fn of the workspace that does nothing else with it.
fn write_of(program: &Program, mention: Place, ends: Ends, depth: u32) -> Option<Place> {
    let (call, operand) = call_around(program, mention)?;
    if program.receiver(call) == operand {
        let writes = match (program.api(call), &program.expr(call).kind) {
            (Some(entry), _) => entry.role == Some(Role::Write) || entry.name == "feed",
            (None, ExprKind::MethodCall { name, .. }) => {
                matches!(program.ty(mention).peel_refs().kind(), TyKind::Param(..) | TyKind::Opaque(_))
                    && name.as_str().starts_with("write")
            }
            (None, _) => false,
        };
        if writes {
            return Some(call);
        }
    }
    let Target::Fn(def) = program.target(call) else { return None };
    let by_reference = operand != mention || matches!(program.ty(mention).kind(), TyKind::Ref(true, _));
    let callee = program.body_of(def).filter(|_| by_reference && depth < MAX_DEPTH)?;
    let param = program.parameter_for(call, callee, operand)?;
    only_writes(program, callee, param, ends, depth + 1).then_some(call)
}

/// A fn that writes to its parameter, and does nothing else with it.
fn only_writes(program: &Program, body: BodyId, param: LocalId, ends: Ends, depth: u32) -> bool {
    let mentions = program.mentions(body, param);
    let place = |m: &ExprId| Place { body, expr: *m };
    !mentions.is_empty()
        && !program.in_unknown_macro(body, param)
        && mentions
            .iter()
            .all(|m| write_of(program, place(m), ends, depth).is_some() || is_ignored(program, place(m), ends))
}

/// A writer of generic type that is given by value: nobody else can flush it.
fn taken_by_value(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (local, decl) in program.body(body).locals.iter_ids() {
        let generic = matches!(program.local_ty(body, local).kind(), TyKind::Param(..) | TyKind::Opaque(_));
        if decl.kind != LocalKind::Param || decl.region.0 != 0 || !generic || !program.is_async_writer(body, local) {
            continue;
        }
        let write = program.with_order(body, |order| unflushed(program, order, local, body, Ends::Flush));
        if let Some(write) = write {
            out.spanning("by-value", body, program.span_in(body, decl.span))
                .fill("writer", &format!("`{}`", decl.name))
                .fill("loss", "what it keeps back is lost")
                .why(program.call_span(write), "the last write")
                .help(format!("flush it: `{}.flush().await?;`", decl.name));
        }
    }
}

fn advise(program: &Program, order: Order<'_>, local: LocalId, write: Place, ends: Ends, draft: Draft<'_, '_>) {
    let body = program.body(write.body);
    let name = body.locals[local].name;
    let end = ends.method();
    let draft = draft.help(format!("{end} it after the last write: `{name}.{end}().await?;`"));
    // A block may still borrow the writer where its statement ends.
    if ends == Ends::Sink || matches!(program.expr(write).kind, ExprKind::Async(_)) {
        return;
    }
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
    let text = format!("\n{}{name}.{end}().await?;", program.indent(found.2));
    draft.fix(format!("{end} the writer"), safe, vec![fixes::after(found.2, text)]);
}
