//! What to do next: a value, which the printer writes for the cluster and the command line at hand.

use std::fmt;

use serde::{Serialize, Serializer};

/// A way on: mostly a command to type, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    way: Way,
    /// The cluster that it names by itself; none: the one that this command is for.
    cluster: Option<String>,
    then: Option<Box<Next>>,
    remark: Option<String>,
}

/// What a way on consists of. Words are ready for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// A command of opsctl, and what a shell reads before and behind it.
    Opsctl { before: &'static str, words: String, behind: &'static str },
    /// A command of kubectl.
    Kubectl(String),
    /// Any other command.
    Shell(String),
    /// What was typed, with more flags, and with variables set before it.
    Again { variables: String, flags: String },
    /// No command.
    Advice(String),
}

/// A command of opsctl, such as `redis up`.
pub fn opsctl(words: impl Into<String>) -> Next {
    Way::Opsctl { before: "", words: words.into(), behind: "" }.into()
}

/// The same, run by root.
pub fn sudo_opsctl(words: impl Into<String>) -> Next {
    Way::Opsctl { before: "sudo ", words: words.into(), behind: "" }.into()
}

/// What puts the variables of `opsctl dev-vars` into the shell.
pub fn eval_dev_vars() -> Next {
    Way::Opsctl { before: "eval \"$(", words: "dev-vars".into(), behind: ")\"" }.into()
}

/// A command of kubectl, such as `-n redis get pods`.
pub fn kubectl(words: impl Into<String>) -> Next {
    Way::Kubectl(words.into()).into()
}

/// A command that is neither opsctl's nor kubectl's.
pub fn shell(line: impl Into<String>) -> Next {
    Way::Shell(line.into()).into()
}

/// What was typed, once more.
pub fn again() -> Next {
    Way::Again { variables: String::new(), flags: String::new() }.into()
}

/// What no single command does.
pub fn advice(text: impl Into<String>) -> Next {
    Way::Advice(text.into()).into()
}

impl From<Way> for Next {
    fn from(way: Way) -> Self {
        Self { way, cluster: None, then: None, remark: None }
    }
}

/// What the printer knows of the command line.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// What was typed, its words ready for a shell; none where that is not known.
    pub words: Vec<String>,
    /// The flag that names another cluster than the default one, such as `-p work`, for opsctl.
    pub opsctl: Option<String>,
    /// The same for kubectl.
    pub kubectl: Option<String>,
}

impl Next {
    /// The same with flags more: only for [`again`].
    #[must_use]
    pub fn with(mut self, more: impl AsRef<str>) -> Self {
        if let Way::Again { flags, .. } = &mut self.way {
            flags.push(' ');
            flags.push_str(more.as_ref());
        }
        self
    }

    /// The same with variables set, such as `NAME=value`: only for [`again`].
    #[must_use]
    pub fn where_set(mut self, more: impl AsRef<str>) -> Self {
        if let Way::Again { variables, .. } = &mut self.way {
            variables.push_str(more.as_ref());
            variables.push(' ');
        }
        self
    }

    /// The same for the cluster of another profile.
    #[must_use]
    pub fn of(self, profile: impl Into<String>) -> Self {
        Self { cluster: Some(profile.into()), ..self }
    }

    /// The same, and once that has succeeded another one.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self { then: Some(Box::new(next)), ..self }
    }

    /// What it is good for: `go back` is written as `to go back`.
    #[must_use]
    pub fn to(self, purpose: impl fmt::Display) -> Self {
        self.remark(format!("to {purpose}"))
    }

    /// When, or with what effect.
    #[must_use]
    pub fn remark(self, remark: impl Into<String>) -> Self {
        Self { remark: Some(remark.into()), ..self }
    }

    /// Whether it can be typed.
    pub fn is_command(&self) -> bool {
        !matches!(self.way, Way::Advice(_))
    }

    /// What to type, without the reason.
    pub fn command(&self, typed: &Typed) -> String {
        match &self.then {
            Some(next) => format!("{} && {}", self.alone(typed), next.command(typed)),
            None => self.alone(typed),
        }
    }

    fn alone(&self, typed: &Typed) -> String {
        let named = |flag: &str, usual: &Option<String>| match (&self.cluster, usual) {
            (Some(name), _) => format!("{flag} {name} "),
            (None, Some(usual)) => format!("{usual} "),
            (None, None) => String::new(),
        };
        match &self.way {
            Way::Opsctl { before, words, behind } => {
                format!("{before}opsctl {}{words}{behind}", named("--profile", &typed.opsctl))
            }
            Way::Kubectl(words) => format!("kubectl {}{words}", named("--context", &typed.kubectl)),
            Way::Shell(line) | Way::Advice(line) => line.clone(),
            Way::Again { variables, flags } if typed.words.is_empty() => {
                format!("{variables}the same command{}", if flags.is_empty() { " again" } else { flags })
            }
            Way::Again { variables, flags } => {
                // What follows `--` is not for opsctl.
                let end = typed.words.iter().position(|word| word == "--").unwrap_or(typed.words.len());
                let (ours, theirs) = typed.words.split_at(end);
                let theirs = theirs.iter().fold(String::new(), |all, word| all + " " + word);
                format!("{variables}{}{flags}{theirs}", ours.join(" "))
            }
        }
    }

    /// What to type, and why: as a comment, so that the whole line can be typed.
    pub fn line(&self, typed: &Typed) -> String {
        match &self.remark {
            Some(remark) => format!("{}  # {remark}", self.command(typed)),
            None => self.command(typed),
        }
    }
}

/// As for the default cluster.
impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(&Typed::default()))
    }
}

/// As the command alone: a script has no use for the reason.
impl Serialize for Next {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.command(&Typed::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> Typed {
        Typed {
            words: ["opsctl", "-p", "work", "redis", "cli", "--", "dbsize"].map(str::to_owned).to_vec(),
            opsctl: Some("-p work".into()),
            kubectl: Some("--context work".into()),
        }
    }

    #[test]
    fn a_command_names_the_cluster_that_the_typed_one_was_for() {
        for (next, line) in [
            (opsctl("redis up"), "opsctl -p work redis up"),
            (sudo_opsctl("check --fix"), "sudo opsctl -p work check --fix"),
            (eval_dev_vars(), "eval \"$(opsctl -p work dev-vars)\""),
            (kubectl("-n redis get pods"), "kubectl --context work -n redis get pods"),
            (opsctl("up").of("other"), "opsctl --profile other up"),
            (kubectl("get nodes").of("other"), "kubectl --context other get nodes"),
            (shell("sudo systemctl start docker"), "sudo systemctl start docker"),
        ] {
            assert_eq!(next.line(&work()), line);
        }
        assert_eq!(opsctl("up").of("other").to_string(), "opsctl --profile other up");
        assert_eq!(kubectl("get nodes").to_string(), "kubectl get nodes");
    }

    #[test]
    fn what_was_typed_is_repeated_as_it_was_with_flags_before_what_is_not_for_opsctl() {
        let next = again().with("--yes").where_set("A=1");
        assert_eq!(next.line(&work()), "A=1 opsctl -p work redis cli --yes -- dbsize");
        assert_eq!(next.to_string(), "A=1 the same command --yes");
        assert_eq!(again().to_string(), "the same command again");
    }

    #[test]
    fn a_command_that_waits_for_another_is_on_the_same_line_and_names_the_cluster_too() {
        let next = opsctl("redis clean").then(again()).remark("when the file is mended");
        assert_eq!(
            next.to_string(),
            "opsctl redis clean && the same command again  # when the file is mended"
        );
        let next = opsctl("redis down").then(opsctl("redis up"));
        assert_eq!(next.line(&work()), "opsctl -p work redis down && opsctl -p work redis up");
    }

    #[test]
    fn a_reason_is_written_for_people_only() {
        let next = opsctl("undo").to("go back");
        assert_eq!(next.to_string(), "opsctl undo  # to go back");
        assert_eq!(serde_json::to_value(&next).unwrap(), "opsctl undo");
    }
}
