//! What the fixes make of the small workspaces and of the demo: a patch for each stands in `tests/golden/fixed`.
//!
//! `fixtures/check.sh` applies the patches to a copy and lets the compiler read it. `UPDATE=1` rewrites them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use asynclint::diagnostic::{Applicability, Severity};
use asynclint::engine::fix_in_memory;
use asynclint::fix::{Change, Dependency, Options, Wish, manifest, patch};

use crate::adapter;
use crate::fixtures::{Case, cases};

fn projects() -> Vec<Case> {
    cases().into_iter().filter(|case| case.name.starts_with("_workspaces/") || case.name == "demo").collect()
}

/// The demo may get the companion crate; in the workspaces it is there where it is meant to be.
fn wish(case: &Case) -> Wish {
    let options = Options {
        add_dependency: case.name == "demo",
        dependency: Dependency::Path("../../supervisor".to_owned()),
        ..Options::default()
    };
    Wish { up_to: Applicability::Unsafe, min_severity: Severity::Note, asks: false, options }
}

/// The patch of a project, and its files after it.
fn mended(case: &Case, files: &[(String, String)]) -> (String, Vec<(String, String)>) {
    let wish = wish(case);
    let (mut new, _, done) = fix_in_memory(files.to_vec(), &adapter::levels(&case.switches), &wish);
    assert!(done.problems.is_empty() && done.converged, "{}: {:?}", case.name, done.problems);
    if !done.dependencies.is_empty() {
        let read = |path: &Path| {
            let text = files.iter().find(|(name, _)| Path::new("/w").join(name) == path).map(|(_, text)| text);
            text.map(|text| Arc::from(text.as_str())).ok_or_else(|| path.display().to_string())
        };
        let needs: Vec<_> = done.dependencies.iter().map(|(_, kind)| (String::new(), *kind)).collect();
        for change in manifest::changes(Path::new("/w"), &needs, &wish.options.dependency, &read).unwrap() {
            let file = new.iter_mut().find(|(name, _)| *name == change.path).unwrap();
            file.1 = change.new.to_string();
        }
    }
    let changed = files.iter().zip(&new).filter(|(old, new)| old.1 != new.1);
    let patch = changed.map(|(old, new)| {
        let (abs, path) = (old.0.clone().into(), old.0.clone());
        patch::of_change(&Change { path, abs, old: old.1.as_str().into(), new: new.1.as_str().into() })
    });
    (patch.collect(), new)
}

#[test]
fn the_patch_of_every_project_stands_in_a_file_and_a_second_run_makes_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/fixed");
    let mut wrong = Vec::new();
    for case in projects() {
        let (patch, after) = mended(&case, &case.files);
        let file = folder.join(format!("{}.diff", case.name.trim_start_matches("_workspaces/")));
        let update = std::env::var_os("UPDATE").is_some();
        match (patch.is_empty(), update) {
            (true, true) => drop(fs::remove_file(&file)),
            (false, true) => fs::write(&file, &patch).unwrap(),
            (_, false) => {
                let stands = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
                if stands != patch {
                    wrong.push(format!("{}: now\n{patch}", file.display()));
                }
            }
        }
        let (again, _) = mended(&case, &after);
        assert!(again.is_empty(), "{}: fixed again:\n{again}", case.name);
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 cargo test --test it fixed_projects", wrong.join("\n"));
}
