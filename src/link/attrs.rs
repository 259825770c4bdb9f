//! Attributes that make a function an entry: mains, tests, handlers.
//!
//! The attribute is resolved like any path, so a renamed import counts and a look-alike of the workspace does not.

use crate::base::Name;
use crate::facts::{Attr, ItemKind};
use crate::hir::names::{DefId, EntryAttr, EntryKind, Namespace, Res};

use super::names::Names;

const MAINS: [&str; 11] = [
    "tokio::main",
    "async_std::main",
    "smol_potat::main",
    "actix_web::main",
    "actix_rt::main",
    "rocket::main",
    "rocket::launch",
    "ntex::main",
    "compio::main",
    "monoio::main",
    "madsim::main",
];

const TESTS: [&str; 17] = [
    "asynclint_supervisor::test",
    "tokio::test",
    "async_std::test",
    "smol_potat::test",
    "smol_potat::bench",
    "actix_web::test",
    "actix_rt::test",
    "rocket::async_test",
    "ntex::test",
    "compio::test",
    "monoio::test",
    "sqlx::test",
    "test_log::test",
    "gpui::test",
    "madsim::test",
    "wasm_bindgen_test::wasm_bindgen_test",
    "rstest::rstest",
];

/// Stand beside a test attribute; alone they only say that it is a test.
const COMPANIONS: [&str; 2] = ["tracing_test::traced_test", "serial_test::serial"];

const HANDLERS: [&str; 4] = ["embassy_executor::task", "leptos::server", "tauri::command", "pyo3::pyfunction"];

impl Names {
    /// What the attributes of a function make of it; the first one that says so.
    pub(super) fn read_entry(&self, def: DefId) -> Option<EntryAttr> {
        let item = self.item(def);
        let ItemKind::Fn(func) = &item.kind else { return None };
        let mut companion = None;
        for attr in &item.attrs {
            let path = self.attr_path(def, attr);
            let entry = |kind| EntryAttr { kind, path, args: attr.args.clone() };
            if let Some(kind) = kind_of(path, func.is_async) {
                return Some(entry(kind));
            }
            if companion.is_none() && COMPANIONS.contains(&path.as_str()) {
                companion = Some(entry(EntryKind::Test));
            }
        }
        companion
    }

    /// The canonical path of an attribute; `test` for the built-in one; as written when it names nothing known.
    pub(super) fn attr_path(&self, def: DefId, attr: &Attr) -> Name {
        let file = self.item_ref(def).file;
        let path = &self.facts[file].paths.paths[attr.path];
        match self.resolve(file, path, Namespace::Macro).res {
            Res::Foreign(name) => match name.as_str().strip_prefix("std::prelude::v1::") {
                Some(builtin) => Name::new(builtin),
                None => name,
            },
            Res::Def(def) => Name::new(&self.def_path(def)),
            Res::Module(_) | Res::Variant(..) | Res::Prim(_) | Res::Param(..) | Res::SelfType(_) | Res::Unknown => {
                Name::new(&path.text())
            }
        }
    }
}

fn kind_of(path: Name, is_async: bool) -> Option<EntryKind> {
    let text = path.as_str();
    let last = text.rsplit("::").next().unwrap_or(text);
    if MAINS.contains(&text) || text == "embassy_executor::main" {
        Some(EntryKind::Main)
    } else if TESTS.contains(&text) || text == "test" || text == "bench" || (is_async && last == "test") {
        Some(EntryKind::Test)
    } else if HANDLERS.contains(&text) {
        Some(EntryKind::Handler)
    } else {
        None
    }
}
