//! Why a file is not checked, in words: what `--list-files` answers.
//!
//! Written down where the decision is made (walk, selection); decides nothing itself.

use std::path::PathBuf;

/// Why a file, or all of a folder, is not read or not reported.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Skip {
    /// The name begins with a dot.
    Hidden,
    /// A rule of git matches.
    IgnoredByGit,
    /// `target/` beside a manifest, or a folder with `CACHEDIR.TAG`.
    BuildOutput,
    /// Named as a source of packages by `.cargo/config.toml`, or unpacked by cargo.
    Vendored,
    /// Another package than those asked for.
    OtherPackage,
    /// Matches an exclude pattern.
    Excluded,
    /// Matches no include pattern.
    NotIncluded,
    /// Says `@generated`.
    Generated,
    /// Below the folder of a test, and no target reaches it.
    TestData,
}

impl Skip {
    /// A few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden: its name begins with a dot",
            Self::IgnoredByGit => "ignored by git",
            Self::BuildOutput => "output of a build",
            Self::Vendored => "source of a dependency",
            Self::OtherPackage => "belongs to no package of `--package`",
            Self::Excluded => "matches an exclude pattern",
            Self::NotIncluded => "matches no include pattern",
            Self::Generated => concat!("says @", "generated in its first lines"),
            Self::TestData => "data of a test: it lies below `tests/` and no target reaches it",
        }
    }
}

/// A file or folder that was not read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Skipped {
    /// Where it lies.
    pub path: PathBuf,
    /// Why.
    pub why: Skip,
}
