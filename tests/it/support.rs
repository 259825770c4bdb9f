//! Findings made by hand, as rules would make them, over small sources.

use std::io::Write;
use std::path::PathBuf;

use asynclint::base::{FileId, MemorySources, SourceMap, Span};
use asynclint::diagnostic::{
    Applicability, Confidence, Diagnostic, Edit, Fix, Hop, Label, Problem, ProblemKind, Report, Role, Severity, Writes,
};
use asynclint::render::Places;
use asynclint::render::terminal::{self, Detail, Options};

/// Sources and what was found in them.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) sources: MemorySources,
    pub(crate) report: Report,
}

impl Case {
    pub(crate) fn file(&mut self, path: &str, text: &str) -> FileId {
        self.report.files += 1;
        self.report.lines += text.lines().count();
        self.sources.add(path, text)
    }

    /// The only place where `words` stand in a file.
    pub(crate) fn span(&self, file: FileId, words: &str) -> Span {
        let text = self.sources.text(file);
        let start = text.find(words).unwrap_or_else(|| panic!("no `{words}`"));
        assert_eq!(text.rfind(words), Some(start), "`{words}` stands twice");
        Span::new(file, start as u32, (start + words.len()) as u32)
    }

    pub(crate) fn find(
        &mut self,
        rule: &'static str,
        kind: &'static str,
        primary: Span,
        message: &str,
    ) -> &mut Diagnostic {
        let number = self.report.findings.len();
        self.report.findings.push(Diagnostic {
            rule,
            kind,
            severity: Severity::Warning,
            confidence: Confidence::Certain,
            message: message.to_owned(),
            notes: Vec::new(),
            helps: Vec::new(),
            primary,
            primary_label: String::new(),
            related: Vec::new(),
            chain: Vec::new(),
            fixes: Vec::new(),
            clippy: None,
            function: "app::main".to_owned(),
            package: "app".to_owned(),
            in_test: false,
            fingerprint: format!("v1:{number:016x}"),
            statement: format!("s1:{number:016x}"),
            subject: None,
            needs_strict_tests: false,
        });
        &mut self.report.findings[number]
    }

    pub(crate) fn terminal(&self, detail: Detail, min_severity: Severity) -> String {
        self.on_terminal(detail, min_severity, None)
    }

    /// The same where a terminal has so many columns.
    pub(crate) fn on_terminal(&self, detail: Detail, min_severity: Severity, width: Option<usize>) -> String {
        let path = |path: &str| path.to_owned();
        let options = Options { detail, min_severity, path: &path, links: false, width };
        let mut bytes = Vec::new();
        terminal::write(&mut bytes, &self.report, &Places::new(&self.sources, &self.report), &options).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn sarif(&self) -> String {
        use asynclint::render::sarif;
        let mut bytes = Vec::new();
        let places = Places::new(&self.sources, &self.report);
        sarif::write(&mut bytes, &self.report, &places, &sarif::Options::default()).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Any other format, with paths as they are.
    pub(crate) fn render(&self, format: Other) -> String {
        use asynclint::render::{checkstyle, compact, github, gitlab, jsonl, junit, rdjsonl, rustc_json};
        let path = |path: &str| path.to_owned();
        let (report, places) = (&self.report, &Places::new(&self.sources, &self.report));
        let out = &mut Vec::new();
        let min_severity = Severity::Note;
        match format {
            Other::Compact => compact::write(out, report, places, &compact::Options { min_severity, path: &path }),
            Other::Jsonl => jsonl::write(out, report, places),
            Other::Github => github::write(out, report, places, min_severity),
            Other::Summary => out.write_all(github::summary(report, places, min_severity).as_bytes()),
            Other::Gitlab => gitlab::write(out, report, places),
            Other::Junit => junit::write(out, report, places, min_severity),
            Other::Checkstyle => checkstyle::write(out, report, places),
            Other::Rdjsonl => rdjsonl::write(out, report, places, min_severity),
            Other::RustcJson => {
                rustc_json::write(out, report, places, &rustc_json::Options { min_severity, path: &path })
            }
        }
        .unwrap();
        String::from_utf8(std::mem::take(out)).unwrap()
    }

    pub(crate) fn json(&self) -> String {
        let mut bytes = Vec::new();
        let places = Places::new(&self.sources, &self.report);
        asynclint::render::json::write(&mut bytes, &self.report, &places).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

/// The formats that have no function of their own here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Other {
    Compact,
    Jsonl,
    Github,
    Summary,
    Gitlab,
    Junit,
    Checkstyle,
    RustcJson,
    Rdjsonl,
}

impl Other {
    pub(crate) const ALL: [Self; 9] = [
        Self::Compact,
        Self::Jsonl,
        Self::Github,
        Self::Summary,
        Self::Gitlab,
        Self::Junit,
        Self::Checkstyle,
        Self::RustcJson,
        Self::Rdjsonl,
    ];
}

pub(crate) fn label(span: Span, role: Role, message: &str) -> Label {
    Label { span, message: message.to_owned(), role }
}

pub(crate) fn hop(function: &str, span: Span) -> Hop {
    Hop { function: function.to_owned(), span }
}

/// A file of this repository.
pub(crate) fn at(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Text without its escape sequences.
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

const MAIN: &str = r#"use std::sync::Arc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let store = Arc::new(Store::default());
    tokio::spawn(jobs::expire(Arc::clone(&store)));
    let listener = TcpListener::bind("127.0.0.1:7070").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let store = Arc::clone(&store);
        let client = tokio::spawn(async move { serve(stream, store).await });
        let _ = client.await;
    }
}

async fn serve(stream: TcpStream, store: Arc<Store>) -> std::io::Result<()> {
    while let Some(name) = store.next().await {
        let page = report::render(&name, store.len())?;
        stream.write_all(page.as_bytes()).await?;
    }
    Ok(())
}
"#;

const JOBS: &str = r#"pub async fn expire(store: Arc<Store>) {
    let mut clock = interval(Duration::from_secs(60));
    loop {
        clock.tick().await;
        std::thread::sleep(Duration::from_millis(5));
        store.expire().await;
    }
}

pub async fn daily(store: Arc<Store>) {
    report::render("daily", store.len()).ok();
}

pub async fn weekly(store: Arc<Store>) {
    report::render("weekly", store.len()).ok();
}

pub async fn monthly(store: Arc<Store>) {
    report::render("monthly", store.len()).ok();
}

pub async fn yearly(store: Arc<Store>) {
    report::render("yearly", store.len()).ok();
}
"#;

const REPORT: &str = r#"use std::fs;

pub(crate) fn render(name: &str, entries: usize) -> std::io::Result<String> {
    let text = template(name)?;
    Ok(text.replace("{entries}", &entries.to_string()))
}

fn template(name: &str) -> std::io::Result<String> {
    load(&format!("templates/{name}.txt"))
}

fn load(path: &str) -> std::io::Result<String> {
    fs::read_to_string(path)
}
"#;

/// A small service with one finding of each shape.
pub(crate) fn service() -> Case {
    let mut case = Case::default();
    let jobs = case.file("src/jobs.rs", JOBS);
    let main = case.file("src/main.rs", MAIN);
    let report = case.file("src/report.rs", REPORT);
    sleep(&mut case, jobs);
    for (caller, call) in
        [("daily", "render(\"daily\""), ("weekly", "render(\"weekly\""), ("monthly", "render(\"monthly\"")]
    {
        read(&mut case, jobs, report, caller, call);
    }
    read(&mut case, jobs, report, "yearly", "render(\"yearly\"");
    untracked(&mut case, main, jobs);
    lost(&mut case, main);
    let span = Some(case.span(report, "fs::read_to_string"));
    let message = "expected `;`".to_owned();
    case.report.problems.push(Problem { kind: ProblemKind::ParseError, message, path: None, span });
    let path = Some("src/huge.rs".to_owned());
    let message = "larger than 4 MiB".to_owned();
    case.report.problems.push(Problem { kind: ProblemKind::TooLarge, message, path, span: None });
    case.report.suppressed = 2;
    case
}

fn sleep(case: &mut Case, jobs: FileId) {
    let call = case.span(jobs, "std::thread::sleep");
    let context = case.span(jobs, "async fn expire");
    let end = case.span(jobs, "from_millis(5))").end;
    let finding = case.find("blocking-sleep", "default", call, "`std::thread::sleep` blocks the executor thread");
    finding.severity = Severity::Error;
    finding.function = "app::jobs::expire".to_owned();
    finding.related.push(label(context, Role::Context, "in this async fn"));
    finding.fixes.push(Fix {
        title: "sleep with the runtime's timer".to_owned(),
        applicability: Applicability::Safe,
        edits: vec![
            Edit { span: call, text: "tokio::time::sleep".to_owned() },
            Edit { span: Span::new(jobs, end, end), text: ".await".to_owned() },
        ],
        writes: Writes::Known,
    });
}

fn read(case: &mut Case, jobs: FileId, report: FileId, caller: &str, call: &str) {
    let name = case.span(jobs, call);
    let call = Span::new(jobs, name.start, name.start + 6);
    let call = Span::new(jobs, call.start - "report::".len() as u32, call.end);
    let context = case.span(jobs, &format!("async fn {caller}"));
    let hops = vec![
        hop("app::report::render", call),
        hop(
            "app::report::template",
            Span { end: case.span(report, "template(name)").start + 8, ..case.span(report, "template(name)") },
        ),
        hop(
            "app::report::load",
            Span { end: case.span(report, "load(&format").start + 4, ..case.span(report, "load(&format") },
        ),
        hop("std::fs::read_to_string", case.span(report, "fs::read_to_string")),
    ];
    let finding = case.find("blocking-fs", "default", call, "`std::fs::read_to_string` blocks the executor thread");
    finding.function = format!("app::jobs::{caller}");
    finding.related.push(label(context, Role::Context, "in this async fn"));
    finding.chain = hops;
    finding.helps.push(
        "make `load` async with `tokio::fs::read_to_string`, or call `render` in `tokio::task::spawn_blocking`"
            .to_owned(),
    );
}

fn untracked(case: &mut Case, main: FileId, jobs: FileId) {
    let words = case.span(main, "tokio::spawn(jobs");
    let call = Span::new(main, words.start, words.start + "tokio::spawn".len() as u32);
    let reason = case.span(jobs, "loop");
    let message =
        "task is spawned and its JoinHandle dropped: if it panics or returns, nothing in the program will know";
    let finding = case.find("untracked-spawn", "service", call, message);
    finding.primary_label = "the handle is dropped here".to_owned();
    finding.related.push(label(reason, Role::Why, "the task runs this loop until the program ends"));
    finding.notes.push(
        "a panic is printed by the panic hook and otherwise ignored; at shutdown the task is dropped at its next await"
            .to_owned(),
    );
    finding.helps.push("keep the handle and add it to the `select!` that ends `main`".to_owned());
    finding.fixes.push(Fix {
        title: "spawn it supervised".to_owned(),
        applicability: Applicability::Unsafe,
        edits: vec![
            Edit { span: call, text: "asynclint_supervisor::spawn!".to_owned() },
            Edit { span: Span::new(main, call.end + 1, call.end + 1), text: "\"expire\", ".to_owned() },
        ],
        writes: Writes::Companion,
    });
}

fn lost(case: &mut Case, main: FileId) {
    let call = case.span(main, "client.await");
    let finding = case.find(
        "lost-task-error",
        "discarded",
        call,
        "the outcome of this task is discarded: a panic or an Err in it goes unnoticed",
    );
    finding.confidence = Confidence::Likely;
    finding.clippy = Some("let_underscore_future");
    let note = case.span(main, "let listener");
    let note = case.find("untracked-spawn", "explicit-discard", note, "a note");
    note.severity = Severity::Note;
}
