//! Which bug goes where: rules take turns, places are taken in an order that only the seed decides.
//!
//! One bug per file, and only in functions in which nothing was found before.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::Finding;
use crate::run::Project;

use super::bugs::{Bug, Rewrite};
use super::chains::{self, Chain, DEPTH};
use super::plant::{Carrier, Mutant};
use super::rank;
use super::source::Awaited;
use super::survey::{self, Id, Survey};

/// How many turns a rule has whose bugs can be moved down a chain: most of it is about chains.
const MOVING_TURNS: usize = 3;

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) seed: u64,
    pub(super) count: usize,
    pub(super) rules: &'a [String],
    pub(super) carrier: Option<&'a str>,
}

/// A copy of a project and what is planted in it.
pub(super) struct Plot {
    pub(super) project: Project,
    pub(super) survey: Survey,
    pub(super) mutants: Vec<Mutant>,
    homes: Vec<Id>,
    chains: Vec<Chain>,
    busy: BTreeSet<usize>,
}

impl Plot {
    /// Surveys the copy; `before` is what is found in it as it is.
    pub(super) fn new(project: Project, before: &[Finding]) -> Result<Self, String> {
        let survey = survey::survey(&project.folder)?;
        let mut dirty: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for finding in before {
            dirty.entry(&finding.location.path).or_default().push(finding.location.line as usize);
        }
        let is_clean = |id: Id| {
            let (source, span) = (&survey.sources[id.0], &survey.function(id).span);
            let Some(found) = dirty.get(source.path.as_str()) else { return true };
            let line = |offset: usize| 1 + source.text[..offset].matches('\n').count();
            let lines = line(span.start)..=line(span.end);
            !found.iter().any(|line| lines.contains(line))
        };
        let mut homes: Vec<Id> = survey.functions().filter(|(_, f)| f.is_async).map(|(id, _)| id).collect();
        let mut chains = chains::chains(&survey);
        homes.retain(|id| is_clean(*id));
        let clean: BTreeSet<Id> = homes.iter().copied().collect();
        chains.retain(|chain| clean.contains(&chain.home));
        Ok(Self { project, survey, mutants: Vec::new(), homes, chains, busy: BTreeSet::new() })
    }

    fn shuffle(&mut self, seed: u64) {
        let name = |survey: &Survey, id: Id| format!("{} {}", survey.sources[id.0].path, survey.function(id).name);
        let survey = &self.survey;
        self.homes.sort_by_cached_key(|id| rank(seed, &name(survey, *id)));
        self.chains.sort_by_cached_key(|chain| {
            let names: Vec<String> = chain.helpers.iter().map(|id| name(survey, *id)).collect();
            rank(seed, &format!("{} {}", name(survey, chain.home), names.join(" ")))
        });
    }

    /// Plants the recipe somewhere, if there is a place.
    fn take(&mut self, recipe: Recipe<'_>, number: usize, seed: u64) -> bool {
        let start = u64::from_le_bytes(rank(seed, &number.to_string()).first_chunk().copied().unwrap_or_default());
        let mutant = match (recipe.carrier, recipe.bug.rewrite) {
            (Carrier::Existing(depth), _) => self.in_chain(recipe, number, depth, start),
            (_, Some(rewrite)) => self.rewritten(recipe, number, rewrite, start),
            _ => self.added(recipe, number, start),
        };
        let Some(mutant) = mutant else { return false };
        self.busy.extend(mutant.edits.iter().map(|edit| edit.file));
        self.busy.insert(mutant.home.0);
        self.mutants.push(mutant);
        true
    }

    fn is_free(&self, file: usize) -> bool {
        !self.busy.contains(&file)
    }

    fn in_chain(&self, recipe: Recipe<'_>, number: usize, depth: usize, start: u64) -> Option<Mutant> {
        let fitting: Vec<&Chain> = self.chains.iter().filter(|chain| chain.helpers.len() == depth).collect();
        let chain = turned(&fitting, start).find(|chain| {
            let leaf = chain.helpers.last().map_or(chain.home.0, |leaf| leaf.0);
            self.is_free(chain.home.0) && self.is_free(leaf) && self.survey.has(leaf, &recipe.bug.needs)
        })?;
        Some(Mutant::in_chain(recipe.bug, number, &self.survey, chain))
    }

    fn rewritten(&self, recipe: Recipe<'_>, number: usize, rewrite: Rewrite, start: u64) -> Option<Mutant> {
        turned(&self.homes, start).find_map(|home| {
            if !self.is_free(home.0) || !self.survey.has(home.0, &recipe.bug.needs) {
                return None;
            }
            let statement = self.survey.function(*home).awaits.iter().find(|it| self.suits(*home, it, rewrite))?;
            Some(Mutant::rewritten(recipe.bug, number, &self.survey, *home, statement, rewrite))
        })
    }

    /// Whether the statement means after the change what the rule is about.
    fn suits(&self, home: Id, statement: &Awaited, rewrite: Rewrite) -> bool {
        let callee = self.survey.only(&statement.callee).map(|id| self.survey.function(id)).filter(|f| f.is_async);
        let base = &self.survey.sources[home.0].text[statement.base.clone()];
        match rewrite {
            Rewrite::DropAwait => callee.is_some(),
            Rewrite::SpawnIt => {
                callee.is_some_and(|f| f.returns_result) && !base.contains("self") && !base.contains('?')
            }
            Rewrite::GuardOverIt => true,
        }
    }

    fn added(&self, recipe: Recipe<'_>, number: usize, start: u64) -> Option<Mutant> {
        let needs = &recipe.bug.needs;
        let libraries = |home: &Id| -> Option<usize> {
            let fits = |file: &usize| self.is_free(*file) && *file != home.0 && self.survey.has(*file, needs);
            self.survey.libraries(home.0).into_iter().map(|(_, file)| file).find(fits)
        };
        let home = turned(&self.homes, start).find(|home| {
            let has = if recipe.carrier == Carrier::Library {
                libraries(home).is_some()
            } else {
                self.survey.has(home.0, needs)
            };
            self.is_free(home.0) && has && !self.survey.function(**home).gaps.is_empty()
        })?;
        let library = libraries(home).filter(|_| recipe.carrier == Carrier::Library);
        Some(Mutant::added(recipe.bug, recipe.carrier, number, &self.survey, *home, library))
    }
}

/// The list from a place in it on, once around.
fn turned<T>(list: &[T], start: u64) -> impl Iterator<Item = &T> {
    let at = usize::try_from(start % list.len().max(1) as u64).unwrap_or(0);
    let (before, after) = list.split_at(at.min(list.len()));
    after.iter().chain(before)
}

/// A bug and how it is put there.
#[derive(Clone, Copy)]
struct Recipe<'b> {
    bug: &'b Bug,
    carrier: Carrier,
}

/// Plants until enough is planted; gives how often no project had a place.
pub(super) fn fill(plots: &mut [Plot], bugs: &[Bug], wanted: &Wanted<'_>) -> usize {
    plots.iter_mut().for_each(|plot| plot.shuffle(wanted.seed));
    let mut recipes = recipes(bugs, wanted);
    let (mut planted, mut number, mut refused) = (0, 0, 0);
    while planted < wanted.count && refused < wanted.count && !recipes.is_empty() {
        for (rule, list) in &mut recipes {
            let turns = if list.iter().any(|recipe| recipe.bug.moves) { MOVING_TURNS } else { 1 };
            for _ in 0..turns {
                let recipe = list[0];
                list.rotate_left(1);
                number += 1;
                let first = usize::from(rank(wanted.seed, &format!("{rule} {number}"))[0]);
                let taken =
                    (0..plots.len()).any(|i| plots[(first + i) % plots.len()].take(recipe, number, wanted.seed));
                if taken {
                    planted += 1
                } else {
                    refused += 1
                }
                if planted == wanted.count {
                    return refused;
                }
            }
        }
    }
    refused
}

/// By rule, in the order of the seed.
fn recipes<'b>(bugs: &'b [Bug], wanted: &Wanted<'_>) -> BTreeMap<&'b str, Vec<Recipe<'b>>> {
    let mut by_rule: BTreeMap<&str, Vec<Recipe<'_>>> = BTreeMap::new();
    for bug in bugs.iter().filter(|bug| wanted.rules.is_empty() || wanted.rules.contains(&bug.rule)) {
        let carriers = if bug.moves { moving() } else { vec![Carrier::Here] };
        let asked = carriers.into_iter().filter(|carrier| wanted.carrier.is_none_or(|name| carrier.name() == name));
        by_rule.entry(&bug.rule).or_default().extend(asked.map(|carrier| Recipe { bug, carrier }));
    }
    by_rule.retain(|_, list| !list.is_empty());
    for list in by_rule.values_mut() {
        let mut position = 0;
        list.sort_by_cached_key(|recipe| {
            position += 1;
            rank(wanted.seed, &format!("{} {} {position}", recipe.bug.shape, recipe.carrier.name()))
        });
    }
    by_rule
}

/// Half of what is moved goes into chains that are there.
fn moving() -> Vec<Carrier> {
    let mut all = vec![
        Carrier::Here,
        Carrier::Closure,
        Carrier::Iterator,
        Carrier::AsyncBlock,
        Carrier::Forwarded,
        Carrier::Module,
        Carrier::Library,
        Carrier::Generic,
        Carrier::Dynamic,
    ];
    all.extend((1..=DEPTH).flat_map(|depth| [Carrier::Free(depth), Carrier::Methods(depth)]));
    let added = all.len();
    all.extend((1..=DEPTH).map(Carrier::Existing).cycle().take(added));
    all
}
