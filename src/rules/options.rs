//! Options of rules: what a project says about how a rule judges, by rule and by place.
//!
//! A rule asks for a word of the list on its page; it never learns who said it.

use std::sync::Arc;

use crate::base::{Area, Spot};

use super::page;

/// An option that somebody set.
#[derive(Clone, Debug)]
pub struct OptionSetting {
    /// The rule.
    pub rule: &'static str,
    /// The option's name on the rule's page.
    pub name: &'static str,
    /// One of the words that the page lists.
    pub value: String,
    /// Where it holds; everywhere when `None`.
    pub area: Option<Arc<Area>>,
    /// Who said so.
    pub origin: Arc<str>,
}

impl OptionSetting {
    /// True for a place where it holds.
    pub fn holds(&self, spot: Option<Spot<'_>>) -> bool {
        self.area.as_deref().is_none_or(|area| spot.is_some_and(|spot| area.holds(spot)))
    }
}

/// The setting of an option at a place (everywhere without one); `None` when nobody said anything.
pub fn find<'s>(
    settings: &'s [OptionSetting],
    rule: &str,
    name: &str,
    spot: Option<Spot<'_>>,
) -> Option<&'s OptionSetting> {
    settings.iter().rev().find(|setting| setting.rule == rule && setting.name == name && setting.holds(spot))
}

/// The value of an option at a place, else the one on its page.
pub fn value<'s>(settings: &'s [OptionSetting], rule: &str, name: &str, spot: Spot<'_>) -> &'s str {
    let said = find(settings, rule, name, Some(spot)).map(|setting| setting.value.as_str());
    said.or_else(|| page::find(rule)?.options.iter().find(|o| o.name == name).map(|o| o.default.as_str())).unwrap_or("")
}
