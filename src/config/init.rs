//! A first configuration: every key as a comment with its default, and what was found in the workspace.
//!
//! It is text; whoever asks decides where it goes.

use super::schema;

/// Packages whose presence says which runtime a project uses.
pub const RUNTIMES: [&str; 10] = [
    "actix-rt",
    "async-std",
    "compio",
    "embassy-executor",
    "glommio",
    "monoio",
    "ntex",
    "smol",
    "tokio",
    "tokio-uring",
];

/// The text of a new `asynclint.toml`.
pub fn text(runtimes: &[String]) -> String {
    let found = match runtimes {
        [] => "No async runtime is among the dependencies of this workspace.".to_owned(),
        names => format!("Runtimes found in this workspace: {}.", names.join(", ")),
    };
    format!("#:schema {}\n# Configuration of asynclint. {found}\n{BODY}", schema::ID)
}

const BODY: &str = r#"# What stands behind `#` is the default. `asynclint config show` prints what holds and where it comes from,
# `asynclint rules` lists rules, kinds and groups.

# Test code: "relaxed" (as each rule says), "strict" (as any other code), "off".
#tests = "relaxed"

# A run fails at this severity: "note", "warning", "error".
#fail-on = "warning"

# Where nothing is reported, in the syntax of .gitignore, relative to this folder.
#exclude = []

# Conditions of cfg that hold, like "tokio_unstable".
#cfg = []

# Levels: "allow", "note", "warn", "deny"; names: rules, "rule.kind", groups (all, pedantic, blocking, ..).
[rules]
#pedantic = "warn"
#blocking-fs = { level = "deny", indirect = "warn" }
#"untracked-spawn.best-effort" = "allow"

# A part of the code; of several that fit the last one wins.
#[[overrides]]
#paths = ["tools/"]
#rules = { blocking = "allow" }

# What your own functions do: this one blocks its thread.
#[[api.fn]]
#path = "my_crate::legacy::fetch"
#blocks = "custom"
#instead = { text = "`my_crate::fetch(..).await`" }

# Fixes: what may be rewritten, and how.
[fix]
#unfixable = []
#style = "supervisor"
#add-dependency = false

# Old findings that are not reported.
[baseline]
#file = "asynclint-baseline.json"
"#;
