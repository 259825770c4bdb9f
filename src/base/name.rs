//! `Name`: an interned piece of text (an identifier, or a canonical path such as `tokio::task::spawn`).
//!
//! Equality is a pointer comparison, the hash is a hash of the *text* and the order is the order of the text, so that
//! nothing depends on which thread interned first. The text is leaked on purpose: the process is a short-lived command.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// An interned text. `Copy`, eight bytes.
#[derive(Clone, Copy)]
pub struct Name(&'static Entry);

struct Entry {
    hash: u64,
    text: Box<str>,
}

const SHARDS: usize = 64;

type Shard = Mutex<FxHashMap<&'static str, Name>>;

static TABLE: LazyLock<Vec<Shard>> = LazyLock::new(|| (0..SHARDS).map(|_| Mutex::new(FxHashMap::default())).collect());

thread_local! {
    // Most names of a file were seen before by the same worker: no lock for those.
    static SEEN: std::cell::RefCell<FxHashMap<&'static str, Name>> = std::cell::RefCell::new(FxHashMap::default());
}

/// FNV-1a: stable over versions of this program and of its libraries.
fn content_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

impl Name {
    /// Interns `text`.
    pub fn new(text: &str) -> Self {
        SEEN.with(|seen| {
            let mut seen = seen.borrow_mut();
            if let Some(name) = seen.get(text) {
                return *name;
            }
            let name = Self::global(text);
            seen.insert(name.as_str(), name);
            name
        })
    }

    fn global(text: &str) -> Self {
        let hash = content_hash(text);
        let shard = &TABLE[(hash as usize >> 7) % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = shard.get(text) {
            return *name;
        }
        let entry: &'static Entry = Box::leak(Box::new(Entry { hash, text: text.into() }));
        shard.insert(&entry.text, Self(entry));
        Self(entry)
    }

    /// The text.
    pub fn as_str(self) -> &'static str {
        &self.0.text
    }

    /// Interns `a::b`.
    pub fn join(self, last: Self) -> Self {
        Self::new(&format!("{self}::{last}"))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_text_is_one_name_in_every_thread() {
        let here = Name::new("tokio::spawn");
        let there = std::thread::spawn(|| Name::new("tokio::spawn")).join().unwrap();
        assert_eq!(here, there);
        assert_ne!(here, Name::new("tokio::spawned"));
    }

    #[test]
    fn order_is_the_order_of_the_text() {
        let mut names = [Name::new("b"), Name::new("a"), Name::new("ab")];
        names.sort();
        assert_eq!(names.map(Name::as_str), ["a", "ab", "b"]);
    }
}
