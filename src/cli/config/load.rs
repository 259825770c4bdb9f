//! Finds and reads the configuration of a run.

use std::path::{Path, PathBuf};

use crate::config::{self, Config, ConfigError, Home, Wanted};
use crate::render::sanitize;
use crate::source::{self, Surroundings};

use super::ConfigFlags;

/// Larger configurations are not read; a `Cargo.toml` may be as large.
pub(super) const LIMIT: u64 = 1 << 20;

/// A configuration and the place it is for.
#[derive(Debug)]
pub(in crate::cli) struct Loaded {
    pub(in crate::cli) config: Config,
    pub(in crate::cli) around: Surroundings,
}

/// The configuration for a run over `paths`; `Err` is text for the user.
pub(in crate::cli) fn load(
    flags: &ConfigFlags,
    paths: &[PathBuf],
    manifest_path: Option<&Path>,
) -> Result<Loaded, String> {
    let cwd = super::here()?;
    let request = source::Request {
        paths: paths.to_vec(),
        manifest_path: manifest_path.map(Path::to_owned),
        ..source::Request::new(cwd.clone())
    };
    let around = source::surroundings(&request).map_err(|error| error.to_string())?;
    let mut wanted = Wanted { no_file: flags.no_config, ..Wanted::default() };
    for text in &flags.config {
        if config::is_setting(text) && !cwd.join(text).is_file() {
            wanted.sets.push(text.clone());
        } else if wanted.file.replace(real(&cwd.join(text))).is_some() {
            return Err(
                "`--config` names two files; settings of one file are not mixed with those of another".to_owned()
            );
        }
    }
    if wanted.no_file && wanted.file.is_some() {
        return Err("`--no-config` and `--config FILE` exclude each other".to_owned());
    }
    let homes: Vec<Home> = around
        .places
        .iter()
        .map(|place| Home { folder: place.workspace.clone(), top: place.repository.clone() })
        .collect();
    let read = |path: &Path| {
        // A file that the user names may lie anywhere; one that is found may not lead out of the root.
        let named = wanted.file.as_deref() == Some(path);
        let bound = if named { Path::new("/") } else { around.root.as_path() };
        source::read_text(path, bound, LIMIT)
    };
    let config = config::find(&homes, &around.root, &wanted, &read).map_err(|errors| text(&errors))?;
    Ok(Loaded { config, around })
}

/// Links resolved, where the file exists.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// All mistakes, cleaned: a configuration may come from a stranger.
pub(super) fn text(errors: &[ConfigError]) -> String {
    let clean = |error: &ConfigError| {
        let text = error.to_string();
        text.lines().map(sanitize::source_line).collect::<Vec<_>>().join("\n")
    };
    errors.iter().map(clean).collect::<Vec<_>>().join("\nerror: ")
}
