//! Why a configuration was refused: place, what is wrong, what to do, and the line itself.
//!
//! It never prints; whoever does has to clean the text, which comes from strangers.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::base::LineIndex;

/// A text with settings, and the name under which errors speak of it.
#[derive(Clone, Debug)]
pub struct Source {
    /// `asynclint.toml`, `Cargo.toml`, `--config`.
    pub name: Arc<str>,
    /// What it says.
    pub text: Arc<str>,
    lines: Arc<LineIndex>,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// Name of the source.
    pub source: String,
    /// 1-based line and column (in characters); `None` when it is about the source as a whole.
    pub place: Option<(u32, u32)>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// The line, and how many of its characters are meant.
    excerpt: Option<(String, usize)>,
}

/// Longer lines are not shown.
const WIDEST: usize = 160;

impl Source {
    /// A text under a name.
    pub fn new(name: impl Into<Arc<str>>, text: Arc<str>) -> Self {
        Self { name: name.into(), lines: Arc::new(LineIndex::new(&text)), text }
    }

    /// 1-based line of a byte.
    pub fn line(&self, at: usize) -> usize {
        self.lines.line_of(at as u32) + 1
    }

    fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or(&self.text)
    }

    /// An error about some bytes.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> ConfigError {
        let before = self.before(span.start);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[start..].lines().next().unwrap_or("");
        let column = before[start..].chars().count() + 1;
        let meant = self.text.get(span).map_or(1, |text| text.lines().next().unwrap_or("").chars().count());
        let room = line.chars().count().saturating_sub(column - 1);
        let fits = line.chars().count() <= WIDEST;
        ConfigError {
            source: self.name.to_string(),
            place: Some((self.line(before.len()) as u32, column as u32)),
            message: message.into(),
            remedy: remedy.into(),
            excerpt: fits.then(|| (line.to_owned(), meant.clamp(1, room.max(1)))),
        }
    }

    /// An error that serde or the TOML parser found.
    pub(super) fn toml_error(&self, error: &toml::de::Error) -> ConfigError {
        let message = error.message();
        let (message, remedy) = match message.strip_prefix("unknown field ") {
            Some(rest) => (format!("unknown key {}", rest.split(',').next().unwrap_or(rest)), nearest_quoted(message)),
            None if message.starts_with("unknown variant") => (message.to_owned(), nearest_quoted(message)),
            None if message.contains("cannot extend value of type string with a dotted key") => {
                let form =
                    "a rule and its kinds are one table: `rule = { level = \"warn\", kinds = { kind = \"allow\" } }`";
                (message.to_owned(), form.to_owned())
            }
            None => (message.to_owned(), "`asynclint config schema` prints what may stand where".to_owned()),
        };
        let first = message.lines().next().unwrap_or("").to_owned();
        self.error(error.span().unwrap_or(0..0), first, remedy)
    }
}

impl ConfigError {
    /// An error about a source as a whole.
    pub fn whole(source: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (source, message, remedy) = (source.into(), message.into(), remedy.into());
        Self { source, place: None, message, remedy, excerpt: None }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((line, column)) = self.place else {
            return write!(f, "{}: {}; {}", self.source, self.message, self.remedy);
        };
        write!(f, "{}:{line}:{column}: {}; {}", self.source, self.message, self.remedy)?;
        let Some((text, meant)) = &self.excerpt else { return Ok(()) };
        let margin = " ".repeat(line.to_string().len());
        // A tab stays a tab, so that the carets stand below what they mean.
        let indent: String =
            text.chars().take(column as usize - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        write!(f, "\n {line} | {text}\n {margin} | {indent}{}", "^".repeat(*meant))
    }
}

impl std::error::Error for ConfigError {}

/// Serde lists what it expected in back-ticks after the word it did not know.
fn nearest_quoted(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(wrong) = quoted.next() else { return String::new() };
    did_you_mean(wrong, quoted)
}

/// `did you mean ..?`, or the whole list where nothing is near.
pub(super) fn did_you_mean<'w>(wrong: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known.iter().map(|word| (strsim::damerau_levenshtein(wrong, word), *word)).min();
    match near {
        Some((distance, word)) if distance <= 1 + word.len() / 4 => format!("did you mean `{word}`?"),
        _ => {
            let list: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            format!("write one of {}", list.join(", "))
        }
    }
}
