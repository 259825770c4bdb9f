//! Short forms of the TOML files: `a::{b, c}` for several paths, `$name` for the last segment.
//!
//! They keep a family of functions in one entry. Nothing here checks that a path exists.

use crate::base::Name;

/// The paths that `text` stands for; `None` when it is not a path.
pub(super) fn expand_path(text: &str) -> Option<Vec<String>> {
    let paths = match text.split_once("::{") {
        None => vec![text.to_owned()],
        Some((prefix, names)) => {
            let names = names.strip_suffix('}')?;
            names.split(',').map(|n| format!("{prefix}::{}", n.trim())).collect()
        }
    };
    paths.iter().all(|p| is_path(p)).then_some(paths)
}

/// True for `a::b::c`, and for `a::*`.
fn is_path(path: &str) -> bool {
    let mut segments = path.split("::").peekable();
    let mut first = true;
    while let Some(segment) = segments.next() {
        let star = segment == "*" && segments.peek().is_none() && !first;
        let word = segment.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !word && !star {
            return false;
        }
        first = false;
    }
    true
}

/// `text` with `$name` replaced.
pub(super) fn fill_name(text: &str, name: Name) -> Name {
    if text.contains("$name") { Name::new(&text.replace("$name", name.as_str())) } else { Name::new(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_make_several_paths() {
        assert_eq!(expand_path("a::{b, c}").unwrap(), ["a::b", "a::c"]);
        assert_eq!(expand_path("a::*").unwrap(), ["a::*"]);
        for wrong in ["", "*", "a::", "a::*::b", "a b", "a::{b", "a::{b,}"] {
            assert_eq!(expand_path(wrong), None, "{wrong}");
        }
    }
}
