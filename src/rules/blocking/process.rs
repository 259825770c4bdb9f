//! blocking-process: the thread waits for another program.

use crate::base::Name;
use crate::catalog::{Category, Tier};
use crate::diagnostic::Applicability;
use crate::facts::ExprKind;
use crate::hir::effect::Source;
use crate::hir::names::Place;
use crate::program::Program;
use crate::rules::findings::Draft;
use crate::rules::fixes;

use super::{Spec, advice, never};

/// The rule.
pub(super) const SPEC: Spec = Spec { category: Category::Process, kind, exempt: never, advise };

/// Builder methods that both `Command`s have.
const SHARED: [&str; 12] =
    ["arg", "args", "env", "envs", "env_clear", "env_remove", "current_dir", "stdin", "stdout", "stderr", "uid", "gid"];

fn kind(_: &Program, _: &Source, _: Option<Name>, tier: Tier) -> Option<&'static str> {
    (tier == Tier::Default).then_some("default")
}

fn advise<'f, 'a>(program: &'a Program, source: &Source, kind: &'static str, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
    let draft = advice::plain(program, source, kind, draft);
    let place = source.place;
    if !matches!(source.path.as_str(), "std::process::Command::output" | "std::process::Command::status") {
        return draft;
    }
    let (Some(start), Some(_), Some(tokio)) =
        (start_of(program, place), program.can_await(place), program.extern_name(place.body, "tokio"))
    else {
        return draft;
    };
    let edits = vec![
        fixes::replace(program.span(start), format!("{tokio}::process::Command::new")),
        fixes::after(program.span(place), ".await"),
    ];
    draft.fix("await `tokio::process::Command`", Applicability::Unsafe, edits)
}

/// The path `Command::new` at the start of a chain that is one expression.
fn start_of(program: &Program, end: Place) -> Option<Place> {
    let ExprKind::MethodCall { recv, .. } = program.expr(end).kind else { return None };
    let mut at = Place { expr: recv, ..end };
    loop {
        match &program.expr(at).kind {
            ExprKind::MethodCall { recv, name, .. } if SHARED.contains(&name.as_str()) => at.expr = *recv,
            ExprKind::Call { callee, .. } => {
                let is_new = program.api(at).is_some_and(|e| e.path.as_str() == "std::process::Command::new");
                return is_new.then_some(Place { expr: *callee, ..at });
            }
            _ => return None,
        }
    }
}
