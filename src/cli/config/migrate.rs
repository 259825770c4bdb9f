//! `config migrate`: names of yesterday become those of today, in the configuration and in the comments of the workspace.
//!
//! Comments change by the fixes of the rules about directives; here is only what has no rule: the configuration's own text.

use std::sync::Arc;

use crate::cli::engine::{Engine, Error, Repaired};
use crate::cli::output::{self, Written, counted};
use crate::cli::{exit, suppressions};
use crate::config::{Config, Renamed};
use crate::diagnostic::{Applicability, Severity};
use crate::fix::{self, Answer, Change, Wish, patch, write};
use crate::render::sanitize;

use super::{MigrateArgs, shown};

/// What the fixes of these kinds write is only another spelling.
const KINDS: [&str; 2] = ["unknown-rule.renamed", "malformed-directive.old-form"];

pub(super) fn run(args: &MigrateArgs, engine: &dyn Engine) -> Result<u8, String> {
    let mut request = suppressions::request(&args.config, &[])?;
    let config = in_config(&request.config)?;
    let names = KINDS.map(str::to_owned);
    request.levels.select(&names).map_err(|unknown| format!("there is no `{}`", unknown.name))?;
    let options = fix::Options { fixable: Some(names.to_vec()), ..fix::Options::default() };
    let wish = Wish { up_to: Applicability::Safe, min_severity: Severity::Note, asks: false, options };
    let comments = match engine.fix(&request, &wish, &mut |_| Answer::Yes) {
        Ok(Repaired { done, .. }) => done.changes,
        Err(Error::Nothing(_)) => Vec::new(),
        Err(error) => return Err(error.to_string()),
    };
    let changes: Vec<Change> = config.into_iter().chain(comments).collect();
    if args.diff {
        let patch: String = changes.iter().map(patch::of_change).collect();
        return Ok(match output::patch(&patch) {
            Written::Failed => exit::USAGE,
            Written::Fine if changes.is_empty() => exit::CLEAN,
            Written::Fine => exit::FINDINGS,
        });
    }
    let mut failed = false;
    for (change, written) in changes.iter().zip(write::all(&changes, false)) {
        if let write::Written::Skipped(why) = written {
            failed = true;
            output::error_line(&format!("asynclint: {} was left as it is: {why}", change.path));
        }
    }
    let text = match changes.len() {
        0 => "every name is the one of today\n".to_owned(),
        number => format!("wrote names of today in {}\n", counted(number, "file", "files")),
    };
    Ok(match output::raw(text.as_bytes()) {
        Written::Fine if !failed => exit::CLEAN,
        Written::Fine | Written::Failed => exit::USAGE,
    })
}

/// The configuration with the names of today, if there are others in it.
fn in_config(config: &Config) -> Result<Option<Change>, String> {
    let Some(file) = config.file.as_ref().filter(|_| !config.renamed.is_empty()) else { return Ok(None) };
    let old: Arc<str> =
        std::fs::read_to_string(&file.abs).map_err(|e| format!("{}: {}", shown(&file.abs), e.kind()))?.into();
    // Places are those of the text without its mark.
    let mark = if old.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut new = old.to_string();
    let mut renamed: Vec<&Renamed> = config.renamed.iter().collect();
    renamed.sort_by_key(|renamed| std::cmp::Reverse(renamed.span));
    for renamed in renamed {
        let range = renamed.span.0 as usize + mark..renamed.span.1 as usize + mark;
        let word = new.get(range.clone()).and_then(|written| today(written, renamed));
        if let Some(word) = word {
            new.replace_range(range, &word);
        }
    }
    if let Err(error) = toml::from_str::<toml::Table>(new.strip_prefix('\u{feff}').unwrap_or(&new)) {
        let path = sanitize::text(&file.path);
        return Err(format!("{path}: with names of today it could not be read: {}", error.message()));
    }
    Ok((new != *old).then(|| Change { path: file.path.clone(), abs: file.abs.clone(), old, new: new.into() }))
}

/// What to write in the place of `written`: a key or a text, of which a key in the table `kinds` names the kind alone.
fn today(written: &str, renamed: &Renamed) -> Option<String> {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    let bare = written.trim_matches(|c| Some(c) == quote);
    let new = if bare == renamed.old {
        renamed.new.as_str()
    } else {
        let ((_, old), (_, new)) = (renamed.old.split_once('.')?, renamed.new.split_once('.')?);
        if bare == old { new } else { return None }
    };
    Some(match quote {
        Some(quote) => format!("{quote}{new}{quote}"),
        None if new.contains('.') => format!("\"{new}\""),
        None => new.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_texts_and_kinds_keep_their_form() {
        let renamed = Renamed { old: "old.a".to_owned(), new: "new.b".to_owned(), span: (0, 0) };
        assert_eq!(today("\"old.a\"", &renamed).as_deref(), Some("\"new.b\""));
        assert_eq!(today("'old.a'", &renamed).as_deref(), Some("'new.b'"));
        assert_eq!(today("a", &renamed).as_deref(), Some("b"));
        assert_eq!(today("other", &renamed), None);
        let renamed = Renamed { old: "old".to_owned(), new: "new.b".to_owned(), span: (0, 0) };
        assert_eq!(today("old", &renamed).as_deref(), Some("\"new.b\""));
    }
}
