//! Flow on real source: the guard table in both editions, and questions on small bodies.
//!
//! The toy oracle knows names only: `.lock()`, `.try_lock()` and `.read()` make guards, the unwrap family forwards them.

mod guards;
mod questions;

use crate::base::FileId;
use crate::facts::item::ItemKind;
use crate::facts::{Body, Cfg, ExprId, ExprKind, FileFacts, LocalId, TypeExpr};
use crate::hir::flow::{Class, Flow, Oracle, Passing, Presence};
use crate::link::flow::{DropRules, lower};

use super::{Order, Tracking};

/// Knows names only.
pub(super) struct Toy<'a>(pub(super) &'a Body);

impl Toy<'_> {
    fn callee(&self, e: ExprId) -> Option<&'static str> {
        let ExprKind::Call { callee, .. } = &self.0.expr(e).kind else { return None };
        let ExprKind::Path { path, .. } = &self.0.expr(*callee).kind else { return None };
        Some(self.0.paths.paths[*path].last().as_str())
    }

    fn method(&self, e: ExprId) -> Option<&'static str> {
        if let ExprKind::MethodCall { name, .. } = &self.0.expr(e).kind { Some(name.as_str()) } else { None }
    }
}

impl Oracle for Toy<'_> {
    fn diverges(&self, e: ExprId) -> bool {
        self.callee(e) == Some("exit")
    }

    fn is_drop_call(&self, e: ExprId) -> bool {
        self.callee(e) == Some("drop")
    }

    fn is_copy_local(&self, l: LocalId) -> bool {
        let local = &self.0.locals[l];
        self.0.regions[local.region].params.iter().any(|p| {
            Some(p.pat) == local.pat
                && p.ty.is_some_and(|t| matches!(self.0.types[t], TypeExpr::Ref { mutable: false, .. }))
        })
    }

    fn suspends(&self, _e: ExprId) -> bool {
        true
    }

    fn presence(&self, e: ExprId) -> Presence {
        let cfg = self.0.cfgs.iter().find(|(at, _)| *at == e);
        match cfg {
            Some((_, Cfg::Flag(name))) if *name == "windows" => Presence::Never,
            Some(_) => Presence::Maybe,
            None => Presence::Always,
        }
    }
}

impl Class for Toy<'_> {
    fn creates(&self, e: ExprId) -> bool {
        matches!(self.method(e), Some("lock" | "try_lock" | "read"))
    }

    fn holds(&self, l: LocalId) -> Option<bool> {
        // Only a parameter's written type is known here.
        let local = &self.0.locals[l];
        let param = self.0.regions[local.region].params.iter().find(|p| Some(p.pat) == local.pat)?;
        let TypeExpr::Path(path) = &self.0.types[param.ty?] else { return Some(false) };
        Some(self.0.paths.paths[path.path].last() == "MutexGuard")
    }

    fn passing(&self, parent: ExprId, child: ExprId) -> Passing {
        if let ExprKind::MethodCall { recv, .. } = &self.0.expr(parent).kind
            && *recv == child
        {
            return match self.method(parent) {
                Some("unwrap" | "expect" | "map_err" | "ok") => Passing::Forwards,
                _ => Passing::Borrows,
            };
        }
        match self.callee(parent) {
            Some("Some" | "Ok" | "keep") => Passing::Forwards,
            _ => Passing::Consumes,
        }
    }
}

/// The facts of a text.
pub(super) fn facts(text: &str) -> FileFacts {
    let facts = crate::extract::file(FileId(0), text);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    facts
}

/// Names and bodies of the fns of a file.
pub(super) fn functions(facts: &FileFacts) -> Vec<(&'static str, &Body)> {
    let items = facts.items.iter();
    items
        .filter_map(|item| {
            let ItemKind::Fn(function) = &item.kind else { return None };
            Some((item.name.as_str(), &facts.bodies[function.body?]))
        })
        .collect()
}

/// A body with its flow, and its text to find expressions by.
pub(super) struct Case<'a> {
    pub(super) order: Order<'a>,
    pub(super) toy: &'a Toy<'a>,
    text: &'a str,
}

impl Case<'_> {
    /// The first expression, in source order, whose text is exactly `code`.
    pub(super) fn at(&self, code: &str) -> ExprId {
        let exprs = self.order.body.exprs.iter_ids();
        let found = exprs.filter(|(_, e)| self.text.get(e.span.0 as usize..e.span.1 as usize) == Some(code));
        found.min_by_key(|(_, e)| e.span.0).map(|(id, _)| id).expect("the code is in the text")
    }

    /// The text of an expression.
    pub(super) fn text_of(&self, e: ExprId) -> &str {
        let span = self.order.body.expr(e).span;
        &self.text[span.0 as usize..span.1 as usize]
    }

    /// The local of this name that is declared first.
    pub(super) fn local(&self, name: &str) -> LocalId {
        self.order.body.locals.iter_ids().find(|(_, l)| l.name == name).map(|(id, _)| id).expect("the local is there")
    }
}

/// Runs `test` on the first fn of `text`.
pub(super) fn with_case(text: &str, test: impl FnOnce(&Case<'_>)) {
    let facts = facts(text);
    let (_, body) = functions(&facts)[0];
    let toy = Toy(body);
    let flow: Flow = lower(body, DropRules::From2024, &toy);
    test(&Case { order: Order::new(body, &flow, &toy), toy: &toy, text });
}

/// Some guard of the body is alive at a suspension point.
pub(super) fn is_held(body: &Body, rules: DropRules) -> bool {
    let toy = Toy(body);
    let flow = lower(body, rules, &toy);
    let tracking = Tracking::new(Order::new(body, &flow, &toy), &toy);
    tracking.values().iter().any(|v| !v.suspensions.is_empty())
}
