//! Spans as people and machines read them: path, line, column.
//!
//! Line starts are computed once for each file that a report mentions. Nothing here knows an output format.

use std::collections::BTreeMap;

use crate::base::{FileId, LineIndex, SourceMap, Span};
use crate::diagnostic::{Diagnostic, Report};

/// A place in lines and columns, both 1-based; the end is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region {
    /// Line of the first character.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// Line of the character after the last one.
    pub end_line: u32,
    /// Its column.
    pub end_column: u32,
}

/// What columns count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Columns {
    /// Unicode code points.
    CodePoints,
    /// UTF-16 code units.
    Utf16,
    /// Bytes, a mark at the start of the file included.
    Bytes,
}

/// The sources with the line starts of every file that is mentioned.
pub struct Places<'a> {
    sources: &'a dyn SourceMap,
    lines: BTreeMap<FileId, LineIndex>,
}

impl<'a> Places<'a> {
    /// Scans the files that `report` mentions.
    pub fn new(sources: &'a dyn SourceMap, report: &Report) -> Self {
        let silenced = report.silenced.iter().map(|silenced| &silenced.finding);
        let spans = report.findings.iter().chain(silenced).flat_map(spans_of);
        let problems = report.problems.iter().filter_map(|p| p.span);
        let mut lines = BTreeMap::new();
        for span in spans.chain(problems) {
            lines.entry(span.file).or_insert_with(|| LineIndex::new(sources.text(span.file)));
        }
        Self { sources, lines }
    }

    /// Path relative to the analysis root.
    pub fn path(&self, file: FileId) -> &'a str {
        self.sources.path(file)
    }

    /// The same, as bytes.
    pub fn path_bytes(&self, file: FileId) -> std::borrow::Cow<'a, [u8]> {
        self.sources.path_bytes(file)
    }

    /// The text.
    pub fn text(&self, file: FileId) -> &'a str {
        self.sources.text(file)
    }

    /// The line starts; empty for a file that the report does not mention.
    pub fn lines(&self, file: FileId) -> Option<&LineIndex> {
        self.lines.get(&file)
    }

    /// Lines and columns of a span.
    pub fn region(&self, span: Span, columns: Columns) -> Region {
        let start = self.position(span.file, span.start, columns);
        let end = self.position(span.file, span.end.max(span.start), columns);
        Region { line: start.0, column: start.1, end_line: end.0, end_column: end.1 }
    }

    /// 1-based line of the first byte.
    pub fn line(&self, span: Span) -> u32 {
        self.lines.get(&span.file).map_or(1, |lines| lines.line_of(span.start) as u32 + 1)
    }

    fn position(&self, file: FileId, offset: u32, columns: Columns) -> (u32, u32) {
        let Some(lines) = self.lines.get(&file) else { return (1, 1) };
        let text = self.text(file);
        let offset = floor_boundary(text, offset);
        match columns {
            Columns::CodePoints => {
                let at = lines.line_column(text, offset);
                (at.line, at.column)
            }
            Columns::Bytes => {
                let line = lines.line_of(offset);
                (line as u32 + 1, offset - lines.start_of(line) + 1)
            }
            Columns::Utf16 => {
                let line = lines.line_of(offset);
                let before = text.get(lines.start_of(line) as usize..offset as usize).unwrap_or("");
                let before = if line == 0 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
                (line as u32 + 1, before.encode_utf16().count() as u32 + 1)
            }
        }
    }
}

fn spans_of(finding: &Diagnostic) -> impl Iterator<Item = Span> + '_ {
    let related = finding.related.iter().map(|label| label.span);
    let hops = finding.chain.iter().map(|hop| hop.span);
    let edits = finding.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
    std::iter::once(finding.primary).chain(related).chain(hops).chain(edits)
}

/// The nearest character boundary at or before `offset`, so that a wrong span cannot panic an output.
pub fn floor_boundary(text: &str, offset: u32) -> u32 {
    let mut offset = (offset as usize).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::MemorySources;

    #[test]
    fn utf16_columns_count_units() {
        let mut sources = MemorySources::default();
        let file = sources.add("a.rs", "\u{feff}é𝒳x\ny");
        let mut places = Places::new(&sources, &Report::default());
        places.lines.insert(file, LineIndex::new(sources.text(file)));
        let span = Span::new(file, 9, 10);
        assert_eq!(places.region(span, Columns::Utf16).column, 4);
        assert_eq!(places.region(span, Columns::CodePoints).column, 3);
        assert_eq!(places.region(Span::new(file, 6, 99), Columns::CodePoints).column, 2);
    }
}
