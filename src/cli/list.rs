//! `check --list-files`: prints names, and beside them the reasons for what is left out.
//!
//! Standard output has the files that are checked, so that it can be piped; the rest goes to standard error. JSON has both.

use serde_json::{Value, json};

use crate::render::sanitize;

use super::args::CheckArgs;
use super::engine::{Engine, Error, Listed, Listing, Request};
use super::exit;
use super::format::Format;
use super::output::{self, Written};
use super::paths;

pub(super) fn run(args: &CheckArgs, request: &Request, engine: &dyn Engine) -> Result<u8, Error> {
    let listing = engine.list(request)?;
    let written = match args.format {
        Format::Json => output::raw(format!("{:#}\n", value(&listing)).as_bytes()),
        Format::Terminal | Format::Short => print(args, &listing),
        Format::Compact
        | Format::Jsonl
        | Format::Sarif
        | Format::Github
        | Format::Gitlab
        | Format::Junit
        | Format::Checkstyle
        | Format::RustcJson
        | Format::Rdjsonl => {
            return Err(Error::Usage("`--list-files` has the formats terminal, short and json".to_owned()));
        }
    };
    let is_empty = listing.files.iter().all(|file| file.skipped.is_some());
    Ok(match written {
        Written::Failed => exit::USAGE,
        Written::Fine if is_empty => exit::NOTHING,
        Written::Fine => exit::CLEAN,
    })
}

fn value(listing: &Listing) -> Value {
    let file = |file: &Listed| json!({ "path": file.path, "checked": file.skipped.is_none(), "reason": file.skipped });
    json!({ "schema_version": 1, "files": listing.files.iter().map(file).collect::<Vec<_>>() })
}

fn print(args: &CheckArgs, listing: &Listing) -> Written {
    let here = std::env::current_dir().unwrap_or_default();
    let here = here.canonicalize().unwrap_or(here);
    let mut names = Vec::new();
    let mut skipped = String::new();
    for file in &listing.files {
        match &file.skipped {
            None if args.input.null => {
                let raw = file.raw.strip_prefix(&here).unwrap_or(&file.raw);
                names.extend([raw.as_os_str().as_encoded_bytes(), b"\0"].concat());
            }
            None => {
                names.extend(sanitize::text(&paths::relative(&listing.root, &here, &file.path)).as_bytes());
                names.push(b'\n');
            }
            Some(reason) => {
                let path = paths::relative(&listing.root, &here, &file.path);
                skipped += &format!("skipped {}: {}\n", sanitize::text(&path), sanitize::text(reason));
            }
        }
    }
    if args.quiet == 0 {
        output::error_text(&skipped);
    }
    output::raw(&names)
}
