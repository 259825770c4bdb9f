//! The file of a baseline: JSON, one entry on each line, so that a change of one finding is a change of one line.
//!
//! Same entries, same bytes. A file that cannot be read is an error with its place, never an empty baseline.

use serde::{Deserialize, Serialize};

use super::{Baseline, Entry};

/// Why a file is no baseline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// 1-based, of the file; 0 when there is none.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIn {
    #[serde(rename = "schema_version")]
    _schema_version: u32,
    findings: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    rule: String,
    #[serde(default = "no_kind", skip_serializing_if = "is_no_kind")]
    kind: String,
    path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    package: String,
    function: String,
    statement: String,
    fingerprint: String,
    #[serde(default, skip_serializing_if = "is_false")]
    in_test: bool,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

fn no_kind() -> String {
    "default".to_owned()
}

fn is_no_kind(kind: &str) -> bool {
    kind == "default"
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_one(count: &usize) -> bool {
    *count == 1
}

impl Baseline {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // The version first: a later one may hold what this one does not know.
        let versioned: Versioned = serde_json::from_str(text).map_err(|error| unreadable(text, &error))?;
        if versioned.schema_version != VERSION {
            let message = format!(
                "its schema_version is {}, this asynclint reads {VERSION}; make it anew with `asynclint baseline create --force`",
                versioned.schema_version
            );
            return Err(Unreadable { line: 0, message });
        }
        let file: FileIn = serde_json::from_str(text).map_err(|error| unreadable(text, &error))?;
        if let Some(line) = file.findings.iter().find(|line| line.count == 0) {
            let message = format!("an entry of `{}` in `{}` has the count 0; remove it", line.rule, line.path);
            return Err(Unreadable { line: 0, message });
        }
        Ok(Self::from_entries(file.findings.into_iter().map(Entry::from).collect()))
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{{\n  \"schema_version\": {VERSION},\n  \"findings\": [");
        for (at, entry) in self.entries.iter().enumerate() {
            text.push_str(if at == 0 { "\n    " } else { ",\n    " });
            // Strings and numbers: nothing in them can fail to be written.
            text.push_str(&serde_json::to_string(&Line::from(entry)).unwrap_or_default());
        }
        text.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }
}

fn unreadable(text: &str, error: &serde_json::Error) -> Unreadable {
    let conflict = text.lines().position(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>"));
    if let Some(at) = conflict {
        let message =
            "a merge conflict is not resolved; keep the entries of both sides, or run `asynclint baseline update`";
        return Unreadable { line: at + 1, message: message.to_owned() };
    }
    let words = error.to_string();
    let what = words.split(" at line ").next().unwrap_or(&words);
    Unreadable { line: error.line(), message: format!("{what}; `asynclint baseline create --force` makes it anew") }
}

impl From<Line> for Entry {
    fn from(line: Line) -> Self {
        Self {
            rule: line.rule,
            kind: line.kind,
            path: line.path,
            package: line.package,
            function: line.function,
            statement: line.statement,
            fingerprint: line.fingerprint,
            in_test: line.in_test,
            count: line.count,
        }
    }
}

impl From<&Entry> for Line {
    fn from(entry: &Entry) -> Self {
        Self {
            rule: entry.rule.clone(),
            kind: entry.kind.clone(),
            path: entry.path.clone(),
            package: entry.package.clone(),
            function: entry.function.clone(),
            statement: entry.statement.clone(),
            fingerprint: entry.fingerprint.clone(),
            in_test: entry.in_test,
            count: entry.count,
        }
    }
}
