//! Both images of the stack `web` with Docker alone, by the compose file of the documentation.
//!
//! Needs a Docker engine and docker-compose, 1.29 or 2: `cargo test --test image_web`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/web-compose.yaml");
/// How long a list may be wrong after a container came or went, and an answer take; asserted with three times that.
const LIMIT: Duration = Duration::from_secs(2);
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

type Addresses = BTreeSet<String>;

fn run(program: &str, args: &[&str]) -> Output {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    output.unwrap_or_else(|e| panic!("{program}: {e}"))
}

fn text(program: &str, args: &[&str]) -> String {
    let output = run(program, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A project of docker-compose that goes with the test.
struct Fleet {
    project: String,
    /// Of the page and of the statistics. Docker itself would choose one that somebody has at another address.
    ports: [u16; 2],
    /// Where the balancer is reached.
    at: String,
}

/// Ports that nobody has, at any address.
fn free() -> [u16; 2] {
    let taken = [(); 2].map(|()| TcpListener::bind("0.0.0.0:0").unwrap());
    taken.map(|listener| listener.local_addr().unwrap().port())
}

impl Fleet {
    fn up(nginx: usize) -> Self {
        let project = format!("opsctl-test-web-{}", std::process::id());
        let ports = free();
        let fleet = Self { project, ports, at: format!("127.0.0.1:{}", ports[0]) };
        fleet.scale(nginx);
        assert!(fleet.compose(&["port", "balancer", "8080"]).ends_with(&format!(":{}", ports[0])));
        fleet
    }

    /// Version 1 or 2 of docker-compose.
    fn command(&self) -> Command {
        let second = run("docker", &["compose", "version"]).status.success();
        let mut command = Command::new(if second { "docker" } else { "docker-compose" });
        if second {
            command.arg("compose");
        }
        command.args(["-p", &self.project, "-f", FILE]).stdin(Stdio::null());
        let [page, statistics] = self.ports.map(|port| port.to_string());
        command.env("WEB_PORT", page).env("WEB_STATISTICS_PORT", statistics);
        command
    }

    fn compose(&self, args: &[&str]) -> String {
        let output = self.command().args(args).output().expect("docker-compose is needed");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn scale(&self, nginx: usize) {
        self.compose(&["up", "-d", "--no-recreate", "--scale", &format!("nginx={nginx}")]);
    }

    fn containers(&self) -> Vec<String> {
        let project = format!("label=com.docker.compose.project={}", self.project);
        let filters =
            ["ps", "-q", "--filter", &project, "--filter", "label=com.docker.compose.service=nginx"];
        text("docker", &filters).lines().map(str::to_owned).collect()
    }

    fn address(container: &str) -> String {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        text("docker", &["inspect", "--format", format, container])
    }

    fn addresses(&self) -> Addresses {
        self.containers().iter().map(|container| Self::address(container)).collect()
    }

    /// Waits until the list is that of the containers; how long.
    #[track_caller]
    fn is_right(&self, what: &str) -> Duration {
        let began = Instant::now();
        while listed(&self.at).ok() != Some(self.addresses()) {
            assert!(began.elapsed() < PATIENCE, "{what}: {:?}, not {:?}", listed(&self.at), self.addresses());
            std::thread::sleep(Duration::from_millis(50));
        }
        began.elapsed()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.command().args(["down", "--volumes", "--timeout", "1"]).output();
    }
}

fn get(at: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(LIMIT * 4))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    match text.split_once("\r\n\r\n") {
        Some((header, body)) if header.contains(" 200 ") => Ok(body.to_owned()),
        _ => Err(std::io::Error::other(text)),
    }
}

fn listed(at: &str) -> std::io::Result<Addresses> {
    Ok(get(at, "/ips.txt")?.lines().map(str::to_owned).collect())
}

/// Asks without pause, each time with a new connection.
struct Poll {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Vec<(Instant, Result<Addresses, String>)>>,
}

impl Poll {
    fn start(at: &str) -> Self {
        let (stop, at) = (Arc::new(AtomicBool::new(false)), at.to_owned());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut all = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let answer = listed(&at).map_err(|error| error.to_string());
                let late = asked.elapsed() > LIMIT * 3;
                all.push((asked, if late { Err("no answer in time".into()) } else { answer }));
                std::thread::sleep(Duration::from_millis(10));
            }
            all
        });
        Self { stop, thread }
    }

    /// The answers; every request had one.
    #[track_caller]
    fn end(self) -> Vec<(Instant, Addresses)> {
        self.stop.store(true, Ordering::Relaxed);
        let all = self.thread.join().unwrap();
        let failed: Vec<_> = all.iter().filter_map(|(_, answer)| answer.as_ref().err()).collect();
        assert!(failed.is_empty(), "{} of {} requests failed: {failed:?}", failed.len(), all.len());
        all.into_iter().filter_map(|(at, answer)| Some((at, answer.ok()?))).collect()
    }
}

/// How long after `began` an answer last had, or lacked, this address.
fn last_wrong(answers: &[(Instant, Addresses)], began: Instant, ip: &str, listed: bool) -> Duration {
    let wrong = answers.iter().filter(|(at, list)| *at >= began && list.contains(ip) == listed);
    wrong.map(|(at, _)| at.duration_since(began)).max().unwrap_or_default()
}

/// One engine, and containers that others also start: one test after the other.
static ONE: Mutex<()> = Mutex::new(());

#[test]
fn the_list_follows_containers_that_come_go_are_killed_and_paused_and_no_request_fails() {
    let _one = ONE.lock().unwrap();
    let built = run(env!("CARGO_BIN_EXE_opsctl"), &["web", "build", "--profile", "opsctl-test"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // Each node gets them: 73 MB of lists for a package manager that nobody runs would be half of it.
    // Either base has its own package manager.
    let find = "find /var/cache/apt /var/lib/apt/lists /var/cache/apk -type f 2>/dev/null; true";
    for image in ["opsctl/nginx:0.1.0", "opsctl/haproxy:0.1.0"] {
        assert_eq!(text("docker", &["run", "--rm", "--entrypoint", "sh", image, "-c", find]), "", "{image}");
    }
    let fleet = Fleet::up(2);
    fleet.is_right("two");
    let page: serde_json::Value = serde_json::from_str(&get(&fleet.at, "/ips.json").unwrap()).unwrap();
    let bases = [&page["written_by"]["base"], &page["heard"]["base"]];
    println!("base: {bases:?}, {}, {}", page["written_by"]["version"], page["heard"]["version"]);
    assert_eq!(bases[0], bases[1], "both images have one base");
    if let Ok(wanted) = std::env::var("OPSCTL_TEST_BASE") {
        assert_eq!(bases[0], wanted.as_str());
    }

    let poll = Poll::start(&fleet.at);
    let mut told = Vec::new();
    for nginx in [6, 1, 4] {
        fleet.scale(nginx);
        // From when docker-compose says that it is done.
        let after = fleet.is_right(&format!("{nginx}"));
        assert!(after <= LIMIT * 3, "{nginx}: {after:?}");
        told.push(format!("{nginx} right after {} ms", after.as_millis()));
    }
    println!("2, then {}: {} requests, 0 failed", told.join(", "), poll.end().len());

    for (what, signal) in [("killed", "kill"), ("paused", "pause")] {
        let container = fleet.containers().remove(0);
        let ip = Fleet::address(&container);
        let poll = Poll::start(&fleet.at);
        let began = Instant::now();
        text("docker", &[signal, &container]);
        let gone = || listed(&fleet.at).is_ok_and(|list| !list.contains(&ip));
        while !gone() {
            assert!(began.elapsed() < PATIENCE, "{what}: still listed");
        }
        std::thread::sleep(Duration::from_millis(500));
        // One that was killed is started again by Docker, perhaps at the same address.
        let until = Instant::now();
        let answers: Vec<_> = poll.end().into_iter().filter(|(at, _)| *at < until).collect();
        let after = if signal == "pause" {
            last_wrong(&answers, began, &ip, true)
        } else {
            let first = answers.iter().find(|(at, list)| *at >= began && !list.contains(&ip));
            first.map(|(at, _)| at.duration_since(began)).unwrap()
        };
        println!("{what}: out after {} ms; {} requests, 0 failed", after.as_millis(), answers.len());
        assert!(after <= LIMIT * 3, "{what}: {after:?}");
        if signal == "pause" {
            text("docker", &["unpause", &container]);
        } else {
            // `kill` by hand counts as stopped by hand: nobody starts it again.
            text("docker", &["start", &container]);
        }
        fleet.is_right(&format!("after one was {what}"));
    }
}

#[test]
fn neither_image_holds_the_docker_socket_root_or_a_capability() {
    let _one = ONE.lock().unwrap();
    let text = std::fs::read_to_string(FILE).unwrap();
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    assert!(!code.iter().any(|line| line.contains("docker.sock") || line.contains("privileged:")));
    assert_eq!(code.iter().filter(|line| line.contains("cap_drop: [ALL]")).count(), 2);
    assert_eq!(code.iter().filter(|line| line.contains("read_only: true")).count(), 2);
    for dockerfile in
        [include_str!("../images/nginx/Dockerfile"), include_str!("../images/haproxy/Dockerfile")]
    {
        assert!(dockerfile.contains("ARG BASE=alpine:3.10\n") && dockerfile.contains("USER 65532:65532\n"));
    }
}
