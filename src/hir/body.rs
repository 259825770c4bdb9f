//! What is known of one body after inference: the type of each expression and the target of each call.

use crate::base::IndexVec;
use crate::catalog::FnEntry;
use crate::facts::{ExprId, LocalId, PathId, RegionId};

use super::names::{DefId, RegionRef, Res, Resolution};
use super::ty::Ty;
use crate::base::Name;

/// What a call, a method call or a function path refers to.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A workspace function or method.
    Fn(DefId),
    /// A method of a workspace trait whose implementation the receiver's type does not settle.
    TraitFn(DefId),
    /// A function or method of the catalogue.
    Api(&'static FnEntry),
    /// A path outside the workspace that the catalogue does not know.
    Foreign(Name),
    /// A tuple struct or variant.
    Ctor(Res),
    /// A closure of this body that is called.
    Closure(RegionRef),
    /// A local (a parameter, a field's value bound to a name) that is called.
    Local(LocalId),
    /// Nothing is known.
    Unknown,
}

impl Target {
    /// The entry of the catalogue.
    pub const fn api(self) -> Option<&'static FnEntry> {
        match self {
            Self::Api(entry) => Some(entry),
            Self::Fn(_)
            | Self::TraitFn(_)
            | Self::Foreign(_)
            | Self::Ctor(_)
            | Self::Closure(_)
            | Self::Local(_)
            | Self::Unknown => None,
        }
    }
}

/// Types and targets of one body.
#[derive(Clone, Debug, Default)]
pub struct BodyTypes {
    /// Type of each expression's value.
    pub exprs: IndexVec<ExprId, Ty>,
    /// Type of each local.
    pub locals: IndexVec<LocalId, Ty>,
    /// Type of the value each region produces (for async regions the output).
    pub returns: IndexVec<RegionId, Ty>,
    /// Expressions whose type or target rests on a name, sorted.
    pub likely: Vec<ExprId>,
    /// Targets of calls, method calls and macros-free paths in call position, sorted by expression.
    pub targets: Vec<(ExprId, Target)>,
    /// Where callables are handed over, sorted by the expression of the callable.
    pub handovers: Vec<Handover>,
    /// Paths of the body in the value namespace (and macros).
    pub values: IndexVec<PathId, Resolution>,
    /// Paths of the body in the type namespace.
    pub path_types: IndexVec<PathId, Resolution>,
    /// A panic of this tool was caught here: everything is Unknown.
    pub caught: bool,
}

/// A callable given to a call as an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handover {
    /// The argument.
    pub arg_expr: ExprId,
    /// The call.
    pub call: ExprId,
    /// Position among the arguments, the receiver not counted.
    pub index: usize,
    /// The callable.
    pub callable: Callable,
}

/// Something that can be called later.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Callable {
    /// A closure written in this body.
    Closure(RegionId),
    /// A parameter (or captured parameter) of this body.
    Param(LocalId),
    /// A workspace function named by its path.
    Fn(DefId),
    /// A function of the catalogue named by its path; found again through the argument's type.
    Api(ExprId),
}

impl BodyTypes {
    /// The target of a call, or of a path in call position.
    pub fn target(&self, expr: ExprId) -> Target {
        match self.targets.binary_search_by_key(&expr, |(e, _)| *e) {
            Ok(at) => self.targets[at].1,
            Err(_) => Target::Unknown,
        }
    }

    /// True when the answer at `expr` rests on a name.
    pub fn is_likely(&self, expr: ExprId) -> bool {
        self.likely.binary_search(&expr).is_ok()
    }
}
