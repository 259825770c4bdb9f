//! Paths of the kernel: files below `/proc`, `/sys` and `/dev` are no disk.
//!
//! Looks at literals, constants, locals and what callers on the way to the call give; never at values of the run.

use crate::facts::expr::{Lit, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, PatKind, RegionId};
use crate::hir::graph::Edge;
use crate::hir::names::{Place, Res};
use crate::hir::ty::TyKind;
use crate::program::Program;

const ROOTS: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Steps from an argument to the literal behind it at most.
const MAX_STEPS: u32 = 12;

/// The receiver or first argument of the call at `place` is a kernel file.
pub(super) fn names_kernel_file(program: &Program, place: Place, hops: &[Edge]) -> bool {
    let is = |e: &ExprId| is_kernel_file(program, Place { expr: *e, ..place }, hops, 0);
    match &program.expr(place).kind {
        ExprKind::Call { args, .. } => args.first().is_some_and(is),
        ExprKind::MethodCall { recv, args, .. } => is(recv) || args.first().is_some_and(is),
        _ => false,
    }
}

fn is_kernel_file(program: &Program, place: Place, hops: &[Edge], steps: u32) -> bool {
    if steps > MAX_STEPS {
        return false;
    }
    let on = |expr: ExprId| is_kernel_file(program, Place { expr, ..place }, hops, steps + 1);
    match &program.expr(place).kind {
        ExprKind::Lit(Lit::Str(text)) => is_below(text.as_str()),
        ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) | ExprKind::Try(expr) => on(*expr),
        ExprKind::Call { args, .. } => match &**args {
            [only] => on(*only),
            _ => false,
        },
        ExprKind::MethodCall { recv, name, args, .. } => {
            match name.as_str() {
                "join" | "as_ref" | "as_path" | "as_str" | "to_path_buf" | "to_owned" | "clone" | "into"
                | "display" => on(*recv),
                // A file that was opened there.
                "unwrap" | "expect" | "map_err" | "context" | "with_context" | "by_ref" | "as_mut" | "take"
                | "lines" => on(*recv),
                "open" => args.first().is_some_and(|path| on(*path)),
                _ => false,
            }
        }
        ExprKind::Macro(_) => program.source(place).split_once('"').is_some_and(|(_, text)| {
            // The text may begin with a constant: `format!("{ROOT}/cpu")`.
            let captured = text.strip_prefix('{').and_then(|text| text.split_once('}')).map(|(name, _)| name);
            let constant = captured.and_then(|name| program.constant_named(place.body, name));
            is_below(text) || constant.is_some_and(|at| is_kernel_file(program, at, &[], steps + 1))
        }),
        ExprKind::Field { base, name } => {
            let TyKind::Adt(def, _) = program.ty(Place { expr: *base, ..place }).peel_refs().kind() else {
                return false;
            };
            let values = program.field_values(*def, *name);
            !values.is_empty() && values.iter().all(|at| is_kernel_file(program, *at, &[], steps + 4))
        }
        ExprKind::Path { path, .. } => match program.types_of(place.body).values[*path].res {
            Res::Def(def) => program.constant(def).is_some_and(|at| is_kernel_file(program, at, &[], steps + 1)),
            _ => false,
        },
        ExprKind::Local(local) => match program.body(place.body).locals[*local].kind {
            LocalKind::Let => init_of(program, place, *local).is_some_and(on),
            LocalKind::Param => given(program, place, *local, hops, steps),
            LocalKind::SelfValue | LocalKind::Arm | LocalKind::For => false,
        },
        _ => false,
    }
}

fn is_below(path: &str) -> bool {
    ROOTS.iter().any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn init_of(program: &Program, place: Place, local: LocalId) -> Option<ExprId> {
    let body = program.body(place.body);
    let declared = body.locals[local].pat?;
    body.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { pat, init, .. } if *pat == declared => *init,
            _ => None,
        }),
        _ => None,
    })
}

/// What the last call on the way gives for this parameter.
fn given(program: &Program, place: Place, local: LocalId, hops: &[Edge], steps: u32) -> bool {
    let Some((edge, before)) = hops.split_last() else { return false };
    let callee = program.graph.region(edge.callee);
    if callee.body != place.body || callee.region != RegionId(0) {
        return false;
    }
    let body = program.body(place.body);
    let index = body.regions[RegionId(0)].params.iter().position(|param| match body.pats[param.pat].kind {
        PatKind::Bind { local: bound, .. } => bound == local,
        _ => false,
    });
    let has_self = body.locals.iter().any(|l| l.kind == LocalKind::SelfValue);
    let arg = index.and_then(|at| match &program.expr(edge.place).kind {
        ExprKind::MethodCall { args, .. } => args.get(at).copied(),
        ExprKind::Call { args, .. } => args.get(at + usize::from(has_self)).copied(),
        _ => None,
    });
    arg.is_some_and(|expr| is_kernel_file(program, Place { expr, ..edge.place }, before, steps + 1))
}
