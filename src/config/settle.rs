//! From TOML to settings: every word is checked, every value remembers its place, and all mistakes are reported at once.
//!
//! Layers come in the order of their strength: the file, then what `--config` adds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use crate::base::Area;
use crate::base::area::{BadPattern, Names, Patterns};
use crate::catalog::{ApiTable, Catalog, CatalogError, UserEntries};
use crate::diagnostic::{Confidence, Severity};
use crate::levels::{self, TestMode};
use crate::rules::{page, renamed};

use super::claims::{Claim, Subject};
use super::error::{ConfigError, Source, did_you_mean};
use super::settings::{BaselineSettings, Dependency, FixSettings, Settings, Value};
use super::text::{BaselineText, ConfigText, DependencyText, FixText, List, OverrideText, RuleText, Text};
use super::words::{CONFIDENCES, SEVERITIES, STYLES, TESTS, Words, meaning};
use super::{Config, Override, Renamed, paths, rules};

impl Default for Settings {
    fn default() -> Self {
        Self {
            tests: Value::default_of(TestMode::Relaxed),
            fail_on: Value::default_of(Severity::Warning),
            strict: Value::default_of(false),
            min_severity: Value::default_of(Severity::Warning),
            min_confidence: Value::default_of(Confidence::Likely),
            include: Value::default_of(Vec::new()),
            exclude: Value::default_of(Vec::new()),
            generated: Value::default_of(false),
            max_file_size: Value::default_of(crate::source::MAX_FILE_SIZE),
            cfg: Value::default_of(Vec::new()),
            fix: FixSettings::default(),
            baseline: BaselineSettings::default(),
        }
    }
}

/// One text with settings.
pub(super) struct Layer<'a> {
    pub(super) source: &'a Source,
    /// False for `--config KEY=VALUE`: there a wrong name is a wrong use.
    pub(super) is_file: bool,
}

impl Layer<'_> {
    /// Who says what stands at this byte.
    pub(super) fn origin(&self, at: usize) -> Arc<str> {
        if self.is_file {
            format!("{}:{}", self.source.name, self.source.line(at)).into()
        } else {
            Arc::clone(&self.source.name)
        }
    }
}

/// A configuration in the making.
pub(super) struct Settling<'a> {
    pub(super) config: Config,
    base: &'a str,
    errors: Vec<ConfigError>,
}

/// Settles layers; `base` is the folder of the configuration, relative to the analysis root.
pub(super) fn settle(layers: Vec<(Layer<'_>, ConfigText)>, base: &str) -> Result<Config, Vec<ConfigError>> {
    let mut into = Settling { config: Config::default(), base, errors: Vec::new() };
    base.clone_into(&mut into.config.base);
    let mut entries = Vec::new();
    for (layer, mut text) in layers {
        if let Some(api) = text.api.take().filter(|api| !api.is_empty()) {
            into.claim_items(&layer, &api);
            entries.push(UserEntries { file: leaked(&layer.source.name), text: leaked(&layer.source.text), api });
        }
        into.layer(&layer, text);
    }
    if !entries.is_empty() {
        into.catalog(entries);
    }
    if into.errors.is_empty() { Ok(into.config) } else { Err(into.errors) }
}

/// Settles the table `rules` of a member.
pub(super) fn settle_member(
    layer: &Layer<'_>,
    rules: BTreeMap<Text, Spanned<RuleText>>,
    area: &Arc<Area>,
) -> Result<Config, Vec<ConfigError>> {
    let mut into = Settling { config: Config::default(), base: "", errors: Vec::new() };
    rules::read(&mut into, layer, rules, Some(area));
    if into.errors.is_empty() { Ok(into.config) } else { Err(into.errors) }
}

/// Entries of the catalogue live as long as the process, as the built-in ones do.
fn leaked(text: &Arc<str>) -> &'static str {
    Box::leak(Box::from(&**text))
}

impl Settling<'_> {
    pub(super) fn refuse(
        &mut self,
        layer: &Layer<'_>,
        span: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.errors.push(layer.source.error(span, message, remedy));
    }

    /// Notes a name that is not the one of today.
    pub(super) fn old_name(&mut self, layer: &Layer<'_>, span: Range<usize>, name: &str) {
        if let (Some(new), true) = (renamed::new_name(name), layer.is_file) {
            let span = (span.start as u32, span.end as u32);
            self.config.renamed.push(Renamed { old: name.to_owned(), new, span });
        }
    }

    fn layer(&mut self, layer: &Layer<'_>, text: ConfigText) {
        let tests = self.word(layer, text.tests, TESTS);
        let fail_on = self.word(layer, text.fail_on, SEVERITIES);
        let min_severity = self.word(layer, text.min_severity, SEVERITIES);
        let min_confidence = self.word(layer, text.min_confidence, CONFIDENCES);
        let include = self.patterns(layer, text.include);
        let exclude = self.patterns(layer, text.exclude);
        let max_file_size = self.size(layer, text.max_file_size);
        let cfg = self.cfg(layer, text.cfg);
        let settings = &mut self.config.settings;
        set(&mut settings.tests, tests);
        set(&mut settings.fail_on, fail_on);
        set(&mut settings.strict, plain(layer, text.strict));
        set(&mut settings.min_severity, min_severity);
        set(&mut settings.min_confidence, min_confidence);
        set(&mut settings.include, include);
        set(&mut settings.exclude, exclude);
        set(&mut settings.generated, plain(layer, text.generated));
        set(&mut settings.max_file_size, max_file_size);
        set(&mut settings.cfg, cfg);
        self.fix(layer, text.fix);
        self.baseline(layer, text.baseline);
        rules::read(self, layer, text.rules, None);
        for over in text.overrides {
            self.overrides(layer, over);
        }
    }

    fn overrides(&mut self, layer: &Layer<'_>, over: Spanned<OverrideText>) {
        let span = over.span();
        let over = over.into_inner();
        let head = span.start..span.start + 1;
        if over.paths.is_none() && over.crates.is_none() && over.tests.is_none() {
            let remedy = "add `paths`, `crates` or `tests`; what holds everywhere stands in `[rules]`";
            return self.refuse(layer, head, "this override does not say where it holds", remedy);
        }
        if over.rules.is_empty() {
            return self.refuse(layer, head, "this override changes nothing", "add a table `rules`");
        }
        let written = |list: Option<&List>| -> Vec<String> {
            list.map(|list| list.get_ref().iter().map(|text| text.get_ref().clone()).collect()).unwrap_or_default()
        };
        let (named_paths, named_crates) = (written(over.paths.as_ref()), written(over.crates.as_ref()));
        let paths = over.paths.map(|list| (list.span(), self.patterns(layer, Some(list))));
        let crates = over.crates.map(|list| (list.span(), self.packages(layer, list)));
        for (span, empty) in [
            paths.as_ref().map(|(span, list)| (span, list.as_ref().is_some_and(|l| l.is_empty()))),
            crates.as_ref().map(|(span, list)| (span, list.is_empty())),
        ]
        .into_iter()
        .flatten()
        {
            if empty {
                self.refuse(layer, span.clone(), "an empty list holds nowhere", "name something, or remove the key");
            }
        }
        let patterns = paths.and_then(|(_, list)| list).map(|list| Patterns::new(list.iter().map(String::as_str)));
        let names = crates.map(|(_, list)| Names::new(list.iter().map(String::as_str)));
        // Each pattern was compiled before, by itself.
        let area = Area {
            paths: patterns.and_then(Result::ok),
            crates: names.and_then(Result::ok),
            tests: over.tests.map(Spanned::into_inner),
        };
        let (tests, area) = (area.tests, Arc::new(area));
        rules::read(self, layer, over.rules, Some(&area));
        let origin = layer.origin(span.start);
        self.config.overrides.push(Override { paths: named_paths, crates: named_crates, tests, area, origin });
    }

    fn fix(&mut self, layer: &Layer<'_>, text: FixText) {
        let fixable = self.rule_names(layer, text.fixable);
        let unfixable = self.rule_names(layer, text.unfixable);
        let style = self.word(layer, text.style, STYLES);
        let supervisor_path = self.module_path(layer, text.supervisor_path);
        let dependency = self.dependency(layer, text.dependency);
        let fix = &mut self.config.settings.fix;
        set(&mut fix.fixable, fixable);
        set(&mut fix.unfixable, unfixable);
        set(&mut fix.style, style);
        set(&mut fix.supervisor_path, supervisor_path);
        set(&mut fix.add_dependency, plain(layer, text.add_dependency));
        set(&mut fix.dependency, dependency);
    }

    fn baseline(&mut self, layer: &Layer<'_>, text: BaselineText) {
        let Some(file) = text.file else { return };
        match paths::file(self.base, file.get_ref()) {
            Ok(path) => {
                let origin = layer.origin(file.span().start);
                self.config.settings.baseline.file = Value::said(Some(path), origin);
            }
            Err(why) => self.refuse(layer, file.span(), why, "write a path relative to the configuration"),
        }
    }

    /// One word of a closed list.
    fn word<T: Copy>(&mut self, layer: &Layer<'_>, text: Option<Text>, words: Words<T>) -> Option<Value<T>> {
        let text = text?;
        let value = meaning(words, text.get_ref());
        if value.is_none() {
            let remedy = did_you_mean(text.get_ref(), words.iter().map(|(word, _)| *word));
            self.refuse(layer, text.span(), format!("`{}` is no value of this key", text.get_ref()), remedy);
        }
        Some(Value::said(value?, layer.origin(text.span().start)))
    }

    /// Patterns of files; each that reads becomes a claim.
    fn patterns(&mut self, layer: &Layer<'_>, list: Option<List>) -> Option<Value<Vec<String>>> {
        let list = list?;
        let origin = layer.origin(list.span().start);
        let mut out = Vec::new();
        for text in list.into_inner() {
            let read = paths::pattern(self.base, text.get_ref()).map_err(str::to_owned).and_then(|pattern| {
                Patterns::new([pattern.as_str()]).map(|compiled| (pattern, compiled)).map_err(|bad| bad.message)
            });
            match read {
                Ok((pattern, compiled)) => {
                    if !pattern.starts_with('!') {
                        self.claim(layer, &text, Subject::Files(compiled));
                    }
                    out.push(pattern);
                }
                Err(why) => self.refuse(layer, text.span(), why, "patterns have the syntax of .gitignore"),
            }
        }
        Some(Value::said(out, origin))
    }

    fn packages(&mut self, layer: &Layer<'_>, list: List) -> Vec<String> {
        let mut out = Vec::new();
        for text in list.into_inner() {
            match Names::new([text.get_ref().as_str()]) {
                Ok(names) => {
                    self.claim(layer, &text, Subject::Packages(names));
                    out.push(text.into_inner());
                }
                Err(BadPattern { message, .. }) => {
                    self.refuse(layer, text.span(), message, "write the name of a package; `*` stands for any text");
                }
            }
        }
        out
    }

    fn claim(&mut self, layer: &Layer<'_>, text: &Text, subject: Subject) {
        if layer.is_file {
            let span = (text.span().start as u32, text.span().end as u32);
            self.config.claims.push(Claim { text: text.get_ref().clone(), span, subject });
        }
    }

    fn claim_items(&mut self, layer: &Layer<'_>, api: &ApiTable) {
        for (path, span) in api.paths() {
            self.claim(layer, &Spanned::new(span, path), Subject::Item);
        }
    }

    fn size(&mut self, layer: &Layer<'_>, text: Option<Spanned<u64>>) -> Option<Value<u64>> {
        let text = text?;
        if *text.get_ref() == 0 {
            self.refuse(layer, text.span(), "a limit of 0 bytes admits no file", "write a number of bytes");
            return None;
        }
        Some(Value::said(*text.get_ref(), layer.origin(text.span().start)))
    }

    fn cfg(&mut self, layer: &Layer<'_>, list: Option<List>) -> Option<Value<Vec<String>>> {
        let list = list?;
        let origin = layer.origin(list.span().start);
        let is_name = |name: &str| {
            let plain = |c: char| c.is_alphanumeric() || c == '_';
            !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        let mut out = Vec::new();
        for text in list.into_inner() {
            let (name, value) =
                text.get_ref().split_once('=').map_or((text.get_ref().as_str(), None), |(n, v)| (n, Some(v)));
            let quoted =
                value.is_none_or(|v| v.trim().len() >= 2 && v.trim().starts_with('"') && v.trim().ends_with('"'));
            if is_name(name.trim()) && quoted {
                out.push(text.into_inner());
            } else {
                let remedy = "write `\"tokio_unstable\"` or `'feature = \"x\"'`";
                self.refuse(layer, text.span(), format!("`{}` is no condition of cfg", text.get_ref()), remedy);
            }
        }
        Some(Value::said(out, origin))
    }

    /// Names of rules, kinds and groups outside of `rules`; an unknown one is a warning there, too.
    fn rule_names(&mut self, layer: &Layer<'_>, list: Option<List>) -> Option<Value<Vec<String>>> {
        let list = list?;
        let origin = layer.origin(list.span().start);
        let mut out = Vec::new();
        for text in list.into_inner() {
            match levels::rank(page::all(), text.get_ref()) {
                Ok(_) => {
                    self.old_name(layer, text.span(), text.get_ref());
                    out.push(text.into_inner());
                }
                Err(unknown) => rules::unknown(self, layer, &text, unknown),
            }
        }
        Some(Value::said(out, origin))
    }

    /// A path of Rust modules.
    fn module_path(&mut self, layer: &Layer<'_>, text: Option<Text>) -> Option<Value<Option<String>>> {
        let text = text?;
        let is_name = |part: &str| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if !text.get_ref().split("::").all(is_name) {
            self.refuse(layer, text.span(), format!("`{}` is no path", text.get_ref()), "write `crate::rt`");
            return None;
        }
        let origin = layer.origin(text.span().start);
        Some(Value::said(Some(text.into_inner()), origin))
    }

    fn dependency(
        &mut self,
        layer: &Layer<'_>,
        text: Option<Spanned<DependencyText>>,
    ) -> Option<Value<Option<Dependency>>> {
        let text = text?;
        let (span, origin) = (text.span(), layer.origin(text.span().start));
        let DependencyText { version, path, git } = text.into_inner();
        let dependency = match (version, path, git) {
            (Some(version), None, None) => Dependency::Version(version.into_inner()),
            (None, None, Some(git)) => Dependency::Git(git.into_inner()),
            (None, Some(path), None) => match paths::beside(self.base, path.get_ref()) {
                Ok(path) => Dependency::Path(path),
                Err(why) => {
                    self.refuse(layer, path.span(), why, "write `../supervisor`");
                    return None;
                }
            },
            _ => {
                let remedy = "write `{ version = \"..\" }`, `{ path = \"..\" }` or `{ git = \"..\" }`";
                self.refuse(layer, span, "a dependency has one of `version`, `path` and `git`", remedy);
                return None;
            }
        };
        Some(Value::said(Some(dependency), origin))
    }

    fn catalog(&mut self, entries: Vec<UserEntries<'_>>) {
        match Catalog::with_user_entries(entries) {
            Ok(catalog) => self.config.catalog = Some(Box::leak(Box::new(catalog))),
            Err(CatalogError { file, line, message, remedy }) => {
                self.errors.push(ConfigError::whole(format!("{file}:{line}"), message, remedy));
            }
        }
    }
}

fn set<T>(setting: &mut Value<T>, said: Option<Value<T>>) {
    if let Some(said) = said {
        *setting = said;
    }
}

fn plain<T>(layer: &Layer<'_>, text: Option<Spanned<T>>) -> Option<Value<T>> {
    text.map(|text| {
        let origin = layer.origin(text.span().start);
        Value::said(text.into_inner(), origin)
    })
}
