//! Figures about how much is understood: the shares of decision T2 and the most frequent reasons for Unknown.

mod reason;

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::facts::{ExprKind, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place, Res};
use crate::hir::ty::TyKind;

use super::Program;

#[derive(Default)]
struct Stats {
    paths: usize,
    resolved: usize,
    receivers: usize,
    typed: usize,
    called: usize,
    unknown_paths: Reasons,
    unknown_receivers: Reasons,
}

/// How often, and the first place.
type Reasons = BTreeMap<String, (usize, Place)>;

/// The figures as text.
pub fn text(program: &Program) -> String {
    let mut stats = Stats::default();
    for body in program.bodies() {
        if program.sources.selected(program.file_of(body)) {
            count(program, body, &mut stats);
        }
    }
    let share = |part: usize, of: usize| if of == 0 { 100.0 } else { 100.0 * part as f64 / of as f64 };
    let mut out = String::new();
    let _ = writeln!(out, "files {}", program.sources.files.len());
    let _ = writeln!(out, "calls in async regions");
    let _ = writeln!(
        out,
        "  paths resolved    {:>7} of {:>7}  {:5.1} %",
        stats.resolved,
        stats.paths,
        share(stats.resolved, stats.paths)
    );
    let _ = writeln!(
        out,
        "  receivers typed   {:>7} of {:>7}  {:5.1} %",
        stats.typed,
        stats.receivers,
        share(stats.typed, stats.receivers)
    );
    let _ = writeln!(
        out,
        "  methods resolved  {:>7} of {:>7}  {:5.1} %",
        stats.called,
        stats.receivers,
        share(stats.called, stats.receivers)
    );
    table(program, &mut out, "unknown paths", &stats.unknown_paths);
    table(program, &mut out, "unknown receivers, by what makes them", &stats.unknown_receivers);
    out
}

fn table(program: &Program, out: &mut String, title: &str, counts: &Reasons) {
    let mut rows: Vec<(&String, &(usize, Place))> = counts.iter().collect();
    rows.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
    let _ = writeln!(out, "{title}");
    for (name, (count, place)) in rows.into_iter().take(40) {
        let file = program.file_of(place.body);
        let line = program.facts[file].lines.line_of(program.expr(*place).span.0);
        let _ = writeln!(out, "  {count:>6}  {name}  ({}:{line})", program.sources.files[file].path);
    }
}

fn note(reasons: &mut Reasons, reason: String, place: Place) {
    reasons.entry(reason).or_insert((0, place)).0 += 1;
}

fn is_async(kind: RegionKind) -> bool {
    matches!(kind, RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::AsyncClosure | RegionKind::Stream)
}

fn count(program: &Program, id: BodyId, stats: &mut Stats) {
    let body = program.body(id);
    let types = program.types_of(id);
    let mut reasons = None;
    for (expr, data) in body.exprs.iter_ids() {
        if !body.region_chain(data.region).any(|r| is_async(body.regions[r].kind)) {
            continue;
        }
        match &data.kind {
            ExprKind::Path { path, .. } => {
                stats.paths += 1;
                let resolution = types.values[*path];
                let settled =
                    resolution.res != Res::Unknown && (resolution.rest == 0 || !types.exprs[expr].is_unknown());
                if settled {
                    stats.resolved += 1;
                } else {
                    note(&mut stats.unknown_paths, body.paths.paths[*path].text(), Place { body: id, expr });
                }
            }
            ExprKind::MethodCall { recv, .. } => {
                stats.receivers += 1;
                let ty = types.exprs[*recv].peel_refs();
                if matches!(ty.kind(), TyKind::Unknown | TyKind::Projection(..)) {
                    let reasons = reasons.get_or_insert_with(|| reason::Reasons::new(program, id));
                    note(&mut stats.unknown_receivers, reasons.of(*recv), Place { body: id, expr: *recv });
                } else {
                    stats.typed += 1;
                }
                stats.called += usize::from(!matches!(types.target(expr), Target::Unknown));
            }
            _ => {}
        }
    }
}
