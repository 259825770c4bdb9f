//! The settings that hold, as TOML that could be read again, each with a comment that says where it comes from.
//!
//! Built-in entries of the catalogue are not printed, and those of the table `api` only by name.

use std::fmt::Write;
use std::sync::Arc;

use crate::base::{Area, Spot};
use crate::catalog::Catalog;
use crate::levels::Levels;
use crate::rules::options;
use crate::rules::page::{self, Level, RuleInfo};

use super::rules::INDIRECT;
use super::settings::{Dependency, Value};
use super::words::{CONFIDENCES, LEVELS, SEVERITIES, STYLES, TESTS, Words, word};
use super::{Config, Override};

/// All settings, overrides as they are written.
pub fn whole(config: &Config) -> String {
    let mut out = Text::new(config);
    out.settings();
    out.rules(None);
    for over in &config.overrides {
        out.overrides(over);
    }
    out.done
}

/// The settings that hold at a place, overrides applied.
pub fn for_spot(config: &Config, spot: Spot<'_>) -> String {
    let mut out = Text::new(config);
    let package = if spot.package.is_empty() { "no package".to_owned() } else { format!("package {}", spot.package) };
    let code = if spot.in_test { "test code" } else { "code" };
    out.line(&format!("# What holds for {code} in {}, {package}", quoted(spot.path)));
    out.settings();
    out.rules(Some(spot));
    out.done
}

struct Text<'c> {
    config: &'c Config,
    levels: Levels,
    done: String,
}

impl<'c> Text<'c> {
    fn new(config: &'c Config) -> Self {
        let head = match &config.file {
            Some(file) => format!("# Configuration: {}\n", quoted(&file.path)),
            None => "# Configuration: none was found\n".to_owned(),
        };
        Self { config, levels: config.levels(), done: head }
    }

    fn line(&mut self, text: &str) {
        self.done.push_str(text);
        self.done.push('\n');
    }

    /// `key = value # origin`.
    fn pair(&mut self, key: &str, value: &str, origin: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.done, "{key} = {value} # {}", one_line(origin));
    }

    fn value<T>(&mut self, key: &str, value: &Value<T>, text: impl Fn(&T) -> Option<String>) {
        let origin = value.origin.to_string();
        match text(&value.value) {
            Some(text) => self.pair(key, &text, &origin),
            None => self.line(&format!("# {key} is not set")),
        }
    }

    fn word<T: PartialEq>(&mut self, key: &str, value: &Value<T>, words: Words<T>) {
        self.value(key, value, |value| Some(quoted(word(words, value))));
    }

    fn settings(&mut self) {
        let settings = &self.config.settings;
        self.word("tests", &settings.tests, TESTS);
        self.word("fail-on", &settings.fail_on, SEVERITIES);
        self.value("strict", &settings.strict, plain);
        self.word("min-severity", &settings.min_severity, SEVERITIES);
        self.word("min-confidence", &settings.min_confidence, CONFIDENCES);
        self.value("include", &settings.include, |list| Some(texts(&unbased(&self.config.base, list))));
        self.value("exclude", &settings.exclude, |list| Some(texts(&unbased(&self.config.base, list))));
        self.value("generated", &settings.generated, plain);
        self.value("max-file-size", &settings.max_file_size, plain);
        self.value("cfg", &settings.cfg, |list| Some(texts(list)));
        let fix = &settings.fix;
        self.line("\n[fix]");
        self.value("fixable", &fix.fixable, |list| Some(texts(list)));
        self.value("unfixable", &fix.unfixable, |list| Some(texts(list)));
        self.word("style", &fix.style, STYLES);
        self.value("supervisor-path", &fix.supervisor_path, |path| path.as_deref().map(quoted));
        self.value("add-dependency", &fix.add_dependency, plain);
        self.value("dependency", &fix.dependency, |dependency| dependency.as_ref().map(source));
        self.line("\n[baseline]");
        let file = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| quoted(&path.to_string_lossy()));
        self.value("file", &settings.baseline.file, file);
        let declared = self.config.catalog.map_or(&[][..], Catalog::declared);
        if !declared.is_empty() {
            let names: Vec<&str> = declared.iter().map(|name| name.as_str()).collect();
            self.line(&format!("\n# [api] speaks about {}", names.join(", ")));
        }
    }

    fn rules(&mut self, spot: Option<Spot<'_>>) {
        for rule in page::all() {
            if kinds_alone(rule) {
                self.line("");
            } else {
                self.line(&format!("\n[rules.{}]", rule.id));
            }
            let kinds: Vec<_> =
                rule.kinds.iter().map(|kind| (kind.id, self.level(rule, kind.id, spot, false))).collect();
            if let [(_, (level, origin))] = kinds.as_slice() {
                self.pair("level", level, origin);
            }
            for option in &rule.options {
                self.option(rule, &option.name, &option.default, spot);
            }
            if kinds.len() > 1 {
                self.line(&format!("[rules.{}.kinds]", rule.id));
                for (kind, (level, origin)) in kinds {
                    self.pair(kind, &level, &origin);
                }
            }
        }
    }

    /// A level in quotes, and who said it.
    fn level(&self, rule: &RuleInfo, kind: &str, spot: Option<Spot<'_>>, indirect: bool) -> (String, String) {
        let (level, origin) = self.levels.explained(rule.id, kind, spot, indirect);
        let level = match level {
            Level::Allow => "allow",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Deny => "deny",
        };
        (quoted(level), origin.unwrap_or("page").to_owned())
    }

    fn option(&mut self, rule: &RuleInfo, name: &str, default: &str, spot: Option<Spot<'_>>) {
        if name == INDIRECT {
            let kind = rule.kinds.first().map_or("default", |kind| kind.id);
            let (level, origin) = self.level(rule, kind, spot, true);
            if self.level(rule, kind, spot, false) != (level.clone(), origin.clone()) {
                self.pair(name, &level, &origin);
            }
            return;
        }
        match options::find(&self.config.options, rule.id, name, spot) {
            Some(setting) => self.pair(name, &quoted(&setting.value), &setting.origin),
            None => self.pair(name, &quoted(default), "page"),
        }
    }

    fn overrides(&mut self, over: &Override) {
        self.line(&format!("\n[[overrides]] # {}", one_line(&over.origin)));
        for (key, list) in [("paths", &over.paths), ("crates", &over.crates)] {
            if !list.is_empty() {
                self.line(&format!("{key} = {}", texts(list)));
            }
        }
        if let Some(tests) = over.tests {
            self.line(&format!("tests = {tests}"));
        }
        self.line("[overrides.rules]");
        let is_of = |area: &Option<Arc<Area>>| area.as_ref().is_some_and(|area| Arc::ptr_eq(area, &over.area));
        let config = self.config;
        let mut rows: Vec<(String, String, &str)> = Vec::new();
        for level in config.levels.iter().filter(|level| is_of(&level.area)) {
            let key = if level.indirect { format!("{}.{INDIRECT}", level.name) } else { quoted(&level.name) };
            rows.push((key, quoted(word(LEVELS, &level.change)), &level.origin));
        }
        for option in config.options.iter().filter(|option| is_of(&option.area)) {
            rows.push((format!("{}.{}", option.rule, option.name), quoted(&option.value), &option.origin));
        }
        // A rule with options is a table, in which its level has a key.
        let tables: Vec<String> = rows.iter().filter_map(|(key, ..)| Some(key.split_once('.')?.0.to_owned())).collect();
        for (key, value, origin) in rows {
            let bare = key.trim_matches('"');
            let key = if tables.iter().any(|table| table == bare) { format!("{bare}.level") } else { key };
            self.pair(&key, &value, origin);
        }
    }
}

/// The table of the rule would be empty.
fn kinds_alone(rule: &RuleInfo) -> bool {
    rule.kinds.len() > 1 && rule.options.is_empty()
}

fn plain<T: ToString>(value: &T) -> Option<String> {
    Some(value.to_string())
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string().replace('\n', "\\n")
}

fn texts(list: &[String]) -> String {
    format!("[{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

/// Patterns as they are written in a configuration at `base`.
fn unbased(base: &str, patterns: &[String]) -> Vec<String> {
    let head = format!("/{base}/");
    let one = |pattern: &String| {
        let (not, rest) = pattern.strip_prefix('!').map_or(("", pattern.as_str()), |rest| ("!", rest));
        let rest = if base.is_empty() { rest } else { rest.strip_prefix(&head).unwrap_or(rest) };
        let anchored = !base.is_empty() && !rest.starts_with("**/");
        let rest = rest.strip_prefix("**/").filter(|_| !base.is_empty()).unwrap_or(rest);
        format!("{not}{}{rest}", if anchored { "/" } else { "" })
    };
    patterns.iter().map(one).collect()
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn source(dependency: &Dependency) -> String {
    match dependency {
        Dependency::Version(version) => format!("{{ version = {} }}", quoted(version)),
        Dependency::Path(path) => format!("{{ path = {} }}", quoted(&path.to_string_lossy())),
        Dependency::Git(url) => format!("{{ git = {} }}", quoted(url)),
    }
}
