//! cross-runtime-client: a static keeps a client that is bound to a runtime, and more than one runtime uses it.
//!
//! Each async test starts a runtime of its own, so two tests that come to the static are two runtimes.

use super::findings::Findings;
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::Role;
use crate::facts::{ExprKind, RegionId, RegionKind};
use crate::hir::effect::Source;
use crate::hir::graph::{EdgeKind, Node};
use crate::hir::names::{BodyId, DefId, EntryKind, Place, Res};
use crate::program::Program;
use crate::program::origin::Origin;
use crate::program::reach::{Along, Reach};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "cross-runtime-client", check: Check::Program(check) };

fn check(program: &Program, out: &mut Findings<'_>) {
    let statics = program.bound_statics();
    if statics.is_empty() {
        return;
    }
    let tests: Vec<BodyId> = program.bodies().filter(|body| is_async_test(program, *body)).collect();
    let nobody = |_: BodyId| false;
    for (def, name) in statics {
        let uses = uses_of(program, def);
        let Some((_, first)) = uses.first() else { continue };
        let reach = program.reach(&uses, &Along { follows: runs, barred: &nobody });
        let home = program.bodies().find(|body| program.names.body_owner(*body) == def).unwrap_or(first.place.body);
        let users: Vec<BodyId> =
            tests.iter().copied().filter(|test| reach.chain(program, Program::whole(*test)).is_some()).collect();
        let krate = users.first().map(|body| program.crate_of(*body));
        let users: Vec<BodyId> = users.into_iter().filter(|body| Some(program.crate_of(*body)) == krate).collect();
        if users.len() > 1 {
            by_tests(program, home, name, &users, out);
        } else if let Some((one, other)) = two_runtimes(program, &reach) {
            out.spanning("two-runtimes", home, name)
                .also(program.call_span(one), "driven by one runtime")
                .also(program.call_span(other), "and by another")
                .help("make a client for each runtime");
        }
    }
}

fn by_tests(program: &Program, home: BodyId, name: Span, users: &[BodyId], out: &mut Findings<'_>) {
    let mut draft = out.spanning("tests", home, name);
    for user in users.iter().take(2) {
        if let Some(span) = program.fn_name_span(*user) {
            draft = draft.also(span, "this test uses it on a runtime of its own");
        }
    }
    draft
        .note(format!("{} tests use it", users.len()))
        .help("make the client in each test, or run all tests on one shared runtime");
}

const fn runs(kind: EdgeKind) -> bool {
    match kind {
        EdgeKind::Inline | EdgeKind::Await | EdgeKind::Concurrent | EdgeKind::Spawn => true,
        EdgeKind::BlockOn | EdgeKind::Offload | EdgeKind::Thread | EdgeKind::Later => false,
    }
}

fn is_async_test(program: &Program, body: BodyId) -> bool {
    let attr = program.fn_of(body).and_then(|def| program.names.entry_attr(def));
    let is_test = attr.is_some_and(|attr| attr.kind == EntryKind::Test && attr.path != "test");
    is_test && program.body(body).regions[RegionId(0)].kind == RegionKind::AsyncFn
}

/// Mentions of the static, as sources.
fn uses_of(program: &Program, def: DefId) -> Vec<(Node, Source)> {
    let name = crate::base::Name::new(&program.names.def_path(def));
    let mut found = Vec::new();
    for body in program.bodies() {
        let types = program.types_of(body);
        for (expr, kind) in program.body(body).exprs.iter_ids().map(|(id, e)| (id, &e.kind)) {
            let ExprKind::Path { path, .. } = kind else { continue };
            let target = types.values[*path];
            if target.res == Res::Def(def) && target.rest == 0 {
                let place = Place { body, expr };
                let source = Source { place, api: None, path: name, instead: None, likely: false, within: None };
                found.push((program.node(program.region_at(place)), source));
            }
        }
    }
    found
}

/// Two calls in one body that drive futures which use the static, on different runtimes.
fn two_runtimes(program: &Program, reach: &Reach) -> Option<(Place, Place)> {
    program.bodies().filter(|body| !program.in_test(*body)).find_map(|body| {
        if program.calls_with_role(body, Role::RuntimeBuild).count() < 2 {
            return None;
        }
        let drives: Vec<(Place, Origin)> = program
            .api_calls(body)
            .filter(|(_, entry)| matches!(entry.role, Some(Role::BlockOn | Role::Spawn)))
            .filter_map(|(place, entry)| {
                let (recv, args) = program.operands(place, entry);
                let region = program.work_of(*args.first()?).region?;
                reach.chain(program, region)?;
                Some((place, program.origin(recv?)?))
            })
            .collect();
        let (first, origin) = drives.first()?;
        drives.iter().find(|(_, other)| other != origin).map(|(second, _)| (*first, *second))
    })
}
