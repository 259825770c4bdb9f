//! Bodies lowered to flow on demand, and the lives of values of a class in them.
//!
//! A body is lowered at most once and only when somebody asks; most bodies never are.

use std::sync::OnceLock;

use crate::base::{IndexVec, Span};
use crate::facts::expr::MacroShape;
use crate::facts::{ExprId, ExprKind, RegionId};
use crate::hir::flow::{Death, DeathKind, Flow, TrackedValue};
use crate::hir::names::{BodyId, Place};
use crate::link::flow::{DropRules, lower};
use crate::source::Edition;

use super::Program;
use super::carried::Wanted;
use super::flow::{Order, Tracking};
use super::flow_oracle::{FlowOracle, TypeClass};

/// Lowered bodies.
#[derive(Debug, Default)]
pub struct Flows(IndexVec<BodyId, OnceLock<Box<Flow>>>);

impl Flows {
    /// Room for `bodies` bodies.
    pub fn new(bodies: usize) -> Self {
        Self((0..bodies).map(|_| OnceLock::new()).collect())
    }
}

impl Program {
    /// Asks about the order of things in a body.
    pub fn with_order<T>(&self, body: BodyId, ask: impl FnOnce(Order<'_>) -> T) -> T {
        let oracle = FlowOracle::new(self, body);
        let flow = self.flows.0[body].get_or_init(|| Box::new(lower(self.body(body), self.drop_rules(body), &oracle)));
        ask(Order::new(self.body(body), flow, &oracle))
    }

    /// Asks about the lives of the values of a class in a body; `None` when there are none.
    pub fn with_lives<T>(
        &self,
        body: BodyId,
        wanted: Wanted,
        ask: impl FnOnce(Order<'_>, &Tracking<'_>, &TypeClass<'_>) -> T,
    ) -> Option<T> {
        let class = TypeClass::new(self, body, wanted);
        if !class.occurs() {
            return None;
        }
        Some(self.with_order(body, |order| ask(order, &Tracking::new(order, &class), &class)))
    }

    fn drop_rules(&self, body: BodyId) -> DropRules {
        match self.edition(body) {
            Edition::E2024 => DropRules::From2024,
            Edition::E2015 | Edition::E2018 | Edition::E2021 => DropRules::Before2024,
        }
    }

    /// Some code of the body can be suspended.
    pub fn has_suspensions(&self, body: BodyId) -> bool {
        self.body(body).exprs.iter().any(|e| {
            matches!(e.kind, ExprKind::Await(_) | ExprKind::Select(_) | ExprKind::Yield(_))
                || matches!(
                    &e.kind,
                    ExprKind::Loop { kind: crate::facts::expr::LoopKind::For { is_await: true, .. }, .. }
                )
                || matches!(&e.kind, ExprKind::Macro(call) if matches!(
                    call.shape,
                    MacroShape::Join | MacroShape::TryJoin
                ))
        })
    }

    /// A small span for a suspension point: `.await`, the path of the macro, the keyword of the loop.
    pub fn suspension_span(&self, body: BodyId, at: ExprId) -> Span {
        let place = Place { body, expr: at };
        match self.expr(place).kind {
            ExprKind::Await(_) => {
                let span = self.span(place);
                let start = span.end.saturating_sub("await".len() as u32).max(span.start);
                Span { start, ..span }
            }
            ExprKind::Macro(_) | ExprKind::Select(_) => self.call_span(place),
            _ => self.head_span(place),
        }
    }

    /// The call that makes the value of an expression: looks through `.await`, `?` and what unwraps.
    pub fn making_call(&self, place: Place) -> Place {
        let mut at = place;
        while let ExprKind::Await(inner) | ExprKind::Try(inner) = self.expr(at).kind {
            at = Place { expr: inner, ..at };
        }
        at
    }
}

/// `assert!(found.is_none())` stands on every way to `at`: the variable that could hold the value holds nothing.
pub fn is_asserted_absent(order: Order<'_>, value: &TrackedValue, at: ExprId) -> bool {
    let body = order.body;
    let asks = |e: ExprId| match &body.exprs[e].kind {
        ExprKind::MethodCall { recv, name, .. } if matches!(name.as_str(), "is_none" | "is_err") => {
            matches!(body.exprs[*recv].kind, ExprKind::Local(l) if value.holders.contains(&l))
        }
        _ => false,
    };
    let asserts = |e: ExprId| match &body.exprs[e].kind {
        ExprKind::Macro(call) => call.shape == MacroShape::Assert && call.args.first().is_some_and(|arg| asks(*arg)),
        _ => false,
    };
    !value.holders.is_empty() && order.dominated_by(at, asserts)
}

/// The value ends in place, on some way: with its scope or statement, or by `drop`.
pub fn ends_in_place(value: &TrackedValue) -> bool {
    value.deaths.iter().any(is_end)
}

/// As `ends_in_place`, in one of the regions `counts`: what was moved into a closure ends there.
pub fn ends_in(value: &TrackedValue, counts: impl Fn(RegionId) -> bool) -> bool {
    value.deaths.iter().any(|death| is_end(death) && counts(death.region))
}

const fn is_end(death: &Death) -> bool {
    match death.kind {
        DeathKind::ScopeEnd | DeathKind::TemporaryEnd | DeathKind::Dropped(_) | DeathKind::Overwritten(_) => true,
        DeathKind::Moved(_)
        | DeathKind::Returned(_)
        | DeathKind::Captured(_)
        | DeathKind::Absent
        | DeathKind::Unknown(_) => false,
    }
}
