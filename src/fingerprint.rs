//! Fingerprints: the name of a finding that survives edits elsewhere.
//!
//! Made of the rule, the function and the tokens of the statement; never of the path, the line, the level or the words.
//! A second name leaves the function out, so that a baseline can follow a file that was renamed.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::base::{FileId, SourceMap};
use crate::diagnostic::Diagnostic;
use crate::extent::Extents;
use crate::tokens;

/// Gives each finding its fingerprint. Findings must be sorted by place; those that are equal in all else are numbered in that order.
pub fn assign(findings: &mut [Diagnostic], extents: &BTreeMap<FileId, &Extents<'_>>, sources: &dyn SourceMap) {
    let mut ordinals: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    for finding in findings {
        let tokens = tokens_of(finding, extents.get(&finding.primary.file).copied(), sources);
        let place = format!("{} {}", finding.package, finding.function);
        let key = [finding.rule, &place, &tokens].join("\0").into_bytes();
        finding.statement = hex("s1:", Sha256::new().chain_update([finding.rule, &unbroken(&tokens)].join("\0")));
        let ordinal = ordinals.entry(key.clone()).or_default();
        finding.fingerprint = digest(&key, *ordinal);
        *ordinal += 1;
    }
}

fn tokens_of(finding: &Diagnostic, extents: Option<&Extents<'_>>, sources: &dyn SourceMap) -> String {
    let primary = (finding.primary.start, finding.primary.end);
    let (start, end) = extents.and_then(|e| e.statement_around(primary)).unwrap_or(primary);
    let text = sources.text(finding.primary.file).get(start as usize..end as usize).unwrap_or("");
    // A statement and the same expression as the tail of a block are one thing.
    let tokens = tokens::normalized(text);
    tokens.strip_suffix(" ;").unwrap_or(&tokens).to_owned()
}

/// Without the commas that a formatter adds when it breaks a line.
fn unbroken(tokens: &str) -> String {
    [" )", " ]", " }", " >"].iter().fold(tokens.to_owned(), |text, close| text.replace(&format!(" ,{close}"), close))
}

fn digest(key: &[u8], ordinal: u32) -> String {
    hex("v1:", Sha256::new().chain_update(key).chain_update([0]).chain_update(ordinal.to_string()))
}

fn hex(prefix: &str, hash: Sha256) -> String {
    let mut out = prefix.to_owned();
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_algorithm_never_changes() {
        // printf 'untracked-spawn\0app app::main\0tokio : : spawn ( run ( ) )\0000' | sha256sum
        let key = b"untracked-spawn\0app app::main\0tokio : : spawn ( run ( ) )";
        assert_eq!(digest(key, 0), EXPECTED);
        assert_ne!(digest(key, 1), digest(key, 0));
    }

    const EXPECTED: &str = "v1:c5000872c25f4dc3";
}
