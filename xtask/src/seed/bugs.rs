//! Reads `bugs.toml`: the shapes of bugs that can be planted.

use serde::Deserialize;

const BUGS: &str = include_str!("bugs.toml");

/// How a statement that is there is changed.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Rewrite {
    DropAwait,
    SpawnIt,
    GuardOverIt,
}

/// A shape of bug; the keys are explained in the file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Bug {
    pub(super) rule: String,
    #[serde(default)]
    pub(super) or: Vec<String>,
    pub(super) shape: String,
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) items: String,
    #[serde(default)]
    pub(super) head: String,
    #[serde(default)]
    pub(super) needs: Vec<String>,
    #[serde(default)]
    pub(super) moves: bool,
    pub(super) rewrite: Option<Rewrite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bug: Vec<Bug>,
}

/// Every shape.
pub(super) fn read() -> Result<Vec<Bug>, String> {
    let file: File = toml::from_str(BUGS).map_err(|e| format!("xtask/src/seed/bugs.toml: {e}"))?;
    Ok(file.bug)
}

/// The text for the bug with this number.
pub(super) fn numbered(text: &str, number: usize) -> String {
    text.replace("$n", &number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_is_rust_and_names_a_rule() {
        for bug in read().unwrap() {
            let Bug { rule, shape, .. } = &bug;
            for rule in bug.or.iter().chain([rule]) {
                assert!(asynclint::rules::page::find(rule).is_some(), "{rule} is no rule");
            }
            let body = format!("async fn seeded() {{ {} }}", numbered(&bug.code, 7));
            for text in [body, numbered(&bug.items, 7), numbered(&bug.head, 7)] {
                assert!(syn::parse_file(&text).is_ok(), "{rule}, {shape}: {text}");
            }
            assert!(!bug.moves || (bug.head.is_empty() && !bug.code.contains(".await")), "{rule}, {shape}");
            assert!(bug.rewrite.is_none() || bug.code.is_empty(), "{rule}, {shape}");
        }
    }
}
