//! Which lines a patch adds: unified diffs as git, diff and hosting sites write them.
//!
//! Pure. What is not understood is skipped, as `patch` does; a text without a single hunk is an error, because a run that reports
//! nothing would look like a clean one.

use std::collections::BTreeMap;

use super::Error;

/// The added and changed lines of each file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Patch {
    /// By path as the patch names it, without the `b/`; 1-based lines, sorted.
    files: BTreeMap<String, Vec<u32>>,
}

/// What is left of a hunk.
struct Hunk {
    old: u32,
    new: u32,
    /// The next line of the new file.
    line: u32,
}

impl Patch {
    /// Reads a patch.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut patch = Self::default();
        let mut path: Option<String> = None;
        let mut hunk: Option<Hunk> = None;
        let mut hunks = 0;
        for line in text.lines() {
            if let Some(open) = hunk.as_mut().filter(|hunk| hunk.old > 0 || hunk.new > 0) {
                open.step(line, path.as_deref(), &mut patch);
            } else if let Some(name) = line.strip_prefix("+++ ") {
                path = file_name(name);
            } else if let Some(open) = Hunk::parse(line) {
                hunks += 1;
                hunk = Some(open);
            }
        }
        // A series of commits names a file more than once.
        patch.files.values_mut().for_each(|lines| lines.sort_unstable());
        let has_header = text.lines().any(|line| line.starts_with("diff --git "));
        if hunks == 0 && !has_header && !text.trim().is_empty() {
            return Err(Error("this is no unified diff: it has no line `@@ -1,2 +1,3 @@`".to_owned()));
        }
        Ok(patch)
    }

    /// True when the patch adds lines to this file.
    pub fn names(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// True when the patch adds one of these lines of a file. Lines are 1-based, both ends count.
    pub fn touches(&self, path: &str, first: u32, last: u32) -> bool {
        let lines = self.files.get(path).map_or(&[][..], Vec::as_slice);
        lines.get(lines.partition_point(|line| *line < first)).is_some_and(|line| *line <= last)
    }
}

impl Hunk {
    /// `@@ -1,2 +1,3 @@ fn main`.
    fn parse(line: &str) -> Option<Self> {
        let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
        let (old, new) = ranges.split_once(" +")?;
        let (_, old) = range(old)?;
        let (line, new) = range(new)?;
        Some(Self { old, new, line })
    }

    fn step(&mut self, line: &str, path: Option<&str>, patch: &mut Patch) {
        match line.as_bytes().first() {
            Some(b'+') => {
                if let Some(path) = path {
                    patch.files.entry(path.to_owned()).or_default().push(self.line);
                }
                self.line = self.line.saturating_add(1);
                self.new = self.new.saturating_sub(1);
            }
            Some(b'-') => self.old = self.old.saturating_sub(1),
            // "\ No newline at end of file" is about the line before.
            Some(b'\\') => {}
            // A blank line of the context may have lost its leading blank on the way.
            Some(_) | None => {
                self.line = self.line.saturating_add(1);
                self.old = self.old.saturating_sub(1);
                self.new = self.new.saturating_sub(1);
            }
        }
    }
}

/// `7,3`, or `7` for one line.
fn range(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

/// The path behind `+++ `: without prefix, time and quotes; nothing for a file that is deleted.
fn file_name(text: &str) -> Option<String> {
    let name = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None => text.split('\t').next().unwrap_or(text).trim_end().to_owned(),
    };
    if name == "/dev/null" {
        return None;
    }
    // `i/`, `w/`, `c/`, `o/` come from diff.mnemonicPrefix.
    let prefixes = ["b/", "i/", "w/", "c/", "o/", "./"];
    let bare = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix));
    Some(bare.map_or_else(|| name.clone(), str::to_owned))
}

/// A name that git quotes as C does.
fn unquoted(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    loop {
        match rest.next()? {
            b'"' => break,
            b'\\' => match rest.next()? {
                b'n' => bytes.push(b'\n'),
                b't' => bytes.push(b'\t'),
                b'r' => bytes.push(b'\r'),
                b'a' => bytes.push(7),
                b'b' => bytes.push(8),
                b'v' => bytes.push(11),
                b'f' => bytes.push(12),
                first @ b'0'..=b'7' => {
                    let digits = [first, rest.next()?, rest.next()?];
                    let value = std::str::from_utf8(&digits).ok().and_then(|text| u8::from_str_radix(text, 8).ok());
                    bytes.push(value?);
                }
                other => bytes.push(other),
            },
            other => bytes.push(other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "diff --git a/src/a.rs b/src/a.rs
index 1..2 100644
--- a/src/a.rs
+++ b/src/a.rs
@@ -1,4 +1,5 @@ fn main
 one
-two
+TWO
+++ three
 four

@@ -20 +21 @@
-x
\\ No newline at end of file
+y
\\ No newline at end of file
diff --git a/old.rs b/old.rs
--- a/old.rs
+++ /dev/null
@@ -1 +0,0 @@
-gone
--- \"a/src/\\303\\251 x.rs\"
+++ \"b/src/\\303\\251 x.rs\"
@@ -0,0 +1,2 @@
+a
+b
";

    #[test]
    fn added_lines_are_known() {
        let patch = Patch::parse(PATCH).unwrap();
        let lines = |path: &str| patch.files.get(path).cloned().unwrap_or_default();
        assert_eq!(lines("src/a.rs"), [2, 3, 21], "`+++ three` inside a hunk is a line");
        assert_eq!(lines("src/é x.rs"), [1, 2]);
        assert_eq!(patch.files.len(), 2);
        assert!(patch.touches("src/a.rs", 1, 2) && patch.touches("src/a.rs", 3, 9));
        assert!(!patch.touches("src/a.rs", 4, 20) && !patch.touches("src/b.rs", 1, 99));
    }

    #[test]
    fn other_writers_are_understood() {
        let plain = "--- a.rs\t2026-01-01\n+++ src/a.rs\t2026-01-02 10:00\n@@ -1 +1 @@\n-x\n+y\n";
        assert!(Patch::parse(plain).unwrap().touches("src/a.rs", 1, 1));
        let windows = PATCH.replace('\n', "\r\n");
        assert_eq!(Patch::parse(&windows).unwrap(), Patch::parse(PATCH).unwrap());
    }

    #[test]
    fn what_is_no_patch_is_refused() {
        assert!(Patch::parse("fn main() {}").is_err());
        assert_eq!(Patch::parse("").unwrap(), Patch::default(), "nothing changed");
        assert!(Patch::parse("diff --git a/x b/y\nrename from x\nrename to y\n").is_ok());
    }

    #[test]
    fn no_text_stops_the_reader() {
        let pieces = [
            "@@ -1,9 +1,9 @@",
            "@@ -1 +99999999999 @@",
            "@@ -1 +4294967295,9 @@",
            "@@ -,+ @@",
            "+++ \"b/\\3",
            "+++ b/x",
            "+x",
            "-",
            "",
            "\\",
            "é",
        ];
        let mut number = 7_u64;
        for _ in 0..2000 {
            let mut text = String::new();
            for _ in 0..8 {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(number >> 33) as usize % pieces.len()]);
                text.push('\n');
            }
            if let Ok(patch) = Patch::parse(&text) {
                assert!(patch.files.values().all(|lines| lines.is_sorted()));
            }
        }
    }
}
