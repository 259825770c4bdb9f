//! Macros whose arguments are understood, `select!`, and those that are not.
//!
//! Arguments of an unknown macro run once, where the call stands; if they hold a jump, a way around it is added, since nobody knows
//! whether the macro evaluates it.

use crate::facts::ExprId;
use crate::facts::expr::{MacroCall, MacroShape, Select};
use crate::hir::flow::{Event, JumpKind, TempKind};

use super::exprs::Lower;

impl Lower<'_> {
    pub(super) fn macro_call(&mut self, e: ExprId, call: &MacroCall) {
        match call.shape {
            MacroShape::Join | MacroShape::TryJoin => {
                call.args.iter().for_each(|arg| self.terminating(*arg, TempKind::Macro));
                if self.oracle.suspends(e) {
                    self.out.emit(Event::Suspend(e));
                }
                self.eval(e);
            }
            MacroShape::Vec | MacroShape::Repeat | MacroShape::Pin | MacroShape::Matches | MacroShape::Pure => {
                self.all(&call.args);
                self.eval(e);
            }
            MacroShape::Print
            | MacroShape::Format
            | MacroShape::Log
            | MacroShape::Span
            | MacroShape::Assert
            | MacroShape::Panic
            | MacroShape::Bail
            | MacroShape::Ensure => self.formatting_macro(e, call),
            MacroShape::Unknown => self.unknown_macro(e, call),
        }
    }

    /// Macros that borrow their arguments, mostly inside a block of their own.
    fn formatting_macro(&mut self, e: ExprId, call: &MacroCall) {
        let name = self.body.paths.paths[call.path].last();
        // These expand to one expression: their temporaries live as long as those of a method call's arguments.
        let open = ["dbg", "write", "writeln", "format_args", "assert_eq", "assert_ne"];
        if open.iter().any(|n| name == *n) {
            self.all(&call.args);
        } else {
            self.within(e, TempKind::Macro, |lower| lower.all(&call.args));
        }
        if call.shape == MacroShape::Ensure {
            self.may_fail(e, JumpKind::Error);
        }
        self.eval(e);
        if call.shape == MacroShape::Panic {
            self.leave(e, JumpKind::Diverge);
        } else if call.shape == MacroShape::Bail {
            self.leave(e, JumpKind::Error);
        }
    }

    fn unknown_macro(&mut self, e: ExprId, call: &MacroCall) {
        let before = self.out.current();
        let jumps = self.out.flow.jumps.len();
        self.all(&call.args);
        if self.out.flow.jumps.len() > jumps {
            self.out.place_next();
            let after = self.out.current();
            self.out.edge(before, after);
        }
        if call.hidden_flow {
            self.may_fail(e, JumpKind::Hidden);
        }
        self.eval(e);
    }

    /// All guards and futures in order, then one handler.
    pub(super) fn select(&mut self, e: ExprId, select: &Select) {
        for arm in &select.arms {
            arm.guard.iter().for_each(|guard| self.terminating(*guard, TempKind::Condition));
            self.terminating(arm.future, TempKind::Macro);
        }
        if self.oracle.suspends(e) {
            self.out.emit(Event::Suspend(e));
        }
        let (choice, join) = (self.out.current(), self.out.node());
        for arm in &select.arms {
            self.out.place_dead();
            let entry = self.out.current();
            self.out.edge(choice, entry);
            let locals = self.out.local_scope();
            self.bind(locals, arm.pat, None);
            self.terminating(arm.handler, TempKind::Branch);
            self.out.emit(Event::EndLocals(locals));
            self.out.edge_to(join);
        }
        for handler in select.else_.iter().chain(&select.default) {
            self.out.place_dead();
            let entry = self.out.current();
            self.out.edge(choice, entry);
            self.terminating(*handler, TempKind::Branch);
            self.out.edge_to(join);
        }
        self.out.place(join);
        self.eval(e);
    }
}
