//! What is reported: `Sources::selected`.
//!
//! Only filters what rules found; what is known about the code never depends on it.

use std::path::{Path, PathBuf};

use super::given::Given;
use super::skip::Skip;
use super::{Package, Request, SourceFile, Sources};
use crate::base::FileId;
use crate::base::area::{BadPattern, Names, Patterns};
use crate::error::Error;

/// The filters of a request.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Real paths, and whether git ignores them; `None` for everything.
    given: Option<Vec<Root>>,
    packages: Option<Names>,
    exclude: Option<Patterns>,
    include: Option<Patterns>,
    generated: bool,
}

#[derive(Debug)]
struct Root {
    path: PathBuf,
    /// Named by the user although git ignores it, or named as a file: git's word does not count below it.
    explicit: bool,
}

impl Selection {
    /// No filter at all.
    pub(super) fn everything() -> Self {
        Self::default()
    }

    /// The filters of `request`; `ignored` says what git ignores.
    pub(super) fn new(
        request: &Request,
        given: &[Given],
        mut ignored: impl FnMut(&Path) -> bool,
    ) -> Result<Self, Error> {
        let roots =
            given.iter().map(|g| Root { path: g.real.clone(), explicit: g.is_file || ignored(&g.real) }).collect();
        Ok(Self {
            given: Some(roots),
            packages: package_patterns(&request.packages)?,
            exclude: path_patterns(&request.exclude)?,
            include: path_patterns(&request.include)?,
            generated: request.generated,
        })
    }

    /// True when the filters leave the file, whoever wrote it and whatever git says.
    pub(super) fn admits(&self, file: &SourceFile, package: &Package) -> bool {
        self.is_given(&file.abs) && self.filtered(file, package).is_none()
    }

    /// True for what lies under a given path.
    fn is_given(&self, path: &Path) -> bool {
        self.given.as_ref().is_none_or(|roots| roots.iter().any(|r| path.starts_with(&r.path)))
    }

    /// The filter that takes the file away.
    fn filtered(&self, file: &SourceFile, package: &Package) -> Option<Skip> {
        if self.packages.as_ref().is_some_and(|names| !names.matches(package.name.as_str())) {
            return Some(Skip::OtherPackage);
        }
        if self.include.as_ref().is_some_and(|patterns| !patterns.matches(&file.path)) {
            return Some(Skip::NotIncluded);
        }
        self.exclude.as_ref().is_some_and(|patterns| patterns.matches(&file.path)).then_some(Skip::Excluded)
    }

    fn is_explicit(&self, file: &SourceFile) -> bool {
        self.given.iter().flatten().any(|r| r.explicit && file.abs.starts_with(&r.path))
    }
}

impl Sources {
    /// Whether findings in this file are reported: it lies under a given path, no filter excludes it, it is not
    /// ignored by git and not generated.
    pub fn selected(&self, file: FileId) -> bool {
        self.is_given(&self.files[file].abs) && self.skipped(file).is_none()
    }

    /// True for what lies under a given path.
    pub fn is_given(&self, path: &Path) -> bool {
        self.selection.is_given(path)
    }

    /// Why findings in this file, which was read, are not reported although it lies under a given path.
    pub fn skipped(&self, file: FileId) -> Option<Skip> {
        let source = &self.files[file];
        if let Some(filter) = self.selection.filtered(source, self.package_of(file)) {
            return Some(filter);
        }
        if source.ignored_by_git && !self.selection.is_explicit(source) {
            return Some(Skip::IgnoredByGit);
        }
        (source.generated && !self.selection.generated).then_some(Skip::Generated)
    }

    /// Whether findings of a file that does not exist any more would be reported, as far as its path tells.
    pub fn would_select(&self, path: &str) -> bool {
        let selection = &self.selection;
        let abs = self.root.join(path);
        let given = selection.given.as_ref().is_none_or(|roots| roots.iter().any(|r| abs.starts_with(&r.path)));
        given
            && selection.packages.is_none()
            && selection.include.as_ref().is_none_or(|patterns| patterns.matches(path))
            && selection.exclude.as_ref().is_none_or(|patterns| !patterns.matches(path))
    }

    /// Whether a file that no crate root reaches is reported. Below the sub-folders of `tests/` such files are input
    /// of other tests and may be wrong on purpose.
    pub fn reported_when_unreached(&self, file: FileId) -> bool {
        let mut parts = self.files[file].path.split('/').rev().skip(1);
        // `tests/x.rs` is a target; `tests/ui/x.rs` is not.
        let _own_folder = parts.next();
        !parts.any(|part| part == "tests")
    }

    /// `Error::UnknownPackage` for a pattern that names none of the packages that were read.
    pub(super) fn check_package_names(&self, patterns: &[String]) -> Result<(), Error> {
        for pattern in patterns {
            let Some(set) = package_patterns(std::slice::from_ref(pattern))? else { continue };
            if !self.packages.iter().any(|p| !p.lone && set.matches(p.name.as_str())) {
                return Err(Error::UnknownPackage { pattern: pattern.clone() });
            }
        }
        Ok(())
    }
}

fn package_patterns(patterns: &[String]) -> Result<Option<Names>, Error> {
    let names = || Names::new(patterns.iter().map(String::as_str)).map_err(refused);
    if patterns.is_empty() { Ok(None) } else { names().map(Some) }
}

fn path_patterns(patterns: &[String]) -> Result<Option<Patterns>, Error> {
    let paths = || Patterns::new(patterns.iter().map(String::as_str)).map_err(refused);
    if patterns.is_empty() { Ok(None) } else { paths().map(Some) }
}

fn refused(bad: BadPattern) -> Error {
    Error::BadPattern { pattern: bad.pattern, message: bad.message }
}
