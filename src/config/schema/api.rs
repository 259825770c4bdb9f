//! The part of the schema about `[[api.fn]]` and its relatives: the tables of the catalogue.
//!
//! What the keys mean is in rules/README.md; here are their names and words.

use std::fmt::Debug;

use serde_json::{Map, Value, json};

use crate::catalog::{
    Cancel, Category, Entry, Flavor, Group, GuardKind, Io, MacroShape, Needs, OnDrop, Place, Role, RuntimeName, Tier,
    TypeRole,
};

use super::{flag, list, object, text_of};

/// The table `api`.
pub(super) fn value() -> Value {
    let tables = json!({
        "fn": table("functions, and associated functions without self", call(&["path"])),
        "method": table("methods of a type", call(&["type", "name"])),
        "trait-method": table("methods of a trait and the types that have them", call(&["trait", "name", "on"])),
        "macro": table("function-like macros", macros()),
        "type": table("types, and traits that stand for some type", types()),
        "attribute": table("attributes that make an async entry", attributes()),
        "module-alias": {
            "type": "object",
            "description": "other names of modules, each with the canonical one",
            "additionalProperties": { "type": "string" },
        },
    });
    object("what functions and types of this project and of its dependencies do", tables)
}

fn table(description: &str, properties: Map<String, Value>) -> Value {
    let one = object(description, Value::Object(properties));
    json!({ "type": "array", "items": one })
}

/// The kebab-case words of a vocabulary.
fn words<T: Debug>(description: &str, all: &[T]) -> Value {
    let words: Vec<String> = all.iter().map(|word| kebab(&format!("{word:?}"))).collect();
    json!({ "enum": words, "description": description })
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn one_or_many(description: &str, example: &str) -> Value {
    json!({ "description": description, "anyOf": [text_of("one", example), list("several", example)] })
}

fn with(all: &mut Map<String, Value>, key: &str, value: Value) {
    all.insert(key.to_owned(), value);
}

fn typed(example: &str) -> Value {
    text_of("a type expression", example)
}

/// Keys of all calls; all of them are read in each table, those of `names` are what the table is for.
fn call(names: &[&str]) -> Map<String, Value> {
    let mut all = common(names[0] == "path");
    with(&mut all, "type", text_of("the type that has the method", "app::Pool"));
    with(&mut all, "trait", text_of("the trait that has the method", "app::Offload"));
    with(&mut all, "name", one_or_many("names of methods; * stands for all", "run"));
    with(
        &mut all,
        "on",
        json!({ "description": "who has the trait's method", "anyOf": [words("a group", Group::ALL), list("types", "app::Pool")] }),
    );
    with(&mut all, "blocks", words("the call blocks its thread; the rule that reports it", Category::ALL));
    with(&mut all, "kind", text_of("the kind of the finding", "panics"));
    with(&mut all, "tier", words("whether it is reported by default", Tier::ALL));
    with(&mut all, "tag", text_of("blocks only when the receiver's type carries this tag", "bounded"));
    with(&mut all, "io_args", positions("blocks only when one of these arguments has a type with io"));
    with(&mut all, "role", words("what the call is for", Role::ALL));
    with(&mut all, "async", flag("the call gives a future, and returns is its output"));
    with(&mut all, "builder", flag("a step of a builder chain"));
    with(&mut all, "returns", typed("tokio::task::JoinHandle<$arg0.output>"));
    with(&mut all, "runs", runs());
    with(&mut all, "on_drop", words("what dropping the result means", OnDrop::ALL));
    with(&mut all, "must_use", flag("rustc warns when the value is unused"));
    with(&mut all, "cancel", words("what dropping the future half-way means", Cancel::ALL));
    with(&mut all, "needs", words("what must be there when it is called", Needs::ALL));
    with(&mut all, "instead", instead());
    with(
        &mut all,
        "twin",
        text_of("a call with the same arguments and result that is to be awaited", "app::run_async"),
    );
    with(&mut all, "distinctive", flag("the name alone is evidence where the trait or type is imported"));
    with(
        &mut all,
        "given",
        list("types of a first argument that is evidence, where the receiver is not known", "app::Conn"),
    );
    all
}

fn common(is_path_key: bool) -> Map<String, Value> {
    let mut all = Map::new();
    let path = if is_path_key { "the canonical path" } else { "not used here: write type or trait, and name" };
    with(&mut all, "path", text_of(path, "app::legacy::fetch"));
    with(&mut all, "aliases", list("other paths of the same item", "app::fetch"));
    with(&mut all, "when", when());
    with(&mut all, "doc", text_of("the page that says so", "https://example.org"));
    with(&mut all, "proof", text_of("the gist of what it says", "panics outside of a runtime"));
    with(&mut all, "unverified", flag("findings are only likely"));
    all
}

fn positions(description: &str) -> Value {
    json!({ "type": "array", "description": description, "items": { "type": "integer", "minimum": 0 } })
}

fn runs() -> Value {
    let one = object(
        "which argument runs where",
        json!({
            "arg": { "type": "integer", "minimum": 0 },
            "where": words("where", Place::ALL),
            "params": list("types of the closure's parameters", "u32"),
        }),
    );
    json!({ "type": "array", "items": one })
}

fn instead() -> Value {
    let (call, text) = (text_of("a call", "tokio::fs::read"), text_of("words", "`fetch(..).await`"));
    object("what to write instead", json!({ "tokio": call, "async-std": call, "smol": call, "text": text }))
}

fn when() -> Value {
    let version = text_of("a version", "1.2");
    object(
        "holds only then",
        json!({ "feature": text_of("with this feature", "send_guard"), "since": version, "until": version }),
    )
}

fn types() -> Map<String, Value> {
    let mut all = common(true);
    with(&mut all, "params", list("type parameters in order", "T"));
    for key in ["is", "deref", "item", "index", "iterator", "stream", "sink", "output", "io_through"] {
        with(&mut all, key, typed("$T"));
    }
    let types = list("types of the fields", "u32");
    with(&mut all, "variants", json!({ "type": "object", "additionalProperties": types }));
    with(&mut all, "fields", json!({ "type": "object", "additionalProperties": typed("u32") }));
    with(&mut all, "role", words("what kind of thing it is", TypeRole::ALL));
    with(&mut all, "io", words("what waiting on it means", Io::ALL));
    with(&mut all, "guard", words("what it guards", GuardKind::ALL));
    with(&mut all, "send", flag("false: never Send"));
    with(&mut all, "send_feature", text_of("a feature that makes it Send", "parking_lot/send_guard"));
    with(&mut all, "on_drop", words("what dropping a value does", OnDrop::ALL));
    with(&mut all, "must_use", flag("rustc warns about an unused value"));
    with(&mut all, "runtime_bound", flag("it belongs to the runtime in which it was made"));
    with(&mut all, "clones", flag("clone gives another handle to the same thing"));
    all
}

fn macros() -> Map<String, Value> {
    let mut all = common(true);
    with(&mut all, "shape", words("how its arguments read", MacroShape::ALL));
    with(&mut all, "blocks", words("it blocks its thread", Category::ALL));
    with(&mut all, "kind", text_of("the kind of the finding", "print"));
    with(&mut all, "tier", words("whether it is reported by default", Tier::ALL));
    with(&mut all, "returns", typed("()"));
    with(&mut all, "instead", instead());
    all
}

fn attributes() -> Map<String, Value> {
    let mut all = common(true);
    with(&mut all, "entry", words("what it makes of a function", Entry::ALL));
    with(&mut all, "runtime", words("the executor", RuntimeName::ALL));
    with(&mut all, "flavor", words("its flavour", Flavor::ALL));
    all
}
