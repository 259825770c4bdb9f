//! The output of a task on its way to a reader. Dropped unread it reports the error in it; read,
//! it says nothing. Never both, never neither.

use crate::cell::TaskCell;
use crate::event::{self, EventKind};
use crate::outcome::TaskError;
use std::fmt;
use std::sync::Arc;

/// What a supervised task gives to tokio. See [`crate::TaskHandle::into_inner`].
pub struct Done<T> {
    result: Option<Result<T, TaskError>>,
    unread: Option<Unread<T>>,
}

/// Whose error it is, and how to print it.
type Unread<T> = (Arc<TaskCell>, fn(&T) -> String);

impl<T> Done<T> {
    pub(crate) fn ended(error: TaskError) -> Self {
        Self { result: Some(Err(error)), unread: None }
    }

    pub(crate) fn value(value: T) -> Self {
        Self { result: Some(Ok(value)), unread: None }
    }

    pub(crate) fn failed(value: T, cell: Arc<TaskCell>, describe: fn(&T) -> String) -> Self {
        Self { result: Some(Ok(value)), unread: Some((cell, describe)) }
    }

    /// Takes the result; from now on its error is the reader's.
    pub fn into_result(mut self) -> Result<T, TaskError> {
        self.unread = None;
        match self.result.take() {
            Some(result) => result,
            None => unreachable!("only this method and drop take the result"),
        }
    }
}

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        if let (Some(Ok(value)), Some((cell, describe))) = (&self.result, self.unread.take()) {
            event::of_task(&cell, EventKind::Failed, Some(&describe(value)));
        }
    }
}

impl<T> fmt::Debug for Done<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done").field("unread_failure", &self.unread.is_some()).finish_non_exhaustive()
    }
}
