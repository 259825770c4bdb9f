use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::base::Spot;
use crate::diagnostic::Severity;
use crate::levels::{Levels, TestMode};
use crate::rules::page;

/// Reads files that a test holds.
fn find_in(files: &[(&str, &str)], homes: &[(&str, &str)], wanted: &Wanted) -> Result<Config, Vec<ConfigError>> {
    let files: BTreeMap<PathBuf, Arc<str>> = files.iter().map(|(p, t)| (PathBuf::from(p), Arc::from(*t))).collect();
    let homes: Vec<Home> = homes.iter().map(|(f, t)| Home { folder: f.into(), top: t.into() }).collect();
    find(&homes, Path::new("/w"), wanted, &|path| files.get(path).cloned().map(Ok))
}

fn read(text: &str) -> Result<Config, Vec<ConfigError>> {
    find_in(&[("/w/asynclint.toml", text)], &[("/w", "/w")], &Wanted::default())
}

/// The first mistake as a user sees it.
fn refused(text: &str) -> String {
    read(text).err().unwrap_or_else(|| panic!("accepted: {text}"))[0].to_string()
}

fn levels(config: &Config) -> Levels {
    let mut levels = Levels::new(page::all(), *config.settings.tests);
    for assignment in &config.levels {
        levels.assign(assignment).unwrap();
    }
    levels
}

fn word(level: page::Level) -> &'static str {
    match level {
        page::Level::Allow => "allow",
        page::Level::Note => "note",
        page::Level::Warn => "warn",
        page::Level::Deny => "deny",
    }
}

fn level(config: &Config, rule: &str, kind: &str) -> &'static str {
    word(levels(config).level(rule, kind))
}

#[test]
fn every_key_is_read_and_knows_its_line() {
    let config = read(
        r#"tests = "strict"
fail-on = "error"
strict = true
min-severity = "note"
min-confidence = "certain"
include = ["src"]
exclude = ["gen/*.rs"]
generated = true
max-file-size = 1000
cfg = ["tokio_unstable", 'feature = "x"']
[fix]
fixable = ["blocking"]
unfixable = ["untracked-spawn.service"]
style = "off"
supervisor-path = "crate::rt"
add-dependency = true
dependency = { version = "0.1" }
[baseline]
file = "ci/baseline.json"
"#,
    )
    .unwrap();
    let settings = &config.settings;
    assert_eq!(*settings.tests, TestMode::Strict);
    assert_eq!(*settings.fail_on, Severity::Error);
    assert!(*settings.strict && *settings.generated);
    assert_eq!(*settings.max_file_size, 1000);
    assert_eq!(settings.exclude.value, ["/gen/*.rs"]);
    assert_eq!(settings.cfg.value.len(), 2);
    assert_eq!(settings.max_file_size.origin.to_string(), "asynclint.toml:9");
    assert_eq!(*settings.fix.style, FixStyle::Off);
    assert_eq!(settings.fix.supervisor_path.value.as_deref(), Some("crate::rt"));
    assert_eq!(settings.fix.dependency.value, Some(Dependency::Version("0.1".to_owned())));
    assert_eq!(settings.fix.unfixable.value, ["untracked-spawn.service"]);
    assert_eq!(settings.baseline.file.value.as_deref(), Some(Path::new("ci/baseline.json")));
    assert_eq!(settings.baseline.file.origin.to_string(), "asynclint.toml:19");
    assert_eq!(config.claims.len(), 2);
}

#[test]
fn the_three_forms_of_a_kind_say_the_same() {
    for text in [
        "[rules]\n\"untracked-spawn.best-effort\" = \"deny\"\n",
        "[rules]\nuntracked-spawn = { kinds = { best-effort = \"deny\" } }\n",
        "[rules.untracked-spawn.kinds]\nbest-effort = \"deny\"\n",
    ] {
        let config = read(text).unwrap();
        assert_eq!(level(&config, "untracked-spawn", "best-effort"), "deny", "{text}");
        assert_eq!(level(&config, "untracked-spawn", "service"), "warn", "{text}");
    }
    let dotted = refused("[rules]\nuntracked-spawn.best-effort = \"allow\"\n");
    assert!(dotted.contains("`\"untracked-spawn.best-effort\" = \"allow\"`"), "{dotted}");
    let both = refused("[rules]\nuntracked-spawn = \"deny\"\nuntracked-spawn.best-effort = \"allow\"\n");
    assert!(both.contains("asynclint.toml:3") && both.contains("kinds = {"), "{both}");
}

#[test]
fn the_narrower_name_wins_whatever_the_order() {
    let config = read(
        "[rules]\n\"blocking-fs.default\" = \"note\"\nblocking-fs = \"deny\"\nblocking = \"allow\"\nall = \"deny\"\npedantic = \"warn\"\n",
    )
    .unwrap();
    assert_eq!(level(&config, "blocking-fs", "default"), "note");
    assert_eq!(level(&config, "blocking-sleep", "default"), "allow");
    assert_eq!(level(&config, "untracked-spawn", "service"), "deny");
}

#[test]
fn overrides_hold_where_they_say_and_the_last_one_wins() {
    let config = read(
        r#"
[rules]
blocking-fs = "deny"
[[overrides]]
paths = ["crates/a"]
rules = { blocking-fs = "warn" }
[[overrides]]
crates = ["app-*"]
rules = { blocking-fs = "note" }
[[overrides]]
tests = true
rules = { blocking-fs = "allow" }
"#,
    )
    .unwrap();
    let levels = levels(&config);
    let at = |path, package, in_test| {
        let spot = Spot { path, package, in_test };
        word(levels.explained("blocking-fs", "default", Some(spot), false).0)
    };
    assert_eq!(at("src/x.rs", "lib", false), "deny");
    assert_eq!(at("crates/a/src/x.rs", "lib", false), "warn");
    assert_eq!(at("crates/a/src/x.rs", "app-a", false), "note");
    assert_eq!(at("crates/a/src/x.rs", "app-a", true), "allow");
    let spot = Spot { path: "crates/a/x.rs", package: "lib", in_test: false };
    assert_eq!(levels.explained("blocking-fs", "default", Some(spot), false).1, Some("asynclint.toml:6"));
}

#[test]
fn pages_then_file_then_overrides_then_command_line() {
    let text = "tests = \"strict\"\nexclude = [\"a\"]\n[rules]\nblocking-fs = \"deny\"\n[[overrides]]\npaths = [\"src\"]\nrules = { blocking-fs = \"note\" }\n";
    let sets = ["tests=relaxed", "rules.blocking-fs=\"warn\"", "exclude=[\"b\"]"].map(str::to_owned).to_vec();
    let wanted = Wanted { sets, ..Wanted::default() };
    let config = find_in(&[("/w/asynclint.toml", text)], &[("/w", "/w")], &wanted).unwrap();
    assert_eq!(*config.settings.tests, TestMode::Relaxed);
    assert_eq!(config.settings.exclude.value, ["b"]);
    assert_eq!(config.settings.exclude.origin.to_string(), "--config");
    let mut levels = levels(&config);
    let spot = Spot { path: "src/x.rs", package: "", in_test: false };
    assert_eq!(word(levels.explained("blocking-fs", "default", Some(spot), false).0), "warn");
    levels.change(crate::levels::Change::Allow, "blocking").unwrap();
    let (last, origin) = levels.explained("blocking-fs", "default", Some(spot), false);
    assert_eq!((word(last), origin), ("allow", Some("-A blocking")));
}

#[test]
fn options_are_words_of_the_page() {
    let config = read("[rules.blocking]\nentry = \"full\"\n[rules.blocking-fs]\nindirect = \"note\"\n").unwrap();
    assert_eq!(config.options.len(), 11);
    assert!(config.options.iter().all(|o| o.name == "entry" && o.value == "full"));
    let levels = levels(&config);
    let spot = Spot::default();
    assert_eq!(word(levels.explained("blocking-fs", "default", Some(spot), true).0), "note");
    assert_eq!(word(levels.explained("blocking-fs", "default", Some(spot), false).0), "warn");
    assert!(refused("[rules.blocking-fs]\nentry = \"ful\"\n").contains("did you mean `full`?"));
    assert!(refused("[rules.blocking-fs]\nentr = \"full\"\n").contains("did you mean `entry`?"));
    assert!(refused("[rules.blocking-fs]\nentry = true\n").contains("is a text in quotes"));
    assert!(refused("[rules.pedantic]\nfoo = \"x\"\n").contains("has no option `foo`"));
}

#[test]
fn mistakes_name_place_and_remedy() {
    for (text, place, words, remedy) in [
        ("rulse = 1\n", "asynclint.toml:1:1", "unknown key `rulse`", "did you mean `rules`?"),
        ("\n[fix]\nstile = \"off\"\n", "asynclint.toml:3:1", "unknown key `stile`", "did you mean `style`?"),
        ("tests = \"strikt\"\n", "asynclint.toml:1:9", "`strikt`", "did you mean `strict`?"),
        ("[rules]\nblocking-fs = \"off\"\n", "asynclint.toml:2:15", "no level", "the word here is `allow`"),
        ("[rules]\nblocking-fs = 3\n", "asynclint.toml:2:15", "invalid type", "config schema"),
        ("tests = 1\n", "asynclint.toml:1:9", "expected a string", "config schema"),
        ("exclude = \"a\"\n", "asynclint.toml:1:11", "expected a sequence", "config schema"),
        ("exclude = [\"../x\"]\n", "asynclint.toml:1:12", "`..`", ".gitignore"),
        ("[baseline]\nfile = \"/etc/x\"\n", "asynclint.toml:2:8", "inside the analysis root", "relative"),
        ("[fix]\ndependency = { path = \"../../x\" }\n", "asynclint.toml:2:23", "inside the analysis root", "relative"),
        ("[fix]\ndependency = { path = \"x\", git = \"y\" }\n", "asynclint.toml:2:14", "one of", "version"),
        ("[fix]\nsupervisor-path = \"a; b\"\n", "asynclint.toml:2:19", "no path", "crate::rt"),
        ("[[overrides]]\nrules = { all = \"allow\" }\n", "asynclint.toml:1:1", "where it holds", "paths"),
        ("[[overrides]]\ntests = true\n", "asynclint.toml:1:1", "changes nothing", "rules"),
        ("[[overrides]]\npaths = []\nrules = { all = \"allow\" }\n", "asynclint.toml:2:9", "nowhere", "remove"),
        ("cfg = [\"a b\"]\n", "asynclint.toml:1:8", "no condition", "tokio_unstable"),
        ("max-file-size = -1\n", "asynclint.toml:1:17", "", ""),
        ("max-file-size = 0\n", "asynclint.toml:1:17", "0 bytes", "number"),
        ("tests = \"off\"\ntests = \"off\"\n", "asynclint.toml:2:1", "duplicate key", ""),
        ("[[api.fn]]\npath = \"a::b\"\nblock = \"fs\"\n", "asynclint.toml:3:1", "unknown key `block`", "`blocks`"),
        ("[[api.fn]]\npath = \"a b\"\n", "asynclint.toml:1", "is no path", "a::b"),
        ("[rules\n", "asynclint.toml:1:7", "", ""),
    ] {
        let shown = refused(text);
        assert!(shown.starts_with(place), "{text}\n{shown}");
        assert!(shown.contains(words) && shown.contains(remedy), "{text}\n{shown}");
    }
    let all = read("tests = \"x\"\nfail-on = \"y\"\n[rules]\nall = \"z\"\n").unwrap_err();
    assert_eq!(all.len(), 3, "all mistakes at once");
    let picture = refused("\tx = 1\n");
    assert!(picture.contains(" 1 | \tx = 1\n   | \t^"), "{picture}");
}

#[test]
fn a_rule_that_does_not_exist_is_a_warning_in_a_file_and_an_error_on_the_command_line() {
    let config =
        read("[rules]\nuntraked-spawn = \"deny\"\nuntracked-spawn = { kinds = { servce = \"allow\" } }\n").unwrap();
    let names: Vec<&str> = config.unknown.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(names, ["untracked-spawn.servce", "untraked-spawn"]);
    assert_eq!(config.unknown[1].nearest[0], "untracked-spawn");
    let wanted = Wanted { sets: vec!["rules.untraked-spawn=deny".to_owned()], ..Wanted::default() };
    let errors = find_in(&[], &[("/w", "/w")], &wanted).unwrap_err();
    assert!(errors[0].to_string().contains("did you mean `untracked-spawn`?"), "{}", errors[0]);
}

#[test]
fn places_of_a_configuration() {
    let text = "tests = \"strict\"\n";
    let strict = |files: &[(&str, &str)], homes: &[(&str, &str)]| {
        find_in(files, homes, &Wanted::default()).map(|config| *config.settings.tests == TestMode::Strict)
    };
    for name in ["asynclint.toml", ".asynclint.toml", ".config/asynclint.toml"] {
        assert_eq!(strict(&[(&format!("/w/{name}"), text)], &[("/w", "/w")]), Ok(true), "{name}");
    }
    for table in ["workspace", "package"] {
        let manifest = format!("[package]\nname = \"x\"\n[{table}.metadata.asynclint]\ntests = \"strict\"\n");
        assert_eq!(strict(&[("/w/Cargo.toml", &manifest)], &[("/w", "/w")]), Ok(true), "{table}");
    }
    assert_eq!(strict(&[("/w/asynclint.toml", text)], &[("/w/rust/a", "/w")]), Ok(true), "further up");
    assert_eq!(strict(&[("/asynclint.toml", text)], &[("/w/rust", "/w")]), Ok(false), "not above the repository");
    let nearest = [("/w/asynclint.toml", "tests = \"off\"\n"), ("/w/rust/asynclint.toml", text)];
    assert_eq!(strict(&nearest, &[("/w/rust", "/w")]), Ok(true), "the nearest");
}

#[test]
fn two_configurations_are_an_error_that_names_both() {
    let manifest = "[package]\nname = \"x\"\n[workspace.metadata.asynclint]\n[package.metadata.asynclint]\n";
    for (files, one, two) in [
        (vec![("/w/asynclint.toml", ""), ("/w/.asynclint.toml", "")], "asynclint.toml and", ".asynclint.toml"),
        (vec![("/w/asynclint.toml", ""), ("/w/Cargo.toml", manifest)], "asynclint.toml", "[workspace.metadata"),
        (vec![("/w/Cargo.toml", manifest)], "[workspace.metadata.asynclint] in Cargo.toml", "[package.metadata"),
    ] {
        let error = find_in(&files, &[("/w", "/w")], &Wanted::default()).unwrap_err()[0].to_string();
        assert!(error.contains(one) && error.contains(two) && error.contains("keep one"), "{error}");
    }
    let files = [("/w/a/asynclint.toml", ""), ("/w/b/asynclint.toml", "")];
    let error = find_in(&files, &[("/w/a", "/w/a"), ("/w/b", "/w/b")], &Wanted::default()).unwrap_err()[0].to_string();
    assert!(error.contains("a/asynclint.toml") && error.contains("b/asynclint.toml"), "{error}");
}

#[test]
fn a_file_can_be_named_or_refused() {
    let files =
        [("/w/asynclint.toml", "tests = \"off\"\n"), ("/w/ci/strict.toml", "tests = \"strict\"\nexclude = [\"/a\"]\n")];
    let named = Wanted { file: Some("/w/ci/strict.toml".into()), ..Wanted::default() };
    let config = find_in(&files, &[("/w/rust", "/w")], &named).unwrap();
    assert_eq!(*config.settings.tests, TestMode::Strict);
    assert_eq!(config.settings.exclude.value, ["/rust/a"], "patterns start at the workspace");
    let none = Wanted { no_file: true, ..Wanted::default() };
    assert_eq!(*find_in(&files, &[("/w", "/w")], &none).unwrap().settings.tests, TestMode::Relaxed);
    let missing = Wanted { file: Some("/w/x.toml".into()), ..Wanted::default() };
    assert!(find_in(&files, &[("/w", "/w")], &missing).unwrap_err()[0].to_string().contains("no such file"));
}

#[test]
fn hostile_texts_are_refused_or_read_and_never_hurt() {
    let deep = format!("exclude = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&deep).is_err());
    let dotted = format!("{}x = 1", "a.".repeat(100_000));
    assert!(read(&dotted).is_err());
    let long = format!("tests = \"{}\"\n", "x".repeat(1 << 20));
    assert!(refused(&long).len() < (1 << 20) + 1000);
    let many: String =
        (0..2_000).map(|i| format!("[[overrides]]\npaths = [\"a{i}\"]\nrules = {{ all = \"warn\" }}\n")).collect();
    assert_eq!(read(&many).unwrap().levels.len(), 2_000);
    assert!(read("tests = \"\u{0}\"").is_err());
    let bom = find_in(&[("/w/asynclint.toml", "\u{feff}tests = \"off\"\n")], &[("/w", "/w")], &Wanted::default());
    assert_eq!(*bom.unwrap().settings.tests, TestMode::Off);
    assert!(read("exclude = [\"a[z-a]\"]\n").is_err());
}
