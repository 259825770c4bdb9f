//! Paths as the person at the terminal sees them: from the current directory.

use std::path::Path;

/// `path`, which is relative to `root`, as seen from `here`.
pub(super) fn relative(root: &Path, here: &Path, path: &str) -> String {
    let target = root.join(path);
    let mut target = target.components().peekable();
    let mut here = here.components().peekable();
    if target.peek() != here.peek() {
        return path.to_owned();
    }
    while target.peek().is_some() && target.peek() == here.peek() {
        target.next();
        here.next();
    }
    let up = here.map(|_| "..".to_owned());
    let down = target.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_here() {
        let seen = |root: &str, here: &str, path: &str| relative(Path::new(root), Path::new(here), path);
        assert_eq!(seen("/w", "/w", "src/a.rs"), "src/a.rs");
        assert_eq!(seen("/w", "/w/src", "src/a.rs"), "a.rs");
        assert_eq!(seen("/w", "/w/tests", "src/a.rs"), "../src/a.rs");
        assert_eq!(seen("/w/x", "/w", "src/a.rs"), "x/src/a.rs");
    }
}
