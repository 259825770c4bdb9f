//! The tables `rules`: names of rules, kinds and groups with their levels and options.
//!
//! A table has no order, so the narrower name wins: `all`, then groups, families, rules, kinds, and last the option `indirect`.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use crate::base::Area;
use crate::levels::{self, Assignment, Change, UnknownName};
use crate::rules::options::OptionSetting;
use crate::rules::page::{self, RuleInfo};
use crate::rules::renamed;

use super::UnknownRule;
use super::error::did_you_mean;
use super::settle::{Layer, Settling};
use super::text::{RuleTable, RuleText, Text};
use super::words::{LEVELS, foreign, meaning};

/// The option that sets the level of findings that reach their cause through other functions.
pub(super) const INDIRECT: &str = "indirect";

/// The rules that a name stands for.
fn rules_of(name: &str) -> impl Iterator<Item = &'static RuleInfo> {
    let name = renamed::today(name).into_owned();
    page::all().iter().filter(move |rule| rule.id == name || levels::is_member(rule, &name))
}

/// Reads one table of rules.
pub(super) fn read(
    into: &mut Settling<'_>,
    layer: &Layer<'_>,
    rules: BTreeMap<Text, Spanned<RuleText>>,
    area: Option<&Arc<Area>>,
) {
    let mut table = Table { into, layer, area, levels: Vec::new(), options: Vec::new() };
    for (name, value) in rules {
        table.entry(&name, value);
    }
    let (mut assigned, mut options) = (table.levels, table.options);
    assigned.sort_by_key(|(rank, _)| *rank);
    options.sort_by_key(|(rank, _)| *rank);
    into.config.levels.extend(assigned.into_iter().map(|(_, assignment)| assignment));
    into.config.options.extend(options.into_iter().map(|(_, option)| option));
}

/// Rank of `indirect`, after every name.
const LAST: u8 = u8::MAX;

struct Table<'t, 's> {
    into: &'t mut Settling<'s>,
    layer: &'t Layer<'t>,
    area: Option<&'t Arc<Area>>,
    levels: Vec<(u8, Assignment)>,
    options: Vec<(u8, OptionSetting)>,
}

impl Table<'_, '_> {
    fn entry(&mut self, name: &Text, value: Spanned<RuleText>) {
        let rank = match levels::rank(page::all(), name.get_ref()) {
            Ok(rank) => rank,
            Err(unknown) => return self::unknown(self.into, self.layer, name, unknown),
        };
        self.into.old_name(self.layer, name.span(), name.get_ref());
        let span = value.span();
        match value.into_inner() {
            RuleText::Level(level) => self.level(name.get_ref(), &Spanned::new(span, level), rank, false),
            RuleText::Table(table) => self.table(name, table, rank),
        }
    }

    fn table(&mut self, name: &Text, table: RuleTable, rank: u8) {
        if let Some(level) = &table.level {
            self.level(name.get_ref(), level, rank, false);
        }
        let is_rule = page::find(&renamed::today(name.get_ref())).is_some();
        for (kind, level) in &table.kinds {
            if !is_rule {
                let remedy = "kinds stand in the table of their rule";
                self.into.refuse(self.layer, kind.span(), format!("`{}` has no kinds", name.get_ref()), remedy);
                continue;
            }
            let full = format!("{}.{}", name.get_ref(), kind.get_ref());
            match levels::rank(page::all(), &full) {
                Ok(rank) => {
                    // The rule's own name was noted with its table.
                    if !renamed::today(&full).ends_with(&format!(".{}", kind.get_ref())) {
                        self.into.old_name(self.layer, kind.span(), &full);
                    }
                    self.level(&full, level, rank, false);
                }
                Err(unknown) => {
                    self::unknown(self.into, self.layer, &Spanned::new(kind.span(), full), unknown);
                }
            }
        }
        for (key, value) in table.options {
            self.option(name.get_ref(), &key, &value, rank);
        }
    }

    fn level(&mut self, name: &str, level: &Text, rank: u8, indirect: bool) {
        let Some(change) = self.change(level) else { return };
        let origin = self.layer.origin(level.span().start);
        let assignment = Assignment { name: name.to_owned(), change, indirect, area: self.area.cloned(), origin };
        self.levels.push((if indirect { LAST } else { rank }, assignment));
    }

    fn change(&mut self, level: &Text) -> Option<Change> {
        let word = level.get_ref();
        let change = meaning(LEVELS, word);
        if change.is_none() {
            let remedy = match foreign(word) {
                Some(ours) => format!("the word here is `{ours}`"),
                None => did_you_mean(word, LEVELS.iter().map(|(level, _)| *level)),
            };
            self.into.refuse(self.layer, level.span(), format!("`{word}` is no level"), remedy);
        }
        change
    }

    fn option(&mut self, name: &str, key: &Text, value: &Spanned<toml::Value>, rank: u8) {
        let key_text = key.get_ref().as_str();
        let holders: Vec<&'static RuleInfo> =
            rules_of(name).filter(|rule| rule.options.iter().any(|o| o.name == key_text)).collect();
        if holders.is_empty() {
            let remedy = no_option(name, key_text, value.get_ref());
            let message = format!("`{name}` has no option `{key_text}`");
            return self.into.refuse(self.layer, key.span(), message, remedy);
        }
        let Some(word) = value.get_ref().as_str() else {
            let message = format!("`{key_text}` is a text in quotes, not {}", value.get_ref().type_str());
            return self.into.refuse(self.layer, value.span(), message, "write `\"..\"`");
        };
        if key_text == INDIRECT {
            for rule in holders {
                self.level(rule.id, &Spanned::new(value.span(), word.to_owned()), rank, true);
            }
            return;
        }
        for rule in holders {
            let Some(option) = rule.options.iter().find(|o| o.name == key_text) else { continue };
            if !option.values.iter().any(|known| known == word) {
                let remedy = did_you_mean(word, option.values.iter().map(String::as_str));
                let message = format!("`{word}` is no value of `{key_text}`");
                return self.into.refuse(self.layer, value.span(), message, remedy);
            }
            let origin = self.layer.origin(value.span().start);
            let (area, value) = (self.area.cloned(), word.to_owned());
            self.options.push((rank, OptionSetting { rule: rule.id, name: &option.name, value, area, origin }));
        }
    }
}

/// A name that nobody knows: a warning in a file, an error on the command line.
pub(super) fn unknown(into: &mut Settling<'_>, layer: &Layer<'_>, name: &Text, unknown: UnknownName) {
    let span = name.span();
    if layer.is_file {
        let span = (span.start as u32, span.end as u32);
        into.config.unknown.push(UnknownRule { name: unknown.name, span, nearest: unknown.nearest });
        return;
    }
    let remedy = match unknown.nearest.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`asynclint rules` lists them".to_owned(),
    };
    into.refuse(layer, span, format!("there is no rule, kind or group `{}`", unknown.name), remedy);
}

/// What to write instead of an option that does not exist; a kind in its place is the usual mistake.
fn no_option(name: &str, key: &str, value: &toml::Value) -> String {
    let Some(rule) = page::find(name) else {
        return "options stand in the table of their rule, or of a group in which some rule has them".to_owned();
    };
    if rule.kind(key).is_some() {
        let level = value.as_str().unwrap_or("warn");
        return format!(
            "a kind is set by `\"{name}.{key}\" = \"{level}\"` or by `{name} = {{ kinds = {{ {key} = \"{level}\" }} }}`"
        );
    }
    let options = rule.options.iter().map(|o| o.name.as_str());
    did_you_mean(key, ["level", "kinds"].into_iter().chain(options))
}
