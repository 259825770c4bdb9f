//! Code that every way which is seen comes to once, from the start of a program or a command: nobody serves anybody there yet.
//!
//! The opposite is searched: what runs beside others or again and again. Whatever no caller is seen of may do so; what is found by neither is
//! no claim about speed, only about who could be held up.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::{IndexVec, Name};
use crate::catalog::Role;
use crate::facts::expr::LoopKind;
use crate::facts::{ExprId, ExprKind, ItemKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::context::Entry;
use crate::hir::graph::{Edge, EdgeKind, Graph, Node};
use crate::hir::names::{BodyId, DefId, Place, RegionRef, Res};
use crate::hir::ty::TyKind;

use super::Linked;
use super::serving;

/// Regions that run beside others or again and again, or of which that is not known.
pub(super) fn recurring(
    linked: Linked<'_>,
    graph: &Graph,
    entry: &IndexVec<Node, Entry>,
    (names, programs): (&Names, bool),
) -> IndexVec<Node, bool> {
    let mut recurs = IndexVec::filled(false, graph.len());
    let search = Search { linked, graph, entry, programs, names };
    let roots = (0..linked.types.len()).into_par_iter().map(|at| BodyId(at as u32));
    let roots = roots.map(|body| graph.node(RegionRef { body, region: RegionId(0) }));
    let mut queue: Vec<Node> = roots.filter(|root| search.has_no_caller(*root)).collect();
    queue.par_extend(graph.edges.par_iter().filter(|edge| search.starts(edge)).map(|edge| edge.callee));
    while let Some(node) = queue.pop() {
        if !std::mem::replace(&mut recurs[node], true) {
            queue.extend(graph.calls_from(node).iter().map(|edge| edge.callee));
            queue.extend(names.by_macros.get(&node).into_iter().flatten());
        }
    }
    recurs
}

/// What is called by a name alone.
pub(super) struct Names {
    /// Names of methods and functions that are called and not found.
    unresolved: FxHashSet<Name>,
    /// Functions that are named in the arguments of a macro, by the region that calls it: `run_stage!(import, &tool)`.
    by_macros: FxHashMap<Node, Vec<Node>>,
    /// All of these.
    placed: FxHashSet<Node>,
}

impl Names {
    /// Reads all bodies once.
    pub(super) fn build(linked: Linked<'_>, graph: &Graph) -> Self {
        let found: Vec<Called> = (0..linked.types.len())
            .into_par_iter()
            .flat_map_iter(|at| called_by_name(linked, graph, BodyId(at as u32)))
            .collect();
        let mut names =
            Self { unresolved: FxHashSet::default(), by_macros: FxHashMap::default(), placed: FxHashSet::default() };
        for one in found {
            match one {
                Called::Unresolved(name) => {
                    names.unresolved.insert(name);
                }
                Called::ByMacro(from, callee) => {
                    names.by_macros.entry(from).or_default().push(callee);
                    names.placed.insert(callee);
                }
            }
        }
        names
    }
}

enum Called {
    Unresolved(Name),
    ByMacro(Node, Node),
}

fn called_by_name(linked: Linked<'_>, graph: &Graph, id: BodyId) -> Vec<Called> {
    let body = linked.body(id);
    let unknown = |at: ExprId| matches!(linked.types[id].target(at), Target::Unknown);
    let mut found = Vec::new();
    for (at, expr) in body.exprs.iter_ids() {
        match &expr.kind {
            ExprKind::MethodCall { name, .. } if unknown(at) => found.push(Called::Unresolved(*name)),
            ExprKind::Call { callee, .. } if unknown(at) => {
                if let ExprKind::Path { path, .. } = &body.exprs[*callee].kind {
                    found.push(Called::Unresolved(body.paths.paths[*path].last()));
                }
            }
            ExprKind::Macro(call) => {
                let from = graph.node(RegionRef { body: id, region: expr.region });
                let placed = call.args.iter().filter_map(|arg| placed_fn(linked, id, *arg));
                let nodes = placed.map(|body| graph.node(RegionRef { body, region: RegionId(0) }));
                found.extend(nodes.map(|callee| Called::ByMacro(from, callee)));
            }
            _ => {}
        }
    }
    found
}

/// The fn that an argument names.
fn placed_fn(linked: Linked<'_>, id: BodyId, arg: ExprId) -> Option<BodyId> {
    let ExprKind::Path { path, .. } = &linked.body(id).exprs[arg].kind else { return None };
    match linked.types[id].values[*path].res {
        Res::Def(def) => linked.world.body_of(def),
        _ => None,
    }
}

struct Search<'a> {
    linked: Linked<'a>,
    graph: &'a Graph,
    entry: &'a IndexVec<Node, Entry>,
    /// The workspace has programs, which use what its libraries offer.
    programs: bool,
    names: &'a Names,
}

impl Search<'_> {
    /// A fn that no production code of the workspace calls, and that is no program's start: somebody else does, who knows how often.
    fn has_no_caller(&self, root: Node) -> bool {
        let body = self.graph.region(root).body;
        let counts = |edge: &&Edge| {
            let caller = self.graph.region(edge.caller).body;
            caller != body && !self.linked.world.is_test_body(caller)
        };
        self.entry[root] == Entry::No
            && !self.is_main(body)
            // An `.await` of a value calls its `into_future`, which no edge shows.
            && !self.is_called(body, "into_future")
            && !self.linked.world.is_test_body(body)
            && self.graph.calls_to(root).find(counts).is_none()
            && !self.names.placed.contains(&root)
            && self.may_be_called_by_others(root)
    }

    /// Nobody is seen to call the fn, but somebody may: a trait of others, a call that is not resolved, an attribute that takes the fn away, or
    /// who uses a library. Plain fns make no turn of their own, what they start is seen in them.
    fn may_be_called_by_others(&self, root: Node) -> bool {
        let region = self.graph.region(root);
        let world = self.linked.world;
        let Some(def) = world.fn_of(region.body) else { return true };
        let in_trait = world.parent(def).is_some_and(|parent| match &world.item(parent).1.kind {
            ItemKind::Impl(imp) => imp.trait_.is_some(),
            _ => true,
        });
        let exported = world.is_exported(def);
        let is_plain = self.linked.body(region.body).regions[region.region].kind == RegionKind::Fn;
        // What uses up its object happens once to each; the objects of which there are many are made where they are used.
        let uses_up = || {
            let sig = self.linked.sigs.func(world.names.item_ref(def));
            sig.and_then(|sig| sig.receiver)
                .is_some_and(|ty| ty == ty.peel_refs() && matches!(ty.kind(), TyKind::Adt(..)))
        };
        in_trait
            || (exported && !self.programs)
            || !(is_plain || (exported && uses_up()))
            || self.names.unresolved.contains(&world.item(def).1.name)
            || self.is_taken_by_attribute(def)
    }

    fn is_taken_by_attribute(&self, def: DefId) -> bool {
        const PLAIN: [&str; 9] =
            ["doc", "allow", "expect", "inline", "must_use", "cfg", "deprecated", "instrument", "cold"];
        let (file, item) = self.linked.world.item(def);
        let paths = &self.linked.world.facts[file].paths.paths;
        item.attrs.iter().any(|attr| !PLAIN.contains(&paths[attr.path].last().as_str()))
    }

    fn is_called(&self, body: BodyId, name: &str) -> bool {
        self.linked.world.fn_of(body).is_some_and(|def| self.linked.world.item(def).1.name == name)
    }

    fn is_main(&self, body: BodyId) -> bool {
        self.is_called(body, "main")
    }

    fn is_plain_main(&self, region: RegionRef) -> bool {
        let kind = self.linked.body(region.body).regions[region.region].kind;
        kind == RegionKind::Fn && self.is_main(region.body)
    }

    /// `select!` with nothing but the word to stop: what it ends need not be polled meanwhile.
    fn is_raced_with_the_end(&self, edge: &Edge) -> bool {
        let body = self.linked.body(edge.place.body);
        let targets = &self.linked.types[edge.place.body];
        let stops = |future: ExprId| match &body.exprs[future].kind {
            ExprKind::MethodCall { name, .. } => name == "cancelled",
            _ => targets.target(future).api().is_some_and(|entry| entry.name == "ctrl_c"),
        };
        body.ancestors(edge.place.expr).any(|at| match &body.exprs[at].kind {
            ExprKind::Select(select) => {
                let own = |future: ExprId| body.is_inside(edge.place.expr, future);
                select.arms.iter().all(|arm| own(arm.future) || stops(arm.future))
            }
            _ => false,
        })
    }

    /// The call makes a task, polls its callee beside others, keeps a callable for later, or stands in a loop that waits for its next turn.
    fn starts(&self, edge: &Edge) -> bool {
        let caller = self.graph.region(edge.caller);
        if self.linked.world.is_test_body(caller.body) {
            return false;
        }
        let callee = self.graph.region(edge.callee);
        let kept = match self.linked.body(callee.body).regions[callee.region].kind {
            RegionKind::Closure | RegionKind::AsyncClosure => !self.is_given_to_own(edge.place),
            RegionKind::Fn | RegionKind::AsyncFn => self.is_handed_over(edge),
            RegionKind::AsyncBlock | RegionKind::Stream | RegionKind::Const | RegionKind::Opaque => false,
        };
        match edge.kind {
            // `rt.spawn(all())` of a plain main, which then waits for its end.
            EdgeKind::Spawn => !self.is_plain_main(caller) || self.is_done_in_turns(edge),
            // A runner races a command with signals.
            EdgeKind::Concurrent => self.entry[edge.callee] != Entry::Command && !self.is_raced_with_the_end(edge),
            EdgeKind::Later if kept => true,
            EdgeKind::Inline
            | EdgeKind::Await
            | EdgeKind::BlockOn
            | EdgeKind::Offload
            | EdgeKind::Thread
            | EdgeKind::Later => self.is_named_a_task(edge) || self.is_done_in_turns(edge),
        }
    }

    /// A closure that a fn of the workspace is given: whatever that does with it, it does for whoever called.
    fn is_given_to_own(&self, closure: Place) -> bool {
        let parent = self.linked.body(closure.body).exprs[closure.expr].parent;
        parent.is_some_and(|call| matches!(self.linked.types[closure.body].target(call), Target::Fn(_)))
    }

    /// The name of a fn is given away, not called.
    fn is_handed_over(&self, edge: &Edge) -> bool {
        !matches!(
            self.linked.body(edge.place.body).exprs[edge.place.expr].kind,
            ExprKind::Call { .. } | ExprKind::MethodCall { .. }
        )
    }

    /// A call around it is named for what makes a task, though it is not known: `POOL.spawn(guarded(async move { .. }))`.
    fn is_named_a_task(&self, edge: &Edge) -> bool {
        let body = self.linked.body(edge.place.body);
        let spawns = |name: &str| name.split('_').any(|word| word == "spawn");
        edge.kind == EdgeKind::Later
            && body.ancestors(edge.place.expr).any(|at| match &body.exprs[at].kind {
                _ if matches!(self.linked.types[edge.place.body].target(at), Target::Fn(_)) => false,
                ExprKind::MethodCall { name, .. } => spawns(name.as_str()),
                ExprKind::Call { callee, .. } => match &body.exprs[*callee].kind {
                    ExprKind::Path { path, .. } => spawns(body.paths.paths[*path].last().as_str()),
                    _ => false,
                },
                _ => false,
            })
    }

    fn is_done_in_turns(&self, edge: &Edge) -> bool {
        let Place { body, expr } = edge.place;
        let started = self.entry[edge.caller] == Entry::Command && !serving::is_first_act(self.linked, body, expr);
        started || waits_in_turns(self.linked, edge.place)
    }
}

/// A loop around the place, the blocks inside it included, waits for whatever comes next: a message, a connection, a tick.
pub fn waits_in_turns(linked: Linked<'_>, Place { body: id, expr }: Place) -> bool {
    let body = linked.body(id);
    let waits = |at: ExprId| match &body.exprs[at].kind {
        ExprKind::Select(_) => true,
        ExprKind::MethodCall { name, .. } if matches!(name.as_str(), "accept" | "recv" | "next" | "tick") => true,
        _ => linked.types[id].target(at).api().and_then(|entry| entry.role).is_some_and(|role| {
            matches!(role, Role::Accept | Role::Recv | Role::Next | Role::Interval | Role::Sleep | Role::Timeout)
        }),
    };
    let mut loops = body
        .ancestors(expr)
        .filter(|at| matches!(&body.exprs[*at].kind, ExprKind::Loop { kind: LoopKind::Loop | LoopKind::While(_), .. }));
    loops.any(|looped| (body.exprs[looped].first.0..looped.0).map(ExprId).any(waits))
}
