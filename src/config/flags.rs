//! `--config KEY=VALUE`: one setting on the command line.
//!
//! KEY is dotted as in TOML, VALUE is a TOML value; a plain word needs no quotes. It never reads a file.

use super::error::{ConfigError, Source};
use super::text::ConfigText;

/// True for the form `KEY=VALUE`, false for the name of a file.
pub fn is_setting(text: &str) -> bool {
    let key = text.split_once('=').map(|(key, _)| key.trim());
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '"' | '\'');
    key.is_some_and(|key| !key.is_empty() && key.chars().all(plain))
}

/// Reads `KEY=VALUE`.
pub(super) fn read(text: &str) -> Result<(Source, ConfigText), ConfigError> {
    let line = match text.split_once('=') {
        Some((key, value)) if is_word(value.trim()) => format!("{} = \"{}\"", key.trim(), value.trim()),
        _ => text.to_owned(),
    };
    let source = Source::new("--config", line.into());
    let parsed = toml::from_str(&source.text).map_err(|error| source.toml_error(&error))?;
    Ok((source, parsed))
}

/// A word that TOML would ask to be put in quotes.
fn is_word(value: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ':' | '*');
    let starts = value.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '*' | '.' | '/'));
    starts && value.chars().all(plain) && !matches!(value, "true" | "false" | "inf" | "nan")
}
