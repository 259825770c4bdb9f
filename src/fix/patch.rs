//! Changes as a patch that `git apply` takes, from any folder of the repository.
//!
//! Lines end at LF and nowhere else, so that CR LF and lone CR pass through unchanged.

use std::fmt::Write as _;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::Change;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The patch of one file.
pub fn of_change(change: &Change) -> String {
    let (old, new) = (lines(&change.old), lines(&change.new));
    let mut out = String::new();
    let (a, b) = (quoted(&format!("a/{}", change.path)), quoted(&format!("b/{}", change.path)));
    // In these two lines a tab ends a name that holds a space.
    let end = if a.contains(' ') && !a.starts_with('"') { "\t" } else { "" };
    let _ = write!(out, "diff --git {a} {b}\n--- {a}{end}\n+++ {b}{end}\n");
    for hunk in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT) {
        head(&mut out, &hunk);
        for op in &hunk {
            match op.tag() {
                DiffTag::Equal => old[op.old_range()].iter().for_each(|line| put(&mut out, ' ', line)),
                DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                    old[op.old_range()].iter().for_each(|line| put(&mut out, '-', line));
                    new[op.new_range()].iter().for_each(|line| put(&mut out, '+', line));
                }
            }
        }
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn head(out: &mut String, hunk: &[DiffOp]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let old = first.old_range().start..last.old_range().end;
    let new = first.new_range().start..last.new_range().end;
    let _ = writeln!(out, "@@ -{} +{} @@", part(&old), part(&new));
}

/// `start,length`; an empty range is named by the line before it.
fn part(range: &std::ops::Range<usize>) -> String {
    format!("{},{}", if range.is_empty() { range.start } else { range.start + 1 }, range.len())
}

fn put(out: &mut String, sign: char, line: &str) {
    out.push(sign);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// A path as git writes it: in quotes with octal escapes when it holds anything unusual.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
    if path.bytes().all(plain) {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            byte if plain(byte) => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn patch(path: &str, old: &str, new: &str) -> String {
        let change = Change { path: path.to_owned(), abs: PathBuf::new(), old: old.into(), new: new.into() };
        of_change(&change)
    }

    #[test]
    fn a_patch_has_context_and_marks_a_missing_last_line_break() {
        let text = patch("src/a.rs", "1\n2\n3\n4\n5", "1\n2\n3\n4\n6");
        let wanted = "diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n\
            -5\n\\ No newline at end of file\n+6\n\\ No newline at end of file\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn unusual_paths_are_quoted() {
        assert_eq!(quoted("a/é\".rs"), "\"a/\\303\\251\\\".rs\"");
    }
}
