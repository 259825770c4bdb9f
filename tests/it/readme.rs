//! The README shows what the tool really prints and lists the rules that really exist. `UPDATE=1` rewrites both places.

use std::process::Command;

use asynclint::rules::page::{self, Group, Level};

static FILE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn root() -> &'static str {
    env!("CARGO_MANIFEST_DIR")
}

fn between<'t>(text: &'t str, name: &str) -> &'t str {
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let start = text.find(&begin).unwrap() + begin.len();
    &text[start..start + text[start..].find(&end).unwrap()]
}

fn holds(name: &str, wanted: &str) {
    // Both tests may rewrite the file.
    let _alone = FILE.lock().unwrap();
    let path = format!("{}/README.md", root());
    let readme = std::fs::read_to_string(&path).unwrap();
    let actual = between(&readme, name);
    if actual == wanted {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        let start = actual.as_ptr() as usize - readme.as_ptr() as usize;
        let mended = format!("{}{wanted}{}", &readme[..start], &readme[start + actual.len()..]);
        std::fs::write(&path, mended).unwrap();
        return;
    }
    panic!("the part `{name}` of README.md is out of date; UPDATE=1 cargo test --test it readme rewrites it\n{wanted}");
}

/// The finding with the longest chain, and the last line.
#[test]
fn the_picture_is_what_the_tool_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_asynclint"))
        .args(["check", "fixtures/demo", "--color", "never"])
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let blocks: Vec<&str> = text.split("\n\n").collect();
    let chain = blocks.iter().find(|block| block.contains("4: calls `")).unwrap();
    let last = text.lines().last().unwrap();
    holds("output", &format!("```text\n{chain}\n\n{last}\n```\n"));
}

#[test]
fn the_table_lists_every_rule() {
    let mut table = String::from("| rule | default | what it finds |\n|---|---|---|\n");
    for rule in page::all().iter().filter(|rule| rule.family != page::Family::Meta) {
        let on = rule.kinds.iter().filter(|kind| kind.group == Group::Default).map(|kind| kind.level).max();
        let level = match on {
            None | Some(Level::Allow) => "pedantic",
            Some(Level::Note) => "note",
            Some(Level::Warn) => "warning",
            Some(Level::Deny) => "error",
        };
        table.push_str(&format!("| [{id}](rules/{id}.md) | {level} | {} |\n", rule.summary, id = rule.id));
    }
    holds("rules", &table);
}
