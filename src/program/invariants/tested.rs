//! Is something asked before it is taken for granted? By the text of what is asked, within one fn; never proves that the answer still holds.

use crate::facts::expr::{BinaryOp, MacroShape};
use crate::facts::{ExprId, ExprKind};
use crate::hir::known::known;
use crate::hir::names::Place;

use super::super::Program;

/// Methods that say whether something is there.
const TESTS: [&str; 14] = [
    "is_some",
    "is_none",
    "is_some_and",
    "is_none_or",
    "is_ok",
    "is_err",
    "is_empty",
    "len",
    "contains_key",
    "contains",
    "any",
    "get_or_insert_with",
    "peek",
    "count",
];
/// Methods after which something is there.
const FILLS: [&str; 7] = ["push", "push_back", "push_front", "insert", "replace", "entry", "get_or_insert"];
/// Methods that give another view of what they are called on.
const VIEWS: [&str; 9] =
    ["as_ref", "as_mut", "as_deref", "as_deref_mut", "take", "clone", "cloned", "copied", "as_slice"];
/// Methods that give a part of what they are called on.
const PARTS: [&str; 24] = [
    "iter",
    "iter_mut",
    "into_iter",
    "next",
    "next_back",
    "pop",
    "pop_front",
    "pop_back",
    "first",
    "last",
    "first_mut",
    "last_mut",
    "front",
    "back",
    "get",
    "get_mut",
    "remove",
    "min",
    "max",
    "keys",
    "values",
    "drain",
    "chars",
    "peek",
];

impl Program {
    /// The only element of what a call makes of one element: `many(vec![one]).pop()`.
    pub(super) fn is_of_one(&self, value: Place) -> bool {
        let base = self.whole_of(value).last().copied().unwrap_or(value);
        let call = match self.expr(base).kind {
            ExprKind::Await(inner) | ExprKind::Try(inner) => self.inner_future(Place { expr: inner, ..base }),
            ExprKind::Local(local) => match self.initialiser(base.body, local) {
                Some(init) => match self.expr(init).kind {
                    ExprKind::Await(inner) | ExprKind::Try(inner) => self.inner_future(Place { expr: inner, ..init }),
                    _ => init,
                },
                None => return false,
            },
            _ => base,
        };
        base != value
            && self.arguments(call).into_iter().any(|arg| match &self.expr(arg).kind {
                ExprKind::Array(parts) => parts.len() == 1,
                ExprKind::Macro(made) => made.shape == MacroShape::Vec && made.args.len() == 1,
                ExprKind::Call { callee, args } => {
                    args.len() == 1 && self.source(Place { expr: *callee, ..arg }).ends_with("once")
                }
                _ => false,
            })
    }

    /// An option in a field or a parameter: whoever filled it knows whether it is there. What a call gave is another thing.
    pub(super) fn is_kept_option(&self, value: Place) -> bool {
        if self.ty(value).path().is_none_or(|path| path != known().option) {
            return false;
        }
        let mut at = value;
        loop {
            at.expr = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
                ExprKind::MethodCall { recv, name, .. } if VIEWS.contains(&name.as_str()) => *recv,
                ExprKind::Local(local) => match self.initialiser(at.body, *local) {
                    Some(init) => init.expr,
                    None => return true,
                },
                ExprKind::Field { .. } | ExprKind::Path { .. } => return true,
                _ => return false,
            };
        }
    }

    /// The value, and what it is a part of: `self.jobs.front().as_ref()`, `self.jobs.front()`, `self.jobs`.
    fn whole_of(&self, value: Place) -> Vec<Place> {
        let mut found = vec![value];
        let mut at = value;
        loop {
            at.expr = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => *expr,
                ExprKind::MethodCall { recv, name, .. }
                    if PARTS.contains(&name.as_str()) || VIEWS.contains(&name.as_str()) =>
                {
                    *recv
                }
                _ => return found,
            };
            found.push(at);
        }
    }

    /// The fn asks elsewhere whether it is there, or puts it there.
    pub(super) fn is_tested(&self, value: Place) -> bool {
        let wholes = self.whole_of(value);
        wholes.iter().any(|whole| self.is_asked(&self.squeezed(*whole), value))
    }

    /// Some other place of the fn asks whether the thing of this text is there, or fills it.
    pub(super) fn is_asked(&self, text: &str, value: Place) -> bool {
        let body = self.body(value.body);
        let same = |expr: ExprId| {
            let wholes = self.whole_of(Place { expr, ..value });
            wholes.into_iter().any(|part| self.squeezed(part) == text)
        };
        let own = |expr: ExprId| body.is_inside(expr, value.expr);
        body.exprs.iter_ids().filter(|(id, _)| !own(*id)).any(|(id, expr)| match &expr.kind {
            ExprKind::MethodCall { recv, name, .. } => {
                (TESTS.contains(&name.as_str()) || (FILLS.contains(&name.as_str()) && id < value.expr)) && same(*recv)
            }
            ExprKind::Let { expr, .. } => same(*expr),
            ExprKind::Match { scrutinee, .. } => !body.is_inside(value.expr, *scrutinee) && same(*scrutinee),
            ExprKind::Assign { target: Some(target), .. } => id < value.expr && same(*target),
            _ => false,
        })
    }

    /// The text of an expression without what a formatter puts between its parts.
    pub(super) fn squeezed(&self, place: Place) -> String {
        self.source(place).split_whitespace().collect()
    }

    /// The number is compared somewhere in the fn, or bounded where it is made.
    pub(in crate::program) fn is_compared(&self, number: Place, but: Place) -> bool {
        let text = self.squeezed(number);
        let body = self.body(number.body);
        let own = |expr: ExprId| body.is_inside(expr, but.expr);
        let same = |expr: ExprId| self.squeezed(Place { expr, ..number }) == text;
        let bounded = match self.expr(number).kind {
            ExprKind::Local(local) => self.initialiser(number.body, local).is_some_and(|init| {
                let text = self.source(init);
                [".max(", "max(", ".min(", "clamp(", "position(", "%", "gen_range", "random_range", "len()"]
                    .iter()
                    .any(|bound| text.contains(bound))
                    || matches!(self.expr(init).kind, ExprKind::Lit(_))
            }),
            _ => false,
        };
        bounded
            || body.exprs.iter_ids().filter(|(id, _)| !own(*id)).any(|(_, expr)| match &expr.kind {
                ExprKind::Binary { op: BinaryOp::Equal | BinaryOp::Compare, left, right } => {
                    same(*left) || same(*right)
                }
                ExprKind::Match { scrutinee, .. } => same(*scrutinee),
                ExprKind::MethodCall { recv, name, .. } => matches!(name.as_str(), "max" | "is_zero") && same(*recv),
                _ => false,
            })
    }

    /// A number that is written down, or compared or bounded in the fn.
    pub(in crate::program) fn is_bounded_number(&self, number: Place, but: Place) -> bool {
        match self.expr(number).kind {
            ExprKind::Lit(_) | ExprKind::Path { .. } => true,
            _ => self.is_compared(number, but),
        }
    }
}
