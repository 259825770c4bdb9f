//! `completions`: a script that completes commands, flags and the names of rules.
//!
//! Made from the same definitions as `--help`; printed, never installed: where it belongs is for the user's shell to say.

use clap::builder::PossibleValuesParser;
use clap::{Args, Command, CommandFactory};

use crate::levels;
use crate::rules::page;

use super::args::Cli;
use super::exit;
use super::output::{self, Written};

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell that shall complete
    pub shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut with_names(Cli::command()), "asynclint", &mut script);
    match output::raw(&script) {
        Written::Fine => exit::CLEAN,
        Written::Failed => exit::USAGE,
    }
}

/// The command with every name of a rule as a possible value. Only here: as a check it would be slower and its error poorer.
fn with_names(command: Command) -> Command {
    let rules: Vec<&str> = page::all().iter().map(|rule| rule.id).collect();
    let levels: Vec<&str> = levels::groups().chain(rules.iter().copied()).collect();
    let name = move |argument: clap::Arg, names: &[&'static str]| {
        argument.value_parser(PossibleValuesParser::new(names.iter().copied()))
    };
    let command = command.mut_subcommand("explain", |explain| explain.mut_arg("rule", |arg| name(arg, &rules)));
    ["check", "fix"].into_iter().fold(command, |command, of| {
        command.mut_subcommand(of, |check| {
            let flags = ["allow", "warn", "deny", "select", "ignore"];
            flags.into_iter().fold(check, |check, flag| check.mut_arg(flag, |arg| name(arg, &levels)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_completes_commands_flags_and_rules() {
        for shell in clap_complete::Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut with_names(Cli::command()), "asynclint", &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in ["explain", "min-severity"] {
                assert!(script.contains(word), "{shell}: no `{word}`");
            }
            // The elvish and PowerShell generators of clap complete no values.
            let completes_values = !matches!(shell, clap_complete::Shell::Elvish | clap_complete::Shell::PowerShell);
            for word in ["untracked-spawn", "pedantic", "sarif"].into_iter().filter(|_| completes_values) {
                assert!(script.contains(word), "{shell}: no `{word}`");
            }
        }
    }
}
