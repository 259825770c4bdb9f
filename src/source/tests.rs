//! Discovery on trees made for the purpose.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::*;
use crate::error::Error;

struct Tree(tempfile::TempDir);

impl Tree {
    /// Files from `(path, text)`; a `.git` folder marks the root.
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        fs::create_dir(tree.root().join(".git")).unwrap();
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn write(&self, path: &str, text: &[u8]) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn discover(&self, paths: &[&str]) -> Sources {
        self.try_discover(paths).unwrap()
    }

    fn try_discover(&self, paths: &[&str]) -> Result<Sources, Error> {
        discover(&Request { paths: paths.iter().map(PathBuf::from).collect(), ..Request::new(self.root()) })
    }
}

fn paths(sources: &Sources) -> Vec<&str> {
    sources.files.iter().map(|f| f.path.as_str()).collect()
}

fn selected(sources: &Sources) -> Vec<&str> {
    sources.files.ids().filter(|f| sources.selected(*f)).map(|f| sources.files[f].path.as_str()).collect()
}

fn package<'a>(sources: &'a Sources, name: &str) -> &'a Package {
    sources.packages.iter().find(|p| p.name == name).unwrap()
}

fn targets(sources: &Sources, name: &str) -> Vec<String> {
    let targets = package(sources, name).targets.iter();
    targets.map(|t| format!("{:?} {} {}", t.kind, t.crate_name, sources.files[t.root].path)).collect()
}

fn kinds(sources: &Sources) -> Vec<(&str, String)> {
    let place = |p: &Problem| match p.place.as_ref().map(|p| &p.origin) {
        Some(Origin::Other { path, .. }) => path.clone(),
        Some(Origin::File(id)) => sources.files[*id].path.clone(),
        None => String::new(),
    };
    sources.problems.iter().map(|p| (p.kind.as_str(), place(p))).collect()
}

fn dependency<'a>(package: &'a Package, name: &str) -> &'a Dependency {
    package.dependencies.iter().find(|d| d.extern_name == name).unwrap()
}

fn memory(files: &[(&str, &str)]) -> Sources {
    from_memory(files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect())
}

const PLAIN: &str = "[package]\nname = \"plain\"\nedition = \"2021\"\n";

/// Prints sizes and times for `ASYNCLINT_SOURCE_TREES`, a list of folders separated by `:`.
#[test]
fn times_of_real_trees() {
    let Ok(trees) = std::env::var("ASYNCLINT_SOURCE_TREES") else { return };
    let mut out = std::io::stderr().lock();
    for tree in trees.split(':') {
        let start = Instant::now();
        let request = Request { paths: vec![tree.into()], ..Request::new("/") };
        let sources = match discover(&request) {
            Ok(sources) => sources,
            Err(error) => {
                writeln!(out, "{tree}: {error}").unwrap();
                continue;
            }
        };
        let time = start.elapsed().as_secs_f64() * 1e3;
        let bytes = sources.files.iter().map(|f| f.text.len()).sum::<usize>() as f64 / 1e6;
        let (files, packages, problems) = (sources.files.len(), sources.packages.len(), kinds(&sources));
        let chosen = selected(&sources).len();
        writeln!(out, "{tree}: {time:.1} ms, {files} files ({chosen} selected), {bytes:.1} MB, {packages} packages")
            .unwrap();
        for (name, lap) in &sources.timings {
            writeln!(out, "    {name}: {:.1} ms", lap.as_secs_f64() * 1e3).unwrap();
        }
        for (kind, path) in problems.iter().take(20) {
            writeln!(out, "    {kind} {path}").unwrap();
        }
    }
}

#[test]
fn a_package_and_its_targets() {
    let tree = Tree::new(&[
        ("Cargo.toml", PLAIN),
        ("src/lib.rs", ""),
        ("src/main.rs", ""),
        ("src/bin/a-b.rs", ""),
        ("src/bin/c/main.rs", ""),
        ("src/bin/c/part.rs", ""),
        ("examples/e.rs", ""),
        ("tests/t/main.rs", ""),
        ("tests/common/mod.rs", ""),
        ("benches/b.rs", ""),
        ("build.rs", ""),
        ("target/debug/x.rs", ""),
        (".hidden/x.rs", ""),
    ]);
    let sources = tree.discover(&[]);
    assert_eq!(
        targets(&sources, "plain"),
        [
            "Lib plain src/lib.rs",
            "Bin a_b src/bin/a-b.rs",
            "Bin c src/bin/c/main.rs",
            "Bin plain src/main.rs",
            "Example e examples/e.rs",
            "Test t tests/t/main.rs",
            "Bench b benches/b.rs",
            "Build build_script_build build.rs",
        ]
    );
    assert_eq!(sources.files.len(), 10);
    assert_eq!(selected(&sources).len(), 10);
    assert_eq!(sources.root, tree.root());
    let common = sources.by_path("tests/common/mod.rs").unwrap();
    assert!(!sources.reported_when_unreached(common));
    assert!(sources.reported_when_unreached(sources.by_path("src/bin/c/part.rs").unwrap()));
}

#[test]
fn listed_targets() {
    let manifest = "[package]\nname = \"my-pkg\"\nversion = \"1.2.3\"\npublish = []\nautobins = false\nautotests = false\n\
        build = \"b/build.rs\"\n[lib]\nname = \"other\"\npath = \"lib/root.rs\"\nproc-macro = true\n\
        [[bin]]\nname = \"one\"\n[[bin]]\nname = \"two\"\npath = \"two.rs\"\n[[example]]\nname = \"ex\"\n";
    let sources = memory(&[
        ("Cargo.toml", manifest),
        ("b/build.rs", ""),
        ("lib/root.rs", ""),
        ("src/bin/one.rs", ""),
        ("src/bin/unlisted.rs", ""),
        ("two.rs", ""),
        ("examples/ex/main.rs", ""),
        ("examples/unlisted.rs", ""),
        ("tests/t.rs", ""),
    ]);
    assert_eq!(
        targets(&sources, "my-pkg"),
        [
            "Lib other lib/root.rs",
            "Bin one src/bin/one.rs",
            "Bin two two.rs",
            // The edition is 2015: one example by hand, no search for more.
            "Example ex examples/ex/main.rs",
            "Build build_script_build b/build.rs",
        ]
    );
    let package = package(&sources, "my-pkg");
    assert!(package.proc_macro && !package.publish);
    assert_eq!((package.edition, package.version.as_deref()), (Edition::E2015, Some("1.2.3")));
    assert_eq!(sources.problems, []);
}

const WORKSPACE: &str = "[workspace]\nmembers = [\"crates/*\", \"tool\", \"./app/\"]\nexclude = [\"crates/left-out\"]\n\
    [workspace.package]\nedition = \"2024\"\nversion = \"0.7.0\"\n[workspace.dependencies]\n\
    tokio = { version = \"1.40\", default-features = false, features = [\"rt\"] }\n\
    core-lib = { path = \"crates/core\" }\n\
    [patch.crates-io]\npatched = { path = \"third/patched\" }\n";

fn workspace_files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("Cargo.toml", WORKSPACE),
        (
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"tokio\"\nversion = \"1.44.1\"\n\n[[package]]\nname = \"tokio\"\nversion = \"0.2.9\"\n",
        ),
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nedition.workspace = true\nversion.workspace = true\n[features]\n\
             default = [\"fast\"]\nfast = [\"tokio/time\", \"extra\"]\n[dependencies]\n\
             core-lib.workspace = true\ntokio = { workspace = true, features = [\"net\"] }\nold = { package = \"tokio\", version = \"0.2\" }\n\
             patched = \"1\"\nextra = { version = \"^2.1\", optional = true }\n\
             [dev-dependencies]\ntokio = { workspace = true, features = [\"test-util\"] }\n\
             [target.'cfg(windows)'.dependencies]\nwin-api = \"0.5\"\n[build-dependencies]\ncc = \"*\"\n",
        ),
        ("app/src/main.rs", ""),
        (
            "crates/core/Cargo.toml",
            "[package]\nname = \"core-lib\"\nedition = \"2021\"\n[lib]\nname = \"the_core\"\n[dependencies]\nhelper = { path = \"helper\" }\n",
        ),
        ("crates/core/src/lib.rs", ""),
        ("crates/core/helper/Cargo.toml", "[package]\nname = \"helper\"\nedition = \"2021\"\n"),
        ("crates/core/helper/src/lib.rs", ""),
        ("crates/left-out/Cargo.toml", "[package]\nname = \"left-out\"\nedition = \"2018\"\n"),
        ("crates/left-out/src/lib.rs", ""),
        (
            "tool/Cargo.toml",
            "[package]\nname = \"tool\"\nedition = \"2021\"\n[dependencies]\ntokio = { version = \"1\", features = [\"signal\"] }\n",
        ),
        ("tool/src/main.rs", ""),
        ("third/patched/Cargo.toml", "[package]\nname = \"patched\"\nversion = \"1.0.0\"\n"),
        ("third/patched/src/lib.rs", ""),
        ("fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\nedition = \"2021\"\n"),
        ("fuzz/src/main.rs", ""),
        ("scripts/lone.rs", ""),
    ]
}

fn check_workspace(sources: &Sources) {
    let names: Vec<&str> = sources.packages.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["app", "core-lib", "helper", "left-out", "fuzz", "patched", "tool", ""]);
    let of = |name: &str| package(sources, name).workspace;
    assert!(["core-lib", "helper", "tool"].iter().all(|n| of(n) == of("app")));
    assert!(["left-out", "fuzz", "patched", ""].iter().all(|n| of(n) != of("app")));
    assert_ne!(of("left-out"), of("fuzz"));
    let app = package(sources, "app");
    assert_eq!((app.edition, app.version.as_deref()), (Edition::E2024, Some("0.7.0")));
    let tokio = dependency(app, "tokio");
    assert_eq!(tokio.kind, DependencyKind::Normal);
    // `signal` is asked for by another member; the entry of the tool also turns the defaults on.
    assert_eq!(*tokio.features, ["default", "net", "rt", "signal", "time"]);
    assert_eq!(*tokio.test_features, ["default", "net", "rt", "signal", "test-util", "time"]);
    assert_eq!(tokio.version.as_deref(), Some("1.44.1"));
    let old = dependency(app, "old");
    assert_eq!((old.package.as_str(), old.version.as_deref()), ("tokio", Some("0.2.9")));
    assert_eq!(dependency(app, "the_core").path, Some(package(sources, "core-lib").id));
    assert_eq!(dependency(app, "patched").path, Some(package(sources, "patched").id));
    assert_eq!(dependency(app, "patched").version.as_deref(), Some("1.0.0"));
    let extra = dependency(app, "extra");
    assert!(extra.optional && extra.path.is_none());
    assert_eq!(extra.version.as_deref(), Some("2.1.0"));
    assert_eq!(app.features["extra"], ["dep:extra"]);
    assert_eq!(dependency(app, "win_api").platform.as_deref(), Some("cfg(windows)"));
    assert_eq!((dependency(app, "cc").kind, dependency(app, "cc").version.clone()), (DependencyKind::Build, None));
    let lone = sources.package_of(sources.by_path("scripts/lone.rs").unwrap());
    assert!(lone.lone && lone.assume_all_dependencies && lone.targets.len() == 1);
    assert_eq!(sources.problems, []);
}

#[test]
fn a_workspace_in_memory_and_on_disk() {
    check_workspace(&memory(&workspace_files()));
    let tree = Tree::new(&workspace_files());
    check_workspace(&tree.discover(&[]));
}

#[test]
fn the_workspace_around_a_path_is_read() {
    let tree = Tree::new(&workspace_files());
    let sources = tree.discover(&["app/src/main.rs"]);
    assert_eq!(
        paths(&sources),
        [
            "app/src/main.rs",
            "crates/core/helper/src/lib.rs",
            "crates/core/src/lib.rs",
            "third/patched/src/lib.rs",
            "tool/src/main.rs"
        ]
    );
    assert_eq!(selected(&sources), ["app/src/main.rs"]);
    // A package that no workspace lists is read alone, with what it depends on.
    assert_eq!(paths(&tree.discover(&["fuzz"])), ["fuzz/src/main.rs"]);
    assert_eq!(paths(&tree.discover(&["fuzz/Cargo.toml"])), ["fuzz/src/main.rs"]);
    let both = tree.discover(&["tool", "fuzz"]);
    assert_eq!(selected(&both), ["fuzz/src/main.rs", "tool/src/main.rs"]);
    assert_eq!(paths(&both), paths(&tree.discover(&["fuzz", "tool", "./tool/../tool"])));
}

#[test]
fn filters() {
    let tree = Tree::new(&workspace_files());
    let base = Request { paths: vec![".".into()], ..Request::new(tree.root()) };
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = base.clone();
        change(&mut request);
        discover(&request)
    };
    let packages = with(&|r| r.packages = vec!["core-*".into(), "tool".into()]).unwrap();
    assert_eq!(selected(&packages), ["crates/core/src/lib.rs", "tool/src/main.rs"]);
    let exclude = with(&|r| r.exclude = vec!["crates".into(), "/scripts/*.rs".into(), "third/**".into()]).unwrap();
    assert_eq!(selected(&exclude), ["app/src/main.rs", "fuzz/src/main.rs", "tool/src/main.rs"]);
    let include = with(&|r| r.include = vec!["lib.rs".into()]).unwrap();
    assert_eq!(selected(&include).len(), 4);
    let manifest = with(&|r| {
        r.paths.clear();
        r.manifest_path = Some("tool/Cargo.toml".into());
    })
    .unwrap();
    assert_eq!(selected(&manifest), ["tool/src/main.rs"]);
    assert!(manifest.by_path("app/src/main.rs").is_some());
    let unknown = with(&|r| r.packages = vec!["nobody".into()]).unwrap_err();
    assert!(matches!(unknown, Error::UnknownPackage { .. }) && unknown.exit_code() == 2);
    let bad = with(&|r| r.packages = vec!["a[".into()]).unwrap_err();
    assert!(matches!(bad, Error::BadPattern { .. }));
}

#[test]
fn missing_and_nothing() {
    let tree = Tree::new(&[("notes.txt", "")]);
    assert_eq!(tree.try_discover(&["absent.rs"]).unwrap_err().exit_code(), 2);
    assert_eq!(tree.try_discover(&[]).unwrap_err().exit_code(), 3);
}

#[test]
fn lone_files_and_folders() {
    let tree = Tree::new(&[("a/x.rs", "//@ edition: 2021\n"), ("a/sub/y.rs", "mod z;"), ("b.rs", "")]);
    let one = tree.discover(&["a/sub/y.rs"]);
    assert_eq!(paths(&one), ["a/sub/y.rs"]);
    let folder = tree.discover(&["a"]);
    assert_eq!(paths(&folder), ["a/sub/y.rs", "a/x.rs"]);
    let editions: Vec<Edition> = folder.files.ids().map(|f| folder.package_of(f).edition).collect();
    assert_eq!(editions, [Edition::E2024, Edition::E2021]);
    let lone = memory(&[("b.rs", ""), ("a.rs", "\u{feff}//@ edition:2018\n")]);
    assert_eq!(paths(&lone), ["a.rs", "b.rs"]);
    assert_eq!(lone.package_of(FileId(0)).edition, Edition::E2018);
    assert_eq!(lone.package_of(FileId(1)).targets[0].kind, TargetKind::Lone);
}

#[test]
fn a_folder_without_repository_or_manifest() {
    let tree = Tree::new(&[("a/x.rs", "")]);
    fs::remove_dir(tree.root().join(".git")).unwrap();
    let sources = tree.discover(&["a"]);
    assert_eq!((paths(&sources), &sources.root), (vec!["a/x.rs"], &tree.root()));
    let outside = discover(&Request { paths: vec![tree.root().join("a")], ..Request::new("/") }).unwrap();
    assert!(outside.root == Path::new("/") || outside.root == tree.root().join("a"));
}

#[test]
fn what_git_ignores_is_read_only_when_mounted() {
    let tree = Tree::new(&[
        ("Cargo.toml", PLAIN),
        (".gitignore", "*.gen.rs\n/out\n!keep.gen.rs\n"),
        (".git/info/exclude", "private.rs\n"),
        ("src/.gitignore", "local.rs\n"),
        ("src/lib.rs", "mod made;"),
        ("src/a.gen.rs", ""),
        ("src/keep.gen.rs", ""),
        ("src/local.rs", ""),
        ("src/private.rs", ""),
        ("out/deep/x.rs", ""),
    ]);
    let mut sources = tree.discover(&[]);
    assert_eq!(paths(&sources), ["src/keep.gen.rs", "src/lib.rs"]);
    let lib = sources.by_path("src/lib.rs").unwrap();
    for path in ["src/a.gen.rs", "out/deep/x.rs", "src/local.rs"] {
        let id = sources.load_mounted(lib, &["src/none.rs", path]).unwrap();
        assert_eq!(sources.files[id].path, path);
        assert!(sources.files[id].ignored_by_git && !sources.selected(id));
        assert_eq!(sources.load_mounted(lib, &[path]), Some(id));
    }
    assert_eq!(sources.files.len(), 5);
    // Named by the user, it is reported.
    let explicit = tree.discover(&["out"]);
    assert_eq!(selected(&explicit), ["out/deep/x.rs"]);
    assert_eq!(selected(&tree.discover(&["src/local.rs"])), ["src/local.rs"]);
}

#[test]
fn built_and_vendored_folders_are_passed_over() {
    let tree = Tree::new(&[
        ("Cargo.toml", PLAIN),
        (".cargo/config.toml", "[source.vendored]\ndirectory = \"third-party\"\n"),
        ("src/lib.rs", ""),
        ("src/target/mod.rs", ""),
        ("target/x.rs", ""),
        ("third-party/a/src/lib.rs", ""),
        ("cache/CACHEDIR.TAG", ""),
        ("cache/A.rs", ""),
        ("cache/sub/x.rs", ""),
        ("copy/.cargo-checksum.json", "{}"),
        ("copy/src/lib.rs", ""),
        ("zone/x.rs", ""),
    ]);
    assert_eq!(paths(&tree.discover(&[])), ["src/lib.rs", "src/target/mod.rs", "zone/x.rs"]);
}

#[test]
fn generated_files_are_not_reported() {
    let mark = concat!("// ", "@", "generated\n");
    let late = format!("{}{mark}", "\n".repeat(10));
    let tree = Tree::new(&[("Cargo.toml", PLAIN), ("src/lib.rs", mark), ("src/late.rs", &late)]);
    assert_eq!(selected(&tree.discover(&[])), ["src/late.rs"]);
    let all = discover(&Request { generated: true, ..Request::new(tree.root()) }).unwrap();
    assert_eq!(selected(&all).len(), 2);
}

#[test]
fn bad_manifests_are_problems() {
    let tree = Tree::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"*\", \"../../outside\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nedition = \"2021\"\n"),
        ("a/src/lib.rs", ""),
        ("b/Cargo.toml", "[package]\nname = \n"),
        ("b/src/lib.rs", ""),
        ("c/Cargo.toml", "[package]\nname = \"c\"\nedition = \"2077\"\n"),
        ("c/src/lib.rs", ""),
    ]);
    let sources = tree.discover(&[]);
    assert_eq!(
        kinds(&sources),
        [
            ("outside-root", "Cargo.toml".to_owned()),
            ("bad-manifest", "b/Cargo.toml".to_owned()),
            ("bad-manifest", "c/Cargo.toml".to_owned())
        ]
    );
    let place = sources.problems[1].place.as_ref().unwrap();
    assert_eq!(place.bytes.unwrap().0, 17);
    assert!(matches!(&place.origin, Origin::Other { text: Some(text), .. } if text.starts_with("[package]")));
    assert!(sources.package_of(sources.by_path("b/src/lib.rs").unwrap()).lone);
    assert_eq!(package(&sources, "c").edition, Edition::E2024);
}

#[test]
fn content_that_cannot_be_read() {
    let tree = Tree::new(&[("Cargo.toml", PLAIN), ("src/lib.rs", ""), ("src/big.rs", &"/".repeat(50))]);
    tree.write("src/bytes.rs", b"// ab\xff");
    let sources = discover(&Request { max_file_size: 49, ..Request::new(tree.root()) }).unwrap();
    assert_eq!(kinds(&sources), [("too-large", "src/big.rs".to_owned()), ("not-utf8", "src/bytes.rs".to_owned())]);
    assert_eq!(sources.problems[1].place.as_ref().unwrap().bytes, Some((5, 6)));
    assert_eq!(paths(&sources), ["src/lib.rs"]);
    let exact = discover(&Request { max_file_size: 50, ..Request::new(tree.root()) }).unwrap();
    assert_eq!(exact.problems.len(), 1);
}

#[test]
fn a_mod_does_not_lead_out_of_the_root() {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("secret.rs"), "").unwrap();
    let tree = Tree::new(&[("Cargo.toml", PLAIN), ("src/lib.rs", ""), ("shared/x.rs", "")]);
    let mut sources = tree.discover(&[]);
    let lib = sources.by_path("src/lib.rs").unwrap();
    let secret = outer.path().canonicalize().unwrap().join("secret.rs");
    let up = format!("../{}/secret.rs", outer.path().file_name().unwrap().to_str().unwrap());
    for path in [secret.to_str().unwrap(), &up, "src/../../../../../../../etc/passwd"] {
        assert_eq!(sources.load_mounted(lib, &[path]), None);
    }
    assert!(sources.problems.iter().all(|p| p.kind == ProblemKind::OutsideRoot) && !sources.problems.is_empty());
    let inside = sources.load_mounted(lib, &["src/../shared/x.rs"]).unwrap();
    assert_eq!(sources.files[inside].path, "shared/x.rs");
    assert_eq!(sources.load_mounted(lib, &["src", "src/absent.rs"]), None);
    let mut held = memory(&[("a.rs", "")]);
    assert_eq!(held.load_mounted(FileId(0), &["../b.rs"]), None);
    assert_eq!(held.problems[0].kind, ProblemKind::OutsideRoot);
    assert_eq!(held.load_mounted(FileId(0), &["x/../a.rs"]), Some(FileId(0)));
}

#[test]
fn the_place_of_the_checkout_and_the_current_folder_do_not_show() {
    let (shallow, deep) = (Tree::new(&workspace_files()), tempfile::tempdir().unwrap());
    let far = deep.path().join("one/[two]/three");
    fs::create_dir_all(far.join(".git")).unwrap();
    for (path, text) in workspace_files().into_iter().rev() {
        fs::create_dir_all(far.join(path).parent().unwrap()).unwrap();
        fs::write(far.join(path), text).unwrap();
    }
    let told = |request: Request| {
        let sources = discover(&request).unwrap();
        format!("{:?} {:?} {:?} {:#?}", paths(&sources), selected(&sources), sources.problems, sources.packages)
    };
    let first = told(Request::new(shallow.root()));
    assert_eq!(first, told(Request::new(&far)));
    assert_eq!(first, told(Request { paths: vec!["..".into()], ..Request::new(far.join("app")) }));
    assert_eq!(first, told(Request { paths: vec!["fuzz".into(), ".".into()], ..Request::new(&far) }));
}

#[test]
fn texts_of_requirements() {
    use super::dependencies::{Lock, lower_bound};
    let bounds = ["1", "^0.4.2", "=1.2.3-rc.1", ">=1.2, <2", "~0.9", "*", "<2", "1.*", ""].map(lower_bound);
    let bounds: Vec<&str> = bounds.iter().map(|b| b.as_deref().unwrap_or("none")).collect();
    assert_eq!(bounds, ["1.0.0", "0.4.2", "1.2.3-rc.1", "1.2.0", "0.9.0", "none", "none", "1.0.0", "none"]);
    let lock =
        Lock::parse("[[package]]\nname = \"a\"\nversion = \"0.3.9\"\n[[package]]\nname = \"a\"\nversion = \"0.4.1\"\n");
    assert_eq!(lock.version("a", Some("0.3")).as_deref(), Some("0.3.9"));
    assert_eq!(lock.version("a", None).as_deref(), Some("0.4.1"));
    assert_eq!(lock.version("b", Some("2")).as_deref(), Some("2.0.0"));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("secret.rs"), "").unwrap();
        let tree = Tree::new(&[
            ("Cargo.toml", PLAIN),
            ("src/lib.rs", ""),
            ("other/real.rs", ""),
            (".store/kept.rs", ""),
            ("two/Cargo.toml", "[package]\nname = \"two\"\nedition = \"2021\"\n"),
        ]);
        let at = |path: &str| tree.root().join(path);
        symlink(at("other/real.rs"), at("src/linked.rs")).unwrap();
        symlink(at(".store/kept.rs"), at("src/kept.rs")).unwrap();
        symlink(at("src/self.rs"), at("src/self.rs")).unwrap();
        symlink(at("src"), at("src/loop")).unwrap();
        symlink(outer.path().join("secret.rs"), at("src/secret.rs")).unwrap();
        symlink(outer.path(), at("src/away")).unwrap();
        symlink(at("src"), at("two/src")).unwrap();
        let mut sources = tree.discover(&[]);
        assert_eq!(paths(&sources), [".store/kept.rs", "other/real.rs", "src/lib.rs"]);
        assert_eq!(
            kinds(&sources),
            [("outside-root", "src/secret.rs".to_owned()), ("unreadable", "src/self.rs".to_owned())]
        );
        assert_eq!(targets(&sources, "two"), ["Lib two src/lib.rs"]);
        let lib = sources.by_path("src/lib.rs").unwrap();
        let linked = sources.load_mounted(lib, &["src/linked.rs"]).unwrap();
        assert_eq!(sources.files[linked].path, "other/real.rs");
        assert_eq!(sources.load_mounted(lib, &["src/loop/loop/lib.rs"]), Some(lib));
        assert_eq!(sources.load_mounted(lib, &["src/away/secret.rs"]), None);
        assert_eq!(sources.files.len(), 3);
        // Named by a hook, the link is still not followed.
        let refused = tree.try_discover(&["src/secret.rs"]).unwrap_err();
        let Error::NothingFound { problems } = refused else { panic!("{refused}") };
        assert_eq!(problems[0].kind, ProblemKind::OutsideRoot);
        // A link to a project is a way to name it.
        let way = tempfile::tempdir().unwrap();
        symlink(tree.root(), way.path().join("project")).unwrap();
        let through = discover(&Request::new(way.path().join("project"))).unwrap();
        assert_eq!(paths(&through), paths(&tree.discover(&[])));
    }

    #[test]
    fn only_regular_files_are_opened() {
        let tree = Tree::new(&[("Cargo.toml", PLAIN), ("src/lib.rs", "")]);
        let _socket = std::os::unix::net::UnixListener::bind(tree.root().join("src/socket.rs")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(tree.root().join("src/pipe.rs")).status();
        let mut sources = tree.discover(&[]);
        assert!(kinds(&sources).contains(&("not-a-file", "src/socket.rs".to_owned())));
        let lib = sources.by_path("src/lib.rs").unwrap();
        if pipe.is_ok_and(|status| status.success()) {
            assert!(kinds(&sources).contains(&("not-a-file", "src/pipe.rs".to_owned())));
            assert_eq!(sources.load_mounted(lib, &["src/pipe.rs"]), None);
            let given = tree.try_discover(&["src/pipe.rs"]).unwrap_err();
            assert_eq!(given.exit_code(), 3);
        }
        assert_eq!(paths(&sources), ["src/lib.rs"]);
    }

    #[test]
    fn names_that_are_not_utf8() {
        let tree = Tree::new(&[("Cargo.toml", PLAIN), ("src/lib.rs", "")]);
        let odd = tree.root().join("src").join(OsStr::from_bytes(b"d\xff"));
        fs::create_dir(&odd).unwrap();
        fs::write(odd.join("mod.rs"), "").unwrap();
        fs::write(odd.join(".late.rs"), "").unwrap();
        let mut sources = tree.discover(&[]);
        assert_eq!(paths(&sources), ["src/d\u{fffd}/mod.rs", "src/lib.rs"]);
        assert_eq!(sources.files[FileId(0)].abs, odd.join("mod.rs"));
        let late = sources.load_mounted(FileId(0), &["src/d\u{fffd}/.late.rs"]).unwrap();
        assert_eq!(sources.files[late].abs, odd.join(".late.rs"));
    }

    #[test]
    fn folders_and_files_without_permission() {
        use std::os::unix::fs::PermissionsExt;
        let tree = Tree::new(&[("Cargo.toml", PLAIN), ("src/lib.rs", ""), ("src/shut/x.rs", ""), ("src/no.rs", "")]);
        for path in ["src/shut", "src/no.rs"] {
            fs::set_permissions(tree.root().join(path), fs::Permissions::from_mode(0o000)).unwrap();
        }
        let shut = fs::read_dir(tree.root().join("src/shut")).is_err();
        let sources = tree.discover(&[]);
        fs::set_permissions(tree.root().join("src/shut"), fs::Permissions::from_mode(0o755)).unwrap();
        // The super-user may read everything.
        if shut {
            assert_eq!(
                kinds(&sources),
                [("unreadable", "src/no.rs".to_owned()), ("unreadable", "src/shut".to_owned())]
            );
        }
    }
}
