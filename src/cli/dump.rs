//! `dump`: what the tool believes about a place. Parses `FILE[:LINE]`; the engine does the rest.

use super::args::DumpArgs;
use super::engine::{DumpRequest, Engine};
use super::output::{self, Written};
use super::{config, exit};

pub(super) fn run(args: &DumpArgs, engine: &dyn Engine) -> u8 {
    let (path, line) = split(args.place.as_deref().unwrap_or("."));
    let threads = args.threads.map(usize::from);
    let config = match config::load(&args.config, &[path.into()], None) {
        Ok(loaded) => loaded.config,
        Err(text) => {
            output::error_line(&format!("error: {text}"));
            return exit::USAGE;
        }
    };
    let request = DumpRequest { path: path.into(), line, stats: args.stats, threads, config };
    let mut text = Vec::new();
    if let Err(error) = engine.dump(&request, &mut text) {
        output::error_line(&format!("error: {error}"));
        return exit::USAGE;
    }
    match output::raw(&text) {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

/// `src/a.rs:12` has a line; `C:\a.rs` has none.
fn split(place: &str) -> (&str, Option<u32>) {
    match place.rsplit_once(':').map(|(path, line)| (path, line.parse())) {
        Some((path, Ok(line))) if !path.is_empty() => (path, Some(line)),
        Some(_) | None => (place, None),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_line_is_a_number_after_the_last_colon() {
        assert_eq!(split("src/a.rs:12"), ("src/a.rs", Some(12)));
        assert_eq!(split("src/a.rs"), ("src/a.rs", None));
        assert_eq!(split("C:\\a.rs"), ("C:\\a.rs", None));
    }
}
