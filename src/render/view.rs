//! The part of the sources that one finding shows.
//!
//! codespan prints whole lines as they are. It gets a view instead: only labelled lines, cut to a window around their labels,
//! harmless, with the line numbers and columns of the real file. A label that spans lines is cut to its first line.

use std::collections::BTreeMap;
use std::ops::Range;

use codespan_reporting::files::{Error, Files};

use crate::base::{FileId, Span};

use super::places::{Places, floor_boundary};
use super::sanitize;

/// Columns of source that are shown of one line, at most.
pub(super) const WIDTH: usize = 160;
/// Columns kept to the left of the first label of a line that is cut.
const LEAD: usize = 30;

/// The view of one finding.
pub struct View {
    files: Vec<FileView>,
}

struct FileView {
    file: FileId,
    name: String,
    /// Columns of a line, at most.
    width: usize,
    /// The shown lines, joined.
    text: String,
    /// By real line, 0-based.
    lines: BTreeMap<usize, LineView>,
}

/// A shown line.
#[derive(Clone, Debug)]
struct LineView {
    /// Bytes of the real line that are shown.
    real: Range<usize>,
    /// Where they stand in the view's text, marks of a cut included.
    shown: Range<usize>,
    /// Bytes of the mark before them.
    mark: usize,
    /// 0-based column of the first real byte that is shown.
    column: usize,
}

impl View {
    /// The view of `spans`, no line wider than `width`; `name` gives the path to print for a file.
    pub fn new(places: &Places<'_>, spans: &[Span], width: usize, name: &dyn Fn(FileId) -> String) -> Self {
        let mut by_file: Vec<(FileId, Vec<Span>)> = Vec::new();
        for span in spans {
            match by_file.iter_mut().find(|(file, _)| *file == span.file) {
                Some((_, of_file)) => of_file.push(*span),
                None => by_file.push((span.file, vec![*span])),
            }
        }
        let files = by_file.into_iter().map(|(file, spans)| FileView::new(places, file, &spans, (width, name(file))));
        Self { files: files.collect() }
    }

    /// Where a span stands in the view: the number of its file and bytes of that file's view.
    pub fn label(&self, places: &Places<'_>, span: Span) -> Option<(usize, Range<usize>)> {
        let index = self.files.iter().position(|f| f.file == span.file)?;
        let file = &self.files[index];
        let line = file.lines.get(&places.lines(span.file)?.line_of(span.start))?;
        let text = places.text(span.file);
        let inside = |offset: u32| (floor_boundary(text, offset) as usize).clamp(line.real.start, line.real.end);
        let to_view = |offset: usize| line.shown.start + line.mark + (offset - line.real.start);
        let (start, end) = (inside(span.start), inside(span.end));
        Some((index, to_view(start)..to_view(end.max(start))))
    }
}

impl FileView {
    fn new(places: &Places<'_>, file: FileId, spans: &[Span], (width, name): (usize, String)) -> Self {
        let mut view = Self { file, name, width, text: String::new(), lines: BTreeMap::new() };
        let Some(lines) = places.lines(file) else { return view };
        let text = places.text(file);
        let mut wanted: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
        for span in spans {
            wanted.entry(lines.line_of(span.start)).or_default().push(*span);
        }
        // codespan prints a single line that lies between two labelled ones.
        let between: Vec<usize> =
            wanted.keys().zip(wanted.keys().skip(1)).filter(|(a, b)| **b == **a + 2).map(|(a, _)| a + 1).collect();
        for line in between {
            wanted.entry(line).or_default();
        }
        for (line, spans) in wanted {
            let range = lines.range_of(line, text);
            view.push(line, text, range, &spans);
        }
        view
    }

    fn push(&mut self, line: usize, text: &str, range: Range<usize>, spans: &[Span]) {
        let skip = if line == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = range.start + skip;
        let content = text.get(start..range.end).unwrap_or("").trim_end_matches(['\n', '\r']);
        let window = window(content, spans, start, self.width);
        let column = content[..window.start].chars().count();
        let before = if window.start > 0 { "…" } else { "" };
        let after = if window.end < content.len() { "…" } else { "" };
        let shown_start = self.text.len();
        self.text.push_str(before);
        self.text.push_str(&sanitize::source_line(&content[window.clone()]));
        self.text.push_str(after);
        let shown = shown_start..self.text.len();
        self.text.push('\n');
        let real = start + window.start..start + window.end;
        self.lines.insert(line, LineView { real, shown, mark: before.len(), column });
    }

    fn at(&self, byte: usize) -> Option<(usize, &LineView)> {
        let found = self.lines.iter().rev().find(|(_, line)| line.shown.start <= byte);
        found.or_else(|| self.lines.iter().next()).map(|(number, line)| (*number, line))
    }
}

/// The bytes of a line to show: all of it, or a window that begins a little before its first label.
fn window(content: &str, spans: &[Span], line_start: usize, most: usize) -> Range<usize> {
    let width = |c: char| if c == '\t' { 4 } else { 1 + usize::from(c >= '\u{1100}') };
    if content.chars().map(width).sum::<usize>() <= most {
        return 0..content.len();
    }
    let starts = spans.iter().map(|s| (s.start as usize).saturating_sub(line_start));
    let first = floor_boundary(content, starts.min().unwrap_or(0) as u32) as usize;
    let mut start = first;
    let mut lead = 0;
    for (at, c) in content[..first].char_indices().rev() {
        lead += width(c);
        if lead > LEAD.min(most / 4) {
            break;
        }
        start = at;
    }
    let mut used = 0;
    let fits = |(_, c): &(usize, char)| {
        used += width(*c);
        used <= most
    };
    let end =
        content[start..].char_indices().take_while(fits).last().map_or(start, |(at, c)| start + at + c.len_utf8());
    start..end
}

impl<'a> Files<'a> for View {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|f| f.name.as_str()).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|f| f.text.as_str()).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        file.at(byte).map(|(line, _)| line).ok_or(Error::FileMissing)
    }

    fn column_number(&'a self, id: usize, line: usize, byte: usize) -> Result<usize, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let line = file.lines.get(&line).ok_or(Error::LineTooLarge { given: line, max: 0 })?;
        let from = line.shown.start + line.mark;
        let before = file.text.get(from..byte.max(from)).unwrap_or("");
        Ok(line.column + before.chars().count() + 1)
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let shown = file.lines.get(&line).map(|l| l.shown.clone());
        shown.ok_or(Error::LineTooLarge { given: line, max: 0 })
    }
}
