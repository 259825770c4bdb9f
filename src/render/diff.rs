//! A suggested fix as the lines it changes.
//!
//! Only changed lines are shown, with their numbers, old ones before new ones. It never applies anything.

use similar::{ChangeTag, TextDiff};

use crate::base::{FileId, LineIndex};
use crate::diagnostic::{Edit, Fix};

use super::places::{Places, floor_boundary};

/// A changed line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// 1-based number in the old text, for added lines in the new one.
    pub number: usize,
    /// True for a line of the new text.
    pub added: bool,
    /// Its text without the line break.
    pub text: String,
}

/// The changed lines of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileDiff {
    /// The file.
    pub file: FileId,
    /// Its changed lines.
    pub lines: Vec<Line>,
}

/// The lines that a fix changes, file by file in the order of its edits.
pub fn of_fix(fix: &Fix, places: &Places<'_>) -> Vec<FileDiff> {
    let mut by_file: Vec<(FileId, Vec<&Edit>)> = Vec::new();
    for edit in &fix.edits {
        match by_file.iter_mut().find(|(file, _)| *file == edit.span.file) {
            Some((_, edits)) => edits.push(edit),
            None => by_file.push((edit.span.file, vec![edit])),
        }
    }
    let diff = |(file, edits): (FileId, Vec<&Edit>)| FileDiff { file, lines: of_file(file, edits, places) };
    by_file.into_iter().map(diff).collect()
}

fn of_file(file: FileId, mut edits: Vec<&Edit>, places: &Places<'_>) -> Vec<Line> {
    let Some(lines) = places.lines(file) else { return Vec::new() };
    let text = places.text(file);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = Vec::new();
    let mut rest = edits.as_slice();
    let mut shift = 0_isize;
    while let Some(first) = rest.first() {
        let (taken, to_line) = hunk(rest, lines);
        let from_line = lines.line_of(first.span.start);
        let range = lines.range_of(from_line, text).start..lines.range_of(to_line, text).end;
        let old = text.get(range.clone()).unwrap_or("");
        let new = replaced(text, range, &rest[..taken]);
        out.extend(changed(old, &new, from_line, shift));
        shift += new.lines().count() as isize - old.lines().count() as isize;
        rest = &rest[taken..];
    }
    out
}

/// How many of the edits touch one run of lines, and the last line of the run.
fn hunk(edits: &[&Edit], lines: &LineIndex) -> (usize, usize) {
    let mut last = 0;
    let mut taken = 0;
    for edit in edits {
        if taken > 0 && lines.line_of(edit.span.start) > last {
            break;
        }
        last = last.max(lines.line_of(edit.span.end));
        taken += 1;
    }
    (taken, last)
}

fn replaced(text: &str, range: std::ops::Range<usize>, edits: &[&Edit]) -> String {
    let mut new = String::new();
    let mut at = range.start;
    for edit in edits {
        let start = floor_boundary(text, edit.span.start) as usize;
        let end = floor_boundary(text, edit.span.end) as usize;
        new.push_str(text.get(at..start).unwrap_or(""));
        new.push_str(&edit.text);
        at = end.max(at);
    }
    new.push_str(text.get(at..range.end).unwrap_or(""));
    new
}

fn changed(old: &str, new: &str, from_line: usize, shift: isize) -> Vec<Line> {
    let diff = TextDiff::from_lines(old, new);
    let line = |tag, old_index: Option<usize>, new_index: Option<usize>, text: &str| {
        let text = text.trim_end_matches(['\n', '\r']).to_owned();
        match (tag, old_index, new_index) {
            (ChangeTag::Delete, Some(index), _) => Some(Line { number: from_line + index + 1, added: false, text }),
            (ChangeTag::Insert, _, Some(index)) => {
                Some(Line { number: (from_line + index + 1).saturating_add_signed(shift), added: true, text })
            }
            (ChangeTag::Equal | ChangeTag::Delete | ChangeTag::Insert, _, _) => None,
        }
    };
    let changes = diff.iter_all_changes();
    changes.filter_map(|c| line(c.tag(), c.old_index(), c.new_index(), c.value())).collect()
}
