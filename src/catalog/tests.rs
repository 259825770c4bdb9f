//! The built-in catalogue holds what the schema promises.
use super::*;

#[test]
#[ignore = "prints times, asserts nothing"]
fn load_time() {
    let mut times = Vec::new();
    for _ in 0..40 {
        let start = std::time::Instant::now();
        assert!(Catalog::load().is_ok());
        times.push(start.elapsed());
    }
    let cold = times[0];
    times.sort();
    eprintln!("cold {cold:?}, fastest {:?}, median {:?}", times[0], times[20]);
}

#[test]
fn every_type_in_a_type_expression_is_known() {
    let catalog = Catalog::builtin();
    let mut unknown = BTreeSet::new();
    for func in catalog.functions() {
        let params = func.runs.iter().flat_map(|r| &r.params);
        for expr in func.returns.iter().chain(params) {
            expr.walk(&mut |e| {
                if let TypeExpr::Path { name, .. } = e
                    && catalog.ty(*name).is_none()
                {
                    unknown.insert((func.path, *name));
                }
            });
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn paths_have_one_canonical_form() {
    let catalog = Catalog::builtin();
    for (path, canonical) in [
        ("tokio::spawn", "tokio::task::spawn"),
        ("fs_err::read", "std::fs::read"),
        ("fs_err::tokio::read", "tokio::fs::read"),
        ("core::time::Duration::from_secs", "std::time::Duration::from_secs"),
        ("std::path::Path", "std::path::Path"),
    ] {
        assert_eq!(catalog.canonical(Name::new(path)), Name::new(canonical));
    }
}

/// The keys that a table knows, as serde lists them in its complaint about one that it does not.
fn keys_of(table: &str) -> Vec<String> {
    let text = format!("[[{table}]]\nno_such_key = 1\n");
    let error = toml::from_str::<raw::RawFile>(&text).err().unwrap();
    error.message().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_is_documented() {
    let readme = include_str!("../../rules/README.md");
    for table in ["fn", "method", "trait-method", "macro", "type", "attribute"] {
        let keys = keys_of(table);
        assert!(keys.len() > 5, "{table}: {keys:?}");
        for key in keys {
            assert!(readme.contains(&format!("`{key}`")), "`{key}` of [[{table}]] is not in rules/README.md");
        }
    }
}

#[test]
fn every_word_is_documented() {
    let readme = include_str!("../../rules/README.md");
    for (table, key) in [
        ("fn", "blocks"),
        ("fn", "tier"),
        ("fn", "on_drop"),
        ("fn", "cancel"),
        ("fn", "needs"),
        ("type", "io"),
        ("type", "guard"),
        ("attribute", "entry"),
        ("attribute", "runtime"),
        ("attribute", "flavor"),
    ] {
        let text = format!("[[{table}]]\n{key} = \"no such word\"\n");
        let error = toml::from_str::<raw::RawFile>(&text).err().unwrap();
        for word in error.message().split('`').skip(3).step_by(2) {
            assert!(readme.contains(&format!("`{word}`")), "`{word}` of `{key}` is not in rules/README.md");
        }
    }
}

/// Where an entry starts and what it is sorted by.
fn call_keys(table: &[toml::Spanned<raw::RawCall>]) -> impl Iterator<Item = (usize, String)> {
    table.iter().map(|entry| {
        let call = entry.get_ref();
        let owner = call.path.as_ref().or(call.ty.as_ref()).or(call.of_trait.as_ref()).unwrap();
        let first = expand::expand_path(owner).unwrap().remove(0);
        let name = call.name.as_ref().map(|n| format!("::{}", n.as_slice()[0]));
        (entry.span().start, first + name.as_deref().unwrap_or_default())
    })
}

#[test]
fn entries_are_sorted_and_documented() {
    for (file, text) in files::BUILTIN {
        let raw: raw::RawFile = toml::from_str(text).unwrap();
        let mut keys: Vec<(usize, String)> = Vec::new();
        for table in [&raw.func, &raw.method, &raw.trait_method] {
            keys.extend(call_keys(table));
        }
        let first = |path: &str| expand::expand_path(path).unwrap().remove(0);
        keys.extend(raw.ty.iter().map(|e| (e.span().start, first(&e.get_ref().path))));
        keys.extend(raw.macros.iter().map(|e| (e.span().start, first(&e.get_ref().path))));
        keys.extend(raw.attribute.iter().map(|e| (e.span().start, first(&e.get_ref().path))));
        keys.sort();
        for pair in keys.windows(2) {
            assert!(pair[0].1 <= pair[1].1, "{file}: {} stands before {}", pair[0].1, pair[1].1);
        }
    }
    for func in Catalog::builtin().functions() {
        assert!(func.doc.is_some(), "{} has no `doc`", func.path);
    }
}

#[test]
fn a_path_has_one_entry() {
    let loaded = load::builtin(files::BUILTIN).unwrap();
    let mut seen = BTreeSet::new();
    for (func, on) in &loaded.calls {
        let on = format!("{on:?}");
        assert!(seen.insert((func.path, on)), "{} appears twice", func.path);
    }
    let mut seen = BTreeSet::new();
    for ty in &loaded.types {
        assert!(seen.insert(ty.path), "{} appears twice", ty.path);
    }
}

#[test]
fn every_file_is_embedded() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/apis");
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let embedded: Vec<&str> = files::BUILTIN.iter().map(|(file, _)| *file).collect();
    assert_eq!(names, embedded);
}

#[test]
fn parameters_in_type_expressions_belong_to_the_type() {
    let catalog = Catalog::builtin();
    let mut wrong = BTreeSet::new();
    for func in catalog.functions() {
        let params: Vec<Name> = match func.owner.and_then(|owner| catalog.ty(owner)) {
            Some(ty) => ty.params.clone(),
            None => Vec::new(),
        };
        // A method of a foreign trait speaks of the parameters of the types that have it.
        let of_trait = func.form == FnForm::TraitMethod;
        let exprs = func.returns.iter().chain(func.runs.iter().flat_map(|r| &r.params));
        for expr in exprs {
            expr.walk(&mut |e| {
                if let TypeExpr::Param(param) = e
                    && !of_trait
                    && !params.contains(param)
                {
                    wrong.insert((func.path, *param));
                }
            });
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn aliases_end_at_something_known() {
    let catalog = Catalog::builtin();
    let mut lost = Vec::new();
    for (other, to) in catalog.alias_pairs() {
        let end = catalog.canonical(other);
        let known = catalog.func(end).is_some()
            || catalog.ty(end).is_some()
            || catalog.macro_(end).is_some()
            || catalog.attribute(end).is_some()
            || catalog.is_module(end);
        if !known {
            lost.push(format!("{other} = {to} ends at {end}"));
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn lookups_answer() {
    let catalog = Catalog::builtin();
    let name = Name::new;
    let file = catalog.method(name("std::fs::File"), name("read_exact")).unwrap();
    assert_eq!(file.blocks.as_ref().unwrap().category, Category::Fs);
    let socket = catalog.method(name("std::net::TcpStream"), name("write_all")).unwrap();
    assert_eq!(socket.blocks.as_ref().unwrap().category, Category::Net);
    let memory = catalog.method(name("std::io::Cursor"), name("read_exact")).unwrap();
    assert!(memory.blocks.is_none());
    assert!(catalog.method(name("tokio::net::TcpStream"), name("read_exact")).unwrap().is_async);
    assert_eq!(catalog.method(name("tokio::time::Sleep"), name("boxed")).unwrap().role, Some(Role::Identity));
    assert!(catalog.method_of_group(Group::Stream, name("next")).unwrap().is_async);
    assert!(catalog.func(name("std::path::Path::exists")).unwrap().blocks.is_some());
    assert!(catalog.method(name("imap::Session"), name("anything")).unwrap().blocks.is_some());
    assert_eq!(catalog.distinctive_method(name("blocking_recv")).count(), 4);
    assert!(catalog.module_has(name("tokio::sync"), name("Mutex")));
    assert!(catalog.module_has(name("tokio"), name("spawn")));
    assert!(catalog.is_module(name("tokio::sync::mpsc")));
    assert_eq!(catalog.variant(name("std::option::Option::Some")).unwrap().1.len(), 1);
    assert!(catalog.crates().any(|c| c == "flume"));
    // A guard is no value of its own: `guard.clone()` clones what it guards.
    assert!(catalog.method(name("std::sync::MutexGuard"), name("clone")).is_none());
}

/// A catalogue with the entries of a user.
fn user(text: &str) -> Result<Catalog, CatalogError> {
    let source = Source { file: "asynclint.toml", text };
    let api = toml::from_str(text).map_err(|error| source.toml_error(&error))?;
    Catalog::with_user_entries(vec![UserEntries { file: "asynclint.toml", text, api }])
}

#[test]
fn a_user_entry_wins() {
    let text = "[[fn]]\npath = \"std::fs::{read, write}\"\nblocks = \"custom\"\n";
    let catalog = user(text).unwrap();
    let read = catalog.func(Name::new("std::fs::read")).unwrap();
    assert_eq!(read.blocks.as_ref().unwrap().category, Category::Custom);
    assert_eq!(catalog.functions().iter().filter(|f| f.path == "std::fs::read").count(), 1);
}

#[test]
fn a_wrong_entry_is_refused_with_place_and_remedy() {
    for (entry, line, message, remedy) in [
        ("[[fn]]\npath = \"a::b\"\nblock = \"fs\"\n", 3, "unknown field `block`", "did you mean `blocks`?"),
        ("[[fn]]\npath = \"a::b\"\nblocks = \"slep\"\n", 3, "unknown variant `slep`", "did you mean `sleep`?"),
        ("\n[[fn]]\npath = \"a b\"\n", 2, "`a b` is no path", "write `a::b`"),
        ("[[fn]]\npath = \"a::*\"\n", 1, "`a::*` says nothing", "together with `blocks`"),
        ("[[fn]]\npath = \"a::b\"\nreturns = \"Vec<\"\n", 1, "expected a type", "rules/README.md"),
        ("[[fn]]\npath = \"a::b\"\nkind = \"panics\"\n", 1, "say how a call blocks", "add `blocks`"),
        (
            "[[trait-method]]\ntrait = \"a::T\"\nname = \"m\"\non = \"futur\"\n",
            4,
            "unknown variant `futur`",
            "did you mean `future`?",
        ),
        ("[[method]]\nname = \"m\"\n", 1, "no `type`", "add `type"),
    ] {
        let error = user(entry).unwrap_err();
        let shown = error.to_string();
        assert_eq!((error.file.as_str(), error.line), ("asynclint.toml", line), "{shown}");
        assert!(shown.contains(message) && shown.contains(remedy), "{shown}");
    }
}
