//! runtime-driver-missing: a runtime is built without the timer or the I/O driver that its futures need.
//!
//! The whole builder chain must be visible: one expression, or a local that is only ever the receiver of builder methods. What the
//! runtime drives is asked of the program.

use super::findings::Findings;
use super::{Check, Rule, fixes};
use crate::catalog::{Needs, Role};
use crate::diagnostic::Applicability;
use crate::facts::{ExprKind, LocalId};
use crate::hir::effect::Chain;
use crate::hir::names::{BodyId, Place};
use crate::program::needs::on_same_runtime;
use crate::program::reach::Reach;
use crate::program::{Fate, Program};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "runtime-driver-missing", check: Check::Program(check) };

/// A driver.
struct Driver {
    enabled_by: Role,
    needs: fn(Needs) -> bool,
    reach: Reach,
    message: &'static str,
}

fn check(program: &Program, out: &mut Findings<'_>) {
    let builds: Vec<Place> = program
        .bodies()
        .flat_map(|body| program.calls_with_role(body, Role::RuntimeBuild).collect::<Vec<_>>())
        .filter(|(_, entry)| entry.path.as_str().starts_with("tokio::runtime::Builder::build"))
        .map(|(place, _)| place)
        .collect();
    if builds.is_empty() {
        return;
    }
    let nobody = |_: BodyId| false;
    let time: fn(Needs) -> bool = |needs| needs == Needs::TokioTime;
    let io: fn(Needs) -> bool = |needs| needs == Needs::TokioIo;
    let drivers = [
        Driver {
            enabled_by: Role::EnableTime,
            needs: time,
            reach: program.reach_of_needs(time, on_same_runtime, &nobody),
            message: "this runtime has no timer, but its code uses one: tokio panics with \"A Tokio 1.x context was found, but timers are disabled\"",
        },
        Driver {
            enabled_by: Role::EnableIo,
            needs: io,
            reach: program.reach_of_needs(io, on_same_runtime, &nobody),
            message: "this runtime has no I/O driver, but its code uses one: tokio panics with \"A Tokio 1.x context was found, but IO is disabled\"",
        },
    ];
    for build in builds {
        let Some(chain) = builder_chain(program, build).filter(|_| !program.expects_panic(build)) else { continue };
        let mut futures = program.futures_driven_by(build);
        futures.retain(|future| !program.expects_panic(*future));
        for driver in &drivers {
            if chain.calls.contains(&Role::EnableAll) || chain.calls.contains(&driver.enabled_by) {
                continue;
            }
            let need = futures.iter().find_map(|future| program.need_of_future(*future, driver.needs, &driver.reach));
            if let Some(need) = need {
                report(program, build, &chain, driver, &need, out);
                break;
            }
        }
    }
}

/// The calls between `Builder::new_*` and `build()`.
struct BuilderChain {
    start: Place,
    calls: Vec<Role>,
}

fn builder_chain(program: &Program, build: Place) -> Option<BuilderChain> {
    let mut calls = Vec::new();
    let mut at = build;
    loop {
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, .. } => {
                calls.extend(program.api(at)?.role);
                at = Place { expr: *recv, ..at };
            }
            ExprKind::Call { .. } => {
                let entry = program.api(at)?;
                return (entry.role == Some(Role::RuntimeBuilder)).then_some(BuilderChain { start: at, calls });
            }
            ExprKind::Local(local) => return local_chain(program, at, *local, calls),
            _ => return None,
        }
    }
}

/// A builder in a local: every mention is the receiver of a method of the builder.
fn local_chain(program: &Program, at: Place, local: LocalId, mut calls: Vec<Role>) -> Option<BuilderChain> {
    let init = program.initialiser(at.body, local)?;
    let first = builder_chain(program, init)?;
    for mention in program.mentions(at.body, local) {
        let mention = Place { expr: mention, ..at };
        let Fate::Receiver(call) = program.fate(mention) else { return None };
        let mut call = Some(Place { expr: call, ..at });
        while let Some(step) = call {
            let entry = program.api(step)?;
            calls.extend(entry.role);
            call = match program.fate(step) {
                Fate::Receiver(next) if entry.builder => Some(Place { expr: next, ..at }),
                _ => None,
            };
        }
    }
    if program.in_unknown_macro(at.body, local) {
        return None;
    }
    calls.extend(first.calls);
    Some(BuilderChain { start: first.start, calls })
}

fn report(
    program: &Program,
    build: Place,
    chain: &BuilderChain,
    driver: &Driver,
    need: &Chain,
    out: &mut Findings<'_>,
) {
    let edit = fixes::before(program.call_span(build), "enable_all().");
    out.at("default", chain.start)
        .message(driver.message)
        .chain(need)
        .subject(need.source.path)
        .why(program.call_span(need.source.place), "needs the driver")
        .help("call `.enable_all()` before `.build()`")
        .fix("enable all drivers", Applicability::Safe, vec![edit]);
}
