//! The subcommands of `config`.

use std::path::Path;

use crate::base::Spot;
use crate::cli::exit;
use crate::cli::output::{self, Written};
use crate::config::{self, Config, show};
use crate::render::sanitize;
use crate::source;

use super::{ConfigFlags, InitArgs, Loaded, ShowArgs, ValidateArgs, here, load, shown};

const fn code(written: Written) -> u8 {
    match written {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

pub(super) fn show(args: &ShowArgs) -> Result<u8, String> {
    let paths: Vec<_> = args.path.iter().cloned().collect();
    let Loaded { config, around } = load(&args.config, &paths, None)?;
    let text = match &args.path {
        None => show::whole(&config),
        Some(path) => {
            let real = here()?.join(path).canonicalize();
            let real = real.map_err(|error| format!("{}: {}", shown(path), error.kind()))?;
            let inside = real.strip_prefix(&around.root).unwrap_or(&real).to_string_lossy().replace('\\', "/");
            let package = package_of(&real, &around.root);
            let spot = Spot { path: &inside, package: &package, in_test: args.test_code };
            show::for_spot(&config, spot)
        }
    };
    Ok(code(output::raw(text.as_bytes())))
}

/// The name of the package whose folder holds a file.
fn package_of(file: &Path, root: &Path) -> String {
    let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let names = folders.filter_map(|folder| source::package_name(&folder.join("Cargo.toml"), root));
    names.into_iter().next().unwrap_or_default()
}

pub(super) fn validate(args: &ValidateArgs) -> Result<u8, String> {
    let flags = ConfigFlags { config: args.file.iter().map(|file| shown(file)).collect(), no_config: false };
    let Loaded { config, .. } = load(&flags, &[], None)?;
    let Some(file) = &config.file else {
        return Ok(code(output::raw(b"there is no configuration: the rules' own levels hold\n")));
    };
    for unknown in &config.unknown {
        let hint = unknown.nearest.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        let line = config::Source::new("", file.text.clone()).line(unknown.span.0 as usize);
        let text = format!("{}:{line}: there is no rule, kind or group `{}`{hint}", file.path, unknown.name);
        output::error_line(&format!("warning: {}", sanitize::text(&text)));
    }
    Ok(code(output::raw(format!("{}: can be used\n", sanitize::text(&file.path)).as_bytes())))
}

pub(super) fn schema() -> u8 {
    code(output::raw(config::schema::text().as_bytes()))
}

pub(super) fn init(args: &InitArgs) -> Result<u8, String> {
    let Loaded { config, around } = load(&ConfigFlags::default(), &[], None)?;
    let folder = around.places.first().map_or(&around.root, |place| &place.workspace);
    let runtimes = runtimes(folder)?;
    let text = config::init::text(&runtimes);
    if args.print {
        return Ok(code(output::raw(text.as_bytes())));
    }
    if let Some(Config { file: Some(file), .. }) = Some(&config) {
        return Err(format!("there is a configuration already: {}", sanitize::text(&file.path)));
    }
    let path = folder.join("asynclint.toml");
    output::file(&path, text.as_bytes()).map_err(|error| format!("cannot write {}: {}", shown(&path), error.kind()))?;
    Ok(code(output::raw(format!("wrote {}\n", sanitize::text(&shown(&path))).as_bytes())))
}

/// The async runtimes that some package of the workspace depends on.
fn runtimes(folder: &Path) -> Result<Vec<String>, String> {
    let request = source::Request { paths: vec![folder.to_owned()], ..source::Request::new(here()?) };
    let Ok(sources) = source::discover(&request) else { return Ok(Vec::new()) };
    let names = sources.packages.iter().flat_map(|p| p.dependencies.iter().map(|d| d.package.as_str().to_owned()));
    let mut found: Vec<String> = names.filter(|name| config::init::RUNTIMES.contains(&name.as_str())).collect();
    found.sort();
    found.dedup();
    Ok(found)
}
