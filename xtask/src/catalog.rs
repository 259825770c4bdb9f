//! Proof that the paths of the catalogue exist: one intra-doc link per entry, resolved by rustdoc.
//!
//! Writes a crate that depends on every crate that can be built here, documents it with broken links denied, and
//! lists the entries whose link is broken. Entries of other crates must carry `unverified = true`.
//! It proves that a function, method or type is there; what it does is proved by the sentence in `proof`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use asynclint::catalog::{Catalog, prelude};

/// The crates that can be built here: a line of a manifest each.
const PROVED: &str = include_str!("catalog.toml");

/// What a link is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    /// `value@tokio::task::spawn`.
    target: String,
    /// The entry in words.
    entry: String,
}

/// Runs the proof and prints broken links and counts.
pub(crate) fn run(out: &mut impl Write) -> Result<(), String> {
    let catalog = Catalog::load().map_err(|e| e.to_string())?;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/catalog-proof");
    let crates = proved_crates();
    let (links, counts, unmarked) = links(&catalog, &crates);
    write_crate(&folder, &links).map_err(|e| format!("{}: {e}", folder.display()))?;
    let broken = broken_links(&folder)?;
    let mut failed = unmarked.len();
    let mut say = |line: &str| writeln!(out, "{line}").map_err(|e| e.to_string());
    for path in &unmarked {
        say(&format!("not marked: {path} is of a crate that is not built here; add `unverified = true`"))?;
    }
    for (line, message) in &broken {
        // Line 1 of the crate is an attribute.
        let Some(link) = line.checked_sub(2).and_then(|i| links.get(i)) else {
            say(&format!("line {line}: {message}"))?;
            continue;
        };
        failed += 1;
        say(&format!("broken: {} ({}): {message}", link.entry, link.target))?;
    }
    for (krate, (verified, unverified)) in &counts {
        say(&format!("{krate}: {verified} verified, {unverified} unverified"))?;
    }
    let (verified, unverified) = counts.values().fold((0, 0), |sum, c| (sum.0 + c.0, sum.1 + c.1));
    say(&format!("{verified} entries verified by {} links, {unverified} unverified", links.len()))?;
    if failed == 0 { Ok(()) } else { Err(format!("{failed} entries of the catalogue do not hold")) }
}

/// Names of the crates in `catalog.toml`, as paths spell them.
fn proved_crates() -> BTreeSet<String> {
    let names = PROVED.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.replace('-', "_"));
    names.chain(["std".to_owned()]).collect()
}

type Counts = BTreeMap<String, (usize, usize)>;

/// A link per path, the counts per crate, and the entries that should be marked and are not.
fn links(catalog: &Catalog, crates: &BTreeSet<String>) -> (Vec<Link>, Counts, BTreeSet<String>) {
    let mut links = BTreeSet::new();
    let mut counts = Counts::new();
    let mut unmarked = BTreeSet::new();
    let mut add = |namespace: &str, path: &str, unverified: bool| {
        let krate = path.split("::").next().unwrap_or(path);
        let krate = if prelude::is_primitive(krate) { "std" } else { krate };
        let count = counts.entry(krate.to_owned()).or_default();
        if unverified {
            count.1 += 1;
            return;
        }
        count.0 += 1;
        if !crates.contains(krate) {
            unmarked.insert(path.to_owned());
        } else if !path.ends_with("::*") {
            links.insert(Link { target: format!("{namespace}@{path}"), entry: path.to_owned() });
        }
    };
    for func in catalog.functions() {
        add("value", func.path.as_str(), func.unverified);
    }
    for ty in catalog.types() {
        let primitive = prelude::is_primitive(ty.path.as_str());
        add(if primitive { "prim" } else { "type" }, ty.path.as_str(), ty.unverified);
    }
    for item in catalog.macros() {
        add("macro", item.path.as_str(), item.unverified);
    }
    for item in catalog.attributes() {
        add("macro", item.path.as_str(), item.unverified);
    }
    (links.into_iter().collect(), counts, unmarked)
}

fn write_crate(folder: &Path, links: &[Link]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("src"))?;
    let head = "[package]\nname = \"catalog-proof\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n";
    std::fs::write(folder.join("Cargo.toml"), format!("{head}{PROVED}"))?;
    let mut text = String::from("#![deny(rustdoc::broken_intra_doc_links)]\n");
    for link in links {
        let _ = writeln!(text, "//! [link]({})", link.target);
    }
    std::fs::write(folder.join("src/lib.rs"), text)
}

/// Line and message of each broken link.
fn broken_links(folder: &Path) -> Result<Vec<(usize, String)>, String> {
    let output = Command::new("cargo")
        .args(["doc", "--no-deps", "--message-format=short"])
        .current_dir(folder)
        .env("RUSTFLAGS", "--cfg tokio_unstable")
        .env("RUSTDOCFLAGS", "--cfg tokio_unstable")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .map_err(|e| format!("cargo doc: {e}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let mut broken = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("src/lib.rs:") else { continue };
        let mut parts = rest.splitn(3, ':');
        let (Some(number), Some(message)) = (parts.next().and_then(|n| n.parse().ok()), parts.nth(1)) else { continue };
        broken.push((number, message.trim().to_owned()));
    }
    if !output.status.success() && broken.is_empty() {
        return Err(format!("cargo doc failed:\n{text}"));
    }
    Ok(broken)
}
