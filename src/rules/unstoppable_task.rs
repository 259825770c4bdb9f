//! unstoppable-task: an endless task that nothing can end but the end of the program.

use crate::catalog::Role;
use crate::facts::ExprKind;
use crate::facts::expr::LoopKind;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::program::{Fate, Program};

use super::findings::Findings;
use super::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "unstoppable-task", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        let starts = matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal));
        let is_lost = || program.loss(call).is_some() || matches!(program.fate(call), Fate::Discarded(_));
        if !starts || !is_lost() {
            continue;
        }
        let work = program.payload(call, entry).map(|arg| program.work_of(arg));
        let Some(looped) = work.and_then(|work| work.region).and_then(|region| endless(program, region)) else {
            continue;
        };
        out.at("default", call)
            .why(program.head_span(looped), "this loop has no way out")
            .help("let it look at a token: `select! { _ = token.cancelled() => break, .. }`, or `token.run_until_cancelled(..)`");
    }
}

/// A loop of the region itself without a way out.
fn endless(program: &Program, region: RegionRef) -> Option<Place> {
    program.exprs_of(region).find_map(|(place, expr)| match &expr.kind {
        ExprKind::Loop { kind: kind @ LoopKind::Loop, .. } if program.is_endless(place, kind) => Some(place),
        _ => None,
    })
}
