//! `discover`: from a request to sources, in four steps: paths, manifests and walk, drafts, texts.
//!
//! What is wrong with one input is a problem and the run goes on; an error means that there is nothing to run on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::assemble::{self, Entry, Parts};
use super::dependencies::Lock;
use super::finder::{Finder, MANIFEST_LIMIT};
use super::model::{self, Input, PackageDraft};
use super::mount::Disk;
use super::read::{self, Failure};
use super::select::Selection;
use super::{Problem, ProblemKind, Request, Sources, Speaking, given, memory};
use crate::error::Error;

/// Reads the workspaces around the paths of `request`; an error when nothing of them would be reported.
pub fn discover(request: &Request) -> Result<Sources, Error> {
    let sources = discover_all(request)?;
    if !sources.files.iter().any(|f| sources.selection.admits(f, &sources.packages[f.package])) {
        return Err(Error::NothingFound { problems: sources.problems });
    }
    Ok(sources)
}

/// As `discover`, also when no file is left.
pub fn discover_all(request: &Request) -> Result<Sources, Error> {
    let mut clock = Clock::start();
    let cwd = request.cwd.canonicalize();
    let cwd = cwd.map_err(|cause| Error::MissingPath { path: request.cwd.clone(), cause })?;
    let named = given::resolve(request)?;
    let finder = Finder::new(&named);
    let bounds = given::bounds(&named, &cwd, |given| finder.workspace_of(given));
    let root = given::common(&bounds, &cwd);
    let mut problems: Vec<Problem> = named.refused.iter().map(|r| r.problem(&root)).collect();
    let mut finder = finder.bounded(bounds, &root);
    let wanted = finder.search();
    clock.stop("walk and manifests");

    let mut job = Job { root: &root, finder: &mut finder, wanted: &wanted, named: &named, aliases: BTreeMap::new() };
    let mut files: BTreeSet<PathBuf> = job.finder.walked.files.iter().cloned().collect();
    files.extend(named.unsaved.iter().map(|(path, _)| path.clone()));
    job.follow_links(&mut files, &mut problems);
    job.report(&mut problems);
    let speaking = job.speaking();
    let show = |path: &Path| shown(&root, path);
    let input = Input { manifests: &job.finder.manifests, grouped: &wanted, files: &files, show: &show };
    let drafts = model::draft(&input, &mut problems);
    job.add_roots(&drafts, &mut files, &mut problems);
    let plans = job.plan(files);
    clock.stop("packages");

    let entries = read_all(plans, request.max_file_size, named.unsaved.as_ref(), &mut problems);
    clock.stop("read");
    let lock = |root: &Path| {
        let text = read::read_unknown(&root.join("Cargo.lock"), MANIFEST_LIMIT);
        text.map(|t| Lock::parse(&t)).unwrap_or_default()
    };
    let (aliases, manifests) = (job.aliases, &finder.manifests);
    let parts = Parts { drafts: &drafts, manifests, aliases: &aliases, lock: &lock, show: &show };
    let assembled = assemble::assemble(entries, &parts);
    let selection = Selection::new(request, &named.given, |path| finder.ignores.ignores_file(path))?;
    clock.stop("assemble");

    problems.sort_by_cached_key(Problem::sort_key);
    let mut skipped = std::mem::take(&mut finder.walked.skipped);
    skipped.sort();
    skipped.dedup();
    let tops = std::mem::take(&mut finder.tops);
    let disk = Disk::new(finder.ignores, finder.bounds, request.max_file_size);
    let sources = Sources {
        root,
        files: assembled.files,
        packages: assembled.packages,
        problems,
        speaking,
        skipped,
        timings: clock.laps,
        by_path: assembled.by_path,
        selection,
        tops,
        disk: Some(disk),
    };
    sources.check_package_names(&request.packages)?;
    Ok(sources)
}

struct Clock {
    last: Instant,
    laps: Vec<(&'static str, std::time::Duration)>,
}

impl Clock {
    fn start() -> Self {
        Self { last: Instant::now(), laps: Vec::new() }
    }

    fn stop(&mut self, lap: &'static str) {
        let now = Instant::now();
        self.laps.push((lap, now - self.last));
        self.last = now;
    }
}

/// A path as outputs show it: relative to the root where it lies inside.
pub fn shown(root: &Path, path: &Path) -> String {
    memory::show(path.strip_prefix(root).unwrap_or(path))
}

/// A file to read.
struct Plan {
    abs: PathBuf,
    path: String,
    owner: Option<PathBuf>,
    ignored_by_git: bool,
    /// The listing said that it is a regular file.
    listed: bool,
}

struct Job<'a, 'f> {
    root: &'a Path,
    finder: &'a mut Finder<'f>,
    wanted: &'a BTreeMap<PathBuf, PathBuf>,
    named: &'a given::Named,
    /// Other names of files, by links.
    aliases: BTreeMap<PathBuf, PathBuf>,
}

impl Job<'_, '_> {
    fn is_given(&self, path: &Path) -> bool {
        self.named.given.iter().any(|g| path.starts_with(&g.real))
    }

    /// Part of a package of the run, or below a given path.
    fn concerns(&self, path: &Path) -> bool {
        self.is_given(path) || self.owner(path.parent().unwrap_or(path)).is_some()
    }

    fn owner(&self, folder: &Path) -> Option<&Path> {
        let owner = self.finder.manifests.owner(folder)?;
        self.wanted.get_key_value(owner).map(|(folder, _)| folder.as_path())
    }

    /// The real file behind a link: `None` where the link leads nowhere.
    fn real(&self, link: &Path, problems: &mut Vec<Problem>) -> Option<PathBuf> {
        let show = || shown(self.root, link);
        let real = match link.canonicalize() {
            Ok(real) => real,
            Err(cause) => {
                let message = format!("is a link that cannot be followed: {}", read::cause_text(&cause));
                problems.push(Problem::at_path(ProblemKind::Unreadable, show(), message));
                return None;
            }
        };
        if !self.finder.inside(&real) {
            let message = "is a link that leads out of the analysis root";
            problems.push(Problem::at_path(ProblemKind::OutsideRoot, show(), message));
            return None;
        }
        Some(real)
    }

    /// Reads linked files under their real paths; lets a package see the roots in its linked `src`.
    fn follow_links(&mut self, files: &mut BTreeSet<PathBuf>, problems: &mut Vec<Problem>) {
        let links: BTreeSet<PathBuf> = std::mem::take(&mut self.finder.walked.links).into_iter().collect();
        for link in links {
            if link.extension().is_some_and(|e| e == "rs") {
                if !self.concerns(&link) || self.finder.ignores.ignores_file(&link) {
                    continue;
                }
                if let Some(real) = self.real(&link, problems).filter(|real| !real.is_dir()) {
                    files.extend([link.clone(), real.clone()]);
                    self.aliases.insert(link, real);
                }
            } else if link.file_name().is_some_and(|n| n == "src")
                && link.parent().is_some_and(|p| self.wanted.contains_key(p))
            {
                let roots = ["lib.rs", "main.rs"].map(|name| link.join(name));
                for root in roots.into_iter().filter(|r| r.symlink_metadata().is_ok()) {
                    if let Some(real) = self.real(&root, problems) {
                        files.extend([root.clone(), real.clone()]);
                        self.aliases.insert(root, real);
                    }
                }
            }
        }
    }

    /// Adds the crate roots that the walk did not list: ignored by git, hidden, or behind a link.
    fn add_roots(&mut self, drafts: &[PackageDraft], files: &mut BTreeSet<PathBuf>, problems: &mut Vec<Problem>) {
        for target in drafts.iter().flat_map(|d| &d.targets) {
            if target.candidates.iter().any(|c| files.contains(c)) {
                continue;
            }
            let Some(found) = target.candidates.iter().find(|c| c.symlink_metadata().is_ok()) else { continue };
            if let Some(real) = self.real(found, problems) {
                files.insert(real.clone());
                self.aliases.insert(found.clone(), real);
            }
        }
    }

    fn report(&self, problems: &mut Vec<Problem>) {
        let show = |path: &Path| shown(self.root, path);
        for (folder, bad) in &self.finder.manifests.bad {
            if self.finder.inside(folder) {
                problems.push(bad.problem(show(&folder.join("Cargo.toml"))));
            }
        }
        for (folder, cause) in &self.finder.walked.unreadable {
            problems.push(Problem::at_path(ProblemKind::Unreadable, show(folder), format!("cannot be read: {cause}")));
        }
        for strange in self.finder.walked.strange.iter().filter(|path| self.concerns(path)) {
            let failure = Failure::not_a_file();
            problems.push(Problem::at_path(failure.kind, show(strange), failure.message));
        }
        for (manifest, member) in self.finder.outside_members(self.wanted) {
            let message = format!("member `{member}` lies outside the analysis root and was not read");
            problems.push(Problem::at_path(ProblemKind::OutsideRoot, show(&manifest), message));
        }
    }

    /// Members that say something about themselves.
    fn speaking(&self) -> Vec<Speaking> {
        let members = self.wanted.iter().filter(|(folder, root)| folder != root);
        let speaking = members.filter_map(|(folder, _)| {
            let package = self.finder.manifests.package(folder)?.package.as_ref();
            let package = package.filter(|package| package.is_configured())?;
            Some(Speaking { package: package.name.clone(), manifest: folder.join("Cargo.toml") })
        });
        speaking.collect()
    }

    /// The files to read, sorted: those of the packages of the run, and lone ones below the given paths.
    fn plan(&mut self, files: BTreeSet<PathBuf>) -> Vec<Plan> {
        let listed: rustc_hash::FxHashSet<PathBuf> =
            std::mem::take(&mut self.finder.walked.files).into_iter().collect();
        let given = self.named.given.iter().filter(|g| g.is_file && !files.contains(&g.real));
        let given: Vec<PathBuf> = given.map(|g| g.real.clone()).collect();
        let all = files.into_iter().chain(given).filter(|f| !self.aliases.contains_key(f));
        let roots: BTreeSet<&PathBuf> = self.aliases.values().collect();
        let mut owners: FxHashMap<PathBuf, Option<PathBuf>> = FxHashMap::default();
        let mut plans = Vec::with_capacity(listed.len());
        for abs in all {
            let folder = abs.parent().unwrap_or(&abs);
            let owner = match owners.get(folder) {
                Some(owner) => owner.clone(),
                None => {
                    let owner = self.owner(folder).map(Path::to_owned);
                    owners.insert(folder.to_owned(), owner.clone());
                    owner
                }
            };
            if owner.is_none() && !self.is_given(&abs) && !roots.contains(&abs) {
                continue;
            }
            let is_listed = listed.contains(&abs);
            let ignored_by_git = if is_listed {
                self.finder.ignored_tops.iter().any(|top| abs.starts_with(top))
            } else {
                self.finder.ignores.ignores_file(&abs)
            };
            plans.push(Plan { path: shown(self.root, &abs), abs, owner, ignored_by_git, listed: is_listed });
        }
        plans.sort_by(|a, b| (&a.path, &a.abs).cmp(&(&b.path, &b.abs)));
        plans
    }
}

fn read_all(
    plans: Vec<Plan>,
    limit: u64,
    unsaved: Option<&(PathBuf, Arc<str>)>,
    problems: &mut Vec<Problem>,
) -> Vec<Entry> {
    let read: Vec<_> = plans
        .into_par_iter()
        .map(|plan| {
            if let Some((_, text)) = unsaved.filter(|(path, _)| *path == plan.abs) {
                return (Ok(Arc::clone(text)), plan);
            }
            let reader = if plan.listed { read::read_regular } else { read::read_unknown };
            (reader(&plan.abs, limit), plan)
        })
        .collect();
    let mut entries = Vec::with_capacity(read.len());
    for (result, plan) in read {
        match result {
            Ok(text) => entries.push(Entry {
                path: plan.path,
                abs: plan.abs,
                text,
                owner: plan.owner,
                ignored_by_git: plan.ignored_by_git,
            }),
            Err(failure) => problems.push(failure.problem(plan.path)),
        }
    }
    entries
}
