//! Tasks under the companion crate's supervision in a program whose `main` waits for none of them. Never looks at other tasks.

use crate::diagnostic::{Applicability, COMPANION, Edit, Writes};
use crate::hir::names::{BodyId, EntryKind, Place};
use crate::program::Program;
use crate::rules::findings::Findings;
use crate::rules::fixes;

pub(super) fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let is_entry = program.entry_attr(body).is_some_and(|attr| attr.kind == EntryKind::Main);
    let path = if is_entry { program.function_name(body) } else { return };
    let is_root = path == "main" || path.ends_with("::main") && path.matches("::").count() == 1;
    let Some(name) = program.fn_name_span(body).filter(|_| is_root) else { return };
    let Some(task) = program.left_behind(body) else { return };
    let draft = out
        .spanning("unmanaged", body, name)
        .why(program.call_span(task), "a task is supervised")
        .help("give the body of `main` to `asynclint_supervisor::managed`: it hears signals, and waits for the tasks before `main` returns");
    if let Some(edits) = managed(program, body) {
        draft.fix_with(Writes::Companion, "wait for supervised tasks in `main`", Applicability::Unsafe, edits);
    }
}

/// `{ body }` becomes `{ managed(async move { body }).await }`; the body itself stays as it is written.
fn managed(program: &Program, body: BodyId) -> Option<Vec<Edit>> {
    let block = program.span(Place { body, expr: program.body(body).root });
    let inner = program.text(block).strip_prefix('{')?.strip_suffix('}')?;
    // Attributes of the function belong at its beginning.
    if inner.trim_start().starts_with("#!") {
        return None;
    }
    let indent = program.indent(block);
    let open = format!("{COMPANION}::managed(async move {{");
    let has_lines = inner.trim_end_matches([' ', '\t']).ends_with('\n');
    let (open, close) = match has_lines {
        true => (format!("\n{indent}    {open}"), format!("    }})\n{indent}    .await\n{indent}")),
        false => (format!(" {open}"), "}).await ".to_owned()),
    };
    let inside = crate::base::Span { start: block.start + 1, end: block.end - 1, ..block };
    Some(vec![fixes::before(inside, open), fixes::after(inside, close)])
}
