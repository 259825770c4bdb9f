//! All suppressions of a run as a list, for those who want to know what is silenced and why.

use crate::base::Span;
use crate::diagnostic::{Suppression, SuppressionState};
use crate::facts::Verb;

use super::meta::{Found, Writer};
use super::{Named, Source, Suppressions};

impl Suppressions<'_> {
    /// Every name in every directive and attribute, lints of other tools only where they answered something; to be asked once every
    /// finding was answered.
    pub fn list(&self, found: &Found<'_>) -> Vec<Suppression> {
        let mut out = Vec::new();
        for (file, suppressions) in &self.files {
            let writer = Writer { file: *file, suppressions, found };
            for entry in &suppressions.entries {
                let of = |named: &Named| Suppression {
                    span: Span::new(*file, named.span.0, named.span.1),
                    form: form(entry.source),
                    name: named.full(),
                    reason: entry.reason.clone(),
                    state: match (named.is_used(), writer.ran(entry, named)) {
                        (true, _) => SuppressionState::Used,
                        (false, true) => SuppressionState::Unused,
                        (false, false) => SuppressionState::NotRun,
                    },
                };
                let listed = entry.names.iter().filter(|named| entry.source != Source::Clippy || named.is_used());
                out.extend(listed.map(of));
            }
        }
        out
    }
}

const fn form(source: Source) -> &'static str {
    match source {
        Source::Comment(Verb::Allow | Verb::Assume) => "allow",
        Source::Comment(Verb::Expect) => "expect",
        Source::Comment(Verb::AllowFile) => "allow-file",
        Source::Attribute => "attribute",
        Source::Clippy => "clippy",
    }
}
