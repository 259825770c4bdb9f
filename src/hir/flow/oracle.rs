//! What flow has to be told about names and types.
//!
//! Two traits, because a body is lowered once and then asked about several classes of values. An answer that is not known must be
//! the one that keeps rules silent; every method says which one that is.

use crate::facts::{ExprId, LocalId};

/// Whether a statement, arm or field with a `cfg` is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// It is.
    Always,
    /// In some builds: a way around it is added.
    Maybe,
    /// It is not: it gets no events, and no question finds it.
    Never,
}

/// What names and types know, whatever values are tracked.
pub trait Oracle {
    /// `e` is a call (of a function or method) that never returns: `std::process::exit(..)`, a workspace fn `-> !`. Unknown: no.
    fn diverges(&self, e: ExprId) -> bool;

    /// `e` is a call of `drop` / `mem::drop`: its argument dies there. Unknown: no (the argument is moved all the same).
    fn is_drop_call(&self, e: ExprId) -> bool;

    /// The local is `Copy` or a shared reference, so naming it moves nothing. Unknown: no.
    fn is_copy_local(&self, l: LocalId) -> bool;

    /// `e`, a `select!` or `join!`-like macro, really suspends (another crate's macro of that name may not).
    /// Not asked for `.await`, `yield` and `for await`, which always do.
    fn suspends(&self, e: ExprId) -> bool;

    /// Whether `e`, which stands in `Body::cfgs`, is compiled. Not asked for bodies without conditions.
    fn presence(&self, e: ExprId) -> Presence;
}

/// What a call does with a tracked value that it is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passing {
    /// It only looks at it: `g.len()`, `(&g).get(..)`. A temporary goes on living.
    Borrows,
    /// Its result is, or holds, the value: `r.unwrap()`, `Some(g)`, `o.take()`.
    Forwards,
    /// It takes the value: `eat(g)`, `span.exit()`.
    Consumes,
}

/// One class of tracked values: sync guards, span guards, permits, writers, ...
pub trait Class {
    /// Evaluating `e` makes a new value of the class, bare or wrapped (`Result<Guard, _>`, `Option<Ref>`): the call, or for an async
    /// lock its `.await`. Asked for calls, macros, awaits and struct literals. Unknown: no.
    fn creates(&self, e: ExprId) -> bool;

    /// `Some(true)`: the local's own type is of the class (or wraps it), so binding it makes a value even when the source is not
    /// tracked (parameters, items of an iterator, outputs in a `select!` arm). `Some(false)`: it cannot hold one (known other type,
    /// any reference). `None`: unknown; it holds one exactly if its initialiser carried one.
    fn holds(&self, l: LocalId) -> Option<bool>;

    /// What `parent` (a call or method call) does with `child`, its receiver or argument. Unknown: a receiver is borrowed,
    /// an argument consumed.
    fn passing(&self, parent: ExprId, child: ExprId) -> Passing;
}
