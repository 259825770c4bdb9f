//! Places in source text: byte ranges and their lines.
//!
//! A span counts bytes from the first byte of the file as it lies on disk, BOM and shebang included.
//! Lines and columns are computed only for output and never stored.

use crate::ids;

ids! {
    /// A source file of the run, in the order of its path bytes.
    pub struct FileId;
}

/// A byte range of one file. `end` is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file`.
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that holds both; they must be of one file.
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// True when `other` lies inside.
    pub const fn contains(self, other: Self) -> bool {
        self.file.0 == other.file.0 && self.start <= other.start && other.end <= self.end
    }
}

/// A line and column, both 1-based; the column counts Unicode code points.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in code points.
    pub column: u32,
}

/// Start offsets of the lines of a text. A line ends at LF; a CR before it belongs to the line's end.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Scans `text` once.
    pub fn new(text: &str) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        let bytes = text.as_bytes();
        let mut at = 0;
        // Eight bytes at a time: a zero byte in `word` is a line break.
        while let Some(chunk) = bytes[at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk) ^ 0x0a0a_0a0a_0a0a_0a0a;
            if word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080 != 0 {
                push_starts(chunk, at, &mut starts);
            }
            at += chunk.len();
        }
        push_starts(&bytes[at..], at, &mut starts);
        Self { starts }
    }

    /// Number of lines; a trailing line break opens one more, empty line.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// 0-based line that holds byte `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|s| *s <= offset).saturating_sub(1)
    }

    /// Byte offset of the start of 0-based `line`; the last start for a line past the end.
    pub fn start_of(&self, line: usize) -> u32 {
        self.starts.get(line).or(self.starts.last()).copied().unwrap_or(0)
    }

    /// Byte range of 0-based `line`, its line break included.
    pub fn range_of(&self, line: usize, text: &str) -> std::ops::Range<usize> {
        let start = self.start_of(line) as usize;
        let end = self.starts.get(line + 1).map_or(text.len(), |s| *s as usize);
        start..end
    }

    /// Line and column of byte `offset`. A leading BOM counts as no column.
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let line = self.line_of(offset);
        let start = self.start_of(line) as usize;
        let upto = (offset as usize).min(text.len());
        let before = text.get(start..upto).unwrap_or("");
        let before = if line == 0 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        LineColumn { line: line as u32 + 1, column: before.chars().count() as u32 + 1 }
    }
}

fn push_starts(bytes: &[u8], at: usize, starts: &mut Vec<u32>) {
    for (i, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            starts.push((at + i) as u32 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_break_starts_a_line() {
        for text in ["", "\n", "a\n\nb", "0123456\n\n\n0123456789\n", "\u{8a}\u{10a}\n0123456789abcdef\n"] {
            let index = LineIndex::new(text);
            let starts: Vec<u32> = (0..index.line_count()).map(|line| index.start_of(line)).collect();
            let wanted = text.match_indices('\n').map(|(i, _)| i as u32 + 1);
            assert_eq!(starts, std::iter::once(0).chain(wanted).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn columns_count_code_points() {
        let text = "é𝒳x\r\ny";
        let index = LineIndex::new(text);
        assert_eq!(index.line_column(text, 6), LineColumn { line: 1, column: 3 });
        assert_eq!(index.line_column(text, 9), LineColumn { line: 2, column: 1 });
    }
}
