//! `primaryLocationLineHash` exactly as GitHub's upload action computes it.
//!
//! The hash of a line covers the 100 units that are kept from its start, blanks left out. Any other value makes the action warn
//! for each result, so the published vectors are tests. It is no fingerprint of ours.

use std::collections::{BTreeMap, VecDeque};

const WINDOW: usize = 100;
const BASE: u64 = 37;
const END: u16 = 65535;

const fn power(mut exponent: usize) -> u64 {
    let mut result = 1_u64;
    while exponent > 0 {
        result = result.wrapping_mul(BASE);
        exponent -= 1;
    }
    result
}

const OLDEST: u64 = power(WINDOW);

struct Roller {
    window: VecDeque<u16>,
    hash: u64,
    /// Lines whose hash is due, with the number of units fed since their start.
    open: VecDeque<(usize, usize)>,
    lines: usize,
    at_line_start: bool,
    hashes: Vec<u64>,
}

/// One text for each line, in order.
pub fn of_lines(text: &str) -> Vec<String> {
    let mut roller = Roller {
        window: VecDeque::from(vec![0; WINDOW]),
        hash: 0,
        open: VecDeque::new(),
        lines: 0,
        at_line_start: true,
        hashes: Vec::new(),
    };
    let mut after_cr = false;
    for unit in text.encode_utf16() {
        let is_lf = unit == u16::from(b'\n');
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || (is_lf && after_cr) {
            after_cr = false;
            continue;
        }
        after_cr = unit == u16::from(b'\r');
        roller.feed(if after_cr { u16::from(b'\n') } else { unit });
    }
    roller.feed(END);
    for _ in 0..WINDOW {
        if roller.open.is_empty() {
            break;
        }
        roller.roll(0);
    }
    numbered(&roller.hashes)
}

impl Roller {
    fn feed(&mut self, unit: u16) {
        // A marked slot is about to be overwritten once a whole window follows the line's start.
        self.emit();
        if self.at_line_start {
            self.at_line_start = false;
            self.open.push_back((self.lines, 0));
            self.lines += 1;
        }
        if unit == u16::from(b'\n') {
            self.at_line_start = true;
        }
        self.push(unit);
    }

    fn roll(&mut self, unit: u16) {
        self.emit();
        self.push(unit);
    }

    fn emit(&mut self) {
        while self.open.front().is_some_and(|(_, fed)| *fed >= WINDOW) {
            self.open.pop_front();
            self.hashes.push(self.hash);
        }
    }

    fn push(&mut self, unit: u16) {
        let oldest = self.window.pop_front().unwrap_or(0);
        self.window.push_back(unit);
        let added = self.hash.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        self.hash = added.wrapping_sub(OLDEST.wrapping_mul(u64::from(oldest)));
        self.open.iter_mut().for_each(|(_, fed)| *fed += 1);
    }
}

/// Equal hashes are told apart by a counter.
fn numbered(hashes: &[u64]) -> Vec<String> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let number = |hash: &u64| {
        let count = counts.entry(*hash).or_default();
        *count += 1;
        format!("{hash:x}:{count}")
    };
    hashes.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::of_lines;

    #[test]
    fn published_vectors() {
        assert_eq!(of_lines(""), ["c129715d7a2bc9a3:1"]);
        let small = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(of_lines(" a\nb\n  \t\tc\n d"), small);
        let hello = [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ];
        let text = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n";
        for line_break in ["\n", "\r", "\r\n"] {
            assert_eq!(of_lines(&text.replace('\n', line_break)), hello);
        }
        let lorem = [
            "a7f2ff13bc495cf2:1",
            "a7f2ff13bc495cf2:2",
            "a7f2ff13bc495cf2:3",
            "a7f2ff13bc495cf2:4",
            "a7f2ff13bc495cf2:5",
            "a7f2ff13bc495cf2:6",
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ];
        assert_eq!(of_lines(&"Lorem ipsum dolor sit amet.\n".repeat(10)), lorem);
    }

    #[test]
    fn line_breaks_marks_and_wide_characters() {
        let windows = of_lines("fn main() {\r\n    tokio::spawn(async {});\r\n}\r\n");
        assert_eq!(windows, ["9a3be55b4d0efc68:1", "ef04641142943df5:1", "32dce9ccfdbc9d3e:1", "c129715d7a2bc9a3:1"]);
        assert_eq!(of_lines("\u{feff}fn main() {}\n")[0], "d336dd861fa5824e:1");
        assert_eq!(of_lines("// é𝒳\nfn f() {}\n")[..2], ["89fc3eca1c352645:1", "689e9edc5745a728:1"]);
    }
}
