//! Code that is there to fail: tests that expect a panic, closures whose panic is caught, an executor's tests of itself.

use crate::catalog::Role;
use crate::facts::expr::{MacroShape, Stmt};
use crate::facts::{ExprId, ExprKind, PatId};
use crate::hir::body::Target;
use crate::hir::names::{BodyId, Place};

use super::{Fate, Program};

impl Program {
    /// A panic at this place is expected: `#[should_panic]` on the test, or `catch_unwind` around it, perhaps in a helper.
    pub fn expects_panic(&self, place: Place) -> bool {
        self.should_panic(place.body) || self.ancestors(place).skip(1).any(|at| self.is_catching(at))
    }

    /// A test that passes when it panics.
    pub fn should_panic(&self, body: BodyId) -> bool {
        let Some(def) = self.fn_of(body) else { return false };
        let (file, item) = self.world().item(def);
        let paths = &self.facts[file].paths.paths;
        item.attrs.iter().any(|attr| {
            let path = paths[attr.path].text();
            path == "should_panic" || (path == "cfg_attr" && attr.args.contains("should_panic"))
        })
    }

    /// A test bounds what happens here in time and does not ask for its value: it wants to see that it never ends.
    pub fn expects_no_end(&self, place: Place) -> bool {
        let is_limit = |at: &Place| self.api(*at).is_some_and(|entry| entry.role == Some(Role::Timeout));
        self.in_test(place.body)
            && self.ancestors(place).skip(1).find(is_limit).is_some_and(|limit| match self.fate(limit) {
                Fate::Awaited(expr) => !self.is_taken_for_granted(Place { expr, ..limit }),
                _ => false,
            })
    }

    /// A call of `catch_unwind`, or of a fn that calls it.
    fn is_catching(&self, call: Place) -> bool {
        if !matches!(self.expr(call).kind, ExprKind::Call { .. }) {
            return false;
        }
        let catches = |body: BodyId| self.api_calls(body).any(|(_, entry)| entry.path == "std::panic::catch_unwind");
        match self.target(call) {
            Target::Api(entry) => entry.path == "std::panic::catch_unwind",
            Target::Fn(def) => self.body_of(def).is_some_and(catches),
            Target::TraitFn(_)
            | Target::Foreign(_)
            | Target::Ctor(_)
            | Target::Closure(_)
            | Target::Local(_)
            | Target::Unknown => false,
        }
    }

    /// `?`, `unwrap` or `expect` stands behind the call, perhaps after words for the error.
    pub fn is_taken_for_granted(&self, call: Place) -> bool {
        match self.fate(call) {
            Fate::Tried(_) => true,
            Fate::Receiver(next) => {
                let next = Place { expr: next, ..call };
                match self.method_name(next) {
                    Some("unwrap" | "expect") => true,
                    Some("context" | "with_context" | "map_err" | "ok_or" | "ok") => self.is_taken_for_granted(next),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// `assert!(call().is_err())`: what the call would give is not there.
    pub fn is_asserted_to_fail(&self, call: Place) -> bool {
        let Fate::Receiver(test) = self.fate(call) else { return false };
        let test = Place { expr: test, ..call };
        let asserts = |at: Place| match &self.expr(at).kind {
            ExprKind::Macro(inner) => inner.shape == MacroShape::Assert && inner.args.first() == Some(&test.expr),
            _ => false,
        };
        self.method_name(test) == Some("is_err") && self.parent(test).is_some_and(asserts)
    }

    /// The place runs only when the call gave `Ok`: `if let Ok(handle) = Handle::try_current() { .. }`.
    pub fn runs_on_success(&self, call: Place, place: Place) -> bool {
        let body = self.body(place.body);
        let within = |outer: ExprId| call.body == place.body && body.is_inside(place.expr, outer);
        match self.fate(call) {
            Fate::Receiver(test) if self.method_name(Place { expr: test, ..call }) == Some("is_ok") => {
                let parent = self.parent(Place { expr: test, ..call }).map(|parent| &self.expr(parent).kind);
                matches!(parent, Some(ExprKind::If { cond, then, .. }) if *cond == test && within(*then))
            }
            Fate::Matched(at) => match &body.exprs[at].kind {
                ExprKind::Match { arms, .. } => {
                    arms.iter().any(|arm| within(arm.body) && self.is_ok_pattern(place.body, arm.pat))
                }
                ExprKind::Let { pat, .. } => {
                    let parent = body.exprs[at].parent.map(|parent| &body.exprs[parent].kind);
                    let then = matches!(parent, Some(ExprKind::If { cond, then, .. }) if *cond == at && within(*then));
                    then && self.is_ok_pattern(place.body, *pat)
                }
                ExprKind::Block(block) => block.stmts.iter().any(|stmt| match stmt {
                    Stmt::Let { pat, init: Some(init), else_: Some(other), .. } => {
                        *init == call.expr && self.is_ok_pattern(place.body, *pat) && place.expr > *other && within(at)
                    }
                    _ => false,
                }),
                _ => false,
            },
            _ => false,
        }
    }

    /// The branch for code outside of any runtime: `Err(_)` of `Handle::try_current()`.
    pub fn is_without_runtime(&self, place: Place) -> bool {
        self.calls_with_role(place.body, Role::HandleTryCurrent).any(|(asked, _)| self.runs_on_failure(asked, place))
    }

    fn runs_on_failure(&self, call: Place, place: Place) -> bool {
        let body = self.body(place.body);
        let within = |outer: ExprId| body.is_inside(place.expr, outer);
        let Fate::Matched(at) = self.fate(call) else { return false };
        match &body.exprs[at].kind {
            ExprKind::Match { arms, .. } => {
                arms.iter().any(|arm| within(arm.body) && !self.is_ok_pattern(place.body, arm.pat))
            }
            ExprKind::Let { pat, .. } if self.is_ok_pattern(place.body, *pat) => {
                let parent = body.exprs[at].parent.map(|parent| &body.exprs[parent].kind);
                matches!(parent, Some(ExprKind::If { cond, else_: Some(other), .. }) if *cond == at && within(*other))
            }
            _ => false,
        }
    }

    fn is_ok_pattern(&self, body: BodyId, pat: PatId) -> bool {
        self.constructor(body, pat).is_some_and(|(name, _)| name == "Ok")
    }

    /// The only argument is a duration of nothing: the call does not wait.
    pub fn is_given_zero(&self, call: Place) -> bool {
        let [given] = self.arguments(call)[..] else { return false };
        let text = self.source(given);
        text.ends_with("::ZERO") || text.ends_with("(0)")
    }

    /// Test code of the package that has the API: what it does to itself there is what it tests.
    pub fn is_own_test(&self, body: BodyId, api: &str) -> bool {
        let krate = api.split("::").next().unwrap_or(api);
        self.in_test(body) && self.package(body).is_some_and(|package| package.name.as_str().replace('-', "_") == krate)
    }
}
