//! One pass over the bytes of a file: where strings, characters, lifetimes, comments and brackets are.
//!
//! It runs before syn and must not fail on anything: text that is no Rust gives some tokens. It does not recurse and keeps nothing.

/// What the pass tells about the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token<'t> {
    /// An identifier or keyword.
    Word(&'t [u8]),
    /// A number, string or character.
    Literal,
    /// `'a`.
    Lifetime,
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    /// Any other byte.
    Punct(u8),
}

/// Receives the tokens in order.
pub(super) trait Sink {
    /// A token that begins at byte `at`; false ends the pass.
    fn token(&mut self, at: usize, token: Token<'_>) -> bool;
    /// A `//` comment, without its line break, that is no documentation.
    fn comment(&mut self, start: usize, end: usize);
    /// A doc comment; `outer` when it belongs to what follows.
    fn doc(&mut self, start: usize, end: usize, outer: bool);
}

/// Runs over `text` from byte `from`.
pub(super) fn run(text: &str, from: usize, sink: &mut impl Sink) {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let byte = bytes[at];
        let (token, end) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                while bytes.get(at) == Some(&b' ') {
                    at += 1;
                }
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = line_comment(bytes, at, sink);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = block_comment(bytes, at, sink);
                continue;
            }
            b'(' | b'[' | b'{' => (Token::Open(byte), at + 1),
            b')' | b']' | b'}' => (Token::Close(byte), at + 1),
            b'"' => (Token::Literal, string(bytes, at + 1)),
            b'\'' => quote(bytes, at),
            b'0'..=b'9' => (Token::Literal, number(bytes, at)),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => word(bytes, at),
            _ => (Token::Punct(byte), at + 1),
        };
        if !sink.token(at, token) {
            return;
        }
        at = end;
    }
}

fn line_comment(bytes: &[u8], start: usize, sink: &mut impl Sink) -> usize {
    let len = bytes[start..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - start);
    let line = &bytes[start..start + len];
    match (line.get(2), line.get(3)) {
        // `////` is no documentation.
        (Some(b'/'), Some(b'/')) => {}
        (Some(b'/'), _) => sink.doc(start, start + len, true),
        (Some(b'!'), _) => sink.doc(start, start + len, false),
        _ => sink.comment(start, start + if line.ends_with(b"\r") { len - 1 } else { len }),
    }
    start + len
}

fn block_comment(bytes: &[u8], start: usize, sink: &mut impl Sink) -> usize {
    let mut depth = 1;
    let mut at = start + 2;
    while at < bytes.len() && depth > 0 {
        match (bytes[at], bytes.get(at + 1)) {
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
            }
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    if depth == 0 {
        match (bytes.get(start + 2), bytes.get(start + 3)) {
            // `/**/` and `/***` are no documentation.
            (Some(b'*'), Some(b'/' | b'*')) => {}
            (Some(b'*'), _) => sink.doc(start, at, true),
            (Some(b'!'), _) => sink.doc(start, at, false),
            _ => {}
        }
    }
    at
}

/// End of a string whose opening quote lies before `at`.
fn string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// End of a raw string with `hashes` marks whose opening quote lies before `at`.
fn raw_string(bytes: &[u8], mut at: usize, hashes: usize) -> usize {
    while at < bytes.len() {
        let after = at + 1;
        if bytes[at] == b'"' && bytes.get(after..after + hashes).is_some_and(|marks| marks.iter().all(|b| *b == b'#')) {
            return after + hashes;
        }
        at += 1;
    }
    bytes.len()
}

/// `'x'`, `'\n'` or `'a`.
fn quote(bytes: &[u8], at: usize) -> (Token<'static>, usize) {
    match bytes.get(at + 1) {
        Some(b'\\') => (Token::Literal, char_end(bytes, at + 3)),
        Some(first) => {
            let len = match first {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            if bytes.get(at + 1 + len) == Some(&b'\'') {
                return (Token::Literal, at + len + 2);
            }
            (Token::Lifetime, word_end(bytes, at + 1).max(at + 1))
        }
        None => (Token::Punct(b'\''), at + 1),
    }
}

/// End of a character literal with an escape; it cannot go beyond its line.
fn char_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'\n' {
        if bytes[at] == b'\'' {
            return at + 1;
        }
        at += 1;
    }
    at.min(bytes.len())
}

fn number(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        match bytes[at] {
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => at += 1,
            b'.' if digit(at + 1) => at += 1,
            _ => break,
        }
    }
    at
}

fn word_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().position(|b| !WORD[usize::from(*b)]).unwrap_or(rest.len())
}

/// Which bytes a word holds; beyond ASCII all do.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_' || byte >= 0x80;
        byte += 1;
    }
    table
};

/// An identifier, or a string or character with a prefix.
fn word(bytes: &[u8], start: usize) -> (Token<'_>, usize) {
    let end = word_end(bytes, start);
    let text = &bytes[start..end];
    match (bytes.get(end), text) {
        (Some(b'"'), b"r" | b"br" | b"cr") => (Token::Literal, raw_string(bytes, end + 1, 0)),
        (Some(b'"'), b"b" | b"c") => (Token::Literal, string(bytes, end + 1)),
        (Some(b'\''), b"b") => quote(bytes, end),
        (Some(b'#'), b"r" | b"br" | b"cr") => {
            let hashes = bytes[end..].iter().take_while(|b| **b == b'#').count();
            if bytes.get(end + hashes) == Some(&b'"') {
                return (Token::Literal, raw_string(bytes, end + hashes + 1, hashes));
            }
            // `r#type` is one identifier that is no keyword.
            let end = word_end(bytes, end + 1);
            (Token::Word(b""), end)
        }
        _ => (Token::Word(text), end),
    }
}
