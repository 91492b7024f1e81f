//! Assignments as each shell reads them, every value quoted for that shell.

use std::path::Path;

use super::{MASTER, SLAVE, TIMESTAMPS, Vars};
use crate::context::variable;

/// A shell that can evaluate the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// sh, dash, ksh: anything POSIX
    Sh,
    /// fish
    Fish,
    /// PowerShell
    #[value(alias = "pwsh")]
    Powershell,
}

/// How the variables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// To be evaluated by this shell.
    Shell(Shell),
    /// `NAME=value` lines, as docker and many libraries read them from `.env`.
    Dotenv,
    /// One JSON object.
    Json,
}

impl Shell {
    /// The shell this is most likely run from: the parent process, else `SHELL`, else what the system has.
    pub fn detect() -> Self {
        let parent = parent_name();
        let login = variable("SHELL");
        Self::of(parent.as_deref(), login.as_deref(), cfg!(windows))
    }

    fn of(parent: Option<&str>, login: Option<&str>, windows: bool) -> Self {
        let fallback = if windows { Self::Powershell } else { Self::Sh };
        let known = |name: &str| Self::by_name(Path::new(name).file_name()?.to_str()?);
        parent.and_then(known).or_else(|| login.and_then(known)).unwrap_or(fallback)
    }

    fn by_name(name: &str) -> Option<Self> {
        let name = name.trim_start_matches('-');
        match name.strip_suffix(".exe").unwrap_or(name) {
            "bash" | "rbash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "sh" | "dash" | "ash" | "ksh" | "mksh" => Some(Self::Sh),
            "fish" => Some(Self::Fish),
            "pwsh" | "powershell" => Some(Self::Powershell),
            _ => None,
        }
    }
}

/// The name of the parent process, on systems with `/proc`.
#[cfg(unix)]
fn parent_name() -> Option<String> {
    let file = format!("/proc/{}/comm", std::os::unix::process::parent_id());
    Some(std::fs::read_to_string(file).ok()?.trim().to_owned())
}

#[cfg(not(unix))]
fn parent_name() -> Option<String> {
    None
}

/// The variables as text, one a line.
pub fn render(vars: &Vars, form: Form) -> String {
    let lines = |line: &dyn Fn(&str, &str) -> String| {
        vars.pairs().into_iter().map(|(name, value)| line(name, value)).collect::<Vec<_>>().join("\n")
    };
    match form {
        Form::Shell(Shell::Bash | Shell::Zsh | Shell::Sh) => {
            lines(&|name, value| format!("export {name}={}", posix(value)))
        }
        Form::Shell(Shell::Fish) => lines(&|name, value| format!("set -gx {name} {};", fish(value))),
        Form::Shell(Shell::Powershell) => {
            lines(&|name, value| format!("$Env:{name} = {}", powershell(value)))
        }
        Form::Dotenv => lines(&|name, value| format!("{name}={}", dotenv(value))),
        // A map of texts always becomes JSON.
        Form::Json => {
            let map: serde_json::Map<_, _> =
                vars.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            serde_json::to_string_pretty(&map).unwrap_or_default()
        }
    }
}

/// The inverse: what takes the variables away again.
pub fn render_unset(shell: Shell) -> String {
    let line = |name| match shell {
        Shell::Bash | Shell::Zsh | Shell::Sh => format!("unset {name}"),
        Shell::Fish => format!("set -e {name};"),
        Shell::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
    };
    [MASTER, SLAVE, TIMESTAMPS].map(line).join("\n")
}

/// Characters that mean nothing to any shell anywhere in a word.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "._:-/".contains(c))
}

fn posix(value: &str) -> String {
    if is_plain(value) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

fn fish(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// PowerShell also ends a string at typographic quotes; each doubled stands for itself.
fn powershell(value: &str) -> String {
    let mut text = String::from("'");
    for c in value.chars() {
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            text.push(c);
        }
        text.push(c);
    }
    text.push('\'');
    text
}

fn dotenv(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    // Single quotes are literal wherever they are known; only what cannot stand in them needs escapes.
    if !value.contains(['\'', '\n', '\r', '\\']) {
        return format!("'{value}'");
    }
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\\' | '"' | '$' | '`' => text.extend(['\\', c]),
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn vars(value: &str) -> Vars {
        Vars { redis: Some((value.to_owned(), "192.168.49.2:32401".to_owned())), timestamps: None }
    }

    /// Values that a careless quoting would run, split, expand or lose.
    const HOSTILE: [&str; 12] = [
        "",
        " a  b ",
        "$(touch /tmp/never) `id` $HOME ${IFS}",
        "it's 'quoted' ''",
        r#"say "x" \ \\ \' \n"#,
        "a;b|c&d>e<f#g!h*i?j[k]l{m}n~o(p)",
        "=ls",
        "~root",
        "two\nlines\n\nand more",
        "tab\tand\rreturn",
        "ünï ‘curly’ ‚low‛",
        "-n",
    ];

    /// What a child of the shell sees after the shell evaluated the text.
    fn seen_by(program: &str, text: &str, report: &str) -> Vec<u8> {
        let script = format!("{text}\n{report}");
        let output = Command::new(program).args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[test]
    fn hostile_values_arrive_unchanged_in_a_real_shell() {
        for shell in ["sh", "bash", "zsh", "fish"] {
            if which::which(shell).is_err() {
                // sh and bash are wherever these tests run; the others where somebody has them.
                assert!(!matches!(shell, "sh" | "bash"), "{shell} is missing");
                continue;
            }
            let form = Form::Shell(Shell::by_name(shell).unwrap());
            for value in HOSTILE {
                let seen = seen_by(shell, &render(&vars(value), form), &format!("printenv {MASTER}"));
                assert_eq!(String::from_utf8_lossy(&seen), format!("{value}\n"), "{shell}");
            }
        }
    }

    #[test]
    fn unset_is_the_inverse_in_a_real_shell() {
        for shell in [Shell::Sh, Shell::Bash] {
            let text = format!("{}\n{}", render(&vars("x"), Form::Shell(shell)), render_unset(shell));
            let name = if shell == Shell::Bash { "bash" } else { "sh" };
            assert_eq!(seen_by(name, &text, "printenv | grep REDIS_ || true"), b"");
        }
    }

    #[test]
    fn ordinary_values_are_written_as_a_person_would() {
        let vars = vars("192.168.49.2:32400");
        insta::assert_snapshot!(render(&vars, Form::Shell(Shell::Bash)), @r"
        export REDIS_MASTER_HOST_PORT=192.168.49.2:32400
        export REDIS_SLAVE_HOST_PORT=192.168.49.2:32401
        ");
        insta::assert_snapshot!(render(&vars, Form::Shell(Shell::Fish)), @r"
        set -gx REDIS_MASTER_HOST_PORT 192.168.49.2:32400;
        set -gx REDIS_SLAVE_HOST_PORT 192.168.49.2:32401;
        ");
        insta::assert_snapshot!(render(&vars, Form::Shell(Shell::Powershell)), @r"
        $Env:REDIS_MASTER_HOST_PORT = '192.168.49.2:32400'
        $Env:REDIS_SLAVE_HOST_PORT = '192.168.49.2:32401'
        ");
        insta::assert_snapshot!(render(&vars, Form::Dotenv), @r"
        REDIS_MASTER_HOST_PORT=192.168.49.2:32400
        REDIS_SLAVE_HOST_PORT=192.168.49.2:32401
        ");
        insta::assert_snapshot!(render(&vars, Form::Json), @r#"
        {
          "REDIS_MASTER_HOST_PORT": "192.168.49.2:32400",
          "REDIS_SLAVE_HOST_PORT": "192.168.49.2:32401"
        }
        "#);
        insta::assert_snapshot!(render_unset(Shell::Fish), @r"
        set -e REDIS_MASTER_HOST_PORT;
        set -e REDIS_SLAVE_HOST_PORT;
        set -e TIMESTAMPS_URL;
        ");
        insta::assert_snapshot!(render_unset(Shell::Powershell), @r"
        Remove-Item Env:REDIS_MASTER_HOST_PORT -ErrorAction SilentlyContinue
        Remove-Item Env:REDIS_SLAVE_HOST_PORT -ErrorAction SilentlyContinue
        Remove-Item Env:TIMESTAMPS_URL -ErrorAction SilentlyContinue
        ");
    }

    #[test]
    fn quoting_follows_each_language() {
        assert_eq!(posix("[::1]:1"), "'[::1]:1'");
        assert_eq!(posix("it's"), r"'it'\''s'");
        assert_eq!(fish(r"it's a\b"), r"'it\'s a\\b'");
        assert_eq!(powershell("it's $x ’"), "'it''s $x ’’'");
        assert_eq!(dotenv("a b"), "'a b'");
        assert_eq!(dotenv("it's\n$x"), r#""it's\n\$x""#);
    }

    #[test]
    fn json_survives_hostile_values() {
        for value in HOSTILE {
            let json: serde_json::Value = serde_json::from_str(&render(&vars(value), Form::Json)).unwrap();
            assert_eq!(json[MASTER], value);
        }
    }

    #[test]
    fn the_parent_decides_then_the_login_shell_then_the_system() {
        assert_eq!(Shell::of(Some("fish"), Some("/bin/bash"), false), Shell::Fish);
        assert_eq!(Shell::of(Some("-zsh"), None, false), Shell::Zsh);
        assert_eq!(Shell::of(Some("make"), Some("/usr/bin/fish"), false), Shell::Fish);
        assert_eq!(Shell::of(Some("sudo"), Some("/bin/unheard"), false), Shell::Sh);
        assert_eq!(Shell::of(None, None, true), Shell::Powershell);
        assert_eq!(Shell::of(Some("dash"), None, false), Shell::Sh);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_parent_process_has_a_name() {
        assert!(parent_name().is_some_and(|name| !name.is_empty()));
    }
}
