//! The state shared by all handles of a supervisor or group, and the tree of groups. Never
//! decides about a shutdown: see `shutdown`.

use crate::cell::{flag, TaskCell};
use crate::config::{Config, SpanMode};
use crate::event::Hook;
use crate::gate::Gate;
use crate::health::Problems;
use crate::outcome::Outcome;
use crate::registry::{Class, IdleSignal, Registry, Totals};
use crate::report::ShutdownReport;
use crate::shutdown::Life;
use crate::site::Site;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) type ReportHook = dyn Fn(&ShutdownReport) + Send + Sync;

/// What the groups of one supervisor have in common.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) span: SpanMode,
    pub(crate) on_event: Option<Arc<Hook>>,
    pub(crate) on_report: Option<Arc<ReportHook>>,
    pub(crate) handle: Option<Handle>,
    /// A time driver is known to be there.
    pub(crate) timers: bool,
    pub(crate) managed: bool,
}

/// Counters beside the outcomes.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) restarts: AtomicU64,
    pub(crate) observed: AtomicU64,
    pub(crate) undelivered: AtomicU64,
    pub(crate) hook_panics: AtomicU64,
    pub(crate) queued: AtomicU64,
}

impl Extras {
    pub(crate) fn hook_panics(&self) {
        self.hook_panics.fetch_add(1, Ordering::Relaxed);
    }

    fn fold_into(&self, other: &Extras) {
        for (from, to) in [
            (&self.restarts, &other.restarts),
            (&self.observed, &other.observed),
            (&self.undelivered, &other.undelivered),
            (&self.hook_panics, &other.hook_panics),
        ] {
            to.fetch_add(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
}

#[derive(Default)]
struct Children {
    live: Vec<Weak<Inner>>,
    /// The totals of groups that are gone.
    folded: Totals,
}

/// A scope that ends at the first failure.
#[derive(Default)]
pub(crate) struct FailFast {
    pub(crate) enabled: AtomicBool,
    pub(crate) first: Mutex<Option<(crate::TaskInfo, Outcome)>>,
    pub(crate) token: CancellationToken,
}

pub(crate) struct Inner {
    pub(crate) name: Arc<str>,
    pub(crate) parent: Option<Arc<Inner>>,
    pub(crate) phase: AtomicU8,
    pub(crate) registry: Registry<Arc<TaskCell>>,
    pub(crate) idle: IdleSignal,
    children: Mutex<Children>,
    pub(crate) token: CancellationToken,
    /// The own gate first, then those of the ancestors.
    pub(crate) gates: Arc<[Arc<Gate>]>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) life: Life,
    pub(crate) extras: Extras,
    pub(crate) problems: Problems,
    pub(crate) fail_fast: FailFast,
    pub(crate) created: Instant,
    /// When a refusal was last logged, by site: a storm of refusals must not become one of logs.
    refusals: Mutex<BTreeMap<usize, Instant>>,
}

const REFUSAL_LOG_EVERY: Duration = Duration::from_secs(10);

impl Inner {
    /// A supervisor without a parent.
    pub(crate) fn root_with(name: &str, settings: Settings) -> Arc<Self> {
        let gates: Arc<[Arc<Gate>]> = settings
            .config
            .max_concurrent
            .map(|n| Arc::new(Gate::new(n, settings.config.pending_limit)))
            .into_iter()
            .collect();
        Arc::new(Self::assemble(name, None, gates, Arc::new(settings), many_shards()))
    }

    /// The root of a program that sets none up: it names, logs and counts.
    pub(crate) fn unmanaged() -> Arc<Self> {
        Self::root_with("root", Settings::default())
    }

    /// A child; `limit` of its own on top of those of its ancestors.
    pub(crate) fn child(
        self: &Arc<Self>,
        name: &str,
        limit: Option<usize>,
        shards: usize,
        settings: Option<Settings>,
    ) -> Arc<Self> {
        let settings = settings.map_or_else(|| Arc::clone(&self.settings), Arc::new);
        let own = limit.map(|n| Arc::new(Gate::new(n, settings.config.pending_limit)));
        let gates = own.into_iter().chain(self.gates.iter().cloned()).collect();
        let child = Self::assemble(name, Some(Arc::clone(self)), gates, settings, shards);
        let phase = self.phase.load(Ordering::Relaxed);
        child.phase.store(phase, Ordering::Relaxed);
        let child = Arc::new(child);
        locked(&self.children).live.push(Arc::downgrade(&child));
        // After the push: a shutdown that begins now sees the child, one that began before is
        // inherited here.
        child.life.inherit(&self.life, &child.token);
        child
    }

    fn assemble(
        name: &str,
        parent: Option<Arc<Inner>>,
        gates: Arc<[Arc<Gate>]>,
        settings: Arc<Settings>,
        shards: usize,
    ) -> Self {
        Self {
            name: name.into(),
            parent,
            phase: AtomicU8::new(0),
            registry: Registry::new(shards),
            idle: IdleSignal::new(),
            children: Mutex::default(),
            token: CancellationToken::new(),
            gates,
            settings,
            life: Life::new(),
            extras: Extras::default(),
            problems: Problems::default(),
            fail_fast: FailFast::default(),
            created: Instant::now(),
            refusals: Mutex::default(),
        }
    }

    /// True at most once per site in a while.
    pub(crate) fn may_log_refusal(&self, site: &'static Site) -> bool {
        let now = Instant::now();
        let key = std::ptr::from_ref(site).addr();
        let mut refusals = locked(&self.refusals);
        let soon = refusals.get(&key).is_some_and(|last| now.duration_since(*last) < REFUSAL_LOG_EVERY);
        if !soon {
            refusals.insert(key, now);
        }
        !soon
    }

    pub(crate) fn is_managed(&self) -> bool {
        self.settings.managed
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.life.state() == crate::State::Closed
    }

    pub(crate) fn live_children(&self) -> Vec<Arc<Inner>> {
        let live = locked(&self.children);
        live.live.iter().filter_map(Weak::upgrade).collect()
    }

    /// This node and all groups below it.
    pub(crate) fn tree(self: &Arc<Self>) -> Vec<Arc<Inner>> {
        let mut nodes = vec![Arc::clone(self)];
        let mut next = 0;
        while next < nodes.len() {
            let below = nodes[next].live_children();
            nodes.extend(below);
            next += 1;
        }
        nodes
    }

    /// The outermost ancestor.
    pub(crate) fn top(self: &Arc<Self>) -> Arc<Inner> {
        let mut node = self;
        while let Some(parent) = &node.parent {
            node = parent;
        }
        Arc::clone(node)
    }

    /// Has everything of these classes ended, in the nodes that `of` picks? What has ended is
    /// summed first, what has begun second and over the tree as it is then: a task or group that
    /// begins in between makes the answer "no", never a false "yes". Holding the first list keeps
    /// its groups from being folded in between.
    pub(crate) fn all_ended(self: &Arc<Self>, classes: &[Class], of: impl Fn(&Inner) -> bool) -> bool {
        let before = self.tree();
        let ended: u64 = before.iter().filter(|node| of(node)).map(|node| node.registry.ended(classes)).sum();
        let begun: u64 = self.tree().iter().filter(|node| of(node)).map(|node| node.registry.begun(classes)).sum();
        ended == begun
    }

    /// Wakes those who wait for this node or an ancestor to become idle.
    pub(crate) fn signal_idle(&self) {
        self.idle.changed();
        let mut node = self;
        while let Some(parent) = &node.parent {
            parent.idle.changed();
            node = parent;
        }
    }

    /// Takes a task out of the register: the last act of its accounting.
    pub(crate) fn finish(&self, cell: &TaskCell, outcome: Outcome) {
        cell.site.count_end(outcome);
        if outcome.is_failure() && self.fail_fast.enabled.load(Ordering::Relaxed) {
            self.note_first_failure(cell, outcome);
        }
        let (entry, emptied) = self.registry.remove(cell.slot(), outcome.index());
        drop(entry);
        if emptied {
            self.signal_idle();
        }
    }

    #[cold]
    fn note_first_failure(&self, cell: &TaskCell, outcome: Outcome) {
        locked(&self.fail_fast.first).get_or_insert_with(|| (cell.info(), outcome));
        self.fail_fast.token.cancel();
    }

    /// The live tasks of this node, without the groups below.
    pub(crate) fn cells(&self) -> Vec<Arc<TaskCell>> {
        let mut cells = Vec::new();
        self.registry.each(|cell| cells.push(Arc::clone(cell)));
        cells
    }

    /// Asks the tasks that match to end; `why` as in [`TaskCell::ask_abort`].
    pub(crate) fn abort_where(&self, why: u32, pick: impl Fn(&TaskCell) -> bool) -> Vec<Arc<TaskCell>> {
        let mut cells = self.cells();
        cells.retain(|cell| !cell.has(flag::EXEMPT) && pick(cell));
        for cell in &cells {
            cell.ask_abort(why);
        }
        cells
    }

    /// Counters of this node and everything below it, also of what is gone.
    pub(crate) fn totals(self: &Arc<Self>) -> Totals {
        let mut totals = self.registry.totals();
        let (folded, below) = {
            let children = locked(&self.children);
            let below: Vec<_> = children.live.iter().filter_map(Weak::upgrade).collect();
            (children.folded, below)
        };
        totals.add(&folded);
        for child in &below {
            totals.add(&child.totals());
        }
        totals
    }

    /// A counter summed over the tree.
    pub(crate) fn extra(self: &Arc<Self>, pick: impl Fn(&Extras) -> &AtomicU64) -> u64 {
        self.tree().iter().map(|node| pick(&node.extras).load(Ordering::Relaxed)).sum()
    }
}

impl Drop for Inner {
    /// A group that is gone has no live task; its counts stay with its parent.
    fn drop(&mut self) {
        let Some(parent) = self.parent.take() else {
            return;
        };
        let totals = {
            let mut totals = self.registry.totals();
            totals.add(&locked(&self.children).folded);
            totals
        };
        self.extras.fold_into(&parent.extras);
        self.problems.fold_into(&parent.problems);
        let mut children = locked(&parent.children);
        children.folded.add(&totals);
        let gone: *const Inner = self;
        children.live.retain(|child| !std::ptr::eq(child.as_ptr(), gone));
        drop(children);
        parent.idle.changed();
        parent.signal_idle();
    }
}

fn many_shards() -> usize {
    let cores = std::thread::available_parallelism().map_or(4, usize::from);
    (4 * cores).next_power_of_two().min(64)
}

/// Groups are smaller than the root, scopes are made per request.
pub(crate) const GROUP_SHARDS: usize = 8;
pub(crate) const SCOPE_SHARDS: usize = 1;

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
