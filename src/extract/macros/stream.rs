//! `for await x in s` of `stream!`, which is no Rust: the `await` is taken out before syn sees the tokens, its place is kept.

use proc_macro2::{Group, TokenStream, TokenTree};

use super::super::position::Positions;

/// The tokens without the `await` after `for`; the loops that had one go to `places` by their first byte.
pub(super) fn without_for_await(tokens: TokenStream, pos: &Positions<'_>, places: &mut Vec<u32>) -> TokenStream {
    if !mentions(tokens.clone()) {
        return tokens;
    }
    let mut out = Vec::new();
    let mut after_for = None;
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) if ident == "await" && after_for.is_some() => {
                places.extend(after_for.take());
            }
            TokenTree::Ident(ident) => {
                after_for = (ident == "for").then(|| pos.start(ident.span()));
                out.push(TokenTree::Ident(ident));
            }
            TokenTree::Group(group) => {
                after_for = None;
                let mut inner = Group::new(group.delimiter(), without_for_await(group.stream(), pos, places));
                inner.set_span(group.span());
                out.push(TokenTree::Group(inner));
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                after_for = None;
                out.push(tree);
            }
        }
    }
    out.into_iter().collect()
}

fn mentions(tokens: TokenStream) -> bool {
    let mut after_for = false;
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => {
                if after_for && ident == "await" {
                    return true;
                }
                after_for = ident == "for";
            }
            TokenTree::Group(group) => {
                if mentions(group.stream()) {
                    return true;
                }
                after_for = false;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => after_for = false,
        }
    }
    false
}
