//! `explain`: prints a rule page.

use std::io::Write;

use serde_json::json;

use crate::render::style;
use crate::rules::page::{self, RuleInfo};

use super::args::{ExplainArgs, TextFormat};
use super::output::{self, Written};
use super::{exit, rules};

pub(super) fn run(args: &ExplainArgs) -> u8 {
    let id = args.rule.split_once('.').map_or(args.rule.as_str(), |(rule, _)| rule);
    let Some(rule) = page::find(id) else {
        let nearest = crate::levels::nearest(page::all(), id);
        output::error_line(&format!("error: {}", rules::unknown_text(id, &nearest)));
        return exit::USAGE;
    };
    let written = match args.format {
        TextFormat::Text => output::standard(&text(rule), args.color),
        TextFormat::Markdown => output::raw(page_with_options(rule).as_bytes()),
        TextFormat::Json => {
            let mut value = rules::value(rule);
            value["text"] = json!(rule.text);
            output::raw(format!("{value:#}\n").as_bytes())
        }
    };
    match written {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

/// The page, and what its front matter says about options.
fn page_with_options(rule: &RuleInfo) -> String {
    let mut page = rule.text.to_owned();
    if rule.options.is_empty() {
        return page;
    }
    page.push_str("\n## Options\n\n");
    for option in &rule.options {
        let values = option.values.iter().map(|value| format!("`\"{value}\"`")).collect::<Vec<_>>().join(", ");
        page.push_str(&format!("- `{}` ({values}; default: {}): {}.\n", option.name, option.default, option.summary));
    }
    page
}

/// The page with headings in bold and code set in.
fn text(rule: &RuleInfo) -> Vec<u8> {
    let mut out = Vec::new();
    let mut in_code = false;
    for line in page_with_options(rule).lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let heading = line.strip_prefix("# ").or_else(|| line.strip_prefix("## "));
        let written = match heading {
            Some(heading) if !in_code => style::paint(&mut out, style::BOLD, heading),
            _ if in_code && line.is_empty() => Ok(()),
            _ if in_code => style::paint(&mut out, style::HELP, &format!("    {line}")),
            _ => out.write_all(line.as_bytes()),
        };
        // Writing to memory does not fail.
        let _ = written.and_then(|()| out.write_all(b"\n"));
    }
    out
}
