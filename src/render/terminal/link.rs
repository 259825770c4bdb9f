//! Links (OSC 8) from the name of a rule to its page, for terminals that are known to show them.
//!
//! The address is made from the rule's own id: nothing that a stranger wrote is in the sequence.

use crate::diagnostic::Diagnostic;
use crate::rules::page;

use super::Options;

const OPEN: &str = "\x1b]8;;";
const END: &str = "\x1b\\";

/// `rule.kind`, as a link where links are shown.
pub(super) fn code(finding: &Diagnostic, options: &Options<'_>) -> String {
    let code = finding.code();
    match page::find(finding.rule) {
        Some(rule) if options.links => format!("{OPEN}{}{END}{code}{OPEN}{END}", rule.url()),
        Some(_) | None => code,
    }
}

/// A block of codespan in whose first line the code is a link. Codespan writes `warning[code]`, and counts no columns there.
pub(super) fn in_header(block: &[u8], finding: &Diagnostic) -> Vec<u8> {
    let code = finding.code();
    let (Some(rule), Some(at)) = (page::find(finding.rule), find(block, format!("[{code}]").as_bytes())) else {
        return block.to_vec();
    };
    let (before, rest) = block.split_at(at + 1);
    let (name, after) = rest.split_at(code.len());
    [before, OPEN.as_bytes(), rule.url().as_bytes(), END.as_bytes(), name, OPEN.as_bytes(), END.as_bytes(), after]
        .concat()
}

fn find(bytes: &[u8], words: &[u8]) -> Option<usize> {
    bytes.windows(words.len()).position(|window| window == words)
}
