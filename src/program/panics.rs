//! Programs in which a panic ends the process: nobody can fail to notice it, and no task dies alone.
//!
//! Decided for whole crates, from manifests and from panic hooks that a program installs. Knows nothing of panics that are caught.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::facts::{ExprKind, RegionId};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, CrateId, CrateKind, Place, Res};
use crate::hir::ty::TyKind;
use crate::source::DependencyKind;

use super::Program;

/// Crates in which a panic ends the process.
#[derive(Debug, Default)]
pub struct Panics {
    crates: FxHashSet<CrateId>,
}

/// Functions that end the process at once.
const ENDS: [&str; 7] = [
    "std::process::exit",
    "std::process::abort",
    "std::intrinsics::abort",
    "libc::abort",
    "libc::exit",
    "libc::_exit",
    "nix::libc::_exit",
];
const SET_HOOK: [&str; 2] = ["std::panic::set_hook", "std::panic::update_hook"];
/// Calls between a hook and the end of the process at most.
const DEPTH: u32 = 4;

impl Program {
    /// A panic in this body ends the process: a release profile of its workspace says `panic = "abort"`, or a program that contains it
    /// installs a panic hook that exits. Never in a test: those unwind whatever the profile says, and run without `main`.
    pub fn panic_ends_process(&self, body: BodyId) -> bool {
        !self.in_test(body) && self.panics.get_or_init(|| self.find_panics()).crates.contains(&self.crate_of(body))
    }

    fn find_panics(&self) -> Panics {
        let mut crates: FxHashSet<CrateId> = FxHashSet::default();
        let hooked = self.programs_with_hook();
        // A library's profile is that of whoever builds it into a program.
        let programs = |workspace| {
            let own = self.sources.packages.iter().filter(move |package| package.workspace == workspace);
            own.flat_map(|package| &package.targets).any(|target| target.kind == crate::source::TargetKind::Bin)
        };
        let mut packages: FxHashSet<usize> = FxHashSet::default();
        for (at, package) in self.sources.packages.iter().enumerate() {
            if package.aborts_on_panic && programs(package.workspace) {
                packages.insert(at);
            }
        }
        let linked = self.libraries_of(&hooked);
        crates.extend(hooked);
        for krate in self.names.crates() {
            let (kind, _, package, _) = self.names.krate(krate);
            if packages.contains(&package) || (kind == CrateKind::Lib && linked.contains(&package)) {
                crates.insert(krate);
            }
        }
        Panics { crates }
    }

    /// The packages whose libraries are a part of one of these programs: where one aborts, the others are tools, or get their `main` from
    /// a macro. A program that is a part of the tests says something of packages for tests alone.
    fn libraries_of(&self, programs: &FxHashSet<CrateId>) -> BTreeSet<usize> {
        let is_for_tests = |package: usize| self.sources.packages.iter().nth(package).is_some_and(|p| p.is_for_tests);
        let mut found = BTreeSet::new();
        for program in programs.iter().map(|krate| self.names.krate(*krate).2) {
            let below = self.libraries_below(program).into_iter();
            found.extend(below.filter(|package| !is_for_tests(program) || is_for_tests(*package)));
        }
        found
    }

    /// The package and those whose libraries are a part of its programs.
    fn libraries_below(&self, program: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([program]);
        let mut open = vec![program];
        while let Some(at) = open.pop() {
            let Some(package) = self.sources.packages.iter().nth(at) else { continue };
            let own = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
            for next in own.filter_map(|d| d.path) {
                if found.insert(next.0 as usize) {
                    open.push(next.0 as usize);
                }
            }
        }
        found
    }

    /// Programs whose `main` comes to a call that installs a panic hook which ends the process.
    fn programs_with_hook(&self) -> FxHashSet<CrateId> {
        let hooks = self.bodies().filter(|body| !self.in_test(*body)).filter(|body| self.installs_hook(*body));
        let mut open: Vec<BodyId> = hooks.collect();
        let mut seen: FxHashSet<BodyId> = open.iter().copied().collect();
        let mut found = FxHashSet::default();
        while let Some(body) = open.pop() {
            if self.is_main(body) {
                found.insert(self.crate_of(body));
            }
            for region in self.body(body).regions.ids() {
                for edge in self.graph.calls_to(self.graph.node(crate::hir::names::RegionRef { body, region })) {
                    let caller = self.graph.region(edge.caller).body;
                    if seen.insert(caller) {
                        open.push(caller);
                    }
                }
            }
        }
        found
    }

    fn is_main(&self, body: BodyId) -> bool {
        let owner = self.names.body_owner(body);
        let (kind, ..) = self.names.krate(self.names.crate_of(owner));
        kind == CrateKind::Bin && self.names.item(owner).name.as_str() == "main" && self.names.parent(owner).is_none()
    }

    fn installs_hook(&self, body: BodyId) -> bool {
        self.api_calls(body).any(|(call, entry)| {
            SET_HOOK.contains(&entry.path.as_str())
                && self.arguments(call).first().is_some_and(|hook| self.hook_ends(*hook))
        })
    }

    /// What is given to `set_hook` holds a call that ends the process, or names a fn with one.
    fn hook_ends(&self, hook: Place) -> bool {
        let body = self.body(hook.body);
        let first = body.exprs[hook.expr].first.0;
        let inside = |expr: crate::facts::ExprId| (first..=hook.expr.0).contains(&expr.0);
        let by_call = self.types_of(hook.body).targets.iter().any(|(expr, target)| {
            let is_call = matches!(body.exprs[*expr].kind, ExprKind::Call { .. } | ExprKind::MethodCall { .. });
            inside(*expr) && is_call && body.exprs[*expr].region != RegionId(0) && self.target_ends(target, 0)
        });
        by_call
            || body.exprs.iter_ids().filter(|(expr, _)| inside(*expr)).any(|(expr, _)| {
                match self.ty(Place { expr, ..hook }).kind() {
                    TyKind::FnDef(Res::Def(def)) => self.body_of(*def).is_some_and(|inner| self.body_ends(inner, 0)),
                    TyKind::Closure(region) if region.body == hook.body => {
                        let closure = &body.regions[region.region];
                        let range = body.exprs[closure.body].first.0..=closure.body.0;
                        self.types_of(hook.body)
                            .targets
                            .iter()
                            .any(|(expr, target)| range.contains(&expr.0) && self.target_ends(target, 0))
                    }
                    _ => false,
                }
            })
    }

    fn target_ends(&self, target: &Target, depth: u32) -> bool {
        match target {
            Target::Foreign(path) => ENDS.contains(&path.as_str()),
            Target::Api(entry) => ENDS.contains(&entry.path.as_str()),
            Target::Fn(def) => depth < DEPTH && self.body_of(*def).is_some_and(|body| self.body_ends(body, depth + 1)),
            Target::TraitFn(_) | Target::Ctor(_) | Target::Closure(_) | Target::Local(_) | Target::Unknown => false,
        }
    }

    fn body_ends(&self, body: BodyId, depth: u32) -> bool {
        self.types_of(body).targets.iter().any(|(_, target)| self.target_ends(target, depth))
    }
}
