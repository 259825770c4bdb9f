//! Spawn sites: one static per place in the source, with its name and its statistics. Names are
//! static, so the labels of a metric stay bounded. Never holds anything about a single task.

use crate::outcome::Outcome;
use crate::registry::OUTCOMES;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A place in the source that spawns tasks. Made by the macros.
pub struct Site {
    name: &'static str,
    late_name: OnceLock<&'static str>,
    file: &'static str,
    line: u32,
    column: u32,
    function: OnceLock<Box<str>>,
    listed: AtomicBool,
    spawned: AtomicU64,
    outcomes: [AtomicU64; OUTCOMES],
}

static SITES: Mutex<Vec<&'static Site>> = Mutex::new(Vec::new());
type Place = (&'static str, u32, u32, &'static str);
static INTERNED: Mutex<BTreeMap<Place, &'static Site>> = Mutex::new(BTreeMap::new());

impl Site {
    /// For the macros.
    #[doc(hidden)]
    pub const fn new(name: &'static str, file: &'static str, line: u32, column: u32) -> Self {
        Self {
            name,
            late_name: OnceLock::new(),
            file,
            line,
            column,
            function: OnceLock::new(),
            listed: AtomicBool::new(false),
            spawned: AtomicU64::new(0),
            outcomes: [const { AtomicU64::new(0) }; OUTCOMES],
        }
    }

    /// For the macros: lists the site at its first use. `here` is the type name of an item inside
    /// the function that spawns.
    #[doc(hidden)]
    #[inline]
    pub fn seen(&'static self, here: &'static str) -> &'static Self {
        if !self.listed.load(Ordering::Relaxed) {
            self.list(here);
        }
        self
    }

    #[cold]
    fn list(&'static self, here: &'static str) {
        if self.listed.swap(true, Ordering::Relaxed) {
            return;
        }
        let _first = self.function.set(function_name(here).into());
        locked(&SITES).push(self);
    }

    /// The site of a call to a function or method of this crate: one per name and place.
    pub(crate) fn at(name: &'static str, place: &'static Location<'static>) -> &'static Self {
        let key = (place.file(), place.line(), place.column(), name);
        let mut interned = locked(&INTERNED);
        if let Some(site) = interned.get(&key) {
            return site;
        }
        let site = Site::new(name, place.file(), place.line(), place.column());
        let site: &'static Site = Box::leak(Box::new(site));
        interned.insert(key, site);
        drop(interned);
        site.seen("")
    }

    /// A name that is known only at run time; the first one stays.
    pub(crate) fn rename(&'static self, name: &'static str) -> &'static Self {
        self.late_name.get_or_init(|| name);
        self
    }

    /// The name of the tasks spawned here.
    pub fn name(&self) -> &'static str {
        self.late_name.get().copied().unwrap_or(self.name)
    }

    /// The function that spawns, where it is known.
    pub fn function(&self) -> &str {
        self.function.get().map_or("", |name| name)
    }

    /// The source file.
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    pub fn column(&self) -> u32 {
        self.column
    }

    pub(crate) fn count_spawn(&self) {
        self.spawned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_end(&self, outcome: Outcome) {
        self.outcomes[outcome.index()].fetch_add(1, Ordering::Relaxed);
    }

    fn stats(&self) -> SiteStats {
        SiteStats {
            name: self.name(),
            file: self.file,
            line: self.line,
            function: self.function().into(),
            spawned: self.spawned.load(Ordering::Relaxed),
            outcomes: std::array::from_fn(|i| self.outcomes[i].load(Ordering::Relaxed)),
        }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Site({} at {self})", self.name())
    }
}

/// `file:line`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What one spawn site has done since the start of the process, over all supervisors.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SiteStats {
    /// The name of its tasks.
    pub name: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The function that spawns, where it is known.
    pub function: Box<str>,
    /// How many tasks were spawned here.
    pub spawned: u64,
    outcomes: [u64; OUTCOMES],
}

impl SiteStats {
    /// How many tasks of this site ended so.
    pub fn ended(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome.index()]
    }

    /// Errors, panics and timeouts together.
    pub fn failures(&self) -> u64 {
        self.ended(Outcome::Failed) + self.ended(Outcome::Panicked) + self.ended(Outcome::TimedOut)
    }
}

/// Statistics of every site used so far in this process.
pub(crate) fn all_stats() -> Vec<SiteStats> {
    let sites = locked(&SITES).clone();
    sites.iter().map(|site| site.stats()).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `a::b::{{closure}}::here` is spawned by `a::b`.
fn function_name(here: &str) -> &str {
    let mut name = here.rsplit_once("::").map_or("", |(path, _)| path);
    while let Some(outer) = name.strip_suffix("::{{closure}}") {
        name = outer;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_names_lose_closures_and_the_marker() {
        assert_eq!(function_name("a::b::{{closure}}::{{closure}}::here"), "a::b");
        assert_eq!(function_name("a::T<u8>::m::here"), "a::T<u8>::m");
        assert_eq!(function_name(""), "");
    }

    #[test]
    fn one_site_per_name_and_place() {
        let place = Location::caller();
        let a = Site::at("a", place);
        assert!(std::ptr::eq(a, Site::at("a", place)));
        assert!(!std::ptr::eq(a, Site::at("b", place)));
    }
}
