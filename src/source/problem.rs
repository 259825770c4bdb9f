//! `Problem`: what went wrong with one input, or with the tool on one input.
//!
//! A problem is data beside the findings: it has no rule, cannot be suppressed and is in no baseline.
//! Making one never ends the run.

use std::sync::Arc;

use crate::base::{FileId, ProblemKind, Span};

/// Where a problem is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file or path.
    pub origin: Origin,
    /// First byte and one past the last byte, where known.
    pub bytes: Option<(u32, u32)>,
}

/// What a problem points into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file that was read as source.
    File(FileId),
    /// Anything else, by its path relative to the analysis root where it lies inside.
    Other {
        /// The path as it is shown.
        path: String,
        /// The text, where it was read (a manifest), so that lines can be computed without a second look at the disk.
        text: Option<Arc<str>>,
    },
}

/// One thing that went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// One line, lower case, no full stop.
    pub message: String,
    /// Where, if it has a place.
    pub place: Option<Place>,
}

impl Problem {
    /// A problem with a path that is not (or not only) source.
    pub fn at_path(kind: ProblemKind, path: impl Into<String>, message: impl Into<String>) -> Self {
        let origin = Origin::Other { path: path.into(), text: None };
        Self { kind, message: message.into(), place: Some(Place { origin, bytes: None }) }
    }

    /// A problem inside a source file.
    pub fn in_file(kind: ProblemKind, span: Span, message: impl Into<String>) -> Self {
        let place = Place { origin: Origin::File(span.file), bytes: Some((span.start, span.end)) };
        Self { kind, message: message.into(), place: Some(place) }
    }

    /// Orders problems with paths by path, then place.
    pub(super) fn sort_key(&self) -> (String, Option<(u32, u32)>, ProblemKind, String) {
        let path = match self.place.as_ref().map(|place| &place.origin) {
            Some(Origin::Other { path, .. }) => path.clone(),
            Some(Origin::File(_)) | None => String::new(),
        };
        (path, self.place.as_ref().and_then(|place| place.bytes), self.kind, self.message.clone())
    }

    /// The same problem at a byte range of its file.
    pub fn with_bytes(mut self, start: usize, end: usize) -> Self {
        if let Some(place) = &mut self.place {
            place.bytes = u32::try_from(start).ok().zip(u32::try_from(end).ok());
        }
        self
    }

    /// The same problem with the text its bytes count in.
    pub fn with_text(mut self, content: &Arc<str>) -> Self {
        if let Some(Place { origin: Origin::Other { text, .. }, .. }) = &mut self.place {
            *text = Some(Arc::clone(content));
        }
        self
    }
}
