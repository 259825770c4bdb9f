//! `assume(..)`: what an author says about a function.

use crate::base::FileId;
use crate::extent::Bytes;
use crate::facts::{Directive, FileFacts, ItemId, ItemKind, Verb};

use super::{FileSuppressions, Malformed, Why, cover};

/// What is assumed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Assumed {
    /// It blocks its thread.
    Blocking,
    /// It does not, whatever it calls.
    NonBlocking,
    /// The task that it starts may be lost.
    DetachedOk,
    /// Dropping what it returns aborts the task.
    AbortOnDrop,
}

/// An assumption about an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assumption {
    /// The file.
    pub file: FileId,
    /// The function, struct, trait or other item.
    pub item: ItemId,
    /// What is assumed of it.
    pub assumed: Assumed,
}

const NAMES: [(&str, Assumed); 4] = [
    ("blocking", Assumed::Blocking),
    ("non-blocking", Assumed::NonBlocking),
    ("detached-ok", Assumed::DetachedOk),
    ("abort-on-drop", Assumed::AbortOnDrop),
];

/// The assumptions of one file, for the linker.
pub fn of_file(facts: &FileFacts, text: &str) -> Vec<Assumption> {
    let extents = crate::extent::Extents::new(facts);
    let mut out = Vec::new();
    for directive in &facts.directives {
        let Ok(content) = &directive.content else { continue };
        if content.verb != Verb::Assume {
            continue;
        }
        let node = cover::next_node(&extents, text, directive.span);
        let items = facts.items.iter_ids().filter(|(_, item)| Some(item.span) == node && is_assumable(&item.kind));
        for (item, _) in items {
            let known = content.args.iter().filter_map(|(name, _)| find(name));
            out.extend(known.map(|assumed| Assumption { file: facts.file, item, assumed }));
        }
    }
    out
}

fn find(name: &str) -> Option<Assumed> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, assumed)| *assumed)
}

const fn is_assumable(kind: &ItemKind) -> bool {
    match kind {
        ItemKind::Fn(_) | ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::TypeAlias(_) => true,
        ItemKind::Trait(_)
        | ItemKind::Impl(_)
        | ItemKind::Const(_)
        | ItemKind::Module(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => false,
    }
}

impl FileSuppressions<'_> {
    /// Reports an `assume` that assumes nothing.
    pub(super) fn check_assume(&mut self, directive: &Directive, text: &str) {
        let Ok(content) = &directive.content else { return };
        let mut complain =
            |span: Bytes, why: String| self.malformed.push(Malformed { span, why: Why::Unreadable(why) });
        for (name, span) in content.args.iter().filter(|(name, _)| find(name).is_none()) {
            let names: Vec<String> = NAMES.iter().map(|(known, _)| format!("`{known}`")).collect();
            complain(*span, format!("`{name}` is nothing to assume; {} are", names.join(", ")));
        }
        if directive.trailing || cover::next_node(&self.extents, text, directive.span).is_none() {
            complain(directive.span, "`assume` stands on a line of its own before a function or type".to_owned());
        }
    }
}
