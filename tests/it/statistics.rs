//! `--statistics` counts what the other formats list, and links lead to pages.

use asynclint::diagnostic::Severity;
use asynclint::render::Places;
use asynclint::render::statistics::Statistics;
use asynclint::render::terminal::{self, Detail, Options};

use crate::support::{Case, plain, service};

fn text(case: &Case) -> String {
    let places = Places::new(&case.sources, &case.report);
    let mut bytes = Vec::new();
    Statistics::new(&case.report, &places).write(&mut bytes, &places, &|path| path.to_owned()).unwrap();
    plain(&String::from_utf8(bytes).unwrap())
}

#[test]
fn every_finding_is_counted_once_in_each_table() {
    let case = service();
    let places = Places::new(&case.sources, &case.report);
    let json = Statistics::new(&case.report, &places).json(&places);
    for table in ["rules", "files", "crates"] {
        let rows = json[table].as_array().unwrap();
        let sum = |key: &str| rows.iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>() as usize;
        let of = |severity| case.report.findings.iter().filter(|f| f.severity == severity).count();
        assert_eq!(sum("errors"), of(Severity::Error), "{table}");
        assert_eq!(sum("warnings"), of(Severity::Warning), "{table}");
        assert_eq!(sum("notes"), of(Severity::Note), "{table}");
    }
    assert_eq!(json["rules"][0]["rule"], "blocking-sleep", "errors come first");
}

#[test]
fn the_helper_whose_mending_removes_most_is_named_once_and_where_it_blocks() {
    let case = service();
    let text = text(&case);
    // Four chains run through render, template and load; load is the one that reads the file.
    let wanted = "  4 findings  `app::report::load` calls `std::fs::read_to_string` at src/report.rs:13\n";
    assert!(text.contains(wanted), "{text}");
    assert!(!text.contains("`app::report::render` calls"), "{text}");
    let order: Vec<usize> = ["by rule", "by file", "mend these functions first", "by crate"]
        .iter()
        .map(|words| text.find(words).unwrap_or_else(|| panic!("no `{words}` in {text}")))
        .collect();
    assert!(order.is_sorted(), "{text}");
}

#[test]
fn names_of_rules_are_links_where_the_terminal_shows_links() {
    let case = service();
    let show = |detail, links| {
        let path = |path: &str| path.to_owned();
        let options = Options { detail, min_severity: Severity::Note, path: &path, links, width: None };
        let mut bytes = Vec::new();
        terminal::write(&mut bytes, &case.report, &Places::new(&case.sources, &case.report), &options).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    for detail in [Detail::Rich, Detail::Short] {
        let (with, without) = (show(detail, true), show(detail, false));
        assert!(!without.contains("\u{1b}]8"));
        let link = "\u{1b}]8;;https://github.com/asynclint/asynclint/blob/main/rules/blocking-sleep.md\u{1b}\\blocking-sleep\u{1b}]8;;\u{1b}\\";
        assert!(with.contains(link), "{with:?}");
        assert_eq!(with.matches("\u{1b}]8;;\u{1b}\\").count(), with.matches("\u{1b}]8;;https").count());
        assert_eq!(plain(&with), plain(&without), "a link changes no text");
    }
}
