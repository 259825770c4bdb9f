//! A configuration: no panic, and what can be read can be shown.
#![no_main]

use std::path::Path;
use std::sync::Arc;

use asynclint::config::{self, Home, Wanted};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let homes = [Home { folder: "".into(), top: "".into() }];
    let read = |path: &Path| (path == Path::new("asynclint.toml")).then(|| Ok(Arc::from(text)));
    match config::find(&homes, Path::new(""), &Wanted::default(), &read) {
        Ok(config) => drop(config::show::whole(&config)),
        Err(errors) => errors.iter().for_each(|error| drop(error.to_string())),
    }
});
