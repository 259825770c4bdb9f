//! What a planter wants to know of one file: its functions, what they call in their own body, and their statements.
//!
//! Byte offsets throughout. Nothing is resolved here.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, ItemTrait, Local, Signature, Stmt, TraitItemFn,
};

/// A function with a body.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) has_self: bool,
    /// Parameters besides `self`.
    pub(super) parameters: usize,
    pub(super) is_async: bool,
    pub(super) is_const: bool,
    /// In an `impl Trait for ..`: the trait may be of another crate, and a call may mean any of its impls.
    pub(super) is_of_trait: bool,
    pub(super) returns_result: bool,
    /// Stands at the top of the file or in an impl there, in every build, and is neither test nor entry.
    pub(super) is_plain: bool,
    pub(super) span: Range<usize>,
    /// Just after the opening brace.
    pub(super) start: usize,
    /// Where a statement may be put without changing whether it is reached.
    pub(super) gaps: Vec<usize>,
    /// Calls in the body itself: not in closures, async blocks, macros or nested items.
    pub(super) calls: Vec<Call>,
    /// Statements `base.await;`, `base.await?;` of the outermost block.
    pub(super) awaits: Vec<Awaited>,
}

/// A call by name.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) is_method: bool,
    /// A path, or a method of `self`: the name is our own, whatever other crates call theirs.
    pub(super) is_own: bool,
    /// Besides the receiver.
    pub(super) arguments: usize,
}

/// A statement that awaits.
#[derive(Debug)]
pub(super) struct Awaited {
    pub(super) statement: Range<usize>,
    pub(super) base: Range<usize>,
    /// The function or method that makes the future.
    pub(super) callee: String,
}

/// What was found in a file.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) functions: Vec<Function>,
    /// Names of all functions, those without a body too.
    pub(super) names: Vec<String>,
    /// Files declared by `mod name;` behind a cfg.
    pub(super) gated: Vec<String>,
    /// Where an import may be put.
    pub(super) head: usize,
}

/// Reads a file; nothing for one that does not parse or whose offsets would be shifted.
pub(super) fn outline(text: &str) -> Option<Outline> {
    if text.starts_with('\u{feff}') || (text.starts_with("#!") && !text.starts_with("#![")) {
        return None;
    }
    let file = syn::parse_file(text).ok()?;
    let mut finder = Finder { depth: 0, gated: 0, in_trait_impl: false, out: Outline::default() };
    finder.out.head = file.items.first().map_or(text.len(), |item| range(item).start);
    finder.visit_file(&file);
    Some(finder.out)
}

#[expect(clippy::disallowed_methods, reason = "a chore may be slow")]
fn range(node: &impl syn::spanned::Spanned) -> Range<usize> {
    node.span().byte_range()
}

struct Finder {
    /// Modules and functions around.
    depth: u32,
    /// Things around that are not in every build.
    gated: u32,
    /// Inside of an `impl Trait for ..`.
    in_trait_impl: bool,
    out: Outline,
}

/// Not in every build, or called by a harness.
fn is_gate(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
    ["cfg", "main", "bench", "wasm_bindgen", "proc_macro"].contains(&last.as_str()) || last.contains("test")
}

fn is_gated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(is_gate)
}

impl Finder {
    fn within(&mut self, attributes: &[Attribute], is_deeper: bool, visit: impl FnOnce(&mut Self)) {
        let (gates, steps) = (u32::from(is_gated(attributes)), u32::from(is_deeper));
        self.gated += gates;
        self.depth += steps;
        visit(self);
        self.gated -= gates;
        self.depth -= steps;
    }

    fn function(&mut self, attributes: &[Attribute], sig: &Signature, block: &syn::Block) {
        let result = |ty: &syn::Type| matches!(ty, syn::Type::Path(p) if p.path.segments.last().is_some_and(|s| s.ident.to_string().ends_with("Result")));
        let mut direct = Direct::default();
        direct.visit_block(block);
        self.out.functions.push(Function {
            name: sig.ident.to_string(),
            has_self: sig.receiver().is_some(),
            parameters: sig.inputs.len() - usize::from(sig.receiver().is_some()),
            is_async: sig.asyncness.is_some(),
            is_const: sig.constness.is_some(),
            is_of_trait: self.in_trait_impl,
            returns_result: matches!(&sig.output, syn::ReturnType::Type(_, ty) if result(ty)),
            is_plain: self.depth == 0 && self.gated == 0 && !is_gated(attributes) && sig.ident != "main",
            span: range(sig).start..range(block).end,
            start: range(block).start + 1,
            gaps: gaps(block),
            calls: direct.calls,
            awaits: block.stmts.iter().filter_map(awaited).collect(),
        });
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.out.names.push(item.sig.ident.to_string());
        self.function(&item.attrs, &item.sig, &item.block);
        self.within(&item.attrs, true, |finder| visit::visit_block(finder, &item.block));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.out.names.push(item.sig.ident.to_string());
        self.function(&item.attrs, &item.sig, &item.block);
        self.within(&item.attrs, true, |finder| visit::visit_block(finder, &item.block));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.out.names.push(item.sig.ident.to_string());
        if let Some(block) = &item.default {
            self.function(&item.attrs, &item.sig, block);
            self.within(&item.attrs, true, |finder| visit::visit_block(finder, block));
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let around = std::mem::replace(&mut self.in_trait_impl, item.trait_.is_some());
        self.within(&item.attrs, false, |finder| visit::visit_item_impl(finder, item));
        self.in_trait_impl = around;
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.within(&item.attrs, false, |finder| visit::visit_item_trait(finder, item));
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_none() && is_gated(&item.attrs) {
            self.out.gated.push(item.ident.to_string());
        }
        self.within(&item.attrs, true, |finder| visit::visit_item_mod(finder, item));
    }
}

/// Before each statement as long as only plain `let`s went before.
fn gaps(block: &syn::Block) -> Vec<usize> {
    let is_let = |stmt: &&Stmt| matches!(stmt, Stmt::Local(local) if local.attrs.is_empty());
    let lets = block.stmts.iter().take_while(is_let).count();
    block.stmts.iter().take(lets + 1).map(|stmt| range(stmt).start).collect()
}

fn awaited(stmt: &Stmt) -> Option<Awaited> {
    let Stmt::Expr(expr, Some(_)) = stmt else { return None };
    let inner = if let Expr::Try(tried) = expr { &*tried.expr } else { expr };
    let Expr::Await(waits) = inner else { return None };
    let callee = match &*waits.base {
        Expr::Call(call) => last_name(&call.func)?,
        Expr::MethodCall(call) => call.method.to_string(),
        _ => return None,
    };
    Some(Awaited { statement: range(stmt), base: range(&waits.base), callee })
}

fn last_name(callee: &Expr) -> Option<String> {
    let Expr::Path(path) = callee else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// Calls that run when the body runs.
#[derive(Default)]
struct Direct {
    calls: Vec<Call>,
}

impl<'ast> Visit<'ast> for Direct {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.calls.extend(last_name(&call.func).map(|name| Call {
            name,
            is_method: false,
            is_own: true,
            arguments: call.args.len(),
        }));
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let is_own = matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("self"));
        let name = call.method.to_string();
        self.calls.push(Call { name, is_method: true, is_own, arguments: call.args.len() });
        visit::visit_expr_method_call(self, call);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if !is_gated(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_expr_block(&mut self, block: &'ast syn::ExprBlock) {
        if !is_gated(&block.attrs) {
            visit::visit_expr_block(self, block);
        }
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        // `if cfg!(..)`: one of both may be in no build.
        let is_cfg = matches!(&*branch.cond, Expr::Macro(m) if m.mac.path.is_ident("cfg"));
        if !is_cfg && !is_gated(&branch.attrs) {
            visit::visit_expr_if(self, branch);
        }
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast Item) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "//! x\nuse a::b;\nasync fn go() -> io::Result<()> { let n = load(1); later(|| hidden()); self::save(n).await?; Ok(()) }\n\
                        #[cfg(test)] mod tests { fn inner() {} }\n#[cfg(windows)] mod win;\ntrait T { fn only(&self); }";

    #[test]
    fn functions_calls_and_statements_are_found() {
        let outline = outline(TEXT).unwrap();
        assert_eq!(outline.names, ["go", "inner", "only"]);
        assert_eq!(outline.gated, ["win"]);
        assert!(TEXT[outline.head..].starts_with("use a"));
        let go = &outline.functions[0];
        assert!(go.is_plain && go.is_async && go.returns_result && !outline.functions[1].is_plain);
        let calls: Vec<&str> = go.calls.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(calls, ["load", "later", "save", "Ok"]);
        assert_eq!(&TEXT[go.awaits[0].base.clone()], "self::save(n)");
        assert_eq!(&TEXT[go.awaits[0].statement.clone()], "self::save(n).await?;");
        assert_eq!(go.awaits[0].callee, "save");
        assert_eq!(go.gaps.len(), 2);
        assert!(TEXT[go.gaps[1]..].starts_with("later"));
    }
}
