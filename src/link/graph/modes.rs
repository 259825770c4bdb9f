//! Branches of a helper that its callers' own words exclude: `start(future, Kind::Blocking)` never comes to the arm of another kind.
//!
//! Only variants and truth values that are written on the way count, passed on by any number of helpers; what a parameter holds
//! otherwise is not known.

use crate::facts::expr::{BinaryOp, Block, Lit, Stmt, UnaryOp};
use crate::facts::{Body, ExprId, ExprKind, ItemKind, LocalId, LocalKind, PatId, PatKind, RegionId};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, BodyRef, DefId, Res};

use super::Linked;

/// What is known of the parameters of a fn on one way to it.
#[derive(Default)]
pub struct Told {
    values: Vec<(LocalId, Says)>,
}

/// What an expression says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Bool(bool),
    Variant(Res),
}

/// Constants that name constants, questions that ask questions.
const MAX_DEPTH: u32 = 8;

/// A body, and what is known of its parameters.
#[derive(Clone, Copy)]
struct At<'a> {
    linked: Linked<'a>,
    id: BodyId,
    told: &'a Told,
    depth: u32,
}

impl Told {
    /// What a call tells its callee, where something is known of the caller's own parameters.
    pub fn by_call(linked: Linked<'_>, known: &Self, (caller, call): (BodyId, ExprId), callee: BodyId) -> Self {
        At { linked, id: caller, told: known, depth: 0 }.told_by(call, callee)
    }
}

/// The expression stands in a branch of the body that this way does not take.
pub fn excludes(linked: Linked<'_>, told: &Told, id: BodyId, expr: ExprId) -> bool {
    if told.values.is_empty() {
        return false;
    }
    let at = At { linked, id, told, depth: 0 };
    let mut child = expr;
    for around in at.body().ancestors(expr).skip(1) {
        if at.is_other_branch(around, child) {
            return true;
        }
        child = around;
    }
    false
}

impl<'a> At<'a> {
    fn body(&self) -> &'a Body {
        self.linked.body(self.id)
    }

    fn told_by(self, call: ExprId, callee: BodyId) -> Told {
        let (receiver, args) = match &self.body().exprs[call].kind {
            ExprKind::MethodCall { recv, args, .. } => (Some(*recv), &args[..]),
            ExprKind::Call { args, .. } if takes_self(self.linked, callee) => match args.split_first() {
                Some((first, rest)) => (Some(*first), rest),
                None => (None, &args[..]),
            },
            ExprKind::Call { args, .. } => (None, &args[..]),
            _ => return Told::default(),
        };
        let inner = self.linked.body(callee);
        let params = inner.regions[RegionId(0)].params.iter().zip(args);
        let mut values: Vec<(LocalId, Says)> = params
            .filter_map(|(param, arg)| match inner.pats[param.pat].kind {
                PatKind::Bind { local, sub: None, .. } if !inner.locals[local].mutable => {
                    Some((local, self.said(*arg)?))
                }
                _ => None,
            })
            .collect();
        let own = inner.locals.iter_ids().find(|(_, local)| local.kind == LocalKind::SelfValue && !local.mutable);
        values.extend(own.and_then(|(local, _)| Some((local, self.said(receiver?)?))));
        Told { values }
    }

    fn is_other_branch(self, around: ExprId, child: ExprId) -> bool {
        match &self.body().exprs[around].kind {
            ExprKind::If { cond, then, else_ } => match self.truth(*cond) {
                Some(true) => *else_ == Some(child),
                Some(false) => *then == child,
                None => false,
            },
            ExprKind::Match { scrutinee, arms } => {
                let Some(said) = self.said(*scrutinee) else { return false };
                let Some(at) = arms.iter().position(|arm| arm.body == child) else { return false };
                let before = arms[..at].iter().any(|arm| arm.guard.is_none() && self.fits(arm.pat, said) == Some(true));
                before || self.fits(arms[at].pat, said) == Some(false)
            }
            ExprKind::Block(block) => self.leaves_before(block, child),
            _ => false,
        }
    }

    /// `if is_blocking { return .. }` before it.
    fn leaves_before(self, block: &Block, child: ExprId) -> bool {
        let before = block.stmts.iter().take_while(|stmt| match stmt {
            Stmt::Expr { expr, .. } => *expr < child,
            Stmt::Let { init, .. } => init.is_none_or(|init| init < child),
            Stmt::Item(_) => true,
        });
        let mut exprs = before.filter_map(|stmt| match stmt {
            Stmt::Expr { expr, .. } => Some(*expr),
            Stmt::Let { .. } | Stmt::Item(_) => None,
        });
        exprs.any(|expr| match self.body().exprs[expr].kind {
            ExprKind::If { cond, then, .. } => self.truth(cond) == Some(true) && returns(self.body(), then),
            _ => false,
        })
    }

    fn truth(self, cond: ExprId) -> Option<bool> {
        match self.said(cond)? {
            Says::Bool(value) => Some(value),
            Says::Variant(_) => None,
        }
    }

    /// What the expression is on this way.
    fn said(self, expr: ExprId) -> Option<Says> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        let deeper = Self { depth: self.depth + 1, ..self };
        let body = self.body();
        match &body.exprs[expr].kind {
            ExprKind::Lit(Lit::Bool(value)) => Some(Says::Bool(*value)),
            ExprKind::Local(local) => {
                let told = self.told.values.iter().find(|(own, _)| own == local).map(|(_, says)| *says);
                told.or_else(|| deeper.said(initialiser(body, *local)?))
            }
            ExprKind::Path { path, .. } => {
                let found = self.linked.types[self.id].values[*path];
                match found.res {
                    Res::Variant(..) if found.rest == 0 => Some(Says::Variant(found.res)),
                    Res::Def(def) if found.rest == 0 => constant(self.linked, def, self.depth),
                    _ => None,
                }
            }
            ExprKind::Ref { mutable: false, expr } | ExprKind::Deref(expr) => deeper.said(*expr),
            ExprKind::Block(block) if block.stmts.is_empty() => deeper.said(block.tail?),
            ExprKind::Unary(UnaryOp::Not, inner) => deeper.truth(*inner).map(|value| Says::Bool(!value)),
            ExprKind::Let { pat, expr } => deeper.fits(*pat, deeper.said(*expr)?).map(Says::Bool),
            ExprKind::Binary { op: BinaryOp::And, left, right } => {
                Some(Says::Bool(deeper.truth(*left)? && deeper.truth(*right)?))
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right } => {
                Some(Says::Bool(deeper.truth(*left)? || deeper.truth(*right)?))
            }
            ExprKind::Binary { op: BinaryOp::Equal, left, right } => {
                let same = deeper.said(*left)? == deeper.said(*right)?;
                Some(Says::Bool(same != self.is_unequal(*left, *right)))
            }
            ExprKind::Match { scrutinee, arms } => {
                let value = deeper.said(*scrutinee)?;
                let first = arms.iter().find(|arm| deeper.fits(arm.pat, value) != Some(false))?;
                let sure = first.guard.is_none() && deeper.fits(first.pat, value) == Some(true);
                if sure { deeper.said(first.body) } else { None }
            }
            ExprKind::MethodCall { recv, name, .. } if matches!(name.as_str(), "clone" | "to_owned" | "into") => {
                deeper.said(*recv)
            }
            ExprKind::MethodCall { .. } => match self.linked.types[self.id].target(expr) {
                Target::Fn(def) => deeper.answered(expr, def),
                _ => None,
            },
            _ => None,
        }
    }

    /// `kind.is_blocking()`: a fn that is one expression, of what it is asked with.
    fn answered(self, call: ExprId, def: DefId) -> Option<Says> {
        let callee = self.linked.world.body_of(def)?;
        let told = self.told_by(call, callee);
        let body = self.linked.body(callee);
        let ExprKind::Block(block) = &body.exprs[body.root].kind else { return None };
        let only = block.tail.filter(|_| block.stmts.is_empty() && !told.values.is_empty())?;
        At { linked: self.linked, id: callee, told: &told, depth: self.depth }.said(only)
    }

    /// What stands between two operands is `!=`.
    fn is_unequal(self, left: ExprId, right: ExprId) -> bool {
        let exprs = &self.body().exprs;
        self.text((exprs[left].span.1, exprs[right].span.0)).contains("!=")
    }

    fn text(self, (from, to): (u32, u32)) -> &'a str {
        let file = self.linked.world.names.body_ref(self.id).file;
        let text = &self.linked.world.sources.files[file].text;
        text.get(from as usize..to as usize).unwrap_or_default()
    }

    fn fits(self, pat: PatId, said: Says) -> Option<bool> {
        let types = &self.linked.types[self.id];
        let decl = &self.body().pats[pat];
        match &decl.kind {
            PatKind::Wild | PatKind::Bind { sub: None, .. } => Some(true),
            PatKind::Ref(inner) => self.fits(*inner, said),
            PatKind::Path(path) | PatKind::TupleStruct { path, .. } | PatKind::Struct { path, .. } => {
                let found = [types.values[*path], types.path_types[*path]].into_iter().filter(|found| found.rest == 0);
                let mut variants = found.map(|found| found.res).filter(|res| matches!(res, Res::Variant(..)));
                variants.next().map(|variant| Says::Variant(variant) == said)
            }
            PatKind::Literal => match (said, self.text(decl.span)) {
                (Says::Bool(value), text @ ("true" | "false")) => Some(value == (text == "true")),
                (Says::Bool(_) | Says::Variant(_), _) => None,
            },
            PatKind::Or(pats) => {
                let all: Vec<_> = pats.iter().map(|pat| self.fits(*pat, said)).collect();
                if all.contains(&Some(true)) {
                    return Some(true);
                }
                all.iter().all(|fit| *fit == Some(false)).then_some(false)
            }
            _ => None,
        }
    }
}

fn takes_self(linked: Linked<'_>, callee: BodyId) -> bool {
    let def = linked.world.fn_of(callee);
    let sig = def.and_then(|def| linked.sigs.func(linked.world.names.item_ref(def)));
    sig.is_some_and(|sig| sig.receiver.is_some())
}

/// `const DEFAULT: Kind = Kind::Plain;`
fn constant(linked: Linked<'_>, def: DefId, depth: u32) -> Option<Says> {
    let (file, item) = linked.world.item(def);
    let ItemKind::Const(constant) = &item.kind else { return None };
    let id = linked.world.names.body(BodyRef { file, body: constant.body? });
    At { linked, id, told: &Told::default(), depth: depth + 1 }.said(linked.body(id).root)
}

/// The value of a `let` that is never set again.
fn initialiser(body: &Body, local: LocalId) -> Option<ExprId> {
    if body.locals[local].mutable || body.locals[local].kind != LocalKind::Let {
        return None;
    }
    body.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::Block(block) => block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Let { pat, init, .. } => match body.pats[*pat].kind {
                PatKind::Bind { local: own, .. } if own == local => *init,
                _ => None,
            },
            Stmt::Expr { .. } | Stmt::Item(_) => None,
        }),
        _ => None,
    })
}

/// A block whose last act is a return.
fn returns(body: &Body, block: ExprId) -> bool {
    match &body.exprs[block].kind {
        ExprKind::Return(_) => true,
        ExprKind::Block(inner) => {
            let last = inner.stmts.last().and_then(|stmt| match stmt {
                Stmt::Expr { expr, .. } => Some(*expr),
                Stmt::Let { .. } | Stmt::Item(_) => None,
            });
            inner.tail.or(last).is_some_and(|last| returns(body, last))
        }
        _ => false,
    }
}
