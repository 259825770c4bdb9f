//! What is reported: `Sources::selected`.
//!
//! Only filters what rules found; what is known about the code never depends on it.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::given::Given;
use super::skip::Skip;
use super::{Package, Request, SourceFile, Sources};
use crate::base::FileId;
use crate::error::Error;

/// The filters of a request.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Real paths, and whether git ignores them; `None` for everything.
    given: Option<Vec<Root>>,
    packages: Option<GlobSet>,
    exclude: Option<Gitignore>,
    include: Option<Gitignore>,
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
        if self.packages.as_ref().is_some_and(|names| !names.is_match(package.name.as_str())) {
            return Some(Skip::OtherPackage);
        }
        if self.include.as_ref().is_some_and(|patterns| !matches(patterns, &file.path)) {
            return Some(Skip::NotIncluded);
        }
        self.exclude.as_ref().is_some_and(|patterns| matches(patterns, &file.path)).then_some(Skip::Excluded)
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
            && selection.include.as_ref().is_none_or(|patterns| matches(patterns, path))
            && selection.exclude.as_ref().is_none_or(|patterns| !matches(patterns, path))
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
            if !self.packages.iter().any(|p| !p.lone && set.is_match(p.name.as_str())) {
                return Err(Error::UnknownPackage { pattern: pattern.clone() });
            }
        }
        Ok(())
    }
}

fn package_patterns(patterns: &[String]) -> Result<Option<GlobSet>, Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let bad = |pattern: &str, error: &globset::Error| Error::BadPattern {
        pattern: pattern.to_owned(),
        message: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|e| bad(pattern, &e))?);
    }
    set.build().map(Some).map_err(|e| bad(&patterns.join(" "), &e))
}

fn path_patterns(patterns: &[String]) -> Result<Option<Gitignore>, Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let bad = |pattern: &str, error: &ignore::Error| Error::BadPattern {
        pattern: pattern.to_owned(),
        message: error.to_string(),
    };
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        let plain = pattern.strip_prefix("./").map_or_else(|| pattern.clone(), |rest| format!("/{rest}"));
        builder.add_line(None, &plain).map_err(|e| bad(pattern, &e))?;
    }
    builder.build().map(Some).map_err(|e| bad(&patterns.join(" "), &e))
}

/// True when a pattern names the file or a folder above it.
fn matches(patterns: &Gitignore, path: &str) -> bool {
    let steps = Path::new(path).ancestors().filter(|step| !step.as_os_str().is_empty());
    let verdict = steps.enumerate().map(|(i, step)| patterns.matched(step, i > 0)).find(|m| !m.is_none());
    verdict.is_some_and(|m| m.is_ignore())
}
