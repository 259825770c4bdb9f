//! The words and the address of a rule, as every output writes them. Decides nothing.

use super::page::{FixClass, Group, Level, RuleInfo, TestPolicy};

impl Level {
    /// `allow`, `note`, `warn`, `deny`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

impl Group {
    /// `default`, `pedantic`, `preview`, `meta`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Pedantic => "pedantic",
            Self::Preview => "preview",
            Self::Meta => "meta",
        }
    }
}

impl TestPolicy {
    /// `on`, `off`, `pedantic`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Pedantic => "pedantic",
        }
    }
}

impl FixClass {
    /// `safe`, `unsafe`, `advice`, `none`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Advice => "advice",
            Self::None => "none",
        }
    }
}

impl RuleInfo {
    /// Where its page can be read without the tool.
    pub fn url(&self) -> String {
        format!("{}/blob/main/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), self.id)
    }

    /// What the front matter says, as a Markdown list that is readable as plain text, too.
    pub fn facts(&self) -> String {
        let mut lines =
            vec![format!("Family `{}`, since {}, best fix: {}", self.family.as_str(), self.since, fix(self.fix))];
        for kind in &self.kinds {
            let name = if kind.id == "default" { "Level".to_owned() } else { format!("Kind `{}`", kind.id) };
            lines.push(format!("{name}: {}{}{}", kind.level.as_str(), group(kind.group), tests(kind.tests)));
        }
        let options = self.options.iter();
        lines.extend(options.map(|option| {
            let values = option.values.iter().map(|value| format!("`\"{value}\"`")).collect::<Vec<_>>().join(", ");
            format!("Option `{}` ({values}; default: {}): {}", option.name, option.default, option.summary)
        }));
        if !self.yields_to.is_empty() {
            let owners: Vec<String> = self.yields_to.iter().map(|id| format!("`{id}`")).collect();
            lines.push(format!("Says nothing where {} finds the same call", owners.join(" or ")));
        }
        if let Some(judged) = &self.precision {
            lines.push(format!(
                "Judged findings in real projects: {} true, {} false, {} undecided",
                judged.yes, judged.no, judged.unsure
            ));
        }
        lines.iter().map(|line| format!("- {line}\n")).collect()
    }

    /// The page with its facts below the title: what `explain` and the guide show.
    pub fn markdown(&self) -> String {
        let (title, rest) = self.text.split_once('\n').unwrap_or((self.text, ""));
        format!("{title}\n\n{}.\n\n{}{rest}", first_upper(self.summary), self.facts())
    }
}

const fn fix(class: FixClass) -> &'static str {
    match class {
        FixClass::Safe => "safe",
        FixClass::Unsafe => "unsafe (changes behaviour, or may not compile)",
        FixClass::Advice => "advice in words",
        FixClass::None => "none",
    }
}

const fn group(group: Group) -> &'static str {
    match group {
        Group::Default | Group::Meta => "",
        Group::Pedantic => ", pedantic (off until asked for)",
        Group::Preview => ", preview (a note that never fails a run)",
    }
}

const fn tests(policy: TestPolicy) -> &'static str {
    match policy {
        TestPolicy::On => "",
        TestPolicy::Off => ", silent in test code",
        TestPolicy::Pedantic => ", silent in test code until asked for",
    }
}

fn first_upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::super::page;

    #[test]
    fn the_facts_stand_between_title_and_text() {
        let rule = page::find("untracked-spawn").unwrap();
        let text = rule.markdown();
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no `{words}` in {text}"));
        assert!(text.starts_with("# untracked-spawn\n\nThe handle of"));
        assert!(
            at("- Family `tasks`") < at("- Kind `service`: warn") && at("- Kind `service`") < at("## What it finds")
        );
        assert!(text.ends_with(rule.text.lines().last().unwrap()) || text.ends_with('\n'));
    }

    #[test]
    fn every_page_has_an_address_of_its_own() {
        let mut urls: Vec<String> = page::all().iter().map(page::RuleInfo::url).collect();
        assert!(urls.iter().all(|url| url.starts_with("https://") && url.ends_with(".md")));
        urls.sort_unstable();
        urls.dedup();
        assert_eq!(urls.len(), page::all().len());
    }
}
