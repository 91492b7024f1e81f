//! haproxy as the balancer drives it: its configuration, and its runtime socket.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::slots::{Order, Slot};

/// The backend in [`config`], and the one with the same servers for when none of them passes its checks.
const BACKEND: &str = "web";
const UNCHECKED: &str = "unchecked";
/// The address of a slot that is free. It is disabled, so nobody is sent there.
const NOWHERE: &str = "127.0.0.1:1";
/// The most that an answer of haproxy's may take; it answers in milliseconds.
const LIMIT: Duration = Duration::from_millis(500);
/// Orders in one line of the socket, which must fit into a buffer of 16 KiB.
const BATCH: usize = 50;

/// What the configuration depends on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The balancer's name, told in each answer.
    pub name: String,
    /// The port for requests.
    pub listen: u16,
    /// The port of the statistics page.
    pub stats: u16,
    /// The page without any server, as a file in haproxy's form.
    pub page503: PathBuf,
    /// Threads of the process.
    pub threads: u16,
    /// Connections at once; more wait in the kernel.
    pub connections: u32,
    /// How long a process that was replaced may go on.
    pub hard_stop: Duration,
    /// From one check of a server to the next.
    pub every: Duration,
}

/// The configuration of a process with these slots, and its runtime socket. It holds the addresses itself: haproxy's
/// own files of the servers' state do not bring addresses back.
pub fn config(settings: &Settings, socket: &Path, slots: &[Slot]) -> String {
    let mut servers = String::new();
    for (i, slot) in slots.iter().enumerate() {
        let name = name(i);
        let _ = match slot {
            Slot::Serves(address) => writeln!(servers, "    server {name} {address}"),
            Slot::Free | Slot::Drains(_) => writeln!(servers, "    server {name} {NOWHERE} disabled"),
        };
    }
    let words = [
        ("{socket}", socket.display().to_string()),
        ("{page503}", settings.page503.display().to_string()),
        ("{name}", settings.name.clone()),
        ("{listen}", settings.listen.to_string()),
        ("{stats}", settings.stats.to_string()),
        ("{threads}", settings.threads.to_string()),
        ("{connections}", settings.connections.to_string()),
        ("{hard_stop}", settings.hard_stop.as_millis().to_string()),
        ("{every}", settings.every.as_millis().to_string()),
        ("{servers}", servers),
    ];
    let text = include_str!("haproxy.cfg").to_owned();
    words.iter().fold(text, |text, (word, value)| text.replace(word, value))
}

/// A slot's name in haproxy.
fn name(slot: usize) -> String {
    format!("s{}", slot + 1)
}

/// The commands of an order, for both backends.
fn commands(order: Order) -> String {
    let set = |slot: usize, what: &str| {
        [UNCHECKED, BACKEND].map(|backend| format!("set server {backend}/{} {what}", name(slot))).join(";")
    };
    match order {
        Order::Fill(slot, address) => {
            let at = set(slot, &format!("addr {} port {}", address.ip(), address.port()));
            format!("{at};{}", set(slot, "state ready"))
        }
        Order::Resume(slot) => set(slot, "state ready"),
        Order::Drain(slot) => set(slot, "state drain"),
        Order::Free(slot) => set(slot, "state maint"),
    }
}

/// What haproxy says of a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Where it leads.
    pub address: Option<SocketAddr>,
    /// Requests under way, those that came without a check among them.
    pub sessions: Option<u64>,
    /// Its state, such as `UP`, `UP 2/3`, `DOWN`, `NOLB`, `DRAIN`, `MAINT`.
    pub status: String,
    /// What the newest check came to, such as `L7OK`.
    pub check: String,
}

impl Stat {
    /// A check has passed since it has this address, and none has failed since.
    pub fn passes(&self) -> bool {
        self.status == "UP"
    }

    /// It is not down yet: a check may have failed, or none was made.
    pub fn is_up(&self) -> bool {
        self.status.starts_with("UP")
    }

    /// The server said that it wants no more requests.
    pub fn leaves(&self) -> bool {
        self.status.starts_with("NOLB")
    }
}

/// The runtime socket of one process.
#[derive(Clone, Debug)]
pub struct Runtime {
    path: PathBuf,
}

impl Runtime {
    /// The socket at that path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the slots are, in their order.
    pub async fn stats(&self) -> Result<Vec<Stat>> {
        stats(&self.ask("show stat -1 4 -1").await?)
    }

    /// Carries orders out. haproxy words its refusals as freely as its successes: whether a slot has its address is
    /// seen in [`stats`](Self::stats) alone.
    pub async fn carry_out(&self, orders: &[Order]) -> Result<()> {
        for some in orders.chunks(BATCH) {
            let line: Vec<_> = some.iter().map(|order| commands(*order)).collect();
            let said = self.ask(&line.join(";")).await?;
            let refused = ["No such server", "Unknown command", "Invalid", "Permission denied"];
            if let Some(line) = said.lines().find(|line| refused.iter().any(|word| line.contains(word))) {
                bail!("haproxy refused: {line}");
            }
        }
        Ok(())
    }

    /// Hands on what was known of servers before this process: without it, one slow check is enough to be down.
    pub async fn hand_on(&self, health: &[(usize, bool)]) -> Result<()> {
        for some in health.chunks(BATCH) {
            let word = |up: bool| if up { "up" } else { "down" };
            let line = some
                .iter()
                .map(|(slot, up)| format!("set server {BACKEND}/{} health {}", name(*slot), word(*up)));
            self.ask(&line.collect::<Vec<_>>().join(";")).await?;
        }
        Ok(())
    }

    async fn ask(&self, commands: &str) -> Result<String> {
        let exchange = async {
            let mut socket = UnixStream::connect(&self.path).await?;
            socket.write_all(format!("{commands}\n").as_bytes()).await?;
            let mut text = String::new();
            socket.read_to_string(&mut text).await?;
            std::io::Result::Ok(text)
        };
        let told = || format!("asking haproxy at {}", self.path.display());
        tokio::time::timeout(LIMIT, exchange).await.with_context(told)?.with_context(told)
    }
}

/// The slots in the answer to `show stat`, whose columns are found by their names: each version has more of them.
fn stats(text: &str) -> Result<Vec<Stat>> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().and_then(|line| line.strip_prefix("# ")).context("no header")?;
    let columns: Vec<&str> = header.split(',').collect();
    let column = |name: &str| {
        columns.iter().position(|c| *c == name).with_context(|| format!("haproxy tells no {name}"))
    };
    let [proxy, server, sessions, status, check, address] =
        ["pxname", "svname", "scur", "status", "check_status", "addr"].map(column);
    let (proxy, server, sessions, status, check, address) =
        (proxy?, server?, sessions?, status?, check?, address?);
    let (mut all, mut unchecked) = (Vec::new(), Vec::new());
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let of_backend = match field(proxy) {
            BACKEND => &mut all,
            UNCHECKED => &mut unchecked,
            _ => continue,
        };
        ensure!(
            field(server) == name(of_backend.len()),
            "haproxy's servers are out of order at {}",
            field(server)
        );
        of_backend.push(Stat {
            address: field(address).parse().ok(),
            sessions: field(sessions).parse().ok(),
            status: field(status).to_owned(),
            // A star says that a check is under way.
            check: field(check).trim_start_matches("* ").to_owned(),
        });
    }
    ensure!(all.len() == unchecked.len(), "haproxy has {} and {} servers", all.len(), unchecked.len());
    for (stat, same) in all.iter_mut().zip(unchecked) {
        stat.sessions = stat.sessions.zip(same.sessions).map(|(some, others)| some + others);
        // Two that differ are as good as none: the slot is filled again.
        stat.address = stat.address.filter(|address| same.address == Some(*address));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixListener;

    use super::*;

    const HEADER: &str = "# pxname,svname,qcur,scur,status,check_status,addr,";

    /// A haproxy that gives these answers, and what it was asked.
    fn fake(answers: Vec<String>) -> (Runtime, tokio::task::JoinHandle<Vec<String>>, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let asked = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut text = Vec::new();
                while !text.ends_with(b"\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).await.unwrap();
                    text.push(byte[0]);
                }
                asked.push(String::from_utf8(text).unwrap());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        });
        (Runtime::at(path), asked, dir)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn orders_become_commands_of_the_runtime_socket() {
        // haproxy also talks where all went well.
        let (runtime, asked, _dir) = fake(vec!["IP changed from '127.0.0.1' to '10.0.0.5'\n\n".into()]);
        let orders =
            [Order::Fill(0, address("10.0.0.5:8080")), Order::Drain(1), Order::Free(2), Order::Resume(3)];
        runtime.carry_out(&orders).await.unwrap();
        assert_eq!(
            asked.await.unwrap(),
            ["set server unchecked/s1 addr 10.0.0.5 port 8080;set server web/s1 addr 10.0.0.5 port 8080;\
              set server unchecked/s1 state ready;set server web/s1 state ready;\
              set server unchecked/s2 state drain;set server web/s2 state drain;\
              set server unchecked/s3 state maint;set server web/s3 state maint;\
              set server unchecked/s4 state ready;set server web/s4 state ready\n"]
        );
    }

    #[tokio::test]
    async fn a_new_process_is_told_who_was_up_and_who_was_down() {
        let (runtime, asked, _dir) = fake(vec![String::new()]);
        runtime.hand_on(&[(0, true), (2, false)]).await.unwrap();
        assert_eq!(asked.await.unwrap(), ["set server web/s1 health up;set server web/s3 health down\n"]);
    }

    #[tokio::test]
    async fn many_orders_go_in_lines_that_haproxy_can_hold() {
        let orders: Vec<_> = (0..120)
            .map(|i| Order::Fill(i, address("[fd00:1111:2222:3333:4444:5555:6666:7777]:8080")))
            .collect();
        let (runtime, asked, _dir) = fake(vec![String::new(); 3]);
        runtime.carry_out(&orders).await.unwrap();
        assert!(asked.await.unwrap().iter().all(|line| line.len() < 16_000));
    }

    #[tokio::test]
    async fn a_refusal_is_an_error_and_so_is_silence() {
        let (runtime, _asked, _dir) = fake(vec!["\nNo such server.\n\n".into()]);
        let error = runtime.carry_out(&[Order::Drain(9)]).await.unwrap_err();
        assert!(error.to_string().contains("No such server"), "{error}");
        let dir = tempfile::tempdir().unwrap();
        let _silent = UnixListener::bind(dir.path().join("socket")).unwrap();
        assert!(Runtime::at(dir.path().join("socket")).stats().await.is_err());
        assert!(Runtime::at(dir.path().join("none")).stats().await.is_err());
    }

    #[tokio::test]
    async fn columns_are_found_by_name_and_other_proxies_left_out() {
        let text = format!(
            "{HEADER}\nweb,s1,0,2,UP,* L7OK,10.0.0.5:8080,\nweb,s2,0,0,UP 1/3,INI,10.0.0.6:8080,\n\
             web,s3,0,,MAINT,,127.0.0.1:1,\nunchecked,s1,0,1,no check,,10.0.0.5:8080,\n\
             unchecked,s2,0,0,no check,,10.0.0.7:8080,\nunchecked,s3,0,0,MAINT,,127.0.0.1:1,\nstats,x,0,0,UP,,,\n\n"
        );
        let (runtime, _asked, _dir) = fake(vec![text]);
        let all = runtime.stats().await.unwrap();
        assert_eq!(all.len(), 3);
        assert!(all[0].passes() && all[0].sessions == Some(3) && all[0].check == "L7OK");
        assert_eq!(all[0].address, Some(address("10.0.0.5:8080")));
        assert_eq!((all[1].address, all[1].sessions), (None, Some(0)), "it leads to two places");
        assert!(!all[1].passes() && all[1].is_up(), "no check was made yet");
        assert!(!all[2].is_up() && all[2].sessions.is_none());
    }

    #[test]
    fn what_is_no_answer_to_show_stat_is_an_error() {
        for text in ["", "Permission denied", "# pxname,svname\nweb,s1\n"] {
            assert!(stats(text).is_err(), "{text}");
        }
        assert!(stats(&format!("{HEADER}\nweb,s2,0,0,UP,L7OK,10.0.0.5:8080,\n")).is_err(), "out of order");
    }

    #[test]
    fn a_configuration_has_every_slot_and_no_word_left_open() {
        let settings = Settings {
            name: "b-1".into(),
            listen: 8080,
            stats: 8404,
            page503: "/run/web/503.http".into(),
            threads: 1,
            connections: 100,
            hard_stop: Duration::from_secs(2),
            every: Duration::from_millis(300),
        };
        let slots =
            [Slot::Serves(address("10.0.0.5:8080")), Slot::Free, Slot::Drains(address("10.0.0.6:8080"))];
        let text = config(&settings, Path::new("/run/web/1.sock"), &slots);
        let servers = "    server s1 10.0.0.5:8080\n    server s2 127.0.0.1:1 disabled\n    server s3 127.0.0.1:1 disabled\n";
        assert_eq!(text.matches(servers).count(), 2, "with checks, and without");
        // Without it no request is logged; elsewhere each change of a server would be, twice.
        let (before, frontend) = text.split_once("\nfrontend web\n").expect("a frontend");
        assert!(frontend.contains("    log global\n") && !before.contains("log global"));
        assert!(text.contains("stats socket /run/web/1.sock ") && text.contains("hard-stop-after 2000ms"));
        let open = text.replace("%{+X}", "").replace("%{+Q}", "");
        let open = open.replace("{ nbsrv(web) eq 0 }", "");
        assert!(!open.contains('{') && !open.contains('}'), "{open}");
    }
}
