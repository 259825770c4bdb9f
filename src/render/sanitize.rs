//! Text that cannot harm a terminal.
//!
//! File names, source lines and messages come from strangers: an escape sequence or a bidirectional override in them would be
//! obeyed by the terminal. Everything that the terminal output prints passes through here; machine formats escape on their own.

use std::borrow::Cow;

/// True for characters that a terminal obeys or that make text look like other text.
pub fn is_harmful(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A source line with each harmful character replaced by a visible one of the same number of bytes. Tabs stay.
pub fn source_line(line: &str) -> Cow<'_, str> {
    if !line.chars().any(|c| c != '\t' && is_harmful(c)) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if c == '\t' || !is_harmful(c) {
            out.push(c);
            continue;
        }
        match c.len_utf8() {
            1 => out.push('?'),
            2 => out.push('\u{bf}'),
            3 => out.push('\u{fffd}'),
            _ => out.push_str("\u{fffd}?"),
        }
    }
    Cow::Owned(out)
}

/// A name or message on one line, harmful characters written as `\x1b` or `\u{202e}`.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if !is_harmful(c) => out.push(c),
            c if c.is_ascii() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push_str(&c.escape_unicode().to_string()),
        }
    }
    Cow::Owned(out)
}

/// Text in which the runner of a build log finds no command: it obeys lines that begin with `::`, and `##[name]` anywhere.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let is_command = |line: &str| line.trim_start().starts_with("::");
    if !text.contains("##[") && !text.lines().any(is_command) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        if is_command(line) {
            out.push_str("| ");
        }
        out.push_str(&line.replace("##[", "## ["));
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_line_is_kept() {
        let line = "a\u{1b}[31m\u{9b}\u{61c}\u{202e}\u{feff}\u{e0041}\tz";
        let clean = source_line(line);
        assert_eq!(clean.len(), line.len());
        assert!(!clean.chars().any(|c| c != '\t' && is_harmful(c)));
        assert_eq!(clean, "a?[31m\u{bf}\u{bf}\u{fffd}\u{fffd}\u{fffd}?\tz");
    }

    #[test]
    fn names_show_what_was_in_them() {
        assert_eq!(text("a\n\u{1b}]0;x\u{7}\u{202e}"), "a\\n\\x1b]0;x\\x07\\u{202e}");
        assert!(matches!(text("src/a b.rs"), Cow::Borrowed(_)));
    }

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(without_commands("a\n ::error::x\nb ##[set-env name=X]"), "a\n|  ::error::x\nb ## [set-env name=X]");
        assert!(matches!(without_commands("a::b\n# [c]"), Cow::Borrowed(_)));
    }
}
