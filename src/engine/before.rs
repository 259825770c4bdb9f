//! What was there before, loaded: the baseline's file, and the findings of an earlier revision.
//!
//! The earlier revision is analysed like the present one, from the objects of git and in memory: a deleted `.await` makes a finding
//! on lines that nobody touched, and no comparison of lines would see it.

use std::path::{Path, PathBuf};

use crate::base::area::Spot;
use crate::baseline::{Baseline, Entry, Known, Scope, Unmatched};
use crate::cli::{BaselineFile, Error, Request};
use crate::diagnostic::{Confidence, Diagnostic, Report};
use crate::levels::Levels;
use crate::program::Program;
use crate::rules::page;
use crate::source::{self, Sources};
use crate::vcs;

use super::{Analysed, Clock, Judge, Timings, analyse, configured, locate};

/// A baseline is far smaller.
const LARGEST: u64 = 64 << 20;

/// Loads what the request names.
pub(super) fn load(request: &Request, sources: &Sources) -> Result<Known, Error> {
    let before = &request.before;
    let earlier = before.since.as_ref().map(|since| earlier(request, since, sources)).transpose()?;
    Ok(Known { baseline: baseline(&before.baseline, &sources.root)?, earlier, patch: before.patch.clone() })
}

fn baseline(file: &BaselineFile, root: &Path) -> Result<Option<Baseline>, Error> {
    let (path, wanted) = match file {
        BaselineFile::None => return Ok(None),
        BaselineFile::IfThere(name) => (root.join(name), false),
        BaselineFile::At(path) => (path.clone(), true),
    };
    // A link of the repository could name any file; one that the user names is followed.
    let meta = if wanted { path.metadata() } else { path.symlink_metadata() };
    match meta {
        Err(error) if !wanted && error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let remedy = "`asynclint baseline create` makes it";
            return Err(Error::Usage(format!("the baseline `{}` does not exist; {remedy}", path.display())));
        }
        Err(error) => return Err(unreadable(&path, &error.to_string())),
        Ok(meta) if !meta.is_file() => return Err(unreadable(&path, "it is not a regular file")),
        Ok(meta) if meta.len() > LARGEST => return Err(unreadable(&path, "it is larger than 64 MiB")),
        Ok(_) => {}
    }
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.to_string()))?;
    let parsed = Baseline::parse(&text).map_err(|wrong| {
        let place = if wrong.line > 0 { format!(":{}", wrong.line) } else { String::new() };
        Error::Usage(format!("the baseline {}{place}: {}", path.display(), wrong.message))
    });
    parsed.map(Some)
}

fn unreadable(path: &Path, why: &str) -> Error {
    Error::Usage(format!("the baseline `{}` cannot be read: {why}", path.display()))
}

/// The findings of an earlier revision, as a baseline.
fn earlier(request: &Request, since: &vcs::Since, sources: &Sources) -> Result<Baseline, Error> {
    let usage = |error: vcs::Error| Error::Usage(error.to_string());
    let commit = vcs::resolve(&sources.root, since).map_err(usage)?;
    let files = vcs::files(&sources.root, &commit, request.max_file_size, &is_read).map_err(usage)?;
    // A name that is no text is changed as it is for the files on disk, so that both stay comparable.
    let path = |file: &vcs::TreeFile| String::from_utf8_lossy(&file.path).into_owned();
    let text = |file: vcs::TreeFile| Some((path(&file), String::from_utf8(file.content).ok()?));
    let then = source::from_memory(files.into_iter().filter_map(text).collect());
    let mut timings = Timings::new();
    let Analysed { program, report, about_config } =
        analyse(then, Judge::of(request), &mut Clock::new(&mut timings));
    let texts = configured::texts(&program.sources, &request.config);
    let mut baseline = Baseline::of(report.findings.iter().chain(&about_config), &texts);
    // The revision is read in full, the present perhaps only in part: a file that is there but was not read says nothing.
    let is_elsewhere = |path: &str| sources.by_path(path).is_none() && sources.root.join(path).is_file();
    baseline.entries.retain(|entry| !is_elsewhere(&entry.path));
    Ok(baseline)
}

fn is_read(path: &[u8]) -> bool {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    path.ends_with(b".rs") || name == b"Cargo.toml" || name == b"Cargo.lock"
}

/// Takes what is known out of the report, and out of the findings about the configuration.
pub(super) fn apply(
    known: &Known,
    request: &Request,
    program: &Program,
    report: &mut Report,
    about_config: &mut Vec<Diagnostic>,
) -> Vec<Unmatched> {
    let sources = &program.sources;
    let config = request.config.file.as_ref();
    let is_gone = |path: &str| sources.by_path(path).is_none() && !sources.root.join(path).is_file();
    let troubled: Vec<PathBuf> = report.problems.iter().filter_map(|p| p.path.as_ref()).map(PathBuf::from).collect();
    let package = |path: &str| {
        let package = sources.by_path(path).map(|file| sources.package_of(file));
        package.filter(|package| !package.lone).map_or("", |package| package.name.as_str())
    };
    let sees_all = request.min_confidence == Confidence::Likely;
    let is_asked = |entry: &Entry| {
        let is_config = config.is_some_and(|file| file.path == entry.path && sources.covers(&file.folder));
        let place = match sources.by_path(&entry.path) {
            None if is_config => true,
            Some(file) => sources.selected(file) && locate::is_reported(program, file),
            None => is_gone(&entry.path) && sources.would_select(&entry.path),
        };
        // A file that cannot be read now is no proof that its findings are gone.
        let is_troubled = troubled.iter().any(|path| path == Path::new(&entry.path));
        sees_all && place && !is_troubled && is_looked_for(&request.levels, entry, package(&entry.path))
    };
    let texts = configured::texts(sources, &request.config);
    report.findings.append(about_config);
    let unmatched = known.apply(report, &texts, &Scope { is_gone: &is_gone, is_asked: &is_asked });
    let found = std::mem::take(&mut report.findings);
    (*about_config, report.findings) = found.into_iter().partition(|f| texts.is_config(f.primary.file));
    unmatched
}

/// A rule that is off finds nothing; one that does not exist any more never will again.
fn is_looked_for(levels: &Levels, entry: &Entry, package: &str) -> bool {
    let spot = Spot { path: &entry.path, package, in_test: entry.in_test };
    let exists = page::find(&entry.rule).is_some_and(|rule| rule.kind(&entry.kind).is_some());
    !exists || levels.is_active(&entry.rule, Some(&entry.kind), spot)
}
