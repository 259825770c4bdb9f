//! A scanner that tells code from comments, strings and blanks.
//!
//! It serves what works on the text itself: attributes above statements, and the text of a statement without its layout.
//! It never fails and never parses: the tokens of any text, joined, are that text.

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// An identifier, a keyword or a number.
    Word,
    /// A string, byte string or character, quotes included.
    Literal,
    /// `'a`.
    Lifetime,
    /// One character of punctuation.
    Punct,
    /// `// ..` without its line break, or `/* .. */`.
    Comment,
    /// White space.
    Blank,
}

/// A piece of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The tokens of a text from a byte on, which must not lie inside a token.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// From byte `at`.
    pub const fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at..)?;
        let first = rest.chars().next()?;
        let (kind, len) = measure(rest, first);
        let start = self.at;
        self.at += len;
        Some(Token { kind, start, end: self.at })
    }
}

/// True when code, not layout.
pub const fn is_code(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Word | TokenKind::Literal | TokenKind::Lifetime | TokenKind::Punct => true,
        TokenKind::Comment | TokenKind::Blank => false,
    }
}

/// `text` without comments and layout, one space between tokens.
pub fn normalized(text: &str) -> String {
    let code = Tokens::new(text, 0).filter(|token| is_code(token.kind));
    let parts: Vec<&str> = code.map(|token| &text[token.start..token.end]).collect();
    parts.join(" ")
}

fn measure(rest: &str, first: char) -> (TokenKind, usize) {
    if first.is_whitespace() || first == '\u{feff}' {
        let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
        return (TokenKind::Blank, length_while(rest, is_blank));
    }
    if rest.starts_with("//") {
        return (TokenKind::Comment, length_while(rest, |c| c != '\n'));
    }
    if rest.starts_with("/*") {
        return (TokenKind::Comment, block_comment(rest));
    }
    if let Some(len) = string(rest) {
        return (TokenKind::Literal, len);
    }
    if first == '\'' {
        return quote(rest);
    }
    if is_word(first) {
        let raw = if rest.starts_with("r#") { 2 } else { 0 };
        return (TokenKind::Word, raw + length_while(&rest[raw..], is_word));
    }
    (TokenKind::Punct, first.len_utf8())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn length_while(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|c| !holds(c)).unwrap_or(text.len())
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// The length of a string of any kind that starts here.
fn string(rest: &str) -> Option<usize> {
    let prefix = rest.find(|c: char| !matches!(c, 'b' | 'c' | 'r')).filter(|len| *len <= 2)?;
    let after = &rest[prefix..];
    if rest[..prefix].ends_with('r') {
        let hashes = length_while(after, |c| c == '#');
        let body = after[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = body.find(&close).map_or(body.len(), |end| end + close.len());
        return Some(prefix + hashes + 1 + end);
    }
    if rest.starts_with("b'") {
        return Some(1 + character(after).unwrap_or(1));
    }
    let body = after.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

fn quote(rest: &str) -> (TokenKind, usize) {
    match character(rest) {
        Some(len) => (TokenKind::Literal, len),
        None => (TokenKind::Lifetime, 1 + length_while(&rest[1..], is_word)),
    }
}

/// The length of `'x'` or `'\n'`; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let mut chars = body.char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        // The escaped character may itself be a quote.
        let (at, escaped) = chars.next()?;
        let from = at + escaped.len_utf8();
        return body[from..].find('\'').map(|end| 1 + from + end + 1);
    }
    let (at, second) = chars.next()?;
    (second == '\'').then_some(1 + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_comments_do_not_count_but_literals_do() {
        let a = "tokio :: spawn ( /* why /* not */ */ run(\"a // b\") ); // end";
        assert_eq!(normalized(a), normalized("tokio::spawn(\n    run(\"a // b\")\n);"));
        assert_ne!(normalized("f(\"a b\")"), normalized("f(\"a  b\")"));
    }

    #[test]
    fn strings_characters_and_lifetimes() {
        let text = r####"r#"a"b"# b"\"" '\'' 'x' 'a: r#fn b'\\' c"z" '"'"####;
        let code = Tokens::new(text, 0).filter(|t| is_code(t.kind));
        let parts: Vec<&str> = code.map(|t| &text[t.start..t.end]).collect();
        assert_eq!(
            parts,
            [r###"r#"a"b"#"###, r#"b"\"""#, r"'\''", "'x'", "'a", ":", "r#fn", r"b'\\'", "c\"z\"", "'\"'"]
        );
    }

    #[test]
    fn no_text_is_too_strange() {
        let alphabet =
            ['\'', '"', '\\', '#', 'r', 'b', 'c', '/', '*', '\n', ' ', 'é', '\u{1F600}', '[', ']', 'x', '\u{0}'];
        let mut seed = 1_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
            }
            let joined: String = Tokens::new(&text, 0).map(|t| &text[t.start..t.end]).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn the_tokens_of_any_text_are_that_text() {
        for text in ["\"open", "/* open", "'", "r##\"x\"#", "b'", "é'é'", "'\\", "\u{feff}fn", "r", "br", "'\\''"] {
            let joined: String = Tokens::new(text, 0).map(|t| &text[t.start..t.end]).collect();
            assert_eq!(joined, text);
        }
    }
}
