//! Macros in item position: definitions, and the few that hold ordinary items.
//!
//! `cfg_if!` branches, tokio's `cfg_*!` wrappers and `pin_project!` hold items, `lazy_static!` and its like hold statics,
//! `include!` names a file of items, diesel's `table!` makes a module of which only the name is known.
//! All others stay `Other`: nothing is guessed about what they expand to.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};

use crate::base::Name;
use crate::facts::ItemId;
use crate::facts::attr::Cfg;
use crate::facts::item::{ConstKind, ItemKind, MacroRulesItem, ModItem, Visibility};

use super::attr;
use super::builder::{Builder, Head, Place};
use super::items::branch_cfg;
use super::path::path_bytes;

/// Macros that declare statics.
pub(super) fn static_kind(name: &str) -> Option<ConstKind> {
    match name {
        "lazy_static" => Some(ConstKind::LazyStatic),
        "thread_local" | "task_local" => Some(ConstKind::ThreadLocal),
        _ => None,
    }
}

impl Builder<'_> {
    /// A macro that stands as an item; answers the last id it made.
    pub(super) fn item_macro(&mut self, m: &syn::ItemMacro, place: Place<'_>) -> Option<ItemId> {
        let last = m.mac.path.segments.last()?;
        let name = self.pos.name(&last.ident);
        let end = match &m.semi_token {
            Some(semi) => self.pos.end(semi.spans[0]),
            None => self.pos.close(m.mac.delimiter.span()),
        };
        if let (Some(ident), "macro_rules") = (&m.ident, name.as_str()) {
            return Some(self.macro_rules(m, ident, end, place));
        }
        if name == "include"
            && let Ok(file) = syn::parse2::<syn::LitStr>(m.mac.tokens.clone())
        {
            return Some(self.included(m, &file.value(), end, place));
        }
        if let Some(id) = self.known_item_macro(name, &m.mac, &m.attrs, place) {
            return Some(id);
        }
        let span = (path_bytes(self.pos, &m.mac.path).0, end);
        Some(self.other(span, &m.attrs, name, place))
    }

    /// Items inside a macro that is understood; `None` when it is not.
    pub(super) fn known_item_macro(
        &mut self,
        name: Name,
        mac: &syn::Macro,
        attrs: &[syn::Attribute],
        place: Place<'_>,
    ) -> Option<ItemId> {
        let before = self.items.next_id();
        if let Some(kind) = static_kind(name.as_str()) {
            let parser = |input: ParseStream<'_>| statics(input);
            for entry in parser.parse2(mac.tokens.clone()).ok()? {
                self.static_entry(&entry, kind, place);
            }
        } else if name == "cfg_if" {
            let branches = parse_branches.parse2(mac.tokens.clone()).ok()?;
            let mut conditions: Vec<Cfg> = place.branch.cloned().into_iter().collect();
            let outer = conditions.len();
            for branch in branches {
                let items: Vec<syn::Item> = parse_all.parse2(branch.tokens).ok()?;
                let own = branch.cfg.map(|tokens| attr::parse_cfg(self.pos, tokens));
                let mut cfg = branch_cfg(own.clone(), &conditions[outer..]);
                if let Some(around) = place.branch {
                    cfg = Cfg::All(vec![around.clone(), cfg]);
                }
                conditions.extend(own);
                self.read_items(&items, Place { branch: Some(&cfg), ..place });
            }
        } else if name == "pin_project" || name == "pin_project_lite" || name.as_str().starts_with("cfg_") {
            let items: Vec<syn::Item> = parse_all.parse2(mac.tokens.clone()).ok()?;
            // What such a wrapper asks for is written elsewhere: a flag that nobody knows.
            let mut cfg = attr::cfg_of(self.pos, attrs);
            if name.as_str().starts_with("cfg_") {
                attr::and(&mut cfg, Cfg::Flag(name));
            }
            if let Some(around) = place.branch {
                attr::and(&mut cfg, around.clone());
            }
            self.read_items(&items, Place { branch: cfg.as_ref(), ..place });
        } else if name == "table" {
            let (ident, columns) = diesel_table(&mac.tokens)?;
            let span = (path_bytes(self.pos, &mac.path).0, self.pos.close(&columns));
            self.made_module(&ident, &["diesel", "table"], span, place);
        } else {
            return None;
        }
        let after = self.items.next_id();
        (after > before).then(|| ItemId(after.0 - 1))
    }

    fn included(&mut self, m: &syn::ItemMacro, file: &str, end: u32, place: Place<'_>) -> ItemId {
        let name_span = path_bytes(self.pos, &m.mac.path);
        let name = Name::new("include");
        let head = Head { name, name_span, start: name_span.0, end, visibility: Visibility::Private, attrs: &m.attrs };
        let id = self.open(&head, place);
        let path_attr = Some(file.into());
        self.close(id, ItemKind::Module(ModItem { inline: None, path_attr, included: true, macro_use: false }));
        id
    }

    fn static_entry(&mut self, entry: &StaticEntry, kind: ConstKind, place: Place<'_>) {
        let ty_end = super::path::type_end(self.pos, &entry.ty);
        let end = entry.end.map_or(ty_end, |span| self.pos.end(span));
        let head = self.head(&entry.ident, &entry.attrs, &entry.vis, entry.keyword, end);
        self.constant(&head, kind, &entry.ty, entry.value.as_ref(), place);
    }

    fn macro_rules(&mut self, m: &syn::ItemMacro, ident: &syn::Ident, end: u32, place: Place<'_>) -> ItemId {
        let (name, name_span) = self.pos.ident(ident);
        let exported = m.attrs.iter().any(|a| a.path().is_ident("macro_export"));
        let visibility = if exported { Visibility::Public } else { Visibility::Private };
        let start = path_bytes(self.pos, &m.mac.path).0;
        let head = Head { name, name_span, start, end, visibility, attrs: &m.attrs };
        let id = self.open(&head, place);
        let item = MacroRulesItem { runs_in_place: runs_in_place(&m.mac.tokens), exported };
        self.close(id, ItemKind::MacroRules(item));
        id
    }
}

/// The name of `table! { users (id) { id -> Integer, } }`, and the braces of its columns.
fn diesel_table(tokens: &TokenStream) -> Option<(proc_macro2::Ident, proc_macro2::extra::DelimSpan)> {
    let mut name = None;
    let mut skips = false;
    for tree in tokens.clone() {
        match tree {
            // Before the name stand attributes and imports; a name before a dot is that of the schema.
            TokenTree::Ident(ident) if ident == "use" => skips = true,
            TokenTree::Punct(p) if skips => skips = p.as_char() != ';',
            TokenTree::Ident(ident) if !skips => name = Some(ident),
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace && !skips => {
                let has_columns =
                    group.stream().into_iter().any(|tree| matches!(tree, TokenTree::Punct(p) if p.as_char() == '>'));
                return name.filter(|_| has_columns).map(|name| (name, group.delim_span()));
            }
            TokenTree::Ident(_) | TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}

/// True when no transcriber holds `async`, `move`, `fn` or a closure.
fn runs_in_place(tokens: &TokenStream) -> bool {
    let mut arrow = false;
    for tree in tokens.clone() {
        match tree {
            TokenTree::Group(group) if arrow => {
                if defers(group.stream()) {
                    return false;
                }
                arrow = false;
            }
            TokenTree::Punct(p) if p.as_char() == '>' => arrow = true,
            TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
    }
    true
}

fn defers(tokens: TokenStream) -> bool {
    let mut after_operand = false;
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                if defers(group.stream()) {
                    return true;
                }
                after_operand = true;
            }
            TokenTree::Ident(ident) => {
                if ident == "async" || ident == "move" || ident == "fn" {
                    return true;
                }
                after_operand = !(ident == "return" || ident == "break" || ident == "else");
            }
            // `a | b` and `a || b` are operators, `|x| ..` and `= || ..` are closures.
            TokenTree::Punct(p) if p.as_char() == '|' => {
                if !after_operand {
                    return true;
                }
                after_operand = p.spacing() == proc_macro2::Spacing::Joint;
            }
            TokenTree::Punct(p) => after_operand = p.as_char() == '?',
            TokenTree::Literal(_) => after_operand = true,
        }
    }
    false
}

/// One branch of `cfg_if!`.
pub(super) struct Branch {
    /// Tokens between the parentheses of its `cfg`; `None` for `else`.
    pub(super) cfg: Option<TokenStream>,
    /// What it holds.
    pub(super) tokens: TokenStream,
}

/// `if #[cfg(a)] { .. } else if #[cfg(b)] { .. } else { .. }`.
pub(super) fn parse_branches(input: ParseStream<'_>) -> syn::Result<Vec<Branch>> {
    let mut out = Vec::new();
    loop {
        let mut cfg = None;
        if input.parse::<Option<syn::Token![if]>>()?.is_some() {
            for attr in syn::Attribute::parse_outer(input)? {
                if let syn::Meta::List(list) = attr.meta {
                    cfg = Some(list.tokens);
                }
            }
        }
        let content;
        syn::braced!(content in input);
        out.push(Branch { cfg, tokens: content.parse()? });
        if input.parse::<Option<syn::Token![else]>>()?.is_none() {
            return Ok(out);
        }
    }
}

/// Items to the end of the input.
fn parse_all(input: ParseStream<'_>) -> syn::Result<Vec<syn::Item>> {
    let mut out = Vec::new();
    input.call(syn::Attribute::parse_inner)?;
    while !input.is_empty() {
        out.push(syn::Item::parse(input)?);
    }
    Ok(out)
}

/// `static [ref] NAME: T = value;` of `lazy_static!`, `thread_local!`, `task_local!`.
struct StaticEntry {
    attrs: Vec<syn::Attribute>,
    vis: syn::Visibility,
    keyword: proc_macro2::Span,
    ident: syn::Ident,
    ty: syn::Type,
    value: Option<syn::Expr>,
    end: Option<proc_macro2::Span>,
}

fn statics(input: ParseStream<'_>) -> syn::Result<Vec<StaticEntry>> {
    let mut out = Vec::new();
    while !input.is_empty() {
        let attrs = input.call(syn::Attribute::parse_outer)?;
        let vis = input.parse()?;
        let keyword = input.parse::<syn::Token![static]>()?.span;
        input.parse::<Option<syn::Token![ref]>>()?;
        let ident = input.parse()?;
        input.parse::<syn::Token![:]>()?;
        let ty = input.parse()?;
        let mut value = None;
        let mut end = None;
        if input.parse::<Option<syn::Token![=]>>()?.is_some() {
            value = Some(input.parse()?);
        }
        if let Some(semi) = input.parse::<Option<syn::Token![;]>>()? {
            end = Some(semi.spans[0]);
        } else {
            input.parse::<Option<syn::Token![,]>>()?;
        }
        out.push(StaticEntry { attrs, vis, keyword, ident, ty, value, end });
    }
    Ok(out)
}
