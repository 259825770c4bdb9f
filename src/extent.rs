//! Which statement, arm, field or item a byte stands in, and which begins at a byte.
//!
//! Directives cover such nodes, and fingerprints are made of them. It reads facts and never decides what a directive means.

use std::sync::OnceLock;

use crate::facts::{Body, ExprKind, FileFacts, Item, ItemKind, expr};

/// Bytes of a file.
pub type Bytes = (u32, u32);

/// The nodes of one file.
pub struct Extents<'a> {
    facts: &'a FileFacts,
    /// Statements, tails, arms, fields, constants; collected when first asked for, because few files are.
    statements: OnceLock<Vec<Bytes>>,
}

impl<'a> Extents<'a> {
    /// The nodes of this file.
    pub const fn new(facts: &'a FileFacts) -> Self {
        Self { facts, statements: OnceLock::new() }
    }

    fn statements(&self) -> &[Bytes] {
        self.statements.get_or_init(|| {
            let mut statements = Vec::new();
            for item in self.facts.items.iter() {
                statements_of_item(item, &mut statements);
            }
            for body in self.facts.bodies.iter() {
                statements_of_body(body, &mut statements);
            }
            statements.sort_unstable();
            statements.dedup();
            statements
        })
    }

    /// The innermost statement-like node around `bytes`.
    pub fn statement_around(&self, bytes: Bytes) -> Option<Bytes> {
        let statements = self.statements();
        let before = statements.partition_point(|node| node.0 <= bytes.0);
        let around = statements[..before].iter().filter(|node| node.1 >= bytes.1);
        around.copied().min_by_key(|node| node.1 - node.0)
    }

    /// The largest node that begins in `from..=to`.
    pub fn starting_in(&self, from: u32, to: u32) -> Option<Bytes> {
        let items = self.facts.items.iter().map(|item| item.span);
        let exprs = self.facts.bodies.iter().flat_map(|body| body.exprs.iter().map(|e| e.span));
        let fields = self.facts.items.iter().flat_map(fields);
        let literal = self.facts.bodies.iter().flat_map(literal_fields);
        let literal = literal.filter(|(gap, _)| gap.0 <= to && to < gap.1).map(|(_, end)| (to, end));
        let nodes = items.chain(self.statements().iter().copied()).chain(exprs).chain(fields);
        nodes.filter(|node| from <= node.0 && node.0 <= to).chain(literal).max_by_key(|node| node.1)
    }

    /// The method call whose name begins at `at`: `.output()` on a line of its own.
    pub fn call_named_at(&self, at: u32) -> Option<Bytes> {
        let exprs = self.facts.bodies.iter().flat_map(|body| body.exprs.iter());
        let ends = exprs.filter_map(|e| match &e.kind {
            ExprKind::MethodCall { name_span, .. } if name_span.0 == at => Some(e.span.1),
            _ => None,
        });
        ends.max().map(|end| (at, end))
    }

    /// The items around `bytes`. An item begins at its first attribute.
    pub fn items_around(&self, bytes: Bytes) -> impl Iterator<Item = Bytes> {
        let spans = self.facts.items.iter().map(|item| item.span);
        spans.filter(move |span| span.0 <= bytes.0 && bytes.1 <= span.1)
    }

    /// The innermost item around `bytes`.
    pub fn item_around(&self, bytes: Bytes) -> Option<Bytes> {
        self.items_around(bytes).min_by_key(|span| span.1 - span.0)
    }

    /// Where the first item begins.
    pub fn first_item(&self) -> Option<u32> {
        self.facts.items.iter().map(|item| item.span.0).min()
    }
}

fn statements_of_item(item: &Item, out: &mut Vec<Bytes>) {
    match &item.kind {
        ItemKind::Struct(_) | ItemKind::Enum(_) => out.extend(fields(item)),
        ItemKind::Const(_)
        | ItemKind::TypeAlias(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => out.push(item.span),
        ItemKind::Fn(_) | ItemKind::Trait(_) | ItemKind::Impl(_) | ItemKind::Module(_) => {}
    }
}

/// Fields reach from their name to the next one.
fn fields(item: &Item) -> Vec<Bytes> {
    let starts: Vec<u32> = match &item.kind {
        ItemKind::Struct(data) => data.fields.iter().map(|field| field.span.0).collect(),
        ItemKind::Enum(data) => data.variants.iter().flat_map(|v| v.fields.iter().map(|f| f.span.0)).collect(),
        ItemKind::Fn(_)
        | ItemKind::Trait(_)
        | ItemKind::Impl(_)
        | ItemKind::TypeAlias(_)
        | ItemKind::Const(_)
        | ItemKind::Module(_)
        | ItemKind::Use(_)
        | ItemKind::ExternCrate(_)
        | ItemKind::MacroRules(_)
        | ItemKind::Other => Vec::new(),
    };
    let ends = starts.iter().copied().skip(1).chain([item.span.1]);
    starts.iter().copied().zip(ends).collect()
}

/// `name: value` of struct literals: the bytes in which the name stands, and the end of the value.
fn literal_fields(body: &Body) -> Vec<(Bytes, u32)> {
    let mut out = Vec::new();
    for e in body.exprs.iter() {
        let ExprKind::Struct { fields, .. } = &e.kind else { continue };
        let mut from = e.span.0;
        for (_, value) in fields {
            let value = body.expr(*value).span;
            out.push(((from + 1, value.0), value.1));
            from = value.1;
        }
    }
    out
}

fn statements_of_body(body: &Body, out: &mut Vec<Bytes>) {
    for e in body.exprs.iter() {
        match &e.kind {
            ExprKind::Block(block) => {
                out.extend(block.stmts.iter().filter_map(|stmt| match stmt {
                    expr::Stmt::Let { span, .. } | expr::Stmt::Expr { span, .. } => Some(*span),
                    expr::Stmt::Item(_) => None,
                }));
                out.extend(block.tail.map(|tail| body.expr(tail).span));
            }
            ExprKind::Match { arms, .. } => {
                out.extend(arms.iter().map(|arm| (body.pats[arm.pat].span.0, body.expr(arm.body).span.1)));
            }
            ExprKind::Select(select) => out.extend(select.arms.iter().map(|arm| arm.span)),
            _ => {}
        }
    }
}
