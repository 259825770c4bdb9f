//! Messages of results: brackets of code must not become links.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;

/// In `message.text` a backslash and brackets are markup.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The message as its first sentence, then notes, helps and links to the related locations.
pub(super) fn text(finding: &Diagnostic, links: usize) -> String {
    let mut out = sentence(&finding.message);
    for note in &finding.notes {
        let _ = write!(out, " {}", sentence(note));
    }
    for help in &finding.helps {
        let _ = write!(out, " Help: {}", sentence(help));
    }
    out.push_str(&see(links));
    out
}

/// The same with a list.
pub(super) fn markdown(finding: &Diagnostic, links: usize) -> String {
    let mut out = sentence(&finding.message);
    if !finding.notes.is_empty() || !finding.helps.is_empty() {
        out.push('\n');
    }
    for note in &finding.notes {
        let _ = write!(out, "\n- {}", sentence(note));
    }
    for help in &finding.helps {
        let _ = write!(out, "\n- help: {}", sentence(help));
    }
    if links > 0 && out.contains('\n') {
        out.push_str("\n\n");
    }
    out.push_str(see(links).trim_start_matches(if out.ends_with('\n') { " " } else { "" }));
    out
}

fn sentence(text: &str) -> String {
    let text = escape(text.trim_end());
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

fn see(links: usize) -> String {
    let links: Vec<String> = (1..=links).map(|id| format!("[{id}]({id})")).collect();
    if links.is_empty() { String::new() } else { format!(" See {}.", links.join(", ")) }
}
