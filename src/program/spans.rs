//! Places in the text: where a finding points, and what stands there.
//!
//! One line, small, the thing to change: the path of a call, the name of a method, never a whole fn.

use crate::base::{FileId, Span};
use crate::facts::ExprId;
use crate::facts::ExprKind;
use crate::facts::expr::Stmt;
use crate::hir::names::{BodyId, Place, RegionRef};

use super::Program;

impl Program {
    /// A byte range of the file of a body as a span.
    pub fn span_in(&self, body: BodyId, bytes: (u32, u32)) -> Span {
        Span::new(self.file_of(body), bytes.0, bytes.1)
    }

    /// The bytes of an expression.
    pub fn span(&self, place: Place) -> Span {
        self.span_in(place.body, self.expr(place).span)
    }

    /// Where a finding about a call points: the path, or the method's name; for other expressions all of it.
    pub fn call_span(&self, place: Place) -> Span {
        self.span_in(place.body, self.body(place.body).call_bytes(place.expr))
    }

    /// The keyword of a loop, `async`, `match`, `if` or `return`, or the first token of anything else: a small span for labels.
    pub fn head_span(&self, place: Place) -> Span {
        let span = self.span(place);
        let text = self.text(span);
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        Span { end: span.start + end.max(1) as u32, ..span }
    }

    /// The name of the fn that holds a region, for a label.
    pub fn fn_name_span(&self, body: BodyId) -> Option<Span> {
        let (file, item) = self.world().item(self.fn_of(body)?);
        Some(Span::new(file, item.name_span.0, item.name_span.1))
    }

    /// Where a region is opened: the fn's name, the `async` keyword, the closure's first bar.
    pub fn region_span(&self, region: RegionRef) -> Span {
        let named = if region.region.0 == 0 { self.fn_name_span(region.body) } else { None };
        let decl = &self.body(region.body).regions[region.region];
        named.unwrap_or_else(|| self.head_span(Place { body: region.body, expr: decl.expr }))
    }

    /// Source text.
    pub fn text(&self, span: Span) -> &str {
        let text = &self.sources.files[span.file].text;
        text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Source text of an expression.
    pub fn source(&self, place: Place) -> &str {
        self.text(self.span(place))
    }

    /// 1-based line of a span's start.
    pub fn line(&self, span: Span) -> usize {
        self.facts[span.file].lines.line_of(span.start) + 1
    }

    /// The innermost statement that holds an expression: its block, its index there and its bytes (semicolon included).
    pub fn statement(&self, place: Place) -> Option<(Place, usize, Span)> {
        let body = self.body(place.body);
        let mut child = place.expr;
        for parent in body.ancestors(place.expr).skip(1) {
            if let ExprKind::Block(block) = &body.exprs[parent].kind {
                let at = block.stmts.iter().position(|stmt| holds(stmt, child));
                let block_place = Place { expr: parent, ..place };
                return match at {
                    Some(at) => Some((block_place, at, self.span_in(place.body, stmt_span(&block.stmts[at])?))),
                    None => Some((block_place, block.stmts.len(), self.span_in(place.body, body.exprs[child].span))),
                };
            }
            child = parent;
        }
        None
    }

    /// The file's path relative to the analysis root.
    pub fn path(&self, file: FileId) -> &str {
        &self.sources.files[file].path
    }

    /// White space before the first token of the line on which a span starts.
    pub fn indent(&self, span: Span) -> &str {
        let text: &str = &self.sources.files[span.file].text;
        let lines = &self.facts[span.file].lines;
        let start = lines.start_of(lines.line_of(span.start)) as usize;
        let line = text.get(start..).unwrap_or("");
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

fn holds(stmt: &Stmt, expr: ExprId) -> bool {
    match stmt {
        Stmt::Let { init, else_, .. } => *init == Some(expr) || *else_ == Some(expr),
        Stmt::Expr { expr: e, .. } => *e == expr,
        Stmt::Item(_) => false,
    }
}

const fn stmt_span(stmt: &Stmt) -> Option<(u32, u32)> {
    match stmt {
        Stmt::Let { span, .. } | Stmt::Expr { span, .. } => Some(*span),
        Stmt::Item(_) => None,
    }
}
