//! Finds the configuration of a run and reads it.
//!
//! It stands at the root of the workspace, or further up as far as the repository reaches. Two sources in one folder are an error,
//! for nobody could say which of them counts. Files are opened only through the reader that is given.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::error::{ConfigError, Source};
use super::settle::{Layer, settle};
use super::text::{ConfigText, ManifestText};
use super::{Config, ConfigFile, flags};

/// Names under which a configuration may lie in a folder.
const FILES: [&str; 3] = ["asynclint.toml", ".asynclint.toml", ".config/asynclint.toml"];

/// Where the search begins and where it ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Home {
    /// The folder of the workspace, or of the path that was given.
    pub folder: PathBuf,
    /// The folder of the repository; nothing above it is looked at.
    pub top: PathBuf,
}

/// Reads a file; `None` where there is none, `Err` where it cannot be read.
pub type Reader<'r> = &'r dyn Fn(&Path) -> Option<Result<Arc<str>, String>>;

/// What the command line says about the configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Read this file and look for no other.
    pub file: Option<PathBuf>,
    /// Look for no file.
    pub no_file: bool,
    /// `KEY=VALUE`, later ones win.
    pub sets: Vec<String>,
}

/// The configuration of a run. `root` is the analysis root; `homes` are those of all given paths.
pub fn find(homes: &[Home], root: &Path, wanted: &Wanted, read: Reader<'_>) -> Result<Config, Vec<ConfigError>> {
    let search = Search { root, read };
    let found = match &wanted.file {
        Some(path) => Some(search.named(path).map_err(|error| vec![error])?),
        None if wanted.no_file => None,
        None => search.of_all(homes).map_err(|error| vec![error])?,
    };
    let folder = match &found {
        Some(found) if wanted.file.is_none() => found.folder.clone(),
        Some(_) | None => homes.first().map_or_else(|| root.to_owned(), |home| home.folder.clone()),
    };
    let base = if folder.starts_with(root) { shown(root, &folder) } else { String::new() };
    let mut sets = Vec::new();
    for text in &wanted.sets {
        sets.push(flags::read(text).map_err(|error| vec![error])?);
    }
    let mut layers = Vec::new();
    let mut file = None;
    let file_source;
    if let Some(Found { path: abs, source, text, .. }) = found {
        let (path, said) = (source.name.to_string(), Arc::clone(&source.text));
        file = Some(ConfigFile { path, abs, text: said, folder });
        file_source = source;
        layers.push((Layer { source: &file_source, is_file: true }, text));
    }
    layers.extend(sets.iter_mut().map(|(source, text)| (Layer { source, is_file: false }, std::mem::take(text))));
    let mut config = settle(layers, &base)?;
    config.file = file;
    config.reads_members = wanted.file.is_none() && !wanted.no_file;
    Ok(config)
}

struct Found {
    path: PathBuf,
    folder: PathBuf,
    source: Source,
    text: ConfigText,
}

struct Search<'s> {
    root: &'s Path,
    read: Reader<'s>,
}

impl Search<'_> {
    /// The configuration that all homes share.
    fn of_all(&self, homes: &[Home]) -> Result<Option<Found>, ConfigError> {
        let mut homes = homes.iter();
        let Some(first) = homes.next() else { return Ok(None) };
        let found = self.of(first)?;
        for home in homes {
            let other = self.of(home)?;
            let (one, two) = (found.as_ref().map(|f| &f.path), other.as_ref().map(|f| &f.path));
            if one != two {
                let say = |path: Option<&PathBuf>| path.map_or("nothing".to_owned(), |p| format!("`{}`", self.show(p)));
                let message = format!(
                    "the paths are configured differently: `{}` by {}, `{}` by {}",
                    self.show(&first.folder),
                    say(one),
                    self.show(&home.folder),
                    say(two)
                );
                let remedy = "check them one at a time, or name one configuration with `--config FILE`";
                return Err(ConfigError::whole("configuration", message, remedy));
            }
        }
        Ok(found)
    }

    /// From the home upwards, the first folder that has one.
    fn of(&self, home: &Home) -> Result<Option<Found>, ConfigError> {
        for folder in home.folder.ancestors() {
            if let Some(found) = self.in_folder(folder)? {
                return Ok(Some(found));
            }
            if folder == home.top {
                break;
            }
        }
        Ok(None)
    }

    fn in_folder(&self, folder: &Path) -> Result<Option<Found>, ConfigError> {
        let mut found = Vec::new();
        for name in FILES {
            let path = folder.join(name);
            if let Some(source) = self.source(&path)? {
                let text = toml::from_str(&source.text).map_err(|error| source.toml_error(&error))?;
                let name = source.name.to_string();
                found.push((name, Found { path, folder: folder.to_owned(), source, text }));
            }
        }
        found.extend(self.in_manifest(folder)?);
        match found.as_slice() {
            [] | [_] => Ok(found.pop().map(|(_, found)| found)),
            [(one, _), (two, _), ..] => {
                let message = format!("there are two configurations: {one} and {two}");
                Err(ConfigError::whole("configuration", message, "keep one of them"))
            }
        }
    }

    /// `[workspace.metadata.asynclint]` and `[package.metadata.asynclint]`, each with a name for errors.
    fn in_manifest(&self, folder: &Path) -> Result<Vec<(String, Found)>, ConfigError> {
        let path = folder.join("Cargo.toml");
        let Some(Ok(text)) = (self.read)(&path) else { return Ok(Vec::new()) };
        // Most manifests say nothing; a broken one is reported by discovery.
        if !text.contains("asynclint") || toml::from_str::<toml::Table>(&text).is_err() {
            return Ok(Vec::new());
        }
        let source = self.named_source(&path, text);
        let manifest: ManifestText = toml::from_str(&source.text).map_err(|error| source.toml_error(&error))?;
        let tables = [("workspace", manifest.workspace), ("package", manifest.package)];
        let found = tables.into_iter().filter_map(|(table, metadata)| {
            let text = Spanned::into_inner(metadata.metadata.asynclint?);
            let (path, folder, source) = (path.clone(), folder.to_owned(), source.clone());
            Some((format!("[{table}.metadata.asynclint] in {}", source.name), Found { path, folder, source, text }))
        });
        Ok(found.collect())
    }

    /// A file that the user names; a `Cargo.toml` is read as one.
    fn named(&self, path: &Path) -> Result<Found, ConfigError> {
        let folder = path.parent().unwrap_or(path);
        if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            let mut found = self.in_manifest(folder)?;
            if found.len() == 1 {
                return found.pop().map(|(_, found)| found).ok_or_else(|| self.missing(path));
            }
        }
        let source = self.source(path)?.ok_or_else(|| self.missing(path))?;
        let text = toml::from_str(&source.text).map_err(|error| source.toml_error(&error))?;
        Ok(Found { path: path.to_owned(), folder: folder.to_owned(), source, text })
    }

    fn missing(&self, path: &Path) -> ConfigError {
        ConfigError::whole(self.show(path), "there is no such file", "`--config` takes a file or KEY=VALUE")
    }

    fn source(&self, path: &Path) -> Result<Option<Source>, ConfigError> {
        match (self.read)(path) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(self.named_source(path, text))),
            Some(Err(why)) => Err(ConfigError::whole(self.show(path), why, "a configuration is a small regular file")),
        }
    }

    fn named_source(&self, path: &Path, text: Arc<str>) -> Source {
        let text = text.strip_prefix('\u{feff}').map_or_else(|| Arc::clone(&text), Arc::from);
        Source::new(self.show(path), text)
    }

    fn show(&self, path: &Path) -> String {
        shown(self.root, path)
    }
}

/// Relative to the analysis root where it lies inside, with `/`.
fn shown(root: &Path, path: &Path) -> String {
    let text = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}
