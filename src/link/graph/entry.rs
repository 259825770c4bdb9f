//! Entry code: async code that runs on the thread that started the runtime (decision M9).
//!
//! Blocking there starves nobody unless the runtime is single-threaded and tasks were spawned before.

use rustc_hash::FxHashSet;

use crate::base::IndexVec;
use crate::catalog::Flavor;
use crate::facts::{ExprId, ItemKind, RegionId, RegionKind};
use crate::hir::body::{Callable, Target};
use crate::hir::context::{Context, ContextKind, Entry};
use crate::hir::graph::{EdgeKind, Graph, Node};
use crate::hir::names::{BodyId, DefId, EntryKind, RegionRef};

use super::Linked;

/// Contexts by body and region.
pub type Contexts = IndexVec<BodyId, IndexVec<RegionId, Context>>;

/// Marks entry code in `contexts`.
pub fn mark(linked: Linked<'_>, graph: &Graph, contexts: &mut Contexts) {
    let mut entry: IndexVec<Node, Entry> = IndexVec::filled(Entry::No, graph.len());
    let handed = handed_fns(linked);
    let mut queue = roots(linked, graph, contexts);
    for (node, kind) in &queue {
        entry[*node] = *kind;
    }
    while let Some((node, _)) = queue.pop() {
        for edge in graph.calls_from(node) {
            if entry[edge.callee] != Entry::No || !matches!(edge.kind, EdgeKind::Await | EdgeKind::Inline) {
                continue;
            }
            if let Some(kind) = all_entry(linked, graph, &handed, &entry, edge.callee) {
                entry[edge.callee] = kind;
                queue.push((edge.callee, kind));
            }
        }
    }
    for (node, kind) in entry.iter_ids() {
        if *kind != Entry::No {
            let region = graph.region(node);
            contexts[region.body][region.region].entry = *kind;
        }
    }
}

/// Async mains, and async regions that `block_on` drives from plain code.
fn roots(linked: Linked<'_>, graph: &Graph, contexts: &Contexts) -> Vec<(Node, Entry)> {
    let mut found = Vec::new();
    for id in linked.types.ids() {
        if let Some(def) = linked.world.fn_of(id)
            && let Some(kind) = main_kind(linked, def)
        {
            found.push((graph.node(RegionRef { body: id, region: RegionId(0) }), kind));
        }
    }
    for edge in &graph.edges {
        if edge.kind == EdgeKind::BlockOn {
            let caller = graph.region(edge.caller);
            let kind = match contexts[caller.body][caller.region].kind {
                ContextKind::Async => continue,
                ContextKind::Offloaded | ContextKind::Thread => Entry::OwnThread,
                ContextKind::Sync | ContextKind::Unknown => block_on_kind(linked, caller.body),
            };
            found.push((edge.callee, kind));
        }
    }
    found.sort_unstable_by_key(|(node, kind)| (*node, std::cmp::Reverse(*kind)));
    found.dedup_by_key(|(node, _)| *node);
    found
}

/// `#[tokio::main]` and its like: the flavour of the runtime whose main future this fn is.
pub fn main_kind(linked: Linked<'_>, def: DefId) -> Option<Entry> {
    let attr = linked.world.entry_attr(def)?;
    if attr.kind != EntryKind::Main {
        return None;
    }
    let args = &attr.args;
    let single = args.contains("current_thread") || args.contains("\"local\"");
    let multi = args.contains("multi_thread") || args.contains("worker_threads");
    let by_default = match linked.world.catalog.attribute(attr.path).and_then(|e| e.flavor) {
        Some(Flavor::CurrentThread | Flavor::Local) => Entry::CurrentThread,
        Some(Flavor::MultiThread) | None => Entry::MultiThread,
    };
    Some(if single {
        Entry::CurrentThread
    } else if multi {
        Entry::MultiThread
    } else {
        by_default
    })
}

/// A body that builds a current-thread runtime blocks on that one; otherwise many threads are assumed.
fn block_on_kind(linked: Linked<'_>, id: BodyId) -> Entry {
    let single = linked.types[id].targets.iter().any(|(_, target)| match target {
        Target::Api(entry) => entry.name == "new_current_thread",
        _ => false,
    });
    if single { Entry::CurrentThread } else { Entry::MultiThread }
}

/// Every known use of an async fn is a direct await in entry code; closures and blocks follow the region that runs them.
fn all_entry(
    linked: Linked<'_>,
    graph: &Graph,
    handed: &FxHashSet<DefId>,
    entry: &IndexVec<Node, Entry>,
    node: Node,
) -> Option<Entry> {
    let region = graph.region(node);
    let body = linked.body(region.body);
    match body.regions[region.region].kind {
        RegionKind::AsyncFn if is_reachable_elsewhere(linked, handed, region.body) => return None,
        RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::Closure => {}
        RegionKind::Fn | RegionKind::Const | RegionKind::Stream | RegionKind::AsyncClosure | RegionKind::Opaque => {
            return None;
        }
    }
    let mut found = None;
    for edge in graph.calls_to(node) {
        let direct = matches!(edge.kind, EdgeKind::Await | EdgeKind::Inline);
        if !direct || entry[edge.caller] == Entry::No {
            return None;
        }
        found = Some(found.map_or(entry[edge.caller], |k: Entry| k.max(entry[edge.caller])));
    }
    found
}

/// A trait impl, a public fn of a library, or a fn whose path is taken as a value.
fn is_reachable_elsewhere(linked: Linked<'_>, handed: &FxHashSet<DefId>, id: BodyId) -> bool {
    let world = linked.world;
    let Some(def) = world.fn_of(id) else { return true };
    let in_trait = world.parent(def).is_some_and(|parent| match &world.item(parent).1.kind {
        ItemKind::Impl(imp) => imp.trait_.is_some(),
        _ => true,
    });
    in_trait || world.is_exported(def) || handed.contains(&def)
}

/// Workspace fns whose path is given to a call somewhere.
fn handed_fns(linked: Linked<'_>) -> FxHashSet<DefId> {
    let handovers = linked.types.iter().flat_map(|t| &t.handovers);
    handovers
        .filter_map(|h| match h.callable {
            Callable::Fn(def) => Some(def),
            Callable::Closure(_) | Callable::Param(_) | Callable::Api(_) => None,
        })
        .collect()
}

/// True when a spawn stands before `expr` in a body: then a current-thread entry has tasks to starve.
pub fn spawned_before(linked: Linked<'_>, id: BodyId, expr: ExprId) -> bool {
    use crate::catalog::Role;
    linked.types[id].targets.iter().take_while(|(e, _)| *e < expr).any(|(_, target)| match target {
        Target::Api(entry) => matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn)),
        _ => false,
    })
}
