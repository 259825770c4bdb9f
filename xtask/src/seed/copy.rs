//! A copy of the parts of a project that are read: manifests, sources and ignore files. Links are left out.

use std::path::Path;

use walkdir::WalkDir;

/// Replaces `to` by a copy of `from`.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let at = |path: &Path, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    const MARK: &str = ".seeded-copy";
    if to.exists() {
        // Nothing else is ever removed.
        if !to.join(MARK).exists() {
            return Err(at(to, &"is in the way and was not made by `xtask seed`"));
        }
        std::fs::remove_dir_all(to).map_err(|e| at(to, &e))?;
    }
    // The root of the analysis is where `.git` lies.
    std::fs::create_dir_all(to.join(".git")).map_err(|e| at(to, &e))?;
    std::fs::write(to.join(MARK), "").map_err(|e| at(to, &e))?;
    let is_read = |name: &str| name.ends_with(".rs") || name.ends_with(".toml") || name == ".gitignore";
    let walk = WalkDir::new(from).into_iter().filter_entry(|e| e.file_name() != ".git" && e.file_name() != "target");
    for entry in walk {
        let entry = entry.map_err(|e| e.to_string())?;
        let inside = entry.path().strip_prefix(from).map_err(|e| at(entry.path(), &e))?;
        let target = to.join(inside);
        if entry.file_type().is_file() && is_read(&entry.file_name().to_string_lossy()) {
            let folder = target.parent().unwrap_or(to);
            std::fs::create_dir_all(folder).map_err(|e| at(folder, &e))?;
            std::fs::copy(entry.path(), &target).map_err(|e| at(&target, &e))?;
        }
    }
    Ok(())
}
