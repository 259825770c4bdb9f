//! The register of live tasks: sharded slabs whose counters also answer "is anything running?".
//! Never calls user code and never wakes anybody while a shard is locked.

use crate::sync::{fence, lock, AtomicUsize, Mutex, Ordering};
use slab::Slab;
use std::task::Waker;

/// The number of outcomes a task can end in; see [`crate::Outcome`].
pub(crate) const OUTCOMES: usize = 8;
const CLASSES: usize = 3;

/// Who waits for a task: `wait_all` waits for work, a shutdown for work and daemons, nobody for
/// an exempt task (it is itself waiting for the others).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Work = 0,
    Daemon = 1,
    Exempt = 2,
}

/// Where an entry lives. The number of the shard never changes during the life of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) shard: u32,
    pub(crate) key: u32,
}

impl Slot {
    pub(crate) fn pack(self) -> u64 {
        u64::from(self.shard) << 32 | u64::from(self.key)
    }

    pub(crate) fn unpack(packed: u64) -> Self {
        Self { shard: (packed >> 32) as u32, key: packed as u32 }
    }
}

struct Entry<T> {
    class: Class,
    value: T,
}

/// Monotonic counters: an entry that changes its class ends in one class and begins in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pair {
    begun: u64,
    ended: u64,
}

struct Shard<T> {
    entries: Slab<Entry<T>>,
    pairs: [Pair; CLASSES],
    spawned: u64,
    outcomes: [u64; OUTCOMES],
}

/// Keeps the shards of different threads on different cache lines.
#[repr(align(128))]
struct Padded<T>(T);

/// Totals over all shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) spawned: u64,
    pub(crate) outcomes: [u64; OUTCOMES],
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Totals) {
        self.spawned += other.spawned;
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
    }

    pub(crate) fn live(&self) -> u64 {
        self.spawned.saturating_sub(self.outcomes.iter().sum::<u64>())
    }
}

/// Sharded register with room for `T` per live task.
pub(crate) struct Registry<T> {
    shards: Box<[Padded<Mutex<Shard<T>>>]>,
}

impl<T> Registry<T> {
    /// `shards` is rounded up to a power of two.
    pub(crate) fn new(shards: usize) -> Self {
        let count = shards.max(1).next_power_of_two();
        let shards = (0..count)
            .map(|_| {
                Padded(Mutex::new(Shard {
                    entries: Slab::new(),
                    pairs: [Pair::default(); CLASSES],
                    spawned: 0,
                    outcomes: [0; OUTCOMES],
                }))
            })
            .collect();
        Self { shards }
    }

    /// Registers the value that `make` builds from its slot.
    pub(crate) fn insert(&self, near: usize, class: Class, make: impl FnOnce(Slot) -> T) -> Slot {
        let index = near & (self.shards.len() - 1);
        let mut shard = lock(&self.shards[index].0);
        shard.spawned += 1;
        shard.pairs[class as usize].begun += 1;
        let vacant = shard.entries.vacant_entry();
        let slot = Slot {
            shard: u32::try_from(index).unwrap_or(u32::MAX),
            key: u32::try_from(vacant.key()).unwrap_or(u32::MAX),
        };
        vacant.insert(Entry { class, value: make(slot) });
        slot
    }

    /// Counts a task that was refused: begun and ended at once, never live.
    pub(crate) fn count_refused(&self, near: usize, outcome: usize) {
        let mut shard = lock(&self.shards[near & (self.shards.len() - 1)].0);
        shard.spawned += 1;
        shard.outcomes[outcome] += 1;
    }

    /// Removes an entry. The flag says that a class of this shard has become empty: only then can
    /// somebody who waits for idleness have become free.
    pub(crate) fn remove(&self, slot: Slot, outcome: usize) -> (Option<T>, bool) {
        let mut shard = lock(&self.shards[slot.shard as usize].0);
        let Some(entry) = shard.entries.try_remove(slot.key as usize) else {
            return (None, false);
        };
        let pair = &mut shard.pairs[entry.class as usize];
        pair.ended += 1;
        let emptied = pair.begun == pair.ended;
        shard.outcomes[outcome] += 1;
        if shard.entries.is_empty() && shard.entries.capacity() > SHRINK_ABOVE {
            shard.entries.shrink_to_fit();
        }
        drop(shard);
        (Some(entry.value), emptied)
    }

    /// Moves an entry to another class; the answer is the class it had.
    pub(crate) fn reclass(&self, slot: Slot, class: Class) -> Option<Class> {
        let mut shard = lock(&self.shards[slot.shard as usize].0);
        let entry = shard.entries.get_mut(slot.key as usize)?;
        let before = std::mem::replace(&mut entry.class, class);
        shard.pairs[before as usize].ended += 1;
        shard.pairs[class as usize].begun += 1;
        Some(before)
    }

    /// How many entries of these classes have ended. Read this BEFORE [`Registry::begun`].
    pub(crate) fn ended(&self, classes: &[Class]) -> u64 {
        self.sum(classes, |pair| pair.ended)
    }

    /// How many entries of these classes have begun.
    pub(crate) fn begun(&self, classes: &[Class]) -> u64 {
        self.sum(classes, |pair| pair.begun)
    }

    fn sum(&self, classes: &[Class], pick: impl Fn(&Pair) -> u64) -> u64 {
        let mut total = 0;
        for shard in &self.shards {
            let shard = lock(&shard.0);
            total += classes.iter().map(|class| pick(&shard.pairs[*class as usize])).sum::<u64>();
        }
        total
    }

    /// Calls `visit` on every live entry, shard by shard. `visit` must be quick.
    pub(crate) fn each(&self, mut visit: impl FnMut(&T)) {
        for shard in &self.shards {
            let shard = lock(&shard.0);
            for (_, entry) in &shard.entries {
                visit(&entry.value);
            }
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for shard in &self.shards {
            let shard = lock(&shard.0);
            totals.add(&Totals { spawned: shard.spawned, outcomes: shard.outcomes });
        }
        totals
    }
}

/// A burst may leave large slabs behind; below this many entries they are kept for the next one.
const SHRINK_ABOVE: usize = 1024;

/// Wakes those who wait for idleness. `waiters` lets a finishing task skip the lock.
pub(crate) struct IdleSignal {
    waiters: AtomicUsize,
    wakers: Mutex<Slab<Waker>>,
}

impl IdleSignal {
    pub(crate) fn new() -> Self {
        Self { waiters: AtomicUsize::new(0), wakers: Mutex::new(Slab::new()) }
    }

    /// Registers a waker (again). Call it before the check whether all is idle.
    pub(crate) fn register(&self, key: &mut Option<usize>, waker: &Waker) {
        let mut wakers = lock(&self.wakers);
        match *key {
            Some(key) => wakers[key].clone_from(waker),
            None => {
                *key = Some(wakers.insert(waker.clone()));
                self.waiters.fetch_add(1, Ordering::SeqCst);
            }
        }
        drop(wakers);
        fence(Ordering::SeqCst);
    }

    pub(crate) fn deregister(&self, key: &mut Option<usize>) {
        if let Some(key) = key.take() {
            let waker = lock(&self.wakers).try_remove(key);
            self.waiters.fetch_sub(1, Ordering::SeqCst);
            drop(waker);
        }
    }

    /// Call after a removal; wakes whoever waits, to look again.
    pub(crate) fn changed(&self) {
        fence(Ordering::SeqCst);
        if self.waiters.load(Ordering::SeqCst) == 0 {
            return;
        }
        let wakers: Vec<Waker> = lock(&self.wakers).iter().map(|(_, w)| w.clone()).collect();
        for waker in wakers {
            waker.wake();
        }
    }
}
