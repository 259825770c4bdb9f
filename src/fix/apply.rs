//! Edits become a new text. Pure: every byte outside of the edits stays as it is.

use crate::diagnostic::Edit;

/// Why edits cannot be applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Two edits touch the same bytes.
    Overlap,
    /// An edit lies outside the text or splits a character.
    OutOfPlace,
}

/// The text with all edits applied; they may come in any order. Line breaks in the edits become those of the text.
pub fn apply(text: &str, edits: &[&Edit]) -> Result<String, Refused> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    if edits.windows(2).any(|pair| overlap(pair[0], pair[1])) {
        return Err(Refused::Overlap);
    }
    let crlf = has_crlf(text);
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        out.push_str(text.get(at..start).ok_or(Refused::OutOfPlace)?);
        if crlf {
            out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.text);
        }
        text.get(start..end).ok_or(Refused::OutOfPlace)?;
        at = end;
    }
    out.push_str(text.get(at..).ok_or(Refused::OutOfPlace)?);
    Ok(out)
}

/// The first line break of the text is CR LF.
pub fn has_crlf(text: &str) -> bool {
    text.find('\n').is_some_and(|at| text[..at].ends_with('\r'))
}

/// Both want the same bytes, or both insert at the same place, where nobody knows the order.
pub(super) const fn overlap(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    if a.file.0 != b.file.0 {
        return false;
    }
    let both_insert = a.start == a.end && b.start == b.end;
    (both_insert && a.start == b.start) || (a.start < b.end && b.start < a.end)
}
