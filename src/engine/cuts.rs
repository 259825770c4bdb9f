//! Directives that act before the rules: an `allow` at the cause, `assume(blocking)` and `assume(non-blocking)` (decision M14).

use rustc_hash::FxHashSet;

use crate::base::{FileId, IndexVec, SourceMap, Span};
use crate::catalog::Category;
use crate::facts::{FileFacts, ItemId};
use crate::hir::effect::Effect;
use crate::hir::names::{BodyId, DefId, Place};
use crate::link::graph::effects::Cuts;
use crate::link::names::Names;
use crate::program::CutsOf;
use crate::source::Sources;
use crate::suppress::{Assumed, Suppressions, assume};

/// What the comments of the program say.
pub(super) struct Directives<'a> {
    suppressions: &'a Suppressions<'a>,
    blocking: FxHashSet<(FileId, ItemId)>,
    non_blocking: FxHashSet<(FileId, ItemId)>,
    detached_ok: FxHashSet<(FileId, ItemId)>,
}

impl<'a> Directives<'a> {
    pub(super) fn new(
        facts: &IndexVec<FileId, FileFacts>,
        sources: &Sources,
        suppressions: &'a Suppressions<'a>,
    ) -> Self {
        let files = facts.iter().filter(|f| !f.directives.is_empty());
        let assumed: Vec<_> = files.flat_map(|f| assume::of_file(f, sources.text(f.file))).collect();
        let of = |what| assumed.iter().filter(|a| a.assumed == what).map(|a| (a.file, a.item)).collect();
        Self {
            suppressions,
            blocking: of(Assumed::Blocking),
            non_blocking: of(Assumed::NonBlocking),
            detached_ok: of(Assumed::DetachedOk),
        }
    }
}

impl CutsOf for Directives<'_> {
    fn of<'a>(&'a self, facts: &'a IndexVec<FileId, FileFacts>, names: &'a Names) -> Box<dyn Cuts + 'a> {
        Box::new(Located { directives: self, facts, names })
    }
}

struct Located<'a> {
    directives: &'a Directives<'a>,
    facts: &'a IndexVec<FileId, FileFacts>,
    names: &'a Names,
}

impl Cuts for Located<'_> {
    fn cuts(&self, place: Place, effect: Effect) -> bool {
        let at = self.names.body_ref(place.body);
        let bytes = self.facts[at.file].bodies[at.body].call_bytes(place.expr);
        self.directives.suppressions.covers_call(rule_of(effect), None, Span::new(at.file, bytes.0, bytes.1))
    }

    fn non_blocking(&self, body: BodyId) -> bool {
        self.is_in(&self.directives.non_blocking, body)
    }

    fn detached_ok(&self, body: BodyId) -> bool {
        self.is_in(&self.directives.detached_ok, body)
    }

    fn blocking(&self, def: DefId) -> bool {
        let at = self.names.item_ref(def);
        self.directives.blocking.contains(&(at.file, at.item))
    }
}

impl Located<'_> {
    /// The fn of a body, or the impl or trait that holds it, is in the set.
    fn is_in(&self, set: &FxHashSet<(FileId, ItemId)>, body: BodyId) -> bool {
        let at = self.names.item_ref(self.names.body_owner(body));
        let item = &self.facts[at.file].items[at.item];
        let holds = |item| set.contains(&(at.file, item));
        holds(at.item) || item.parent.is_some_and(holds)
    }
}

/// The rule that reports an effect.
const fn rule_of(effect: Effect) -> &'static str {
    match effect {
        Effect::Blocks { category, .. } => match category {
            Category::Sleep => "blocking-sleep",
            Category::Sync => "blocking-sync",
            Category::Process => "blocking-process",
            Category::Http => "blocking-http",
            Category::Db => "blocking-db",
            Category::Net => "blocking-net",
            Category::Fs => "blocking-fs",
            Category::FsMeta => "blocking-fs-meta",
            Category::Stdio => "blocking-stdio",
            Category::Compute => "blocking-compute",
            Category::Custom | Category::Receiver => "blocking-custom",
        },
        Effect::BlockOn | Effect::MacroMain => "nested-runtime",
        Effect::Spawns => "spawn-in-drop",
        Effect::BlockInPlace => "block-in-place-current-thread",
        Effect::NeedsRuntime => "spawn-outside-runtime",
    }
}
