//! Which supervisor is meant when none is named: the one of the task being polled, else the
//! thread's, else the process root. Never creates a runtime.

use crate::cell::TaskCell;
use crate::inner::Inner;
use crate::supervisor::Supervisor;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context as PollContext, Poll};

/// What is being polled on this thread.
#[derive(Default)]
pub(crate) struct Context {
    /// A scope or a managed body; wins over the supervisor of the task.
    pub(crate) scope: Option<Arc<Inner>>,
    pub(crate) task: Option<Arc<TaskCell>>,
}

thread_local! {
    static CONTEXT: Cell<Context> = const { Cell::new(Context { scope: None, task: None }) };
    static THREAD: Cell<Option<Arc<Inner>>> = const { Cell::new(None) };
    static SLOT: Cell<(usize, u64, u64)> = const { Cell::new((0, 0, 0)) };
}

static ROOT: RwLock<Option<Arc<Inner>>> = RwLock::new(None);
static NEXT_THREAD: AtomicUsize = AtomicUsize::new(1);
static NEXT_ID: AtomicU64 = AtomicU64::new(1);
/// Ids are taken in blocks, so that spawning threads do not fight for one counter.
const ID_BLOCK: u64 = 64;

/// Puts `context` in place and returns what was there. During the end of a thread there is no
/// place any more: the context is dropped, and the ambient supervisor is the process root.
pub(crate) fn swap(context: Context) -> Context {
    CONTEXT.try_with(|cell| cell.replace(context)).unwrap_or_default()
}

/// Moves the task into place for one poll; no counter is touched. During the end of a thread
/// there is no place, the answer is `None` and the task stays where it is.
pub(crate) fn enter(cell: &mut Option<Arc<TaskCell>>) -> Option<Context> {
    CONTEXT.try_with(|context| context.replace(Context { scope: None, task: cell.take() })).ok()
}

/// Undoes [`enter`].
pub(crate) fn leave(before: Option<Context>, cell: &mut Option<Arc<TaskCell>>) {
    if let Some(before) = before {
        *cell = swap(before).task;
    }
}

fn peek<R>(read: impl FnOnce(&Context) -> R) -> Option<R> {
    CONTEXT
        .try_with(|cell| {
            let context = cell.take();
            let result = read(&context);
            cell.set(context);
            result
        })
        .ok()
}

/// The supervisor of the code that is running, where one was set up for it.
pub(crate) fn local() -> Option<Arc<Inner>> {
    let of_task = peek(|context| match (&context.scope, &context.task) {
        (Some(scope), _) => Some(Arc::clone(scope)),
        (None, Some(task)) => Some(Arc::clone(&task.inner)),
        (None, None) => None,
    })
    .flatten();
    of_task.or_else(thread_default)
}

/// The supervisor meant when none is named.
pub(crate) fn ambient() -> Arc<Inner> {
    local().unwrap_or_else(root)
}

pub(crate) fn task() -> Option<Arc<TaskCell>> {
    peek(|context| context.task.clone()).flatten()
}

/// True while a task or body of ours is polled by tokio: then the current runtime is at hand.
pub(crate) fn polled_by_tokio() -> bool {
    peek(|context| match (&context.scope, &context.task) {
        (_, Some(task)) => !task.has(crate::cell::flag::FOREIGN | crate::cell::flag::BLOCKING),
        _ => false,
    })
    .unwrap_or(false)
}

fn thread_default() -> Option<Arc<Inner>> {
    THREAD
        .try_with(|cell| {
            let inner = cell.take();
            cell.set(inner.clone());
            inner
        })
        .ok()
        .flatten()
}

/// Sets the supervisor of this thread.
pub(crate) fn set_thread_default(inner: Option<Arc<Inner>>) {
    let before = THREAD.try_with(|cell| cell.replace(inner));
    drop(before);
}

/// The process root; made at first use, then it only names, logs and counts.
pub(crate) fn root() -> Arc<Inner> {
    if let Some(inner) = &*ROOT.read().unwrap_or_else(PoisonError::into_inner) {
        return Arc::clone(inner);
    }
    let mut root = ROOT.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(root.get_or_insert_with(Inner::unmanaged))
}

/// Makes `inner` the process root unless a live managed one is there.
pub(crate) fn offer_root(inner: &Arc<Inner>) {
    let mut root = ROOT.write().unwrap_or_else(PoisonError::into_inner);
    let taken = root.as_ref().is_some_and(|r| r.is_managed() && !r.is_closed());
    if !taken {
        let before = root.replace(Arc::clone(inner));
        drop(root);
        drop(before);
    }
}

/// The number of this thread and a fresh task id.
pub(crate) fn thread_slot() -> (usize, u64) {
    SLOT.try_with(|cell| {
        let (mut thread, mut next, mut end) = cell.get();
        if next == end {
            if thread == 0 {
                thread = NEXT_THREAD.fetch_add(1, Ordering::Relaxed);
            }
            next = NEXT_ID.fetch_add(ID_BLOCK, Ordering::Relaxed);
            end = next + ID_BLOCK;
        }
        cell.set((thread, next + 1, end));
        (thread, next)
    })
    .unwrap_or_else(|_| (0, NEXT_ID.fetch_add(ID_BLOCK, Ordering::Relaxed)))
}

/// Restores the context that was there before, also when a panic passes.
pub(crate) struct Entered(Option<Context>);

impl Entered {
    /// Enters the supervisor of a scope; the task stays who it is.
    pub(crate) fn scope(inner: &Arc<Inner>) -> Self {
        Self(Some(swap(Context { scope: Some(Arc::clone(inner)), task: task() })))
    }

    pub(crate) fn task(cell: &Arc<TaskCell>) -> Self {
        Self(Some(swap(Context { scope: None, task: Some(Arc::clone(cell)) })))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            drop(swap(before));
        }
    }
}

/// A future whose ambient supervisor is `inner`.
pub(crate) struct Within<F> {
    pub(crate) inner: Arc<Inner>,
    pub(crate) future: Pin<Box<F>>,
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let _entered = Entered::scope(&self.inner);
        self.future.as_mut().poll(cx)
    }
}

/// The task that is being polled, as its own code sees it. See [`current_task`].
#[derive(Clone, Debug)]
pub struct TaskContext {
    cell: Arc<TaskCell>,
}

impl TaskContext {
    /// Unique in the process.
    pub fn id(&self) -> crate::TaskId {
        self.cell.id
    }

    /// The static name.
    pub fn name(&self) -> &'static str {
        self.cell.site.name()
    }

    /// Shown in snapshots and logs from now on: say here what the task is doing.
    pub fn set_detail(&self, detail: impl Into<Box<str>>) {
        self.cell.set_detail(detail.into());
    }

    /// Cancelled when the shutdown of this task's group begins.
    pub fn token(&self) -> &tokio_util::sync::CancellationToken {
        &self.cell.inner.token
    }

    /// The supervisor or group of this task.
    pub fn supervisor(&self) -> Supervisor {
        Supervisor::from_inner(Arc::clone(&self.cell.inner))
    }
}

/// The supervised task that is running this code, if one is.
pub fn current_task() -> Option<TaskContext> {
    task().map(|cell| TaskContext { cell })
}
