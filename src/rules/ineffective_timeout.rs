//! ineffective-timeout: the future under a timeout never waits, so its first poll runs it to the end.

use super::findings::Findings;
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::{Category, FnEntry, Role, Tier};
use crate::facts::expr::MacroShape;
use crate::facts::{ExprKind, RegionKind};
use crate::hir::body::Target;
use crate::hir::effect::Effect;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::hir::ty::{FutureOrigin, TyKind};
use crate::program::Program;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "ineffective-timeout", check: Check::Body(check) };

/// Why a future never waits.
enum Idle {
    /// `ready(..)`.
    Ready,
    /// The block or fn holds no await.
    Region(RegionRef),
    /// And it blocks its thread, here.
    Blocking(RegionRef, Place),
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (place, entry) in program.calls_with_role(body, Role::Timeout) {
        if program.is_own_test(body, entry.path.as_str()) {
            continue;
        }
        if let Some(future) = bounded(program, place, entry)
            && let Some(idle) = idle(program, future)
        {
            let span = program.call_span(place);
            report(program, body, span, &idle, out);
        }
    }
    for (call, future) in by_helpers(program, body) {
        if let Some(idle) = idle(program, future) {
            report(program, body, program.call_span(call), &idle, out);
        }
    }
    // A runtime's tests of `select!` take what is ready on purpose.
    let selects = program.selects(body).filter(|_| !program.is_own_test(body, "tokio"));
    for (_, select) in selects {
        let futures = || select.arms.iter().map(|arm| Place { body, expr: arm.future });
        if !futures().any(|f| program.is_sleep(f) || program.is_timer(f)) {
            continue;
        }
        for future in futures() {
            if let Some(idle) = idle(program, future) {
                let is_call = matches!(program.expr(future).kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. });
                let span = if is_call { program.call_span(future) } else { program.head_span(future) };
                report(program, body, span, &idle, out);
            }
        }
    }
}

/// Futures that are given to a fn of the workspace which bounds its parameter: `within(limit, future)`.
fn by_helpers(program: &Program, body: BodyId) -> Vec<(Place, Place)> {
    let mut found = Vec::new();
    for (expr, target) in &program.types_of(body).targets {
        let (call, Target::Fn(def)) = (Place { body, expr: *expr }, target) else { continue };
        for future in program.arguments(call) {
            let is_future = matches!(program.ty(future).kind(), TyKind::Future(..));
            let Some(callee) = program.body_of(*def).filter(|callee| is_future && *callee != body) else { continue };
            let param = program.parameter_for(call, callee, future);
            let bounds = |(at, entry): (Place, &FnEntry)| {
                bounded(program, at, entry).is_some_and(|f| param.is_some() && program.place_root(f) == param)
            };
            if program.calls_with_role(callee, Role::Timeout).any(bounds) {
                found.push((call, future));
            }
        }
    }
    found
}

fn report(program: &Program, body: BodyId, span: Span, idle: &Idle, out: &mut Findings<'_>) {
    let kind = if matches!(idle, Idle::Blocking(..)) { "blocking-inside" } else { "never-awaits" };
    let draft = out.spanning(kind, body, span).label("can never fire");
    let draft = match idle {
        Idle::Ready => draft.note("the future is ready when it is made"),
        Idle::Region(region) => {
            draft.why(program.region_span(*region), "never awaits: its first poll runs it to the end")
        }
        Idle::Blocking(region, call) => draft
            .why(program.call_span(*call), "blocks the thread, and with it the timer")
            .context(program.region_span(*region), "never awaits: its first poll runs it to the end"),
    };
    draft.help(
        "await in the block what it waits for; put work that takes long on `spawn_blocking` and bound its handle",
    );
}

/// The future that a call bounds: its last argument, or the receiver of a combinator.
fn bounded(program: &Program, place: Place, entry: &FnEntry) -> Option<Place> {
    let (recv, args) = program.operands(place, entry);
    let is_future = |p: &Place| program.output(program.ty(*p)).is_some();
    args.into_iter().rev().find(is_future).or_else(|| recv.filter(is_future))
}

fn is_ready(path: &str) -> bool {
    path.ends_with("future::ready") || path == "futures::future::lazy"
}

fn idle(program: &Program, future: Place) -> Option<Idle> {
    if let TyKind::Future(_, FutureOrigin::Api(path)) = program.ty(future).kind() {
        return is_ready(path.as_str()).then_some(Idle::Ready);
    }
    if program.api(future).is_some_and(|entry| is_ready(entry.path.as_str())) {
        return Some(Idle::Ready);
    }
    let region = program.work_of(future).region?;
    let body = program.body(region.body);
    let decl = &body.regions[region.region];
    if !matches!(decl.kind, RegionKind::AsyncBlock | RegionKind::AsyncFn) || may_wait(program, region) {
        return None;
    }
    let blocking = program.sources(region).find(|(effect, _)| {
        matches!(effect, Effect::Blocks { tier: Tier::Default, category, .. } if *category != Category::Stdio)
    });
    match blocking {
        // What blocks inside a fn is found there.
        Some(_) if decl.kind == RegionKind::AsyncFn => None,
        Some((_, source)) => Some(Idle::Blocking(region, source.place)),
        None => Some(Idle::Region(region)),
    }
}

/// An await, or something that may hide one; stubs count as waiting.
fn may_wait(program: &Program, region: RegionRef) -> bool {
    let body = program.body(region.body);
    let shape = program.shape(region);
    if shape.awaits.is_some() || shape.unknown.is_some() || body.has_unknown_macro {
        return true;
    }
    let mut exprs = program.exprs_of(region);
    let hides = exprs.any(|(_, expr)| match &expr.kind {
        ExprKind::Yield(_) | ExprKind::Opaque(_) => true,
        ExprKind::Macro(call) => call.hidden_flow || matches!(call.shape, MacroShape::Panic | MacroShape::Unknown),
        _ => false,
    });
    hides || is_empty(program, region)
}

/// A fn without statements is a stub of a trait or a mock.
fn is_empty(program: &Program, region: RegionRef) -> bool {
    let body = program.body(region.body);
    let is_fn = body.regions[region.region].kind == RegionKind::AsyncFn;
    match &body.exprs[body.regions[region.region].body].kind {
        ExprKind::Block(block) => {
            let trivial = block.tail.is_none_or(|tail| {
                !matches!(
                    body.exprs[tail].kind,
                    ExprKind::Call { .. } | ExprKind::MethodCall { .. } | ExprKind::Block(_)
                )
            });
            is_fn && block.stmts.is_empty() && trivial
        }
        _ => false,
    }
}
