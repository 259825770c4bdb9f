//! lock-across-await: the guard of a lock that blocks threads is alive while the task is suspended.
//!
//! One finding for each guard, however many awaits it sees. Async guards and spans are other rules' business.

mod narrow;

use super::findings::{Draft, Findings};
use super::{Check, Rule, fixes};
use crate::base::Span;
use crate::catalog::{GuardKind, TypeEntry};
use crate::diagnostic::{Applicability, Confidence};
use crate::facts::expr::LoopKind;
use crate::facts::{ExprId, ExprKind, LocalKind, RegionKind};
use crate::hir::flow::{Origin, TrackedValue};
use crate::hir::names::{BodyId, Place};
use crate::hir::ty::{Ty, TyKind};
use crate::program::flow::Order;
use crate::program::lives::is_asserted_absent;
use crate::program::{Carried, Program, TypeClass, Wanted};

/// The rule.
pub(super) const RULE: Rule = Rule { id: "lock-across-await", check: Check::Body(check) };

const GUARDS: Wanted = Wanted { is: is_guard, in_structs: true };

fn is_guard(entry: &TypeEntry) -> bool {
    match entry.guard {
        Some(
            GuardKind::Sync
            | GuardKind::Refcell
            | GuardKind::Map
            | GuardKind::WatchRef
            | GuardKind::Epoch
            | GuardKind::Stdio,
        ) => true,
        Some(
            GuardKind::Async
            | GuardKind::Permit
            | GuardKind::Span
            | GuardKind::Enter
            | GuardKind::Cancel
            | GuardKind::Flush
            | GuardKind::Scope,
        )
        | None => false,
    }
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    if !program.has_suspensions(body) {
        return;
    }
    program.with_lives(body, GUARDS, |order, lives, class| {
        for value in lives.values().iter().filter(|value| !value.suspensions.is_empty()) {
            let found = Held { program, body, order, class, value };
            let again = found.is_same_guard_again(lives.values());
            if let Some(carried) = found.carried()
                && !again
                && !found.awaits().is_empty()
                && !found.is_told_elsewhere(carried)
            {
                found.report(carried, out);
            }
        }
    });
}

/// A guard that is held across an await.
struct Held<'a> {
    program: &'a Program,
    body: BodyId,
    order: Order<'a>,
    class: &'a TypeClass<'a>,
    value: &'a TrackedValue,
}

impl Held<'_> {
    fn place(&self, expr: ExprId) -> Place {
        Place { body: self.body, expr }
    }

    fn ty(&self) -> Ty {
        match self.value.origin {
            Origin::Expr(e) => self.program.ty(self.place(e)),
            Origin::Local(l) => self.program.local_ty(self.body, l),
        }
    }

    fn carried(&self) -> Option<Carried> {
        self.class.carried(self.ty())
    }

    /// Where the task may be suspended meanwhile, in a build that has the guard as well.
    fn awaits(&self) -> Vec<ExprId> {
        let made = self.value.created_by().map(|e| self.place(e));
        let together = |at: &&ExprId| made.is_none_or(|made| !self.program.excludes(made, self.place(**at)));
        self.value.suspensions.iter().filter(together).copied().collect()
    }

    /// `Err(poisoned) => poisoned.into_inner()`: the guard that the other arm has.
    fn is_same_guard_again(&self, all: &[TrackedValue]) -> bool {
        let out_of_an_error = |value: &TrackedValue| {
            let Some(made) = value.created_by() else { return false };
            let ExprKind::MethodCall { recv, .. } = self.order.body.exprs[made].kind else { return false };
            self.program.ty(self.place(recv)).path().is_some_and(|path| path == "std::sync::PoisonError")
        };
        let shares = |other: &&TrackedValue| other.suspensions.iter().any(|at| self.value.suspensions.contains(at));
        out_of_an_error(self.value) && all.iter().filter(|other| !out_of_an_error(other)).any(|other| shares(&other))
    }

    /// The guard of an asynchronous lock of the workspace: waited for, and written to be held. What it is made of is its own business.
    fn is_async_guard(&self, carried: Carried) -> bool {
        let awaited = self.value.created_by().is_some_and(|e| self.is_awaited(self.place(e)));
        awaited && self.is_in_struct(carried)
    }

    /// Inside of a struct of the workspace, not by itself.
    fn is_in_struct(&self, carried: Carried) -> bool {
        let mut ty = self.ty();
        while ty != carried.ty {
            ty = match ty.kind() {
                TyKind::Adt(..) => return true,
                TyKind::Foreign(_, _, args) if !args.is_empty() => args[0],
                _ => return false,
            };
        }
        false
    }

    /// `.await` stands between the call that makes the value and the value.
    fn is_awaited(&self, place: Place) -> bool {
        let mut at = place;
        loop {
            at.expr = match self.program.expr(at).kind {
                ExprKind::Await(_) => return true,
                ExprKind::Try(inner) => inner,
                ExprKind::MethodCall { recv, .. } if self.class.carried(self.program.ty(at)).is_some() => recv,
                _ => return false,
            };
        }
    }

    /// An item of a walk whose iterator is reported, a lock that keeps tests apart, code that is not understood.
    fn is_told_elsewhere(&self, carried: Carried) -> bool {
        let body = self.order.body;
        let hidden = match self.value.origin {
            Origin::Expr(e) => body.regions[body.exprs[e].region].kind == RegionKind::Opaque,
            Origin::Local(l) => body.locals[l].kind == LocalKind::For,
        };
        let keeps_tests_apart =
            self.program.in_test(self.body) && carried.ty.args().last().is_some_and(|t| t.is_unit());
        let only_tried = || {
            let made = self.value.created_by().map(|e| self.program.making_call(self.place(e)));
            made.is_some_and(|call| self.program.is_only_tried(call))
        };
        hidden
            || keeps_tests_apart
            || self.is_async_guard(carried)
            || only_tried()
            || self.value.suspensions.iter().all(|at| is_asserted_absent(self.order, self.value, *at))
    }

    fn span(&self) -> Span {
        match self.value.origin {
            Origin::Expr(e) => self.program.call_span(self.program.making_call(self.place(e))),
            Origin::Local(l) => self.program.span_in(self.body, self.order.body.locals[l].span),
        }
    }

    fn report(&self, carried: Carried, out: &mut Findings<'_>) {
        let kind = self.kind(carried);
        let awaits = self.awaits();
        let guard = format!("`{}`", self.program.short_type(carried.ty));
        let n = awaits.len();
        let points = if n == 1 { "1 await point".to_owned() } else { format!("{n} await points") };
        let mut draft = out.spanning(kind, self.body, self.span());
        if self.value.holders.is_empty()
            && let Some(e) = self.value.created_by()
        {
            let until = self.construct(e);
            let start =
                format!("the temporary {guard} created here lives until the end of the {until}, across the await");
            draft = draft.message(format!("{start}{}", consequence(kind, carried.entry)));
        } else {
            draft = draft.message(format!("this {guard} is held across {points}{}", consequence(kind, carried.entry)));
        }
        if let Some(e) = self.value.created_by() {
            draft = draft.confidence(self.program.confidence(self.program.making_call(self.place(e))));
        }
        if matches!(self.ty().kind(), TyKind::Adt(..)) {
            draft = draft.confidence(Confidence::Likely);
        }
        for at in &awaits {
            draft = draft.also(self.program.suspension_span(self.body, *at), "the task may be suspended here");
        }
        self.advise(kind, carried, draft.subject(carried.entry.path));
    }

    fn kind(&self, carried: Carried) -> &'static str {
        match carried.entry.guard {
            Some(GuardKind::WatchRef) => "watch-ref",
            Some(GuardKind::Stdio) => "stdio-lock",
            Some(GuardKind::Epoch) => "epoch",
            _ if self.is_send(carried.entry) => "send-guard",
            Some(GuardKind::Refcell) => "refcell",
            _ => "plain",
        }
    }

    /// The compiler lets the guard into a task that moves between threads.
    fn is_send(&self, entry: &TypeEntry) -> bool {
        let by_feature = entry.send_feature.is_some_and(|feature| match feature.as_str().split_once('/') {
            Some((krate, feature)) => self.program.has_feature(self.body, krate, feature),
            None => false,
        });
        entry.send == Some(true) || by_feature
    }

    /// The construct at whose end the temporary dies, in words.
    fn construct(&self, e: ExprId) -> &'static str {
        let body = self.order.body;
        let mut child = e;
        for at in body.ancestors(e).skip(1) {
            match &body.exprs[at].kind {
                ExprKind::If { cond, .. } if *cond == child => return "`if let`",
                ExprKind::Match { scrutinee, .. } if *scrutinee == child => return "`match`",
                ExprKind::Loop { kind: LoopKind::While(cond), .. } if *cond == child => return "`while let`",
                ExprKind::Loop { kind: LoopKind::For { iter, .. }, .. } if *iter == child => return "`for`",
                ExprKind::Block(block) if block.tail != Some(child) => return "statement",
                ExprKind::Async(_) | ExprKind::Closure(_) => return "block",
                _ => {}
            }
            child = at;
        }
        "statement"
    }

    fn advise<'f, 'a>(&self, kind: &'static str, carried: Carried, draft: Draft<'f, 'a>) -> Draft<'f, 'a> {
        let path = carried.entry.path.as_str();
        let draft = match carried.entry.guard {
            Some(GuardKind::Sync) => draft.clippy("await_holding_lock"),
            Some(GuardKind::Refcell) => draft.clippy("await_holding_refcell_ref"),
            _ => draft,
        };
        let draft = match self.hoist() {
            Some((before, edits)) => draft.help(format!("take the value out first: `{before}`")).fix(
                "take the value out before the statement",
                Applicability::Unsafe,
                edits,
            ),
            None if self.value.holders.is_empty() => draft
                .help("take the value out into a variable of its own first: the guard then ends with that statement"),
            None => {
                let draft =
                    draft.help("end the guard before the await: put the statements that need it into a block `{ .. }`");
                match (narrow::into_block(self), kind) {
                    (Some(edits), _) => draft.fix("end the guard before the await", Applicability::Unsafe, edits),
                    (None, "send-guard") => match narrow::dropped(self) {
                        Some(edits) => draft.fix("drop the guard before the await", Applicability::Unsafe, edits),
                        None => draft,
                    },
                    (None, _) => draft,
                }
            }
        };
        match kind {
            "plain" | "send-guard" if path.starts_with("std::sync::") || path.starts_with("parking_lot::") => {
                draft.help("or take a lock that waits asynchronously: `tokio::sync::Mutex`, `tokio::sync::RwLock`")
            }
            "send-guard" | "watch-ref" | "refcell" => draft.help("or clone what is needed out of it"),
            _ => draft,
        }
    }

    /// `let value = ..;` before the statement, for a scrutinee or argument whose value borrows nothing.
    fn hoist(&self) -> Option<(String, Vec<crate::diagnostic::Edit>)> {
        let created = self.value.created_by()?;
        let body = self.order.body;
        let whole = body.ancestors(created).find(|at| is_owned(self.program.ty(self.place(*at))))?;
        let parent = body.exprs[whole].parent?;
        let fits = match &body.exprs[parent].kind {
            ExprKind::Match { scrutinee, .. } => *scrutinee == whole,
            ExprKind::Call { args, .. } => args.first() == Some(&whole),
            ExprKind::MethodCall { args, .. } => args.first() == Some(&whole),
            ExprKind::Let { expr, .. } => *expr == whole && self.is_if(parent),
            _ => false,
        };
        let suspends_inside = self.value.suspensions.iter().any(|at| body.is_inside(*at, whole));
        let (_, _, statement) = self.program.statement(self.place(whole))?;
        let in_branch = body.ancestors(whole).take_while(|at| body.exprs[*at].span.0 > statement.start).any(|at| {
            matches!(body.exprs[at].kind, ExprKind::Match { .. } | ExprKind::If { .. } | ExprKind::Closure(_))
        });
        if !self.value.holders.is_empty() || !fits || suspends_inside || in_branch {
            return None;
        }
        let text = self.program.source(self.place(whole));
        let before = format!("let value = {text};");
        let edits = vec![
            fixes::before(statement, format!("{before}\n{}", self.program.indent(statement))),
            fixes::replace(self.program.span(self.place(whole)), "value"),
        ];
        Some((before, edits))
    }

    fn is_if(&self, at: ExprId) -> bool {
        let parent = self.order.body.exprs[at].parent;
        parent.is_some_and(|p| matches!(self.order.body.exprs[p].kind, ExprKind::If { cond, .. } if cond == at))
    }
}

/// The type is known and borrows nothing.
fn is_owned(ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Prim(name) => *name != crate::hir::known::known().str,
        TyKind::Foreign(path, _, args) => match path.as_str() {
            "std::option::Option" | "std::vec::Vec" | "std::sync::Arc" => args.iter().all(|arg| is_owned(*arg)),
            "std::string::String" => true,
            _ => false,
        },
        TyKind::Tuple(parts) => !parts.is_empty() && parts.iter().all(|part| is_owned(*part)),
        _ => false,
    }
}

/// What is lost.
fn consequence(kind: &str, entry: &TypeEntry) -> &'static str {
    match kind {
        "send-guard" if entry.guard == Some(GuardKind::Map) => {
            ": another task touching this shard will block its thread, with this guard parked: deadlock"
        }
        "send-guard" if entry.guard == Some(GuardKind::Refcell) => ": a borrow by another task panics",
        "send-guard" => ": another task that wants the lock blocks its thread, with this guard parked: deadlock",
        "refcell" => ": a borrow by another task panics",
        "watch-ref" => ": the sender blocks its thread until it is dropped",
        "stdio-lock" => ": every other print blocks its thread",
        "epoch" => ": nothing is reclaimed meanwhile",
        _ => ": a task that wants the lock meanwhile blocks its whole thread",
    }
}
