//! The rules: one page and one file each.
//!
//! A rule asks the program and writes findings. It never decides its own level, prints, reads a file, keeps state, or calls another rule.

pub mod findings;
pub mod fixes;
pub mod options;
pub mod page;
pub mod renamed;

mod accept_error_exit;
mod block_in_place_current_thread;
mod blocking;
mod broadcast_lag_exit;
mod busy_wait;
mod cancel_unsafe_select;
mod cancelled_on_drop;
mod cross_runtime_client;
mod detach_on_timeout;
mod double_lock;
mod future_in_sync_spawn;
mod futurelock;
mod guard_dropped_at_once;
mod ineffective_permit;
mod ineffective_timeout;
mod lock_across_await;
mod loop_error;
mod lost_task_error;
mod mixed_runtimes;
mod multiple_runtimes;
mod nested_runtime;
mod never_yields;
mod orphan_child;
mod relay;
mod runtime_driver_missing;
mod select_eager_precondition;
mod select_no_else;
mod select_timer_reset;
mod span_across_await;
mod spawn_in_drop;
mod spawn_outside_runtime;
mod stdin_shutdown_hang;
mod supervised;
mod test_task_leak;
mod tracker_never_closed;
mod unawaited_future;
mod unbounded_spawn;
mod undrained_join_set;
mod unflushed_writer;
mod unstoppable_task;
mod untracked_spawn;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Problem, ProblemKind};
use crate::hir::names::BodyId;
use crate::program::Program;

use findings::Findings;
use options::OptionSetting;

/// A rule.
pub struct Rule {
    /// Its id: the name of its page, its fixtures and, with `_`, its file.
    pub id: &'static str,
    /// What it does.
    pub check: Check,
}

/// How a rule is run.
#[derive(Clone, Copy)]
pub enum Check {
    /// Once for each body, in parallel.
    Body(fn(&Program, BodyId, &mut Findings<'_>)),
    /// Once.
    Program(fn(&Program, &mut Findings<'_>)),
}

/// All rules, in the order of their ids.
#[rustfmt::skip] // one line each: what a rule adds to this list is one line
pub const RULES: &[Rule] = &[
    accept_error_exit::RULE,
    block_in_place_current_thread::RULE,
    blocking::COMPUTE,
    blocking::CUSTOM,
    blocking::DB,
    blocking::FS,
    blocking::FS_META,
    blocking::HTTP,
    blocking::NET,
    blocking::PROCESS,
    blocking::SLEEP,
    blocking::STDIO,
    blocking::SYNC,
    broadcast_lag_exit::RULE,
    busy_wait::RULE,
    cancel_unsafe_select::RULE,
    cancelled_on_drop::RULE,
    cross_runtime_client::RULE,
    detach_on_timeout::RULE,
    double_lock::RULE,
    future_in_sync_spawn::RULE,
    futurelock::RULE,
    guard_dropped_at_once::RULE,
    ineffective_permit::RULE,
    ineffective_timeout::RULE,
    lock_across_await::RULE,
    lost_task_error::RULE,
    mixed_runtimes::RULE,
    multiple_runtimes::RULE,
    nested_runtime::RULE,
    never_yields::RULE,
    orphan_child::RULE,
    runtime_driver_missing::RULE,
    select_eager_precondition::RULE,
    select_no_else::RULE,
    select_timer_reset::RULE,
    span_across_await::RULE,
    spawn_in_drop::RULE,
    spawn_outside_runtime::RULE,
    stdin_shutdown_hang::RULE,
    test_task_leak::RULE,
    tracker_never_closed::RULE,
    unawaited_future::RULE,
    unbounded_spawn::RULE,
    undrained_join_set::RULE,
    unflushed_writer::RULE,
    unstoppable_task::RULE,
    untracked_spawn::RULE,
];

/// Findings before levels and suppressions, and rules that failed.
#[derive(Debug, Default)]
pub struct Raw {
    /// What the rules found, in no particular order.
    pub findings: Vec<Diagnostic>,
    /// Rules that panicked.
    pub problems: Vec<Problem>,
}

/// Runs the rules that `speaks` lets: one that nothing switches on costs nothing. A rule that panics on a body loses that body
/// only (decision X8).
pub fn run(program: &Program, options: &[OptionSetting], speaks: impl Fn(&str) -> bool) -> Raw {
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| speaks(rule.id)).collect();
    run_some(&rules, program, options)
}

fn run_some(rules: &[&Rule], program: &Program, options: &[OptionSetting]) -> Raw {
    // What no build for our profile holds serves names only (decision M5).
    let bodies: Vec<BodyId> = program.bodies().filter(|body| !program.is_never_built(*body)).collect();
    let of_bodies = bodies.par_iter().map(|body| {
        let mut raw = Raw::default();
        for rule in rules {
            if let Check::Body(check) = rule.check {
                let out = Findings::new(program, options, rule.id);
                guarded(out, rule, Some(*body), &mut raw, |out| check(program, *body, out));
            }
        }
        raw
    });
    let whole = rules.par_iter().map(|rule| {
        let mut raw = Raw::default();
        if let Check::Program(check) = rule.check {
            let out = Findings::new(program, options, rule.id);
            guarded(out, rule, None, &mut raw, |out| check(program, out));
        }
        raw
    });
    let merge = |mut a: Raw, b: Raw| {
        a.findings.extend(b.findings);
        a.problems.extend(b.problems);
        a
    };
    let (of_bodies, whole) =
        rayon::join(|| of_bodies.reduce(Raw::default, merge), || whole.reduce(Raw::default, merge));
    merge(of_bodies, whole)
}

fn guarded<'a>(
    mut out: Findings<'a>,
    rule: &Rule,
    body: Option<BodyId>,
    raw: &mut Raw,
    check: impl FnOnce(&mut Findings<'a>),
) {
    let program = out.program;
    match catch_unwind(AssertUnwindSafe(|| check(&mut out))) {
        Ok(()) => {
            if let Some(body) = body.filter(|_| !out.found.is_empty()) {
                let unbuilt = program.unbuilt_parts(body);
                out.found.retain(|found| !unbuilt.iter().any(|part| part.contains(found.primary)));
            }
            raw.findings.append(&mut out.found);
        }
        Err(_) => raw.problems.push(failed(program, rule, body)),
    }
}

fn failed(program: &Program, rule: &Rule, body: Option<BodyId>) -> Problem {
    let place = body.map_or_else(String::new, |body| format!(" in `{}`", program.function_name(body)));
    Problem {
        kind: ProblemKind::InternalError,
        message: format!("rule `{}` failed{place}; please report it", rule.id),
        path: body.map(|body| program.sources.files[program.file_of(body)].path.clone()),
        span: body.and_then(|body| program.fn_name_span(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panics_on_a_body(_: &Program, _: BodyId, _: &mut Findings<'_>) {
        panic!("a rule that panics on purpose");
    }

    fn panics_on_all(_: &Program, _: &mut Findings<'_>) {
        panic!("a rule that panics on purpose");
    }

    #[test]
    fn a_rule_that_panics_loses_what_it_looked_at_and_nothing_else() {
        let text = "pub async fn f() { std::thread::sleep(std::time::Duration::from_secs(1)); }\npub fn g() {}\n";
        let program = crate::engine::program_in_memory(vec![("src/lib.rs".to_owned(), text.to_owned())]);
        let sleep = RULES.iter().find(|rule| rule.id == "blocking-sleep").unwrap();
        let rules = [
            &Rule { id: "untracked-spawn", check: Check::Body(panics_on_a_body) },
            sleep,
            &Rule { id: "multiple-runtimes", check: Check::Program(panics_on_all) },
        ];
        let raw = run_some(&rules, &program, &[]);
        assert_eq!(raw.findings.len(), 1);
        let mut failed: Vec<_> = raw.problems.iter().map(|problem| problem.message.as_str()).collect();
        failed.sort_unstable();
        assert!(
            failed.len() == 3 && failed[0].starts_with("rule `multiple-runtimes` failed; please report it"),
            "{failed:?}"
        );
        assert!(failed[1].contains("in `") && raw.problems.iter().all(|p| p.kind == ProblemKind::InternalError));
    }
}
