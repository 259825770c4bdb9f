//! From TOML text to entries: expands names, reads type expressions, checks what serde cannot.
//!
//! The built-in files are compiled into the program; a user's entries have the same schema under `[[api.fn]]` and win
//! over built-in entries of the same path. This module never reads a file.

use crate::base::Name;

use super::entry::{AttributeEntry, Blocks, FnEntry, FnForm, Instead, MacroEntry, On, Runs, TypeEntry, When};
use super::error::{CatalogError, Source};
use super::expand::{expand_path, fill_name};
use super::kinds::{Category, Group, Tier};
use super::raw::{OneOrMany, RawAttribute, RawCall, RawFile, RawInstead, RawMacro, RawOn, RawType, RawWhen};
use super::type_kinds::Io;
use super::typexpr::TypeExpr;

/// The entries of some files, in the order of the files.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) calls: Vec<(FnEntry, Option<On>)>,
    pub(super) types: Vec<TypeEntry>,
    pub(super) macros: Vec<MacroEntry>,
    pub(super) attributes: Vec<AttributeEntry>,
    /// Other name, canonical name.
    pub(super) aliases: Vec<(Name, Name)>,
    pub(super) module_aliases: Vec<(Name, Name)>,
}

type Loading<T> = Result<T, CatalogError>;

/// Threads that read the built-in files. More would wait for the largest file.
const READERS: usize = 4;

/// Reads the built-in files, several at a time. Plain threads and not the pool of the program: this may run inside the
/// initialiser of a static, where a pool thread that waits could take a job that waits for the same static.
pub(super) fn builtin(files: &[(&str, &str)]) -> Loading<Loaded> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let read = || {
        let mut parts = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some((file, text)) = files.get(at) else { return parts };
            parts.push((at, read_file(Source { file, text })));
        }
    };
    let mut parts = std::thread::scope(|scope| {
        let readers = [(); READERS].map(|()| scope.spawn(read));
        let parts = readers.into_iter().filter_map(|reader| reader.join().ok());
        parts.flatten().collect::<Vec<_>>()
    });
    parts.sort_by_key(|(at, _)| *at);
    let mut loaded = Loaded::default();
    for (_, part) in parts {
        loaded.append(part?);
    }
    Ok(loaded)
}

fn read_file(source: Source<'_>) -> Loading<Loaded> {
    let raw = toml::from_str(source.text).map_err(|e| source.toml_error(&e))?;
    let mut loaded = Loaded::default();
    loaded.add(source, raw)?;
    Ok(loaded)
}

/// Where in which text the entry at hand begins.
#[derive(Clone, Copy)]
struct At<'a> {
    source: Source<'a>,
    offset: usize,
}

impl At<'_> {
    fn refuse<T>(self, message: impl Into<String>, remedy: impl Into<String>) -> Loading<T> {
        Err(self.source.error(self.offset, message, remedy))
    }

    fn type_expr(self, text: Option<&str>) -> Loading<Option<TypeExpr>> {
        let Some(text) = text else { return Ok(None) };
        match TypeExpr::parse(text) {
            Ok(expr) => Ok(Some(expr)),
            Err(error) => self.refuse(error.message, "type expressions are described in rules/README.md"),
        }
    }

    fn type_exprs(self, texts: &[String]) -> Loading<Vec<TypeExpr>> {
        let read = texts.iter().map(|t| self.type_expr(Some(t)));
        read.filter_map(Result::transpose).collect()
    }

    fn paths(self, text: &str) -> Loading<Vec<String>> {
        match expand_path(text) {
            Some(paths) => Ok(paths),
            None => self.refuse(
                format!("`{text}` is no path"),
                "write `a::b`, `a::{b, c}` for several, `*` only as the last segment",
            ),
        }
    }
}

impl Loaded {
    /// Adds the entries of one file.
    pub(super) fn add(&mut self, source: Source<'_>, raw: RawFile) -> Loading<()> {
        for entry in raw.ty {
            let at = At { source, offset: entry.span().start };
            self.add_type(at, &entry.into_inner())?;
        }
        for (form, entries) in
            [(FnForm::Free, raw.func), (FnForm::Method, raw.method), (FnForm::TraitMethod, raw.trait_method)]
        {
            for entry in entries {
                let at = At { source, offset: entry.span().start };
                self.add_call(at, form, &entry.into_inner())?;
            }
        }
        for entry in raw.macros {
            let at = At { source, offset: entry.span().start };
            self.add_macro(at, &entry.into_inner())?;
        }
        for entry in raw.attribute {
            let at = At { source, offset: entry.span().start };
            self.add_attribute(at, &entry.into_inner())?;
        }
        for (alias, path) in &raw.module_alias {
            self.module_aliases.push((Name::new(alias), Name::new(path)));
        }
        Ok(())
    }

    /// Appends what was loaded from later files.
    pub(super) fn append(&mut self, mut later: Self) {
        self.calls.append(&mut later.calls);
        self.types.append(&mut later.types);
        self.macros.append(&mut later.macros);
        self.attributes.append(&mut later.attributes);
        self.aliases.append(&mut later.aliases);
        self.module_aliases.append(&mut later.module_aliases);
    }

    fn add_aliases(&mut self, aliases: &[String], path: Name, name: Name) {
        for alias in aliases {
            self.aliases.push((fill_name(alias, name), path));
        }
    }

    fn add_type(&mut self, at: At<'_>, raw: &RawType) -> Loading<()> {
        let paths = at.paths(&raw.path)?;
        let item = raw.iterator.as_deref().or(raw.item.as_deref());
        let mut variants = std::collections::BTreeMap::new();
        for (variant, fields) in &raw.variants {
            variants.insert(Name::new(variant), at.type_exprs(fields)?);
        }
        let mut fields = std::collections::BTreeMap::new();
        for (field, ty) in &raw.fields {
            fields.extend(at.type_expr(Some(ty))?.map(|ty| (Name::new(field), ty)));
        }
        let model = TypeEntry {
            path: Name::new(""),
            name: Name::new(""),
            params: raw.params.iter().map(|p| Name::new(p)).collect(),
            is: at.type_expr(raw.is.as_deref())?,
            deref: at.type_expr(raw.deref.as_deref())?,
            item: at.type_expr(item)?,
            index: at.type_expr(raw.index.as_deref())?,
            is_iterator: raw.iterator.is_some(),
            stream: at.type_expr(raw.stream.as_deref())?,
            sink: at.type_expr(raw.sink.as_deref())?,
            output: at.type_expr(raw.output.as_deref())?,
            variants,
            fields,
            role: raw.role,
            io: raw.io,
            io_through: at.type_expr(raw.io_through.as_deref())?,
            guard: raw.guard,
            send: raw.send,
            send_feature: name(raw.send_feature.as_ref()),
            on_drop: raw.on_drop,
            must_use: raw.must_use,
            runtime_bound: raw.runtime_bound,
            clones: raw.clones,
            when: when(raw.when.as_ref()),
            doc: name(raw.doc.as_ref()),
            proof: name(raw.proof.as_ref()),
            unverified: raw.unverified,
        };
        for path in paths {
            let (path, last) = split(&path);
            self.add_aliases(&raw.aliases, path, last);
            self.types.push(TypeEntry { path, name: last, ..model.clone() });
        }
        Ok(())
    }

    fn add_call(&mut self, at: At<'_>, form: FnForm, raw: &RawCall) -> Loading<()> {
        let (paths, on) = call_paths(at, form, raw)?;
        let blocks = blocks(at, raw)?;
        if let Some(path) = paths.iter().find(|p| p.ends_with("::*"))
            && blocks.is_none()
        {
            return at.refuse(format!("`{path}` says nothing"), "`*` is allowed only together with `blocks`");
        }
        let returns = at.type_expr(raw.returns.as_deref())?;
        let mut runs = Vec::with_capacity(raw.runs.len());
        for run in &raw.runs {
            runs.push(Runs { arg: run.arg, place: run.place, params: at.type_exprs(&run.params)? });
        }
        let model = FnEntry {
            path: Name::new(""),
            owner: None,
            name: Name::new(""),
            form,
            blocks,
            role: raw.role,
            is_async: raw.is_async,
            builder: raw.builder,
            returns,
            runs,
            on_drop: raw.on_drop,
            must_use: raw.must_use,
            cancel: raw.cancel,
            needs: raw.needs,
            instead: Instead::default(),
            twin: None,
            when: when(raw.when.as_ref()),
            distinctive: raw.distinctive,
            given: raw.given.iter().map(|t| Name::new(t)).collect(),
            doc: name(raw.doc.as_ref()),
            proof: name(raw.proof.as_ref()),
            unverified: raw.unverified,
        };
        for path in paths {
            let (path, last) = split(&path);
            self.add_aliases(&raw.aliases, path, last);
            let owner = path.as_str().rsplit_once("::").map(|(owner, _)| owner);
            let associated = owner.is_some_and(is_type_like);
            let form = if form == FnForm::Free && associated { FnForm::Associated } else { form };
            let entry = FnEntry {
                path,
                owner: owner.filter(|_| form != FnForm::Free).map(Name::new),
                name: last,
                form,
                instead: instead(raw.instead.as_ref(), last),
                twin: raw.twin.as_ref().map(|t| fill_name(t, last)),
                ..model.clone()
            };
            self.calls.push((entry, on.clone()));
        }
        Ok(())
    }

    fn add_macro(&mut self, at: At<'_>, raw: &RawMacro) -> Loading<()> {
        let tier = raw.tier.unwrap_or(Tier::Default);
        let kind = name(raw.kind.as_ref());
        let blocks = raw.blocks.map(|category| Blocks { category, kind, tier, tag: None, io_args: Vec::new() });
        let returns = at.type_expr(raw.returns.as_deref())?;
        for path in at.paths(&raw.path)? {
            let (path, last) = split(&path);
            self.add_aliases(&raw.aliases, path, last);
            self.macros.push(MacroEntry {
                path,
                name: last,
                shape: raw.shape,
                blocks: blocks.clone(),
                returns: returns.clone(),
                instead: instead(raw.instead.as_ref(), last),
                when: when(raw.when.as_ref()),
                doc: name(raw.doc.as_ref()),
                proof: name(raw.proof.as_ref()),
                unverified: raw.unverified,
            });
        }
        Ok(())
    }

    fn add_attribute(&mut self, at: At<'_>, raw: &RawAttribute) -> Loading<()> {
        for path in at.paths(&raw.path)? {
            let (path, last) = split(&path);
            self.add_aliases(&raw.aliases, path, last);
            self.attributes.push(AttributeEntry {
                path,
                name: last,
                entry: raw.entry,
                runtime: raw.runtime,
                flavor: raw.flavor,
                when: when(raw.when.as_ref()),
                doc: name(raw.doc.as_ref()),
                proof: name(raw.proof.as_ref()),
                unverified: raw.unverified,
            });
        }
        Ok(())
    }
}

/// The full paths of a call entry, and for a trait's method the types that have it.
fn call_paths(at: At<'_>, form: FnForm, raw: &RawCall) -> Loading<(Vec<String>, Option<On>)> {
    let names = raw.name.as_ref().map_or(&[][..], OneOrMany::as_slice);
    let owner = match form {
        FnForm::Free | FnForm::Associated => {
            if raw.ty.is_some() || raw.of_trait.is_some() || raw.on.is_some() || raw.name.is_some() {
                return at.refuse("a `fn` entry has only `path`", "methods go to `[[method]]` or `[[trait-method]]`");
            }
            let Some(path) = &raw.path else { return at.refuse("no `path`", "add `path = \"krate::module::name\"`") };
            return Ok((at.paths(path)?, None));
        }
        FnForm::Method => &raw.ty,
        FnForm::TraitMethod => &raw.of_trait,
    };
    let key = if form == FnForm::Method { "type" } else { "trait" };
    let Some(owner) = owner else {
        return at.refuse(format!("no `{key}`"), format!("add `{key} = \"krate::Name\"` and `name = \"method\"`"));
    };
    if names.is_empty() || raw.path.is_some() {
        return at
            .refuse("a method entry has no `path`, but a `name`", "add `name = \"m\"` or `name = [\"m\", \"n\"]`");
    }
    let on = match (&raw.on, form) {
        (Some(RawOn::Group(group)), FnForm::TraitMethod) => Some(On::Group(*group)),
        (Some(RawOn::Types(types)), FnForm::TraitMethod) => {
            Some(On::Types(types.iter().map(|t| Name::new(t)).collect()))
        }
        (None, FnForm::TraitMethod) => Some(On::Types(Vec::new())),
        (Some(_), _) => return at.refuse("`on` without `trait`", "`on` belongs to `[[trait-method]]`"),
        (None, _) => None,
    };
    let mut paths = Vec::new();
    for owner in at.paths(owner)? {
        paths.extend(names.iter().map(|n| format!("{owner}::{n}")));
    }
    Ok((paths, on))
}

fn blocks(at: At<'_>, raw: &RawCall) -> Loading<Option<Blocks>> {
    let Some(category) = raw.blocks else {
        if raw.kind.is_some() || raw.tier.is_some() || raw.tag.is_some() || !raw.io_args.is_empty() {
            return at
                .refuse("`kind`, `tier`, `tag` and `io_args` say how a call blocks", "add `blocks`, or remove them");
        }
        return Ok(None);
    };
    let group = matches!(raw.on, Some(RawOn::Group(Group::SyncIo)));
    // A method of one type: its own `io_through` says what it waits on.
    let own = raw.ty.is_some();
    if category == Category::Receiver && !group && !own && raw.io_args.is_empty() {
        return at.refuse("`receiver` needs a receiver", "use it with `on = \"sync-io\"` or with `io_args`");
    }
    let tier = raw.tier.unwrap_or(Tier::Default);
    let (kind, tag) = (name(raw.kind.as_ref()), name(raw.tag.as_ref()));
    Ok(Some(Blocks { category, kind, tier, tag, io_args: raw.io_args.clone() }))
}

/// The category of a wait on a type with these byte traits.
pub(super) fn category_of(io: Io) -> Option<Category> {
    match io {
        Io::Fs => Some(Category::Fs),
        Io::Net => Some(Category::Net),
        Io::Process => Some(Category::Process),
        Io::Stdio => Some(Category::Stdio),
        Io::Sync => Some(Category::Sync),
        Io::Memory | Io::Tokio | Io::Futures => None,
    }
}

/// Types and traits begin with a capital letter; a function of such a path is an associated one.
fn is_type_like(path: &str) -> bool {
    let last = path.rsplit("::").next().unwrap_or(path);
    last.starts_with(|c: char| c.is_ascii_uppercase()) || super::prelude::is_primitive(path)
}

fn split(path: &str) -> (Name, Name) {
    (Name::new(path), Name::new(path.rsplit("::").next().unwrap_or(path)))
}

fn name(text: Option<&String>) -> Option<Name> {
    text.map(|t| Name::new(t))
}

fn when(raw: Option<&RawWhen>) -> When {
    raw.map_or_else(When::default, |w| When {
        feature: name(w.feature.as_ref()),
        since: name(w.since.as_ref()),
        until: name(w.until.as_ref()),
    })
}

fn instead(raw: Option<&RawInstead>, last: Name) -> Instead {
    let Some(raw) = raw else { return Instead::default() };
    let fill = |text: &Option<String>| text.as_ref().map(|t| fill_name(t, last));
    Instead { tokio: fill(&raw.tokio), async_std: fill(&raw.async_std), smol: fill(&raw.smol), text: fill(&raw.text) }
}
