//! Whether the output is coloured.
//!
//! `--color` decides, then the usual variables, then whether a terminal reads along. A pure function of these.

use super::args::Color;

/// Looks at the flag, then NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, CARGO_TERM_COLOR, CLICOLOR, TERM.
pub fn enabled(flag: Color, variable: &dyn Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    match flag {
        Color::Always => return true,
        Color::Never => return false,
        Color::Auto => {}
    }
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if ["CLICOLOR_FORCE", "FORCE_COLOR"].iter().any(|name| set(name).is_some_and(|value| value != "0")) {
        return true;
    }
    match set("CARGO_TERM_COLOR").as_deref() {
        Some("always") => return true,
        Some("never") => return false,
        _ => {}
    }
    let refused = set("CLICOLOR").is_some_and(|value| value == "0") || set("TERM").is_some_and(|value| value == "dumb");
    is_terminal && !refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)], is_terminal: bool) -> bool {
        let lookup = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        enabled(Color::Auto, &lookup, is_terminal)
    }

    #[test]
    fn the_usual_variables_count() {
        assert!(with(&[], true));
        assert!(!with(&[], false));
        assert!(!with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true));
        assert!(with(&[("NO_COLOR", "")], true));
        assert!(with(&[("FORCE_COLOR", "1")], false));
        assert!(!with(&[("FORCE_COLOR", "0")], false));
        assert!(with(&[("CARGO_TERM_COLOR", "always")], false));
        assert!(!with(&[("CLICOLOR", "0")], true));
        assert!(!with(&[("TERM", "dumb")], true));
        assert!(enabled(Color::Always, &|_| Some("1".to_owned()), false));
    }
}
