//! Comments addressed to this tool: `// asynclint: allow(rule): reason`.
//!
//! Only the text is read here; whether a rule exists and what a directive covers is decided later.

/// What a directive asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Do not report.
    Allow,
    /// Do not report, and say so when there was nothing to report.
    Expect,
    /// As `Allow`, for the whole file.
    AllowFile,
    /// A fact about the item below: `blocking`, `non-blocking`, `detached-ok`, `abort-on-drop`.
    Assume,
}

/// How a directive was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As documented.
    Canonical,
    /// With ` -- reason`, the old form, still accepted.
    OldReason,
}

/// One directive comment, or a comment that tried to be one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// Bytes of the comment, from `//` to the end of the line without its break.
    pub span: (u32, u32),
    /// True when code stands before it on its line.
    pub trailing: bool,
    /// What it says, or why it says nothing.
    pub content: Result<DirectiveContent, String>,
}

/// The parsed text of a directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectiveContent {
    /// The verb.
    pub verb: Verb,
    /// The arguments with their bytes in the file.
    pub args: Vec<(String, (u32, u32))>,
    /// The text after the colon, trimmed.
    pub reason: Option<String>,
    /// How it was written.
    pub form: Form,
}
