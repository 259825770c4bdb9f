//! Other names of paths: re-exports, renamed crates, mirrored modules.
//!
//! One table serves functions, types and modules, because a prefix of a path may be any of them.
//! It never resolves a name as written in a file; it starts from a full path.

use rustc_hash::FxHashMap;

use crate::base::Name;

/// Maps each other name to what it stands for.
#[derive(Default, Debug)]
pub(super) struct Aliases {
    to: FxHashMap<&'static str, Name>,
}

/// A chain of re-exports longer than this is a mistake in the data.
const MAX_HOPS: usize = 8;

impl Aliases {
    pub(super) fn insert(&mut self, other: Name, canonical: Name) {
        if other != canonical {
            self.to.insert(other.as_str(), canonical);
        }
    }

    /// Replaces the longest prefix that is another name, until nothing changes.
    pub(super) fn canonical(&self, path: Name) -> Name {
        let mut path = path;
        for _ in 0..MAX_HOPS {
            match self.step(path.as_str()) {
                Some(next) if next != path => path = next,
                _ => break,
            }
        }
        path
    }

    fn step(&self, path: &str) -> Option<Name> {
        if let Some(whole) = self.to.get(path) {
            return Some(*whole);
        }
        let mut end = path.len();
        while let Some(cut) = path[..end].rfind("::") {
            if let Some(prefix) = self.to.get(&path[..cut]) {
                return Some(Name::new(&format!("{prefix}{}", &path[cut..])));
            }
            end = cut;
        }
        None
    }

    pub(super) fn pairs(&self) -> Vec<(Name, Name)> {
        let mut pairs: Vec<_> = self.to.iter().map(|(other, to)| (Name::new(other), *to)).collect();
        pairs.sort_unstable();
        pairs
    }
}
