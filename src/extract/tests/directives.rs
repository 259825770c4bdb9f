//! The grammar of directive comments.

use super::facts;
use crate::facts::directive::{DirectiveContent, Form, Verb};
use crate::facts::{Directive, FileFacts};

fn only(text: &str) -> Directive {
    let FileFacts { mut directives, .. } = facts(text);
    assert_eq!(directives.len(), 1, "{text}");
    directives.remove(0)
}

fn content(text: &str) -> DirectiveContent {
    only(text).content.expect("a directive")
}

#[test]
fn canonical() {
    let text = "fn a() {}\n// asynclint: allow(blocking-fs, untracked-spawn.service): it is: fine \r\nfn b() {}";
    let directive = only(text);
    assert_eq!(&text[directive.span.0 as usize..directive.span.1 as usize], text.lines().nth(1).expect("a line"));
    assert!(!directive.trailing);
    let content = directive.content.expect("a directive");
    assert_eq!((content.verb, content.form), (Verb::Allow, Form::Canonical));
    assert_eq!(content.reason.as_deref(), Some("it is: fine"));
    let args: Vec<(&str, &str)> =
        content.args.iter().map(|(a, (s, e))| (a.as_str(), &text[*s as usize..*e as usize])).collect();
    assert_eq!(args, [("blocking-fs", "blocking-fs"), ("untracked-spawn.service", "untracked-spawn.service")]);
}

#[test]
fn verbs_and_forms() {
    assert_eq!(content("//asynclint:expect(x)").verb, Verb::Expect);
    assert_eq!(content("//   asynclint : allow-file( x ) : y").verb, Verb::AllowFile);
    assert_eq!(content("// asynclint: assume(non-blocking)").verb, Verb::Assume);
    let old = content("// asynclint: allow(x) -- because");
    assert_eq!((old.form, old.reason.as_deref()), (Form::OldReason, Some("because")));
    assert!(only("fn a() {} // asynclint: allow(x)").trailing);
    assert!(!only("\u{feff}// asynclint: allow(x)").trailing);
}

#[test]
fn mistakes_are_kept() {
    for text in [
        "// asynclint: alow(x)",
        "// asynclint: allow x",
        "// asynclint: allow()",
        "// asynclint: allow(x,)",
        "// asynclint: allow(x",
        "// asynclint: allow(x) why",
        "// asynclint: allow(A b)",
        "// asynclint: assume(sleepy)",
        "// asynclint allow(x)",
        "// asynclint:",
    ] {
        assert!(only(text).content.is_err(), "{text}");
    }
}

#[test]
fn only_line_comments_count() {
    let text = r##"
        /// asynclint: allow(a)
        //! asynclint: allow(a)
        /* asynclint: allow(a) /* */ // asynclint: allow(a)
        */
        // asynclint is a tool
        //// asynclint: allow(a)
        fn f<'a>(x: &'a str) -> char {
            let _ = ("// asynclint: allow(a)", r#"" // asynclint: allow(a)"#, b"//", '"', '\'', b'"', 'é', '\u{1F600}');
            let r#fn = "\"// asynclint: allow(a)";
            'x' // asynclint: allow(b)
        }"##;
    assert_eq!(content(text).args[0].0, "b");
}
