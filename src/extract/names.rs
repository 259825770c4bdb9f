//! Names met before by this thread: most identifiers of a file stood in it, or in the file before.
//!
//! A lookup compares two words instead of text behind pointers. The table forgets on a clash, and what it holds never depends on it:
//! a name is the same whoever interned it.

use std::cell::Cell;

use crate::base::Name;

const SLOTS: usize = 4096;

thread_local! {
    /// The table between two files.
    static SPARE: Cell<Option<Slots>> = const { Cell::new(None) };
}

type Slots = Box<[Cell<Slot>]>;

#[derive(Clone, Copy)]
struct Slot {
    key: Key,
    name: Option<Name>,
}

/// The first and last eight bytes and the length: all of a name up to sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Key {
    head: u64,
    tail: u64,
    len: u32,
}

/// The table of this thread, borrowed for one file.
pub(super) struct Cache {
    slots: Slots,
}

impl Drop for Cache {
    fn drop(&mut self) {
        SPARE.set(Some(std::mem::take(&mut self.slots)));
    }
}

impl Cache {
    pub(super) fn new() -> Self {
        let empty = Slot { key: Key::default(), name: None };
        let slots = SPARE.take().unwrap_or_else(|| vec![Cell::new(empty); SLOTS].into_boxed_slice());
        Self { slots }
    }

    /// The name of this text.
    pub(super) fn get(&self, text: &str) -> Name {
        let key = Key::of(text.as_bytes());
        let slot = &self.slots[key.hash() % SLOTS];
        let known = slot.get();
        if let Some(name) = known.name
            && known.key == key
            && (text.len() <= 16 || name == *text)
        {
            return name;
        }
        let name = Name::new(text);
        slot.set(Slot { key, name: Some(name) });
        name
    }
}

impl Key {
    fn of(bytes: &[u8]) -> Self {
        let len = bytes.len() as u32;
        match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(head), Some(tail)) => Self { head: u64::from_le_bytes(*head), tail: u64::from_le_bytes(*tail), len },
            _ => {
                let head = bytes.iter().fold(0, |word, b| word << 8 | u64::from(*b));
                Self { head, tail: 0, len }
            }
        }
    }

    fn hash(self) -> usize {
        let mixed = (self.head ^ self.tail.rotate_left(29) ^ u64::from(self.len)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 40) as usize
    }
}

/// Which bytes an ASCII identifier holds.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

/// Length of the ASCII identifier at the start.
pub(super) fn ascii_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| !WORD[usize::from(*b)]).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_clash_stay_apart() {
        let cache = Cache::new();
        for text in
            ["aaaaaaaabbbbbbbbXcccccccc", "aaaaaaaabbbbbbbbYcccccccc", "aaaaaaaabbbbbbbbXcccccccc", "ab", "a", "ab"]
        {
            assert_eq!(cache.get(text), *text);
        }
    }
}
