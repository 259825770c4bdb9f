//! The real code that the tool is measured on: names and versions from `ecosystem/corpus.toml`, and which half each belongs to.
//!
//! Open code may be looked at while a rule is tuned, closed code only once it is frozen (decision T1).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const CORPUS: &str = include_str!("../ecosystem/corpus.toml");

/// Who may look at it.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Half {
    Open,
    Closed,
}

#[derive(Deserialize)]
struct Corpus {
    project: Vec<ProjectPin>,
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct ProjectPin {
    name: String,
    half: Half,
}

/// A published package.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    half: Half,
}

impl Package {
    /// `axum-0.8.9`, as its folder in the registry is called.
    pub(crate) fn folder_name(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

fn corpus() -> Result<Corpus, String> {
    toml::from_str(CORPUS).map_err(|e| format!("xtask/ecosystem/corpus.toml: {e}"))
}

/// The published packages.
pub(crate) fn packages() -> Result<Vec<Package>, String> {
    Ok(corpus()?.package)
}

/// Names of projects, and of packages with their version, with their half.
pub(crate) fn halves() -> Result<BTreeMap<String, Half>, String> {
    let corpus = corpus()?;
    let projects = corpus.project.into_iter().map(|p| (p.name, p.half));
    let packages = corpus.package.iter().map(|p| (p.folder_name(), p.half));
    Ok(projects.chain(packages).collect())
}

/// The top of the repository.
pub(crate) fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_and_corpus_name_the_same_packages() {
        let manifest = include_str!("../ecosystem/Cargo.toml");
        let manifest: toml::Table = toml::from_str(manifest).unwrap();
        let pins = manifest["dependencies"].as_table().unwrap();
        let pinned: BTreeMap<String, String> = pins
            .iter()
            .map(|(name, pin)| (name.clone(), pin["version"].as_str().unwrap().trim_start_matches('=').to_owned()))
            .collect();
        let listed: BTreeMap<String, String> = packages().unwrap().into_iter().map(|p| (p.name, p.version)).collect();
        assert_eq!(pinned, listed);
    }
}
