//! What the stages after the findings need of the sources: a path and a text for each file.
//!
//! It exists so that outputs can be made, and tested, without discovery. It never reads a file.

use std::borrow::Cow;

use super::span::FileId;

/// The files of a run.
pub trait SourceMap {
    /// Path relative to the analysis root, `/` as separator; lossy when the name is not UTF-8.
    fn path(&self, file: FileId) -> &str;

    /// The same path as bytes, nothing lost.
    fn path_bytes(&self, file: FileId) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.path(file).as_bytes())
    }

    /// The text as it lies on disk, BOM included.
    fn text(&self, file: FileId) -> &str;
}

/// Files made up in memory, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct MemorySources {
    /// Path and text of each file.
    pub files: Vec<(String, String)>,
}

impl MemorySources {
    /// Adds a file.
    pub fn add(&mut self, path: &str, text: &str) -> FileId {
        self.files.push((path.to_owned(), text.to_owned()));
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }
}

impl SourceMap for MemorySources {
    fn path(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |f| &f.0)
    }

    fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |f| &f.1)
    }
}
