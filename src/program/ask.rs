//! The plain questions: what is at this place, what type has it, what does it refer to, where does it run.

use crate::base::{FileId, Name};
use crate::catalog::{FnEntry, Role, TypeEntry, TypeRole};
use crate::diagnostic::Confidence;
use crate::facts::{Body, Expr, ExprId, ExprKind, LocalId, RegionId};
use crate::hir::body::{BodyTypes, Target};
use crate::hir::context::{Context, ContextKind, Entry, Reason};
use crate::hir::graph::Node;
use crate::hir::names::{BodyId, DefId, Place, RegionRef};
use crate::hir::ty::Ty;
use crate::link::graph::entry::{has_company, spawned_before};
use crate::link::graph::once::waits_in_turns;
use crate::link::graph::serving::{is_first_act, serves_around, serves_later};
use crate::link::types::project;
use crate::source::{Edition, Package};

use super::Program;

impl Program {
    /// All bodies, in file order.
    pub fn bodies(&self) -> impl Iterator<Item = BodyId> + use<> {
        (0..self.types.len()).map(|at| BodyId(at as u32))
    }

    /// A body.
    pub fn body(&self, id: BodyId) -> &Body {
        let at = self.names.body_ref(id);
        &self.facts[at.file].bodies[at.body]
    }

    /// The file of a body.
    pub fn file_of(&self, id: BodyId) -> FileId {
        self.names.body_ref(id).file
    }

    /// Types and targets of a body.
    pub fn types_of(&self, id: BodyId) -> &BodyTypes {
        &self.types[id]
    }

    /// The expression at a place.
    pub fn expr(&self, place: Place) -> &Expr {
        &self.body(place.body).exprs[place.expr]
    }

    /// What the call, method call or function path at a place refers to.
    pub fn target(&self, place: Place) -> Target {
        self.types[place.body].target(place.expr)
    }

    /// The catalogue entry that a call refers to.
    pub fn api(&self, place: Place) -> Option<&'static FnEntry> {
        self.target(place).api()
    }

    /// All calls of catalogued functions in a body, in evaluation order.
    pub fn api_calls(&self, body: BodyId) -> impl Iterator<Item = (Place, &'static FnEntry)> {
        self.types[body].targets.iter().filter_map(move |(expr, target)| match target {
            Target::Api(entry) => Some((Place { body, expr: *expr }, *entry)),
            _ => None,
        })
    }

    /// False for the path of a function or type that is sure not to exist: its crate is here and has no such item, or nobody depends on
    /// its crate.
    pub fn has_item(&self, path: &str) -> bool {
        let krate = path.split("::").next().unwrap_or(path);
        if self.names.is_own_crate(krate) {
            return !self.names.functions_at(path).is_empty() || !self.names.types_at(path).is_empty();
        }
        let depends = self.sources.packages.iter().any(|package| {
            package.assume_all_dependencies || package.dependencies.iter().any(|d| d.extern_name == krate)
        });
        depends || matches!(krate, "std" | "core" | "alloc") || self.catalog.is_module(Name::new(krate))
    }

    /// Calls of one role.
    pub fn calls_with_role(&self, body: BodyId, role: Role) -> impl Iterator<Item = (Place, &'static FnEntry)> {
        self.api_calls(body).filter(move |(_, entry)| entry.role == Some(role))
    }

    /// Type of the value at a place.
    pub fn ty(&self, place: Place) -> Ty {
        self.types[place.body].exprs[place.expr]
    }

    /// Type of a local.
    pub fn local_ty(&self, body: BodyId, local: LocalId) -> Ty {
        self.types[body].locals[local]
    }

    /// The catalogue's entry of a type, references looked through.
    pub fn type_entry(&self, ty: Ty) -> Option<&'static TypeEntry> {
        self.catalog.ty(ty.peel_refs().path()?)
    }

    /// The role of a type, references looked through.
    pub fn type_role(&self, ty: Ty) -> Option<TypeRole> {
        self.type_entry(ty)?.role
    }

    /// What awaiting a value of this type gives; `None` when it is not known to be a future.
    pub fn output(&self, ty: Ty) -> Option<Ty> {
        project::output_of(self.world(), ty)
    }

    /// One step of `Deref`.
    pub fn deref(&self, ty: Ty) -> Option<Ty> {
        project::deref(self.world(), ty)
    }

    /// Item of a `for` loop over this type.
    pub fn item_of(&self, ty: Ty) -> Option<Ty> {
        project::item_of(self.world(), ty)
    }

    /// Item of a stream of this type.
    pub fn stream_item(&self, ty: Ty) -> Option<Ty> {
        project::stream_item(self.world(), ty)
    }

    /// How sure the type and target at a place are.
    pub fn confidence(&self, place: Place) -> Confidence {
        if self.types[place.body].is_likely(place.expr) { Confidence::Likely } else { Confidence::Certain }
    }

    /// The region that a place belongs to.
    pub fn region_at(&self, place: Place) -> RegionRef {
        RegionRef { body: place.body, region: self.expr(place).region }
    }

    /// Where a region runs, and why.
    pub fn context(&self, region: RegionRef) -> Context {
        self.contexts[region.body][region.region]
    }

    /// Where a place runs, and why.
    pub fn context_at(&self, place: Place) -> Context {
        self.context(self.region_at(place))
    }

    /// Polled by an executor.
    pub fn is_async_at(&self, place: Place) -> bool {
        self.context_at(place).kind == ContextKind::Async
    }

    /// Code in which blocking starves nobody: the main future of many threads, one thread before any spawn, and what comes once, before it
    /// spawns or waits in turns.
    pub fn is_harmless_entry(&self, place: Place) -> bool {
        match self.context_at(place).entry {
            Entry::No => false,
            Entry::MultiThread => !serves_around(self.linked(), place.body, place.expr),
            Entry::CurrentThread => !has_company(self.linked(), place.body, place.expr),
            Entry::OwnThread => {
                let within = self.region_of_thread(place);
                !spawned_before(self.linked(), place.body, place.expr, within)
            }
            Entry::Command => is_first_act(self.linked(), place.body, place.expr),
            Entry::Once => {
                !waits_in_turns(self.linked(), place)
                    && !spawned_before(self.linked(), place.body, place.expr, RegionId(0))
            }
        }
    }

    /// Why, in words for people.
    pub fn why_harmless(&self, place: Place) -> &'static str {
        match self.context_at(place).entry {
            Entry::Once => {
                "every call that is seen comes here once, from the start of a program, where nobody is served yet"
            }
            Entry::Command => "this belongs to a command that runs by itself",
            Entry::No | Entry::OwnThread | Entry::MultiThread | Entry::CurrentThread => {
                "this runs on the thread that started the runtime, where it starves no other task"
            }
        }
    }

    /// Once, before the fn that holds it lets anybody in.
    pub fn is_before_serving(&self, place: Place) -> bool {
        serves_later(self.linked(), place.body, place.expr)
    }

    /// The outermost region around a place that its thread runs: what stands further out runs elsewhere.
    fn region_of_thread(&self, place: Place) -> RegionId {
        let body = self.body(place.body);
        let mut own = body.exprs[place.expr].region;
        for around in body.region_chain(own).skip(1) {
            let context = self.context(RegionRef { body: place.body, region: around });
            let starts = matches!(context.kind, ContextKind::Thread | ContextKind::Offloaded);
            if !starts && context.entry != Entry::OwnThread {
                break;
            }
            own = around;
        }
        own
    }

    /// Code that a thread of its own drives, with no other task to starve.
    pub fn is_driven_alone(&self, place: Place) -> bool {
        self.context_at(place).entry == Entry::OwnThread && self.is_harmless_entry(place)
    }

    /// The node of a region in the call graph.
    pub fn node(&self, region: RegionRef) -> Node {
        self.graph.node(region)
    }

    /// The fn of a body; `None` for constants.
    pub fn fn_of(&self, body: BodyId) -> Option<DefId> {
        self.world().fn_of(body)
    }

    /// The trait of the impl that holds the fn of a body.
    pub fn impl_trait_of(&self, body: BodyId) -> Option<crate::hir::names::Res> {
        let world = self.world();
        world.impl_trait(world.parent(self.fn_of(body)?)?)
    }

    /// The body of a fn.
    pub fn body_of(&self, def: DefId) -> Option<BodyId> {
        self.world().body_of(def)
    }

    /// The expression behind a constant or static of the workspace.
    pub fn constant(&self, def: DefId) -> Option<Place> {
        let (file, item) = self.world().item(def);
        let crate::facts::ItemKind::Const(constant) = &item.kind else { return None };
        let body = self.names.body(crate::hir::names::BodyRef { file, body: constant.body? });
        Some(Place { body, expr: self.body(body).root })
    }

    /// The constant of this name in the file of a body, when it is the only one there.
    pub fn constant_named(&self, body: BodyId, name: &str) -> Option<Place> {
        let file = self.file_of(body);
        let items = self.facts[file].items.iter_ids();
        let mut found =
            items.filter(|(_, item)| item.name == name && matches!(item.kind, crate::facts::ItemKind::Const(_)));
        let (first, _) = found.next()?;
        if found.next().is_some() { None } else { self.constant(self.world().def(file, first)) }
    }

    /// Test code (decision M8).
    pub fn in_test(&self, body: BodyId) -> bool {
        self.world().is_test_body(body)
    }

    /// What the attributes make of the fn of a body.
    pub fn entry_attr(&self, body: BodyId) -> Option<&crate::hir::names::EntryAttr> {
        self.world().entry_attr(self.fn_of(body)?)
    }

    /// The package of a body.
    pub fn package(&self, body: BodyId) -> Option<&Package> {
        let package = self.sources.files[self.file_of(body)].package;
        self.sources.packages.get(package)
    }

    /// The edition in which a body is compiled.
    pub fn edition(&self, body: BodyId) -> Edition {
        self.package(body).map_or(Edition::E2024, |p| p.edition)
    }

    /// Blocks and closures capture what they use, and not what they only name: since the edition 2021.
    pub fn captures_what_is_used(&self, body: BodyId) -> bool {
        self.edition(body) >= Edition::E2021
    }

    /// The package of a body runs on madsim, itself or under the name of tokio: its executor ends with the panic of any task.
    pub fn runs_simulated(&self, body: BodyId) -> bool {
        self.package(body).is_some_and(|package| {
            package.dependencies.iter().any(|d| d.package.as_str() == "madsim" || d.package.as_str() == "madsim-tokio")
        })
    }

    /// True when the package of a body depends on `krate` (name in code).
    pub fn depends_on(&self, body: BodyId, krate: &str) -> bool {
        self.world().file_depends_on(self.file_of(body), Name::new(krate))
    }

    /// The statement-level parent chain, innermost first, starting with the place itself.
    pub fn ancestors(&self, place: Place) -> impl Iterator<Item = Place> {
        self.body(place.body).ancestors(place.expr).map(move |expr| Place { expr, ..place })
    }

    /// The parent expression.
    pub fn parent(&self, place: Place) -> Option<Place> {
        self.expr(place).parent.map(|expr| Place { expr, ..place })
    }

    /// Mentions of a local, in evaluation order.
    pub fn mentions(&self, body: BodyId, local: LocalId) -> Vec<ExprId> {
        let exprs = self.body(body).exprs.iter_ids();
        exprs.filter(|(_, e)| matches!(e.kind, ExprKind::Local(l) if l == local)).map(|(id, _)| id).collect()
    }

    /// True when some method of this name is called in a body, whatever its receiver.
    pub fn mentions_method(&self, body: BodyId, method: &str) -> bool {
        let exprs = self.body(body).exprs.iter();
        exprs.into_iter().any(|e| matches!(&e.kind, ExprKind::MethodCall { name, .. } if *name == method))
    }

    /// True when a runtime is entered before a place, on its thread, or something unknown is.
    pub fn enters_before(&self, place: Place) -> bool {
        let body = self.body(place.body);
        let here = self.regions_on_thread(self.region_at(place));
        let exprs = body.exprs.iter_ids().take_while(|(id, _)| *id < place.expr);
        exprs.into_iter().any(|(expr, e)| {
            let named = matches!(&e.kind, ExprKind::MethodCall { name, .. } if *name == "enter");
            named
                && here.contains(&e.region)
                && match self.target(Place { expr, ..place }) {
                    Target::Api(entry) => entry.role == Some(Role::RuntimeEnter),
                    target => matches!(target, Target::Unknown),
                }
        })
    }

    /// The region and those around it that run on the same thread, since each is a closure that is called on the spot.
    fn regions_on_thread(&self, region: RegionRef) -> Vec<RegionId> {
        let mut found = Vec::new();
        for outer in self.body(region.body).region_chain(region.region) {
            found.push(outer);
            if !matches!(self.context(RegionRef { region: outer, ..region }).reason, Reason::InlineAt(_)) {
                break;
            }
        }
        found
    }

    /// True when a method of this name is called on a value of which nothing is known.
    pub fn calls_unknown_method(&self, body: BodyId, method: &str) -> bool {
        self.body(body).exprs.iter_ids().any(|(expr, e)| {
            let named = matches!(&e.kind, ExprKind::MethodCall { name, .. } if *name == method);
            named && matches!(self.target(Place { body, expr }), Target::Unknown)
        })
    }

    /// True when the local is mentioned in a macro that is not understood.
    pub fn in_unknown_macro(&self, body: BodyId, local: LocalId) -> bool {
        self.body(body).exprs.iter().any(|e| match &e.kind {
            ExprKind::Macro(call) => call.uses.contains(&local),
            _ => false,
        })
    }

    /// Receiver and other arguments of a catalogued call, however it is written.
    pub fn operands(&self, place: Place, entry: &FnEntry) -> (Option<Place>, Vec<Place>) {
        let (recv, args) = crate::link::graph::waits::operands(self.linked(), place.body, place.expr, entry);
        let at = |expr| Place { expr, ..place };
        (recv.map(at), args.into_iter().map(at).collect())
    }

    /// Expressions that belong to one region, in evaluation order.
    pub fn exprs_of(&self, region: RegionRef) -> impl Iterator<Item = (Place, &Expr)> {
        let body = self.body(region.body);
        let inside = body.regions[region.region].body;
        let first = body.exprs[inside].first;
        let range = first.0..=inside.0;
        range
            .map(ExprId)
            .filter(move |id| body.exprs[*id].region == region.region)
            .map(move |expr| (Place { body: region.body, expr }, &body.exprs[expr]))
    }

    /// Region 0 of a body.
    pub const fn whole(body: BodyId) -> RegionRef {
        RegionRef { body, region: RegionId(0) }
    }
}
