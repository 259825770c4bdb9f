//! Fixes that write names of the companion crate or of a tracker meet the project: spelled as it spells them, and of the class
//! that they have there (decision H17).

use crate::base::FileId;
use crate::diagnostic::{Applicability, COMPANION, Diagnostic, Fix, Report, Writes};
use crate::source::{DependencyKind, Package, Sources, TargetKind};

use super::{Options, Style};

/// The package that the companion crate is.
pub const PACKAGE: &str = "asynclint-supervisor";

/// How the companion crate can be named in a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Companion {
    /// It is there, under this path.
    Here(String),
    /// Not yet; a program, or a package that nobody downloads, may get it as such a dependency.
    Addable(DependencyKind),
    /// A published library decides for itself what it depends on.
    Missing,
}

/// Settles every fix of a report.
pub fn settle(report: &mut Report, sources: &Sources, options: &Options) {
    for finding in &mut report.findings {
        let place = (finding.primary.file, finding.in_test);
        finding.fixes.retain(|fix| suits(fix, options.style));
        for fix in finding.fixes.iter_mut().filter(|fix| fix.writes == Writes::Companion) {
            match companion(sources, options, place) {
                Companion::Here(path) => {
                    respell(fix, &path);
                    fix.writes = Writes::Known;
                }
                Companion::Addable(_) if options.add_dependency => {}
                Companion::Addable(_) | Companion::Missing => {
                    fix.applicability = fix.applicability.max(Applicability::Unsafe);
                }
            }
        }
    }
}

const fn suits(fix: &Fix, style: Style) -> bool {
    match (fix.writes, style) {
        (Writes::Known, _)
        | (Writes::Companion, Style::Supervisor)
        | (Writes::Tracker, Style::Supervisor | Style::TaskTracker) => true,
        (Writes::Companion, Style::TaskTracker | Style::Off) | (Writes::Tracker, Style::Off) => false,
    }
}

/// How the companion crate can be named in a file; `test` for code that only tests see.
pub(super) fn companion(sources: &Sources, options: &Options, (file, test): (FileId, bool)) -> Companion {
    if let Some(path) = &options.supervisor_path {
        return Companion::Here(path.clone());
    }
    let package = sources.package_of(file);
    if package.assume_all_dependencies {
        return Companion::Here(COMPANION.to_owned());
    }
    let sees = |kind| match kind {
        DependencyKind::Normal => true,
        DependencyKind::Dev => test,
        DependencyKind::Build => false,
    };
    let named = |d: &&crate::source::Dependency| d.package == PACKAGE && sees(d.kind) && !d.optional;
    match package.dependencies.iter().find(named) {
        Some(dependency) => Companion::Here(dependency.extern_name.to_string()),
        None if is_published_library(package) => Companion::Missing,
        None => Companion::Addable(if test { DependencyKind::Dev } else { DependencyKind::Normal }),
    }
}

fn is_published_library(package: &Package) -> bool {
    let has = |kind| package.targets.iter().any(|target| target.kind == kind);
    package.publish && has(TargetKind::Lib) && !has(TargetKind::Bin)
}

/// The fix of a finding asks for the companion crate in a place where it is not.
pub(super) fn lacks(sources: &Sources, options: &Options, finding: &Diagnostic) -> Option<Companion> {
    match companion(sources, options, (finding.primary.file, finding.in_test)) {
        Companion::Here(_) => None,
        other => Some(other),
    }
}

fn respell(fix: &mut Fix, path: &str) {
    if path == COMPANION {
        return;
    }
    for edit in &mut fix.edits {
        // The attribute macro cannot know by itself where the crate is re-exported.
        let attribute = format!("{COMPANION}::test");
        if edit.text.contains(&attribute) {
            let with_arguments = format!("{attribute}(");
            edit.text = match edit.text.contains(&with_arguments) {
                true => edit.text.replace(&with_arguments, &format!("{attribute}(crate = {path}, ")),
                false => edit.text.replace(&attribute, &format!("{attribute}(crate = {path})")),
            };
        }
        edit.text = edit.text.replace(COMPANION, path);
    }
}
