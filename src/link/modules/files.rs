//! Paths of files as text: folders, stems, and joining them. It opens nothing.

use crate::base::Name;

pub(super) fn plain(name: Name) -> &'static str {
    name.as_str().trim_start_matches("r#")
}

pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".rs").unwrap_or(name)
}

pub(super) fn push(dir: &mut String, name: &str) {
    dir.push('/');
    dir.push_str(name);
}

/// Without `.`, and without `..` where there is something to go up from.
pub(super) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
