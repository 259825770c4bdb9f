//! Paths and patterns of a configuration, which are relative to its folder, as the rest of the program wants them.
//!
//! Nothing leads out of the analysis root: `..` and absolute paths of files are refused. It never looks at a disk.

use std::path::{Component, Path, PathBuf};

/// A pattern relative to `base` as one relative to the analysis root; `Err` says what is wrong.
pub(super) fn pattern(base: &str, written: &str) -> Result<String, &'static str> {
    let (not, rest) = written.strip_prefix('!').map_or(("", written), |rest| ("!", rest));
    if rest.is_empty() {
        return Err("an empty pattern matches nothing");
    }
    if rest.starts_with('#') {
        return Err("a pattern that begins with `#` is a comment in the syntax of .gitignore");
    }
    if rest.split(['/', '\\']).any(|part| part == "..") {
        return Err("`..` may lead out of the folder of the configuration");
    }
    let (anchored, rest) = match rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        Some(rest) => (true, rest),
        None => (rest.trim_end_matches('/').contains('/'), rest),
    };
    let base = escaped(base);
    Ok(match (base.is_empty(), anchored) {
        (true, true) => format!("{not}/{rest}"),
        (true, false) => format!("{not}{rest}"),
        (false, true) => format!("{not}/{base}/{rest}"),
        (false, false) => format!("{not}/{base}/**/{rest}"),
    })
}

/// The name of a folder, taken literally.
fn escaped(folder: &str) -> String {
    let special = |c: char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '!' | '#' | '\\' | ' ');
    folder.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// A file relative to `base` that lies inside the analysis root; `Err` says what is wrong.
pub(super) fn file(base: &str, written: &str) -> Result<PathBuf, &'static str> {
    let mut depth = Path::new(base).components().count();
    let path = Path::new(written);
    if written.is_empty() || written.contains('\0') {
        return Err("this is no name of a file");
    }
    if written.starts_with(['/', '\\', '~']) || written.as_bytes().get(1) == Some(&b':') {
        return Err("only paths inside the analysis root can be named here");
    }
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err("only paths inside the analysis root can be named here");
            }
        }
    }
    Ok(path.to_owned())
}

/// A folder relative to `base` as one relative to the analysis root, which it may lie beside: it is written into a manifest and never
/// opened. `Err` says what is wrong.
pub(super) fn beside(base: &str, written: &str) -> Result<PathBuf, &'static str> {
    match Path::new(written).components().next() {
        Some(Component::CurDir | Component::ParentDir | Component::Normal(_)) if !written.contains('\0') => {
            Ok(Path::new(base).join(written))
        }
        _ => Err("only a path relative to the configuration can be named here"),
    }
}

/// A path relative to `base` as one relative to the analysis root, with `/`.
pub(super) fn in_root(base: &str, path: &Path) -> String {
    let mut out = PathBuf::new();
    for part in Path::new(base).join(path).components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::Normal(name) => out.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    out.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_written_down_may_lie_beside_the_root() {
        assert_eq!(beside("a", "../../lib"), Ok(PathBuf::from("a/../../lib")));
        assert!(beside("", "/lib").is_err() && beside("", "").is_err() && beside("", "a\0").is_err());
    }

    #[test]
    fn patterns_start_at_the_folder_of_the_configuration() {
        for (base, written, wanted) in [
            ("", "fixtures", "fixtures"),
            ("", "./fixtures", "/fixtures"),
            ("", "a/*.rs", "/a/*.rs"),
            ("rust", "fixtures/", "/rust/**/fixtures/"),
            ("rust", "/gen", "/rust/gen"),
            ("rust [x]", "!a/b.rs", "!/rust\\ \\[x\\]/a/b.rs"),
        ] {
            assert_eq!(pattern(base, written).as_deref(), Ok(wanted), "{base} {written}");
        }
        for wrong in ["../x", "a/../../x", "", "!", "#x", "a\\..\\x"] {
            assert!(pattern("rust", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn paths_are_shown_from_the_root() {
        assert_eq!(in_root("rust/x", Path::new("../../supervisor")), "supervisor");
        assert_eq!(in_root("", Path::new("./a/b")), "a/b");
    }

    #[test]
    fn files_stay_inside_the_root() {
        assert!(file("rust", "../baseline.json").is_ok());
        assert!(file("", "ci/baseline.json").is_ok());
        for wrong in ["../x", "/etc/passwd", "a/../../x", "C:\\x", "~/x", "", "a\0b"] {
            assert!(file("", wrong).is_err(), "{wrong}");
        }
        assert!(file("rust", "../../x").is_err());
    }
}
