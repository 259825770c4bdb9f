//! What the tool believes about a file or a line, and why: for contributors and for reports of false and missed alarms.

use std::fmt::Write;

use crate::base::FileId;
use crate::facts::{ExprId, ExprKind};
use crate::hir::body::Target;
use crate::hir::context::{Entry, Reason};
use crate::hir::names::{BodyId, Place, RegionRef};

use super::Program;

/// The beliefs about one file, or one 1-based line of it.
pub fn text(program: &Program, file: FileId, line: Option<u32>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", program.path(file));
    for body in program.bodies().filter(|b| program.file_of(*b) == file) {
        body_text(program, body, line, &mut out);
    }
    out
}

fn body_text(program: &Program, id: BodyId, line: Option<u32>, out: &mut String) {
    let body = program.body(id);
    let wanted = |place: Place| line.is_none_or(|l| program.line(program.call_span(place)) == l as usize);
    let places: Vec<Place> =
        body.exprs.ids().map(|expr| Place { body: id, expr }).filter(|p| is_shown(program, *p) && wanted(*p)).collect();
    if places.is_empty() && line.is_some() {
        return;
    }
    let _ = writeln!(out, "fn {}{}", program.function_name(id), if program.in_test(id) { "  (test code)" } else { "" });
    if line.is_none() {
        for region in body.regions.ids() {
            region_text(program, RegionRef { body: id, region }, out);
        }
    }
    for place in places {
        place_text(program, place, out);
    }
}

fn region_text(program: &Program, region: RegionRef, out: &mut String) {
    let context = program.context(region);
    let at = program.line(program.region_span(region));
    let _ = writeln!(
        out,
        "  region {} at line {at}: runs {:?}{}, {}",
        region.region.0,
        context.kind,
        entry(context.entry),
        why(program, region.body, context.reason),
    );
}

/// Whose thread it is, where that is known.
const fn entry(entry: Entry) -> &'static str {
    match entry {
        Entry::No => "",
        Entry::OwnThread => " (alone on a thread)",
        Entry::MultiThread => " (entry code)",
        Entry::CurrentThread => " (entry code of a single thread)",
        Entry::Command => " (entry code of a command)",
        Entry::Once => " (once)",
    }
}

fn why(program: &Program, body: BodyId, reason: Reason) -> String {
    let at = |expr: ExprId| program.source(Place { body, expr }).lines().next().unwrap_or("").to_owned();
    match reason {
        Reason::AsyncFn => "body of an async fn".to_owned(),
        Reason::AsyncBlock => "async block".to_owned(),
        Reason::Poll => "a poll method".to_owned(),
        Reason::SyncFn => "body of a plain fn".to_owned(),
        Reason::Initialiser => "initialiser".to_owned(),
        Reason::InlineAt(expr) => format!("called at once by `{}`", at(expr)),
        Reason::HandedTo(expr) => format!("handed to `{}`", at(expr)),
        Reason::Escapes => "the closure is kept, returned, or handed to code that is not seen".to_owned(),
        Reason::Macro => "inside a macro that is not understood".to_owned(),
    }
}

fn is_shown(program: &Program, place: Place) -> bool {
    matches!(
        program.expr(place).kind,
        ExprKind::Call { .. }
            | ExprKind::MethodCall { .. }
            | ExprKind::Await(_)
            | ExprKind::Macro(_)
            | ExprKind::Select(_)
    )
}

fn place_text(program: &Program, place: Place, out: &mut String) {
    let text = program.source(place).lines().next().unwrap_or("").to_owned();
    let _ = writeln!(out, "  {}: `{text}`", program.line(program.call_span(place)));
    let _ = writeln!(out, "      is {}", target(program, place));
    if let ExprKind::MethodCall { recv, .. } = &program.expr(place).kind {
        let _ = writeln!(out, "      receiver {}", program.describe(program.ty(Place { expr: *recv, ..place })));
    }
    let _ = writeln!(out, "      gives {} ({:?})", program.describe(program.ty(place)), program.confidence(place));
    let context = program.context_at(place);
    let _ = writeln!(
        out,
        "      runs {:?}{}, {}",
        context.kind,
        entry(context.entry),
        why(program, place.body, context.reason)
    );
    let _ = writeln!(out, "      fate {:?}", program.fate(place));
    effects_text(program, place, out);
}

fn effects_text(program: &Program, place: Place, out: &mut String) {
    let region = program.region_at(place);
    for (effect, source) in program.sources(region).filter(|(_, s)| s.place == place) {
        let _ = writeln!(out, "      effect {effect:?} by {}", source.path);
    }
    for edge in program.inline_calls(region).filter(|e| e.place == place) {
        for effect in program.effects.kinds() {
            if let Some(chain) = program.chain_through(edge, effect) {
                let hops: Vec<String> = program.hops(&chain).into_iter().map(|h| h.function).collect();
                let _ = writeln!(out, "      effect {effect:?} through {}", hops.join(" -> "));
            }
        }
    }
}

/// What a call refers to, in words.
pub fn target(program: &Program, place: Place) -> String {
    match program.target(place) {
        Target::Fn(def) => program.names.def_path(def),
        Target::TraitFn(def) => format!("{} (any implementation)", program.names.def_path(def)),
        Target::Api(entry) => entry.path.to_string(),
        Target::Foreign(path) => format!("{path} (not in the catalogue)"),
        Target::Ctor(res) => format!("constructor {}", program.describe_res(res)),
        Target::Closure(_) => "a closure of this body".to_owned(),
        Target::Local(local) => format!("the local `{}`", program.body(place.body).locals[local].name),
        Target::Unknown => "unknown".to_owned(),
    }
}
