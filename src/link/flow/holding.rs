//! One step of the pass over tracked values: who holds what, before and after an event.
//!
//! A value is held by a local, or by the expression that made or moved it until that expression's fate is met. Where ways join, both
//! sides' holders count: the answer is "may be alive". Values given to what is not understood count as gone.

use crate::facts::{Body, ExprId, ExprKind, LocalId, PatId};
use crate::hir::flow::{Class, DeathKind, Event, Flow, Oracle, Origin, Passing};

use super::fate::{Fate, fate};
use super::pass::State;
use super::pattern::{binds_by_value, bound_locals, excludes_payload, is_irrefutable_payload};
use super::role::{Role, role};
use super::uses::{UseKind, use_kind};

/// Who holds a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Holder {
    /// A local.
    Local(LocalId),
    /// The expression whose value it is: on its way into its parent, or a temporary.
    Expr(ExprId),
}

/// A holder and a value that it may hold.
pub(crate) type Pair = (Holder, Origin);

/// Holders and the values they may hold, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Held(pub(crate) Vec<Pair>);

impl State for Held {
    fn join(&mut self, other: &Self) -> bool {
        let before = self.0.len();
        for pair in &other.0 {
            self.add(pair.0, pair.1);
        }
        self.0.len() != before
    }
}

impl Held {
    fn add(&mut self, holder: Holder, value: Origin) {
        if let Err(at) = self.0.binary_search(&(holder, value)) {
            self.0.insert(at, (holder, value));
        }
    }

    /// Removes the holders that `gone` names and answers what they held.
    fn take(&mut self, mut gone: impl FnMut(Holder) -> bool) -> Vec<Pair> {
        if self.0.is_empty() { Vec::new() } else { self.0.extract_if(.., |(holder, _)| gone(*holder)).collect() }
    }

    fn take_local(&mut self, local: LocalId) -> Vec<Pair> {
        self.take(|h| h == Holder::Local(local))
    }
}

/// Is told what happens to values.
pub(crate) trait Log {
    /// The values end here.
    fn died(&mut self, gone: &[Pair], event: u32, how: DeathKind);
    /// The task may be suspended while these are held.
    fn suspended(&mut self, held: &Held, at: ExprId);
    /// A value is made, or gets a name.
    fn held(&mut self, value: Origin, by: Holder);
    /// Locals are moved into the closure or async block `by`.
    fn captured(&mut self, gone: &[Pair], by: ExprId);
}

/// Tells nobody.
impl Log for () {
    fn died(&mut self, _gone: &[Pair], _event: u32, _how: DeathKind) {}
    fn suspended(&mut self, _held: &Held, _at: ExprId) {}
    fn held(&mut self, _value: Origin, _by: Holder) {}
    fn captured(&mut self, _gone: &[Pair], _by: ExprId) {}
}

/// What a step looks at.
#[derive(Clone, Copy)]
pub(crate) struct Holding<'a> {
    pub(crate) body: &'a Body,
    pub(crate) flow: &'a Flow,
    pub(crate) oracle: &'a dyn Oracle,
    pub(crate) class: &'a dyn Class,
}

impl Holding<'_> {
    pub(crate) fn fate(&self, e: ExprId) -> Fate {
        fate(self.body, self.flow, self.oracle, self.class, e)
    }

    pub(crate) fn step(&self, held: &mut Held, event: u32, log: &mut impl Log) {
        match self.flow.event(event) {
            Event::Eval(e) => self.eval(held, event, e, log),
            Event::Suspend(e) => {
                self.consume(held, event, e, log);
                log.suspended(held, e);
            }
            Event::Bind { pat, from } => self.bind(held, event, (pat, from), log),
            Event::Declare(pat) => {
                self.rebind(held, event, pat, log);
            }
            Event::Unmatched { pat, from } => {
                if is_irrefutable_payload(self.body, pat) {
                    let gone = self.take_scrutinee(held, from);
                    log.died(&gone, event, DeathKind::Absent);
                }
            }
            Event::Absent(local) => {
                let gone = held.take_local(local);
                log.died(&gone, event, DeathKind::Absent);
            }
            Event::EndLocals(scope) => {
                let locals = self.flow.scope_locals(scope);
                let gone = held.take(|h| matches!(h, Holder::Local(l) if locals.contains(&l)));
                log.died(&gone, event, DeathKind::ScopeEnd);
            }
            Event::EndTemps(scope) => {
                let gone = held.take(|h| match h {
                    Holder::Local(_) => false,
                    Holder::Expr(e) => match self.fate(e) {
                        Fate::Temp(own) | Fate::Bound { scope: own, .. } => own == scope,
                        Fate::Into { .. } | Fate::Gone { .. } => false,
                    },
                });
                log.died(&gone, event, DeathKind::TemporaryEnd);
            }
            Event::Leave(index) => self.leave(held, event, index, log),
        }
    }

    fn eval(&self, held: &mut Held, event: u32, e: ExprId, log: &mut impl Log) {
        self.consume(held, event, e, log);
        if !held.0.is_empty() {
            self.use_locals(held, event, e, log);
        }
        if self.class.creates(e) {
            held.add(Holder::Expr(e), Origin::Expr(e));
            log.held(Origin::Expr(e), Holder::Expr(e));
        }
    }

    /// Values on their way meet `e`, which takes them.
    pub(crate) fn consume(&self, held: &mut Held, event: u32, e: ExprId, log: &mut impl Log) {
        let mut into = None;
        let mut how = DeathKind::Moved(e);
        let taken = held.take(|holder| {
            let Holder::Expr(source) = holder else { return false };
            match self.fate(source) {
                Fate::Gone { by, how: kind } if by == e && source != e => {
                    how = kind;
                    true
                }
                Fate::Into { local, by } if by == e => {
                    into = Some(local);
                    true
                }
                Fate::Temp(_) | Fate::Bound { .. } | Fate::Into { .. } | Fate::Gone { .. } => false,
            }
        });
        self.overwrite(held, event, e, log);
        let Some(local) = into else { return log.died(&taken, event, how) };
        if self.class.holds(local) == Some(false) {
            return log.died(&taken, event, DeathKind::Moved(e));
        }
        for (_, value) in taken {
            held.add(Holder::Local(local), value);
            log.held(value, Holder::Local(local));
        }
    }

    /// An assignment drops what its target held.
    fn overwrite(&self, held: &mut Held, event: u32, e: ExprId, log: &mut impl Log) {
        if held.0.is_empty() {
            return;
        }
        if let ExprKind::Assign { target: Some(target), .. } = &self.body.expr(e).kind
            && let ExprKind::Local(local) = &self.body.expr(*target).kind
        {
            let gone = held.take_local(*local);
            log.died(&gone, event, DeathKind::Overwritten(e));
        }
    }

    /// `e` mentions locals: moves them on, into a region, or into the unknown.
    fn use_locals(&self, held: &mut Held, event: u32, e: ExprId, log: &mut impl Log) {
        let kind = &self.body.expr(e).kind;
        if let ExprKind::Call { args, .. } = kind
            && self.oracle.is_drop_call(e)
        {
            // `drop(s.guard)`: which part of `s` holds the value is not known.
            let owner = args.first().and_then(|arg| self.part_of_local(*arg));
            let gone = held.take(|h| owner.is_some_and(|l| h == Holder::Local(l)));
            log.died(&gone, event, DeathKind::Dropped(e));
        } else if let ExprKind::Local(local) = kind {
            if self.moves_on(e, *local) {
                for (_, value) in held.take_local(*local) {
                    held.add(Holder::Expr(e), value);
                }
            }
        } else if let ExprKind::Async(region) | ExprKind::Closure(region) = kind {
            let captures = self.flow.captures(*region);
            let gone = held.take(|h| captures.iter().any(|c| c.moved && h == Holder::Local(c.local)));
            log.captured(&gone, e);
            log.died(&gone, event, DeathKind::Captured(e));
        } else if let ExprKind::Macro(call) = kind {
            let gone = held.take(|h| matches!(h, Holder::Local(l) if call.uses.contains(&l)));
            log.died(&gone, event, DeathKind::Unknown(e));
        }
    }

    /// The local whose field, or field of a field, `e` is.
    fn part_of_local(&self, e: ExprId) -> Option<LocalId> {
        let mut e = e;
        while let ExprKind::Field { base, .. } = &self.body.expr(e).kind {
            e = *base;
        }
        if let ExprKind::Local(local) = &self.body.expr(e).kind { Some(*local) } else { None }
    }

    /// Naming `local` at `e` takes its value on the way.
    fn moves_on(&self, e: ExprId, local: LocalId) -> bool {
        if self.oracle.is_copy_local(local) {
            return false;
        }
        match role(self.body, e) {
            // Patterns decide what they take of a place.
            Role::Initialiser(_) | Role::Scrutinee(_) | Role::Assigned(None) => false,
            Role::Receiver => {
                let Some(call) = self.body.expr(e).parent else { return false };
                self.class.passing(call, e) != Passing::Borrows
            }
            Role::Argument => {
                let Some(call) = self.body.expr(e).parent else { return false };
                self.oracle.is_drop_call(call) || self.class.passing(call, e) != Passing::Borrows
            }
            Role::Statement => true,
            Role::MacroArgument(_) | Role::Opaque => matches!(
                use_kind(self.body, self.oracle, e),
                UseKind::Stored(_) | UseKind::Polled(_) | UseKind::Unknown(_)
            ),
            Role::RegionBody
            | Role::Tail
            | Role::Awaited
            | Role::Tried
            | Role::Element
            | Role::Assigned(Some(_))
            | Role::Returned
            | Role::BreakValue
            | Role::Yielded
            | Role::Iterated
            | Role::Polled => true,
            Role::Callee
            | Role::PlaceBase
            | Role::Borrowed { .. }
            | Role::Operand
            | Role::Compared
            | Role::Condition
            | Role::Turn
            | Role::Target
            | Role::Updated => false,
        }
    }

    /// The locals of the pattern start anew.
    fn rebind(&self, held: &mut Held, event: u32, pat: PatId, log: &mut impl Log) -> Vec<LocalId> {
        let bound = bound_locals(self.body, pat);
        let gone = held.take(|h| matches!(h, Holder::Local(l) if bound.contains(&l)));
        log.died(&gone, event, DeathKind::ScopeEnd);
        bound
    }

    /// What the scrutinee `from` carries.
    fn take_scrutinee(&self, held: &mut Held, from: ExprId) -> Vec<Pair> {
        let place = if let ExprKind::Local(local) = &self.body.expr(from).kind { Some(*local) } else { None };
        held.take(|h| match h {
            Holder::Local(local) => place == Some(local) && !self.oracle.is_copy_local(local),
            Holder::Expr(e) => matches!(self.fate(e), Fate::Bound { at, .. } if at == from),
        })
    }

    fn bind(&self, held: &mut Held, event: u32, (pat, from): (PatId, Option<ExprId>), log: &mut impl Log) {
        let bound = self.rebind(held, event, pat, log);
        let carried = from.map(|from| self.take_scrutinee(held, from)).unwrap_or_default();
        let mut named: Vec<LocalId> = Vec::new();
        for (holder, value) in carried {
            let part = if let Holder::Expr(e) = holder { self.part(pat, from, e) } else { pat };
            if excludes_payload(self.body, part) {
                log.died(&[(holder, value)], event, DeathKind::Absent);
                continue;
            }
            let takers: Vec<LocalId> =
                binds_by_value(self.body, part).into_iter().filter(|l| self.class.holds(*l) != Some(false)).collect();
            if takers.is_empty() {
                held.add(holder, value);
            }
            for local in takers {
                held.add(Holder::Local(local), value);
                log.held(value, Holder::Local(local));
                named.push(local);
            }
        }
        for local in bound {
            if !named.contains(&local) && self.class.holds(local) == Some(true) {
                held.add(Holder::Local(local), Origin::Local(local));
                log.held(Origin::Local(local), Holder::Local(local));
            }
        }
    }

    /// The part of the pattern that meets `e`, as far as tuples on both sides show.
    fn part(&self, pat: PatId, from: Option<ExprId>, e: ExprId) -> PatId {
        use crate::facts::PatKind;
        let (mut pat, mut from) = (pat, from);
        while let Some(whole) = from
            && let (PatKind::Tuple(pats), ExprKind::Tuple(es)) =
                (&self.body.pats[pat].kind, &self.body.expr(whole).kind)
            && pats.len() == es.len()
            && let Some(i) = es.iter().position(|part| self.body.is_inside(e, *part))
        {
            (pat, from) = (pats[i], Some(es[i]));
        }
        pat
    }

    /// A jump leaves what came to life inside its target.
    fn leave(&self, held: &mut Held, event: u32, index: u32, log: &mut impl Log) {
        let leave = self.flow.leave(index);
        let is_new = |e: ExprId| self.flow.eval_event(e).is_some_and(|event| event >= leave.since);
        let gone = held.take(|h| match h {
            Holder::Local(l) => self.flow.declared(l) != u32::MAX && self.flow.declared(l) >= leave.since,
            Holder::Expr(e) => match self.fate(e) {
                Fate::Temp(scope) => scope >= leave.temps,
                Fate::Bound { at: by, .. } | Fate::Into { by, .. } | Fate::Gone { by, .. } => {
                    // What is met at the target itself is the value of the `break`.
                    is_new(e) && by != leave.target && self.body.is_inside(by, leave.target)
                }
            },
        });
        log.died(&gone, event, DeathKind::ScopeEnd);
    }
}
