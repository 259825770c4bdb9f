//! Verdicts on real findings: reads `tests/precision/<rule>.toml` and says what is wrong in them.
//!
//! A verdict is data, given by a person who read the code; nothing here gives one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::corpus::{self, Half};

/// What a reader found.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    True,
    False,
    Unsure,
}

/// A judged finding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdict {
    pub(crate) project: String,
    pub(crate) path: String,
    pub(crate) line: u32,
    pub(crate) fingerprint: String,
    /// The kind it had when it was judged.
    pub(crate) kind: String,
    pub(crate) verdict: Word,
    pub(crate) why: String,
    /// What a second reader said without knowing the first verdict.
    pub(crate) second: Option<Word>,
    /// Which sample of its rule it came with, counted from one.
    #[serde(default = "first")]
    pub(crate) draw: u32,
    /// The rule was worked over since, and is silent there now; or only notes it.
    #[serde(default)]
    pub(crate) gone: bool,
}

const fn first() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    finding: Vec<Verdict>,
}

/// Verdicts by rule.
pub(crate) type Verdicts = BTreeMap<String, Vec<Verdict>>;

/// Reads every file of the folder.
pub(crate) fn read(folder: &Path) -> Result<Verdicts, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut all = Verdicts::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rule) = name.strip_suffix(".toml") else { continue };
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let file: File = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        all.insert(rule.to_owned(), file.finding);
    }
    Ok(all)
}

/// Everything that is wrong, in words.
pub(crate) fn complaints(verdicts: &Verdicts, halves: &BTreeMap<String, Half>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (rule, judged) in verdicts {
        if asynclint::rules::page::find(rule).is_none() {
            wrong.push(format!("tests/precision/{rule}.toml: there is no rule of this name"));
        }
        let mut seen = BTreeSet::new();
        for verdict in judged {
            let at = format!("tests/precision/{rule}.toml, {}:{}", verdict.path, verdict.line);
            // A finding that says something else now is another one.
            if !seen.insert((&verdict.project, &verdict.fingerprint, &verdict.kind)) {
                wrong.push(format!("{at}: {} is judged twice; give a second reading as `second`", verdict.fingerprint));
            }
            let digits = verdict.fingerprint.strip_prefix("v1:").unwrap_or("");
            if digits.len() != 16 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                wrong.push(format!("{at}: `{}` is no fingerprint (v1: and 16 digits)", verdict.fingerprint));
            }
            if !halves.contains_key(&verdict.project) {
                wrong.push(format!("{at}: project `{}` is not in xtask/ecosystem/corpus.toml", verdict.project));
            }
            if verdict.path.starts_with('/') || verdict.line == 0 || verdict.kind.is_empty() || verdict.draw == 0 {
                wrong.push(format!("{at}: a relative path, a line, a kind and a draw from 1 are wanted"));
            }
            if verdict.why.split_whitespace().count() < 3 {
                wrong.push(format!("{at}: `why` says in a sentence what was seen"));
            }
        }
    }
    wrong
}

/// Reads, checks, and refuses what is wrong.
pub(crate) fn checked(folder: &Path) -> Result<Verdicts, String> {
    let verdicts = read(folder)?;
    let wrong = complaints(&verdicts, &corpus::halves()?);
    if wrong.is_empty() { Ok(verdicts) } else { Err(wrong.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<Verdict> {
        toml::from_str::<File>(text).unwrap().finding
    }

    const GOOD: &str = "[[finding]]\nproject = \"reth\"\npath = \"a.rs\"\nline = 1\nfingerprint = \"v1:0123456789abcdef\"\n\
                        kind = \"service\"\nverdict = \"true\"\nwhy = \"the task is lost\"\n";

    fn wrong(rule: &str, text: &str) -> Vec<String> {
        let verdicts = Verdicts::from([(rule.to_owned(), parse(text))]);
        complaints(&verdicts, &corpus::halves().unwrap())
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(wrong("untracked-spawn", GOOD).is_empty());
        assert!(wrong("untracked-spwan", GOOD)[0].contains("no rule"));
        assert!(wrong("untracked-spawn", &GOOD.repeat(2))[0].contains("twice"));
        assert!(wrong("untracked-spawn", &GOOD.replace("v1:", "v1:x"))[0].contains("no fingerprint"));
        assert!(wrong("untracked-spawn", &GOOD.replace("reth", "rath"))[0].contains("`rath`"));
        assert!(wrong("untracked-spawn", &GOOD.replace("line = 1", "line = 0"))[0].contains("a line"));
        assert!(wrong("untracked-spawn", &GOOD.replace("the task is lost", "yes"))[0].contains("sentence"));
    }

    #[test]
    fn other_words_and_keys_are_refused() {
        assert!(toml::from_str::<File>(&GOOD.replace("\"true\"", "\"maybe\"")).is_err());
        assert!(toml::from_str::<File>(&format!("{GOOD}verdickt = 1\n")).is_err());
        assert_eq!(parse(&format!("{GOOD}second = \"unsure\"\ndraw = 2\n"))[0].second, Some(Word::Unsure));
    }
}
