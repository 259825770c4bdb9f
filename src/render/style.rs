//! The colours of the terminal output, and a writer that codespan paints with.
//!
//! Styles are plain escape sequences; whether they reach the terminal is decided by the writer at the edge, never here.

use std::io::{self, Write};

use anstyle::{AnsiColor, Color, Style};
use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::WriteStyle;

use crate::diagnostic;

const fn color(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(color)))
}

/// Gutters, line numbers, borders.
pub const FRAME: Style = color(AnsiColor::BrightBlue);
/// `note:` and other side remarks.
pub const DIM: Style = Style::new().dimmed();
/// Messages and names that matter.
pub const BOLD: Style = Style::new().bold();
/// `help:`, and hops of a chain.
pub const HELP: Style = color(AnsiColor::Cyan);
/// Removed text.
pub const REMOVED: Style = color(AnsiColor::Red);
/// Added text.
pub const ADDED: Style = color(AnsiColor::Green);

/// The colour of a severity.
pub const fn severity(severity: diagnostic::Severity) -> Style {
    match severity {
        diagnostic::Severity::Error => color(AnsiColor::BrightRed),
        diagnostic::Severity::Warning => color(AnsiColor::BrightYellow),
        diagnostic::Severity::Note => color(AnsiColor::BrightGreen),
    }
}

/// Writes `text` in `style`.
pub fn paint(out: &mut dyn Write, style: Style, text: &str) -> io::Result<()> {
    write!(out, "{style}{text}{style:#}")
}

/// A buffer for codespan.
#[derive(Default)]
pub struct Painted {
    /// The text with its escape sequences.
    pub bytes: Vec<u8>,
}

impl Painted {
    fn set(&mut self, style: Style) -> io::Result<()> {
        write!(self.bytes, "{}{style}", anstyle::Reset)
    }
}

impl Write for Painted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const fn from_codespan(level: Severity) -> Style {
    match level {
        Severity::Bug | Severity::Error => severity(diagnostic::Severity::Error),
        Severity::Warning => severity(diagnostic::Severity::Warning),
        Severity::Note | Severity::Help => severity(diagnostic::Severity::Note),
    }
}

impl WriteStyle for Painted {
    fn set_header(&mut self, level: Severity) -> io::Result<()> {
        self.set(from_codespan(level).bold())
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.set(BOLD)
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.set(FRAME)
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.set(FRAME)
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.set(FRAME)
    }

    fn set_label(&mut self, level: Severity, style: LabelStyle) -> io::Result<()> {
        match style {
            LabelStyle::Primary => self.set(from_codespan(level)),
            LabelStyle::Secondary => self.set(HELP),
        }
    }

    fn reset(&mut self) -> io::Result<()> {
        write!(self.bytes, "{}", anstyle::Reset)
    }
}
