//! `man`: manual pages in roff, made from the same definitions as `--help`.

use clap::{Args, Command, CommandFactory};

use super::args::Cli;
use super::exit;
use super::output::{self, Written};

/// Arguments of `man`.
#[derive(Args, Debug)]
pub struct ManArgs {
    /// The command to print the page of [default: asynclint itself]
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

pub(super) fn run(args: &ManArgs) -> u8 {
    let page = match page(&args.command) {
        Ok(page) => page,
        Err(text) => {
            output::error_line(&format!("error: {text}"));
            return exit::USAGE;
        }
    };
    match output::raw(&page) {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

fn page(words: &[String]) -> Result<Vec<u8>, String> {
    let mut root = Cli::command();
    root.build();
    let mut command: &Command = &root;
    for word in words {
        command = command.find_subcommand(word).ok_or_else(|| {
            let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            format!("`{}` has no command `{word}`; there are: {}", command.get_name(), known.join(", "))
        })?;
    }
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        String::from_utf8(page(&words).unwrap()).unwrap()
    }

    #[test]
    fn every_command_has_a_page() {
        let all = text(&[]);
        assert!(all.contains(".TH asynclint 1") && all.contains("Exit codes"), "{all}");
        let mut root = Cli::command();
        root.build();
        for command in root.get_subcommands() {
            let page = text(&[command.get_name()]);
            assert!(page.contains(&format!("asynclint {}", command.get_name())), "{page}");
        }
        assert!(text(&["check"]).contains("min\\-severity"));
    }

    #[test]
    fn an_unknown_command_is_an_error_with_the_known_ones() {
        let error = page(&["chekc".to_owned()]).unwrap_err();
        assert!(error.contains("`chekc`") && error.contains("check, "), "{error}");
    }
}
