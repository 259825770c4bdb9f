//! Does the program wait for the tasks that it put under supervision? Asked for `main` alone, and answered once for its package.

use crate::hir::names::{BodyId, Place};

use super::Program;

/// Text that shows that somebody asks supervised tasks to end, or drives the whole program.
const ENDS: [&str; 6] = ["managed(", "supervisor::run(", ".run(", "shutdown(", "wait_all", "cancel_all("];

impl Program {
    /// A supervised task in the package of `main`, where nothing in that package waits for such tasks.
    pub fn left_behind(&self, main: BodyId) -> Option<Place> {
        let package = self.sources.files[self.file_of(main)].package;
        let own = |file| self.sources.files[file].package == package;
        let task = self.bodies().filter(|body| own(self.file_of(*body)) && !self.in_test(*body)).find_map(|body| {
            let mut calls = self.api_calls(body);
            calls.find(|(_, entry)| entry.path.as_str().starts_with("asynclint_supervisor::spawn")).map(|(at, _)| at)
        })?;
        let ends = |text: &str| ENDS.iter().any(|word| text.contains(word));
        let waits = self.sources.files.iter().any(|file| file.package == package && ends(&file.text));
        (!waits).then_some(task)
    }
}
