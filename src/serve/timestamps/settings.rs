//! The settings: all from the environment, judged together, shown without secrets.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tracing::Level;

/// What all variables begin with.
pub const PREFIX: &str = "TIMESTAMPS_";

/// A text that is shown as `(set)`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(pub String);

impl Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(set)")
    }
}

/// Which redis it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One that keeps its data on a disk: what it answers is acknowledged.
    Single,
    /// The master of an election: acknowledged by the newest epoch, and by this many replicas.
    Elected {
        /// Replicas that must have a write before it counts.
        confirmations: usize,
    },
}

/// Where the password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// There is none.
    None,
    /// It is this one.
    Text(Hidden),
    /// It is in this file, which may change.
    File(PathBuf),
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which environment this is; in every line of the log.
    pub environment: String,
    /// The API's address.
    pub listen: SocketAddr,
    /// The address of health, metrics and the log's level.
    pub ops_listen: SocketAddr,
    /// The redis, as `host:port`.
    pub redis: (String, u16),
    /// Its user; none is the default user.
    pub user: Option<String>,
    /// The user's password.
    pub password: Password,
    /// Which redis it is.
    pub mode: Mode,
    /// Limit of each answer of redis.
    pub redis_timeout: Duration,
    /// Limit of a request, from its headers to its answer.
    pub request_timeout: Duration,
    /// Limit for a request's headers, and for the next request on an idle connection.
    pub header_timeout: Duration,
    /// Limit of a body, in bytes.
    pub body_limit: usize,
    /// Connections at one time.
    pub connections: usize,
    /// How long a connection may live: a client that never ends finds another pod some time.
    pub connection_age: Duration,
    /// How long it still serves after it was told to end, until nobody sends it requests.
    pub drain: Duration,
    /// What is logged.
    pub log: Level,
}

/// A setting: its name without the prefix, its default, what it is. No default: it may be left out.
pub struct Row {
    /// Its name, without the prefix.
    pub name: &'static str,
    /// What it is unless it is set; empty: nothing.
    pub usual: &'static str,
    /// What it is.
    pub about: &'static str,
}

/// All settings there are, in the order in which they are shown.
pub const ROWS: &[Row] = &[
    Row { name: "ENVIRONMENT", usual: "development", about: "named in every line of the log" },
    Row { name: "LISTEN", usual: "0.0.0.0:8080", about: "address of the API" },
    Row {
        name: "OPS_LISTEN",
        usual: "0.0.0.0:8081",
        about: "address of health, metrics and the log's level",
    },
    Row { name: "REDIS", usual: "127.0.0.1:6379", about: "the redis, as host:port" },
    Row { name: "REDIS_USER", usual: "", about: "its user" },
    Row { name: "REDIS_PASSWORD", usual: "", about: "the user's password; better a file" },
    Row {
        name: "REDIS_PASSWORD_FILE",
        usual: "",
        about: "a file with the password; read again when it changes",
    },
    Row { name: "REDIS_MODE", usual: "single", about: "single, or elected: see docs/election.md" },
    Row { name: "REDIS_CONFIRMATIONS", usual: "", about: "elected: replicas that must have a write" },
    Row { name: "REDIS_TIMEOUT", usual: "2s", about: "limit of each answer of redis" },
    Row { name: "REQUEST_TIMEOUT", usual: "5s", about: "limit of a request" },
    Row { name: "HEADER_TIMEOUT", usual: "10s", about: "limit for headers, and of an idle connection" },
    Row { name: "BODY_LIMIT", usual: "16384", about: "limit of a body, in bytes" },
    Row { name: "CONNECTIONS", usual: "8192", about: "connections at one time" },
    Row { name: "CONNECTION_AGE", usual: "5m", about: "how long a connection may live" },
    Row { name: "DRAIN", usual: "5s", about: "how long it serves after SIGTERM" },
    Row { name: "LOG", usual: "info", about: "error, warn, info, debug or trace" },
];

/// Variables of the same prefix that are not the server's: what Kubernetes puts into each pod for a Service of
/// the name, and the address that `opsctl dev-vars` exports.
fn is_others(name: &str) -> bool {
    name == "URL" || name == "PORT" || name.starts_with("PORT_") || name.starts_with("SERVICE_")
}

struct Reader {
    said: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Reader {
    fn text(&self, name: &str) -> Option<String> {
        let usual = ROWS.iter().find(|row| row.name == name).map_or("", |row| row.usual);
        let text = self.said.get(name).map_or(usual, String::as_str);
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn read<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(name, &format!("\"{text}\" {why}"));
                None
            }
        }
    }

    fn wrong(&mut self, name: &str, why: &str) {
        self.wrong.push(format!("{PREFIX}{name}: {why}"));
    }
}

fn of_type<T: FromStr>(what: &'static str) -> impl Fn(&str) -> Result<T, String> {
    move |text| text.parse().map_err(|_| format!("is not {what}"))
}

fn number(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> {
    move |text| match text.parse() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(format!("is not a number from {least} to {most}")),
    }
}

fn time(least: Duration, most: Duration) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(at);
        let factor = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            _ => 0,
        };
        let time = number.parse::<u32>().map(|n| Duration::from_millis(u64::from(n) * factor));
        match time {
            Ok(time) if factor > 0 && (least..=most).contains(&time) => Ok(time),
            _ => Err(format!("is not a time from {least:?} to {most:?}, with ms, s or m")),
        }
    }
}

fn host_port(text: &str) -> Result<(String, u16), String> {
    let wrong = || "is not an address of the form host:port".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    match port.parse() {
        Ok(port) if port > 0 && !host.is_empty() => Ok((host.to_owned(), port)),
        _ => Err(wrong()),
    }
}

fn level(text: &str) -> Result<Level, String> {
    let known = ["error", "warn", "info", "debug", "trace"];
    match text.parse() {
        Ok(level) if known.contains(&text) => Ok(level),
        _ => Err(format!("is none of {}", known.join(", "))),
    }
}

impl Settings {
    /// Reads them from variables. The error names everything that is wrong, a line each.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<String>> {
        let said = variables.into_iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(PREFIX)?.to_owned();
            (!is_others(&name)).then_some((name, value))
        });
        let mut r = Reader { said: said.collect(), wrong: Vec::new() };
        let unknown: Vec<String> =
            r.said.keys().filter(|name| ROWS.iter().all(|row| row.name != **name)).cloned().collect();
        for name in unknown {
            r.wrong(&name, "there is no such setting");
        }
        let (second, hour) = (Duration::from_secs(1), Duration::from_hours(1));
        let least = Duration::from_millis(100);
        let environment = r.read("ENVIRONMENT", |text| Ok(text.to_owned()));
        let listen = r.read("LISTEN", of_type("an address such as 0.0.0.0:8080"));
        let ops_listen = r.read("OPS_LISTEN", of_type("an address such as 0.0.0.0:8081"));
        let redis = r.read("REDIS", host_port);
        let user = r.text("REDIS_USER");
        let password = match (r.text("REDIS_PASSWORD"), r.text("REDIS_PASSWORD_FILE")) {
            (Some(_), Some(_)) => {
                r.wrong("REDIS_PASSWORD_FILE", "the password is set as well; only one of them can be");
                Password::None
            }
            (Some(text), None) => Password::Text(Hidden(text)),
            (None, Some(file)) => Password::File(file.into()),
            (None, None) => Password::None,
        };
        if user.is_some() && password == Password::None {
            r.wrong("REDIS_USER", "a user needs a password");
        }
        let confirmations = r.read("REDIS_CONFIRMATIONS", number(0, 100));
        let mode = r.text("REDIS_MODE").unwrap_or_default();
        let mode = match (mode.as_str(), confirmations) {
            ("single", None) => Some(Mode::Single),
            ("elected", Some(confirmations)) => Some(Mode::Elected { confirmations }),
            ("elected", None) => {
                r.wrong("REDIS_CONFIRMATIONS", "an elected redis needs the number K of its election");
                None
            }
            ("single", Some(_)) => {
                r.wrong(
                    "REDIS_CONFIRMATIONS",
                    "only an elected redis confirms (TIMESTAMPS_REDIS_MODE=elected)",
                );
                None
            }
            (other, _) => {
                let why = format!("\"{other}\" is neither single nor elected");
                r.wrong("REDIS_MODE", &why);
                None
            }
        };
        let redis_timeout = r.read("REDIS_TIMEOUT", time(least, second * 30));
        let request_timeout = r.read("REQUEST_TIMEOUT", time(least, second * 60));
        let header_timeout = r.read("HEADER_TIMEOUT", time(least, hour));
        let body_limit = r.read("BODY_LIMIT", number(256, 1 << 20));
        let connections = r.read("CONNECTIONS", number(1, 1_000_000));
        let connection_age = r.read("CONNECTION_AGE", time(second, hour * 24));
        let drain = r.read("DRAIN", time(Duration::ZERO, second * 300));
        let log = r.read("LOG", level);
        if let (Some(redis), Some(request)) = (redis_timeout, request_timeout)
            && redis >= request
        {
            r.wrong("REQUEST_TIMEOUT", "must be longer than TIMESTAMPS_REDIS_TIMEOUT");
        }
        if listen.is_some() && listen == ops_listen {
            r.wrong("OPS_LISTEN", "must be another address than TIMESTAMPS_LISTEN");
        }
        let all = || {
            Some(Self {
                environment: environment?,
                listen: listen?,
                ops_listen: ops_listen?,
                redis: redis?,
                user,
                password,
                mode: mode?,
                redis_timeout: redis_timeout?,
                request_timeout: request_timeout?,
                header_timeout: header_timeout?,
                body_limit: body_limit?,
                connections: connections?,
                connection_age: connection_age?,
                drain: drain?,
                log: log?,
            })
        };
        match all() {
            Some(settings) if r.wrong.is_empty() => Ok(settings),
            _ => Err(r.wrong),
        }
    }
}

/// The variables' names and values as they count, secrets not shown.
pub fn shown(variables: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let said: BTreeMap<String, String> = variables.into_iter().collect();
    let value = |row: &Row| {
        let name = format!("{PREFIX}{}", row.name);
        let value = said.get(&name).map_or(row.usual, String::as_str);
        let shown = if row.name.ends_with("PASSWORD") && !value.is_empty() { "(set)" } else { value };
        (name, shown.to_owned())
    };
    ROWS.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (format!("{PREFIX}{name}"), (*value).to_owned())).collect()
    }

    fn of(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::of(variables(pairs))
    }

    #[test]
    fn nothing_set_is_a_server_for_this_machine() {
        let settings = of(&[]).unwrap();
        assert_eq!(settings.listen.port(), 8080);
        assert_eq!((settings.mode, settings.password), (Mode::Single, Password::None));
        assert_eq!(settings.log, Level::INFO);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let wrong = of(&[
            ("LISTEN", "8080"),
            ("REDIS", "redis"),
            ("REDIS_MODE", "sentinel"),
            ("REDIS_TIMEOUT", "10s"),
            ("LOG", "loud"),
            ("CONNECTIONS", "0"),
            ("DRAIN", "5"),
            ("COLOUR", "red"),
        ])
        .unwrap_err();
        for name in
            ["LISTEN", "REDIS", "REDIS_MODE", "REQUEST_TIMEOUT", "LOG", "CONNECTIONS", "DRAIN", "COLOUR"]
        {
            let told = wrong.iter().filter(|line| line.starts_with(&format!("{PREFIX}{name}: "))).count();
            assert_eq!(told, 1, "{name}: {wrong:#?}");
        }
        assert_eq!(wrong.len(), 8, "{wrong:#?}");
    }

    #[test]
    fn settings_that_contradict_one_another_are_wrong() {
        for (pairs, word) in [
            (&[("REDIS_MODE", "elected")][..], "needs the number K"),
            (&[("REDIS_CONFIRMATIONS", "2")], "only an elected redis"),
            (&[("REDIS_PASSWORD", "x"), ("REDIS_PASSWORD_FILE", "/x")], "only one of them"),
            (&[("REDIS_USER", "me")], "needs a password"),
            (&[("OPS_LISTEN", "0.0.0.0:8080")], "another address"),
        ] {
            let wrong = of(pairs).unwrap_err();
            assert!(wrong.len() == 1 && wrong[0].contains(word), "{wrong:?}");
        }
        let elected = of(&[("REDIS_MODE", "elected"), ("REDIS_CONFIRMATIONS", "2")]).unwrap();
        assert_eq!(elected.mode, Mode::Elected { confirmations: 2 });
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let pairs = [("REDIS_USER", "me"), ("REDIS_PASSWORD", "hunter2")];
        let settings = of(&pairs).unwrap();
        let shown = shown(variables(&pairs));
        assert!(!format!("{settings:?}{shown:?}").contains("hunter2"));
        assert!(shown.contains(&("TIMESTAMPS_REDIS_PASSWORD".into(), "(set)".into())));
        let wrong = of(&[("REDIS_PASSWORD", "hunter2"), ("REDIS_PASSWORD_FILE", "/x")]).unwrap_err();
        assert!(!format!("{wrong:?}").contains("hunter2"));
    }

    #[test]
    fn what_kubernetes_and_dev_vars_set_is_not_taken_for_a_setting() {
        let theirs = [("SERVICE_HOST", "10.0.0.1"), ("PORT", "tcp://10.0.0.1:80"), ("URL", "http://x")];
        assert!(of(&theirs).is_ok());
    }

    #[test]
    fn every_row_is_read() {
        for row in ROWS {
            // A value that none of them takes, but for those that take any text.
            let wrong = of(&[(row.name, "\u{7f}:")]);
            let any = ["ENVIRONMENT", "REDIS_PASSWORD", "REDIS_PASSWORD_FILE"];
            assert_eq!(wrong.is_ok(), any.contains(&row.name), "{}", row.name);
        }
    }
}
