//! One body: an arena of expressions in evaluation order, with its patterns, locals and regions.
//!
//! A *region* is a part of a body whose inside runs elsewhere or later than the code around it: a closure, an async block,
//! the arguments of a macro that is not understood. Region 0 is the body itself.
//!
//! Invariants: children have smaller `ExprId`s than their parents; `first` of an expression is the smallest id of its subtree, so
//! "inside" is an integer comparison; every expression but `root` has a parent. Integer order is evaluation order only in straight-line code.

use crate::base::{IndexVec, Name};
use crate::ids;

use super::attr::Cfg;
use super::expr::{Expr, ExprId, ExprKind};
use super::item::{ItemId, ScopeId};
use super::pattern::{Pat, PatId};
use super::types::{PathTable, TypeExpr, TypeIx};

ids! {
    /// A body of one file.
    pub struct BodyIx;
    /// A local variable of one body.
    pub struct LocalId;
    /// A region of one body; 0 is the body itself.
    pub struct RegionId;
}

/// The body of a function, constant or static.
#[derive(Clone, Debug)]
pub struct Body {
    /// The item it belongs to.
    pub owner: ItemId,
    /// The scope in which the outermost names are looked up.
    pub scope: ScopeId,
    /// Expressions, children before parents.
    pub exprs: IndexVec<ExprId, Expr>,
    /// Patterns, sub-patterns before their parents.
    pub pats: IndexVec<PatId, Pat>,
    /// Locals in the order of their declaration.
    pub locals: IndexVec<LocalId, Local>,
    /// Regions in the order in which they open.
    pub regions: IndexVec<RegionId, Region>,
    /// Distinct paths.
    pub paths: PathTable,
    /// Types written inside the body.
    pub types: IndexVec<TypeIx, TypeExpr>,
    /// The outermost expression: a block for functions, any expression for constants. Always the last id.
    pub root: ExprId,
    /// Conditions on statements, arms and struct fields: the expression (the initialiser, or the block's statement) they guard.
    pub cfgs: Vec<(ExprId, Cfg)>,
    /// Statements in which a macro was met that is not understood and stands as an item or statement.
    pub has_unknown_macro: bool,
}

/// Where a local comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalKind {
    /// The receiver.
    SelfValue,
    /// A parameter of the function or of a closure (see `Local::region`).
    Param,
    /// `let`, also `let .. else`.
    Let,
    /// `if let`, `while let`, a `let` in a chain, a match arm, a select! arm.
    Arm,
    /// `for`.
    For,
}

/// A local variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Name,
    /// Bytes of the binding.
    pub span: (u32, u32),
    /// Where it comes from.
    pub kind: LocalKind,
    /// `mut`.
    pub mutable: bool,
    /// The region that declares it.
    pub region: RegionId,
    /// The binding pattern; `None` for `self`.
    pub pat: Option<PatId>,
}

/// A parameter of the body's function or of a closure.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its pattern.
    pub pat: PatId,
    /// Its type, when written (always for functions).
    pub ty: Option<TypeIx>,
}

/// What kind of region.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegionKind {
    /// Body of a `fn`.
    Fn,
    /// Body of an `async fn`.
    AsyncFn,
    /// Initialiser of a constant or static.
    Const,
    /// `async { .. }`.
    AsyncBlock,
    /// The inside of `stream! { .. }` or `try_stream! { .. }`.
    Stream,
    /// `|..| ..`.
    Closure,
    /// `async |..| ..`.
    AsyncClosure,
    /// Arguments of a macro that is not understood: they count as uses, nothing is reported inside.
    Opaque,
}

/// A region.
#[derive(Clone, Debug)]
pub struct Region {
    /// What kind.
    pub kind: RegionKind,
    /// The region around it; `None` for region 0.
    pub parent: Option<RegionId>,
    /// The closure, async block or macro expression; the root for region 0.
    pub expr: ExprId,
    /// The expression inside that runs (the closure's body, the async block's block); equals `expr` for opaque regions.
    pub body: ExprId,
    /// `move`.
    pub is_move: bool,
    /// Parameters of the function (without `self`) or closure.
    pub params: Vec<Param>,
    /// Return type of a closure, when written.
    pub ret: Option<TypeIx>,
}

impl Body {
    /// The expression.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id]
    }

    /// True when `inner` is `outer` or lies inside it.
    pub fn is_inside(&self, inner: ExprId, outer: ExprId) -> bool {
        self.exprs[outer].first <= inner && inner <= outer
    }

    /// Bytes of what a finding about a call points at: the path, or the method's name; of other expressions all of it.
    pub fn call_bytes(&self, id: ExprId) -> (u32, u32) {
        match &self.exprs[id].kind {
            ExprKind::Call { callee, .. } => self.exprs[*callee].span,
            ExprKind::MethodCall { name_span, .. } => *name_span,
            ExprKind::Macro(call) => call.path_span,
            ExprKind::Select(select) => select.path_span,
            _ => self.exprs[id].span,
        }
    }

    /// `id` and all expressions around it, innermost first.
    pub fn ancestors(&self, id: ExprId) -> impl Iterator<Item = ExprId> + '_ {
        std::iter::successors(Some(id), |e| self.exprs[*e].parent)
    }

    /// `region` and all regions around it, innermost first.
    pub fn region_chain(&self, region: RegionId) -> impl Iterator<Item = RegionId> + '_ {
        std::iter::successors(Some(region), |r| self.regions[*r].parent)
    }
}
