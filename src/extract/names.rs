//! Names met before in one file: most identifiers stand in it more than once.
//!
//! A lookup compares two words instead of text behind pointers. The table forgets on a clash; it is never asked what it does not hold.

use std::cell::Cell;

use crate::base::Name;

use super::position::Bytes;

const SLOTS: usize = 1024;

#[derive(Clone, Copy)]
struct Slot {
    key: Key,
    /// Where the name was met first, for names longer than a key holds.
    at: u32,
    name: Option<Name>,
}

/// The first and last eight bytes and the length: all of a name up to sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Key {
    head: u64,
    tail: u64,
    len: u32,
}

/// A table of one file.
pub(super) struct Cache {
    slots: Box<[Cell<Slot>]>,
}

impl Cache {
    pub(super) fn new() -> Self {
        let empty = Slot { key: Key::default(), at: 0, name: None };
        Self { slots: vec![Cell::new(empty); SLOTS].into_boxed_slice() }
    }

    /// The name at `span` of `text`, made by `make` when it is not known.
    pub(super) fn get(&self, text: &[u8], span: Bytes, make: impl FnOnce() -> Name) -> Name {
        let bytes = &text[span.0 as usize..span.1 as usize];
        let key = Key::of(bytes);
        let slot = &self.slots[key.hash() % SLOTS];
        let known = slot.get();
        if let Some(name) = known.name
            && known.key == key
            && (bytes.len() <= 16 || text.get(known.at as usize..known.at as usize + bytes.len()) == Some(bytes))
        {
            return name;
        }
        let name = make();
        slot.set(Slot { key, at: span.0, name: Some(name) });
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
        let long = "aaaaaaaabbbbbbbbXcccccccc aaaaaaaabbbbbbbbYcccccccc ab a ab";
        let cache = Cache::new();
        for (start, end) in [(0, 25), (26, 51), (0, 25), (52, 54), (55, 56), (57, 59)] {
            let name = cache.get(long.as_bytes(), (start, end), || Name::new(&long[start as usize..end as usize]));
            assert_eq!(name, long[start as usize..end as usize]);
        }
    }
}
