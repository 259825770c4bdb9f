//! Effects from catalogue calls to the callers that reach them (decision H3).
//!
//! One breadth-first search per effect, backwards over inline edges: linear, indifferent to recursion, and the first way
//! found is a shortest one. Each node keeps only its next hop.

use std::collections::VecDeque;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;
use crate::catalog::{Blocks, Category, FnEntry, FnForm, MacroShape, Needs, Role, Tier};
use crate::facts::expr::LoopKind;
use crate::facts::{ExprId, ExprKind, RegionId};
use crate::hir::body::{Callable, Target};
use crate::hir::context::{ContextKind, Reason};
use crate::hir::effect::{Effect, Source};
use crate::hir::graph::{Edge, EdgeKind, Graph, Node};
use crate::hir::names::{BodyId, DefId, Place, RegionRef, Res};
use crate::hir::ty::TyKind;

use super::Linked;
use super::contexts::is_hidden;
use super::entry::{Contexts, main_kind};
use super::given::Given;
use super::io::io_category;
use super::runs::{Fact, Runs};
use super::waits::{blocks, blocks_on};

/// How a node reaches an effect.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// It has the source itself.
    Source(Source),
    /// Through this edge, by index.
    Edge(u32),
}

/// Next hops by effect and node.
#[derive(Debug, Default)]
pub struct Effects {
    rows: Vec<(Effect, FxHashMap<Node, Next>)>,
    /// All sources, by node and place.
    pub sources: Vec<(Node, Effect, Source)>,
    barred: FxHashSet<Node>,
}

impl Effects {
    /// The effects that occur in this program, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = Effect> {
        self.rows.iter().map(|(effect, _)| *effect)
    }

    /// Those that block on this.
    pub fn blocking_on(&self, category: Category) -> impl Iterator<Item = Effect> + Clone {
        let kinds = self.rows.iter().map(|(effect, _)| *effect);
        kinds.filter(move |effect| matches!(effect, Effect::Blocks { category: of, .. } if *of == category))
    }

    /// Nothing flows out of this node to its callers.
    pub fn is_barred(&self, node: Node) -> bool {
        self.barred.contains(&node)
    }

    /// The next hop of a node towards an effect.
    pub fn next(&self, effect: Effect, node: Node) -> Option<Next> {
        let at = self.rows.binary_search_by_key(&effect, |(e, _)| *e).ok()?;
        self.rows[at].1.get(&node).copied()
    }

    /// Sources inside a node, in source order.
    pub fn sources_of(&self, node: Node) -> &[(Node, Effect, Source)] {
        let from = self.sources.partition_point(|(n, ..)| *n < node);
        let to = self.sources.partition_point(|(n, ..)| *n <= node);
        &self.sources[from..to]
    }
}

/// Which calls are cut out because a comment says so.
pub trait Cuts: Sync {
    /// True when the effect of the call at `place`, in plain code, must not reach its callers.
    fn cuts(&self, place: Place, effect: Effect) -> bool;
    /// True when nothing that blocks leaves the fn of `body`.
    fn non_blocking(&self, body: BodyId) -> bool;
    /// True when the fn of `body` may run as a task that nobody waits for.
    fn detached_ok(&self, body: BodyId) -> bool;
    /// True when a comment says that the fn blocks.
    fn blocking(&self, def: DefId) -> bool;
}

/// Runs all searches.
pub fn build(linked: Linked<'_>, runs: &Runs, graph: &Graph, contexts: &Contexts, cuts: &dyn Cuts) -> Effects {
    let given = Given::build(linked, contexts);
    let mut sources: Vec<(Node, Effect, Source)> = (0..linked.types.len())
        .into_par_iter()
        .flat_map_iter(|at| {
            let id = BodyId(at as u32);
            let mut found = body_sources(linked, runs, graph, contexts, cuts, id);
            found.extend(given.sources(linked, graph, contexts, cuts, id));
            found
        })
        .collect();
    sources.sort_by_key(|(node, effect, source)| (*node, source.place, *effect));
    let mut effects: Vec<Effect> = sources.iter().map(|(_, effect, _)| *effect).collect();
    effects.sort_unstable();
    effects.dedup();
    let barred = barred(linked, graph, cuts);
    let rows = effects
        .into_par_iter()
        .map(|effect| (effect, search(linked, graph, contexts, &barred, effect, &sources)))
        .collect();
    Effects { rows, sources, barred }
}

/// Nodes out of which nothing flows: destructors, formatting, mains, fns assumed not to block.
fn barred(linked: Linked<'_>, graph: &Graph, cuts: &dyn Cuts) -> FxHashSet<Node> {
    let world = linked.world;
    let bodies = (0..linked.types.len()).into_par_iter().map(|at| BodyId(at as u32));
    let found: Vec<Node> = bodies
        .filter(|id| {
            let Some(def) = world.fn_of(*id) else { return true };
            let is_main = world.item(def).1.name == "main" && world.item(def).1.parent.is_none();
            is_main || is_hidden(linked, def) || cuts.non_blocking(*id)
        })
        .map(|id| graph.node(RegionRef { body: id, region: RegionId(0) }))
        .collect();
    found.into_iter().collect()
}

fn search(
    linked: Linked<'_>,
    graph: &Graph,
    contexts: &Contexts,
    barred: &FxHashSet<Node>,
    effect: Effect,
    sources: &[(Node, Effect, Source)],
) -> FxHashMap<Node, Next> {
    let mut next: FxHashMap<Node, Next> = FxHashMap::default();
    let mut queue = VecDeque::new();
    for (node, at, source) in sources {
        if *at == effect && !next.contains_key(node) {
            next.insert(*node, Next::Source(*source));
            queue.push_back(*node);
        }
    }
    let context = |node: Node| {
        let region = graph.region(node);
        contexts[region.body][region.region]
    };
    let test = |node: Node| linked.world.is_test_body(graph.region(node).body);
    while let Some(node) = queue.pop_front() {
        if context(node).kind != ContextKind::Sync || barred.contains(&node) {
            continue;
        }
        let range = graph.to[node] as usize..graph.to[Node(node.0 + 1)] as usize;
        for at in &graph.by_callee[range] {
            let edge = &graph.edges[*at as usize];
            let caller = context(edge.caller);
            let flows = edge.kind == EdgeKind::Inline && matches!(caller.kind, ContextKind::Sync | ContextKind::Async);
            if !flows || next.contains_key(&edge.caller) || (test(node) && !test(edge.caller)) {
                continue;
            }
            if edge.likely && !all_have(graph, edge, &next) {
                continue;
            }
            next.insert(edge.caller, Next::Edge(*at));
            queue.push_back(edge.caller);
        }
    }
    next
}

/// With several implementations an effect passes only when every one of them has it (decision M12).
fn all_have(graph: &Graph, edge: &Edge, next: &FxHashMap<Node, Next>) -> bool {
    graph.calls_from(edge.caller).iter().filter(|e| e.place == edge.place).all(|e| next.contains_key(&e.callee))
}

fn body_sources(
    linked: Linked<'_>,
    runs: &Runs,
    graph: &Graph,
    contexts: &Contexts,
    cuts: &dyn Cuts,
    id: BodyId,
) -> Vec<(Node, Effect, Source)> {
    let body = linked.body(id);
    let types = &linked.types[id];
    let mut found = Vec::new();
    for (expr, target) in &types.targets {
        let region = body.exprs[*expr].region;
        let context = contexts[id][region];
        if !matches!(context.kind, ContextKind::Sync | ContextKind::Async) || context.reason == Reason::Macro {
            continue;
        }
        let place = Place { body: id, expr: *expr };
        let node = graph.node(RegionRef { body: id, region });
        for (effect, source) in effects_of(linked, runs, cuts, id, *expr, *target) {
            if context.kind == ContextKind::Async || !cuts.cuts(place, effect) {
                found.push((node, effect, source));
            }
        }
    }
    for (expr, of_macro) in body.exprs.iter_ids() {
        let context = contexts[id][of_macro.region];
        let here = matches!(context.kind, ContextKind::Sync | ContextKind::Async) && context.reason != Reason::Macro;
        let found_here = macro_effect(linked, id, expr).or_else(|| loop_effect(linked, id, expr));
        let Some((effect, source)) = found_here.filter(|_| here) else { continue };
        if context.kind == ContextKind::Async || !cuts.cuts(source.place, effect) {
            found.push((graph.node(RegionRef { body: id, region: of_macro.region }), effect, source));
        }
    }
    for (region, effect, source) in handed_effects(linked, runs, id) {
        let context = contexts[id][region];
        let here = matches!(context.kind, ContextKind::Sync | ContextKind::Async) && context.reason != Reason::Macro;
        if here && (context.kind == ContextKind::Async || !cuts.cuts(source.place, effect)) {
            found.push((graph.node(RegionRef { body: id, region }), effect, source));
        }
    }
    found.retain(|(.., source)| linked.is_built(id, source.place.expr));
    found
}

/// Functions of the catalogue that are named as arguments and called at once: `paths.map(fs::read_to_string)`.
fn handed_effects(linked: Linked<'_>, runs: &Runs, id: BodyId) -> Vec<(RegionId, Effect, Source)> {
    let types = &linked.types[id];
    let handed = types.handovers.iter().filter_map(|handover| {
        let Callable::Api(_) = handover.callable else { return None };
        let TyKind::FnDef(Res::Foreign(path)) = types.exprs[handover.arg_expr].kind() else { return None };
        // A method of a trait says nothing of the type that it is called for.
        let of_one = |entry: &&FnEntry| !entry.is_async && entry.form != FnForm::TraitMethod;
        let entry = linked.world.catalog.func(*path).filter(of_one)?;
        let blocks = entry.blocks.as_ref().filter(|b| b.tag.is_none() && b.io_args.is_empty())?;
        let ran = runs.argument(linked, id, handover.call, handover.index);
        if ran.fact != Fact::Inline || blocks.category == Category::Receiver {
            return None;
        }
        let effect = Effect::Blocks { category: blocks.category, kind: blocks.kind, tier: blocks.tier };
        let place = Place { body: id, expr: handover.arg_expr };
        let source = Source {
            place,
            api: Some(entry),
            instead: Some(&entry.instead),
            path: entry.path,
            likely: false,
            within: None,
        };
        Some((linked.body(id).exprs[ran.at].region, effect, source))
    });
    handed.collect()
}

/// A `for` over a value counts as a call of its `into_iter`.
fn loop_effect(linked: Linked<'_>, id: BodyId, expr: ExprId) -> Option<(Effect, Source)> {
    let ExprKind::Loop { kind: LoopKind::For { iter, is_await: false, .. }, .. } = linked.body(id).exprs[expr].kind
    else {
        return None;
    };
    let types = &linked.types[id];
    let receiver = types.exprs[iter].peel_refs();
    let entry = linked.world.catalog.method(receiver.path()?, Name::new("into_iter"))?;
    let effect = blocks_on(linked, entry, receiver, &[])?;
    let likely = types.is_likely(iter) || entry.unverified;
    let place = Place { body: id, expr: iter };
    Some((
        effect,
        Source { place, api: Some(entry), instead: Some(&entry.instead), path: entry.path, likely, within: None },
    ))
}

/// A macro that blocks by itself (`println!`, crossbeam's `select!` without `default`) or through what it writes to (`writeln!`).
fn macro_effect(linked: Linked<'_>, id: BodyId, expr: ExprId) -> Option<(Effect, Source)> {
    let types = &linked.types[id];
    let (path, target) = match &linked.body(id).exprs[expr].kind {
        ExprKind::Macro(call) => (call.path, call.args.first()),
        ExprKind::Select(select) if select.default.is_none() => (select.path, None),
        _ => return None,
    };
    let Res::Foreign(path) = types.values[path].res else { return None };
    let entry = linked.world.catalog.macro_(path)?;
    let effect = match &entry.blocks {
        Some(Blocks { category, kind, tier, .. }) => Effect::Blocks { category: *category, kind: *kind, tier: *tier },
        None if entry.shape == MacroShape::Write => {
            let category = io_category(linked, types.exprs[*target?])?;
            Effect::Blocks { category, kind: None, tier: Tier::Default }
        }
        None => return None,
    };
    let source = Source {
        place: Place { body: id, expr },
        api: None,
        instead: Some(&entry.instead),
        path: entry.path,
        likely: types.is_likely(expr) || entry.unverified,
        within: None,
    };
    Some((effect, source))
}

fn effects_of(
    linked: Linked<'_>,
    runs: &Runs,
    cuts: &dyn Cuts,
    id: BodyId,
    expr: ExprId,
    target: Target,
) -> Vec<(Effect, Source)> {
    let place = Place { body: id, expr };
    let likely = linked.types[id].is_likely(expr);
    match target {
        Target::Api(entry) => {
            let source = Source {
                place,
                api: Some(entry),
                instead: Some(&entry.instead),
                path: entry.path,
                likely,
                within: None,
            };
            api_effects(linked, runs, id, expr, entry).into_iter().map(|effect| (effect, source)).collect()
        }
        Target::Fn(def) if main_kind(linked, def).is_some() => {
            let path = Name::new(&linked.world.names.def_path(def));
            vec![(Effect::MacroMain, Source { place, api: None, instead: None, path, likely, within: None })]
        }
        Target::Fn(def) | Target::TraitFn(def) if cuts.blocking(def) && !is_awaited(linked, runs, id, expr) => {
            let path = Name::new(&linked.world.names.def_path(def));
            let effect = Effect::Blocks { category: Category::Custom, kind: None, tier: Tier::Default };
            vec![(effect, Source { place, api: None, instead: None, path, likely, within: None })]
        }
        Target::Fn(_)
        | Target::TraitFn(_)
        | Target::Foreign(_)
        | Target::Ctor(_)
        | Target::Closure(_)
        | Target::Local(_)
        | Target::Unknown => Vec::new(),
    }
}

fn api_effects(linked: Linked<'_>, runs: &Runs, id: BodyId, expr: ExprId, entry: &'static FnEntry) -> Vec<Effect> {
    let mut found = Vec::new();
    // Few calls block: whether one is awaited costs a walk through the body, and is asked last.
    if !entry.is_async
        && let Some(effect) = blocks(linked, id, expr, entry)
        && !is_awaited(linked, runs, id, expr)
    {
        found.push(effect);
    }
    match entry.role {
        Some(Role::BlockOn) => found.push(Effect::BlockOn),
        Some(Role::BlockInPlace) => found.push(Effect::BlockInPlace),
        Some(Role::Spawn | Role::SpawnLocal | Role::SpawnBlocking) => found.push(Effect::Spawns),
        _ => {}
    }
    let needs = matches!(entry.needs, Some(Needs::Tokio | Needs::TokioTime | Needs::TokioIo | Needs::TokioLocal));
    if needs && !entry.is_async && entry.role != Some(Role::BlockInPlace) {
        found.push(Effect::NeedsRuntime);
    }
    found
}

/// `x.m(..).await` is not a blocking call, nor is the future of a `select!` or `join!` arm (rules.md B0.4).
fn is_awaited(linked: Linked<'_>, runs: &Runs, id: BodyId, expr: ExprId) -> bool {
    matches!(
        super::consume::of(linked, runs, id, expr).edge(),
        EdgeKind::Await | EdgeKind::Concurrent | EdgeKind::Spawn
    )
}
