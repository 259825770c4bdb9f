//! `ProblemKind`: the one list of what can go wrong with the tool or with an input.
//!
//! Every stage that meets a problem names it from this list; nothing here knows where a problem lies or how it is shown.

/// What went wrong with the tool or an input; never a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProblemKind {
    /// A file, or a part of it, does not parse.
    ParseError,
    /// Nested so deeply that parsing would overflow the stack.
    TooDeep,
    /// Larger than the limit.
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// Cannot be opened or read.
    Unreadable,
    /// Lies outside the analysis root.
    OutsideRoot,
    /// A FIFO, socket or device.
    NotAFile,
    /// A panic of this tool was caught.
    InternalError,
    /// A manifest that cannot be understood.
    BadManifest,
    /// The fixes of a file would have made it worse, so they were not made.
    BadFix,
}

impl ProblemKind {
    /// The name in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ParseError => "parse-error",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::NotUtf8 => "not-utf8",
            Self::Unreadable => "unreadable",
            Self::OutsideRoot => "outside-root",
            Self::NotAFile => "not-a-file",
            Self::InternalError => "internal-error",
            Self::BadManifest => "bad-manifest",
            Self::BadFix => "bad-fix",
        }
    }
}
