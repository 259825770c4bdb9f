//! Questions about the thread that runs a place: is it the only one of its runtime, does a destructor run there?

use crate::base::Span;
use crate::catalog::{FnEntry, Role};
use crate::facts::{ExprKind, ItemKind, LocalKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::context::{ContextKind, Entry};
use crate::hir::graph::EdgeKind;
use crate::hir::known::known;
use crate::hir::names::{BodyId, DefId, EntryKind, Place, RegionRef, Res};
use crate::hir::ty::TyKind;

use super::Program;

/// Async code that is seen to run on a runtime of one thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SingleThreaded {
    /// The region.
    pub region: RegionRef,
    /// What says so: the fn's name, or the call that drives it.
    pub why: Span,
    /// A test or main whose attribute starts the runtime.
    pub by_attribute: bool,
}

impl Program {
    /// All regions that are seen to be driven by a runtime of one thread: tests and mains by their attribute, blocks given to a
    /// current-thread runtime or a `LocalSet`.
    pub fn single_threaded(&self) -> Vec<SingleThreaded> {
        let by_attribute = self.bodies().filter(|body| self.is_single_threaded_body(*body)).filter_map(|body| {
            let why = self.fn_name_span(body)?;
            Some(SingleThreaded { region: Self::whole(body), why, by_attribute: true })
        });
        let blocks = self.bodies().flat_map(|body| {
            let regions = self.body(body).regions.iter_ids();
            let asynchronous = regions.filter(|(_, decl)| decl.kind == RegionKind::AsyncBlock);
            asynchronous.filter_map(move |(region, decl)| {
                let driver = self.single_threaded_driver(Place { body, expr: decl.expr })?;
                let why = self.call_span(driver);
                Some(SingleThreaded { region: RegionRef { body, region }, why, by_attribute: false })
            })
        });
        let handlers = self.bodies().filter(|body| self.is_actix_handler(*body)).filter_map(|body| {
            let why = self.fn_name_span(body)?;
            Some(SingleThreaded { region: Self::whole(body), why, by_attribute: false })
        });
        by_attribute.chain(blocks).chain(handlers).collect()
    }

    /// An async fn with a route of actix as attribute: each worker of actix is a runtime of one thread.
    fn is_actix_handler(&self, body: BodyId) -> bool {
        const ROUTES: [&str; 10] =
            ["get", "post", "put", "delete", "patch", "head", "options", "connect", "trace", "route"];
        let is_async = self.body(body).regions[RegionId(0)].kind == RegionKind::AsyncFn;
        let Some(def) = self.fn_of(body).filter(|_| is_async) else { return false };
        let (file, item) = self.world().item(def);
        let paths = &self.facts[file].paths.paths;
        let is_route = |path: &str| match path.rsplit_once("::") {
            Some((krate, route)) => krate == "actix_web" && ROUTES.contains(&route),
            None => ROUTES.contains(&path),
        };
        item.attrs.iter().any(|attr| is_route(&paths[attr.path].text()))
            && self.depends_on(body, "actix_web")
            && !self.depends_on(body, "rocket")
    }

    /// Calls of workspace fns whose futures a runtime of one thread is given directly, with the call that drives each.
    pub fn driven_on_one_thread(&self) -> Vec<(Place, Place)> {
        let driving = self.bodies().flat_map(|body| {
            let calls = self.types_of(body).targets.iter().filter(|(_, target)| matches!(target, Target::Fn(_)));
            calls.filter_map(move |(expr, _)| {
                let future = Place { body, expr: *expr };
                Some((future, self.single_threaded_driver(future)?))
            })
        });
        driving.collect()
    }

    /// The call with a runtime of one thread that is given the future at `place` directly.
    fn single_threaded_driver(&self, place: Place) -> Option<Place> {
        let call = self.parent(place)?;
        let entry = self.api(call)?;
        let drives = match entry.path.as_str() {
            "tokio::task::LocalSet::run_until"
            | "tokio::task::LocalSet::block_on"
            | "tokio::task::LocalSet::spawn_local"
            | "tokio::task::spawn_local"
            | "tokio::runtime::LocalRuntime::block_on" => true,
            "tokio::runtime::Runtime::block_on" => self.builds_single_threaded(place.body),
            _ => false,
        };
        drives.then_some(call)
    }

    /// The body builds a current-thread runtime and no other.
    fn builds_single_threaded(&self, body: BodyId) -> bool {
        let built: Vec<&str> = self
            .api_calls(body)
            .map(|(_, entry)| entry.path.as_str())
            .filter(|path| path.starts_with("tokio::runtime::Builder::new_") || *path == "tokio::runtime::Runtime::new")
            .collect();
        !built.is_empty() && built.iter().all(|path| *path == "tokio::runtime::Builder::new_current_thread")
    }

    /// The calls that drive a region, when all of them are known and none runs on an executor's thread: what the task around
    /// awaits is followed outwards.
    pub fn drivers(&self, region: RegionRef) -> Option<Vec<&'static FnEntry>> {
        let mut found = Vec::new();
        let mut open = vec![self.node(region)];
        let mut at = 0;
        while let Some(node) = open.get(at).copied() {
            at += 1;
            let mut calls = self.graph.calls_to(node).peekable();
            calls.peek()?;
            for edge in calls {
                match edge.kind {
                    EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent if !open.contains(&edge.caller) => {
                        open.push(edge.caller);
                    }
                    EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent => {}
                    EdgeKind::BlockOn if self.context(self.graph.region(edge.caller)).kind != ContextKind::Async => {
                        found.push(self.driving_call(edge.place)?);
                    }
                    EdgeKind::BlockOn | EdgeKind::Spawn | EdgeKind::Offload | EdgeKind::Thread | EdgeKind::Later => {
                        return None;
                    }
                }
            }
        }
        Some(found)
    }

    /// The `block_on` around a future.
    fn driving_call(&self, future: Place) -> Option<&'static FnEntry> {
        let entries = self.ancestors(future).skip(1).filter_map(|at| self.api(at));
        entries.into_iter().find(|entry| entry.role == Some(Role::BlockOn))
    }

    /// The region and those of the same body that run as part of it.
    pub fn parts_of(&self, region: RegionRef) -> Vec<RegionRef> {
        let mut found: Vec<RegionId> = vec![region.region];
        let mut at = 0;
        while let Some(next) = found.get(at).copied() {
            at += 1;
            for edge in self.calls_from(RegionRef { region: next, ..region }) {
                let inner = self.graph.region(edge.callee);
                let runs =
                    matches!(edge.kind, EdgeKind::Await | EdgeKind::Concurrent | EdgeKind::Spawn | EdgeKind::Inline);
                if inner.body == region.body && runs && !found.contains(&inner.region) {
                    found.push(inner.region);
                }
            }
        }
        found.into_iter().map(|inner| RegionRef { region: inner, ..region }).collect()
    }

    /// The attribute of the fn of a body that is written `#[path]`, with nothing in parentheses.
    pub fn bare_attribute(&self, body: BodyId, path: &str) -> Option<Span> {
        self.attribute(body, path).filter(|(_, args)| args.is_empty()).map(|(span, _)| span)
    }

    /// The attribute of the fn of a body with this path as written, and the text of its arguments.
    pub fn attribute(&self, body: BodyId, path: &str) -> Option<(Span, &str)> {
        let (file, item) = self.world().item(self.fn_of(body)?);
        let paths = &self.facts[file].paths.paths;
        let attr = item.attrs.iter().find(|attr| paths[attr.path].text() == path)?;
        Some((Span::new(file, attr.span.0, attr.span.1), &attr.args))
    }

    /// The runtime behind a place is seen to have one thread: a test or main with such a runtime, in the same body.
    pub fn is_single_threaded(&self, place: Place) -> bool {
        self.context_at(place).entry == Entry::CurrentThread || self.is_single_threaded_body(place.body)
    }

    /// The body is the main future of a current-thread runtime, as its attribute says.
    pub fn is_single_threaded_body(&self, body: BodyId) -> bool {
        use crate::catalog::Flavor;
        let attr = self.fn_of(body).and_then(|def| self.world().entry_attr(def));
        let Some(attr) = attr.filter(|attr| matches!(attr.kind, EntryKind::Main | EntryKind::Test)) else {
            return false;
        };
        if attr.args.contains("current_thread") || attr.args.contains("\"local\"") {
            return true;
        }
        let multi = attr.args.contains("multi_thread") || attr.args.contains("worker_threads");
        let flavor = self.catalog.attribute(attr.path).and_then(|entry| entry.flavor);
        !multi && matches!(flavor, Some(Flavor::CurrentThread | Flavor::Local))
    }

    /// The catalogue's entry of the attribute that makes the fn of a body an entry of this kind.
    pub fn attribute_entry(&self, body: BodyId, kind: EntryKind) -> Option<&'static crate::catalog::AttributeEntry> {
        let attr = self.fn_of(body).and_then(|def| self.world().entry_attr(def))?;
        self.catalog.attribute(attr.path).filter(|_| attr.kind == kind)
    }

    /// For the body of `Drop::drop`: the workspace type that is dropped.
    pub fn dropped_type(&self, body: BodyId) -> Option<DefId> {
        let def = self.fn_of(body)?;
        let parent = self.names.parent(def)?;
        let ItemKind::Impl(_) = &self.names.item(parent).kind else { return None };
        let info = self.names.impl_info(parent)?;
        match (info.trait_, info.head) {
            (Some(Res::Foreign(path)), crate::hir::names::TypeHead::Def(owner)) if path == known().drop => Some(owner),
            _ => None,
        }
    }

    /// A place in async code where a value of a workspace type is made, or comes by value.
    pub fn made_in_async_code(&self, owner: DefId) -> Option<Place> {
        self.bodies().find_map(|body| {
            let types = self.types_of(body);
            let made =
                types.exprs.iter_ids().filter(|(_, ty)| matches!(ty.kind(), TyKind::Adt(def, _) if *def == owner));
            let mut places = made.map(|(expr, _)| Place { body, expr });
            places.find(|place| {
                let has_it = self.makes_value(*place, owner) || self.names_own_value(*place);
                has_it && self.context_at(*place).kind == ContextKind::Async
            })
        })
    }

    /// An async method of a type that no code outside of its own fns makes: whoever has a value of it is asynchronous code.
    pub fn async_method_of(&self, owner: DefId) -> Option<BodyId> {
        let own = |body: BodyId| {
            self.fn_of(body).and_then(|def| self.names.parent(def)).is_some_and(|parent| self.is_impl_of(parent, owner))
        };
        let is_async = |body: &BodyId| {
            let facts = self.body(*body);
            facts.regions[RegionId(0)].kind == RegionKind::AsyncFn
                && facts.locals.iter().any(|local| local.kind == LocalKind::SelfValue)
        };
        let made_elsewhere = |body: BodyId| {
            let made = self.types_of(body).exprs.iter_ids();
            let mut made = made.filter(|(_, ty)| matches!(ty.kind(), TyKind::Adt(def, _) if *def == owner));
            !own(body) && made.any(|(expr, _)| self.makes_value(Place { body, expr }, owner))
        };
        let method = self.bodies().find(|body| own(*body) && is_async(body))?;
        (!self.bodies().any(made_elsewhere)).then_some(method)
    }

    fn is_impl_of(&self, def: DefId, owner: DefId) -> bool {
        self.names.impl_info(def).is_some_and(|info| info.head == crate::hir::names::TypeHead::Def(owner))
    }

    /// A local of this body whose value ends in it unless it is handed on: `self`, a parameter.
    fn names_own_value(&self, place: Place) -> bool {
        let ExprKind::Local(local) = self.expr(place).kind else { return false };
        let decl = &self.body(place.body).locals[local];
        let given = matches!(decl.kind, LocalKind::SelfValue | LocalKind::Param);
        given && decl.region == self.expr(place).region
    }

    /// A struct literal, a unit struct or a call of a constructor.
    fn makes_value(&self, place: Place, owner: DefId) -> bool {
        match self.expr(place).kind {
            ExprKind::Struct { .. } => true,
            ExprKind::Path { path, .. } => self.types_of(place.body).values[path].res == Res::Def(owner),
            ExprKind::Call { .. } => matches!(self.target(place), Target::Fn(_) | Target::Ctor(_)),
            _ => false,
        }
    }
}
