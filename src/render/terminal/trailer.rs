//! What stands below the code of a finding: hidden hops, notes, helps, the suggested fix, other callers.

use std::io::{self, Write};

use crate::diagnostic::{Applicability, Diagnostic, Fix, Writes};
use crate::render::diff;
use crate::render::places::Places;
use crate::render::sanitize;
use crate::render::style::{self, paint};
use crate::render::view;
use crate::render::wrap::wrap;

use super::group::Group;
use super::{Options, place, remark, shown_path};

/// Hops shown at each end of a long chain.
const ENDS: usize = 3;
/// Lines of a suggested fix that are shown.
const DIFF_LINES: usize = 12;
/// Columns of text before a note is wrapped.
const TEXT_WIDTH: usize = 100;
/// Callers shown besides the first one.
const OTHERS: usize = 2;

/// True for hops in the middle of a chain that is too long to show.
pub(super) const fn is_hidden_hop(index: usize, hops: usize) -> bool {
    hops > 2 * ENDS && index >= ENDS && index < hops - ENDS
}

/// The parts below the code share the gutter of the block above.
struct Trailer<'o> {
    out: &'o mut dyn Write,
    gutter: usize,
    /// Columns of text in a note, and of code in a fix.
    text: usize,
    code: usize,
}

pub(super) fn write(
    out: &mut dyn Write,
    group: &Group<'_>,
    widest: u32,
    places: &Places<'_>,
    options: &Options<'_>,
) -> io::Result<()> {
    let finding = group.first;
    let gutter = widest.ilog10() as usize + 1;
    let (text, code) = (options.columns(TEXT_WIDTH, gutter + 9), options.columns(view::WIDTH, gutter + 3));
    let mut trailer = Trailer { out, gutter, text, code };
    let hops = finding.chain.len();
    let hidden = (0..hops).filter(|index| is_hidden_hop(*index, hops)).count();
    if is_empty(group, hidden) {
        return Ok(());
    }
    trailer.border()?;
    if hidden > 0 {
        trailer.remark("note", style::BOLD, &format!("{hidden} calls between {ENDS} and {} are left out", hops - 2))?;
    }
    for note in &finding.notes {
        trailer.remark("note", style::BOLD, note)?;
    }
    if let Some(text) = remark(finding.confidence) {
        trailer.remark("note", style::BOLD, text)?;
    }
    trailer.others(group, places, options)?;
    let fix = best_fix(finding);
    for help in finding.helps.iter().filter(|help| fix.is_none_or(|fix| fix.title != **help)) {
        trailer.remark("help", style::HELP.bold(), help)?;
    }
    match fix {
        Some(fix) => trailer.fix(fix, finding, places, options),
        None => Ok(()),
    }
}

fn is_empty(group: &Group<'_>, hidden: usize) -> bool {
    let finding = group.first;
    let words = finding.notes.is_empty() && finding.helps.is_empty() && remark(finding.confidence).is_none();
    words && hidden == 0 && group.others.is_empty() && best_fix(finding).is_none()
}

fn best_fix(finding: &Diagnostic) -> Option<&Fix> {
    let with_edits = finding.fixes.iter().filter(|fix| !fix.edits.is_empty());
    // What can be made at once is more use than what asks for a dependency.
    with_edits.min_by_key(|fix| (fix.applicability, fix.writes == Writes::Companion))
}

impl Trailer<'_> {
    fn border(&mut self) -> io::Result<()> {
        paint(self.out, style::FRAME, &format!("{:1$} │", "", self.gutter))?;
        writeln!(self.out)
    }

    /// `= note: text`, wrapped.
    fn remark(&mut self, word: &str, look: anstyle::Style, text: &str) -> io::Result<()> {
        let indent = self.gutter + 3 + word.len() + 2;
        paint(self.out, style::FRAME, &format!("{:1$} =", "", self.gutter))?;
        write!(self.out, " ")?;
        paint(self.out, look, word)?;
        write!(self.out, ": ")?;
        for (number, line) in wrap(text, self.text).into_iter().enumerate() {
            if number > 0 {
                write!(self.out, "{:indent$}", "")?;
            }
            writeln!(self.out, "{}", sanitize::text(&line))?;
        }
        Ok(())
    }

    fn fix(&mut self, fix: &Fix, finding: &Diagnostic, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
        let class = match fix.applicability {
            Applicability::Safe => "",
            Applicability::Unsafe => " (unsafe: check the result)",
            Applicability::Advice => " (advice)",
        };
        self.remark("help", style::HELP.bold(), &format!("{}{class}", fix.title))?;
        self.border()?;
        let mut left = DIFF_LINES;
        for file in diff::of_fix(fix, places) {
            if file.file != finding.primary.file {
                paint(self.out, style::FRAME, &format!("{:1$} ┌─ ", "", self.gutter))?;
                writeln!(self.out, "{}", shown_path(file.file, places, options))?;
            }
            let shown = left.min(file.lines.len());
            file.lines[..shown].iter().try_for_each(|line| self.changed(line))?;
            left -= shown;
            if shown < file.lines.len() {
                paint(
                    self.out,
                    style::DIM,
                    &format!("{:2$} · {} more lines", "", file.lines.len() - shown, self.gutter),
                )?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    fn changed(&mut self, line: &diff::Line) -> io::Result<()> {
        let (sign, look) = if line.added { ('+', style::ADDED) } else { ('-', style::REMOVED) };
        paint(self.out, style::FRAME, &format!("{:>1$} ", line.number, self.gutter))?;
        let text = sanitize::source_line(&line.text).replace('\t', "    ");
        let shown: String = text.chars().take(self.code).collect();
        let cut = if shown.len() < text.len() { "…" } else { "" };
        paint(self.out, look, &format!("{sign} {shown}{cut}"))?;
        writeln!(self.out)
    }

    fn others(&mut self, group: &Group<'_>, places: &Places<'_>, options: &Options<'_>) -> io::Result<()> {
        for other in group.others.iter().take(OTHERS) {
            let text = format!("also reached from {} in `{}`", place(other.primary, places, options), other.function);
            self.remark("note", style::BOLD, &text)?;
        }
        let more = group.others.len().saturating_sub(OTHERS);
        if more > 0 {
            let (findings, end) = if more == 1 { ("finding", "ends") } else { ("findings", "end") };
            self.remark("note", style::BOLD, &format!("{more} more {findings} {end} in the same call"))?;
        }
        Ok(())
    }
}
