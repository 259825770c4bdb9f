//! The companion crate becomes a dependency: edits of `Cargo.toml` that keep everything else as it stands.
//!
//! Where the workspace has a table of shared dependencies it goes there and the package inherits it. Reads through the function it
//! is given; writes nothing.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::source::DependencyKind;

use super::apply::has_crlf;
use super::{Change, Dependency};

pub use super::settle::PACKAGE;

/// Reads a manifest.
pub type Read<'a> = &'a dyn Fn(&Path) -> Result<Arc<str>, String>;

/// Manifests with their texts before and after.
struct Manifests<'a> {
    read: Read<'a>,
    texts: BTreeMap<PathBuf, (Arc<str>, String)>,
}

/// What must be written so that the packages in these folders (relative to `root`) have the companion crate.
pub fn changes(
    root: &Path,
    needs: &[(String, DependencyKind)],
    dependency: &Dependency,
    read: Read<'_>,
) -> Result<Vec<Change>, String> {
    let mut manifests = Manifests { read, texts: BTreeMap::new() };
    for (folder, kind) in needs {
        let own = root.join(folder).join("Cargo.toml");
        let shared = manifests.workspace_of(root, &own)?;
        let source = |manifest: &Path| value_of(dependency, root, manifest);
        match shared {
            Some(shared) => {
                let value = source(&shared);
                manifests.edit(&shared, |document| add(document, &["workspace", "dependencies"], value))?;
                manifests.edit(&own, |document| add(document, &[table_of(*kind)], inherited()))?;
            }
            None => {
                let value = source(&own);
                manifests.edit(&own, |document| add(document, &[table_of(*kind)], value))?;
            }
        }
    }
    let changed = manifests.texts.into_iter().filter(|(_, (old, new))| **old != **new);
    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Ok(changed.map(|(abs, (old, new))| Change { path: shown(&abs), abs, old, new: new.into() }).collect())
}

impl Manifests<'_> {
    fn load(&mut self, path: &Path) -> Result<&mut (Arc<str>, String), String> {
        if !self.texts.contains_key(path) {
            let text = (self.read)(path)?;
            let copy = text.to_string();
            self.texts.insert(path.to_owned(), (text, copy));
        }
        self.texts.get_mut(path).ok_or_else(|| format!("{}: not read", path.display()))
    }

    fn edit(&mut self, path: &Path, change: impl FnOnce(&mut DocumentMut) -> Option<()>) -> Result<(), String> {
        let (_, text) = self.load(path)?;
        let (bom, body) = match text.strip_prefix('\u{feff}') {
            Some(body) => ("\u{feff}", body),
            None => ("", text.as_str()),
        };
        let mut document = parse(path, body)?;
        change(&mut document)
            .ok_or_else(|| format!("{}: `{PACKAGE}` cannot be added: a table has another form", path.display()))?;
        let mut new = document.to_string();
        if has_crlf(text) {
            new = new.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        *text = format!("{bom}{new}");
        Ok(())
    }

    /// The manifest with `[workspace.dependencies]` that a package can inherit from.
    fn workspace_of(&mut self, root: &Path, own: &Path) -> Result<Option<PathBuf>, String> {
        for folder in own.ancestors().skip(1).take_while(|folder| folder.starts_with(root)) {
            let path = folder.join("Cargo.toml");
            let Ok((_, text)) = self.load(&path) else { continue };
            let document = parse(&path, text.trim_start_matches('\u{feff}'))?;
            if let Some(workspace) = document.get("workspace") {
                let shares = workspace.get("dependencies").is_some_and(Item::is_table_like);
                return Ok(shares.then_some(path));
            }
        }
        Ok(None)
    }
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| {
        let first = error.message().lines().next().unwrap_or("cannot be read").to_owned();
        format!("{}: {first}", path.display())
    })
}

const fn table_of(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::Normal => "dependencies",
        DependencyKind::Dev => "dev-dependencies",
        DependencyKind::Build => "build-dependencies",
    }
}

/// Adds the dependency to the table at this path; `None` when something else stands there. What is there already stays.
fn add(document: &mut DocumentMut, path: &[&str], value: Value) -> Option<()> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for name in path {
        let item = table.entry(name).or_insert_with(|| Item::Table(Table::new()));
        table = item.as_table_like_mut()?;
    }
    if table.contains_key(PACKAGE) {
        return Some(());
    }
    let names: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    table.insert(PACKAGE, Item::Value(value));
    if names.is_sorted() {
        table.sort_values();
    }
    Some(())
}

fn inherited() -> Value {
    let mut table = InlineTable::new();
    table.insert("workspace", true.into());
    Value::InlineTable(table)
}

fn value_of(dependency: &Dependency, root: &Path, manifest: &Path) -> Value {
    let mut table = InlineTable::new();
    match dependency {
        Dependency::Version(version) => return version.as_str().into(),
        Dependency::Path(path) => {
            let folder = manifest.parent().unwrap_or(root);
            table.insert("path", relative(&root.join(path), folder, Path::new(path)).into());
        }
        Dependency::Git(url) => {
            table.insert("git", url.as_str().into());
        }
    }
    Value::InlineTable(table)
}

/// `target` as seen from `folder`; an absolute path stays one.
fn relative(target: &Path, folder: &Path, given: &Path) -> String {
    if given.is_absolute() {
        return given.to_string_lossy().into_owned();
    }
    let mut to: Vec<Component<'_>> = Vec::new();
    for part in target.components() {
        match part {
            Component::ParentDir => {
                to.pop();
            }
            Component::CurDir => {}
            other => to.push(other),
        }
    }
    let from: Vec<_> = folder.components().collect();
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let down = to[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(
        files: &[(&str, &str)],
        folder: &str,
        kind: DependencyKind,
        source: &Dependency,
    ) -> Vec<(String, String)> {
        let read = |path: &Path| {
            let shown = path.to_string_lossy().into_owned();
            let found = files.iter().find(|(name, _)| Path::new("/w").join(name) == path);
            found.map(|(_, text)| Arc::from(*text)).ok_or(shown)
        };
        let done = changes(Path::new("/w"), &[(folder.to_owned(), kind)], source, &read).unwrap();
        done.into_iter().map(|change| (change.path, change.new.to_string())).collect()
    }

    #[test]
    fn a_package_alone_gets_a_version_and_keeps_order_comments_and_line_breaks() {
        let text = "[package]\r\nname = \"a\" # mine\r\n\r\n[dependencies]\r\nanyhow = \"1\"\r\ntokio = \"1\"\r\n";
        let version = Dependency::Version("0.1".to_owned());
        let done = changed(&[("Cargo.toml", text)], "", DependencyKind::Normal, &version);
        let wanted = text.replace("tokio", "asynclint-supervisor = \"0.1\"\r\ntokio");
        assert_eq!(done, [("Cargo.toml".to_owned(), wanted)]);
    }

    #[test]
    fn a_table_that_is_missing_is_made() {
        let text = "[package]\nname = \"a\"\n";
        let done = changed(&[("Cargo.toml", text)], "", DependencyKind::Dev, &Dependency::Git("u".to_owned()));
        assert_eq!(done[0].1, format!("{text}\n[dev-dependencies]\nasynclint-supervisor = {{ git = \"u\" }}\n"));
    }

    #[test]
    fn a_workspace_that_shares_dependencies_shares_this_one() {
        let root = "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.dependencies]\ntokio = \"1\"\n";
        let member = "[package]\nname = \"a\"\n\n[dependencies]\ntokio = { workspace = true }\n";
        let files = [("Cargo.toml", root), ("crates/a/Cargo.toml", member)];
        let path = Dependency::Path("lib/supervisor".to_owned());
        let done = changed(&files, "crates/a", DependencyKind::Normal, &path);
        assert_eq!(done[0].1, root.replace("tokio", "asynclint-supervisor = { path = \"lib/supervisor\" }\ntokio"));
        let inherits = "[dependencies]\nasynclint-supervisor = { workspace = true }\n";
        assert_eq!(done[1].1, member.replace("[dependencies]\n", inherits));
    }

    #[test]
    fn a_path_is_seen_from_the_manifest() {
        let files = [("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"), ("a/Cargo.toml", "[package]\nname = \"a\"\n")];
        let path = Dependency::Path("../lib".to_owned());
        let done = changed(&files, "a", DependencyKind::Normal, &path);
        assert!(done[0].1.contains("path = \"../../lib\""), "{done:?}");
        assert_eq!(done.len(), 1, "a workspace without shared dependencies stays as it is");
    }
}
