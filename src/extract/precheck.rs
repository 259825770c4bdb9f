//! Refuses files that would overflow the stack of syn, of its drop, or of our own walk: an overflow ends the process.
//!
//! Measured on real code, brackets nest 27 deep and no run without `;`, `,` or a block has more than 1,015 tokens; the limits are far
//! above both. All counts are summed over the open brackets, since it is the sum that fills a stack. Nothing is parsed here.

use super::comments;
use super::docs::Doc;
use super::lexer::{Sink, Token};
use crate::facts::Directive;

/// Open brackets and `<` together.
const MAX_DEPTH: u32 = 256;
/// `&`, `-`, `!`, `*`, `..`, `||`, `move` side by side.
const MAX_PREFIX: u32 = 256;
/// `=`, `@`, `->`, `return` and whatever else nests to the right.
const MAX_LINKS: u32 = 1_000;
/// Tokens without `;`, `,` or a finished block.
const MAX_RUN: u32 = 10_000;
/// `a < b` with blanks is nearly always a comparison, which nests nothing.
const MAX_SPACED: u32 = 512;

/// What the pass before syn found.
pub(super) struct Precheck<'t> {
    text: &'t str,
    pub(super) directives: Vec<Directive>,
    /// Doc comments, and whether they belong to what follows.
    pub(super) docs: Vec<Doc>,
    /// The place and the reason of a refusal.
    pub(super) too_deep: Option<(u32, &'static str)>,
    /// Sums of the levels around the innermost one.
    around: Counts,
    level: Level,
    stack: Vec<Level>,
    last: Last,
    /// Byte of the last token, for operators of several bytes.
    last_at: usize,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    run: u32,
    links: u32,
    prefix: u32,
    angle: u32,
    spaced: u32,
}

#[derive(Clone, Copy, Default)]
struct Level {
    counts: Counts,
    /// Between the bars of a closure's parameters: commas there end nothing.
    bars: bool,
    /// The last token closed a brace.
    after_brace: bool,
}

/// The token before, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Word,
    /// A literal or bracketed group, after which `<` compares.
    Value,
    Other,
    Punct(u8),
}

/// Runs the pass over `text`, of which syn sees the part from `from` on.
pub(super) fn run(text: &str, from: usize) -> Precheck<'_> {
    let mut check = Precheck {
        text,
        directives: Vec::new(),
        docs: Vec::new(),
        too_deep: None,
        around: Counts::default(),
        level: Level::default(),
        stack: Vec::new(),
        last: Last::Other,
        last_at: 0,
    };
    super::lexer::run(text, from, &mut check);
    check
}

impl Sink for Precheck<'_> {
    fn token(&mut self, at: usize, token: Token<'_>) -> bool {
        // After a refusal only comments count.
        if self.too_deep.is_some() {
            return true;
        }
        if std::mem::take(&mut self.level.after_brace) && ends_statement(token) {
            self.level = Level::default();
        }
        self.level.counts.run += 1;
        let last = match token {
            Token::Open(_) => {
                self.open();
                Last::Other
            }
            Token::Close(bracket) => {
                self.close(bracket);
                Last::Value
            }
            Token::Word(word) => self.word(word),
            Token::Literal => {
                self.level.counts.prefix = 0;
                Last::Value
            }
            Token::Lifetime => self.last,
            Token::Punct(b'|') => self.bar(at),
            // `1 << 3`: the second half of the operator compares as little as the first.
            Token::Punct(b'<') if self.last == Last::Value => match self.text.as_bytes().get(at + 1) {
                Some(b'<') => Last::Value,
                _ => Last::Punct(b'<'),
            },
            Token::Punct(byte) => {
                self.punct(at, byte);
                Last::Punct(byte)
            }
        };
        // An operand adds nothing but itself.
        let adds = !matches!(last, Last::Word | Last::Value)
            || self.level.counts.run > MAX_RUN.saturating_sub(self.around.run);
        self.last = last;
        self.last_at = at;
        if adds {
            self.too_deep = self.refusal().map(|reason| (at as u32, reason));
        }
        true
    }

    fn comment(&mut self, start: usize, end: usize) {
        self.directives.extend(comments::directive(self.text, start, end));
    }

    fn doc(&mut self, start: usize, end: usize, outer: bool) {
        self.docs.push(Doc { start: start as u32, end: end as u32, outer });
    }
}

/// True when a token after `}` begins something new instead of going on with the expression.
fn ends_statement(token: Token<'_>) -> bool {
    match token {
        Token::Word(word) => !matches!(word, b"else" | b"as"),
        Token::Literal | Token::Lifetime | Token::Punct(b'#' | b';' | b',') => true,
        Token::Open(_) | Token::Close(_) | Token::Punct(_) => false,
    }
}

impl Precheck<'_> {
    fn open(&mut self) {
        let counts = self.level.counts;
        self.around.run += counts.run;
        self.around.links += counts.links;
        self.around.prefix += counts.prefix;
        self.around.angle += counts.angle;
        self.around.spaced += counts.spaced;
        self.stack.push(self.level);
        self.level = Level::default();
    }

    fn close(&mut self, bracket: u8) {
        let Some(level) = self.stack.pop() else { return };
        self.level = level;
        let counts = level.counts;
        self.around.run -= counts.run;
        self.around.links -= counts.links;
        self.around.prefix -= counts.prefix;
        self.around.angle -= counts.angle;
        self.around.spaced -= counts.spaced;
        self.level.counts.prefix = 0;
        self.level.after_brace = bracket == b'}';
    }

    fn word(&mut self, word: &[u8]) -> Last {
        let counts = &mut self.level.counts;
        match word {
            b"move" => counts.prefix += 1,
            // Between prefix tokens these change nothing: `*const *const`, `&mut &mut`.
            b"mut" | b"const" | b"raw" | b"dyn" | b"ref" | b"static" | b"async" => {}
            b"return" | b"break" | b"yield" | b"become" | b"if" | b"else" | b"match" | b"while" | b"in" | b"box" => {
                counts.links += 1;
                counts.prefix = 0;
            }
            b"let" => counts.prefix = 0,
            _ => {
                counts.prefix = 0;
                return Last::Word;
            }
        }
        Last::Other
    }

    fn punct(&mut self, at: usize, byte: u8) {
        let joint = if at == self.last_at + 1 { self.last } else { Last::Other };
        let bytes = self.text.as_bytes();
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let level = &mut self.level;
        let counts = &mut level.counts;
        match byte {
            b';' => *level = Level::default(),
            b',' => {
                if !level.bars && counts.angle == 0 && counts.spaced == 0 {
                    (counts.run, counts.links) = (0, 0);
                }
                counts.prefix = 0;
            }
            b'&' | b'!' | b'*' | b'-' => counts.prefix += 1,
            b'.' => counts.prefix += u32::from(joint == Last::Punct(b'.')),
            b'@' => counts.links += 1,
            b'=' => {
                let compares = matches!(joint, Last::Punct(b'=' | b'!' | b'<' | b'>' | b'.'));
                let shifts = compares && at >= 2 && matches!(&bytes[at - 2..at], b"<<" | b">>");
                counts.links += u32::from((!compares || shifts) && next != b'=' && next != b'>');
                counts.prefix = 0;
            }
            b'<' => {
                let before = bytes.get(at.wrapping_sub(1)).is_some_and(|b| b.is_ascii_whitespace());
                let spaced = before && (next.is_ascii_whitespace() || next == b'<')
                    || joint == Last::Punct(b'<') && next.is_ascii_whitespace();
                if spaced {
                    counts.spaced += 1;
                } else if next != b'=' {
                    counts.angle += 1;
                }
                counts.prefix = 0;
            }
            b'>' => match joint {
                Last::Punct(b'-') => {
                    counts.links += 1;
                    counts.prefix = 0;
                }
                Last::Punct(b'=') => level.bars = false,
                Last::Word | Last::Value | Last::Other | Last::Punct(_) => {
                    counts.angle = counts.angle.saturating_sub(1)
                }
            },
            _ => {}
        }
    }

    /// `|`: opens or closes the parameters of a closure, or is an operator.
    fn bar(&mut self, at: usize) -> Last {
        let twice = self.text.as_bytes().get(at + 1) == Some(&b'|');
        let level = &mut self.level;
        if level.bars {
            level.bars = false;
            return Last::Other;
        }
        if self.last == Last::Punct(b'|') && self.last_at + 1 == at {
            // The second half of `||` was counted with the first.
            return Last::Other;
        }
        if matches!(self.last, Last::Word | Last::Value) {
            level.counts.prefix = 0;
        } else if twice {
            level.counts.prefix += 1;
        } else {
            level.counts.links += 1;
            level.bars = true;
            return Last::Other;
        }
        Last::Punct(b'|')
    }

    fn refusal(&self) -> Option<&'static str> {
        let (a, c) = (&self.around, &self.level.counts);
        if self.stack.len() as u32 + a.angle + c.angle > MAX_DEPTH {
            Some("brackets nest more than 256 deep")
        } else if a.prefix + c.prefix > MAX_PREFIX {
            Some("more than 256 prefix operators stand side by side")
        } else if a.links + c.links > MAX_LINKS {
            Some("more than 1000 expressions nest to the right")
        } else if a.run + c.run > MAX_RUN {
            Some("more than 10000 tokens stand without `;`, `,` or a block")
        } else if a.spaced + c.spaced > MAX_SPACED {
            Some("more than 512 `<` stand without `;`")
        } else {
            None
        }
    }
}
