use super::*;
use crate::base::Spot;
use crate::diagnostic::Severity;
use crate::levels::{Levels, TestMode};
use crate::rules::page;
use std::collections::BTreeMap;

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
    assert_eq!(config.baseline_file().as_deref(), Some("ci/baseline.json"));
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
        (
            "[fix]\ndependency = { path = \"/x\" }\n",
            "asynclint.toml:2:23",
            "relative to the configuration",
            "../supervisor",
        ),
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

#[test]
fn what_is_shown_can_be_read_again() {
    let text = r#"tests = "strict"
exclude = ["gen", "/a/*.rs", "!b"]
max-file-size = 77
[rules]
all = "warn"
blocking-fs = { level = "deny", indirect = "note", entry = "full" }
"untracked-spawn.best-effort" = "deny"
[[overrides]]
paths = ["src/x"]
crates = ["app-*"]
tests = false
rules = { blocking-fs = { level = "allow", indirect = "deny" }, "untracked-spawn.service" = "deny", blocking = { entry = "full" } }
[fix]
supervisor-path = "crate::rt"
dependency = { git = "https://x \"y\"" }
[baseline]
file = "b.json"
"#;
    let first = read(text).unwrap();
    let shown = show::whole(&first);
    assert!(shown.contains("tests = \"strict\" # asynclint.toml:1\n"), "{shown}");
    assert!(shown.contains("fail-on = \"warning\" # default\n"), "{shown}");
    assert!(shown.contains("best-effort = \"deny\" # asynclint.toml:7\n"), "{shown}");
    let second = read(&shown).unwrap_or_else(|errors| panic!("{}\n{shown}", errors[0]));
    assert_eq!(first.settings.exclude.value, second.settings.exclude.value);
    assert_eq!(first.settings.fix.dependency.value, second.settings.fix.dependency.value);
    assert_eq!(first.settings.baseline.file.value, second.settings.baseline.file.value);
    let (one, two) = (levels(&first), levels(&second));
    let spots = [None, Some(Spot { path: "src/x/a.rs", package: "app-a", in_test: false })];
    for rule in page::all() {
        for kind in &rule.kinds {
            for (spot, indirect) in spots.into_iter().flat_map(|spot| [(spot, false), (spot, true)]) {
                let of = |levels: &Levels| levels.explained(rule.id, kind.id, spot, indirect).0;
                assert_eq!(of(&one), of(&two), "{} {} {spot:?} {indirect}", rule.id, kind.id);
            }
        }
    }
    let spot = Spot { path: "src/x/a.rs", package: "app-a", in_test: false };
    let there = show::for_spot(&first, spot);
    assert!(there.contains("[rules.blocking-fs]\nlevel = \"allow\" # asynclint.toml:12\n"), "{there}");
    assert!(read(&there).is_ok());
}

#[test]
fn the_first_configuration_changes_nothing() {
    let config = read(&init::text(&["tokio".to_owned()])).unwrap();
    assert_eq!(config.settings, Settings::default());
    assert!(config.levels.is_empty());
    let all: String = init::text(&[])
        .lines()
        .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with([' ', ':'])).unwrap_or(line))
        .map(|line| format!("{line}\n"))
        .collect();
    let config = read(&all).unwrap_or_else(|errors| panic!("{}\n{all}", errors[0]));
    assert!(config.settings.baseline.file.is_some(), "every comment is a setting that can be used");
}

/// Objects of the schema, by the path of keys to them; arrays are looked into.
fn objects(schema: &serde_json::Value) -> Vec<(String, Vec<String>)> {
    fn walk(root: &serde_json::Value, at: &serde_json::Value, path: &str, out: &mut Vec<(String, Vec<String>)>) {
        if let Some(name) = at["$ref"].as_str() {
            return walk(root, &root["definitions"][name.rsplit('/').next().unwrap()], path, out);
        }
        if at["type"] == "array" {
            return walk(root, &at["items"], &format!("{path}[]"), out);
        }
        let Some(properties) = at["properties"].as_object() else { return };
        out.push((path.to_owned(), properties.keys().cloned().collect()));
        if path.ends_with("rules") {
            return; // Names of rules are warnings, and have a test of their own.
        }
        for (key, value) in properties {
            walk(root, value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, out);
        }
    }
    let mut out = Vec::new();
    walk(schema, schema, "", &mut out);
    out
}

/// A document in which the object at `path` has the one key `zzz`.
fn with_wrong_key(path: &str) -> String {
    let mut value = "{ zzz = 1 }".to_owned();
    for part in path.split('.').rev() {
        let (name, is_list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        value = format!("{{ {name} = {} }}", if is_list { format!("[{value}]") } else { value });
    }
    let inside = value.strip_prefix("{ ").unwrap().strip_suffix(" }").unwrap();
    if path.is_empty() { "zzz = 1".to_owned() } else { inside.to_owned() }
}

#[test]
fn the_schema_has_the_keys_of_the_parser() {
    let schema = schema::value();
    let objects = objects(&schema);
    assert!(objects.len() >= 12, "{objects:?}");
    for (path, keys) in objects.iter().filter(|(path, _)| !path.ends_with("rules")) {
        let text = with_wrong_key(path);
        let error = toml::from_str::<text::ConfigText>(&text).unwrap_err();
        let message = error.message();
        assert!(message.starts_with("unknown field `zzz`"), "{path}: {message}");
        let mut known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        known.sort_unstable();
        keys.sort_unstable();
        assert_eq!(known, keys, "{path}");
    }
}

/// A TOML value that the schema allows: the first word, or the example.
fn example(root: &serde_json::Value, at: &serde_json::Value) -> Vec<String> {
    if let Some(name) = at["$ref"].as_str() {
        return example(root, &root["definitions"][name.rsplit('/').next().unwrap()]);
    }
    if let Some(all) = at["anyOf"].as_array() {
        return all.iter().flat_map(|one| example(root, one)).collect();
    }
    if let Some(words) = at["enum"].as_array() {
        return words.iter().map(ToString::to_string).collect();
    }
    match at["type"].as_str() {
        Some("boolean") => vec!["true".to_owned()],
        Some("integer") => vec!["1".to_owned()],
        Some("string") => vec![at["examples"][0].to_string()],
        Some("array") => example(root, &at["items"]).into_iter().map(|item| format!("[{item}]")).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_parser_takes_what_the_schema_allows() {
    let schema = schema::value();
    let mut tried = 0;
    for table in ["", "fix", "baseline"] {
        let object = if table.is_empty() { &schema } else { &schema["properties"][table] };
        for (key, value) in object["properties"].as_object().unwrap() {
            for example in example(&schema, value) {
                let head = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
                let text = format!("{head}\"{key}\" = {example}\n");
                assert!(read(&text).is_ok(), "{}", read(&text).unwrap_err()[0]);
                tried += 1;
            }
        }
    }
    for (name, value) in schema["definitions"]["rules"]["properties"].as_object().unwrap() {
        let config = read(&format!("[rules]\n\"{name}\" = \"deny\"\n")).unwrap();
        assert!(config.unknown.is_empty(), "{name}");
        for (key, value) in
            value["anyOf"][1]["properties"].as_object().into_iter().flatten().filter(|(k, _)| *k != "kinds")
        {
            for example in example(&schema, value) {
                let text = format!("[rules]\n{name} = {{ {key} = {example} }}\n");
                assert!(read(&text).is_ok(), "{}", read(&text).unwrap_err()[0]);
                tried += 1;
            }
        }
    }
    assert!(tried > 250, "{tried}");
}

#[test]
fn words_of_the_catalogue_are_spelled_as_in_the_schema() {
    let schema = schema::value();
    for (table, mandatory) in [
        ("fn", "path = \"a::b\"\n"),
        ("type", "path = \"a::B\"\n"),
        ("macro", "path = \"a::b\"\nshape = \"format\"\n"),
        ("attribute", "path = \"a::b\"\nentry = \"main\"\n"),
    ] {
        let keys = schema["properties"]["api"]["properties"][table]["items"]["properties"].as_object().unwrap();
        for (key, value) in keys {
            for word in value["enum"].as_array().into_iter().flatten() {
                let lines = mandatory.lines().filter(|line| !line.starts_with(key.as_str()));
                let text = format!("[[api.{table}]]\n{}\n{key} = {word}\n", lines.collect::<Vec<_>>().join("\n"));
                assert!(toml::from_str::<text::ConfigText>(&text).is_ok(), "{text}");
            }
        }
    }
}
