//! Loom: idle detection and permit hand-over, on the very source of the crate. Run with
//! `RUSTFLAGS="--cfg loom"`; the whole command is in `docs/costs.md`.
#![cfg(loom)]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../src/gate.rs"]
#[expect(dead_code, reason = "the models use a part of it")]
mod gate;
#[path = "../src/registry.rs"]
#[expect(dead_code, reason = "the models use a part of it")]
mod registry;
#[path = "../src/sync.rs"]
mod sync;

use gate::{Entry, Gate};
use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use registry::{Class, IdleSignal, Registry};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

/// All interleavings with at most two preemptions: faults of this kind need no more, and without
/// a bound the models of the register run for minutes.
fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(check);
}

struct World {
    tasks: Registry<()>,
    idle: IdleSignal,
    alive: AtomicUsize,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self { tasks: Registry::new(2), idle: IdleSignal::new(), alive: AtomicUsize::new(0) })
    }

    fn begin(&self, near: usize) -> registry::Slot {
        self.alive.fetch_add(1, Ordering::SeqCst);
        self.tasks.insert(near, Class::Work, |_| ())
    }

    fn end(&self, slot: registry::Slot) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
        if self.tasks.remove(slot, 0).1 {
            self.idle.changed();
        }
    }

    fn wait(&self) {
        let mut key = None;
        block_on(poll_fn(|cx| {
            self.idle.register(&mut key, cx.waker());
            let ended = self.tasks.ended(&[Class::Work]);
            if ended == self.tasks.begun(&[Class::Work]) {
                self.idle.deregister(&mut key);
                return Poll::Ready(());
            }
            Poll::Pending
        }));
    }
}

#[test]
fn never_idle_while_a_task_is_alive_and_no_wake_up_is_lost() {
    model(|| {
        let world = World::new();
        let parent = world.begin(0);
        let inside = Arc::clone(&world);
        let task = thread::spawn(move || {
            // A task that spawns into the other shard before it ends.
            let child = inside.begin(1);
            inside.end(parent);
            inside.end(child);
        });
        world.wait();
        assert_eq!(world.alive.load(Ordering::SeqCst), 0);
        task.join().unwrap();
    });
}

#[test]
fn two_tasks_end_at_once_and_the_waiter_wakes() {
    model(|| {
        let world = World::new();
        let slots = [world.begin(0), world.begin(1)];
        let threads = slots.map(|slot| {
            let inside = Arc::clone(&world);
            thread::spawn(move || inside.end(slot))
        });
        world.wait();
        assert_eq!(world.alive.load(Ordering::SeqCst), 0);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

fn enter(gate: &Gate) {
    match gate.enter(true) {
        Entry::Granted => {}
        Entry::Queued(place) => block_on(poll_fn(|cx| gate.poll_place(place, cx))),
        Entry::Full => panic!("the queue has room"),
    }
}

#[test]
fn a_permit_is_handed_over_and_never_doubled() {
    model(|| {
        let gate = Arc::new(Gate::new(1, 10));
        let inside = Arc::new(AtomicUsize::new(0));
        let other = {
            let (gate, inside) = (Arc::clone(&gate), Arc::clone(&inside));
            thread::spawn(move || {
                enter(&gate);
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                inside.fetch_sub(1, Ordering::SeqCst);
                gate.release();
            })
        };
        enter(&gate);
        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
        inside.fetch_sub(1, Ordering::SeqCst);
        gate.release();
        other.join().unwrap();
        assert_eq!(gate.free(), 1);
    });
}

#[test]
fn a_place_that_is_given_up_passes_its_permit_on() {
    model(|| {
        let gate = Arc::new(Gate::new(1, 10));
        assert_eq!(gate.enter(true), Entry::Granted);
        let Entry::Queued(place) = gate.enter(true) else {
            panic!("queued");
        };
        let holder = Arc::clone(&gate);
        let other = thread::spawn(move || holder.release());
        gate.leave(place);
        other.join().unwrap();
        assert_eq!(gate.free(), 1);
        assert_eq!(gate.queued(), 0);
    });
}
