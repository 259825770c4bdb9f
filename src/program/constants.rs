//! Values that are the same on every way to a place: `true`, variants, constants, parameters of which the caller is known.
//!
//! Three answers: this value, another one, not known. Numbers and texts are counts and names, no modes: they decide nothing here.

use crate::base::Name;
use crate::facts::expr::{BinaryOp, Lit, UnaryOp};
use crate::facts::{ExprId, ExprKind, LocalId, LocalKind, PatId, PatKind, PathId, RegionId};
use crate::hir::body::Target;
use crate::hir::graph::Edge;
use crate::hir::names::{BodyId, Place, Res, Truth};
use crate::hir::ty::TyKind;
use crate::link::cfg;

use super::Program;

/// A value, as far as a branch can ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Constant {
    /// `true`, `false`.
    Bool(bool),
    /// A variant or unit without fields: `None`, `Mode::Fast`.
    Unit(Res),
    /// A variant with fields, of which nothing is said: `Some(..)`.
    Holds(Res),
}

/// What is known of the parameters of a fn on one way to it.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Known {
    whole: Vec<(LocalId, Constant)>,
    /// Fields of structs that the caller made.
    fields: Vec<(LocalId, Name, Constant)>,
}

impl Known {
    fn of(&self, local: LocalId) -> Option<Constant> {
        self.whole.iter().find(|(own, _)| *own == local).map(|(_, value)| *value)
    }

    /// What is known of the fields of a local.
    pub(super) fn fields_of(&self, local: LocalId) -> impl Iterator<Item = (Name, Constant)> {
        self.fields.iter().filter(move |(own, ..)| *own == local).map(|(_, name, value)| (*name, *value))
    }
}

/// Constants that name constants, and locals that name locals.
const MAX_DEPTH: u32 = 12;

impl Program {
    /// What a call tells its callee of the parameters.
    pub(super) fn known_in_callee(&self, edge: Edge, known: &Known) -> Known {
        let callee = self.graph.region(edge.callee);
        if callee.body == edge.place.body && callee.region != RegionId(0) {
            // A closure sees the parameters of the fn that wrote it.
            return known.clone();
        }
        self.told_by(edge.place, callee.body, known, 0)
    }

    /// What a call of a fn says of its parameters, its receiver included.
    pub(super) fn told_by(&self, call: Place, callee: BodyId, known: &Known, depth: u32) -> Known {
        let body = self.body(callee);
        let args = self.arguments_of(call, callee);
        let params = body.regions[RegionId(0)].params.iter().zip(args);
        let mut told = Known::default();
        for (param, arg) in params {
            let PatKind::Bind { local, sub: None, .. } = body.pats[param.pat].kind else { continue };
            if body.locals[local].mutable {
                continue;
            }
            told.whole.extend(self.constant_of(arg, known, depth).map(|value| (local, value)));
            let fields = self.held_by(arg, known, depth).into_iter();
            told.fields.extend(fields.map(|(name, value)| (local, name, value)));
        }
        if let Some((local, receiver)) = self.receiver_of(call, callee) {
            told.whole.extend(self.constant_of(receiver, known, depth).map(|value| (local, value)));
            let fields = self.held_by(receiver, known, depth).into_iter();
            told.fields.extend(fields.map(|(name, value)| (local, name, value)));
        }
        told
    }

    /// `self` in a callee that cannot change it, and what the call has in its place.
    fn receiver_of(&self, call: Place, callee: BodyId) -> Option<(LocalId, Place)> {
        let sig = self.sigs.func(self.names.item_ref(self.fn_of(callee)?))?;
        let changes = matches!(sig.receiver?.kind(), TyKind::Ref(true, _));
        let expr = match &self.expr(call).kind {
            ExprKind::MethodCall { recv, .. } => *recv,
            ExprKind::Call { args, .. } => *args.first()?,
            _ => return None,
        };
        let mut locals = self.body(callee).locals.iter_ids();
        let own = locals.find(|(_, local)| local.kind == LocalKind::SelfValue && !local.mutable);
        own.filter(|_| !changes).map(|(local, _)| (local, Place { expr, ..call }))
    }

    /// Arguments in the order of the callee's parameters, `self` left out; none where the callee is only named.
    fn arguments_of(&self, call: Place, callee: BodyId) -> Vec<Place> {
        let at = |expr: &ExprId| Place { expr: *expr, ..call };
        match &self.expr(call).kind {
            ExprKind::MethodCall { args, .. } => args.iter().map(at).collect(),
            ExprKind::Call { args, .. } => {
                let def = self.fn_of(callee);
                let sig = def.and_then(|def| self.sigs.func(self.names.item_ref(def)));
                let skipped = usize::from(sig.is_some_and(|sig| sig.receiver.is_some()));
                args.iter().skip(skipped).map(at).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The value at a place.
    pub(super) fn constant_of(&self, place: Place, known: &Known, depth: u32) -> Option<Constant> {
        if depth > MAX_DEPTH {
            return None;
        }
        let at = |expr: ExprId| Place { expr, ..place };
        let value = |expr: ExprId| self.constant_of(at(expr), known, depth + 1);
        let truth = |value: Option<bool>| value.map(Constant::Bool);
        match &self.expr(place).kind {
            ExprKind::Lit(Lit::Bool(value)) => Some(Constant::Bool(*value)),
            ExprKind::Local(local) => {
                known.of(*local).or_else(|| self.constant_local(place.body, *local, known, depth))
            }
            ExprKind::Path { path, .. } => self.constant_path(place.body, *path, depth),
            ExprKind::Field { base, name } => {
                let held = self.held_by(at(*base), known, depth + 1);
                held.into_iter().find(|(own, _)| own == name).map(|(_, value)| value)
            }
            ExprKind::Struct { path, .. } => self.variant(place.body, *path).map(Constant::Holds),
            ExprKind::Call { callee, .. } if matches!(self.target(place), Target::Ctor(_)) => {
                match self.expr(at(*callee)).kind {
                    ExprKind::Path { path, .. } => self.variant(place.body, path).map(Constant::Holds),
                    _ => None,
                }
            }
            ExprKind::Call { callee, .. } => match (value(*callee), &self.expr(at(*callee)).kind) {
                (Some(Constant::Unit(res)), ExprKind::Path { .. }) => Some(Constant::Holds(res)),
                _ => None,
            },
            ExprKind::MethodCall { recv, name, .. } => asked(value(*recv)?, name.as_str()),
            ExprKind::Ref { mutable: false, expr } | ExprKind::Deref(expr) => value(*expr),
            ExprKind::Block(block) if block.stmts.is_empty() => value(block.tail?),
            ExprKind::Unary(UnaryOp::Not, expr) => truth(as_bool(value(*expr)).map(|v| !v)),
            ExprKind::Binary { op, left, right } => truth(self.compared(*op, at(*left), at(*right), known, depth)),
            ExprKind::Let { pat, expr } => truth(self.matches(*pat, at(*expr), known, depth)),
            ExprKind::Match { scrutinee, arms } => {
                let mut open =
                    arms.iter().filter(|arm| self.matches(arm.pat, at(*scrutinee), known, depth) != Some(false));
                let first = open.next()?;
                let sure = first.guard.is_none() && self.matches(first.pat, at(*scrutinee), known, depth) == Some(true);
                if sure { value(first.body) } else { None }
            }
            ExprKind::Macro(_) => truth(self.condition_macro(place)),
            _ => None,
        }
    }

    /// `true` or `false`, where that is known.
    pub(super) fn is_true(&self, place: Place, known: &Known) -> Option<bool> {
        as_bool(self.constant_of(place, known, 0))
    }

    /// A local that is set once.
    fn constant_local(&self, body: BodyId, local: LocalId, known: &Known, depth: u32) -> Option<Constant> {
        if self.body(body).locals[local].mutable {
            return None;
        }
        let init = self.initialiser(body, local)?;
        // Another build has another `let` of that name.
        let conditional = self.body(body).cfgs.iter().any(|(guarded, _)| *guarded == init.expr);
        if conditional { None } else { self.constant_of(init, known, depth + 1) }
    }

    fn constant_path(&self, body: BodyId, path: PathId, depth: u32) -> Option<Constant> {
        if let Some(res) = self.variant(body, path) {
            return Some(Constant::Unit(res));
        }
        match self.types_of(body).values[path].res {
            Res::Def(def) => self.constant_of(self.constant(def)?, &Known::default(), depth + 1),
            _ => None,
        }
    }

    /// The variant that a path names.
    fn variant(&self, body: BodyId, path: PathId) -> Option<Res> {
        let types = self.types_of(body);
        let found = [types.values[path], types.path_types[path]].into_iter().filter(|found| found.rest == 0);
        found.map(|found| found.res).find(|res| match res {
            Res::Variant(..) => true,
            Res::Foreign(path) => is_value_of_type(path.as_str()),
            _ => false,
        })
    }

    fn compared(&self, op: BinaryOp, left: Place, right: Place, known: &Known, depth: u32) -> Option<bool> {
        let values = (self.constant_of(left, known, depth + 1), self.constant_of(right, known, depth + 1));
        match op {
            BinaryOp::And => match (as_bool(values.0), as_bool(values.1)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            BinaryOp::Or => match (as_bool(values.0), as_bool(values.1)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            BinaryOp::Equal => {
                let between = self.span_in(left.body, (self.expr(left).span.1, self.expr(right).span.0));
                let same = match (values.0?, values.1?) {
                    (Constant::Unit(a), Constant::Unit(b)) => a == b,
                    (Constant::Holds(a) | Constant::Unit(a), Constant::Holds(b) | Constant::Unit(b)) if a == b => {
                        return None;
                    }
                    (a, b) => a == b,
                };
                Some(same != self.text(between).contains("!="))
            }
            BinaryOp::Compare | BinaryOp::Arithmetic => None,
        }
    }

    /// Whether a pattern matches the value at a place.
    pub(super) fn matches(&self, pat: PatId, value: Place, known: &Known, depth: u32) -> Option<bool> {
        let body = self.body(value.body);
        if let (PatKind::Tuple(pats), ExprKind::Tuple(parts)) = (&body.pats[pat].kind, &body.exprs[value.expr].kind) {
            let each = pats
                .iter()
                .zip(parts)
                .map(|(pat, expr)| self.matches(*pat, Place { expr: *expr, ..value }, known, depth + 1));
            return all(each);
        }
        let found = self.constant_of(value, known, depth + 1);
        self.fits(value.body, pat, found)
    }

    fn fits(&self, body: BodyId, pat: PatId, value: Option<Constant>) -> Option<bool> {
        let facts = self.body(body);
        let of_variant = |path: PathId, inner: Option<bool>| match (self.variant(body, path)?, value?) {
            (wanted, Constant::Unit(found) | Constant::Holds(found)) if wanted != found => Some(false),
            (_, Constant::Unit(_) | Constant::Holds(_)) => inner,
            (_, Constant::Bool(_)) => None,
        };
        match &facts.pats[pat].kind {
            PatKind::Wild | PatKind::Rest | PatKind::Bind { sub: None, .. } => Some(true),
            PatKind::Bind { sub: Some(inner), .. } | PatKind::Ref(inner) => self.fits(body, *inner, value),
            PatKind::Path(path) => of_variant(*path, Some(true)),
            PatKind::TupleStruct { path, elems } => {
                of_variant(*path, all(elems.iter().map(|elem| self.fits(body, *elem, None))))
            }
            PatKind::Struct { path, fields } => {
                of_variant(*path, all(fields.iter().map(|(_, field)| self.fits(body, *field, None))))
            }
            PatKind::Or(pats) => {
                let found: Vec<Option<bool>> = pats.iter().map(|pat| self.fits(body, *pat, value)).collect();
                if found.contains(&Some(true)) {
                    return Some(true);
                }
                found.iter().all(|fit| *fit == Some(false)).then_some(false)
            }
            PatKind::Literal => match (value?, self.text(self.span_in(body, facts.pats[pat].span))) {
                (Constant::Bool(value), text) => Some(text == if value { "true" } else { "false" }),
                (Constant::Unit(_) | Constant::Holds(_), _) => None,
            },
            PatKind::Tuple(_) | PatKind::Slice(_) | PatKind::Opaque => None,
        }
    }

    /// `cfg!(..)`, by the fixed profile.
    fn condition_macro(&self, place: Place) -> Option<bool> {
        let inner = self.source(place).strip_prefix("cfg!(")?.strip_suffix(')')?;
        let state = self.names.cfg(&cfg::parse(inner)?);
        match state.truth {
            Truth::True if state.test => Some(self.in_test(place.body)),
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        }
    }
}

/// `None`, and `StatusCode::NOT_FOUND`, `ErrorKind::NotFound`: of the values that a type names, no two are the same. What is a default may
/// be one of the others.
fn is_value_of_type(path: &str) -> bool {
    let mut last = path.rsplit("::");
    let (Some(name), Some(owner)) = (last.next(), last.next()) else { return false };
    let capital = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
    OPTIONS.contains(&name) || (capital(name) && capital(owner) && !name.contains("DEFAULT") && name != "Default")
}

/// Variants of std that everybody uses.
const OPTIONS: [&str; 4] = ["None", "Some", "Ok", "Err"];

const fn as_bool(value: Option<Constant>) -> Option<bool> {
    match value {
        Some(Constant::Bool(value)) => Some(value),
        _ => None,
    }
}

/// All parts match; one that does not is enough to say no.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.collect();
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    parts.iter().all(|part| *part == Some(true)).then_some(true)
}

/// Methods of `Option` and `Result` that keep or ask for the variant.
fn asked(value: Constant, method: &str) -> Option<Constant> {
    let (Constant::Unit(Res::Foreign(path)) | Constant::Holds(Res::Foreign(path))) = value else {
        return matches!(method, "clone" | "to_owned" | "into").then_some(value);
    };
    let is = |variant: &str| path.as_str().ends_with(variant);
    match method {
        "is_some" => Some(Constant::Bool(is("::Some"))),
        "is_none" => Some(Constant::Bool(is("::None"))),
        "is_ok" => Some(Constant::Bool(is("::Ok"))),
        "is_err" => Some(Constant::Bool(is("::Err"))),
        "is_some_and" | "is_none_or" if is("::None") => Some(Constant::Bool(method == "is_none_or")),
        "clone" | "cloned" | "copied" | "as_ref" | "as_mut" | "as_deref" | "as_deref_mut" | "map" => Some(value),
        "and_then" | "filter" | "and" if is("::None") => Some(value),
        _ => None,
    }
}
