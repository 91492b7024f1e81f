//! The spelling of the scripts that opsctl replaces: `redis-up` means `redis up`.

use std::ffi::OsString;

use clap::CommandFactory as _;

use super::Cli;
use crate::stack::Stack;

/// The noun and the verb of each such name.
const SCRIPTS: &[(&str, &str)] = &[
    ("minikube", "up"),
    ("minikube", "down"),
    ("redis", "up"),
    ("redis", "down"),
    ("redis", "import"),
    ("redis", "clean"),
    ("info-cron", "up"),
    ("info-cron", "down"),
];

/// What was typed, with the name of a script in two words. Only the command itself, or the one that `help` is
/// asked about, can be one.
pub fn words(typed: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = typed.into_iter().collect();
    let mut at = 1;
    while let Some(word) = words.get(at).and_then(|w| w.to_str()) {
        if word == "--" {
            break;
        } else if word.starts_with('-') {
            // Its value is no command.
            at += 1 + usize::from(takes_the_next(word));
        } else if word == "help" {
            at += 1;
        } else {
            if let Some((noun, verb)) = SCRIPTS.iter().find(|(noun, verb)| word == format!("{noun}-{verb}")) {
                words.splice(at..=at, [OsString::from(noun), OsString::from(verb)]);
            }
            break;
        }
    }
    words
}

/// Whether the word is an option whose value comes as the next one.
fn takes_the_next(word: &str) -> bool {
    let line = Cli::command();
    let takes_value = |wanted: &dyn Fn(&clap::Arg) -> bool| {
        line.get_arguments()
            .any(|a| wanted(a) && a.get_action().takes_values() && a.get_num_args() != Some(0.into()))
    };
    if let Some(long) = word.strip_prefix("--") {
        return takes_value(&|a| a.get_long() == Some(long));
    }
    // Of several letters in one word only the last one can have its value outside of it.
    let mut letters = word[1..].chars();
    let first = letters.find(|c| takes_value(&|a| a.get_short() == Some(*c)));
    first.is_some() && letters.next().is_none()
}

/// The command line with the names of the scripts as hidden commands: for completion, which parses nothing.
pub fn command_line(stacks: &[Stack]) -> clap::Command {
    let line = super::command(stacks);
    let scripts: Vec<_> = SCRIPTS
        .iter()
        .filter_map(|(noun, verb)| {
            let script = line.find_subcommand(noun)?.find_subcommand(verb)?.clone();
            Some(script.name(format!("{noun}-{verb}")).about(format!("`{noun} {verb}`")).hide(true))
        })
        .collect();
    line.subcommands(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(line: &str) -> String {
        let words = words(line.split(' ').map(OsString::from));
        words.iter().map(|w| w.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_scripts_name_is_the_command_in_two_words() {
        for (noun, verb) in SCRIPTS {
            assert_eq!(spelled(&format!("opsctl {noun}-{verb} -v")), format!("opsctl {noun} {verb} -v"));
        }
        for (typed, meant) in [
            ("opsctl -p dev redis-import a.txt", "opsctl -p dev redis import a.txt"),
            ("opsctl --profile dev --dry-run redis-up", "opsctl --profile dev --dry-run redis up"),
            ("opsctl --profile=dev -yp dev redis-up", "opsctl --profile=dev -yp dev redis up"),
            ("opsctl -pdev redis-up", "opsctl -pdev redis up"),
            ("opsctl -y redis-up", "opsctl -y redis up"),
            ("opsctl help redis-up", "opsctl help redis up"),
        ] {
            assert_eq!(spelled(typed), meant);
        }
    }

    #[test]
    fn what_is_no_command_stays_as_it_was_typed() {
        for line in [
            "opsctl -p redis-up status",
            "opsctl --kubeconfig redis-up status",
            "opsctl redis import redis-up",
            "opsctl dev-vars -- redis-up",
            "opsctl -- redis-up",
            "opsctl redis-single up",
            "opsctl redis-verify",
            "opsctl",
        ] {
            assert_eq!(spelled(line), line);
        }
    }

    #[test]
    fn completion_knows_every_scripts_name() {
        let line = command_line(&crate::stack::all());
        for (noun, verb) in SCRIPTS {
            let script = line.find_subcommand(format!("{noun}-{verb}")).expect("a command");
            assert!(script.is_hide_set());
        }
        line.debug_assert();
    }
}
