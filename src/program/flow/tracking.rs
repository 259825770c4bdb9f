//! The lives of tracked values: guards, permits, span guards, writers.
//!
//! An instance of the forward pass with [`Held`] as its state. After the states have settled, each node is walked once more to write
//! down suspension points, names and ends. Regions run from the outside in, so that what an async block captured is known.

use rustc_hash::FxHashMap;

use crate::base::IndexVec;
use crate::facts::{ExprId, ExprKind, RegionId};
use crate::hir::flow::{Class, Death, DeathKind, Flow, Origin, TrackedValue};
use crate::link::flow::holding::{Held, Holder, Holding, Log, Pair};
use crate::link::flow::{Fate, Solution, forward};

use super::order::Order;

/// The lives of all tracked values of one class in one body.
pub struct Tracking<'a> {
    holding: Holding<'a>,
    record: Record<'a>,
    solution: Solution<Held>,
}

/// Writes down what happens.
struct Record<'a> {
    order: Order<'a>,
    region: RegionId,
    values: Vec<TrackedValue>,
    index: FxHashMap<Origin, usize>,
    /// What captured locals hold when a region starts.
    captured: IndexVec<RegionId, Held>,
}

impl<'a> Tracking<'a> {
    /// Computes the lives; linear in the size of the body, times the nesting of loops.
    pub fn new(order: Order<'a>, class: &'a dyn Class) -> Self {
        let Order { body, flow, oracle } = order;
        let holding = Holding { body, flow, oracle, class };
        let captured = IndexVec::filled(Held::default(), body.regions.len());
        let record = Record { order, region: RegionId(0), values: Vec::new(), index: FxHashMap::default(), captured };
        let mut tracking = Self { holding, record, solution: IndexVec::filled(None, flow.node_count()) };
        for region in body.regions.ids() {
            tracking.region(flow, region);
        }
        tracking.record.settle();
        tracking
    }

    /// All tracked values, in order of their making.
    pub fn values(&self) -> &[TrackedValue] {
        &self.record.values
    }

    /// The value that `e` creates.
    pub fn created_by(&self, e: ExprId) -> Option<&TrackedValue> {
        self.record.index.get(&Origin::Expr(e)).map(|i| &self.record.values[*i])
    }

    /// Values that may be alive when `e` takes effect, without those that `e` itself makes or takes; in order of their making.
    pub fn live_at(&self, e: ExprId) -> Vec<&TrackedValue> {
        self.live(e, true)
    }

    /// The same with those that `e` takes: while it runs, it has them.
    pub fn live_in(&self, e: ExprId) -> Vec<&TrackedValue> {
        self.live(e, false)
    }

    fn live(&self, e: ExprId, after_taking: bool) -> Vec<&TrackedValue> {
        let flow = self.holding.flow;
        let Some(event) = flow.eval_event(e) else { return Vec::new() };
        let Some(mut held) = self.solution[flow.node_of(event)].clone() else { return Vec::new() };
        let start = flow.node(flow.node_of(event)).events.start;
        (start..event).for_each(|i| self.holding.step(&mut held, i, &mut ()));
        if after_taking {
            self.holding.consume(&mut held, event, e, &mut ());
        }
        let mut live: Vec<usize> = held.0.iter().filter_map(|(_, v)| self.record.index.get(v).copied()).collect();
        live.sort_unstable();
        live.dedup();
        live.into_iter().map(|i| &self.record.values[i]).collect()
    }

    fn region(&mut self, flow: &Flow, region: RegionId) {
        let Some(graph) = flow.region(region) else { return };
        let holding = self.holding;
        self.record.region = region;
        let entry = std::mem::take(&mut self.record.captured[region]);
        forward(flow, region, entry, &mut self.solution, |held, event| holding.step(held, event, &mut ()));
        for node in &graph.nodes {
            let Some(mut held) = self.solution[*node].clone() else { continue };
            for event in flow.node(*node).events.clone() {
                holding.step(&mut held, event, &mut self.record);
            }
            if *node == graph.end {
                self.end_region(flow.node(*node).events.start, &held);
            }
        }
    }

    /// What is left at the end was returned, or dies with its local.
    fn end_region(&mut self, event: u32, held: &Held) {
        for pair in &held.0 {
            let how = match pair.0 {
                Holder::Local(_) => DeathKind::ScopeEnd,
                Holder::Expr(e) => match self.holding.fate(e) {
                    Fate::Gone { how, .. } => how,
                    Fate::Temp(_) | Fate::Bound { .. } | Fate::Into { .. } => DeathKind::TemporaryEnd,
                },
            };
            self.record.died(&[*pair], event, how);
        }
    }
}

impl Record<'_> {
    fn value(&mut self, origin: Origin) -> &mut TrackedValue {
        let region = self.region;
        let index = *self.index.entry(origin).or_insert_with(|| {
            self.values.push(TrackedValue {
                origin,
                region,
                holders: Vec::new(),
                suspensions: Vec::new(),
                unnamed_at: Vec::new(),
                deaths: Vec::new(),
            });
            self.values.len() - 1
        });
        &mut self.values[index]
    }

    /// Orders the lists.
    fn settle(&mut self) {
        for value in &mut self.values {
            for list in [&mut value.suspensions, &mut value.unnamed_at] {
                list.sort_unstable();
                list.dedup();
            }
            value.deaths.sort_unstable();
            value.deaths.dedup();
        }
    }
}

impl Log for Record<'_> {
    fn died(&mut self, gone: &[Pair], event: u32, how: DeathKind) {
        let region = self.region;
        for (_, value) in gone {
            self.value(*value).deaths.push(Death { event, kind: how, region });
        }
    }

    fn suspended(&mut self, held: &Held, at: ExprId) {
        for (holder, value) in &held.0 {
            let value = self.value(*value);
            value.suspensions.push(at);
            if matches!(holder, Holder::Expr(_)) {
                value.unnamed_at.push(at);
            }
        }
    }

    fn held(&mut self, value: Origin, by: Holder) {
        let value = self.value(value);
        if let Holder::Local(local) = by
            && !value.holders.contains(&local)
        {
            value.holders.push(local);
        }
    }

    fn captured(&mut self, gone: &[Pair], by: ExprId) {
        let (ExprKind::Async(region) | ExprKind::Closure(region)) = &self.order.body.expr(by).kind else { return };
        let inside = &mut self.captured[*region];
        for (holder, value) in gone {
            if let Err(at) = inside.0.binary_search(&(*holder, *value)) {
                inside.0.insert(at, (*holder, *value));
            }
        }
    }
}
