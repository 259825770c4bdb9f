//! All suppressions of a run as a list, for those who want to know what is silenced and why.

use crate::base::Span;
use crate::diagnostic::Suppression;
use crate::facts::Verb;

use super::{Source, Suppressions};

impl Suppressions<'_> {
    /// Every name in every directive and attribute; to be asked once every finding was answered.
    pub fn list(&self) -> Vec<Suppression> {
        let mut out = Vec::new();
        for (file, suppressions) in &self.files {
            for entry in &suppressions.entries {
                let of = |named: &super::Named| Suppression {
                    span: Span::new(*file, named.span.0, named.span.1),
                    form: form(entry.source),
                    name: named.full(),
                    reason: entry.reason.clone(),
                    used: named.is_used(),
                };
                out.extend(entry.names.iter().map(of));
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
