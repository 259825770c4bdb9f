//! Type expressions: what `returns`, `deref`, `item` and their like say about a type.
//!
//! They are parsed once, when the catalogue is loaded, into a tree whose holes (`$T`, `$arg0.output`) the linker fills.
//! Nothing here knows the types of a program.

use crate::base::Name;

use super::prelude;

/// A type with holes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TypeExpr {
    /// A named type, its arguments and perhaps a tag: `flume::Sender#bounded<$T>`. A trait stands for some type that
    /// implements it, with the associated type as argument: `std::iter::Iterator<$T>`, `std::future::Future<$T>`.
    Path {
        /// Canonical path; a primitive type goes by its own name (`u8`, `str`, `slice`, `array`).
        name: Name,
        /// Type arguments.
        args: Vec<TypeExpr>,
        /// Where the value comes from, if a rule asks for it.
        tag: Option<Name>,
    },
    /// A type parameter of the receiver's type, or of the type that an associated function belongs to: `$T`.
    Param(Name),
    /// The type of an argument, the receiver not counted: `$arg0`.
    Arg(usize),
    /// The output of the future given as argument, or of the future that a closure argument returns: `$arg0.output`.
    ArgOutput(usize),
    /// What a closure or function argument returns: `$arg0.return`.
    ArgReturn(usize),
    /// A type argument written at the call: `collect::<Vec<_>>()` is `$fn0`.
    Turbofish(usize),
    /// A part of another type: `$arg0.item`, `$arg0.return.output`, `$T.0`.
    Project {
        /// The type looked into.
        of: Box<TypeExpr>,
        /// Which part.
        what: Projection,
    },
    /// `(A, B)`.
    Tuple(Vec<TypeExpr>),
    /// `&T` or `&mut T`.
    Ref {
        /// `&mut`.
        mutable: bool,
        /// What it refers to.
        inner: Box<TypeExpr>,
    },
    /// The receiver's type, or the type that an associated function belongs to.
    SelfType,
    /// `()`.
    Unit,
    /// `!`.
    Never,
    /// `_`: not known.
    Unknown,
}

/// A part of a type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Projection {
    /// Output of a future: `.output`.
    Output,
    /// Item of an iterator or stream: `.item`.
    Item,
    /// What a closure or function returns: `.return`.
    Return,
    /// What it dereferences to, the type itself where it does not: `.deref`.
    Deref,
    /// The type below all references: `.noref`.
    NoRef,
    /// A type argument by position: `.0`.
    TypeArg(usize),
}

/// Why a type expression could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeExprError {
    /// What is wrong, in one line.
    pub message: String,
}

/// Expressions from a user's file must not exhaust the stack.
const MAX_DEPTH: usize = 24;

impl TypeExpr {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, TypeExprError> {
        let mut parser = Parser { rest: text.trim(), text, depth: 0 };
        let expr = parser.expr()?;
        if parser.rest.is_empty() { Ok(expr) } else { Err(parser.fail("unexpected text at the end")) }
    }

    /// Calls `visit` for this expression and each one inside.
    pub fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Path { args, .. } | Self::Tuple(args) => args.iter().for_each(|a| a.walk(visit)),
            Self::Project { of: inner, .. } | Self::Ref { inner, .. } => inner.walk(visit),
            Self::Param(_)
            | Self::Arg(_)
            | Self::ArgOutput(_)
            | Self::ArgReturn(_)
            | Self::Turbofish(_)
            | Self::SelfType
            | Self::Unit
            | Self::Never
            | Self::Unknown => {}
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    text: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn fail(&self, what: &str) -> TypeExprError {
        let at = self.text.len() - self.rest.len();
        TypeExprError { message: format!("{what}, at byte {at} of the type expression `{}`", self.text) }
    }

    fn eat(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn expect(&mut self, token: &str) -> Result<(), TypeExprError> {
        if self.eat(token) { Ok(()) } else { Err(self.fail(&format!("expected `{token}`"))) }
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn expr(&mut self) -> Result<TypeExpr, TypeExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail("nested too deeply"));
        }
        let mut expr = self.head()?;
        while self.rest.starts_with('.') {
            self.rest = &self.rest[1..];
            expr = self.project(expr)?;
        }
        self.rest = self.rest.trim_start();
        self.depth -= 1;
        Ok(expr)
    }

    fn head(&mut self) -> Result<TypeExpr, TypeExprError> {
        if self.eat("&") {
            let mutable = self.eat("mut ");
            return Ok(TypeExpr::Ref { mutable, inner: Box::new(self.expr()?) });
        }
        if self.eat("!") {
            return Ok(TypeExpr::Never);
        }
        if self.eat("(") {
            let items = self.list(")")?;
            return Ok(if items.is_empty() { TypeExpr::Unit } else { TypeExpr::Tuple(items) });
        }
        if self.eat("[") {
            let inner = self.expr()?;
            let name = if self.eat(";") { self.array_length() } else { "slice" };
            self.expect("]")?;
            return Ok(TypeExpr::Path { name: Name::new(name), args: vec![inner], tag: None });
        }
        if let Some(rest) = self.rest.strip_prefix('$') {
            self.rest = rest;
            return self.hole();
        }
        self.path()
    }

    fn array_length(&mut self) -> &'static str {
        let _ = self.word();
        "array"
    }

    fn list(&mut self, close: &str) -> Result<Vec<TypeExpr>, TypeExprError> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.expr()?);
            if !self.eat(",") && !self.rest.starts_with(close) {
                return Err(self.fail(&format!("expected `,` or `{close}`")));
            }
        }
        Ok(items)
    }

    fn hole(&mut self) -> Result<TypeExpr, TypeExprError> {
        let word = self.word();
        if word.is_empty() {
            return Err(self.fail("expected a name after `$`"));
        }
        if let Ok(position) = word.parse() {
            return Ok(TypeExpr::Project { of: Box::new(TypeExpr::SelfType), what: Projection::TypeArg(position) });
        }
        if let Some(position) = word.strip_prefix("arg").and_then(|n| n.parse().ok()) {
            return Ok(TypeExpr::Arg(position));
        }
        if let Some(position) = word.strip_prefix("fn").and_then(|n| n.parse().ok()) {
            return Ok(TypeExpr::Turbofish(position));
        }
        Ok(TypeExpr::Param(Name::new(word)))
    }

    fn project(&mut self, of: TypeExpr) -> Result<TypeExpr, TypeExprError> {
        let word = self.word();
        let what = match word {
            "output" => Projection::Output,
            "item" => Projection::Item,
            "return" => Projection::Return,
            "deref" => Projection::Deref,
            "noref" => Projection::NoRef,
            _ => match word.parse() {
                Ok(position) => Projection::TypeArg(position),
                Err(_) => return Err(self.fail(&format!("`.{word}` is no part of a type"))),
            },
        };
        Ok(match (of, what) {
            (TypeExpr::Arg(i), Projection::Output) => TypeExpr::ArgOutput(i),
            (TypeExpr::Arg(i), Projection::Return) => TypeExpr::ArgReturn(i),
            (of, what) => TypeExpr::Project { of: Box::new(of), what },
        })
    }

    fn path(&mut self) -> Result<TypeExpr, TypeExprError> {
        let start = self.rest;
        loop {
            if self.word().is_empty() {
                return Err(self.fail("expected a type"));
            }
            let Some(rest) = self.rest.strip_prefix("::") else { break };
            self.rest = rest;
        }
        let text = &start[..start.len() - self.rest.len()];
        let tag = match self.rest.strip_prefix('#') {
            Some(rest) => {
                self.rest = rest;
                Some(Name::new(self.word()))
            }
            None => None,
        };
        let args = if self.eat("<") { self.list(">")? } else { Vec::new() };
        match text {
            "Self" => return Ok(TypeExpr::SelfType),
            "_" => return Ok(TypeExpr::Unknown),
            _ => {}
        }
        let name =
            if text.contains("::") { Name::new(text) } else { prelude::type_path(text).unwrap_or(Name::new(text)) };
        Ok(TypeExpr::Path { name, args, tag })
    }
}
