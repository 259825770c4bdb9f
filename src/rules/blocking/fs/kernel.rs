//! Paths of the kernel: files below `/proc`, `/sys` and `/dev` are no disk.
//!
//! Looks at literals, constants, locals and what callers on the way to the call give; never at values of the run.

use crate::facts::expr::{Lit, LoopKind, Stmt};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, RegionId};
use crate::hir::body::Target;
use crate::hir::graph::Edge;
use crate::hir::names::{BodyId, Place, Res};
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
    let none = |at: Place| is_kernel_file(program, at, &[], steps + 1);
    match &program.expr(place).kind {
        ExprKind::Lit(Lit::Str(text)) => is_below(text.as_str()),
        ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) | ExprKind::Try(expr) => on(*expr),
        ExprKind::Call { args, .. } => match (&**args, program.target(place)) {
            (_, Target::Fn(def)) => program.body_of(def).is_some_and(|made| gives_kernel_file(program, made, steps)),
            ([only], _) => on(*only),
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
        ExprKind::Macro(call) => program.source(place).split_once('"').is_some_and(|(_, text)| {
            // The text may begin with a constant: `format!("{ROOT}/cpu")`, `format!("{}/cpu", ROOT)`.
            let captured = text.strip_prefix('{').and_then(|text| text.split_once('}')).map(|(name, _)| name);
            let constant = captured.and_then(|name| program.constant_named(place.body, name));
            let is_text = |arg: &&ExprId| matches!(program.expr(Place { expr: **arg, ..place }).kind, ExprKind::Lit(_));
            let first = call.args.iter().find(|arg| !is_text(arg)).filter(|_| captured.is_some());
            is_below(text) || constant.is_some_and(none) || first.is_some_and(|arg| on(*arg))
        }),
        ExprKind::If { then, else_: Some(other), .. } => is_one_of(program, place, &[*then, *other], &on),
        ExprKind::Match { arms, .. } => {
            is_one_of(program, place, &arms.iter().map(|arm| arm.body).collect::<Vec<_>>(), &on)
        }
        ExprKind::Block(block) => block.tail.is_some_and(on),
        ExprKind::Field { base, name } => {
            let TyKind::Adt(def, _) = program.ty(Place { expr: *base, ..place }).peel_refs().kind() else {
                return false;
            };
            let values = program.field_values(*def, *name);
            !values.is_empty() && values.iter().all(|at| is_kernel_file(program, *at, &[], steps + 4))
        }
        ExprKind::Path { path, .. } => match program.types_of(place.body).values[*path].res {
            Res::Def(def) => program.constant(def).is_some_and(none),
            _ => false,
        },
        ExprKind::Local(local) => match program.body(place.body).locals[*local].kind {
            LocalKind::Let => init_of(program, place, *local).is_some_and(on),
            LocalKind::Param if program.body(place.body).locals[*local].region != RegionId(0) => {
                turned(program, place, *local).is_some_and(|all| is_list(program, all, steps))
            }
            LocalKind::Param => program
                .given_on_way(place.body, *local, hops)
                .is_some_and(|(arg, before)| is_kernel_file(program, arg, before, steps + 1)),
            LocalKind::For => iterated(program, place, *local).is_some_and(|all| is_list(program, all, steps)),
            LocalKind::SelfValue | LocalKind::Arm => false,
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

/// All branches that give a value give such a file.
fn is_one_of(program: &Program, place: Place, branches: &[ExprId], on: &dyn Fn(ExprId) -> bool) -> bool {
    let gives = |expr: &&ExprId| !program.is_left_at(Place { expr: **expr, ..place });
    let mut values = branches.iter().filter(gives).peekable();
    values.peek().is_some() && values.all(|expr| on(*expr))
}

/// A fn without choices of its callers: `fn limit_file(v2: bool) -> &'static str { if v2 { "/sys/.." } else { "/sys/.." } }`.
fn gives_kernel_file(program: &Program, made: BodyId, steps: u32) -> bool {
    let body = program.body(made);
    let returns = body.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::Return(_)));
    !returns && is_kernel_file(program, Place { body: made, expr: body.root }, &[], steps + 2)
}

/// `["/sys/a", "/sys/b"]`, also by reference, by `iter()`, or as a constant.
fn is_list(program: &Program, place: Place, steps: u32) -> bool {
    if steps > MAX_STEPS {
        return false;
    }
    let at = |expr: ExprId| Place { expr, ..place };
    match &program.expr(place).kind {
        ExprKind::Array(parts) => {
            !parts.is_empty() && parts.iter().all(|part| is_kernel_file(program, at(*part), &[], steps + 1))
        }
        ExprKind::Ref { expr, .. } => is_list(program, at(*expr), steps + 1),
        ExprKind::MethodCall { recv, name, .. } => {
            matches!(name.as_str(), "iter" | "into_iter" | "copied" | "cloned" | "rev")
                && is_list(program, at(*recv), steps + 1)
        }
        ExprKind::Local(local) => {
            init_of(program, place, *local).is_some_and(|init| is_list(program, at(init), steps + 1))
        }
        ExprKind::Path { path, .. } => match program.types_of(place.body).values[*path].res {
            Res::Def(def) => program.constant(def).is_some_and(|list| is_list(program, list, steps + 1)),
            _ => false,
        },
        _ => false,
    }
}

/// What a `for` goes through.
fn iterated(program: &Program, place: Place, local: LocalId) -> Option<Place> {
    let body = program.body(place.body);
    let declared = body.locals[local].pat?;
    let found = body.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Loop { kind: LoopKind::For { pat, iter, .. }, .. } if *pat == declared => Some(*iter),
        _ => None,
    });
    found.map(|expr| Place { expr, ..place })
}

/// What the method goes through that is given the closure of this parameter: `paths.iter().find_map(|path| ..)`.
fn turned(program: &Program, place: Place, local: LocalId) -> Option<Place> {
    let body = program.body(place.body);
    let closure = body.regions[body.locals[local].region].expr;
    let call = body.exprs[closure].parent?;
    match &body.exprs[call].kind {
        ExprKind::MethodCall { recv, args, .. } if args.contains(&closure) => Some(Place { expr: *recv, ..place }),
        _ => None,
    }
}
