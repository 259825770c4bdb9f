//! Names that rules and kinds had before or have elsewhere, and what they are called here today.
//!
//! Such a name works wherever a name is read: in a directive, in a configuration, on the command line. A name is never given to another rule.

use std::borrow::Cow;

use super::page;

/// Old names, `rule` or `rule.kind`, and those of today. Kept for ever.
const RENAMED: &[(&str, &str)] = &[];

/// Lints of clippy and rules that say the same; who comes from there writes what they know.
const ELSEWHERE: &[(&str, &str)] = &[
    ("async_yields_async", "unawaited-future"),
    ("await_holding_lock", "lock-across-await"),
    ("await_holding_refcell_ref", "lock-across-await"),
    ("let_underscore_future", "unawaited-future"),
];

/// What `name` is called today, when that is something else.
pub fn new_name(name: &str) -> Option<String> {
    let (rule, kind) = name.split_once('.').map_or((name, None), |(rule, kind)| (rule, Some(kind)));
    if page::find(rule).is_some_and(|info| kind.is_none_or(|kind| info.kind(kind).is_some())) {
        return None;
    }
    lookup(&[RENAMED, ELSEWHERE], name).or_else(|| {
        // As a lint of rustc is written.
        let dashed = name.replace('_', "-");
        let (rule, kind) = dashed.split_once('.').map_or((dashed.as_str(), None), |(rule, kind)| (rule, Some(kind)));
        let exists = page::find(rule).is_some_and(|info| kind.is_none_or(|kind| info.kind(kind).is_some()));
        (dashed != name && exists).then_some(dashed)
    })
}

/// `name` as it is called today.
pub fn today(name: &str) -> Cow<'_, str> {
    new_name(name).map_or(Cow::Borrowed(name), Cow::Owned)
}

/// The whole name in one of the tables, else its rule with the kind left as it is.
fn lookup(tables: &[&[(&str, &str)]], name: &str) -> Option<String> {
    let of = |name: &str| tables.iter().copied().flatten().find(|(old, _)| *old == name).map(|(_, new)| (*new).to_owned());
    of(name).or_else(|| {
        let (rule, kind) = name.split_once('.')?;
        Some(format!("{}.{kind}", of(rule)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_lead_to_names_of_today() {
        for (old, new) in RENAMED.iter().chain(ELSEWHERE) {
            assert_ne!(old, new);
            assert_eq!(new_name(new), None, "{old} leads to another old name");
            let (rule, kind) = new.split_once('.').map_or((*new, None), |(rule, kind)| (rule, Some(kind)));
            let info = page::find(rule).unwrap_or_else(|| panic!("{new} does not exist"));
            assert!(kind.is_none_or(|kind| info.kind(kind).is_some()), "{new} does not exist");
            assert!(page::find(old).is_none(), "{old} is in use again");
        }
    }

    #[test]
    fn rules_kinds_and_spellings_are_found() {
        let table: &[(&str, &str)] = &[("old", "new"), ("rule.old", "rule.new")];
        assert_eq!(lookup(&[table], "old").as_deref(), Some("new"));
        assert_eq!(lookup(&[table], "old.kind").as_deref(), Some("new.kind"));
        assert_eq!(lookup(&[table], "rule.old").as_deref(), Some("rule.new"));
        assert_eq!(lookup(&[table], "rule"), None);
        assert_eq!(new_name("untracked_spawn").as_deref(), Some("untracked-spawn"));
        assert_eq!(new_name("untracked_spawn.best_effort").as_deref(), Some("untracked-spawn.best-effort"));
        assert_eq!(new_name("await_holding_lock").as_deref(), Some("lock-across-await"));
        assert_eq!(new_name("untracked-spawn"), None);
        assert_eq!(new_name("no_such_rule"), None);
    }
}
