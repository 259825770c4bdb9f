//! The grammar of directive comments: `// asynclint: VERB(ARG, ARG): reason`.
//!
//! A comment that begins like a directive and is none is kept with the reason, so that a typing error does not silently do nothing.
//! Whether a rule exists is decided later.

use crate::facts::Directive;
use crate::facts::directive::{DirectiveContent, Form, Verb};

const VERBS: [(&str, Verb); 4] =
    [("allow", Verb::Allow), ("expect", Verb::Expect), ("allow-file", Verb::AllowFile), ("assume", Verb::Assume)];

/// An argument and its bytes in the file.
type Arg = (String, (u32, u32));

const FACTS: [&str; 4] = ["blocking", "non-blocking", "detached-ok", "abort-on-drop"];

/// Reads the `//` comment at these bytes; `None` when it is not addressed to this tool.
pub(super) fn directive(text: &str, start: usize, end: usize) -> Option<Directive> {
    let body = &text[start + 2..end];
    let rest = body.trim_start().strip_prefix("asynclint")?;
    let offset = end - rest.len();
    let rest = rest.trim_end();
    let content = match rest.trim_start().strip_prefix(':') {
        Some(after) => parse(after, offset + (rest.len() - after.len())),
        None if starts_with_verb(rest) => Err("a colon must follow `asynclint`".to_owned()),
        None => return None,
    };
    let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
    let before = text[line..start].trim_start_matches('\u{feff}');
    Some(Directive { span: (start as u32, end as u32), trailing: !before.trim().is_empty(), content })
}

fn starts_with_verb(rest: &str) -> bool {
    let word = rest.trim_start().split('(').next().unwrap_or("").trim();
    rest.contains('(') && VERBS.iter().any(|(name, _)| *name == word)
}

/// Reads what follows the colon; `at` is its byte in the file.
fn parse(text: &str, at: usize) -> Result<DirectiveContent, String> {
    let Some((verb, rest)) = text.split_once('(') else {
        return Err(format!("`{}` is no directive: write `allow(rule): reason`", text.trim()));
    };
    let verb = verb.trim();
    let Some((_, verb)) = VERBS.iter().find(|(name, _)| *name == verb) else {
        return Err(format!("`{verb}` is none of `allow`, `expect`, `allow-file`, `assume`"));
    };
    let Some((list, rest)) = rest.split_once(')') else {
        return Err("`)` is missing".to_owned());
    };
    let list_at = at + text.find('(').map_or(0, |i| i + 1);
    let args = args(list, list_at, *verb)?;
    let (reason, form) = reason(rest)?;
    Ok(DirectiveContent { verb: *verb, args, reason, form })
}

fn args(list: &str, at: usize, verb: Verb) -> Result<Vec<Arg>, String> {
    let mut out = Vec::new();
    let mut from = at;
    for part in list.split(',') {
        let arg = part.trim();
        let start = from + (part.len() - part.trim_start().len());
        check_arg(arg, verb)?;
        out.push((arg.to_owned(), (start as u32, (start + arg.len()) as u32)));
        from += part.len() + 1;
    }
    Ok(out)
}

fn check_arg(arg: &str, verb: Verb) -> Result<(), String> {
    match verb {
        _ if arg.is_empty() => Err("a name is missing between the parentheses".to_owned()),
        Verb::Assume if !FACTS.contains(&arg) => {
            Err(format!("`{arg}` is none of `blocking`, `non-blocking`, `detached-ok`, `abort-on-drop`"))
        }
        Verb::Assume => Ok(()),
        Verb::Allow | Verb::Expect | Verb::AllowFile => {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
            if arg.chars().all(plain) { Ok(()) } else { Err(format!("`{arg}` is no rule name")) }
        }
    }
}

fn reason(rest: &str) -> Result<(Option<String>, Form), String> {
    let rest = rest.trim();
    let (text, form) = if rest.is_empty() {
        ("", Form::Canonical)
    } else if let Some(text) = rest.strip_prefix(':') {
        (text, Form::Canonical)
    } else if let Some(text) = rest.strip_prefix("--") {
        (text, Form::OldReason)
    } else {
        return Err("a reason must follow a colon".to_owned());
    };
    let text = text.trim();
    Ok((if text.is_empty() { None } else { Some(text.to_owned()) }, form))
}
