//! A value as JSON text that harms neither a terminal nor a build log.
//!
//! What a terminal obeys or a build log takes for a command can only stand inside strings, so it is escaped after the fact;
//! a parser reads the same value. It knows nothing of findings.

use std::io::{self, Write};

use serde::Serialize;

use super::sanitize::is_harmful;

/// How the text is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// Indented, for files that people open.
    Pretty,
    /// On one line.
    Line,
}

/// Writes `value` and a line break.
pub(super) fn write(out: &mut dyn Write, value: &impl Serialize, layout: Layout) -> io::Result<()> {
    let text = match layout {
        Layout::Pretty => serde_json::to_string_pretty(value)?,
        Layout::Line => serde_json::to_string(value)?,
    };
    writeln!(out, "{}", harmless(text))
}

/// serde_json escapes what JSON forbids; DEL, C1, bidirectional overrides and the like it writes as they are.
fn harmless(text: String) -> String {
    let is_open = |c: char| c >= '\u{7f}' && is_harmful(c);
    // The runner of a build log obeys `##[command]` wherever it stands in a line.
    let text = if text.contains("##[") { text.replace("##[", "#\\u0023[") } else { text };
    if !text.chars().any(is_open) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_open(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_reads_what_was_meant() {
        let value = "a\u{1b}\u{9b}\u{202e}\u{e0041}##[error]é";
        let mut bytes = Vec::new();
        write(&mut bytes, &value, Layout::Line).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.trim_end().chars().any(is_harmful), "{text}");
        assert!(!text.contains("##["));
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
    }
}
