//! Statements: which one holds an expression, what stands after it.

use crate::facts::expr::{Block, Stmt};
use crate::facts::{Body, ExprId, ExprKind};
use crate::link::flow::{flow_region, stmt_index};

use super::order::Order;

/// A statement of a block, or its tail (`index` is then the number of statements).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StmtAt {
    /// The block expression.
    pub block: ExprId,
    /// Position.
    pub index: usize,
}

impl Order<'_> {
    /// The innermost statement (or tail) of a block that holds `e`, within its region.
    pub fn stmt_of(&self, e: ExprId) -> Option<StmtAt> {
        let region = self.region_of(e);
        for inner in self.body.ancestors(e) {
            let outer = self.body.expr(inner).parent?;
            if flow_region(self.body, self.body.expr(inner).region) != region {
                return None;
            }
            if let Some(block) = self.block(outer) {
                let index = stmt_index(block, inner)?;
                return Some(StmtAt { block: outer, index });
            }
        }
        None
    }

    /// No statement and no tail follows in the same block; items do not count.
    pub fn is_last_statement(&self, e: ExprId) -> bool {
        self.stmt_of(e).is_none_or(|at| self.rest_of(at).is_empty())
    }

    /// The statements and tails that run after the statement of `e`: in its block, then in the blocks around it, up to the
    /// end of the region. Those that do nothing (`()`, `Ok(())`, a literal, a name) and those that no way from `e` reaches are left out.
    pub fn statements_after(&self, e: ExprId) -> Vec<StmtAt> {
        let mut found = Vec::new();
        let mut inner = e;
        while let Some(at) = self.stmt_of(inner) {
            found.extend(
                self.rest_of(at).into_iter().filter(|next| self.does_something(*next) && self.leads_to(e, *next)),
            );
            inner = at.block;
        }
        found
    }

    /// Some statement that does something runs after the statement of `e` in the same block or one around it.
    pub fn something_follows(&self, e: ExprId) -> bool {
        let mut inner = e;
        while let Some(at) = self.stmt_of(inner) {
            if self.rest_of(at).into_iter().any(|next| self.does_something(next) && self.leads_to(e, next)) {
                return true;
            }
            inner = at.block;
        }
        false
    }

    /// The expressions of a statement: initialiser and `else`, expression, or tail.
    pub fn statement_exprs(&self, at: StmtAt) -> Vec<ExprId> {
        let Some(block) = self.block(at.block) else { return Vec::new() };
        match block.stmts.get(at.index) {
            Some(Stmt::Let { init, else_, .. }) => init.iter().chain(else_).copied().collect(),
            Some(Stmt::Expr { expr, .. }) => vec![*expr],
            Some(Stmt::Item(_)) => Vec::new(),
            None => block.tail.into_iter().collect(),
        }
    }

    fn block(&self, e: ExprId) -> Option<&Block> {
        if let ExprKind::Block(block) = &self.body.expr(e).kind { Some(block) } else { None }
    }

    fn rest_of(&self, at: StmtAt) -> Vec<StmtAt> {
        let Some(block) = self.block(at.block) else { return Vec::new() };
        let last = block.stmts.len() + usize::from(block.tail.is_some());
        (at.index + 1..last)
            .filter(|i| !matches!(block.stmts.get(*i), Some(Stmt::Item(_))))
            .map(|index| StmtAt { block: at.block, index })
            .collect()
    }

    fn does_something(&self, at: StmtAt) -> bool {
        self.statement_exprs(at).into_iter().any(|e| !is_inert(self.body, e))
    }

    fn leads_to(&self, e: ExprId, at: StmtAt) -> bool {
        self.statement_exprs(at).first().is_some_and(|next| self.leads(e, *next))
    }
}

/// Evaluating `e` does nothing anybody could notice.
fn is_inert(body: &Body, e: ExprId) -> bool {
    let kind = &body.expr(e).kind;
    if let ExprKind::Call { callee, args } = kind {
        return matches!(&body.expr(*callee).kind, ExprKind::Path { path, .. }
            if body.paths.paths[*path].last().as_str().starts_with(char::is_uppercase))
            && args.iter().all(|a| is_inert(body, *a));
    }
    if let ExprKind::Tuple(es) = kind {
        return es.iter().all(|e| is_inert(body, *e));
    }
    matches!(kind, ExprKind::Lit(_) | ExprKind::Local(_) | ExprKind::Path { .. } | ExprKind::Item(_))
}
