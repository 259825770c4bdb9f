//! Puts a bug into code: the edits of each carrier, the files written, and where the bug stands afterwards.

use std::ops::Range;

use crate::report::{Location, Problem};

use super::bugs::{Bug, Rewrite, numbered};
use super::chains::Chain;
use super::plan::Plot;
use super::source::Awaited;
use super::survey::{Id, Survey};

/// What stands between the async function and the code of the bug; the number is the number of helpers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Carrier {
    Here,
    Closure,
    Iterator,
    AsyncBlock,
    Forwarded,
    Free(usize),
    Methods(usize),
    Module,
    Library,
    Generic,
    Dynamic,
    Existing(usize),
}

impl Carrier {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Here => "in the async fn",
            Self::Closure => "called closure",
            Self::Iterator => "closure of for_each",
            Self::AsyncBlock => "awaited async block",
            Self::Forwarded => "closure that a helper calls",
            Self::Free(_) => "new functions",
            Self::Methods(_) => "new methods",
            Self::Module => "new inline module",
            Self::Library => "other crate",
            Self::Generic => "generic over a trait",
            Self::Dynamic => "dyn trait",
            Self::Existing(_) => "existing chain",
        }
    }

    pub(super) const fn depth(self) -> usize {
        match self {
            Self::Here | Self::Closure | Self::Iterator | Self::AsyncBlock | Self::Forwarded => 0,
            Self::Free(depth) | Self::Methods(depth) | Self::Existing(depth) => depth,
            Self::Module | Self::Library | Self::Generic | Self::Dynamic => 2,
        }
    }

    /// The statement for the async function, and the items it needs, last those that hold the code.
    fn text(self, code: &str, items: &str, n: usize, library: &str) -> (String, String) {
        let trait_items = format!(
            "{items}\ntrait Work{n} {{ fn work(&self); }}\nstruct Worker{n};\nimpl Work{n} for Worker{n} {{ fn work(&self) {{ {code} }} }}\n"
        );
        match self {
            Self::Here | Self::Existing(_) => (code.to_owned(), items.to_owned()),
            Self::Closure => (format!("let seeded_go_{n} = || {{ {code} }}; seeded_go_{n}();"), items.to_owned()),
            Self::Iterator => (format!("[1u8].iter().for_each(|_| {{ {code} }});"), items.to_owned()),
            Self::AsyncBlock => (format!("async {{ {code} }}.await;"), items.to_owned()),
            Self::Forwarded => {
                let helper = format!("fn seeded_go_{n}<R>(work: impl FnOnce() -> R) -> R {{ work() }}");
                (format!("seeded_go_{n}(|| {{ {code} }});"), format!("{items}\n{helper}"))
            }
            Self::Free(depth) => (format!("seeded_go_{n}_1();"), format!("{items}\n{}", steps(depth, n, code, "", ""))),
            Self::Methods(depth) => {
                let methods = steps(depth, n, code, "&self", "self.");
                let head = format!(
                    "struct Steps{n} {{ left: u32 }}\nimpl Steps{n} {{\nfn open() -> Self {{ Self {{ left: 1 }} }}\n"
                );
                let used = format!("fn is_left(&self) -> bool {{ self.left > 0 }}\n{methods}}}");
                let call = format!(
                    "let seeded_{n} = Steps{n}::open(); if seeded_{n}.is_left() {{ seeded_{n}.seeded_go_{n}_1(); }}"
                );
                (call, format!("{items}\n{head}{used}"))
            }
            Self::Module => {
                let inner = format!("mod seeded_mod_{n} {{ pub(super) fn inner() {{ {code} }}\n{items}\n}}");
                (format!("seeded_go_{n}();"), format!("fn seeded_go_{n}() {{ seeded_mod_{n}::inner(); }}\n{inner}"))
            }
            Self::Library => {
                (format!("seeded_go_{n}();"), format!("fn seeded_go_{n}() {{ {library}::seeded_far_{n}(); }}"))
            }
            Self::Generic => {
                let helper = format!("fn seeded_go_{n}<T: Work{n}>(worker: &T) {{ worker.work(); }}");
                (format!("seeded_go_{n}(&Worker{n});"), format!("{trait_items}{helper}"))
            }
            Self::Dynamic => {
                let helper = format!("fn seeded_go_{n}(worker: &dyn Work{n}) {{ worker.work(); }}");
                (format!("seeded_go_{n}(&Worker{n});"), format!("{trait_items}{helper}"))
            }
        }
    }
}

/// Functions that call each other in a row.
fn steps(depth: usize, n: usize, code: &str, receiver: &str, path: &str) -> String {
    let body =
        |step: usize| if step == depth { code.to_owned() } else { format!("{path}seeded_go_{n}_{}();", step + 1) };
    (1..=depth).map(|step| format!("fn seeded_go_{n}_{step}({receiver}) {{ {} }}\n", body(step))).collect()
}

/// A replacement in a file.
pub(super) struct Edit {
    pub(super) file: usize,
    range: Range<usize>,
    text: String,
}

/// A planted bug.
pub(super) struct Mutant {
    pub(super) rule: String,
    pub(super) or: Vec<String>,
    pub(super) shape: String,
    pub(super) carrier: &'static str,
    pub(super) depth: usize,
    /// Names of the helpers of a chain that was there.
    pub(super) helpers: Vec<String>,
    pub(super) home: Id,
    pub(super) edits: Vec<Edit>,
}

impl Mutant {
    fn new(bug: &Bug, carrier: &'static str, depth: usize, home: Id) -> Self {
        let Bug { rule, or, shape, .. } = bug;
        Self {
            rule: rule.clone(),
            or: or.clone(),
            shape: shape.clone(),
            carrier,
            depth,
            helpers: Vec::new(),
            home,
            edits: Vec::new(),
        }
    }

    fn edit(&mut self, file: usize, range: Range<usize>, text: String) {
        self.edits.push(Edit { file, range, text });
    }

    fn insert(&mut self, file: usize, at: usize, text: &str) {
        if !text.trim().is_empty() {
            self.edit(file, at..at, format!("\n{text}\n"));
        }
    }

    /// At the top of the last helper of a chain that is there.
    pub(super) fn in_chain(bug: &Bug, n: usize, survey: &Survey, chain: &Chain) -> Self {
        let carrier = Carrier::Existing(chain.helpers.len());
        let mut mutant = Self::new(bug, carrier.name(), carrier.depth(), chain.home);
        mutant.helpers = chain.helpers.iter().map(|id| survey.function(*id).name.clone()).collect();
        let leaf = chain.helpers.last().copied().unwrap_or(chain.home);
        mutant.insert(leaf.0, survey.function(leaf).start, &numbered(&bug.code, n));
        mutant.insert(leaf.0, survey.sources[leaf.0].text.len(), &numbered(&bug.items, n));
        mutant
    }

    /// A new statement, with what it needs.
    pub(super) fn added(
        bug: &Bug,
        carrier: Carrier,
        n: usize,
        survey: &Survey,
        home: Id,
        library: Option<usize>,
    ) -> Self {
        let mut mutant = Self::new(bug, carrier.name(), carrier.depth(), home);
        let (code, items) = (numbered(&bug.code, n), numbered(&bug.items, n));
        let source = &survey.sources[home.0];
        let name = library.and_then(|file| survey.libraries(home.0).into_iter().find(|(_, lib)| *lib == file));
        let name = name.map_or_else(String::new, |(name, _)| name.replace('-', "_"));
        let (statement, near) = carrier.text(&code, &items, n, &name);
        let gaps = &survey.function(home).gaps;
        mutant.insert(home.0, source.outline.head, &numbered(&bug.head, n));
        mutant.insert(home.0, gaps[n % gaps.len()], &statement);
        mutant.insert(home.0, source.text.len(), &near);
        if let Some(file) = library {
            let far = format!("pub fn seeded_far_{n}() {{ {code} }}\n{items}");
            mutant.insert(file, survey.sources[file].text.len(), &far);
        }
        mutant
    }

    /// A statement that is there, changed.
    pub(super) fn rewritten(bug: &Bug, n: usize, survey: &Survey, home: Id, old: &Awaited, rewrite: Rewrite) -> Self {
        let (carrier, text) = ("existing statement", &survey.sources[home.0].text);
        let mut mutant = Self::new(bug, carrier, 0, home);
        let (base, statement) = (&text[old.base.clone()], &text[old.statement.clone()]);
        let new = match rewrite {
            Rewrite::DropAwait => format!("let _ = {base};"),
            Rewrite::SpawnIt => format!("tokio::spawn(async move {{ {base}.await }});"),
            Rewrite::GuardOverIt => {
                format!("let seeded_{n} = SEEDED_{n}.lock().unwrap();\n{statement}\ndrop(seeded_{n});")
            }
        };
        mutant.edit(home.0, old.statement.clone(), new);
        mutant.insert(home.0, text.len(), &numbered(&bug.items, n));
        mutant
    }
}

/// Where a planted bug stands now: lines of its function and of what was put into the same file.
pub(super) struct Place<'m> {
    pub(super) mutant: &'m Mutant,
    pub(super) path: String,
    pub(super) line: u32,
    lines: Vec<Range<u32>>,
}

impl Place<'_> {
    pub(super) fn holds(&self, location: &Location) -> bool {
        location.path == self.path && self.lines.iter().any(|lines| lines.contains(&location.line))
    }
}

/// Writes the planted files of the copy.
pub(super) fn write(plot: &Plot) -> Result<Vec<Place<'_>>, String> {
    let mut places = Vec::new();
    for mutant in &plot.mutants {
        let mut files: Vec<usize> = mutant.edits.iter().map(|edit| edit.file).collect();
        files.push(mutant.home.0);
        files.sort_unstable();
        files.dedup();
        for file in files {
            let source = &plot.survey.sources[file];
            let mut edits: Vec<&Edit> = mutant.edits.iter().filter(|edit| edit.file == file).collect();
            edits.sort_by_key(|edit| edit.range.start);
            let home = (file == mutant.home.0).then(|| plot.survey.function(mutant.home).span.clone());
            let (text, lines) = apply(&source.text, &edits, home.clone());
            let path = plot.project.folder.join(&source.path);
            syn::parse_file(&text).map_err(|e| format!("{}: planted code does not parse: {e}", path.display()))?;
            std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
            if home.is_some() {
                let line = lines.first().map_or(1, |lines| lines.start);
                places.push(Place { mutant, path: source.path.clone(), line, lines });
            }
        }
    }
    Ok(places)
}

/// The new text; lines of the function as it is now, then lines of what was put in.
fn apply(old: &str, edits: &[&Edit], function: Option<Range<usize>>) -> (String, Vec<Range<u32>>) {
    let mut text = String::new();
    let mut at = 0;
    let mut put = Vec::new();
    let mut home = function.clone().unwrap_or_default();
    for edit in edits {
        text.push_str(&old[at..edit.range.start]);
        let start = text.len();
        text.push_str(&edit.text);
        put.push(start..text.len());
        at = edit.range.end;
        let grown = edit.text.len().saturating_sub(edit.range.len());
        let shrunk = edit.range.len().saturating_sub(edit.text.len());
        if let Some(function) = &function {
            home.start += if edit.range.end <= function.start { grown } else { 0 };
            home.end = if edit.range.start < function.end { home.end + grown - shrunk } else { home.end };
        }
    }
    text.push_str(&old[at..]);
    let line = |offset: usize| u32::try_from(1 + text[..offset].matches('\n').count()).unwrap_or(u32::MAX);
    let lines = std::iter::once(home).chain(put).map(|range| line(range.start)..line(range.end) + 1).collect();
    (text, lines)
}

/// What is wrong, when a problem stands in planted code.
pub(super) fn breaks(problem: &Problem, places: &[Place<'_>]) -> Option<String> {
    let location = problem.location.as_ref()?;
    let place = places.iter().find(|place| place.holds(location))?;
    Some(format!("{} ({}): {}: {}", place.path, place.mutant.shape, problem.kind, problem.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_edits() {
        let old = "use a;\n\nasync fn go() {\n    x();\n}\n";
        let edit = |at: usize, text: &str| Edit { file: 0, range: at..at, text: text.to_owned() };
        let edits =
            [edit(0, "\nuse b;\n"), edit(old.find("x()").unwrap(), "\ny();\n"), edit(old.len(), "\nfn z() {}\n")];
        let function = old.find("fn go").unwrap()..old.rfind('}').unwrap() + 1;
        let (text, lines) = apply(old, &edits.iter().collect::<Vec<_>>(), Some(function));
        let shown: Vec<&str> = text.lines().collect();
        let part =
            |range: &Range<u32>| shown[range.start as usize - 1..(range.end as usize - 1).min(shown.len())].join("|");
        assert_eq!(part(&lines[0]), "async fn go() {|    |y();|x();|}");
        assert!(part(&lines[3]).contains("fn z() {}"));
    }

    #[test]
    fn every_carrier_is_rust() {
        let all = [
            Carrier::Here,
            Carrier::Closure,
            Carrier::Iterator,
            Carrier::AsyncBlock,
            Carrier::Forwarded,
            Carrier::Free(3),
            Carrier::Methods(4),
            Carrier::Module,
            Carrier::Library,
            Carrier::Generic,
            Carrier::Dynamic,
        ];
        for carrier in all {
            let (code, items) = carrier.text("work();", "fn work() {}", 7, "other");
            let text = format!("async fn go() {{ {code} }}\n{items}");
            assert!(syn::parse_file(&text).is_ok(), "{carrier:?}: {text}");
        }
    }
}
