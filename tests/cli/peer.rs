//! `opsctl serve peer` without Kubernetes: two terminals, one file.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Far longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// A peer in a terminal of its own.
struct Terminal {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Terminal {
    fn new(name: &'static str, port: u16, file: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_opsctl"))
            .args(["serve", "peer", "--name", name, "--listen", &format!("127.0.0.1:{port}"), "--config"])
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| send.send(line).is_ok()));
        Self { name, child, lines, said: Vec::new() }
    }

    /// Waits for a line that holds these words, and forgets all up to it.
    fn says(&mut self, words: &str) -> String {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Ok(line) = self.lines.recv_timeout(Duration::from_millis(100)) {
                if line.contains(words) {
                    self.said.clear();
                    return line;
                }
                self.said.push(line);
            }
        }
        panic!("{} does not say {words:?}, but:\n{}", self.name, self.said.join("\n"));
    }

    /// Whether it says something with these words within that time.
    fn says_within(&mut self, words: &str, time: Duration) -> bool {
        let until = Instant::now() + time;
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if line.contains(words) {
                return true;
            }
        }
        false
    }

    /// Ends it as a terminal's Ctrl-C does; its exit code.
    fn ends(mut self) -> Option<i32> {
        let number = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &number]).status().unwrap().success());
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < LIMIT, "{} does not end", self.name);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ports that are free.
fn ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.each_ref().map(|listener| listener.local_addr().unwrap().port())
}

fn write(file: &Path, text: &str) {
    // As an editor saves: another file in its place.
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(&beside, file).unwrap();
}

fn peers(interval: &str, ports: &[u16]) -> String {
    let all: Vec<_> = ports.iter().map(|port| format!("- {{host: 127.0.0.1, port: {port}}}\n")).collect();
    format!("interval: {interval}\ntimeout: 500ms\npeers:\n{}", all.concat())
}

/// The answer to a GET as it comes over the wire: its status line, its headers, its body.
fn get(port: u16, path: &str) -> (String, BTreeMap<String, String>, String) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let headers = headers.lines().filter_map(|l| l.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    (status.to_owned(), headers, body.to_owned())
}

#[test]
fn two_terminals_share_one_file_that_is_edited_broken_and_mended() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("peers.yaml");
    let [one, two, nobody] = ports();
    write(&file, &peers("1s", &[one, two]));
    let mut a = Terminal::new("a", one, &file);
    let mut b = Terminal::new("b", two, &file);
    // Each knows itself by the answer, and gets the other's pong by name.
    a.says(&format!("127.0.0.1:{one} is this very peer"));
    a.says(&format!("pong from b at 127.0.0.1:{two}"));
    b.says(&format!("pong from a at 127.0.0.1:{one}"));
    let (status, headers, body) = get(one, "/ping");
    assert_eq!((status.as_str(), body.as_str()), ("HTTP/1.1 200 OK", "pong\n"));
    assert_eq!(headers["peer-name"], "a");
    assert_ne!(headers["peer-id"], get(two, "/ping").1["peer-id"]);

    // Edited: a third one comes, and is waited for; the other stays.
    write(&file, &peers("1s", &[one, two, nobody]));
    a.says("3 peers, 1 new, 0 dropped");
    a.says(&format!("waiting for 127.0.0.1:{nobody}, which has not answered yet: Connection refused"));
    a.says("pong from b");

    // Broken: told, refused whole, and the former one stays.
    write(&file, &peers("1s", &[one, two, two]));
    for peer in [&mut a, &mut b] {
        let line = peer.says("configuration refused, the former one stays");
        assert!(line.contains(&format!("peers[2]: 127.0.0.1:{two} is there twice")), "{line}");
    }
    a.says("pong from b");
    let report: serde_json::Value = serde_json::from_str(&get(one, "/peers").2).unwrap();
    assert_eq!(report["peers"].as_array().unwrap().len(), 3);
    assert!(report["refused"].as_str().unwrap().contains("twice"), "{report}");
    assert_eq!(get(one, "/readyz").0, "HTTP/1.1 200 OK");

    // Mended: the third one is dropped, and the interval is another one at once.
    write(&file, &peers("1h", &[one, two]));
    a.says("2 peers, 0 new, 1 dropped; every 1h");
    b.says("every 1h");
    while a.says_within("pong from", Duration::from_secs(3)) {}
    write(&file, &peers("600ms", &[one, two]));
    a.says("every 600ms");
    a.says("pong from b");
    let report: serde_json::Value = serde_json::from_str(&get(one, "/peers").2).unwrap();
    assert!(report["refused"].is_null() && report["peers"].as_array().unwrap().len() == 2, "{report}");
    assert!(get(one, "/metrics").2.contains("opsctl_peer_config_refused_total 1\n"));

    // One of them ends, as it is asked to: the other says why it gets no pong.
    assert_eq!(b.ends(), Some(0));
    let line = a.says("no pong from");
    assert!(line.contains(&format!("127.0.0.1:{two}: Connection refused (1 in a row, last pong")), "{line}");
    let mut b = Terminal::new("b again", two, &file);
    b.says("pong from a");
    a.says("pong from b again");
    assert_eq!((a.ends(), b.ends()), (Some(0), Some(0)));
}

#[test]
fn without_a_configuration_it_waits_for_one_and_is_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("peers.yaml");
    let [port] = ports();
    let mut a = Terminal::new("a", port, &file);
    a.says("configuration refused, there is none yet: could not read");
    assert!(get(port, "/readyz").0.contains("503"));
    assert_eq!(get(port, "/healthz").0, "HTTP/1.1 200 OK");
    assert_eq!(get(port, "/ping").2, "pong\n");
    write(&file, "peers: []");
    a.says("configuration generation 0: 0 peers");
    assert_eq!(get(port, "/readyz").0, "HTTP/1.1 200 OK");
    assert_eq!(a.ends(), Some(0));
}
