//! Notes in the verdicts which findings the tool still gives. Changes nothing else of them, and gives no verdict.

use std::collections::BTreeSet;
use std::path::Path;

use crate::run::{self, Project};
use crate::verdicts;

/// The line that says it.
const GONE: &str = "gone = true";

/// Runs the binary and rewrites the files of the verdicts; how many are about findings that are no longer given, or that now say something
/// else: a verdict is about a kind. Verdicts about other
/// projects keep what they say.
pub(crate) fn mark(bin: &Path, projects: &[Project], folder: &Path) -> Result<usize, String> {
    let mut given = BTreeSet::new();
    for project in projects {
        let report = run::check(bin, &project.folder, &[])?.report;
        let loud = report.findings.into_iter().filter(|finding| finding.is_loud());
        given.extend(loud.map(|finding| (project.name.clone(), finding.rule, finding.fingerprint, finding.kind)));
    }
    let mut gone = 0;
    for (rule, judged) in verdicts::read(folder)? {
        let path = folder.join(format!("{rule}.toml"));
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let is_gone = judged.iter().map(|verdict| {
            let was_run = projects.iter().any(|project| project.name == verdict.project);
            let key = (verdict.project.clone(), rule.clone(), verdict.fingerprint.clone(), verdict.kind.clone());
            if was_run { !given.contains(&key) } else { verdict.gone }
        });
        let is_gone: Vec<bool> = is_gone.collect();
        gone += is_gone.iter().filter(|gone| **gone).count();
        std::fs::write(&path, noted(&text, &is_gone)).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(gone)
}

/// The text with the line in exactly those tables.
fn noted(text: &str, is_gone: &[bool]) -> String {
    const HEAD: &str = "[[finding]]\n";
    let mut parts = text.split(HEAD);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (table, gone) in parts.zip(is_gone) {
        out.push_str(HEAD);
        let kept = table.trim_end().lines().filter(|line| *line != GONE);
        kept.for_each(|line| out.extend([line, "\n"]));
        if *gone {
            out.extend([GONE, "\n"]);
        }
        out.push('\n');
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_comes_and_goes() {
        let text = "# Head.\n[[finding]]\nline = 1\n\n[[finding]]\nline = 2\ngone = true\n";
        let other = "# Head.\n[[finding]]\nline = 1\ngone = true\n\n[[finding]]\nline = 2\n";
        assert_eq!(noted(text, &[false, true]), text);
        assert_eq!(noted(text, &[true, false]), other);
        assert_eq!(noted(other, &[false, true]), text);
    }
}
