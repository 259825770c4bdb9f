//! `xtask book`: the sources of the user guide with what is not kept twice: pages of rules and the command line.
//!
//! Copies `docs/` to `target/book`, adds the generated chapters there, and names them in the summary. Changes nothing in `docs/`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use asynclint::cli::args::Cli;
use asynclint::rules::page::{self, Family};
use clap::{Command, CommandFactory};

/// The line of the summary in whose place the generated chapters are listed.
const MARK: &str = "<!-- `cargo run -p xtask -- book`";

/// Writes the sources of the book.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let book = root.join("target/book");
    write(root, &book).map_err(|(path, cause)| format!("{}: {cause}", path.display()))?;
    let _ = writeln!(out, "the sources of the guide are in {}; `mdbook build` there makes the pages", book.display());
    Ok(())
}

type Failure = (PathBuf, std::io::Error);

fn write(root: &Path, book: &Path) -> Result<(), Failure> {
    let src = book.join("src");
    let at = |path: &Path| {
        let path = path.to_owned();
        move |cause| (path, cause)
    };
    if src.exists() {
        fs::remove_dir_all(&src).map_err(at(&src))?;
    }
    fs::create_dir_all(src.join("rules")).map_err(at(&src))?;
    copy(&root.join("docs/book.toml"), &book.join("book.toml"))?;
    let docs = root.join("docs/src");
    for entry in fs::read_dir(&docs).map_err(at(&docs))? {
        let from = entry.map_err(at(&docs))?.path();
        if let Some(name) = from.file_name().filter(|_| from.is_file()) {
            copy(&from, &src.join(name))?;
        }
    }
    let summary = src.join("SUMMARY.md");
    let text = fs::read_to_string(&summary).map_err(at(&summary))?;
    fs::write(&summary, with_chapters(&text)).map_err(at(&summary))?;
    fs::write(src.join("commands.md"), commands()).map_err(at(&src))?;
    for rule in page::all() {
        let path = src.join(format!("rules/{}.md", rule.id));
        fs::write(&path, rule.markdown()).map_err(at(&path))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(|cause| (from.to_owned(), cause))
}

fn with_chapters(summary: &str) -> String {
    let mut text: String =
        summary.lines().filter(|line| !line.starts_with(MARK)).map(|line| format!("{line}\n")).collect();
    text = format!("{}\n\n- [Command line](commands.md)\n", text.trim_end());
    for family in [
        Family::Tasks,
        Family::Blocking,
        Family::Locks,
        Family::Runtime,
        Family::Cancellation,
        Family::Io,
        Family::Meta,
    ] {
        text.push_str(&format!("\n# Rules: {}\n\n", family.as_str()));
        for rule in page::all().iter().filter(|rule| rule.family == family) {
            text.push_str(&format!("- [{id}](rules/{id}.md)\n", id = rule.id));
        }
    }
    text
}

/// What `--help` says of each command.
fn commands() -> String {
    let mut root = Cli::command().max_term_width(100);
    root.build();
    let mut text = "# Command line\n".to_owned();
    describe(&mut root, "asynclint", &mut text);
    text
}

fn describe(command: &mut Command, name: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    text.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", help.trim_end()));
    for inner in command.get_subcommands_mut().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        let name = format!("{name} {}", inner.get_name());
        describe(inner, &name, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Targets of `](..)` that are files of the book.
    fn links(text: &str) -> Vec<&str> {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect()
    }

    #[test]
    fn every_page_is_listed_and_every_link_leads_somewhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        write(root, folder.path()).unwrap();
        let src = folder.path().join("src");
        let summary = fs::read_to_string(src.join("SUMMARY.md")).unwrap();
        let listed: Vec<&str> = links(&summary);
        let distinct: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(listed.len(), distinct.len(), "a page is listed twice");
        let mut wrong = Vec::new();
        let mut pages = Vec::new();
        for inner in [src.clone(), src.join("rules")] {
            let entries = fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().path());
            pages.extend(entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
        }
        for page in &pages {
            let name = page.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            if name != "SUMMARY.md" && !distinct.contains(name.as_str()) {
                wrong.push(format!("{name} is not in SUMMARY.md"));
            }
            let text = fs::read_to_string(page).unwrap();
            let targets = links(&text).into_iter().map(|link| link.split('#').next().unwrap());
            let broken = targets.filter(|link| !page.parent().unwrap().join(link).is_file());
            wrong.extend(broken.map(|link| format!("{name}: nothing at `{link}`")));
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
        assert_eq!(pages.len(), distinct.len() + 1);
        assert!(!summary.contains("xtask") && summary.contains("(rules/untracked-spawn.md)"));
    }

    #[test]
    fn the_command_line_is_described_in_whole() {
        let text = commands();
        for words in ["## asynclint check", "## asynclint explain", "--stdin-filename", "Exit codes:"] {
            assert!(text.contains(words), "no `{words}`");
        }
    }
}
