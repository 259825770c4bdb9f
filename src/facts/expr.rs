//! Expressions: the kinds that rules and inference can tell apart.
//!
//! Parentheses, groups and attributes are gone; runs of operators over literals are one literal.

use crate::base::Name;
use crate::ids;

use super::body::{LocalId, RegionId};
use super::item::ItemId;
use super::pattern::PatId;
use super::types::{PathId, TypeIx};

ids! {
    /// An expression of one body.
    pub struct ExprId;
}

/// A list of child expressions.
pub type Exprs = Box<[ExprId]>;

/// An expression, its bytes and its place in the tree.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Bytes, without the semicolon.
    pub span: (u32, u32),
    /// The expression around it; `None` for the root. Statements of a block have the block as parent.
    pub parent: Option<ExprId>,
    /// The region it belongs to. A closure or async block belongs to the region around it, its body to its own.
    pub region: RegionId,
    /// Smallest id of its subtree.
    pub first: ExprId,
}

/// A literal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lit {
    /// `true`, `false`.
    Bool(bool),
    /// An integer that fits.
    Int(u64),
    /// A string, unescaped.
    Str(Name),
    /// Any other literal, or operators over literals.
    Other,
}

/// Binary operators, as far as they matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `==`, `!=`.
    Equal,
    /// `<`, `<=`, `>`, `>=`.
    Compare,
    /// The rest.
    Arithmetic,
}

/// Unary operators other than `*` and `&`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `!`.
    Not,
    /// `-`.
    Neg,
}

/// Loops.
#[derive(Clone, Debug)]
pub enum LoopKind {
    /// `loop`.
    Loop,
    /// `while cond`; the condition may hold `Let`.
    While(ExprId),
    /// `for pat in iter`; `for await` has `is_await`.
    For {
        /// The pattern.
        pat: PatId,
        /// The iterated expression.
        iter: ExprId,
        /// `for await` of `stream!`.
        is_await: bool,
    },
}

/// A match arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The pattern.
    pub pat: PatId,
    /// `if guard`.
    pub guard: Option<ExprId>,
    /// The body.
    pub body: ExprId,
}

/// Whose `select!` it is by name and shape; link checks the path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectFlavor {
    /// `pat = future (, if cond)? => handler`.
    Tokio,
    /// `futures::select!`, `select_biased!`: arms, `complete`, `default`.
    Futures,
    /// `crossbeam_channel::select!`: `recv(rx) -> msg => ..`.
    Crossbeam,
}

/// An arm of a `select!`.
#[derive(Clone, Debug)]
pub struct SelectArm {
    /// The pattern.
    pub pat: PatId,
    /// The future (for crossbeam the channel).
    pub future: ExprId,
    /// `, if cond`.
    pub guard: Option<ExprId>,
    /// The handler.
    pub handler: ExprId,
    /// Bytes from the pattern to the end of the handler.
    pub span: (u32, u32),
}

/// A `select!` invocation.
#[derive(Clone, Debug)]
pub struct Select {
    /// Whose.
    pub flavor: SelectFlavor,
    /// `biased;` or `select_biased!`.
    pub biased: bool,
    /// The macro's path.
    pub path: PathId,
    /// Bytes of the path.
    pub path_span: (u32, u32),
    /// Arms in order. Evaluation: all guards and futures, in order, then one handler.
    pub arms: Box<[SelectArm]>,
    /// `else =>`, `complete =>`.
    pub else_: Option<ExprId>,
    /// `default =>`.
    pub default: Option<ExprId>,
}

/// Macros whose arguments are understood, by last segment and shape; link checks the path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MacroShape {
    /// `join!`: the arguments are polled and awaited.
    Join,
    /// `try_join!`.
    TryJoin,
    /// `vec![..]`: elements; `vec![x; n]` has two arguments and `Repeat` as shape.
    Vec,
    /// `vec![x; n]`.
    Repeat,
    /// `tokio::pin!`, `pin_mut!` (locals pinned in place), `std::pin::pin!(expr)` (a value).
    Pin,
    /// `print!`, `println!`, `eprint!`, `eprintln!`, `dbg!`.
    Print,
    /// `format!`, `format_args!`, `write!`, `writeln!`: arguments (and captures as `Local`).
    Format,
    /// tracing and log event macros, `anyhow!`, `bail!`-like constructors: arguments only.
    Log,
    /// tracing `*_span!` macros: give a `Span`.
    Span,
    /// `assert!`, `assert_eq!`, `debug_assert!`, `prop_assert!`: may panic.
    Assert,
    /// `panic!`, `unreachable!`, `todo!`, `unimplemented!`: diverge.
    Panic,
    /// `matches!(expr, pat if guard)`: lowered to a `Match` with boolean arms where possible.
    Matches,
    /// `bail!`: returns an error.
    Bail,
    /// `ensure!`: may return an error.
    Ensure,
    /// `concat!`, `env!`, `include_str!`, `stringify!`, `line!`, ...: no effect.
    Pure,
    /// Not understood; arguments were parsed for their uses and stand in an `Opaque` region.
    Unknown,
}

/// A macro invocation in expression or statement position.
#[derive(Clone, Debug)]
pub struct MacroCall {
    /// The path before `!`.
    pub path: PathId,
    /// Bytes of the path.
    pub path_span: (u32, u32),
    /// How its arguments were understood.
    pub shape: MacroShape,
    /// Arguments in evaluation order; format captures stand as `Local` expressions.
    pub args: Exprs,
    /// Locals mentioned in tokens that did not parse.
    pub uses: Box<[LocalId]>,
    /// The tokens hold an `.await`, `return`, `break`, `?` or the like that was not parsed into the body.
    pub hidden_flow: bool,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// `let pat: ty = init else { .. };`
    Let {
        /// The pattern.
        pat: PatId,
        /// The written type.
        ty: Option<TypeIx>,
        /// The initialiser.
        init: Option<ExprId>,
        /// The diverging block.
        else_: Option<ExprId>,
        /// Bytes, semicolon included.
        span: (u32, u32),
    },
    /// An expression; the tail of a block is not here but in `Block::tail`.
    Expr {
        /// The expression.
        expr: ExprId,
        /// Ends in `;` (always true for macros in statement position with braces).
        semi: bool,
        /// Bytes, semicolon included.
        span: (u32, u32),
    },
    /// An item or import.
    Item(ItemId),
}

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Statements.
    pub stmts: Box<[Stmt]>,
    /// The value.
    pub tail: Option<ExprId>,
    /// `'label: { .. }`.
    pub label: Option<Name>,
}

/// What an expression is. A block's `Let` statement has no expression of its own; its initialiser's parent is the block.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal, or operators over literals.
    Lit(Lit),
    /// A local variable, `self` included.
    Local(LocalId),
    /// Any other path.
    Path {
        /// The path.
        path: PathId,
        /// Generic arguments of the last segment that has any.
        args: Box<[TypeIx]>,
    },
    /// `<T as Trait>::name`, `<T>::name`.
    QualifiedPath {
        /// The type.
        ty: TypeIx,
        /// The trait.
        trait_: Option<PathId>,
        /// The last segment.
        name: Name,
    },
    /// `f(a, b)`. Children: callee, then arguments.
    Call {
        /// The callee.
        callee: ExprId,
        /// The arguments.
        args: Exprs,
    },
    /// `r.m(a)`. Children: receiver, then arguments.
    MethodCall {
        /// The receiver.
        recv: ExprId,
        /// The method.
        name: Name,
        /// Bytes of the method's name.
        name_span: (u32, u32),
        /// `::<T>`.
        turbofish: Box<[TypeIx]>,
        /// The arguments.
        args: Exprs,
    },
    /// A macro other than the ones below.
    Macro(Box<MacroCall>),
    /// `select!`.
    Select(Box<Select>),
    /// `e.await`.
    Await(ExprId),
    /// `e?`.
    Try(ExprId),
    /// `e.name`, `e.0`.
    Field {
        /// The base.
        base: ExprId,
        /// The field.
        name: Name,
    },
    /// `e[i]`.
    Index {
        /// The base.
        base: ExprId,
        /// The index.
        index: ExprId,
    },
    /// `&e`, `&mut e`.
    Ref {
        /// `mut`.
        mutable: bool,
        /// The referent.
        expr: ExprId,
    },
    /// `*e`.
    Deref(ExprId),
    /// `!e`, `-e`.
    Unary(UnaryOp, ExprId),
    /// `a + b`, `a && b`.
    Binary {
        /// Which.
        op: BinaryOp,
        /// Left.
        left: ExprId,
        /// Right; for `&&` and `||` evaluated on one path only.
        right: ExprId,
    },
    /// `e as T`.
    Cast(ExprId, TypeIx),
    /// `a = b`; children in evaluation order: value, then target. `_ = b` has no target.
    Assign {
        /// The assigned place; `None` for `_`.
        target: Option<ExprId>,
        /// The value.
        value: ExprId,
    },
    /// `a += b`.
    AssignOp {
        /// The place.
        target: ExprId,
        /// The value.
        value: ExprId,
    },
    /// `(a, b)`.
    Tuple(Exprs),
    /// `[a, b]`.
    Array(Exprs),
    /// `[x; n]`.
    Repeat {
        /// The element.
        value: ExprId,
        /// The length.
        len: ExprId,
    },
    /// `S { a: x, ..rest }`.
    Struct {
        /// The constructor.
        path: PathId,
        /// Fields in source order.
        fields: Box<[(Name, ExprId)]>,
        /// `..rest`.
        rest: Option<ExprId>,
    },
    /// `a..b`, `a..=b`, and half-open forms.
    Range {
        /// Start.
        start: Option<ExprId>,
        /// End.
        end: Option<ExprId>,
    },
    /// `{ .. }`, `unsafe { .. }`, `const { .. }`.
    Block(Box<Block>),
    /// `async { .. }`, `stream! { .. }`; see the region.
    Async(RegionId),
    /// `|..| ..`; see the region.
    Closure(RegionId),
    /// `let pat = expr` inside a condition.
    Let {
        /// The pattern.
        pat: PatId,
        /// The scrutinee.
        expr: ExprId,
    },
    /// `if`.
    If {
        /// The condition.
        cond: ExprId,
        /// The then block.
        then: ExprId,
        /// The else branch: a block or another `If`.
        else_: Option<ExprId>,
    },
    /// `match`.
    Match {
        /// The scrutinee.
        scrutinee: ExprId,
        /// The arms.
        arms: Box<[Arm]>,
    },
    /// `loop`, `while`, `for`. Children: condition or iterator, then the body.
    Loop {
        /// Which.
        kind: LoopKind,
        /// The body block.
        body: ExprId,
        /// `'label:`.
        label: Option<Name>,
    },
    /// `return e`.
    Return(Option<ExprId>),
    /// `break 'label e`.
    Break {
        /// The label.
        label: Option<Name>,
        /// The value.
        value: Option<ExprId>,
    },
    /// `continue 'label`.
    Continue(Option<Name>),
    /// `yield e` of `stream!`.
    Yield(Option<ExprId>),
    /// A syntax that is not modelled; children were lowered for their uses where possible.
    Opaque(Exprs),
    /// A nested item in expression position has no meaning; kept so that ids stay dense.
    Item(ItemId),
}

impl ExprKind {
    /// Calls `f` on each direct child, in evaluation order. The bodies of async blocks and closures are found through their region.
    #[expect(clippy::too_many_lines, reason = "one row for each kind")]
    pub fn for_each_child(
        &self,
        regions: &crate::base::IndexVec<RegionId, super::body::Region>,
        mut f: impl FnMut(ExprId),
    ) {
        match self {
            Self::Lit(_)
            | Self::Local(_)
            | Self::Path { .. }
            | Self::QualifiedPath { .. }
            | Self::Continue(_)
            | Self::Item(_) => {}
            Self::Call { callee, args } => {
                f(*callee);
                args.iter().copied().for_each(f);
            }
            Self::MethodCall { recv, args, .. } => {
                f(*recv);
                args.iter().copied().for_each(f);
            }
            Self::Macro(call) => call.args.iter().copied().for_each(f),
            Self::Select(select) => select.for_each_child(f),
            Self::Await(e)
            | Self::Try(e)
            | Self::Deref(e)
            | Self::Unary(_, e)
            | Self::Cast(e, _)
            | Self::Field { base: e, .. }
            | Self::Ref { expr: e, .. }
            | Self::Let { expr: e, .. } => f(*e),
            Self::Index { base, index } => {
                f(*base);
                f(*index);
            }
            Self::Binary { left, right, .. } => {
                f(*left);
                f(*right);
            }
            Self::Assign { target, value } => {
                f(*value);
                target.iter().copied().for_each(f);
            }
            Self::AssignOp { target, value } => {
                f(*value);
                f(*target);
            }
            Self::Tuple(es) | Self::Array(es) | Self::Opaque(es) => es.iter().copied().for_each(f),
            Self::Repeat { value, len } => {
                f(*value);
                f(*len);
            }
            Self::Struct { fields, rest, .. } => {
                fields.iter().for_each(|(_, e)| f(*e));
                rest.iter().copied().for_each(f);
            }
            Self::Range { start, end } => start.iter().chain(end).copied().for_each(f),
            Self::Block(block) => block.for_each_child(f),
            Self::Async(region) | Self::Closure(region) => f(regions[*region].body),
            Self::If { cond, then, else_ } => {
                f(*cond);
                f(*then);
                else_.iter().copied().for_each(f);
            }
            Self::Match { scrutinee, arms } => {
                f(*scrutinee);
                for arm in arms {
                    arm.guard.iter().copied().for_each(&mut f);
                    f(arm.body);
                }
            }
            Self::Loop { kind, body, .. } => {
                match kind {
                    LoopKind::Loop => {}
                    LoopKind::While(cond) => f(*cond),
                    LoopKind::For { iter, .. } => f(*iter),
                }
                f(*body);
            }
            Self::Return(e) | Self::Yield(e) | Self::Break { value: e, .. } => e.iter().copied().for_each(f),
        }
    }
}

impl Select {
    fn for_each_child(&self, mut f: impl FnMut(ExprId)) {
        for arm in &self.arms {
            arm.guard.iter().copied().for_each(&mut f);
            f(arm.future);
        }
        self.arms.iter().for_each(|arm| f(arm.handler));
        self.else_.iter().chain(&self.default).copied().for_each(f);
    }
}

impl Block {
    fn for_each_child(&self, mut f: impl FnMut(ExprId)) {
        for stmt in &self.stmts {
            match stmt {
                Stmt::Let { init, else_, .. } => init.iter().chain(else_).copied().for_each(&mut f),
                Stmt::Expr { expr, .. } => f(*expr),
                Stmt::Item(_) => {}
            }
        }
        self.tail.iter().copied().for_each(f);
    }
}
