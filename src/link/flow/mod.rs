//! Lowering of a body to the events and ways that `program::flow` asks about, and the one pass over them.
//!
//! Rust's rules for the life of temporaries live here and nowhere else: which constructs end them, what a `let` extends, and what
//! edition 2024 changed. Lowering is linear in the size of the body and never looks at types, except through an [`Oracle`].
//!
//! Recursion: left-nested chains (`a.b().c()?`, `a + b + c`, `a && b`) and `else if` chains are walked in loops; everything else nests
//! at most as deep as the source's brackets and prefixes, which extraction bounds.

mod branches;
mod builder;
mod captures;
mod exprs;
mod extend;
mod fate;
pub(crate) mod holding;
mod loops;
mod macros;
mod pass;
mod pattern;
mod role;
mod uses;

use crate::facts::Body;
use crate::hir::flow::{Flow, Oracle};

use exprs::Lower;

pub(crate) use fate::Fate;
pub use pass::{Solution, State, forward};
pub use pattern::{binds_by_ref, binds_by_value, bound_locals, is_irrefutable_payload};
pub use role::{Role, break_target, flow_region, role, stmt_index};
pub use uses::{Use, UseKind, Uses, moves_local, use_kind};

/// The edition's rules for temporaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DropRules {
    /// Editions 2015, 2018 and 2021: temporaries of a block's tail and of an `if let` live on to the end of the statement around them.
    Before2024,
    /// Edition 2024: they end with the block, and before the `else`.
    From2024,
}

/// Lowers every region of `body`.
pub fn lower(body: &Body, rules: DropRules, oracle: &dyn Oracle) -> Flow {
    let mut lower = Lower::new(body, rules, oracle);
    for region in body.regions.ids() {
        lower.region(region);
    }
    let mut flow = lower.finish();
    flow.captures = captures::captures(body, oracle);
    flow
}
