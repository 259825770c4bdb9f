//! What a configuration says about things that should exist: whoever knows the workspace can tell which of them do not.
//!
//! It holds questions, never answers.

use crate::base::area::{Names, Patterns};

/// Something that should be in the workspace.
#[derive(Clone, Debug)]
pub struct Claim {
    /// As written.
    pub text: String,
    /// Its bytes in the file.
    pub span: (u32, u32),
    /// What it is.
    pub subject: Subject,
}

/// What a claim is about.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Files that a pattern matches.
    Files(Patterns),
    /// Packages that a pattern matches.
    Packages(Names),
    /// A function or type of the workspace, by its path.
    Item,
}
