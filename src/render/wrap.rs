//! Text broken into lines at its spaces.
//!
//! Knows neither findings nor terminals: whoever asks says how wide a line may be.

/// Text at its spaces, code in back-ticks whole: it is there to be copied.
fn words(text: &str, width: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_open = |word: &&mut String| word.matches('`').count() % 2 == 1 && word.chars().count() < width;
        match words.last_mut().filter(is_open) {
            Some(last) => last.extend([" ", word]),
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// Breaks at spaces; a word that is longer than a line stays whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text, width) {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn code_stays_whole_and_words_are_never_cut() {
        let text = "say so: `// asynclint: allow(x): why`, or do not";
        assert_eq!(wrap(text, 30), ["say so:", "`// asynclint: allow(x): why`,", "or do not"]);
        assert_eq!(wrap("a b", 1), ["a", "b"]);
        assert_eq!(wrap("abcdef", 2), ["abcdef"]);
        assert_eq!(wrap("an `open span that nobody ends", 10), ["an", "`open span", "that", "nobody", "ends"]);
        assert_eq!(wrap("", 10), [""]);
    }
}
