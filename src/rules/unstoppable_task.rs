//! unstoppable-task: an endless task that nothing can end but the end of the program.

use crate::catalog::Role;
use crate::diagnostic::{Applicability, Writes};
use crate::hir::names::BodyId;
use crate::program::{Fate, Program};

use super::findings::Findings;
use super::supervised::{self, Form};
use super::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "unstoppable-task", check: Check::Body(check) };

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    for (call, entry) in program.api_calls(body) {
        let starts = matches!(entry.role, Some(Role::Spawn | Role::SpawnLocal));
        let is_lost = || program.loss(call).is_some() || matches!(program.fate(call), Fate::Discarded(_));
        if !starts || supervised::is_supervised(entry) || !is_lost() {
            continue;
        }
        let work = program.payload(call, entry).map(|arg| program.work_of(arg));
        let looped = work.and_then(|work| work.region).and_then(|region| supervised::endless(program, region));
        let Some(looped) = looped else { continue };
        let draft = out
            .at("default", call)
            .why(program.head_span(looped), "this loop has no way out")
            .help("let it look at a token: `select! { _ = token.cancelled() => break, .. }`, or `token.run_until_cancelled(..)`");
        if let Some(edits) = supervised::statement(program, call, entry, Form::Plain) {
            let task = program.detached_tasks(body).into_iter().find(|task| task.call == call);
            let class = task.map_or(Applicability::Unsafe, |task| {
                supervised::class(program, call, &program.work_of_task(&task), entry)
            });
            draft.fix_with(Writes::Companion, "let the end of the program stop it", class, edits);
        }
    }
}
