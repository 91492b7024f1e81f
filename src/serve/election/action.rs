//! What to do when the role changes: a command, a signal to the service, or an HTTP call.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::serve::children::{Own, send};
use crate::serve::http_call;

/// What to do when the role changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run this; it gets `ELECTION_ROLE`, `ELECTION_EPOCH`, `ELECTION_LEADER` and `ELECTION_ADDRESS`.
    Exec(Vec<String>),
    /// Send this signal to the service.
    Signal(i32),
    /// POST to this address, with the same as query parameters.
    Post {
        /// Host and port.
        authority: String,
        /// Path, with or without a query.
        path: String,
    },
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(command) = text.strip_prefix("exec:") {
            let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
            return if words.is_empty() {
                Err("exec: needs a command".into())
            } else {
                Ok(Self::Exec(words))
            };
        }
        if let Some(name) = text.strip_prefix("signal:") {
            return signal(name)
                .map(Self::Signal)
                .ok_or_else(|| format!("{name} is not a signal, such as HUP, USR1 or TERM"));
        }
        if let Some(rest) = text.strip_prefix("http://") {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            return match authority.rsplit_once(':') {
                Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                    Ok(Self::Post { authority: authority.into(), path: format!("/{path}") })
                }
                _ => Err("an address such as http://127.0.0.1:8000/role needs a port".into()),
            };
        }
        Err("use exec:COMMAND, signal:NAME or http://HOST:PORT/PATH".into())
    }
}

fn signal(name: &str) -> Option<i32> {
    Some(match name.strip_prefix("SIG").unwrap_or(name) {
        "HUP" => 1,
        "INT" => 2,
        "USR1" => 10,
        "USR2" => 12,
        "TERM" => 15,
        "CONT" => 18,
        _ => return None,
    })
}

/// What an action is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// `leading`, `following` or `idle`.
    pub role: &'static str,
    /// The epoch.
    pub epoch: u64,
    /// The leader's pod, empty without one.
    pub leader: String,
    /// Its address.
    pub address: String,
}

impl Action {
    /// Does it. `service` is the service's process; an HTTP call gets an answer within `limit`.
    pub async fn run(&self, told: &Told, service: Option<u32>, limit: Duration) -> Result<()> {
        match self {
            Self::Exec(words) => {
                let mut command = Command::new(&words[0]);
                command
                    .args(&words[1..])
                    .env("ELECTION_ROLE", told.role)
                    .env("ELECTION_EPOCH", told.epoch.to_string())
                    .env("ELECTION_LEADER", &told.leader)
                    .env("ELECTION_ADDRESS", &told.address);
                // Given up, it ends with all that it started: half of a promotion must not outlive the right.
                let status = async { Own::start(&mut command, true)?.wait().await };
                let status = status.await.with_context(|| format!("could not run {}", words[0]))?;
                if !status.success() {
                    bail!("{} ended with {status}", words[0]);
                }
            }
            Self::Signal(number) => {
                if let Some(pid) = service {
                    send(pid, *number)?;
                }
            }
            Self::Post { authority, path } => {
                let mark = if path.contains('?') { '&' } else { '?' };
                let Told { role, epoch, leader, address } = told;
                let path = format!("{path}{mark}role={role}&epoch={epoch}&leader={leader}&address={address}");
                let answer = http_call::post(authority, &path, limit).await?;
                if !(200..300).contains(&answer.status) {
                    bail!("http://{authority}{path} answered {}", answer.status);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_or_refused_with_a_hint() {
        assert_eq!("signal:SIGUSR1".parse(), Ok(Action::Signal(10)));
        assert_eq!(
            "exec:/bin/promote now".parse(),
            Ok(Action::Exec(vec!["/bin/promote".into(), "now".into()]))
        );
        assert_eq!(
            "http://127.0.0.1:9/a?b=c".parse(),
            Ok(Action::Post { authority: "127.0.0.1:9".into(), path: "/a?b=c".into() })
        );
        for bad in ["", "exec:", "signal:WHAT", "http://x/", "https://x:1/", "promote"] {
            assert!(bad.parse::<Action>().is_err(), "{bad}");
        }
    }
}
