//! Waiting until a supervisor has nothing to do. Never busy: woken only when a shard has emptied.

use crate::cell::{flag, TaskCell};
use crate::inner::Inner;
use crate::registry::Class;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

type Pick = Box<dyn Fn(&Inner) -> bool + Send + Sync>;

/// Ready when no task of the classes lives in the picked part of the tree.
pub(crate) struct Idle {
    inner: Arc<Inner>,
    classes: &'static [Class],
    pick: Pick,
    key: Option<usize>,
}

pub(crate) fn until_idle(
    inner: &Arc<Inner>,
    classes: &'static [Class],
    pick: impl Fn(&Inner) -> bool + Send + Sync + 'static,
) -> Idle {
    Idle { inner: Arc::clone(inner), classes, pick: Box::new(pick), key: None }
}

impl Future for Idle {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        // Register first: a task that ends after the check finds the waker.
        this.inner.idle.register(&mut this.key, cx.waker());
        if this.inner.all_ended(this.classes, &this.pick) {
            this.inner.idle.deregister(&mut this.key);
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.inner.idle.deregister(&mut self.key);
    }
}

/// While it lives, the current task is not waited for: it is itself the one that waits. Without
/// this, a task that shuts its own supervisor down would wait for itself.
pub(crate) struct ExemptCurrent(Option<(Arc<TaskCell>, Class)>);

impl ExemptCurrent {
    pub(crate) fn new() -> Self {
        let Some(cell) = crate::current::task() else {
            return Self(None);
        };
        if cell.set(flag::EXEMPT) & flag::EXEMPT != 0 {
            return Self(None);
        }
        let before = cell.inner.registry.reclass(cell.slot(), Class::Exempt);
        cell.inner.signal_idle();
        Self(before.map(|class| (cell, class)))
    }
}

impl Drop for ExemptCurrent {
    fn drop(&mut self) {
        if let Some((cell, class)) = self.0.take() {
            cell.clear(flag::EXEMPT);
            cell.inner.registry.reclass(cell.slot(), class);
        }
    }
}
