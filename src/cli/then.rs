//! `--then COMMAND`: another command's output after our own.
//!
//! rust-analyzer runs one check command; with this flag that command is ours, and clippy's messages still arrive. The command comes
//! from the command line alone, never from a file or a variable, and no shell reads it.

use std::process::{Command, Stdio};
use std::str::FromStr;

/// The words of a command; a shell would split them alike, but nothing is expanded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Then {
    program: String,
    arguments: Vec<String>,
}

impl FromStr for Then {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = shlex::split(text).ok_or("a quote is not closed")?;
        let mut words = words.into_iter();
        let program = words.next().ok_or("there is no command")?;
        Ok(Self { program, arguments: words.collect() })
    }
}

impl Then {
    /// Runs it with our standard output and error, and answers its exit code.
    pub(super) fn run(&self) -> Result<u8, String> {
        let status = Command::new(&self.program).args(&self.arguments).stdin(Stdio::null()).status();
        let status = status.map_err(|error| format!("`--then {}` cannot be run: {error}", self.program))?;
        // Without a code it was killed by a signal.
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Then;

    #[test]
    fn words_are_split_and_not_expanded() {
        let then: Then = "cargo clippy --message-format=json 'a b' $HOME *.rs".parse().unwrap();
        assert_eq!(then.program, "cargo");
        assert_eq!(then.arguments, ["clippy", "--message-format=json", "a b", "$HOME", "*.rs"]);
        assert!("".parse::<Then>().is_err());
        assert!("cargo 'clippy".parse::<Then>().is_err());
    }
}
