//! Why an entry of the catalogue was refused: file, line, what is wrong, what to do.
//!
//! The built-in files never produce one (tested); a user's configuration may.
//! Nothing here prints.

use std::fmt;

/// An entry that could not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CatalogError {
    /// The file as it was named to the loader.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.message, self.remedy)
    }
}

impl std::error::Error for CatalogError {}

/// The text that errors are about.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// An error at byte `offset`.
    pub(super) fn error(&self, offset: usize, message: impl Into<String>, remedy: impl Into<String>) -> CatalogError {
        let upto = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        let line = upto.iter().filter(|b| **b == b'\n').count() + 1;
        CatalogError { file: self.file.to_owned(), line, message: message.into(), remedy: remedy.into() }
    }

    /// An error that serde or the TOML parser found.
    pub(super) fn toml_error(&self, error: &toml::de::Error) -> CatalogError {
        let message = error.message().to_owned();
        let offset = error.span().map_or(0, |s| s.start);
        self.error(offset, message.clone(), remedy_for(&message))
    }
}

/// Serde lists what it expected in back-ticks after the word it did not know.
fn remedy_for(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let general = "the schema is in rules/README.md".to_owned();
    if !message.starts_with("unknown ") {
        return general;
    }
    let Some(wrong) = quoted.next() else { return general };
    let near = quoted.map(|word| (strsim::damerau_levenshtein(wrong, word), word)).min();
    match near {
        Some((distance, word)) if distance <= 3 => format!("did you mean `{word}`?"),
        _ => general,
    }
}
