//! The rounds: make what can be made at once, lint again, and so on until nothing is left to do.
//!
//! All in memory. A file whose fixes go wrong gets its first text back and is left alone from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::{FileId, LineIndex, SourceMap};
use crate::diagnostic::{Fixed, Problem, ProblemKind};
use crate::source::{DependencyKind, PackageId};

use super::guard::{self, Guard};
use super::pick::{self, Candidate, Taken};
use super::{Answer, Change, Done, Question, Wish, Workspace, apply};

/// Rounds at most; a project needs two or three.
const MAX_ROUNDS: usize = 10;

/// A fix that was made.
struct Made {
    file: FileId,
    package: PackageId,
    needs: Option<DependencyKind>,
    fixed: Fixed,
}

/// What is remembered from round to round.
#[derive(Default)]
struct Run {
    first_texts: BTreeMap<FileId, Arc<str>>,
    left_alone: BTreeSet<FileId>,
    /// Fingerprint and title of fixes that a person did not want.
    declined: BTreeSet<(String, String)>,
    standing: Option<Answer>,
    made: Vec<Made>,
    done: Done,
}

/// What one round changes.
#[derive(Default)]
struct Round {
    texts: Vec<(FileId, Arc<str>)>,
    made: Vec<Made>,
}

/// Makes the wanted fixes in memory. `decide` is asked when the wish says so.
pub fn run(space: &mut dyn Workspace, wish: &Wish, decide: &mut dyn FnMut(&Question<'_>) -> Answer) -> Done {
    let mut run = Run::default();
    while run.done.rounds < MAX_ROUNDS {
        let round = run.choose(space, wish, decide);
        if round.texts.is_empty() {
            run.done.converged = true;
            break;
        }
        run.done.rounds += 1;
        run.make(space, round);
    }
    if !run.done.converged {
        run.done.converged = run.choose(space, wish, &mut |_| Answer::Quit).made.is_empty();
    }
    run.finish(space)
}

impl Run {
    /// The texts of the next round.
    fn choose(&mut self, space: &dyn Workspace, wish: &Wish, decide: &mut dyn FnMut(&Question<'_>) -> Answer) -> Round {
        let sources = space.sources();
        let choice = pick::candidates(space.report(), sources, wish);
        self.done.lacking = choice.lacking;
        self.done.bolder = choice.bolder;
        let mut taken = Taken::default();
        let mut made = Vec::new();
        for candidate in choice.candidates {
            if self.may_be_made(space, &candidate)
                && taken.has_room(candidate.fix)
                && (!wish.asks || self.is_wanted(space, &candidate, decide))
            {
                taken.take(candidate.fix);
                made.push(of_candidate(space, &candidate));
            }
        }
        let mut round = Round { texts: Vec::new(), made };
        for (file, edits) in taken.edits {
            match apply::apply(sources.text(file), &edits) {
                Ok(new) if space.parses(&new) => round.texts.push((file, new.into())),
                Ok(_) => self.refuse(&mut round, file, sources.path(file), "the result would not be Rust"),
                Err(_) => self.refuse(&mut round, file, sources.path(file), "the edits do not fit the text"),
            }
        }
        round
    }

    fn may_be_made(&mut self, space: &dyn Workspace, candidate: &Candidate<'_>) -> bool {
        let file = candidate.finding.primary.file;
        let edited = candidate.fix.edits.first().map_or(file, |edit| edit.span.file);
        let declined = self.declined.contains(&(candidate.finding.fingerprint.clone(), candidate.fix.title.clone()));
        if self.left_alone.contains(&edited) || declined {
            return false;
        }
        if space.is_locked(edited) {
            self.left_alone.insert(edited);
            self.done.locked.push(space.sources().path(edited).to_owned());
            return false;
        }
        candidate.needs.is_none() || space.can_depend(space.sources().files[edited].package)
    }

    fn is_wanted(
        &mut self,
        space: &dyn Workspace,
        candidate: &Candidate<'_>,
        decide: &mut dyn FnMut(&Question<'_>) -> Answer,
    ) -> bool {
        let sources = space.sources();
        let package = sources.package_of(candidate.finding.primary.file).name.as_str();
        let question = Question {
            finding: candidate.finding,
            fix: candidate.fix,
            adds_to: candidate.needs.map(|_| package),
            sources,
        };
        let answer = self.standing.unwrap_or_else(|| decide(&question));
        match answer {
            Answer::All | Answer::Quit => self.standing = Some(answer),
            Answer::Yes | Answer::No => {}
        }
        let wanted = matches!(answer, Answer::Yes | Answer::All);
        if !wanted {
            self.declined.insert((candidate.finding.fingerprint.clone(), candidate.fix.title.clone()));
        }
        wanted
    }

    fn refuse(&mut self, round: &mut Round, file: FileId, path: &str, why: &str) {
        self.left_alone.insert(file);
        round.made.retain(|made| made.file != file);
        self.problem(path, why);
    }

    fn problem(&mut self, path: &str, why: &str) {
        let message = format!("its fixes were not made: {why}");
        let path = Some(path.to_owned());
        self.done.problems.push(Problem { kind: ProblemKind::BadFix, message, path, span: None });
    }

    /// Puts the texts of a round in place and takes back what made the program worse.
    fn make(&mut self, space: &mut dyn Workspace, round: Round) {
        let guard = Guard::new(space.report());
        let changed: BTreeSet<FileId> = round.texts.iter().map(|(file, _)| *file).collect();
        for file in &changed {
            let old = &space.sources().files[*file].text;
            self.first_texts.entry(*file).or_insert_with(|| Arc::clone(old));
        }
        let needed: Vec<_> = round.made.iter().filter_map(|made| Some((made.package, made.needs?))).collect();
        self.made.extend(round.made);
        space.replace(round.texts, &needed);
        let bad = guard::to_take_back(&guard.worse(space.report()), &changed);
        if bad.is_empty() {
            return;
        }
        let mut back = Vec::new();
        for (file, rule) in bad {
            back.extend(self.first_texts.remove(&file).map(|text| (file, text)));
            self.left_alone.insert(file);
            self.made.retain(|made| made.file != file);
            self.problem(space.sources().path(file), &format!("they would bring a new error of {rule}"));
        }
        space.replace(back, &[]);
    }

    fn finish(mut self, space: &dyn Workspace) -> Done {
        let sources = space.sources();
        for (file, old) in self.first_texts {
            let now = &sources.files[file];
            if old != now.text {
                let (path, abs, new) = (now.path.clone(), now.abs.clone(), Arc::clone(&now.text));
                self.done.changes.push(Change { path, abs, old, new });
            }
        }
        let mut needs: BTreeMap<PackageId, DependencyKind> = BTreeMap::new();
        for made in &self.made {
            if let Some(kind) = made.needs {
                // `Normal` is the smaller one, and holds for tests too.
                needs.entry(made.package).and_modify(|old| *old = kind.min(*old)).or_insert(kind);
            }
        }
        self.done.dependencies = needs.into_iter().collect();
        self.done.fixed = self.made.into_iter().map(|made| made.fixed).collect();
        self.done
    }
}

fn of_candidate(space: &dyn Workspace, candidate: &Candidate<'_>) -> Made {
    let (finding, fix) = (candidate.finding, candidate.fix);
    let file = fix.edits.first().map_or(finding.primary.file, |edit| edit.span.file);
    let sources = space.sources();
    let fixed = Fixed {
        rule: finding.rule,
        kind: finding.kind,
        title: fix.title.clone(),
        applicability: fix.applicability,
        path: sources.path(file).to_owned(),
        line: LineIndex::new(sources.text(finding.primary.file)).line_of(finding.primary.start) + 1,
    };
    Made { file, package: sources.files[file].package, needs: candidate.needs, fixed }
}
