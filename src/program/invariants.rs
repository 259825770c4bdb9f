//! Steps that look as if they could panic: which of them can, as far as the fn around them shows?
//!
//! A test of the same thing before, a value made of literals, an index that a loop counts: those are invariants. Looks at one fn only, by the
//! text of what is tested; never proves that a step cannot fail.

mod tested;

use crate::facts::expr::{BinaryOp, MacroCall, MacroShape};
use crate::facts::{ExprId, ExprKind, LocalKind, PatKind};
use crate::hir::body::Target;
use crate::hir::known::known;
use crate::hir::names::Place;
use crate::hir::ty::TyKind;

use super::Program;

/// Functions whose failure would be a mistake of this code: they turn one value of the program into another.
const OWN: [&str; 13] = [
    "to_string",
    "to_string_pretty",
    "to_vec",
    "to_vec_pretty",
    "to_value",
    "body",
    "build",
    "finish",
    "try_into",
    "encode",
    "set_username",
    "set_password",
    "encode_to_vec",
];
/// Locks of which an error says that another holder panicked, whatever type they are of.
const POISONED: [&str; 8] = ["lock", "read", "write", "get_mut", "into_inner", "wait", "wait_timeout", "wait_while"];
/// Ends of channels, whose error says that the other end is gone.
const CHANNELS: [&str; 11] = [
    "send",
    "try_send",
    "blocking_send",
    "send_async",
    "unbounded_send",
    "join",
    "recv",
    "changed",
    "reserve",
    "wait_for",
    "blocking_recv",
];

/// Functions that ask the world, or read what it says.
const ELSEWHERE: [&str; 24] = [
    "parse",
    "from_str",
    "from_slice",
    "from_reader",
    "from_utf8",
    "from_bytes",
    "decode",
    "deserialize",
    "bind",
    "try_bind",
    "connect",
    "open",
    "create",
    "signal",
    "register",
    "accept",
    "spawn",
    "from_pem",
    "from_json",
    "try_from",
    "local_addr",
    "peer_addr",
    "from_i32",
    "metadata",
];

impl Program {
    /// `unwrap` or `expect` of something that may be missing for a reason of its own.
    pub(super) fn unwrap_can_panic(&self, unwrap: Place) -> bool {
        let ExprKind::MethodCall { recv, name, .. } = &self.expr(unwrap).kind else { return false };
        let value = Place { expr: *recv, ..unwrap };
        // Who says why an option cannot be empty has thought of it.
        let is_sworn = name.as_str() == "expect" && !self.comes_from_elsewhere(value);
        !(is_sworn
            || self.is_kept_option(value)
            || self.fails_only_after_others(unwrap)
            || self.is_poison(value)
            || self.is_handed_over(value)
            || self.never_fails(value)
            || self.is_of_one(value)
            || self.is_of_a_named_signal(value)
            || self.is_tested(value))
    }

    /// `unwrap` of an option: nothing failed, something was not there.
    pub(super) fn unwraps_an_option(&self, unwrap: Place) -> bool {
        let ExprKind::MethodCall { recv, .. } = self.expr(unwrap).kind else { return false };
        self.ty(Place { expr: recv, ..unwrap }).path().is_some_and(|path| path == known().option)
    }

    /// A `Result` of something that is awaited, of a fn of the workspace or of an API that leaves the process: what it says depends on more
    /// than this code.
    fn comes_from_elsewhere(&self, value: Place) -> bool {
        if self.ty(value).path().is_some_and(|path| path == known().option) {
            return false;
        }
        let mut at = value;
        for _ in 0..6 {
            match &self.expr(at).kind {
                ExprKind::Await(_) => return true,
                ExprKind::MethodCall { name, .. } if ELSEWHERE.contains(&name.as_str()) => return true,
                ExprKind::MethodCall { recv, .. } if self.is_of_result(Place { expr: *recv, ..at }) => at.expr = *recv,
                ExprKind::Call { .. } | ExprKind::MethodCall { .. } => return self.is_fallible_call(at),
                ExprKind::Local(_) => return true,
                _ => return false,
            }
        }
        false
    }

    fn is_fallible_call(&self, call: Place) -> bool {
        let name = match &self.expr(call).kind {
            ExprKind::Call { callee, .. } => self.source(Place { expr: *callee, ..call }),
            _ => self.method_name(call).unwrap_or_default(),
        };
        let last = name.rsplit("::").next().unwrap_or_default();
        let by_name = ELSEWHERE.contains(&last.split('<').next().unwrap_or(last));
        match self.target(call) {
            Target::Fn(_) | Target::TraitFn(_) => true,
            Target::Api(entry) => by_name || entry.blocks.is_some() || entry.is_async,
            _ => by_name,
        }
    }

    /// An index of a sequence by a number that nothing compares or counts.
    pub(super) fn index_can_panic(&self, at: Place) -> bool {
        let ExprKind::Index { base, index } = self.expr(at).kind else { return false };
        if self.is_literal_index(at, index) || self.has_fixed_length(Place { expr: base, ..at }) {
            return false;
        }
        let (base, index) = (Place { expr: base, ..at }, Place { expr: index, ..at });
        let counted = self.inside(index).any(|part| match &self.expr(part).kind {
            ExprKind::Local(local) => {
                let decl = &self.body(at.body).locals[*local];
                let of_closure = decl.kind == LocalKind::Param && decl.region.0 != 0;
                decl.kind == LocalKind::For || of_closure || self.is_compared(part, at)
            }
            ExprKind::Field { .. } => self.is_compared(part, at),
            ExprKind::Binary { op: BinaryOp::Arithmetic, .. } => self.source(part).contains('%'),
            _ => false,
        });
        !counted && !self.is_asked(&self.squeezed(base), at)
    }

    /// A division or remainder of whole numbers by something that may be zero.
    pub(super) fn division_can_panic(&self, at: Place, left: ExprId, right: ExprId) -> bool {
        let body = self.body(at.body);
        let between = self.span_in(at.body, (body.exprs[left].span.1, body.exprs[right].span.0));
        let text = self.text(between);
        if !(text.contains('/') || text.contains('%')) || text.contains("//") {
            return false;
        }
        let right = Place { expr: right, ..at };
        let whole = |expr| {
            matches!(self.ty(Place { expr, ..at }).peel_refs().kind(),
                TyKind::Prim(name) if name.as_str().starts_with(['u', 'i']))
        };
        let may_be_zero = match &self.expr(right).kind {
            ExprKind::Local(_) | ExprKind::Field { .. } => true,
            ExprKind::MethodCall { args, .. } => args.is_empty(),
            _ => false,
        };
        may_be_zero
            && whole(right.expr)
            && !self.is_compared(right, at)
            && !self.is_asked(&self.squeezed(self.receiver(right)), right)
    }

    /// `panic!`, `todo!`: not what only says that a place is never reached or a state never seen.
    pub(super) fn macro_can_panic(&self, at: Place, call: &MacroCall) -> bool {
        let path = &self.body(at.body).paths.paths[call.path];
        match path.last().as_str() {
            _ if call.shape != MacroShape::Panic => false,
            "unreachable" => false,
            "panic" => !self.is_of_the_rest(at),
            _ => true,
        }
    }

    /// In the arm for what is left or missing: `_ => panic!("not started")`.
    fn is_of_the_rest(&self, at: Place) -> bool {
        let body = self.body(at.body);
        let mut child = at.expr;
        for up in body.ancestors(at.expr).skip(1) {
            if let ExprKind::Match { arms, .. } = &body.exprs[up].kind
                && let Some(arm) = arms.iter().find(|arm| arm.body == child)
            {
                return match &body.pats[arm.pat].kind {
                    PatKind::Wild | PatKind::Bind { .. } => true,
                    PatKind::Path(path) => body.paths.paths[*path].last().as_str() == "None",
                    _ => false,
                };
            }
            if !matches!(body.exprs[up].kind, ExprKind::Block(_)) {
                return false;
            }
            child = up;
        }
        false
    }

    /// `.lock().unwrap()` on what is not known: whatever it is, it is called as locks are.
    fn is_poison(&self, value: Place) -> bool {
        let ExprKind::MethodCall { name, args, .. } = &self.expr(value).kind else { return false };
        let takes = if name.as_str().starts_with("wait") { !args.is_empty() } else { args.is_empty() };
        takes && POISONED.contains(&name.as_str())
    }

    /// The outcome of a channel, or of another task: fails after somebody else did.
    fn is_handed_over(&self, value: Place) -> bool {
        let mut at = value;
        if let ExprKind::Await(inner) = self.expr(at).kind {
            at.expr = inner;
            let ty = self.ty(at).peel_refs();
            let is_answer = ty.path().is_some_and(|path| path.as_str().ends_with("oneshot::Receiver"));
            if is_answer || self.type_role(ty) == Some(crate::catalog::TypeRole::TaskHandle) {
                return true;
            }
        }
        self.method_name(at).is_some_and(|name| CHANNELS.contains(&name))
    }

    /// A `Result` that is `Ok` for what it is given.
    fn never_fails(&self, value: Place) -> bool {
        match &self.expr(value).kind {
            // Into a string: files and sockets are rarely written by `write!` in a task.
            ExprKind::Macro(call) => call.shape == MacroShape::Format,
            ExprKind::MethodCall { name, args, .. } if name.as_str() == "duration_since" => {
                args.first().is_some_and(|arg| self.source(Place { expr: *arg, ..value }).ends_with("EPOCH"))
            }
            ExprKind::MethodCall { name, .. } if OWN.contains(&name.as_str()) => true,
            ExprKind::Call { callee, .. } => {
                let name = self.source(Place { expr: *callee, ..value }).rsplit("::").next().unwrap_or_default();
                OWN.contains(&name.split('<').next().unwrap_or(name)) || self.is_made_of_literals(value)
            }
            _ => self.is_made_of_literals(value),
        }
    }

    /// `signal(SignalKind::hangup())`: only signals that nobody may handle are refused, and those have no name here.
    fn is_of_a_named_signal(&self, value: Place) -> bool {
        self.api(value).is_some_and(|entry| entry.path == "tokio::signal::unix::signal")
            && self.arguments(value).first().is_some_and(|kind| {
                let text = self.source(*kind);
                text.contains("SignalKind::") && text.ends_with("()")
            })
    }

    /// `"127.0.0.1:0".parse()`, `Regex::new("..")`, `NonZeroU32::new(LIMIT)`.
    fn is_made_of_literals(&self, value: Place) -> bool {
        let at = |expr: ExprId| Place { expr, ..value };
        if self.api(value).is_some_and(|entry| entry.blocks.is_some() || entry.is_async || entry.role.is_some()) {
            return false;
        }
        match &self.expr(value).kind {
            ExprKind::MethodCall { recv, args, .. } => {
                self.is_literal(at(*recv)) && args.iter().all(|arg| self.is_literal(at(*arg)))
            }
            ExprKind::Call { callee, args } => {
                let path = self.source(at(*callee));
                let asks = ["signal", "bind", "open", "File", "env::", "fs::", "net::", "connect"];
                !asks.iter().any(|part| path.contains(part))
                    && !args.is_empty()
                    && args.iter().all(|arg| self.is_literal(at(*arg)))
            }
            _ => false,
        }
    }

    fn is_literal(&self, place: Place) -> bool {
        let at = |expr: ExprId| Place { expr, ..place };
        match &self.expr(place).kind {
            ExprKind::Lit(_) | ExprKind::Path { .. } => true,
            ExprKind::Ref { expr, .. } | ExprKind::Cast(expr, _) => self.is_literal(at(*expr)),
            ExprKind::Array(parts) | ExprKind::Tuple(parts) => parts.iter().all(|part| self.is_literal(at(*part))),
            ExprKind::MethodCall { recv, args, .. } => args.is_empty() && self.is_literal(at(*recv)),
            ExprKind::Macro(call) => {
                matches!(call.shape, MacroShape::Pure | MacroShape::Format) && call.args.is_empty()
            }
            _ => false,
        }
    }

    /// An array has the length that its type says, and so does a table that a constant holds.
    fn has_fixed_length(&self, base: Place) -> bool {
        matches!(self.ty(base).peel_refs().kind(), TyKind::Array(..))
            || matches!(self.expr(base).kind, ExprKind::Path { .. })
    }

    /// The first step of a region, or of the futures of the workspace that it awaits, that can panic.
    pub fn panic_of(&self, region: crate::hir::names::RegionRef) -> Option<Place> {
        self.panic_within(region, 2)
    }

    fn panic_within(&self, region: crate::hir::names::RegionRef, depth: u32) -> Option<Place> {
        let own = self.exprs_of(region).map(|(at, _)| at).find(|at| self.can_panic(*at));
        if own.is_some() || depth == 0 {
            return own;
        }
        let awaited = self.calls_from(region).iter().filter(|edge| edge.kind == crate::hir::graph::EdgeKind::Await);
        awaited.filter(|edge| !edge.likely).find_map(|edge| self.panic_within(self.callee_of(edge), depth - 1))
    }

    /// A step that can panic for a reason of its own.
    pub(super) fn can_panic(&self, at: Place) -> bool {
        match &self.expr(at).kind {
            ExprKind::Macro(call) => self.macro_can_panic(at, call),
            ExprKind::Index { .. } => self.index_can_panic(at),
            ExprKind::MethodCall { name, .. } => match name.as_str() {
                "unwrap" | "expect" => self.unwrap_can_panic(at),
                "unwrap_err" | "expect_err" => true,
                _ => false,
            },
            _ => false,
        }
    }
}
