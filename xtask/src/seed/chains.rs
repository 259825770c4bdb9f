//! Chains of calls that stand in a project: from an async function through sync helpers, by names that exist once.

use super::survey::{Id, Survey};

/// An async function and the helpers below it, the last one deepest.
pub(super) struct Chain {
    pub(super) home: Id,
    pub(super) helpers: Vec<Id>,
}

/// Longest chain.
pub(super) const DEPTH: usize = 4;

/// Every chain of one to four helpers.
pub(super) fn chains(survey: &Survey) -> Vec<Chain> {
    let mut all = Vec::new();
    for (home, function) in survey.functions() {
        if function.is_async {
            extend(survey, home, &mut Vec::new(), &mut all);
        }
    }
    all
}

fn extend(survey: &Survey, home: Id, path: &mut Vec<Id>, all: &mut Vec<Chain>) {
    if path.len() == DEPTH {
        return;
    }
    let here = path.last().copied().unwrap_or(home);
    for call in &survey.function(here).calls {
        let Some(next) = survey.only(&call.name) else { continue };
        let callee = survey.function(next);
        let fits = callee.has_self == call.is_method && callee.parameters == call.arguments;
        let fits = fits && (call.is_own || !is_common(&call.name));
        let fits = fits && callee.is_plain && survey.sources[next.0].is_product && survey.sees(here.0, next.0);
        if !fits || callee.is_of_trait || callee.is_async || callee.is_const || path.contains(&next) {
            continue;
        }
        path.push(next);
        all.push(Chain { home, helpers: path.clone() });
        extend(survey, home, path, all);
        path.pop();
    }
}

/// A method name of the kind that builders and conversions of other crates have too.
fn is_common(name: &str) -> bool {
    let heads = ["with_", "as_", "to_", "into_", "is_", "from_", "try_"];
    heads.iter().any(|head| name.starts_with(head))
}
