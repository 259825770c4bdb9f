//! The test attribute of `asynclint-supervisor`, written on bare tokens to keep the builds of its
//! users light. Never looks into the body of the test.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Runs an async test under supervision. Arguments as those of `#[tokio::test]`: `flavor`,
/// `worker_threads`, `start_paused`; and `crate = path` where the companion crate is re-exported.
/// A test that takes one argument gets a `TestCx`.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    match Arguments::parse(args).and_then(|args| expand(&args, item)) {
        Ok(tokens) => tokens,
        Err(message) => error(&message),
    }
}

fn error(message: &str) -> TokenStream {
    tokens(&format!("::core::compile_error!({message:?});"))
}

fn tokens(source: &str) -> TokenStream {
    match source.parse() {
        Ok(tokens) => tokens,
        Err(error) => panic!("generated code does not parse: {error}"),
    }
}

#[derive(Debug)]
struct Arguments {
    workers: Option<String>,
    multi_thread: bool,
    start_paused: bool,
    path: String,
}

impl Arguments {
    fn parse(args: TokenStream) -> Result<Self, String> {
        let mut parsed = Arguments {
            workers: None,
            multi_thread: false,
            start_paused: false,
            path: "::asynclint_supervisor".into(),
        };
        let trees: Vec<TokenTree> = args.into_iter().collect();
        for argument in trees.split(|tree| is_punct(tree, ',')) {
            if !argument.is_empty() {
                parsed.take(argument)?;
            }
        }
        if parsed.workers.is_some() && !parsed.multi_thread {
            return Err("`worker_threads` needs `flavor = \"multi_thread\"`".into());
        }
        Ok(parsed)
    }

    fn take(&mut self, argument: &[TokenTree]) -> Result<(), String> {
        let (Some(key), Some(equals)) = (argument.first(), argument.get(1)) else {
            return Err("expected `key = value`".into());
        };
        if !is_punct(equals, '=') {
            return Err("expected `key = value`".into());
        }
        let value: TokenStream = argument[2..].iter().cloned().collect();
        let value = value.to_string();
        match key.to_string().as_str() {
            "flavor" => match value.as_str() {
                "\"multi_thread\"" => self.multi_thread = true,
                "\"current_thread\"" => self.multi_thread = false,
                other => return Err(format!("unknown flavor {other}")),
            },
            "worker_threads" => self.workers = Some(value),
            "start_paused" => self.start_paused = value == "true",
            "crate" => self.path = value.trim_matches('"').to_owned(),
            other => return Err(format!("unknown argument `{other}`")),
        }
        Ok(())
    }

    fn setup(&self) -> String {
        let path = &self.path;
        let mut setup = format!("{path}::testing::Setup::new()");
        if self.multi_thread {
            let workers = self.workers.as_deref().unwrap_or("2");
            setup.push_str(&format!(".workers({workers})"));
        }
        if self.start_paused {
            setup.push_str(".configure(|builder| { builder.start_paused(true); })");
        }
        setup
    }
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(tree: &TokenTree, wanted: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident.to_string() == wanted)
}

/// `attributes async fn name(parameter) -> Return { body }` becomes a synchronous test whose body
/// holds the async function, unchanged, and its call.
fn expand(args: &Arguments, item: TokenStream) -> Result<TokenStream, String> {
    let trees: Vec<TokenTree> = item.into_iter().collect();
    let is_async_fn = |pair: &[TokenTree]| is_word(&pair[0], "async") && is_word(&pair[1], "fn");
    let at = trees.windows(2).position(is_async_fn).ok_or("the attribute is for `async fn`")?;
    let name = trees.get(at + 2).ok_or("a function needs a name")?.clone();
    let Some(TokenTree::Group(parameters)) = trees.get(at + 3) else {
        return Err("a test function takes no generics".into());
    };
    let Some(TokenTree::Group(body)) = trees.last() else {
        return Err("a test function needs a body".into());
    };
    if body.delimiter() != Delimiter::Brace {
        return Err("a test function needs a body".into());
    }
    let takes_context = !parameters.stream().is_empty();
    let call = if takes_context { "cx" } else { "" };
    let path = &args.path;
    let call = format!("{path}::testing::run({}, |cx| {name}({call}))", args.setup());
    let call = if takes_context { call } else { call.replacen("|cx|", "|_|", 1) };

    let mut inner: TokenStream = trees[at..].iter().cloned().collect();
    inner.extend(tokens(&call));
    let mut outer = tokens("#[::core::prelude::v1::test]");
    outer.extend(trees[..at].iter().cloned());
    outer.extend(tokens("fn"));
    outer.extend([name, TokenTree::Group(Group::new(Delimiter::Parenthesis, TokenStream::new()))]);
    outer.extend(trees[at + 4..trees.len() - 1].iter().cloned());
    let mut whole = Group::new(Delimiter::Brace, inner);
    whole.set_span(body.span());
    outer.extend([TokenTree::Group(whole)]);
    Ok(outer)
}
