//! Figures about how much is understood: the shares of decision T2 and the most frequent reasons for Unknown.

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
    unknown_paths: BTreeMap<String, usize>,
    unknown_receivers: BTreeMap<String, usize>,
}

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
    table(&mut out, "unknown paths", &stats.unknown_paths);
    table(&mut out, "unknown receivers, by what makes them", &stats.unknown_receivers);
    out
}

fn table(out: &mut String, title: &str, counts: &BTreeMap<String, usize>) {
    let mut rows: Vec<(&String, &usize)> = counts.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let _ = writeln!(out, "{title}");
    for (name, count) in rows.into_iter().take(25) {
        let _ = writeln!(out, "  {count:>6}  {name}");
    }
}

fn is_async(kind: RegionKind) -> bool {
    matches!(kind, RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::AsyncClosure | RegionKind::Stream)
}

fn count(program: &Program, id: BodyId, stats: &mut Stats) {
    let body = program.body(id);
    let types = program.types_of(id);
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
                    *stats.unknown_paths.entry(body.paths.paths[*path].text()).or_default() += 1;
                }
            }
            ExprKind::MethodCall { recv, .. } => {
                stats.receivers += 1;
                let ty = types.exprs[*recv].peel_refs();
                if matches!(ty.kind(), TyKind::Unknown | TyKind::Projection(..)) {
                    *stats.unknown_receivers.entry(reason(program, Place { body: id, expr: *recv })).or_default() += 1;
                } else {
                    stats.typed += 1;
                }
                stats.called += usize::from(!matches!(types.target(expr), Target::Unknown));
            }
            _ => {}
        }
    }
}

/// What makes a receiver whose type is not known; a chain is followed to its first unknown link.
fn reason(program: &Program, place: Place) -> String {
    let expr = program.expr(place);
    let inner = |e| Place { expr: e, ..place };
    let unknown = |e| program.ty(inner(e)).peel_refs().is_unknown();
    match &expr.kind {
        ExprKind::MethodCall { recv, name, .. } if !unknown(*recv) => {
            format!(".{name}() of {}", head(program, program.ty(inner(*recv))))
        }
        ExprKind::MethodCall { recv, .. } => reason(program, inner(*recv)),
        ExprKind::Await(e) | ExprKind::Try(e) | ExprKind::Ref { expr: e, .. } | ExprKind::Deref(e) if unknown(*e) => {
            reason(program, inner(*e))
        }
        ExprKind::Await(e) => format!("await of {}", head(program, program.ty(inner(*e)))),
        ExprKind::Try(e) => format!("? of {}", head(program, program.ty(inner(*e)))),
        ExprKind::Field { base, .. } if unknown(*base) => reason(program, inner(*base)),
        ExprKind::Field { base, name } => format!("field {name} of {}", head(program, program.ty(inner(*base)))),
        ExprKind::Call { callee, .. } => match &program.expr(inner(*callee)).kind {
            ExprKind::Path { path, .. } => {
                let res = program.types_of(place.body).values[*path];
                match res.res {
                    Res::Foreign(name) => format!("call of {name}"),
                    Res::Def(_) => "call of a workspace fn".to_owned(),
                    _ => "call of an unknown path".to_owned(),
                }
            }
            _ => "call of a value".to_owned(),
        },
        ExprKind::Local(local) => format!("local ({:?})", program.body(place.body).locals[*local].kind),
        ExprKind::Path { path, .. } => format!("path {}", program.body(place.body).paths.paths[*path].text()),
        ExprKind::Macro(call) => format!("macro {}!", program.body(place.body).paths.paths[call.path].text()),
        other => {
            let text = format!("{other:?}");
            text.split(['(', ' ', '{']).next().unwrap_or("").to_owned()
        }
    }
}

fn head(program: &Program, ty: crate::hir::ty::Ty) -> String {
    match ty.peel_refs().kind() {
        TyKind::Foreign(path, ..) => path.to_string(),
        TyKind::Adt(..) => "a workspace type".to_owned(),
        TyKind::Future(_, origin) => match origin {
            crate::hir::ty::FutureOrigin::Api(path) => format!("future of {path}"),
            _ => "a future".to_owned(),
        },
        _ => {
            let text = program.describe(ty.peel_refs());
            text.chars().take(40).collect()
        }
    }
}
