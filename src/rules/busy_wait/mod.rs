//! busy-wait: a loop asks again and again for something that could wake it.

mod asks;
mod wakes;

use super::findings::Findings;
use super::{Check, Rule};
use crate::base::Span;
use crate::catalog::Role;
use crate::facts::expr::{Arm, Block, LoopKind, MacroShape, Stmt};
use crate::facts::{ExprId, ExprKind, RegionId, RegionKind};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place, RegionRef};
use crate::program::Program;

use asks::asks;

/// The rule.
pub(super) const RULE: Rule = Rule { id: "busy-wait", check: Check::Body(check) };

/// How a turn of the loop passes the time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    Spin,
    Sleep,
}

fn check(program: &Program, body: BodyId, out: &mut Findings<'_>) {
    let loops = program.body(body).exprs.iter_ids().filter(|(_, e)| matches!(e.kind, ExprKind::Loop { .. }));
    for (expr, _) in loops {
        let place = Place { body, expr };
        if !program.is_async_at(place) || program.is_driven_alone(place) {
            continue;
        }
        let Some((cond, pause, span)) = waiting(program, place) else { continue };
        let kind = if pause == Pause::Spin { "spin" } else { "sleep-poll" };
        out.spanning(kind, body, span)
            .label("the loop only passes the time here")
            .why(program.span(cond), "asked again at every turn")
            .help(INSTEAD);
    }
    for (cond, span) in wakes::of(program, body) {
        out.spanning("spin", body, span)
            .message("this poll wakes itself until something changes, and keeps a thread busy")
            .label("asks for the next turn at once")
            .why(program.span(cond), "asked again at every turn")
            .help(INSTEAD);
    }
}

/// What to do.
const INSTEAD: &str = "wait for the event: `Notify`, `watch::Receiver::wait_for`, `oneshot`, `CancellationToken::cancelled`, the handle itself";

/// The condition of a loop that does nothing but wait, and where it waits.
fn waiting(program: &Program, looped: Place) -> Option<(Place, Pause, Span)> {
    let ExprKind::Loop { kind, body, .. } = &program.expr(looped).kind else { return None };
    let at = |expr: ExprId| Place { expr, ..looped };
    let ExprKind::Block(block) = &program.expr(at(*body)).kind else { return None };
    let mut turn = Turn {
        program,
        looped,
        cond: None,
        pause: None,
        leaves: false,
        swaps: false,
        works: false,
        over: false,
        turns: false,
    };
    turn.turns = matches!(kind, LoopKind::While(_));
    match kind {
        LoopKind::While(cond) => {
            turn.ask(at(*cond))?;
            turn.leaves = true;
        }
        LoopKind::Loop => {}
        LoopKind::For { .. } => return None,
    }
    turn.block(block)?;
    turn.end()
}

/// What the statements of a turn do, read in order.
struct Turn<'p> {
    program: &'p Program,
    looped: Place,
    /// The first place that asks for state.
    cond: Option<Place>,
    pause: Option<(Pause, Span)>,
    /// There is a way out of the loop.
    leaves: bool,
    swaps: bool,
    /// Something is done when the answer is yes, and then the loop goes on.
    works: bool,
    /// What follows runs only in turns that have an answer.
    over: bool,
    /// Some way through the turn does nothing at all.
    turns: bool,
}

/// What a branch of a turn does.
enum Branch {
    /// Out of the loop, with whatever is done before.
    Leaves,
    Pauses(Pause, Span),
    /// Passes the time and begins the next turn.
    Again(Pause, Span),
    Nothing,
    Works,
}

impl Turn<'_> {
    /// An expression that may only ask.
    fn ask(&mut self, cond: Place) -> Option<bool> {
        let asked = asks(self.program, cond)?;
        if asked.state && self.cond.is_none() {
            self.cond = Some(cond);
        }
        self.swaps |= asked.swaps;
        Some(asked.state)
    }

    fn block(&mut self, block: &Block) -> Option<()> {
        for stmt in &block.stmts {
            if self.over {
                break;
            }
            match stmt {
                Stmt::Let { init, else_, .. } => self.binding(*init, *else_)?,
                Stmt::Expr { expr, .. } => self.statement(Place { expr: *expr, ..self.looped })?,
                Stmt::Item(_) => {}
            }
        }
        match block.tail.filter(|_| !self.over) {
            Some(tail) => self.statement(Place { expr: tail, ..self.looped }),
            None => Some(()),
        }
    }

    /// `let x = state.load(..);`, `let Some(job) = queue.try_pop() else { .. };`
    fn binding(&mut self, init: Option<ExprId>, else_: Option<ExprId>) -> Option<()> {
        let Some(init) = init else { return Some(()) };
        let asked = self.ask(Place { expr: init, ..self.looped })?;
        match else_ {
            Some(other) => self.branches(&[other], asked),
            None => Some(()),
        }
    }

    fn statement(&mut self, stmt: Place) -> Option<()> {
        let at = |expr: ExprId| Place { expr, ..stmt };
        if let Some((pause, span)) = pause_of(self.program, stmt) {
            return self.passes_time(pause, span);
        }
        match &self.program.expr(stmt).kind {
            ExprKind::If { cond, then, else_ } => {
                let asked = self.ask(at(*cond))?;
                self.turns |= else_.is_none();
                let branches: Vec<ExprId> = std::iter::once(*then).chain(*else_).collect();
                self.branches(&branches, asked)
            }
            ExprKind::Match { scrutinee, arms } => {
                let asked = self.ask(at(*scrutinee))?;
                for guard in arms.iter().filter_map(|arm| arm.guard) {
                    self.ask(at(guard))?;
                }
                self.branches(&arms.iter().map(|arm: &Arm| arm.body).collect::<Vec<_>>(), asked)
            }
            ExprKind::Call { .. } if self.program.api(stmt).is_some_and(|entry| entry.role == Some(Role::Drop)) => {
                Some(())
            }
            // `ready = state.load(..) == READY;`
            ExprKind::Assign { target: Some(target), value } => {
                let named = matches!(self.program.expr(at(*target)).kind, ExprKind::Local(_));
                self.ask(at(*value)).filter(|asked| named && *asked).map(|_| ())
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Macro(_) if is_told(self.program, stmt) => Some(()),
            // What follows a branch that begins the next turn.
            ExprKind::Return(_) | ExprKind::Break { .. } => {
                self.leaves = true;
                Some(())
            }
            _ => None,
        }
    }

    fn passes_time(&mut self, pause: Pause, span: Span) -> Option<()> {
        self.pause.is_none().then(|| self.pause = Some((pause, span)))
    }

    fn branches(&mut self, branches: &[ExprId], asked: bool) -> Option<()> {
        for branch in branches {
            match self.branch(Place { expr: *branch, ..self.looped }) {
                Branch::Leaves => self.leaves = true,
                Branch::Pauses(pause, span) => self.passes_time(pause, span)?,
                Branch::Again(pause, span) => {
                    self.passes_time(pause, span)?;
                    self.over = asked && pause == Pause::Spin;
                    self.works |= self.over;
                }
                Branch::Nothing => self.turns = true,
                Branch::Works if asked && !self.works => self.works = true,
                Branch::Works => return None,
            }
        }
        Some(())
    }

    fn branch(&self, branch: Place) -> Branch {
        let program = self.program;
        let at = |expr: ExprId| Place { expr, ..branch };
        if program.with_order(branch.body, |order| order.exits_loop(branch.expr)) {
            return Branch::Leaves;
        }
        let parts: Vec<ExprId> = match &program.expr(branch).kind {
            ExprKind::Block(block) => {
                let exprs = block.stmts.iter().map(|stmt| match stmt {
                    Stmt::Expr { expr, .. } => Some(*expr),
                    Stmt::Let { .. } | Stmt::Item(_) => None,
                });
                let Some(parts) = exprs.chain(block.tail.map(Some)).collect() else { return Branch::Works };
                parts
            }
            ExprKind::Tuple(parts) if parts.is_empty() => Vec::new(),
            _ => vec![branch.expr],
        };
        let does: Vec<ExprId> = parts.iter().copied().filter(|expr| !is_told(program, at(*expr))).collect();
        if does.is_empty() && !parts.is_empty() {
            return Branch::Works;
        }
        let parts = does;
        let again = |expr: &ExprId| matches!(program.expr(at(*expr)).kind, ExprKind::Continue(_));
        match &parts[..] {
            [] => Branch::Nothing,
            [only] if again(only) => Branch::Nothing,
            [only] => pause_of(program, at(*only)).map_or(Branch::Works, |(pause, span)| Branch::Pauses(pause, span)),
            [wait, next] if again(next) => {
                pause_of(program, at(*wait)).map_or(Branch::Works, |(pause, span)| Branch::Again(pause, span))
            }
            _ => Branch::Works,
        }
    }

    /// Work in between, and then a turn at once: only the spinning kind has no better use of the time.
    fn end(self) -> Option<(Place, Pause, Span)> {
        let cond = self.cond?;
        let unpaused =
            || (self.turns && !self.swaps && !self.works).then(|| (Pause::Spin, self.program.head_span(self.looped)));
        let (pause, span) = self.pause.or_else(unpaused)?;
        let waits = if self.works { pause == Pause::Spin } else { self.leaves };
        waits.then_some((cond, pause, span))
    }
}

/// A line for the log: no work.
fn is_told(program: &Program, stmt: Place) -> bool {
    matches!(&program.expr(stmt).kind, ExprKind::Macro(call) if matches!(call.shape, MacroShape::Log | MacroShape::Print))
}

/// `yield_now().await`, `spin_loop()`, `sleep(..).await`, or a fn of the workspace that does only that.
fn pause_of(program: &Program, stmt: Place) -> Option<(Pause, Span)> {
    let call = match program.expr(stmt).kind {
        ExprKind::Await(inner) => Place { expr: inner, ..stmt },
        _ => stmt,
    };
    if let Some(pause) = pause_by_role(program, call) {
        return Some((pause, program.call_span(call)));
    }
    let Target::Fn(def) = program.target(call) else { return None };
    let body = program.body_of(def)?;
    let region = RegionRef { body, region: RegionId(0) };
    let facts = program.body(body);
    let decl = &facts.regions[region.region];
    let ExprKind::Block(block) = &facts.exprs[decl.body].kind else { return None };
    let only = match (&*block.stmts, block.tail) {
        ([], Some(tail)) => tail,
        ([Stmt::Expr { expr, .. }], None) => *expr,
        _ => return None,
    };
    let ExprKind::Await(inner) = facts.exprs[only].kind else { return None };
    let pause = pause_by_role(program, Place { body, expr: inner }).filter(|_| decl.kind == RegionKind::AsyncFn)?;
    Some((pause, program.call_span(call)))
}

fn pause_by_role(program: &Program, call: Place) -> Option<Pause> {
    match program.api(call)?.role? {
        Role::Yield | Role::Spin => Some(Pause::Spin),
        Role::Sleep if program.is_sleep(call) => Some(Pause::Sleep),
        _ => None,
    }
}
