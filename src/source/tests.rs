//! Discovery on trees made for the purpose.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::*;
use crate::error::Error;

struct Tree(tempfile::TempDir);

impl Tree {
    /// Files from `(path, text)`; a `.git` folder marks the root.
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        fs::create_dir(tree.root().join(".git")).unwrap();
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn write(&self, path: &str, text: &[u8]) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn discover(&self, paths: &[&str]) -> Sources {
        self.try_discover(paths).unwrap()
    }

    fn try_discover(&self, paths: &[&str]) -> Result<Sources, Error> {
        discover(&Request { paths: paths.iter().map(PathBuf::from).collect(), ..Request::new(self.root()) })
    }
}

fn paths(sources: &Sources) -> Vec<&str> {
    sources.files.iter().map(|f| f.path.as_str()).collect()
}

fn selected(sources: &Sources) -> Vec<&str> {
    sources.files.ids().filter(|f| sources.selected(*f)).map(|f| sources.files[f].path.as_str()).collect()
}

fn package<'a>(sources: &'a Sources, name: &str) -> &'a Package {
    sources.packages.iter().find(|p| p.name == name).unwrap()
}

fn targets(sources: &Sources, name: &str) -> Vec<String> {
    let targets = package(sources, name).targets.iter();
    targets.map(|t| format!("{:?} {} {}", t.kind, t.crate_name, sources.files[t.root].path)).collect()
}

fn kinds(sources: &Sources) -> Vec<(&str, String)> {
    let place = |p: &Problem| match p.place.as_ref().map(|p| &p.origin) {
        Some(Origin::Other { path, .. }) => path.clone(),
        Some(Origin::File(id)) => sources.files[*id].path.clone(),
        None => String::new(),
    };
    sources.problems.iter().map(|p| (p.kind.as_str(), place(p))).collect()
}

fn dependency<'a>(package: &'a Package, name: &str) -> &'a Dependency {
    package.dependencies.iter().find(|d| d.extern_name == name).unwrap()
}

fn memory(files: &[(&str, &str)]) -> Sources {
    from_memory(files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect())
}

const PLAIN: &str = "[package]\nname = \"plain\"\nedition = \"2021\"\n";

/// Prints sizes and times for `ASYNCLINT_SOURCE_TREES`, a list of folders separated by `:`.
#[test]
fn times_of_real_trees() {
    let Ok(trees) = std::env::var("ASYNCLINT_SOURCE_TREES") else { return };
    for tree in trees.split(':') {
        let start = Instant::now();
        let request = Request { paths: vec![tree.into()], ..Request::new("/") };
        match discover(&request) {
            Ok(sources) => {
                let bytes: usize = sources.files.iter().map(|f| f.text.len()).sum();
                let laps: Vec<String> = sources
                    .timings
                    .iter()
                    .map(|(name, lap)| format!("{name} {:.1}", lap.as_secs_f64() * 1e3))
                    .collect();
                eprintln!(
                    "{tree}: {:.1} ms, {} files, {} selected, {:.1} MB, {} packages, {} problems [{}]",
                    start.elapsed().as_secs_f64() * 1e3,
                    sources.files.len(),
                    selected(&sources).len(),
                    bytes as f64 / 1e6,
                    sources.packages.len(),
                    sources.problems.len(),
                    laps.join(", ")
                );
                for problem in kinds(&sources).iter().take(12) {
                    eprintln!("    {} {}", problem.0, problem.1);
                }
            }
            Err(error) => eprintln!("{tree}: {error}"),
        }
    }
}

#[test]
fn a_package_and_its_targets() {
    let tree = Tree::new(&[
        ("Cargo.toml", PLAIN),
        ("src/lib.rs", ""),
        ("src/main.rs", ""),
        ("src/bin/a-b.rs", ""),
        ("src/bin/c/main.rs", ""),
        ("src/bin/c/part.rs", ""),
        ("examples/e.rs", ""),
        ("tests/t/main.rs", ""),
        ("tests/common/mod.rs", ""),
        ("benches/b.rs", ""),
        ("build.rs", ""),
        ("target/debug/x.rs", ""),
        (".hidden/x.rs", ""),
    ]);
    let sources = tree.discover(&[]);
    assert_eq!(
        targets(&sources, "plain"),
        [
            "Lib plain src/lib.rs",
            "Bin a_b src/bin/a-b.rs",
            "Bin c src/bin/c/main.rs",
            "Bin plain src/main.rs",
            "Example e examples/e.rs",
            "Test t tests/t/main.rs",
            "Bench b benches/b.rs",
            "Build build_script_build build.rs",
        ]
    );
    assert_eq!(sources.files.len(), 10);
    assert_eq!(selected(&sources).len(), 10);
    assert_eq!(sources.root, tree.root());
    let common = sources.by_path("tests/common/mod.rs").unwrap();
    assert!(!sources.reported_when_unreached(common));
    assert!(sources.reported_when_unreached(sources.by_path("src/bin/c/part.rs").unwrap()));
}
