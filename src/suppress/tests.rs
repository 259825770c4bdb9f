use super::*;
use crate::base::{IndexVec, MemorySources, Name};
use crate::diagnostic::{Confidence, Hop};
use crate::facts::directive::DirectiveContent;
use crate::facts::expr::{Block, Stmt};
use crate::facts::item::{FnItem, Generics, Item, ItemKind, Visibility};
use crate::facts::{
    Body, Expr, ExprId, ExprKind, ItemId, PathTable, Region, RegionId, RegionKind, Scope, ScopeId, ScopeKind, TypeExpr,
};
use crate::levels::{Levels, TestMode};
use crate::rules::page;

/// One function that holds all of `text` from `fn` on, with these statements; directives by a small reader of comments.
pub(crate) fn facts(file: FileId, text: &str, statements: &[&str]) -> FileFacts {
    let bytes = |words: &str| {
        let start = text.find(words).unwrap_or_else(|| panic!("no `{words}`"));
        (start as u32, (start + words.len()) as u32)
    };
    let start = text.find("#[test_item]").or_else(|| text.find("fn ")).unwrap() as u32;
    let span = (start, text.rfind('}').unwrap() as u32 + 1);
    let region = RegionId(0);
    let mut exprs: IndexVec<ExprId, Expr> = IndexVec::new();
    let mut stmts = Vec::new();
    for words in statements {
        let span = bytes(words);
        let kind = ExprKind::Opaque(Box::default());
        let expr = exprs.push(Expr { kind, span, parent: None, region, first: exprs.next_id() });
        stmts.push(Stmt::Expr { expr, semi: true, span });
    }
    let block = Block { stmts: stmts.into(), tail: None, label: None };
    let root =
        exprs.push(Expr { kind: ExprKind::Block(Box::new(block)), span, parent: None, region, first: ExprId(0) });
    let body = Body {
        owner: ItemId(0),
        scope: ScopeId(0),
        exprs,
        pats: IndexVec::new(),
        locals: IndexVec::new(),
        regions: IndexVec::from_vec(vec![Region {
            kind: RegionKind::AsyncFn,
            parent: None,
            expr: root,
            body: root,
            is_move: false,
            params: Vec::new(),
            ret: None,
        }]),
        paths: PathTable::default(),
        types: IndexVec::new(),
        root,
        cfgs: Vec::new(),
        has_unknown_macro: false,
    };
    FileFacts {
        file,
        scopes: IndexVec::from_vec(vec![Scope { kind: ScopeKind::File, parent: None, items: vec![ItemId(0)] }]),
        items: IndexVec::from_vec(vec![function(span)]),
        bodies: IndexVec::from_vec(vec![body]),
        paths: PathTable::default(),
        directives: directives(text),
        problems: Vec::new(),
        lines: LineIndex::new(text),
        attrs: Vec::new(),
    }
}

fn function(span: Bytes) -> Item {
    Item {
        name: Name::new("f"),
        name_span: span,
        span,
        scope: ScopeId(0),
        parent: None,
        visibility: Visibility::Private,
        attrs: Vec::new(),
        cfg: None,
        kind: ItemKind::Fn(Box::new(FnItem {
            is_async: true,
            is_const: false,
            is_extern: false,
            generics: Generics::default(),
            receiver: None,
            params: Vec::new(),
            ret: TypeExpr::UNIT,
            body: Some(crate::facts::BodyIx(0)),
            inner_scope: ScopeId(0),
        })),
    }
}

fn directives(text: &str) -> Vec<Directive> {
    let marks = text.match_indices("// asynclint: ");
    marks.map(|(start, mark)| directive(text, start, start + mark.len())).collect()
}

fn directive(text: &str, start: usize, at: usize) -> Directive {
    let end = text[start..].find('\n').map_or(text.len(), |len| start + len);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let words = &text[at..end];
    let open = words.find('(').unwrap();
    let close = words.find(')').unwrap();
    let verb = match &words[..open] {
        "allow" => Ok(Verb::Allow),
        "expect" => Ok(Verb::Expect),
        "allow-file" => Ok(Verb::AllowFile),
        "assume" => Ok(Verb::Assume),
        other => Err(format!("`{other}` is none of the verbs")),
    };
    let (mut args, mut from) = (Vec::new(), at + open + 1);
    for arg in words[open + 1..close].split(", ") {
        args.push((arg.to_owned(), (from as u32, (from + arg.len()) as u32)));
        from += arg.len() + 2;
    }
    let rest = words[close + 1..].trim();
    let form = if rest.starts_with("--") { Form::OldReason } else { Form::Canonical };
    let reason = (!rest.is_empty()).then(|| rest.to_owned());
    let content = verb.map(|verb| DirectiveContent { verb, args, reason, form });
    Directive { span: (start as u32, end as u32), trailing: !text[line..start].trim().is_empty(), content }
}

pub(crate) fn finding(rule: &'static str, kind: &'static str, primary: Span) -> Diagnostic {
    Diagnostic {
        rule,
        kind,
        severity: Severity::Error,
        confidence: Confidence::Certain,
        message: "x".to_owned(),
        notes: Vec::new(),
        helps: Vec::new(),
        primary,
        primary_label: String::new(),
        related: Vec::new(),
        chain: Vec::new(),
        fixes: Vec::new(),
        clippy: None,
        function: "app::f".to_owned(),
        package: "app".to_owned(),
        in_test: false,
        fingerprint: String::new(),
        statement: String::new(),
        subject: None,
        needs_strict_tests: false,
    }
}

struct Case {
    sources: MemorySources,
    facts: FileFacts,
}

impl Case {
    fn new(text: &str, statements: &[&str]) -> Self {
        let mut sources = MemorySources::default();
        let file = sources.add("src/a.rs", text);
        Self { facts: facts(file, text, statements), sources }
    }

    fn span(&self, words: &str) -> Span {
        let start = self.sources.files[0].1.find(words).unwrap() as u32;
        Span::new(FileId(0), start, start + words.len() as u32)
    }

    fn suppressions(&self) -> Suppressions<'_> {
        Suppressions::collect([&self.facts], &self.sources)
    }

    fn answers(&self, rule: &'static str, words: &str) -> bool {
        self.suppressions().answers(&finding(rule, "default", self.span(words)))
    }

    /// Rule and text of each finding about directives, after a sleep at `words` was asked about.
    fn meta(&self, words: &str) -> Vec<(&'static str, String)> {
        let suppressions = self.suppressions();
        if !words.is_empty() {
            suppressions.answers(&finding("blocking-sleep", "default", self.span(words)));
        }
        let levels = Levels::new(page::all(), TestMode::Relaxed);
        let locate = |_: Span| Where::default();
        let found = Found { levels: &levels, sources: &self.sources, locate: &locate };
        let text = &self.sources.files[0].1;
        let of = |d: Diagnostic| (d.rule, text[d.primary.start as usize..d.primary.end as usize].to_owned());
        suppressions.meta(&found).into_iter().map(of).collect()
    }
}

const CHAIN: &str = "Command::new(\"git\")\n        .arg(\"x\")\n        .output();";

#[test]
fn a_trailing_directive_covers_its_line_and_the_statement_that_starts_there() {
    let text = format!(
        "fn f() {{\n    {}\n    sleep();\n}}\n",
        CHAIN.replacen('\n', " // asynclint: allow(blocking-process): x\n", 1)
    );
    let statement = CHAIN.replacen('\n', " // asynclint: allow(blocking-process): x\n", 1);
    let case = Case::new(&text, &[&statement, "sleep();"]);
    assert!(case.answers("blocking-process", "output"));
    assert!(!case.answers("blocking-sleep", "output"));
    assert!(!case.answers("blocking-process", "sleep"));
}

#[test]
fn a_directive_alone_covers_the_next_statement_through_attributes_and_comments() {
    let head = "// asynclint: allow(blocking-sleep): x\n    // why\n    #[rustfmt::skip] /* [ */";
    let text = format!("fn f() {{\n    {head}\n    first(\n        sleep(),\n    );\n    second();\n}}\n");
    let case = Case::new(&text, &["first(\n        sleep(),\n    );", "second();"]);
    assert!(case.answers("blocking-sleep", "sleep()"));
    assert!(!case.answers("blocking-sleep", "second"));
}

#[test]
fn a_directive_before_the_end_of_a_block_covers_nothing() {
    let text = "fn f() {\n    if x {\n        // asynclint: allow(blocking-sleep): x\n    }\n    sleep();\n}\n";
    let case = Case::new(text, &["sleep();"]);
    assert!(!case.answers("blocking-sleep", "sleep()"));
    assert_eq!(case.meta("sleep()"), [("unused-suppression", "blocking-sleep".to_owned())]);
}

#[test]
fn an_item_is_covered_with_its_body_and_a_file_as_a_whole() {
    let item = "// asynclint: allow(blocking-sleep): x\n#[test_item]\nfn f() {\n    sleep();\n}\n";
    assert!(Case::new(item, &["sleep();"]).answers("blocking-sleep", "sleep()"));
    let file = "// asynclint: allow-file(blocking-sleep): x\nuse a;\nfn f() {\n    sleep();\n}\n";
    assert!(Case::new(file, &["sleep();"]).answers("blocking-sleep", "sleep()"));
    let late = "fn f() {\n    sleep();\n    // asynclint: allow-file(blocking-sleep): x\n}\n";
    let late = Case::new(late, &["sleep();"]);
    assert!(!late.answers("blocking-sleep", "sleep()"));
    assert_eq!(late.meta("")[0].0, "malformed-directive");
}

#[test]
fn kinds_attributes_and_clippy_names() {
    let kind = Case::new("fn f() {\n    run(); // asynclint: allow(untracked-spawn.service): x\n}\n", &["run();"]);
    let at = kind.span("run()");
    assert!(kind.suppressions().answers(&finding("untracked-spawn", "service", at)));
    assert!(!kind.suppressions().answers(&finding("untracked-spawn", "lost-error", at)));
    let ours = "#[cfg_attr(asynclint, expect(asynclint::blocking_sleep, reason = \"x\"))]";
    let text =
        format!("fn f() {{\n    {ours}\n    sleep();\n    #[allow(clippy::await_holding_lock)]\n    hold();\n}}\n");
    let case = Case::new(&text, &["sleep();", "hold();"]);
    assert!(case.answers("blocking-sleep", "sleep()"));
    assert!(!case.answers("lock-across-await", "hold()"));
    let mut held = finding("lock-across-await", "plain", case.span("hold()"));
    held.clippy = Some("await_holding_lock");
    assert!(case.suppressions().answers(&held));
    assert_eq!(case.meta("sleep()"), []);
    assert_eq!(case.meta("")[0].0, "unused-suppression");
}

#[test]
fn any_step_of_a_chain_can_be_answered() {
    let text = "fn f() {\n    load();\n    // asynclint: allow(blocking-sleep): x\n    sleep();\n}\n";
    let case = Case::new(text, &["load();", "sleep();"]);
    let mut chained = finding("blocking-sleep", "default", case.span("load()"));
    chained.chain.push(Hop { function: "f".to_owned(), span: case.span("load()") });
    chained.chain.push(Hop { function: "sleep".to_owned(), span: case.span("sleep()") });
    assert!(case.suppressions().answers(&chained));
    assert!(case.suppressions().covers_call("blocking-sleep", None, case.span("sleep()")));
}

#[test]
fn findings_about_directives() {
    let fine = Case::new("fn f() {\n    sleep(); // asynclint: allow(blocking-sleep): x\n}\n", &["sleep();"]);
    assert_eq!(fine.meta("sleep()"), []);
    assert_eq!(fine.meta(""), [("unused-suppression", "blocking-sleep".to_owned())]);
    let bare = Case::new("fn f() {\n    sleep(); // asynclint: allow(blocking-sleep)\n}\n", &["sleep();"]);
    assert_eq!(bare.meta("sleep()")[0].0, "missing-reason");
    let wrong = Case::new("fn f() {\n    sleep(); // asynclint: allow(blocking-slep): x\n}\n", &["sleep();"]);
    assert_eq!(wrong.meta("sleep()"), [("unknown-rule", "blocking-slep".to_owned())]);
    let off = Case::new("fn f() {\n    sleep(); // asynclint: allow(blocking-fs-meta): x\n}\n", &["sleep();"]);
    assert_eq!(off.meta("sleep()"), [], "a rule that did not run cannot be unused");
    let old = Case::new("fn f() {\n    sleep(); // asynclint: allow(blocking-sleep) -- x\n}\n", &["sleep();"]);
    assert_eq!(old.meta("sleep()")[0].0, "malformed-directive");
    let verb = Case::new("fn f() {\n    sleep(); // asynclint: alow(blocking-sleep)\n}\n", &["sleep();"]);
    assert_eq!(verb.meta("sleep()")[0].0, "malformed-directive");
}

#[test]
fn assumptions_name_their_item() {
    let text = "// asynclint: assume(non-blocking): x\nfn f() {\n    sleep();\n}\n";
    let case = Case::new(text, &["sleep();"]);
    let expected = Assumption { file: FileId(0), item: ItemId(0), assumed: Assumed::NonBlocking };
    assert_eq!(assume::of_file(&case.facts, text), [expected]);
    assert_eq!(case.meta(""), []);
    let lost = Case::new("fn f() {\n    sleep(); // asynclint: assume(blocking)\n}\n", &["sleep();"]);
    assert_eq!(lost.meta("")[0].0, "malformed-directive");
}

#[test]
fn one_of_several_names_is_taken_out() {
    let removed = |names: &str, used: &'static str| {
        let text = format!("fn f() {{\n    sleep(); // asynclint: allow({names}): x\n}}\n");
        let case = Case::new(&text, &["sleep();"]);
        let suppressions = case.suppressions();
        suppressions.answers(&finding(used, "default", case.span("sleep()")));
        let levels = Levels::new(page::all(), TestMode::Relaxed);
        let found = Found { levels: &levels, sources: &case.sources, locate: &|_| Where::default() };
        let meta = suppressions.meta(&found);
        let edit = &meta[0].fixes[0].edits[0];
        let mut text = text;
        text.replace_range(edit.span.start as usize..edit.span.end as usize, "");
        text[text.find("allow(").unwrap()..text.find("): x").unwrap()].to_owned()
    };
    assert_eq!(removed("blocking-sleep, blocking-sync", "blocking-sleep"), "allow(blocking-sleep");
    assert_eq!(removed("blocking-sync, blocking-sleep", "blocking-sleep"), "allow(blocking-sleep");
    assert_eq!(
        removed("blocking-sleep, blocking-sync, blocking-fs", "blocking-sleep"),
        "allow(blocking-sleep, blocking-fs"
    );
}

#[test]
fn every_suppression_is_listed_with_its_reason() {
    let ours = "#[cfg_attr(asynclint, allow(asynclint::blocking_sleep, reason = \"why not\"))]";
    let text =
        format!("fn f() {{\n    {ours}\n    sleep();\n    hold(); // asynclint: expect(blocking-sync.blocks)\n}}\n");
    let case = Case::new(&text, &["sleep();", "hold();"]);
    let suppressions = case.suppressions();
    assert!(suppressions.answers(&finding("blocking-sleep", "default", case.span("sleep()"))));
    let levels = Levels::new(page::all(), TestMode::Relaxed);
    let found = Found { levels: &levels, sources: &case.sources, locate: &|_| Where::default() };
    let list = suppressions.list(&found);
    let shown: Vec<_> = list.iter().map(|s| (s.form, s.name.as_str(), s.reason.as_deref(), s.state.as_str())).collect();
    let wanted =
        [("expect", "blocking-sync.blocks", None, "unused"), ("attribute", "blocking-sleep", Some("why not"), "used")];
    assert_eq!(shown, wanted);
}

#[test]
fn a_directive_is_put_where_it_holds() {
    let text = "fn f() {\n\ta(\n\t\tb(),\n\t);\n    if x { c(); }\n    \"\n\"; d();\n    e() /* x\n */;\n}\n";
    let case = Case::new(text, &["a(\n\t\tb(),\n\t);", "c();", "d();", "e()"]);
    let put = |words: &str| {
        let spot = place(&case.facts, text, case.span(words))?;
        let (at, comment) = super::directive(text, spot, &["blocking-sleep"], "why");
        Some((text[..at as usize].matches('\n').count() + 1, comment))
    };
    let allow = "// asynclint: allow(blocking-sleep): why";
    assert_eq!(put("b()"), Some((2, format!("\t{allow}\n"))));
    assert_eq!(put("c()"), Some((5, format!(" {allow}"))));
    assert_eq!(put("d()"), Some((7, format!(" {allow}"))));
    assert_eq!(put("e()"), Some((8, format!("    {allow}\n"))));
}
