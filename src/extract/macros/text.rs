//! Captures in format strings: `"{handle:?} {:>width$}"` uses the locals `handle` and `width`.

use crate::base::Name;
use crate::facts::expr::{ExprId, ExprKind};

use super::super::body::Lower;

/// Appends a `Local` expression for each local that the literal captures.
pub(super) fn captures(lower: &mut Lower<'_, '_>, span: proc_macro2::Span, out: &mut Vec<ExprId>) {
    let (start, end) = lower.pos.bytes(span);
    let text = lower.pos.slice((start, end));
    if !text.contains('{') {
        return;
    }
    for (from, to) in names(text) {
        if let Some(local) = lower.lookup(Name::new(&text[from..to])) {
            let bytes = (start + from as u32, start + to as u32);
            out.push(lower.leaf(ExprKind::Local(local), bytes).id);
        }
    }
}

/// Byte ranges of the names in the source text of a format string.
pub(super) fn names(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let raw = bytes.first() == Some(&b'r');
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            // `\u{e9}` is no placeholder.
            b'\\' if !raw && bytes.get(at + 1) == Some(&b'u') => at += 3,
            b'\\' if !raw => at += 2,
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                let end = bytes[at..].iter().position(|b| *b == b'}').map_or(bytes.len(), |i| at + i);
                placeholder(bytes, at + 1, end, &mut out);
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    out
}

/// `name:width$.prec$?` between the braces.
fn placeholder(bytes: &[u8], start: usize, end: usize, out: &mut Vec<(usize, usize)>) {
    let mut at = start;
    while at < end && bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    let mut first = true;
    while at < end {
        let from = at;
        while at < end && is_name(bytes[at]) {
            at += 1;
        }
        let is_argument = first || bytes.get(at) == Some(&b'$');
        if at > from && is_argument && !bytes[from].is_ascii_digit() {
            out.push((from, at));
        }
        // After the name only a format can follow.
        if first && at < end && bytes[at] != b':' && !bytes[at].is_ascii_whitespace() {
            return;
        }
        first = false;
        at += usize::from(at == from || at < end);
    }
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

#[cfg(test)]
mod tests {
    use super::names;

    fn of(text: &str) -> Vec<&str> {
        names(text).into_iter().map(|(a, b)| &text[a..b]).collect()
    }

    #[test]
    fn placeholders() {
        assert_eq!(of(r#""{a} {{b}} {c:?} {:>w$.p$} {0} \u{e9} {} {d:#x} {é}""#), ["a", "c", "w", "p", "d", "é"]);
        assert_eq!(of(r##"r#"\{x}"#"##), ["x"]);
        assert_eq!(of(r#""{a.b} {unterminated""#), ["a", "unterminated"]);
    }
}
