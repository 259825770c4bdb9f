//! Argument lists of macros: expressions between commas, with the extras of formatting and logging macros.
//!
//! tracing, log and slog write `?x`, `%x`, `name = ?x`, `a.b = x`, `"name" = x`, `"name" => x`, `{ .. }`, `target: "..",`, `key:? = x`,
//! and `;` between parts. Of all these only the values count.

use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser};

/// Which extras a list may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Expressions only.
    Plain,
    /// `name = value` for named format arguments.
    Format,
    /// Everything that tracing and log allow.
    Fields,
}

/// The arguments, or `None` when they are no such list.
pub(super) fn parse(tokens: proc_macro2::TokenStream, style: Style) -> Option<Vec<syn::Expr>> {
    let parser = |input: ParseStream<'_>| {
        let mut out = Vec::new();
        list(input, style, &mut out)?;
        Ok(out)
    };
    parser.parse2(tokens).ok()
}

/// `biased;` and then expressions.
pub(super) fn parse_biased(tokens: proc_macro2::TokenStream) -> Option<Vec<syn::Expr>> {
    let parser = |input: ParseStream<'_>| {
        if input.peek(syn::Ident) && input.peek2(syn::Token![;]) {
            input.call(syn::Ident::parse_any)?;
            input.parse::<syn::Token![;]>()?;
        }
        let mut out = Vec::new();
        list(input, Style::Plain, &mut out)?;
        Ok(out)
    };
    parser.parse2(tokens).ok()
}

fn list(input: ParseStream<'_>, style: Style, out: &mut Vec<syn::Expr>) -> syn::Result<()> {
    while !input.is_empty() {
        match style {
            Style::Plain => out.push(input.parse()?),
            Style::Format => {
                if input.peek(syn::Ident::peek_any) && assigns(input) {
                    input.call(syn::Ident::parse_any)?;
                    input.parse::<syn::Token![=]>()?;
                }
                out.push(input.parse()?);
            }
            Style::Fields => field(input, out)?,
        }
        if input.is_empty() {
            break;
        }
        if style == Style::Fields && input.peek(syn::Token![;]) {
            input.parse::<syn::Token![;]>()?;
        } else {
            input.parse::<syn::Token![,]>()?;
        }
    }
    Ok(())
}

fn field(input: ParseStream<'_>, out: &mut Vec<syn::Expr>) -> syn::Result<()> {
    // `target: "x"`, `parent: &span`, `name: "x"`, `logger: l`
    if input.peek(syn::Ident::peek_any) && input.peek2(syn::Token![:]) && !input.peek2(syn::Token![::]) {
        return keyed(input, out);
    }
    skip_key(input)?;
    skip_sigils(input)?;
    if input.peek(syn::token::Brace) {
        let fork = input.fork();
        let content;
        syn::braced!(content in fork);
        let mut inner = Vec::new();
        if list(&content, Style::Fields, &mut inner).is_ok() {
            input.parse::<proc_macro2::Group>()?;
            out.extend(inner);
            // `{ NAME } = value` has a constant as key.
            if input.parse::<Option<syn::Token![=]>>()?.is_some() {
                skip_sigils(input)?;
                out.push(input.parse()?);
            }
            return Ok(());
        }
    }
    out.push(input.parse()?);
    // slog: `"key" => %value`.
    if input.parse::<Option<syn::Token![=>]>>()?.is_some() {
        skip_sigils(input)?;
        out.push(input.parse()?);
    }
    Ok(())
}

/// `target: value`, or log's `key:? = value`, `key:err = value`, `key:?`.
fn keyed(input: ParseStream<'_>, out: &mut Vec<syn::Expr>) -> syn::Result<()> {
    let key: syn::Ident = input.call(syn::Ident::parse_any)?;
    input.parse::<syn::Token![:]>()?;
    let sigil = input.peek(syn::Token![?]) || input.peek(syn::Token![%]);
    skip_sigils(input)?;
    let named_sigil = input.peek(syn::Ident) && input.peek2(syn::Token![=]);
    if named_sigil {
        input.call(syn::Ident::parse_any)?;
    }
    if input.parse::<Option<syn::Token![=]>>()?.is_some() || !sigil {
        out.push(input.parse()?);
    } else {
        out.push(syn::Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: key.into() }));
    }
    Ok(())
}

/// Skips `a.b.c =`, `"text" =`.
fn skip_key(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(syn::Lit) && assigns(input) {
        input.parse::<syn::Lit>()?;
        input.parse::<syn::Token![=]>()?;
        return Ok(());
    }
    if !input.peek(syn::Ident::peek_any) {
        return Ok(());
    }
    let mut rest = input.cursor();
    let mut names = 0;
    while let Some((_, after)) = rest.ident() {
        names += 2;
        match after.punct() {
            Some((dot, next)) if dot.as_char() == '.' => rest = next,
            Some((eq, _)) if eq.as_char() == '=' && eq.spacing() == proc_macro2::Spacing::Alone => break,
            // `a =%b` and `a =?b` lex as one joint run.
            Some((eq, next))
                if eq.as_char() == '='
                    && next.punct().is_some_and(|(p, _)| matches!(p.as_char(), '?' | '%' | '&' | '-' | '!' | '*')) =>
            {
                break;
            }
            _ => return Ok(()),
        }
    }
    if rest.ident().is_none() {
        return Ok(());
    }
    for _ in 0..names {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// The token after the next is a lone `=`.
fn assigns(input: ParseStream<'_>) -> bool {
    input.peek2(syn::Token![=]) && !input.peek2(syn::Token![==]) && !input.peek2(syn::Token![=>])
}

fn skip_sigils(input: ParseStream<'_>) -> syn::Result<()> {
    while input.peek(syn::Token![?]) || input.peek(syn::Token![%]) || input.peek(syn::Token![#]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
