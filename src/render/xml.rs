//! Text inside XML, so that a parser gives back what was meant.
//!
//! Characters that XML 1.0 cannot hold are replaced. Line breaks are written as references: attributes would lose them, and a
//! build log would take a line of the output for a command. It writes no elements.

use super::sanitize::is_harmful;

/// Text of an attribute or an element.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ['\0'; 2];
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", c as u32)),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if is_harmful(c) => out.push_str(&format!("&#x{:x};", c as u32)),
            // `##[` starts a command in the log of a build, wherever it stands.
            '[' if before == ['#', '#'] => out.push_str("&#91;"),
            c => out.push(c),
        }
        before = [before[1], c];
    }
    out
}
