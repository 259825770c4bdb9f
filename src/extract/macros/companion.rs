//! Macros of the companion crate: each is lowered as a call of a function of the same path, with the work as its first argument.
//!
//! So the catalogue says what they do, as for any other call, and a task that was put under supervision is still looked into.
//! The literal name of a task says nothing about the program and is left out.

use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser};

use crate::facts::expr::ExprKind;

use super::super::body::{Low, Lower};
use super::Call;

/// The crate, as it is named in code.
const CRATE: &str = "asynclint_supervisor";

/// Its macros that are given work, or a result to look at.
const MACROS: [&str; 10] = [
    "spawn",
    "spawn_daemon",
    "spawn_on",
    "spawn_blocking",
    "spawn_local",
    "spawn_bounded",
    "try_spawn",
    "spawn_cleanup",
    "track",
    "observe",
];

/// Lowers a macro of the companion crate, or one that is called like it through a module; `None` when it is none.
pub(super) fn lower(lower: &mut Lower<'_, '_>, call: &Call<'_>) -> Option<Low> {
    if !MACROS.contains(&call.name.as_str()) || !is_companion(lower, call) {
        return None;
    }
    let mut args = arguments.parse2(call.tokens()).ok()?;
    let work = args.pop()?;
    let first = lower.mark();
    let callee = lower.leaf(ExprKind::Path { path: call.path, args: Box::default() }, call.path_span).id;
    let mut out = vec![lower.expr(&work).id];
    for arg in args.iter().filter(|arg| !matches!(arg, syn::Expr::Lit(_))) {
        out.push(lower.expr(arg).id);
    }
    Some(lower.push_from(first, ExprKind::Call { callee, args: out.into_boxed_slice() }, call.span))
}

/// A lone name counts where the file mentions the crate; a macro of that name elsewhere is somebody else's.
fn is_companion(lower: &Lower<'_, '_>, call: &Call<'_>) -> bool {
    call.mac.path.segments.len() > 1 || lower.pos.text().contains(CRATE)
}

/// `in supervisor, "name", work`, `"name", max = n, work`.
fn arguments(input: ParseStream<'_>) -> syn::Result<Vec<syn::Expr>> {
    input.parse::<Option<syn::Token![in]>>()?;
    let mut out = Vec::new();
    while !input.is_empty() {
        if input.peek(syn::Ident) && input.peek2(syn::Token![=]) && !input.peek2(syn::Token![==]) {
            input.call(syn::Ident::parse_any)?;
            input.parse::<syn::Token![=]>()?;
        }
        out.push(input.parse()?);
        if !input.is_empty() {
            input.parse::<syn::Token![,]>()?;
        }
    }
    Ok(out)
}
