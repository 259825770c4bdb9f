//! The crates of a package: what its manifest lists and what Cargo finds by place.
//!
//! Works on lists of paths; opens nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest, PackageTable, Switch, TargetTable};
use super::package::{Edition, TargetKind};

/// A crate whose root file has no id yet.
#[derive(Debug)]
pub(super) struct TargetDraft {
    pub(super) kind: TargetKind,
    pub(super) name: String,
    /// Where the root may lie; the first that exists is it.
    pub(super) candidates: Vec<PathBuf>,
    pub(super) proc_macro: bool,
}

/// All crates of the package in `folder`, by kind and name.
pub(super) fn draft(
    folder: &Path,
    manifest: &Manifest,
    package: &PackageTable,
    edition: Edition,
    files: &BTreeSet<PathBuf>,
) -> Vec<TargetDraft> {
    let place = Place { folder, files, edition };
    let mut out = Vec::new();
    out.extend(place.library(manifest, package));
    place.many(Many::of(TargetKind::Bin, &manifest.bin, package.autobins), &package.name, &mut out);
    place.many(Many::of(TargetKind::Example, &manifest.example, package.autoexamples), &package.name, &mut out);
    place.many(Many::of(TargetKind::Test, &manifest.test, package.autotests), &package.name, &mut out);
    place.many(Many::of(TargetKind::Bench, &manifest.bench, package.autobenches), &package.name, &mut out);
    out.extend(place.build_script(package));
    out.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    out
}

/// One kind of which a package may have many.
struct Many<'a> {
    kind: TargetKind,
    listed: &'a [TargetTable],
    auto: Option<bool>,
    /// Where Cargo looks for them.
    sub: &'static str,
}

impl<'a> Many<'a> {
    fn of(kind: TargetKind, listed: &'a [TargetTable], auto: Option<bool>) -> Self {
        let sub = match kind {
            TargetKind::Bin => "src/bin",
            TargetKind::Example => "examples",
            TargetKind::Test => "tests",
            TargetKind::Bench => "benches",
            TargetKind::Lib | TargetKind::Build | TargetKind::Lone => "src",
        };
        Self { kind, listed, auto, sub }
    }
}

struct Place<'a> {
    folder: &'a Path,
    files: &'a BTreeSet<PathBuf>,
    edition: Edition,
}

impl Place<'_> {
    fn library(&self, manifest: &Manifest, package: &PackageTable) -> Option<TargetDraft> {
        let usual = self.folder.join("src/lib.rs");
        let table = manifest.lib.as_ref();
        if table.is_none() && (package.autolib == Some(false) || !self.files.contains(&usual)) {
            return None;
        }
        let named = table.and_then(|t| t.path.as_deref());
        let kinds = table.and_then(|t| t.crate_type.as_deref()).unwrap_or_default();
        Some(TargetDraft {
            kind: TargetKind::Lib,
            name: table.and_then(|t| t.name.clone()).unwrap_or_else(|| package.name.replace('-', "_")),
            candidates: vec![named.and_then(|p| manifest::join(self.folder, p)).unwrap_or(usual)],
            proc_macro: table.and_then(|t| t.proc_macro) == Some(true) || kinds.iter().any(|k| k == "proc-macro"),
        })
    }

    fn build_script(&self, package: &PackageTable) -> Option<TargetDraft> {
        let usual = self.folder.join("build.rs");
        let root = match &package.build {
            Some(Switch::Flag(false)) => return None,
            Some(Switch::Text(path)) => manifest::join(self.folder, path)?,
            Some(Switch::List(paths)) => manifest::join(self.folder, paths.first()?)?,
            Some(Switch::Flag(true)) => usual,
            None => self.files.contains(&usual).then_some(usual)?,
        };
        let name = "build-script-build".to_owned();
        Some(TargetDraft { kind: TargetKind::Build, name, candidates: vec![root], proc_macro: false })
    }

    fn many(&self, many: Many<'_>, package: &str, out: &mut Vec<TargetDraft>) {
        let start = out.len();
        for table in many.listed {
            out.extend(self.listed(&many, table, package));
        }
        // In the first edition a single entry by hand turned the search off.
        let auto = many.auto.unwrap_or(self.edition != Edition::E2015 || many.listed.is_empty());
        if !auto {
            return;
        }
        let mut found = self.found(many.sub);
        let main = self.folder.join("src/main.rs");
        if many.kind == TargetKind::Bin && self.files.contains(&main) {
            found.push((package.to_owned(), main));
        }
        for (name, root) in found {
            let taken = out[start..].iter().any(|t| t.name == name || t.candidates.first() == Some(&root));
            if !taken {
                out.push(TargetDraft { kind: many.kind, name, candidates: vec![root], proc_macro: false });
            }
        }
    }

    fn listed(&self, many: &Many<'_>, table: &TargetTable, package: &str) -> Option<TargetDraft> {
        let name = table.name.clone()?;
        let candidates = if let Some(path) = &table.path {
            vec![manifest::join(self.folder, path)?]
        } else {
            let sub = self.folder.join(many.sub);
            let mut usual = vec![sub.join(format!("{name}.rs")), sub.join(&name).join("main.rs")];
            if many.kind == TargetKind::Bin {
                let main = self.folder.join("src/main.rs");
                let place = if name == package { 0 } else { usual.len() };
                usual.insert(place, main);
            }
            let known = usual.iter().position(|p| self.files.contains(p));
            if let Some(known) = known {
                usual.swap(0, known);
            }
            usual
        };
        Some(TargetDraft { kind: many.kind, name, candidates, proc_macro: false })
    }

    /// `sub/name.rs` and `sub/name/main.rs`.
    fn found(&self, sub: &str) -> Vec<(String, PathBuf)> {
        let sub = self.folder.join(sub);
        let below = self.files.range(sub.clone()..).take_while(|f| f.starts_with(&sub));
        let roots = below.filter_map(|file| {
            let rest = file.strip_prefix(&sub).ok()?;
            let mut parts = rest.components();
            let (first, second) = (parts.next()?, parts.next());
            let root = match second {
                None => Path::new(first.as_os_str()).file_stem()?,
                Some(main) if main.as_os_str() == "main.rs" && parts.next().is_none() => first.as_os_str(),
                Some(_) => return None,
            };
            Some((root.to_string_lossy().into_owned(), file.clone()))
        });
        roots.collect()
    }
}
