//! undrained-join-set: a set of tasks is filled, and nothing takes the results out of it.

use crate::base::Span;
use crate::catalog::{Role, TypeRole};
use crate::facts::expr::LoopKind;
use crate::facts::{ExprKind, ItemKind, LocalId, LocalKind};
use crate::hir::names::{BodyId, Place};
use crate::program::{Fate, Program};

use super::findings::Findings;
use super::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "undrained-join-set", check: Check::Program(check) };

/// What a mention of a set does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Fills(Place),
    Drains(Place),
    Looks,
    Escapes,
}

fn check(program: &Program, out: &mut Findings<'_>) {
    for body in program.bodies() {
        for local in program.body(body).locals.ids() {
            check_local(program, body, local, out);
        }
    }
    check_fields(program, out);
}

fn use_of(program: &Program, mention: Place) -> Use {
    let Fate::Receiver(call) = program.fate(mention) else { return Use::Escapes };
    let call = Place { expr: call, ..mention };
    let Some(entry) = program.api(call) else { return Use::Escapes };
    match entry.role {
        Some(Role::TaskSetSpawn) => Use::Fills(call),
        Some(Role::TaskSetDrain | Role::Next) => Use::Drains(call),
        _ if matches!(entry.name.as_str(), "len" | "is_empty") => Use::Looks,
        _ => Use::Escapes,
    }
}

/// A tracker of this body that is filled, and that nothing waits for.
fn check_tracker(program: &Program, body: BodyId, local: LocalId, out: &mut Findings<'_>) {
    let mut first = None;
    for expr in program.reads(body, local) {
        let Fate::Receiver(call) = program.fate(Place { body, expr }) else { return };
        let call = Place { body, expr: call };
        match program.api(call).and_then(|entry| entry.role) {
            Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking) => {
                first.get_or_insert(call);
            }
            Some(Role::TrackerClose) => {}
            _ => return,
        }
    }
    if let Some(first) = first {
        let span = program.span_in(body, program.body(body).locals[local].span);
        out.spanning("tracker", body, span)
            .also(program.call_span(first), "filled here")
            .help("close it and wait: `tracker.close(); tracker.wait().await;`");
    }
}

fn check_local(program: &Program, body: BodyId, local: LocalId, out: &mut Findings<'_>) {
    let decl = &program.body(body).locals[local];
    let role = program.type_role(program.local_ty(body, local));
    let own = || program.initialiser(body, local).and_then(|init| program.api(init));
    if decl.kind == LocalKind::Let
        && role == Some(TypeRole::TaskTracker)
        && own().is_some_and(|entry| matches!(entry.name.as_str(), "new" | "default"))
        && !program.in_unknown_macro(body, local)
    {
        check_tracker(program, body, local, out);
        return;
    }
    if decl.kind != LocalKind::Let || !matches!(role, Some(TypeRole::TaskSet | TypeRole::FutureSet)) {
        return;
    }
    let is_new = own().is_some_and(|entry| matches!(entry.name.as_str(), "new" | "default"));
    if !is_new || program.in_unknown_macro(body, local) {
        return;
    }
    if program.should_panic(body) {
        return;
    }
    let uses: Vec<Use> =
        program.reads(body, local).into_iter().map(|expr| use_of(program, Place { body, expr })).collect();
    let first = uses.iter().find_map(|u| if let Use::Fills(call) = u { Some(*call) } else { None });
    let (Some(first), false) = (first, uses.contains(&Use::Escapes)) else { return };
    let drains = uses.iter().filter_map(|u| if let Use::Drains(call) = u { Some(*call) } else { None });
    let drains: Vec<Place> = drains.collect();
    let kind = if drains.is_empty() {
        match role {
            Some(TypeRole::FutureSet) => "never-polled",
            _ if is_kept_to_abort(decl.name.as_str()) => "kept-to-abort",
            _ if is_never_left(program, first) => "leak",
            _ => "aborted",
        }
    } else if uses.iter().any(|u| matches!(u, Use::Fills(call) if leaks(program, *call, &drains))) {
        "leak"
    } else {
        return;
    };
    report(program, kind, body, program.span_in(body, decl.span), first, out);
}

/// The set is filled by a loop without a way out but a failure: it is not dropped as long as all goes well.
fn is_never_left(program: &Program, fill: Place) -> bool {
    let mut inner = fill;
    while let Some(looped) = program.nearest_loop(inner) {
        let ExprKind::Loop { kind, .. } = &program.expr(looped).kind else { return false };
        let endless = || program.is_endless(looped, kind) || program.ends_by_error_alone(looped);
        if !program.ends_with_its_events(looped) && endless() {
            return true;
        }
        inner = looped;
    }
    false
}

/// Filled by a loop that waits for events, and drained after the loop only.
fn leaks(program: &Program, fill: Place, drains: &[Place]) -> bool {
    let Some(looped) = event_loop(program, fill) else { return false };
    let facts = program.body(fill.body);
    !drains.iter().any(|drain| facts.is_inside(drain.expr, looped.expr))
}

fn event_loop(program: &Program, at: Place) -> Option<Place> {
    let mut inner = at;
    while let Some(looped) = program.nearest_loop(inner) {
        let ExprKind::Loop { kind, body, .. } = &program.expr(looped).kind else { return None };
        // `for` ends with its items: what is collected meanwhile is bounded by them.
        let counted = matches!(kind, LoopKind::For { is_await: false, .. });
        let waits = || program.is_endless(looped, kind) || program.waits_for_events(Place { expr: *body, ..looped });
        if !counted && waits() {
            return Some(looped);
        }
        inner = looped;
    }
    None
}

fn is_kept_to_abort(name: &str) -> bool {
    name.starts_with('_') || name.ends_with("_tasks") || name.contains("abort") || name.contains("guard")
}

/// Fields of the workspace's structs, over all bodies.
fn check_fields(program: &Program, out: &mut Findings<'_>) {
    for (def, item) in program.structs() {
        let ItemKind::Struct(decl) = &item.kind else { continue };
        for (name, ty) in program.field_types(def) {
            if program.type_role(ty) != Some(TypeRole::TaskSet) || ty.path().is_none() {
                continue;
            }
            if program.is_exported_field(def, name) || program.is_matched_field(def, name) {
                continue;
            }
            let uses = program.field_mentions(def, name).into_iter().map(|mention| use_of(program, mention));
            let uses: Vec<Use> = uses.collect();
            let first = uses.iter().find_map(|u| if let Use::Fills(call) = u { Some(*call) } else { None });
            let only = uses.iter().all(|u| matches!(u, Use::Fills(_) | Use::Looks));
            let (Some(first), true) = (first, only) else { continue };
            let Some(field) = decl.fields.iter().find(|f| f.name == name) else { continue };
            let span = Span::new(program.file_of_def(def), field.span.0, field.span.1);
            if program.assumes_before(span, "abort-on-drop") {
                continue;
            }
            let kind = if is_kept_to_abort(name.as_str()) { "kept-to-abort" } else { "leak" };
            report(program, kind, first.body, span, first, out);
        }
    }
}

fn report(program: &Program, kind: &'static str, body: BodyId, span: Span, first: Place, out: &mut Findings<'_>) {
    let draft = out.spanning(kind, body, span).also(program.call_span(first), "filled here");
    match kind {
        "leak" => {
            draft.help(
                "take the results out where the set is filled: an arm `Some(done) = set.join_next() => ..` in the loop",
            );
        }
        "never-polled" => {
            draft.help("poll it: `while let Some(done) = set.next().await { .. }`");
        }
        _ => {
            draft.help("wait for the tasks: `while let Some(done) = set.join_next().await { .. }`, or `detach_all`");
        }
    }
}
