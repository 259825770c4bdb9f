//! Is the period of a timer a fixed one? `interval(Duration::ZERO)` panics. Knows nothing of what a duration is.

use crate::facts::{ExprKind, LocalKind};
use crate::hir::body::Target;
use crate::hir::names::Place;
use crate::hir::ty::TyKind;

use super::reading::Reading;

/// Timers that panic for a period of zero, and the position of the period.
const TIMERS: [(&str, usize); 4] = [
    ("tokio::time::interval", 0),
    ("tokio::time::interval_at", 1),
    ("actix_rt::time::interval", 0),
    ("actix_rt::time::interval_at", 1),
];
/// Places followed to where a period comes from.
const DEPTH: u32 = 4;

impl Reading<'_> {
    /// `interval(period)` with a period that comes from outside and that nothing compares.
    pub(super) fn has_open_period(&self, call: Place) -> bool {
        let path = match self.program.target(call) {
            Target::Api(entry) => entry.path,
            Target::Foreign(path) => path,
            _ => return false,
        };
        let Some((_, at)) = TIMERS.iter().find(|(timer, _)| path == *timer) else { return false };
        self.program.arguments(call).get(*at).is_some_and(|period| self.comes_from_outside(*period, 0))
    }

    /// A field or parameter that no visible code fills with something fixed. What is computed by a call is not known, so not open.
    fn comes_from_outside(&self, period: Place, depth: u32) -> bool {
        let program = self.program;
        let at = |expr| Place { expr, ..period };
        if depth > DEPTH || program.is_bounded_number(period, period) {
            return false;
        }
        let outside = |place| self.comes_from_outside(place, depth + 1);
        match &program.expr(period).kind {
            ExprKind::Local(local) => match program.initialiser(period.body, *local) {
                Some(init) => outside(init),
                None if program.body(period.body).locals[*local].kind == LocalKind::Param => {
                    let given = self.given(period, *local);
                    !given.is_empty() && given.into_iter().any(outside)
                }
                None => false,
            },
            ExprKind::Field { base, name } => match program.ty(at(*base)).peel_refs().kind() {
                TyKind::Adt(def, _) => {
                    let values = program.field_values(*def, *name);
                    values.is_empty() || values.into_iter().any(outside)
                }
                _ => false,
            },
            ExprKind::Call { callee, args } => {
                let name = program.source(at(*callee));
                name.contains("Duration::from_") && args.first().is_some_and(|arg| outside(at(*arg)))
            }
            ExprKind::MethodCall { recv, name, args, .. } => {
                let keeps = matches!(name.as_str(), "clone" | "into" | "to_owned");
                keeps && args.is_empty() && outside(at(*recv))
            }
            ExprKind::Binary { left, .. } => outside(at(*left)),
            ExprKind::Cast(inner, _) | ExprKind::Deref(inner) | ExprKind::Ref { expr: inner, .. } => {
                outside(at(*inner))
            }
            _ => false,
        }
    }

    /// What callers give for a parameter.
    fn given(&self, mention: Place, param: crate::facts::LocalId) -> Vec<Place> {
        let program = self.program;
        let body = mention.body;
        if let Some(call) = self.calls.get(&body) {
            return program.given_for(*call, body, param).into_iter().collect();
        }
        let callers = program.graph.calls_to(program.node(super::super::Program::whole(body)));
        callers.filter_map(|edge| program.given_for(edge.place, body, param)).collect()
    }
}
