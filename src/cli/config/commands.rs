//! The subcommands of `config`.

use std::path::{Path, PathBuf};

use crate::base::Spot;
use crate::cli::exit;
use crate::cli::output::{self, Written};
use crate::config::{self, Config, member, show};
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
    let Loaded { mut config, around } = load(&args.config, &paths, None)?;
    let text = match &args.path {
        None => show::whole(&config),
        Some(path) => {
            let real = here()?.join(path).canonicalize();
            let real = real.map_err(|error| format!("{}: {}", shown(path), error.kind()))?;
            let inside = real.strip_prefix(&around.root).unwrap_or(&real).to_string_lossy().replace('\\', "/");
            let (package, manifest) = package_of(&real, &around.root);
            join_member(&mut config, &package, &manifest, &around.root)?;
            let spot = Spot { path: &inside, package: &package, in_test: args.test_code };
            show::for_spot(&config, spot)
        }
    };
    Ok(code(output::raw(text.as_bytes())))
}

/// The name and the manifest of the package whose folder holds a file.
fn package_of(file: &Path, root: &Path) -> (String, PathBuf) {
    let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let mut packages = folders.filter_map(|folder| {
        let manifest = folder.join("Cargo.toml");
        Some((source::package_name(&manifest, root)?, manifest))
    });
    packages.next().unwrap_or_default()
}

/// What a member says about itself holds in its package, unless it is the configuration already.
fn join_member(config: &mut Config, package: &str, manifest: &Path, root: &Path) -> Result<(), String> {
    let is_known = config.file.as_ref().is_some_and(|file| file.abs == manifest);
    if is_known || !config.reads_members || !is_member(manifest, root) {
        return Ok(());
    }
    let Some(Ok(text)) = source::read_text(manifest, root, load::LIMIT) else { return Ok(()) };
    let path = source::shown(root, manifest);
    let said = member::read(package, &path, &text).map_err(|errors| load::text(&errors))?;
    config.join(&said);
    Ok(())
}

/// True for the manifest of a package below the one that speaks for a workspace.
fn is_member(manifest: &Path, root: &Path) -> bool {
    let above = manifest.ancestors().skip(2).take_while(|folder| folder.starts_with(root));
    let mut texts = above.filter_map(|folder| source::read_text(&folder.join("Cargo.toml"), root, load::LIMIT)?.ok());
    texts.any(|text| toml::from_str::<toml::Table>(&text).is_ok_and(|table| table.contains_key("workspace")))
}

pub(super) fn validate(args: &ValidateArgs) -> Result<u8, String> {
    let flags = ConfigFlags { config: args.file.iter().map(|file| shown(file)).collect(), no_config: false };
    let Loaded { config, .. } = load(&flags, &[], None)?;
    let Some(file) = &config.file else {
        return Ok(code(output::raw(b"there is no configuration: the rules' own levels hold\n")));
    };
    let unknown = config.unknown.iter().map(|unknown| {
        let hint = unknown.nearest.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        (unknown.span, format!("there is no rule, kind or group `{}`{hint}", unknown.name))
    });
    let renamed = config.renamed.iter().map(|renamed| {
        let text = format!("`{}` is called `{}` here; `asynclint config migrate` writes it", renamed.old, renamed.new);
        (renamed.span, text)
    });
    let mut warnings: Vec<_> = unknown.chain(renamed).collect();
    warnings.sort();
    let source = config::Source::new("", file.text.clone());
    for (span, text) in warnings {
        let text = format!("{}:{}: {text}", file.path, source.line(span.0 as usize));
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
