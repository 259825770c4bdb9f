//! Entry code: async code that runs on the thread that started the runtime (decision M9).
//!
//! Blocking there starves nobody unless the runtime is single-threaded and tasks were spawned before.

use rustc_hash::FxHashSet;

use crate::base::IndexVec;
use crate::catalog::{Flavor, Role};
use crate::facts::expr::{Expr, MacroShape};
use crate::facts::{ExprId, ExprKind, ItemKind, RegionId, RegionKind};
use crate::hir::body::{Callable, Target};
use crate::hir::context::{Context, ContextKind, Entry};
use crate::hir::graph::{Edge, EdgeKind, Graph, Node};
use crate::hir::names::{BodyId, DefId, EntryKind, Place, RegionRef, Res};
use crate::source::{PackageId, TargetKind};

use super::Linked;
use super::command::{self, Command};
use super::{once, serving};

/// Contexts by body and region.
pub type Contexts = IndexVec<BodyId, IndexVec<RegionId, Context>>;

/// Marks entry code in `contexts`.
pub fn mark(linked: Linked<'_>, graph: &Graph, contexts: &mut Contexts) {
    let handed = handed_fns(linked);
    let programs = runs_programs(linked);
    let elsewhere = |made_by: Node| is_used_by_others(linked, (&handed, programs), graph.region(made_by).body);
    let given_elsewhere =
        graph.returned.iter().filter(|(made_by, _)| elsewhere(*made_by)).map(|(_, future)| *future).collect();
    let entry = IndexVec::filled(Entry::No, graph.len());
    let names = once::Names::build(linked, graph);
    let mut pass = Pass { linked, graph, contexts, handed, programs, names: &names, given_elsewhere, entry };
    pass.run();
    let entry = pass.entry;
    let recurs = once::recurring(linked, graph, &entry, (&names, programs));
    for (node, kind) in entry.iter_ids() {
        let region = graph.region(node);
        let kind = match *kind {
            Entry::No if !recurs[node] && !linked.world.is_test_body(region.body) => Entry::Once,
            kind => kind,
        };
        if kind != Entry::No {
            contexts[region.body][region.region].entry = kind;
        }
    }
}

/// The search from mains and driven futures along what they await.
struct Pass<'a> {
    linked: Linked<'a>,
    graph: &'a Graph,
    contexts: &'a Contexts,
    handed: FxHashSet<DefId>,
    /// Some package has a program: how it uses the libraries beside it says what they are made for.
    programs: bool,
    names: &'a once::Names,
    /// Futures of fns that give them back, and that code which no edge shows may call.
    given_elsewhere: FxHashSet<Node>,
    entry: IndexVec<Node, Entry>,
}

impl<'a> Pass<'a> {
    fn run(&mut self) {
        let mut queue: Vec<Node> = Vec::new();
        for id in self.linked.types.ids() {
            if let Some(kind) = self.linked.world.fn_of(id).and_then(|def| main_kind(self.linked, def)) {
                let node = self.graph.node(RegionRef { body: id, region: RegionId(0) });
                self.entry[node] = kind;
                queue.push(node);
            }
        }
        let all = self.graph.edges.iter().chain(&self.graph.lent);
        let driven: Vec<Node> = all.filter(|e| self.drives(e).is_some()).map(|e| e.callee).collect();
        for node in driven {
            self.settle(node, &mut queue);
        }
        self.spread(&mut queue);
        queue.extend(self.commands(Command::Parsed));
        self.spread(&mut queue);
        let by_name = self.commands(Command::GivenFlags);
        if !by_name.is_empty() {
            // Called like a command, but by a service: it is none.
            let recurs = once::recurring(self.linked, self.graph, &self.entry, (self.names, self.programs));
            for node in by_name {
                if recurs[node] {
                    self.entry[node] = Entry::No;
                } else {
                    queue.push(node);
                }
            }
            self.spread(&mut queue);
        }
    }

    /// Marks what the command line asks for in one of two ways.
    fn commands(&mut self, how: Command) -> Vec<Node> {
        let roots =
            self.linked.types.ids().map(|id| (id, self.graph.node(RegionRef { body: id, region: RegionId(0) })));
        let new = |(id, node): &(BodyId, Node)| self.entry[*node] == Entry::No && self.is_command(*id, *node, how);
        let found: Vec<Node> = roots.filter(new).map(|(_, node)| node).collect();
        for node in &found {
            self.entry[*node] = Entry::Command;
        }
        found
    }

    fn spread(&mut self, queue: &mut Vec<Node>) {
        while let Some(node) = queue.pop() {
            for edge in self.graph.calls_from(node) {
                if self.is_part(edge) {
                    self.settle(edge.callee, queue);
                }
                for future in self.graph.returned_by(edge.callee) {
                    self.settle(future, queue);
                }
            }
        }
    }

    /// An async fn that the command line asks for, which no code is seen to make a task of its own. A runner that races it
    /// with signals leaves it alone on its thread.
    fn is_command(&self, id: BodyId, node: Node, how: Command) -> bool {
        let body = self.linked.body(id);
        body.regions[RegionId(0)].kind == RegionKind::AsyncFn
            && !self.linked.world.is_test_body(id)
            && self.linked.world.fn_of(id).is_some_and(|def| command::of(self.linked, def) == Some(how))
            && self.graph.calls_to(node).all(|edge| match edge.kind {
                EdgeKind::Inline | EdgeKind::Await | EdgeKind::BlockOn | EdgeKind::Later | EdgeKind::Concurrent => true,
                EdgeKind::Spawn | EdgeKind::Offload | EdgeKind::Thread => false,
            })
    }

    fn settle(&mut self, node: Node, queue: &mut Vec<Node>) {
        if self.entry[node] == Entry::No
            && let Some(kind) = self.all_entry(node)
        {
            self.entry[node] = kind;
            queue.push(node);
        }
    }

    /// What the thread is that drives a future to its end, from outside of async code.
    fn drives(&self, edge: &Edge) -> Option<Entry> {
        let caller = self.graph.region(edge.caller);
        match (edge.kind, self.contexts[caller.body][caller.region].kind) {
            (EdgeKind::BlockOn, ContextKind::Async) => None,
            (EdgeKind::BlockOn, ContextKind::Offloaded | ContextKind::Thread) => {
                (!has_tasks_beside(self.linked, edge.place)).then_some(Entry::OwnThread)
            }
            (EdgeKind::BlockOn, ContextKind::Sync | ContextKind::Unknown) => {
                Some(block_on_kind(self.linked, caller.body))
            }
            (EdgeKind::Offload | EdgeKind::Thread, _) => {
                let callee = self.graph.region(edge.callee);
                let polled = matches!(
                    self.linked.body(callee.body).regions[callee.region].kind,
                    RegionKind::AsyncFn | RegionKind::AsyncBlock | RegionKind::Stream
                );
                (polled && !has_tasks_beside(self.linked, edge.place)).then_some(Entry::OwnThread)
            }
            (EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent | EdgeKind::Spawn | EdgeKind::Later, _) => None,
        }
    }

    /// Every known use of an async fn drives it from outside or is a direct await in entry code; closures and blocks follow the
    /// region that runs them. Where a test runs production code says nothing about where it is made to run.
    fn all_entry(&self, node: Node) -> Option<Entry> {
        let region = self.graph.region(node);
        let whole = match self.linked.body(region.body).regions[region.region].kind {
            RegionKind::AsyncFn => true,
            RegionKind::AsyncBlock
            | RegionKind::AsyncClosure
            | RegionKind::Closure
            | RegionKind::Stream
            | RegionKind::Opaque => false,
            RegionKind::Fn | RegionKind::Const => return None,
        };
        let is_test = |body: BodyId| self.linked.world.is_test_body(body);
        let counts = |edge: &&Edge| is_test(region.body) || !is_test(self.graph.region(edge.caller).body);
        let (mut found, mut driven) = (None, false);
        let lent = self.graph.lent_to(node);
        let here = self.graph.calls_to(node).filter(|edge| !self.graph.is_given_back(edge));
        for edge in here.chain(lent).filter(counts) {
            let kind = match self.drives(edge) {
                Some(kind) => {
                    driven = true;
                    kind
                }
                None if self.is_part(edge) && self.passes_on(edge) => self.entry[edge.caller],
                None => return None,
            };
            found = Some(found.map_or(kind, |before: Entry| before.max(kind)));
        }
        let kind = found?;
        // Of what other threads do with a future that fns hand on, only those are known that wait for nothing else.
        if !lent.is_empty() && (kind != Entry::OwnThread || self.given_elsewhere.contains(&node)) {
            return None;
        }
        // A library's fn that the whole workspace runs on threads of their own is made for that; of others callers are missing.
        let elsewhere = whole
            && !driven
            && match kind {
                Entry::OwnThread => is_called_by_others(self.linked, (&self.handed, self.programs), region.body),
                Entry::No | Entry::MultiThread | Entry::CurrentThread | Entry::Command | Entry::Once => {
                    is_reachable_elsewhere(self.linked, &self.handed, region.body)
                }
            };
        (!elsewhere).then_some(kind)
    }

    /// The callee runs as part of the caller. A thread of its own may select: whatever waits beside the callee belongs to that thread.
    fn is_part(&self, edge: &Edge) -> bool {
        let selected = edge.kind == EdgeKind::Concurrent && self.entry[edge.caller] == Entry::OwnThread;
        is_direct(edge) || (selected && !joins(self.linked, self.graph.region(edge.caller)))
    }

    /// The call is entry code as its caller is: no turn of a loop that serves, and of a command one of its first acts.
    fn passes_on(&self, edge: &Edge) -> bool {
        let place = edge.place;
        match self.entry[edge.caller] {
            Entry::No | Entry::Once => false,
            Entry::Command => serving::is_first_act(self.linked, place.body, place.expr),
            Entry::OwnThread => true,
            Entry::MultiThread => !serving::serves_around(self.linked, place.body, place.expr),
            Entry::CurrentThread => !has_company(self.linked, place.body, place.expr),
        }
    }
}

/// The callee runs as part of the caller.
const fn is_direct(edge: &Edge) -> bool {
    matches!(edge.kind, EdgeKind::Await | EdgeKind::Inline)
}

/// The region gives other tasks to a runtime of its own, or to a local set: they wait for the thread too.
fn has_tasks_beside(linked: Linked<'_>, future: Place) -> bool {
    const OWN: [&str; 3] =
        ["tokio::runtime::Runtime::spawn", "tokio::task::LocalSet::spawn_local", "tokio::task::spawn_local"];
    let body = linked.body(future.body);
    let region = body.exprs[future.expr].region;
    let plain = matches!(body.regions[region].kind, RegionKind::Closure);
    plain
        && linked.types[future.body].targets.iter().any(|(at, target)| {
            target.api().is_some_and(|entry| OWN.contains(&entry.path.as_str()))
                && body.exprs[*at].region == region
                && !body.is_inside(future.expr, *at)
        })
}

/// Work of equal rank is polled in turns somewhere in the region: `join!`, `join_all`, a buffered stream.
fn joins(linked: Linked<'_>, region: RegionRef) -> bool {
    let body = linked.body(region.body);
    let here = |expr: ExprId| body.exprs[expr].region == region.region;
    let by_macro = |expr: &Expr| match &expr.kind {
        ExprKind::Macro(call) => matches!(call.shape, MacroShape::Join | MacroShape::TryJoin),
        _ => false,
    };
    let by_call = |target: &Target| {
        let role = target.api().and_then(|entry| entry.role);
        matches!(role, Some(Role::JoinAll | Role::Buffer))
    };
    body.exprs.iter().any(|expr| expr.region == region.region && by_macro(expr))
        || linked.types[region.body].targets.iter().any(|(at, target)| here(*at) && by_call(target))
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

/// As `is_named_elsewhere`, or a public fn of a library. A library beside a program of the same package is the inside of that program.
fn is_reachable_elsewhere(linked: Linked<'_>, handed: &FxHashSet<DefId>, id: BodyId) -> bool {
    let offered = |def| linked.world.is_exported(def) && !has_program(linked, def);
    is_named_elsewhere(linked, handed, id) || linked.world.fn_of(id).is_some_and(offered)
}

/// A trait that nobody outside can implement or call.
fn is_inside(linked: Linked<'_>, trait_: DefId) -> bool {
    !linked.world.is_exported(trait_) || has_program(linked, trait_)
}

pub(super) fn has_program(linked: Linked<'_>, def: DefId) -> bool {
    let (_, _, package, _) = linked.world.names.krate(linked.world.names.crate_of(def));
    let package = linked.world.sources.packages.get(PackageId(package as u32));
    package.is_some_and(|package| package.targets.iter().any(|target| target.kind == TargetKind::Bin))
}

/// A fn of a trait of others, or one whose path is taken as a value: callers that no edge shows.
fn is_named_elsewhere(linked: Linked<'_>, handed: &FxHashSet<DefId>, id: BodyId) -> bool {
    let world = linked.world;
    let Some(def) = world.fn_of(id) else { return true };
    let in_trait = world.parent(def).is_some_and(|parent| match &world.item(parent).1.kind {
        ItemKind::Impl(imp) => {
            imp.trait_.is_some() && !matches!(world.impl_trait(parent), Some(Res::Def(own)) if is_inside(linked, own))
        }
        _ => !is_inside(linked, parent),
    });
    in_trait || handed.contains(&def)
}

/// As `is_called_by_others`; what a workspace without a program offers is used by programs that are not seen.
fn is_used_by_others(linked: Linked<'_>, known: (&FxHashSet<DefId>, bool), id: BodyId) -> bool {
    let (_, programs) = known;
    is_called_by_others(linked, known, id)
        || (!programs && linked.world.fn_of(id).is_some_and(|def| linked.world.is_exported(def)))
}

fn runs_programs(linked: Linked<'_>) -> bool {
    let mut packages = linked.world.sources.packages.iter();
    packages.any(|package| package.targets.iter().any(|target| target.kind == TargetKind::Bin))
}

/// As `is_named_elsewhere`, but where there are programs, the traits of their workspace have all their callers there.
fn is_called_by_others(linked: Linked<'_>, (handed, programs): (&FxHashSet<DefId>, bool), id: BodyId) -> bool {
    let world = linked.world;
    if !programs {
        return is_named_elsewhere(linked, handed, id);
    }
    let Some(def) = world.fn_of(id) else { return true };
    let of_others = world.parent(def).is_some_and(|parent| match &world.item(parent).1.kind {
        ItemKind::Impl(imp) => imp.trait_.is_some() && !matches!(world.impl_trait(parent), Some(Res::Def(_))),
        _ => false,
    });
    of_others || handed.contains(&def)
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

/// On the one thread somebody waits beside `expr`: connections that a loop takes, or tasks that were spawned before.
pub fn has_company(linked: Linked<'_>, id: BodyId, expr: ExprId) -> bool {
    serving::serves_around(linked, id, expr) || spawned_before(linked, id, expr, RegionId(0))
}

/// True when a spawn stands before `expr` in a body, in the region `within` or inside of it: then a current-thread entry has tasks to
/// starve.
pub fn spawned_before(linked: Linked<'_>, id: BodyId, expr: ExprId, within: RegionId) -> bool {
    let body = linked.body(id);
    let on_thread = |at: ExprId| body.region_chain(body.exprs[at].region).any(|region| region == within);
    linked.types[id].targets.iter().any(|(at, target)| {
        let role = target.api().and_then(|entry| entry.role);
        matches!(role, Some(Role::Spawn | Role::SpawnLocal | Role::TaskSetSpawn))
            && serving::comes_before(body, *at, expr)
            && on_thread(*at)
    })
}
